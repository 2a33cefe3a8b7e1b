import { say } from '../core/said.ts';
import { DAY } from '../core/time.ts';
import { textOf } from '../ecs/event.ts';
import { and, is, isAny, not } from '../query/ast.ts';
import type { StoreReader } from '../store/store.ts';
import type { Clocks } from './clocks.ts';
import type { Act, Mark } from './model.ts';
import { acts, isInner, isPublic, timeOf } from './read.ts';

/** A connection that a machine inside opened to a foreign address. */
export interface Call {
  readonly time: number;
  readonly source: string;
  readonly id: string;
}

/** Connections from inside to the addresses that possible entries came from. */
export interface Calls {
  /** By time. */
  to(address: string): readonly Call[];
}

/** More alternatives cost a store more than they tell. */
const MOST_ADDRESSES = 60;
const MOST_OF_ONE = 1000;
/** What was usual before. */
const HISTORY = 30 * DAY;
const FIELDS = ['einfallstor.stream', 'source.ip', 'destination.ip'];

/** One question to the store for all candidates, the first ones' addresses. UDP is left out: calls of telephony go to homes. */
export const readCalls = async (candidates: readonly Act[], store: StoreReader, clocks: Clocks): Promise<Calls> => {
  const addresses = [...new Set(candidates.flatMap(({ remote }) => (isPublic(remote) ? [remote as string] : [])))];
  const byAddress = new Map<string, Call[]>();
  const result: Calls = { to: (address) => byAddress.get(address) ?? [] };
  if (addresses.length === 0) return result;
  const query = and(
    acts('flow', 'flow-start'),
    isAny('destination.ip', addresses.slice(0, MOST_ADDRESSES)),
    not(is('network.transport', 'udp')),
  );
  const from = Math.min(...candidates.map((a) => a.from)) - HISTORY;
  for await (const event of store.scan(query, { order: 'time', fields: FIELDS, from })) {
    const [raw, source] = [timeOf(event), textOf(event.fields, 'source.ip')];
    if (raw === undefined || source === undefined || !isInner(source)) continue;
    const address = textOf(event.fields, 'destination.ip') as string;
    const list = byAddress.get(address) ?? [];
    byAddress.set(address, list);
    const time = raw - clocks.offsetOf(textOf(event.fields, 'einfallstor.stream') ?? '');
    if (list.length < MOST_OF_ONE) list.push({ time, source, id: event.id });
  }
  for (const list of byAddress.values()) list.sort((a, b) => a.time - b.time || (a.id < b.id ? -1 : 1));
  return result;
};

/** Sources that a statement names. */
const MOST_NAMED = 3;

/** Who got in has what he left inside call him: connections to the address he came from, where nobody had gone before. */
export const calledBack = (act: Act, calls: Calls): Mark[] => {
  if (act.remote === undefined) return [];
  const all = calls.to(act.remote);
  const first = all[0];
  if (first === undefined || first.time < act.from - act.slack) return [];
  const sources = [...new Set(all.map((c) => c.source))];
  const named = `${sources.slice(0, MOST_NAMED).join(', ')}${sources.length > MOST_NAMED ? ', …' : ''}`;
  const because = say(
    `after it connections were opened from inside to the address it came from: ${all.length} by ${named}`,
    `danach wurden von innen Verbindungen zu der Adresse aufgebaut, von der sie kam: ${all.length} von ${named}`,
  );
  return [{ family: 'call back', nats: 2, because, events: all.slice(0, 20).map((c) => c.id) }];
};
