import type { StoreReader } from '../../store/store.ts';
import type { Finding } from '../finding.ts';
import { leaversOf, maintenanceOf, serviceAccountsOf } from './accounts.ts';
import { poolsOf } from './addresses.ts';
import { Backups } from './backups.ts';
import { flowsOf } from './flows.ts';
import { Hosts } from './hosts.ts';
import { InnerNetworks } from './inner-networks.ts';
import { OwnNetworks } from './own-networks.ts';
import { relaysOf } from './relays.ts';
import type { Suggestion } from './suggestion.ts';
import { Trust } from './trust.ts';
import { zonesOf } from './zones.ts';

export interface Suggested {
  /** In the order of the context file's keys. */
  readonly suggestions: readonly Suggestion[];
  /** What was learnt from: `[from, until)`, epoch µs. */
  readonly from: number;
  readonly until: number;
  /** Whether `until` is the begin of a suspicious period; else the log ends there. */
  readonly isSuspicious: boolean;
}

/**
 * What the logs of a case suggest for its context file. Learnt only from before the suspicious period; what has findings
 * or appears late is never proposed, so that an intruder cannot write himself into it.
 */
export const suggestContext = async ({
  store,
  findings,
  since,
  zoneOf,
}: {
  readonly store: StoreReader;
  readonly findings: readonly Finding[];
  /** When, after the trace, the intrusion began, epoch µs. */
  readonly since: number | undefined;
  /** Zone the operator named for a stream's path. */
  readonly zoneOf: (path: string) => string | undefined;
}): Promise<Suggested | undefined> => {
  const span = await store.span();
  if (span === undefined) return undefined;
  const trust = new Trust(span, findings, since);
  const pools = await poolsOf(store, trust);
  const own = new OwnNetworks(trust);
  const inner = new InnerNetworks(trust, pools.has);
  const hosts = new Hosts(trust, pools.has);
  const backups = new Backups(trust);
  const learners = [own, inner, hosts, backups];
  for await (const flow of flowsOf(store)) for (const learner of learners) learner.add(flow);
  const suggestions = [
    ...own.suggestions(),
    ...inner.suggestions(),
    ...pools.suggestions,
    ...hosts.suggestions(),
    ...(await relaysOf(store, trust)),
    ...(await leaversOf(store, trust)),
    ...(await maintenanceOf(store, trust)),
    ...backups.suggestions(),
    ...(await zonesOf(store, zoneOf)),
    ...(await serviceAccountsOf(store, trust)),
  ];
  return { suggestions, from: trust.from, until: trust.until, isSuspicious: trust.isSuspicious };
};
