import type { Said } from '../../core/said.ts';
import type { CaseContext } from '../context.ts';
import type { Seen } from './seen.ts';

/** One entry of a context file that the logs suggest. */
export interface Suggestion {
  /** `accounts`: service accounts, which the context file has no key for; always a comment. */
  readonly key: keyof CaseContext | 'accounts';
  /** As the context file has it: `10.9.0.0/24`, `{name: "FGT-HQ", networks: [10.9.1.0/24]}`. */
  readonly entry: string | Readonly<Record<string, string | readonly string[]>>;
  /** What was seen, in one sentence. */
  readonly because: Said;
  /** Why it is only a comment; undefined: it is proposed. */
  readonly doubt: Said | undefined;
  readonly seen: Seen;
}

/** Orders of magnitude that make something usual. Days are days of UTC on which it was seen. */
export const USUAL = {
  /** Seen on fewer days, it may be anything. */
  days: 5,
  /** Foreign networks that reach a public address: only what is open to the internet is knocked at by so many. */
  knockers: 20,
  /** Hosts behind one internal network. */
  hosts: 3,
  /** People who were lent addresses of one pool. */
  poolUsers: 3,
  /** Hosts that one host administers. */
  administered: 5,
  /** Hosts or ports that one host tries within an hour, to call it a scanner. */
  scanned: 50,
  scanDays: 3,
  /** Bytes of one night's flow to call it a backup. */
  backup: 100_000_000,
  /** Share of the days on which a backup runs. */
  backupShare: 0.6,
  /** Sender domains that come through one relay, and its share of all mail received. */
  relayDomains: 10,
  relayShare: 0.3,
  /** Different hours of the day at which an account is used that no person keeps. */
  serviceHours: 20,
  /** Hosts changed within two hours to call it maintenance. */
  maintained: 5,
} as const;
