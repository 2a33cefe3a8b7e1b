import { type Said, say } from '../core/said.ts';
import { HOUR, MINUTE } from '../core/time.ts';
import { type StoredEvent, textOf, valuesOf } from '../ecs/event.ts';
import { and, field, isAny, or, type Query } from '../query/ast.ts';
import type { StoreReader } from '../store/store.ts';
import { acts, collect, timeOf } from './read.ts';

/** Why a log is silent, as far as it says so itself: a full disk, a restart, a file that is missing or torn. */

/** A silence in the source's own times, µs. */
export interface Silent {
  readonly from: number;
  readonly to: number;
}

/** First and last time of one of a source's files, µs. */
export interface FileSpan extends Silent {
  readonly stream: string;
}

const FULL =
  /no space left|\bdisk\b[^.]{0,40}\bfull\b|\bfull\b[^.]{0,20}\bdisk\b|file ?system (?:is )?full|quota exceeded/i;
const RESTARTED = /\b(?:re-?start(?:ed|ing)?|reboot(?:ed|ing)?|start(?:ed|ing|up)|boot(?:ed|ing)|resum(?:ed|ing))\b/i;

/** Words of the system in a record. */
const wordsOf = ({ fields }: StoredEvent): string =>
  `${textOf(fields, 'event.action') ?? ''} ${textOf(fields, 'message') ?? textOf(fields, 'event.original') ?? ''}`;

const FIELDS = ['einfallstor.stream', 'einfallstor.act', 'event.action', 'message', 'event.original'];
const NO_SPACE: Query = field('message', {
  op: 'like',
  pattern: [{ wild: 'any' }, 'no space left', { wild: 'any' }],
  cased: false,
});
const MOST = 2_000;
/** What is written about a silence stands this near to it. */
const NEAR = HOUR;
/** A log that goes on this soon after its disk was full has lost little. */
const LEAST_OUTAGE = 10 * MINUTE;

/** Records that may say why a log is silent. */
const STATEMENTS = or(acts('source-state'), NO_SPACE);

const ofStreams = (streams: readonly string[]): Query => isAny('einfallstor.stream', streams);

/** Streams that say anything of the kind: most never do, and need not be asked. */
export const statingStreams = async (store: StoreReader, streams: number): Promise<ReadonlySet<string>> =>
  new Set((await store.top(STATEMENTS, 'einfallstor.stream', streams)).map(({ value }) => value));

/** Silences after a full disk, however short against the source's rhythm: the log states them itself. */
export const outages = async (store: StoreReader, streams: readonly string[]): Promise<Silent[]> => {
  const stated = await collect(store, and(ofStreams(streams), STATEMENTS), {
    order: 'time',
    limit: MOST,
    fields: FIELDS,
  });
  const out: Silent[] = [];
  for (const event of stated) {
    const from = timeOf(event);
    if (from === undefined || !FULL.test(wordsOf(event)) || from < (out.at(-1)?.to ?? Number.NEGATIVE_INFINITY))
      continue;
    const [next] = await collect(store, ofStreams(streams), { order: 'time', from: from + 1, limit: 1, fields: [] });
    const to = next === undefined ? undefined : timeOf(next);
    if (to !== undefined && to - from >= LEAST_OUTAGE) out.push({ from, to });
  }
  return out;
};

/** Whether the last record before an instant was cut off. */
const isTorn = async (store: StoreReader, streams: readonly string[], before: number): Promise<boolean> => {
  const [last] = await collect(store, ofStreams(streams), {
    order: 'time-desc',
    to: before,
    limit: 1,
    fields: ['einfallstor.warnings', 'einfallstor.reject_code'],
  });
  if (last === undefined) return false;
  return (
    valuesOf(last.fields, 'einfallstor.warnings').some((code) => String(code).startsWith('truncated')) ||
    textOf(last.fields, 'einfallstor.reject_code') === 'truncated'
  );
};

const CAUSES = {
  full: say('the log says that its disk was full', 'das Protokoll meldet, dass der Datenträger voll war'),
  restarted: say('it begins again with a restart', 'es beginnt wieder mit einem Neustart'),
  missing: say(
    'it lies between two files: a rotated one in between may be missing',
    'sie liegt zwischen zwei Dateien: eine rotierte dazwischen kann fehlen',
  ),
  torn: say('the record before it is cut off', 'der Eintrag davor ist abgeschnitten'),
} as const satisfies Record<string, Said>;

/** What the source's records and files say of a silence. `width`: how exactly its ends are known, µs. */
export const causesOf = async (
  store: StoreReader,
  files: readonly FileSpan[],
  { from, to }: Silent,
  width: number,
): Promise<Said[]> => {
  const streams = files.map(({ stream }) => stream);
  const around = await collect(store, and(ofStreams(streams), STATEMENTS), {
    from: from - NEAR,
    to: to + NEAR,
    limit: MOST,
    fields: FIELDS,
  });
  const ends = files.find((file) => Math.abs(file.to - from) <= width);
  const begins = files.find((file) => Math.abs(file.from - to) <= width && file.stream !== ends?.stream);
  const isFull = around.some((event) => (timeOf(event) ?? to) <= from + width && FULL.test(wordsOf(event)));
  const restarts = around.some((event) => {
    const time = timeOf(event) ?? from;
    return time >= to - width && time <= to + width && RESTARTED.test(wordsOf(event)) && !FULL.test(wordsOf(event));
  });
  return [
    ...(isFull ? [CAUSES.full] : []),
    ...(restarts ? [CAUSES.restarted] : []),
    ...(ends !== undefined && begins !== undefined ? [CAUSES.missing] : []),
    ...((await isTorn(store, streams, from + 1)) ? [CAUSES.torn] : []),
  ];
};
