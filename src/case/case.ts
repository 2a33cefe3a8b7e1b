import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { basename, isAbsolute, join, relative, resolve } from 'node:path';
import { EinfallstorError } from '../core/errors.ts';
import { isoOf } from '../core/time.ts';
import { type Act, type Agent, appendCustody, type CustodyHead } from '../evidence/custody.ts';
import type { EvidenceItem } from '../evidence/item.ts';
import { acquire } from '../evidence/lock.ts';
import { SPOOL_PREFIX } from '../evidence/spool.ts';
import { writeWhole } from '../evidence/whole-file.ts';
import type { Annotation, StreamEntry } from './entries.ts';
import { appendJournal, readJournal } from './journal.ts';
import type { Shared } from './shared.ts';

/** Raised when a case of an earlier version can no longer be read. */
const FORMAT = 1;

interface CaseFile {
  readonly format: number;
  readonly created: string;
  readonly tool: Agent['tool'];
}

/** Most items that one line of the custody log names: a shell reads lines byte by byte. */
const OBJECTS = 1000;

/** Files that a case holds as a whole. */
export type WholeFile = 'findings.json' | 'trace.json' | 'context.json' | 'store.json' | 'retime.json';

/** Those that a team has in common. */
const COMMON: ReadonlySet<WholeFile> = new Set(['findings.json', 'trace.json', 'context.json']);

const contentOf = async (directory: string): Promise<string[]> => {
  try {
    return await readdir(directory);
  } catch {
    return [];
  }
};

/** One investigation on disk: evidence list, store, findings, annotations, custody log. */
export class Case {
  /** Absolute. */
  readonly directory: string;
  readonly name: string;
  readonly custodyLog: string;
  readonly storeDirectory: string;
  /** For what can be read only once, and for archives in archives while they are read. */
  readonly spoolDirectory: string;
  #shared: Shared | undefined;

  constructor(directory: string) {
    this.directory = directory;
    this.name = basename(directory).replace(/\.case$/, '');
    this.custodyLog = join(directory, 'custody.jsonl');
    this.storeDirectory = join(directory, 'store');
    this.spoolDirectory = join(directory, 'spool');
  }

  /** From now on annotations, findings, verdict and context are those of the team; undefined: of this directory. */
  share(shared: Shared | undefined): void {
    this.#shared = shared;
  }

  /** Takes the case for writing; fails with CASE_LOCKED while another process has it. Clears what a killed one left. */
  async lock(): Promise<() => Promise<void>> {
    const release = await acquire(join(this.directory, 'lock'), 0);
    for (const name of await contentOf(this.spoolDirectory)) {
      if (name.startsWith(SPOOL_PREFIX)) await rm(join(this.spoolDirectory, name), { recursive: true, force: true });
    }
    return release;
  }

  /** Adds a line to the custody log. `now`: epoch µs. */
  record(agent: Agent, act: Act, now: number): Promise<CustodyHead> {
    return appendCustody(this.custodyLog, agent, act, now);
  }

  async items(): Promise<EvidenceItem[]> {
    const stored = await readJournal<EvidenceItem>(this.#journal('items'));
    // the last entry counts: it says where the item lies now
    const items = new Map(stored.map((item) => [item.sha256, item]));
    return [...items.values()].map((item) => ({
      ...item,
      modified: item.modified,
      location: isAbsolute(item.location) ? item.location : join(this.directory, item.location),
    }));
  }

  /** Adds the items that the case does not know, with an entry in the custody log, and returns them. */
  async acquire(items: readonly EvidenceItem[], agent: Agent, now: number): Promise<EvidenceItem[]> {
    const known = new Set((await this.items()).map((item) => item.sha256));
    const added = items.filter((item) => !known.has(item.sha256));
    if (added.length === 0) return [];
    for (let at = 0; at < added.length; at += OBJECTS) {
      const batch = added.slice(at, at + OBJECTS);
      const object = batch.map(({ path, sha256, bytes }) => ({ path, sha256, bytes }));
      await this.record(agent, { action: 'acquire', object }, now);
      await this.#write(batch);
    }
    return added;
  }

  /** Notes that an item lies elsewhere now. */
  async relocate(item: EvidenceItem, location: string, agent: Agent, now: number): Promise<void> {
    const object = [{ path: item.path, sha256: item.sha256, bytes: item.bytes }];
    await this.record(agent, { action: 'move', object, params: { location: resolve(location) } }, now);
    await this.#write([{ ...item, location: resolve(location) }]);
  }

  /** What lies in the case itself moves along with it. */
  #write(items: readonly EvidenceItem[]): Promise<void> {
    const stored = items.map((item) => {
      const inside = relative(this.directory, item.location);
      return { ...item, location: inside.startsWith('..') || isAbsolute(inside) ? item.location : inside };
    });
    return appendJournal(this.#journal('items'), () => stored);
  }

  /** Streams that were read, in the order in which they were first read; a stream read again counts as it was read last. */
  async streams(): Promise<StreamEntry[]> {
    const entries = await readJournal<StreamEntry>(this.#journal('streams'));
    return [...new Map(entries.map((entry) => [entry.id, entry])).values()];
  }

  addStreams(entries: readonly StreamEntry[]): Promise<void> {
    return appendJournal(this.#journal('streams'), () => entries);
  }

  /** Annotations that count: neither retracted nor a retraction. */
  async annotations(): Promise<Annotation[]> {
    const all = await this.allAnnotations();
    const gone = new Set(all.filter((a) => a.kind === 'retract').map((a) => a.text));
    return all.filter((a) => a.kind !== 'retract' && !gone.has(a.id));
  }

  /** With those that no longer count. */
  allAnnotations(): Promise<Annotation[]> {
    return this.#shared?.entries<Annotation>('annotations') ?? readJournal<Annotation>(this.#journal('annotations'));
  }

  annotate(annotation: Omit<Annotation, 'id'>): Promise<void> {
    const entry = (count: number): Annotation => ({ id: `a${count + 1}`, ...annotation });
    return (
      this.#shared?.append('annotations', entry) ??
      appendJournal(this.#journal('annotations'), (count) => [entry(count)])
    );
  }

  /** Makes the annotations these, with the ids they have. */
  async takeOver(annotations: readonly Annotation[]): Promise<void> {
    if (this.#shared === undefined) {
      await writeWhole(this.#journal('annotations'), annotations.map((a) => `${JSON.stringify(a)}\n`).join(''));
      return;
    }
    const there = new Set((await this.allAnnotations()).map((a) => JSON.stringify(a)));
    for (const annotation of annotations)
      if (!there.has(JSON.stringify(annotation))) await this.#shared.append('annotations', () => annotation);
  }

  /** Content of a file of the case, or undefined when it has none yet. */
  async read(name: WholeFile): Promise<string | undefined> {
    const common = COMMON.has(name) ? await this.#shared?.last(name) : undefined;
    if (common !== undefined) return common;
    try {
      return await readFile(join(this.directory, name), 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
  }

  async write(name: WholeFile, content: string): Promise<void> {
    await writeWhole(join(this.directory, name), content);
    if (COMMON.has(name)) await this.#shared?.keep(name, content);
  }

  async remove(name: Extract<WholeFile, 'retime.json'>): Promise<void> {
    await rm(join(this.directory, name), { force: true });
  }

  #journal(name: 'items' | 'streams' | 'annotations'): string {
    return join(this.directory, `${name}.jsonl`);
  }
}

const caseFileOf = async (directory: string): Promise<CaseFile | undefined> => {
  try {
    return JSON.parse(await readFile(join(directory, 'case.json'), 'utf8')) as CaseFile;
  } catch {
    return undefined;
  }
};

/** Opens a case from anywhere: its directory may be relative. */
export const openCase = async (directory: string): Promise<Case> => {
  const file = await caseFileOf(directory);
  if (file === undefined) {
    throw new EinfallstorError(
      'NOT_FOUND',
      `${directory} is no case`,
      'Create one with `einfallstor ingest PATHS… --case DIR`.',
    );
  }
  if (file.format !== FORMAT) {
    const message = `${directory} has format ${file.format}, this version reads ${FORMAT}`;
    throw new EinfallstorError(
      'CASE_FORMAT',
      message,
      'Use the version of einfallstor that made the case, or ingest the evidence anew.',
    );
  }
  return new Case(resolve(directory));
};

/** Whether there is a case in a directory. */
export const isCase = async (directory: string): Promise<boolean> => (await caseFileOf(directory)) !== undefined;

/** Makes a case in a directory that is not there yet, or is empty. `now`: epoch µs. */
export const createCase = async (directory: string, agent: Agent, now: number): Promise<Case> => {
  const strange = (await contentOf(directory)).filter((name) => !name.startsWith('custody.'));
  if (strange.length > 0) {
    const message = `${directory} is not empty`;
    throw new EinfallstorError('CASE_FORMAT', message, 'Give the directory of a case, or one that is not there yet.');
  }
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const made = new Case(resolve(directory));
  await made.record(agent, { action: 'create' }, now);
  // the last file: with it, the directory is a case
  const file: CaseFile = { format: FORMAT, created: isoOf(now), tool: agent.tool };
  await writeWhole(join(directory, 'case.json'), `${JSON.stringify(file)}\n`);
  return made;
};
