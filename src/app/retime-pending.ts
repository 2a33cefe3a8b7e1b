import type { Case } from '../case/case.ts';
import type { StreamEntry } from '../case/entries.ts';
import { EinfallstorError } from '../core/errors.ts';
import type { StoredEvent } from '../ecs/event.ts';
import { type Act, verifyCustody } from '../evidence/custody.ts';
import { sha256Of } from '../evidence/digest.ts';
import { canonicalLine } from '../store/canonical.ts';
import type { StoreReader } from '../store/store.ts';
import { agent, now } from './agent.ts';
import { type StoreWish, storeOf } from './stores.ts';

/** Content of findings and verdict that were made with times that have changed since. */
export const STALE = '';
const DERIVED = ['findings.json', 'trace.json'] as const;

/**
 * A change of times under way, kept in `retime.json` before the store is touched. The store changes at once, the case's
 * journals after it: whoever opens the case after a kill completes what the store has, or forgets what it has not.
 */
export interface PendingRetime {
  /** How many there were before this one. */
  readonly number: number;
  readonly entries: readonly StreamEntry[];
  readonly act: Act;
  /** An event that changes, and the digest of what it becomes. */
  readonly sample: { readonly id: string; readonly sha256: string };
}

export const eventDigest = (event: StoredEvent): string => sha256Of(canonicalLine(event));

/** Changes of times that the custody log has. */
export const retimesOf = async (opened: Case): Promise<number> =>
  (await verifyCustody(opened.custodyLog)).entries.filter(({ action }) => action === 'retime').length;

const complete = async (opened: Case, { number, entries, act }: PendingRetime): Promise<void> => {
  await opened.addStreams(entries);
  const stale: { path: string; sha256: string }[] = [];
  for (const name of DERIVED) {
    if ((await opened.read(name)) === undefined) continue;
    await opened.write(name, STALE);
    stale.push({ path: name, sha256: sha256Of(STALE) });
  }
  if ((await retimesOf(opened)) === number)
    await opened.record(agent(), { ...act, object: [...(act.object ?? []), ...stale] }, now());
};

/** Completes or forgets a change of times; the case is locked. */
export const settle = async (opened: Case, store: StoreReader): Promise<void> => {
  const text = await opened.read('retime.json');
  if (text === undefined) return;
  const pending = JSON.parse(text) as PendingRetime;
  const [event] = await store.get([pending.sample.id]);
  if (event !== undefined && eventDigest(event) === pending.sample.sha256) await complete(opened, pending);
  await opened.remove('retime.json');
};

/** The same, for a case that is locked and whose store is not open. */
export const settleLocked = async (opened: Case, wish: StoreWish = {}): Promise<void> => {
  if ((await opened.read('retime.json')) === undefined) return;
  const store = await (await storeOf(opened, wish)).reader();
  await settle(opened, store).finally(() => store.close());
};

/** The same, for a case that is not locked; one that is has its process at work on it. */
export const settleAlone = async (opened: Case, store: StoreReader): Promise<void> => {
  if ((await opened.read('retime.json')) === undefined) return;
  let unlock: () => Promise<void>;
  try {
    unlock = await opened.lock();
  } catch (error) {
    if (error instanceof EinfallstorError && error.code === 'CASE_LOCKED') return;
    throw error;
  }
  await settle(opened, store).finally(unlock);
};
