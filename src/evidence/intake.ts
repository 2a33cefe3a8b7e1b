import type { Stats } from 'node:fs';
import { lstat, mkdir, open, readdir, rename, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { EinfallstorError } from '../core/errors.ts';
import { digestFile } from './digest.ts';
import type { EvidenceItem } from './item.ts';
import { type Problem, reasonOf } from './problem.ts';

export interface IntakeSettings {
  /** As the operator gave them: files, folders, `-` for standard input. */
  readonly paths: readonly string[];
  readonly stdin: AsyncIterable<Buffer | string>;
  /** Where standard input is kept: it can be read only once. */
  readonly spoolDirectory: string;
  /** A folder that is no evidence although it lies in one that is: the case itself. */
  readonly exclude?: string | undefined;
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void;
}

export interface Intake {
  /** In the order of the paths given, folders sorted by name; equal contents are one item. */
  readonly items: readonly EvidenceItem[];
  /** Files whose content another one has. */
  readonly duplicates: readonly { readonly path: string; readonly of: string }[];
  readonly problems: readonly Problem[];
}

interface Candidate {
  readonly location: string;
  readonly path: string;
  readonly stats: Stats;
}

/** Files hashed at a time. */
const CONCURRENCY = 2;

const microsOf = (stats: Stats): number => Math.floor(stats.mtimeMs * 1000);

const kindOf = (stats: Stats): string => {
  if (stats.isSymbolicLink()) return 'symbolic link, not followed';
  if (stats.isSocket()) return 'socket';
  return stats.isFIFO() ? 'pipe' : 'device';
};

/** Files below a folder, by name in code unit order: no locale decides. */
async function* filesIn(
  location: string,
  path: string,
  settings: IntakeSettings,
  problems: Problem[],
): AsyncGenerator<Candidate> {
  if (settings.exclude !== undefined && location === resolve(settings.exclude)) return;
  let names: string[];
  try {
    names = (await readdir(location)).sort();
  } catch (error) {
    problems.push({ path, code: 'unreadable', detail: reasonOf(error) });
    return;
  }
  for (const name of names) {
    const inner = { location: join(location, name), path: path === '' ? name : `${path}/${name}` };
    try {
      const stats = await lstat(inner.location);
      if (stats.isDirectory()) yield* filesIn(inner.location, inner.path, settings, problems);
      else if (stats.isFile()) yield { ...inner, stats };
      else problems.push({ path: inner.path, code: 'not-a-file', detail: `${kindOf(stats)}, skipped` });
    } catch (error) {
      problems.push({ path: inner.path, code: 'unreadable', detail: reasonOf(error) });
    }
  }
}

/** What the operator names may be a link: to follow it is the operator's choice. */
const given = async (path: string): Promise<Stats> => {
  try {
    return await stat(path);
  } catch (error) {
    throw new EinfallstorError(
      'NOT_FOUND',
      `${path}: ${reasonOf(error)}`,
      'Give the path of a file or folder that can be read.',
      { cause: error },
    );
  }
};

/** Throws NOT_FOUND when something the operator named is not there. */
export const mustExist = async (paths: readonly string[]): Promise<void> => {
  for (const path of paths) if (path !== '-') await given(path);
};

/** Keeps standard input as a file named by its content. */
const keepStdin = async (settings: IntakeSettings): Promise<Candidate> => {
  await mkdir(settings.spoolDirectory, { recursive: true });
  const draft = join(settings.spoolDirectory, 'stdin.part');
  const file = await open(draft, 'w', 0o600);
  try {
    for await (const chunk of settings.stdin) await file.writeFile(chunk);
    await file.sync();
  } finally {
    await file.close();
  }
  const location = join(settings.spoolDirectory, (await digestFile(draft)).sha256);
  await rename(draft, location);
  return { location, path: '-', stats: await stat(location) };
};

const candidates = async (settings: IntakeSettings, problems: Problem[]): Promise<Candidate[]> => {
  const found: Candidate[] = [];
  for (const path of settings.paths) {
    if (path === '-') {
      found.push(await keepStdin(settings));
      continue;
    }
    const location = resolve(path);
    const stats = await given(path);
    if (stats.isDirectory()) {
      for await (const file of filesIn(location, basename(location), settings, problems)) found.push(file);
    } else if (stats.isFile()) found.push({ location, path: basename(location), stats });
    else problems.push({ path: basename(location), code: 'not-a-file', detail: `${kindOf(stats)}, skipped` });
  }
  // a file named twice, once by itself and once by its folder, is one file
  return [...new Map(found.map((file) => [file.location, file])).values()];
};

/** Finds the items in what the operator gave and hashes them; nothing is written to them. */
export const takeIn = async (settings: IntakeSettings): Promise<Intake> => {
  const problems: Problem[] = [];
  const files = await candidates(settings, problems);
  const total = files.reduce((sum, file) => sum + file.stats.size, 0);
  let done = 0;
  const hashed: (EvidenceItem | undefined)[] = new Array(files.length);
  const hash = async (file: Candidate): Promise<EvidenceItem | undefined> => {
    const { location, path, stats } = file;
    try {
      const digest = await digestFile(location, (bytes) => {
        done += bytes;
        settings.onProgress?.(done, total);
      });
      if (digest.bytes !== stats.size) {
        problems.push({
          path,
          code: 'changed',
          detail: `${stats.size} bytes when it was found, ${digest.bytes} when it was read`,
        });
      }
      return { ...digest, path, location, modified: path === '-' ? undefined : microsOf(stats) };
    } catch (error) {
      problems.push({ path, code: 'unreadable', detail: reasonOf(error) });
      return undefined;
    }
  };
  let next = 0;
  const work = async (): Promise<void> => {
    for (let at = next++; at < files.length; at = next++) hashed[at] = await hash(files[at] as Candidate);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  return { ...distinct(hashed), problems };
};

const distinct = (hashed: readonly (EvidenceItem | undefined)[]): Omit<Intake, 'problems'> => {
  const items = new Map<string, EvidenceItem>();
  const duplicates: { path: string; of: string }[] = [];
  for (const item of hashed) {
    if (item === undefined) continue;
    const first = items.get(item.sha256);
    if (first === undefined) items.set(item.sha256, item);
    else duplicates.push({ path: item.path, of: first.path });
  }
  return { items: [...items.values()], duplicates };
};
