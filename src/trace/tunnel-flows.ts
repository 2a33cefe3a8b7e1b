import { numberOf, textOf } from '../ecs/event.ts';
import { openedAt } from '../ecs/opened.ts';
import { and, or } from '../query/ast.ts';
import type { StoreReader } from '../store/store.ts';
import { LARGE_FLOW } from './egress.ts';
import { leasesOf } from './leases.ts';
import { acts, atLeast, inner } from './read.ts';
import type { VpnSession } from './sessions.ts';

const FIELDS = [
  'einfallstor.stream',
  'source.ip',
  'source.bytes',
  'destination.bytes',
  'network.bytes',
  'event.duration',
  'event.start',
];

/** Bytes of one stay, by direction. */
interface Carried {
  fromClient: number;
  toClient: number;
  /** Part of it is a sum of both directions. */
  bothWays: boolean;
}

/**
 * Where gateways do not count what a stay carried, the larger connections of the address that was lent to it do: each of 1 MB or
 * more, a lower bound. A sum of both directions is taken for what the client fetched, as that is what a client does.
 */
export const withFlowBytes = async (
  sessions: readonly VpnSession[],
  store: StoreReader,
  offsetOf: (stream: string) => number,
): Promise<VpnSession[]> => {
  const isCounted = sessions.some((s) => s.bytesFromClient > 0 || s.bytesToClient > 0);
  if (isCounted || sessions.every((s) => s.addresses.length === 0)) return [...sessions];
  const leases = leasesOf(sessions);
  const carried = new Map<VpnSession, Carried>();
  const query = and(
    acts('flow'),
    inner('source.ip'),
    or(...['source.bytes', 'destination.bytes', 'network.bytes'].map((name) => atLeast(name, LARGE_FLOW))),
  );
  for await (const event of store.scan(query, { order: 'time', fields: FIELDS })) {
    const address = textOf(event.fields, 'source.ip');
    const opened = openedAt(event);
    if (address === undefined || opened === undefined || !leases.isLeased(address)) continue;
    const time = opened - offsetOf(textOf(event.fields, 'einfallstor.stream') ?? '');
    const holder = leases.holdersOf(address, time, 0)[0]?.session;
    if (holder === undefined) continue;
    const sum = carried.get(holder) ?? { fromClient: 0, toClient: 0, bothWays: false };
    carried.set(holder, sum);
    const [sent, got] = [numberOf(event.fields, 'source.bytes'), numberOf(event.fields, 'destination.bytes')];
    sum.fromClient += sent ?? 0;
    sum.bothWays ||= sent === undefined && got === undefined;
    sum.toClient += got ?? (sent === undefined ? (numberOf(event.fields, 'network.bytes') ?? 0) : 0);
  }
  return sessions.map((s) => {
    const sum = carried.get(s);
    return sum === undefined
      ? s
      : {
          ...s,
          bytesFromClient: sum.fromClient,
          bytesToClient: sum.toClient,
          ...(sum.bothWays ? { bothWays: true } : {}),
        };
  });
};
