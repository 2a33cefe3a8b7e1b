import { rm } from 'node:fs/promises';
import type { Case, WholeFile } from '../case/case.ts';
import { openCase } from '../case/case.ts';
import { EinfallstorError } from '../core/errors.ts';
import type { StoredEvent } from '../ecs/event.ts';
import { ALL } from '../query/ast.ts';
import { locatorOf } from '../store/order.ts';
import type { StoreReader } from '../store/store.ts';
import { agent, now } from './agent.ts';
import type { OnProgress } from './progress.ts';
import { settleLocked } from './retime-pending.ts';
import {
  type CaseStore,
  keepPlace,
  openShared,
  placeOf,
  placeText,
  removeStore,
  type StorePlace,
  storeAt,
  storeOf,
} from './stores.ts';

export interface MoveRequest {
  readonly caseDir: string;
  /** Address of a server, or `duckdb`. */
  readonly to: string;
  readonly onProgress: OnProgress;
}

export interface Moved {
  readonly from: StorePlace;
  readonly to: StorePlace;
  /** Of both, before the old one was removed. */
  readonly events: number;
  readonly sha256: string;
}

/** What analysts make of a case; its other files say where things are. */
const COMMON: readonly WholeFile[] = ['context.json', 'findings.json', 'trace.json'];

/** Copies a case's events to another store, proves that both hold the same, and removes them where they were. */
export const moveCase = async ({ caseDir, to, onProgress }: MoveRequest): Promise<Moved> => {
  const opened = await openCase(caseDir);
  const unlock = await opened.lock();
  try {
    await settleLocked(opened);
    const source = await storeOf(opened);
    const place = await placeOf(opened, to);
    if (place.kind === source.place.kind)
      throw new EinfallstorError(
        'USAGE',
        `the case is in such a store already: ${placeText(source.place)}`,
        'Cases move between DuckDB and a server; from server to server by way of duckdb.',
      );
    const reader = await source.reader();
    let proof: Proof;
    try {
      await copy(opened, reader, storeAt(opened, place), onProgress);
      proof = await prove(reader, await storeAt(opened, place).reader());
      await carry(opened, source.place, place);
      await keepPlace(opened, place);
      await opened.record(
        agent(),
        { action: 'move', params: { from: placeText(source.place), to: placeText(place), ...proof }, result: 'equal' },
        now(),
      );
    } finally {
      await reader.close();
    }
    await clear(opened, source.place);
    return { from: source.place, to: place, ...proof };
  } finally {
    await unlock();
  }
};

const clear = async (opened: Case, place: StorePlace): Promise<void> => {
  if (place.kind === 'duckdb') await rm(opened.storeDirectory, { recursive: true, force: true });
  else await removeStore(place);
};

/** What a move that was killed has copied stays copied. */
const copy = async (opened: Case, reader: StoreReader, target: CaseStore, onProgress: OnProgress): Promise<void> => {
  const total = await reader.count(ALL);
  let done = 0;
  const tell = (note: string): void => onProgress({ phase: 'moving', done, total, unit: 'events', note });
  const writer = await target.writer((reason) => tell(`waiting: ${reason}`));
  let stream: string | undefined;
  const change = async (next: string | undefined): Promise<void> => {
    if (stream !== undefined) await writer.finish(stream);
    stream = next;
    if (next !== undefined) await writer.begin(next);
  };
  try {
    const there = new Set(writer.finished());
    const put = async (event: StoredEvent): Promise<void> => {
      const { stream: its } = locatorOf(event.id);
      if (!there.has(its)) {
        if (its !== stream) await change(its);
        await writer.append(event);
      }
      done += 1;
      if (done % 1000 === 0) tell('');
    };
    for await (const event of reader.scan(ALL, { order: 'locator' })) await put(event);
    await change(undefined);
    await writer.flush();
    for (const { id } of await opened.streams()) {
      if (writer.finished().has(id)) continue;
      await writer.begin(id); // it has no events
      await writer.finish(id);
    }
  } finally {
    await writer.close();
  }
};

type Proof = Pick<Moved, 'events' | 'sha256'>;

const prove = async (source: StoreReader, target: StoreReader): Promise<Proof> => {
  try {
    const [before, after] = [await source.digest(), await target.digest()];
    if (before.events === after.events && before.sha256 === after.sha256) return after;
    throw new EinfallstorError(
      'STORE',
      `the copy is not equal: ${after.events} events of ${before.events}, content SHA-256 ${after.sha256} and not ${before.sha256}`,
      'The case stays where it was. Remove what lies at the new place, then move it again.',
    );
  } finally {
    await target.close();
  }
};

/** Annotations, findings, verdict and context go along: into what a team shares, or back into the directory. */
const carry = async (opened: Case, from: StorePlace, to: StorePlace): Promise<void> => {
  const [theirs, ours] = [await openShared(from), await openShared(to)];
  try {
    opened.share(theirs?.shared);
    const annotations = await opened.allAnnotations();
    const files = await Promise.all(COMMON.map(async (name) => ({ name, content: await opened.read(name) })));
    opened.share(ours?.shared);
    await opened.takeOver(annotations);
    for (const { name, content } of files) if (content !== undefined) await opened.write(name, content);
  } finally {
    opened.share(undefined);
    await theirs?.close();
    await ours?.close();
  }
};
