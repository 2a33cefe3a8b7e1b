import type { Said } from '../core/said.ts';
import type { CaseContext } from '../detect/context.ts';
import type { StoreReader } from '../store/store.ts';
import type { Approaches } from './approaches.ts';
import type { Board } from './board.ts';
import type { Change } from './changes.ts';
import type { Clocks } from './clocks.ts';
import type { HostNames } from './hosts.ts';
import type { Leases } from './leases.ts';
import type { Logons } from './logons.ts';
import type { MachineLogs } from './machine-logs.ts';
import type { ResetMail, Visit } from './mail-evidence.ts';
import type { Delivery } from './mails.ts';
import type { Movements } from './movements.ts';
import type { Pull } from './pulls.ts';
import type { Relays } from './relayed.ts';
import type { Vector } from './result.ts';
import type { VpnSession } from './sessions.ts';

/** What kind of thing somebody did; decides which causes are looked for. */
export type ActKind =
  | 'vpn-session'
  | 'remote-login'
  | 'mail-login'
  | 'admin-login'
  | 'web-request'
  | 'mail-delivery'
  | 'partner-act'
  | 'device-appears'
  | 'logon'
  | 'connection'
  | 'config-change'
  | 'account-change'
  | 'finding'
  | 'impact';

/** Somebody comes in with an account. */
export const LOGINS: ReadonlySet<ActKind> = new Set<ActKind>([
  'vpn-session',
  'remote-login',
  'mail-login',
  'admin-login',
]);

/** A piece of evidence on an act, before it is weighed against rivals: one family counts once per hypothesis. */
export interface Mark {
  /** `guessing`, `novelty`, `exploit`, …: the strongest of a family counts. */
  readonly family: string;
  readonly nats: number;
  readonly because: Said;
  readonly events: readonly string[];
  /** When what it speaks of began, where that is another time than the act's. */
  readonly from?: number;
}

/** One thing done by one actor, made of one or many events; bursts are one act. Times are epoch µs, clock-corrected. */
export interface Act {
  readonly key: string;
  readonly kind: ActKind;
  /** ATT&CK tactic short name. */
  readonly stage: string;
  readonly technique: string;
  readonly from: number;
  readonly to: number;
  /** The time is known to ± this, µs. */
  readonly slack: number;
  readonly account?: string | undefined;
  /** Foreign (public) address the actor came from. */
  readonly remote?: string | undefined;
  /** Inner address the actor came from. */
  readonly address?: string | undefined;
  /** Host the act happened on. */
  readonly host?: string | undefined;
  /** Appliance the act happened on. */
  readonly device?: string | undefined;
  /** Hosts, addresses or accounts acted upon, at most 50. */
  readonly targets: readonly string[];
  readonly events: readonly string[];
  readonly count: number;
  readonly summary: Said;
  /** Set where the act could be how somebody came in. */
  readonly vector?: Vector | undefined;
  readonly marks: readonly Mark[];
  /** Labels of the context: `pentest`, `scanner`, `known-travel`. */
  readonly labels: readonly string[];
  /** Bytes that left with it, where counted. */
  readonly bytes?: number;
}

/** What an act weighs by itself, nats: the strongest that is said of it. */
export const weightOf = (act: Act): number => Math.max(0, ...act.marks.map((m) => m.nats));

/** Order of acts by their beginning; the key settles the rest, the same in every run. */
export const byTime = (a: Act, b: Act): number => a.from - b.from || (a.key < b.key ? -1 : 1);

/** An earlier act that made a later one possible: the one stated reason, and how strongly it binds (0 to 1). */
export interface Cause {
  readonly act: Act;
  readonly strength: number;
  readonly because: Said;
}

/** Everything the search may ask. Built once per trace; reads the store lazily and by narrow queries. */
export interface World {
  readonly store: StoreReader;
  readonly context: CaseContext;
  readonly span: { readonly first: number; readonly last: number };
  readonly clocks: Clocks;
  readonly sessions: readonly VpnSession[];
  readonly leases: Leases;
  readonly logons: Logons;
  readonly movements: Movements;
  /** What gateways opened to machines inside for whom they name. */
  readonly relayed: Relays;
  readonly hosts: HostNames;
  /** What machines log of themselves. */
  readonly machines: MachineLogs;
  /** Hosts that answer for the whole domain: what is done there reaches every machine. */
  readonly controllers: ReadonlySet<string>;
  /** Changes of accounts and configurations, by time. */
  readonly changes: readonly Change[];
  readonly board: Board;
  /** Suspicious messages that reached a mailbox. */
  readonly deliveries: readonly Delivery[];
  /** Requests to domains that they name. */
  readonly visits: readonly Visit[];
  /** Messages by which accesses are set anew. */
  readonly resets: readonly ResetMail[];
  /** What machines of the house sent over connections opened from outside. */
  readonly pulls: readonly Pull[];
  /** Interfaces and zones by which machines of other houses come in. */
  readonly approaches: Approaches;
}
