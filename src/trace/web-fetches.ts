import { type Said, say } from '../core/said.ts';
import { bytesText } from '../detect/words.ts';
import { numberOf, type StoredEvent, textOf } from '../ecs/event.ts';
import { and, isAny } from '../query/ast.ts';
import type { World } from './model.ts';
import { acts, collect, exists, timeOf } from './read.ts';

/** What an address that a chain came from fetched over the web, by the servers' own logs. */
export interface WebFetch {
  readonly remote: string;
  readonly bytes: number;
  /** Answered requests whose bytes nobody counted, neither the server nor a firewall. */
  readonly uncounted: number;
  readonly events: readonly string[];
}

/** Addresses asked for, and requests looked at. */
const MOST_ASKED = 40;
const MOST_REQUESTS = 200_000;
const FIELDS = [
  'einfallstor.stream',
  'source.ip',
  'http.response.status_code',
  'http.response.body.bytes',
  'http.response.bytes',
  'destination.bytes',
];

/** Bytes of an answer, as far as the server counts them. */
export const answeredBytes = ({ fields }: StoredEvent): number | undefined =>
  numberOf(fields, 'http.response.body.bytes') ??
  numberOf(fields, 'http.response.bytes') ??
  numberOf(fields, 'destination.bytes');

const isAnswered = ({ fields }: StoredEvent): boolean => {
  const status = numberOf(fields, 'http.response.status_code') ?? 0;
  return status >= 200 && status < 300;
};

interface Growing {
  bytes: number;
  uncounted: number;
  largest: { readonly id: string; readonly bytes: number }[];
}

/** A firewall counted what an address was answered. */
const isCountedByFirewall = async (remote: string, since: number, { store, clocks }: World): Promise<boolean> => {
  const query = and(acts('flow'), isAny('source.ip', [remote]), exists('destination.bytes'));
  return (await collect(store, query, { from: since - clocks.widest, limit: 1, fields: [] })).length > 0;
};

export const webFetches = async (strangers: ReadonlyMap<string, number>, world: World): Promise<WebFetch[]> => {
  if (strangers.size === 0) return [];
  const { store, clocks } = world;
  const query = and(acts('http-request'), isAny('source.ip', [...strangers.keys()].slice(0, MOST_ASKED)));
  const from = Math.min(...strangers.values()) - clocks.widest;
  const found = new Map<string, Growing>();
  for await (const event of store.scan(query, { from, limit: MOST_REQUESTS, fields: FIELDS })) {
    const remote = textOf(event.fields, 'source.ip') ?? '';
    const time = (timeOf(event) ?? 0) - clocks.offsetOf(textOf(event.fields, 'einfallstor.stream') ?? '');
    if (time < (strangers.get(remote) ?? Number.POSITIVE_INFINITY)) continue;
    const sum: Growing = found.get(remote) ?? { bytes: 0, uncounted: 0, largest: [] };
    found.set(remote, sum);
    const bytes = answeredBytes(event);
    sum.bytes += bytes ?? 0;
    if (bytes === undefined && isAnswered(event)) sum.uncounted += 1;
    sum.largest.push({ id: event.id, bytes: bytes ?? 0 });
    if (sum.largest.length > 40) sum.largest = sum.largest.sort((a, b) => b.bytes - a.bytes).slice(0, 20);
  }
  const out: WebFetch[] = [];
  for (const [remote, { bytes, uncounted, largest }] of found) {
    const counted = uncounted > 0 && (await isCountedByFirewall(remote, strangers.get(remote) ?? 0, world));
    const events = largest
      .sort((a, b) => b.bytes - a.bytes || (a.id < b.id ? -1 : 1))
      .slice(0, 20)
      .map(({ id }) => id);
    out.push({ remote, bytes, uncounted: counted ? 0 : uncounted, events });
  }
  return out.sort((a, b) => b.bytes - a.bytes || (a.remote < b.remote ? -1 : 1));
};

export const webFetchText = ({ bytes, remote }: WebFetch): Said =>
  say(
    `${bytesText(bytes)} fetched over the web by ${remote}, from which the chain came, by the server’s own log`,
    `${bytesText(bytes)} über das Web abgerufen von ${remote}, von wo die Kette kam, nach dem Protokoll des Servers`,
  );

export const uncountedText = (fetches: readonly WebFetch[]): Said[] =>
  fetches
    .filter(({ uncounted }) => uncounted > 0)
    .slice(0, 3)
    .map(({ remote, uncounted }) =>
      say(
        `what ${remote} was answered over the web to ${uncounted} request${uncounted > 1 ? 's' : ''} is counted in no log, so there is no upper bound`,
        `was ${remote} über das Web auf ${uncounted} Anfrage${uncounted > 1 ? 'n' : ''} erhielt, zählt kein Protokoll, eine Obergrenze gibt es also nicht`,
      ),
    );
