import { existsSync } from 'node:fs';
import { type Case, createCase, isCase, openCase } from '../case/case.ts';
import type { StreamEntry } from '../case/entries.ts';
import { EinfallstorError } from '../core/errors.ts';
import type { CaseContext } from '../detect/context.ts';
import { mustExist, takeIn } from '../evidence/intake.ts';
import type { EvidenceItem } from '../evidence/item.ts';
import type { Problem } from '../evidence/problem.ts';
import { agent, now } from './agent.ts';
import { contextOf } from './context.ts';
import { type LoadedStream, loadItems } from './load.ts';
import type { OnProgress } from './progress.ts';
import { settleLocked } from './retime-pending.ts';
import { openShared, type StoreWish, settlePlace, storeOf } from './stores.ts';
import { type TimeSettings, timeSettings } from './time-settings.ts';

export interface IngestRequest {
  readonly paths: readonly string[];
  readonly stdin: AsyncIterable<Buffer | string>;
  readonly caseDir: string;
  readonly timezone: string | undefined;
  readonly sourceTimezone: readonly string[] | undefined;
  readonly year: number | undefined;
  /** Path of a context file. */
  readonly context: string | undefined;
  /** Whether the case may hold other evidence too; one that was not named must not be mixed with another. */
  readonly mayHoldMore: boolean;
  readonly store?: StoreWish;
  readonly onProgress: OnProgress;
}

export interface Ingested {
  readonly opened: Case;
  readonly problems: readonly Problem[];
}

/** The operator's zones, then those of the context file. */
const timesOf = (request: IngestRequest, context: CaseContext): TimeSettings => {
  const times = timeSettings(request);
  return {
    ...times,
    bySource: [...times.bySource, ...context.timezones.map(({ path, zone }) => ({ glob: path, zone }))],
  };
};

const entryOf = (stream: LoadedStream): StreamEntry => {
  const { parsers, ...accounting } = stream.accounting;
  return {
    id: stream.id,
    item: stream.item.sha256,
    member: stream.member,
    path: stream.path,
    memberSha256: stream.digest.sha256,
    bytes: stream.digest.bytes,
    charset: stream.charset,
    parser: stream.parser,
    wrappers: stream.wrappers.length === 0 ? undefined : stream.wrappers,
    parsers,
    accounting,
    problems: stream.problems,
    timing: stream.clock,
    zoneless: stream.zoneless || undefined,
    speaksOf: stream.speaksOf,
    doubt: stream.doubt === 'none' ? undefined : stream.doubt,
  };
};

const openOrCreate = async (directory: string): Promise<Case> =>
  existsSync(directory) && (await isCase(directory)) ? openCase(directory) : createCase(directory, agent(), now());

const mustHoldNothingElse = async (opened: Case, items: readonly EvidenceItem[]): Promise<void> => {
  const given = new Set(items.map(({ sha256 }) => sha256));
  const other = (await opened.items()).find(({ sha256 }) => !given.has(sha256));
  if (other === undefined) return;
  throw new EinfallstorError(
    'USAGE',
    `the case ${opened.directory} holds other evidence: ${other.path}`,
    'Name a case with --case DIR: a new one, or this one to add to it.',
  );
};

/** `ingest` into a case that is open and locked. */
export const ingestInto = async (opened: Case, request: IngestRequest): Promise<readonly Problem[]> => {
  const { items, duplicates, problems } = await takeIn({
    paths: request.paths,
    stdin: request.stdin,
    spoolDirectory: opened.spoolDirectory,
    exclude: opened.directory,
    onProgress: (done, total) => request.onProgress({ phase: 'hashing', done, total, unit: 'bytes' }),
  });
  if (!request.mayHoldMore) await mustHoldNothingElse(opened, items);
  const context = await contextOf(opened, request.context);
  await opened.acquire(items, agent(), now());
  const all: Problem[] = [...problems];
  for (const { path, of } of duplicates)
    all.push({ path, code: 'duplicate', detail: `the same bytes as ${of}; read once` });
  await load(opened, items, timesOf(request, context), all, request);
  return all;
};

/** Opens or makes the case of a request and locks it. */
export const withCase = async <T>(request: IngestRequest, work: (opened: Case) => Promise<T>): Promise<T> => {
  // an operator's mistake shows before anything is written
  timeSettings(request);
  await mustExist(request.paths);
  const opened = await openOrCreate(request.caseDir);
  const unlock = await opened.lock();
  try {
    await settlePlace(opened, request.store ?? {});
    const common = await openShared((await storeOf(opened, request.store)).place);
    opened.share(common?.shared);
    try {
      await settleLocked(opened, request.store);
      return await work(opened);
    } finally {
      await common?.close();
    }
  } finally {
    await unlock();
  }
};

/** Takes items into a case and reads them into its store. What the case has already is not read again. */
export const ingest = (request: IngestRequest): Promise<Ingested> =>
  withCase(request, async (opened) => ({ opened, problems: await ingestInto(opened, request) }));

const load = async (
  opened: Case,
  items: readonly EvidenceItem[],
  times: TimeSettings,
  problems: Problem[],
  { onProgress, store }: IngestRequest,
): Promise<void> => {
  const known = await opened.streams();
  const total = items.reduce((sum, item) => sum + item.bytes, 0);
  let [done, events] = [0, 0];
  const tell = (note: string): void => onProgress({ phase: 'reading', done, total, unit: 'bytes', events, note });
  const writer = await (await storeOf(opened, store)).writer((reason) => tell(`waiting: ${reason}`));
  try {
    // what a killed run accounted for but did not publish is read again, and must find the case as it did then
    const published = known.filter(({ id }) => writer.finished().has(id));
    await loadItems(items, {
      writer,
      times,
      accounted: new Set(known.map(({ id }) => id)),
      lasts: new Map(
        published.flatMap(({ id, speaksOf }) => (speaksOf === undefined ? [] : [[id, speaksOf] as const])),
      ),
      spoolDirectory: opened.spoolDirectory,
      loaded: (stream) => opened.addStreams([entryOf(stream)]),
      itemDone: async (item, found) => {
        problems.push(...found);
        const result = found.length === 0 ? 'read' : found.map((p) => `${p.path}: ${p.code}: ${p.detail}`).join('; ');
        await opened.record(
          agent(),
          {
            action: 'import',
            object: [{ path: item.path, sha256: item.sha256, bytes: item.bytes }],
            params: { timezone: times.timezone, year: times.year },
            result,
          },
          now(),
        );
      },
      progress: (bytes, count, note) => {
        [done, events] = [bytes, count];
        tell(note);
      },
    });
  } finally {
    await writer.close();
  }
};
