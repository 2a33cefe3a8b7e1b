import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EinfallstorError } from '../../core/errors.ts';
import type { Column } from './columns.ts';

/** A published Parquet file: never changed, only dropped. */
export interface Segment {
  readonly file: string;
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
  /** Streams with events in it. */
  readonly streams: readonly string[];
  /** Ids of the columns it has. */
  readonly columns: readonly number[];
  /** Events with values that fit no column. */
  readonly odd: number;
  /** First and last `@timestamp`; null when no event has one. */
  readonly first: number | null;
  readonly last: number | null;
  /** Different values of the fields of `STATED`, where they can be told. */
  readonly values?: Readonly<Record<string, readonly string[]>>;
}

export interface Manifest {
  readonly format: 'einfallstor-segments-1';
  /** Number of the next segment file: names are never used twice. */
  readonly next: number;
  readonly columns: readonly Column[];
  readonly segments: readonly Segment[];
  readonly finished: readonly string[];
}

export const EMPTY: Manifest = { format: 'einfallstor-segments-1', next: 1, columns: [], segments: [], finished: [] };

export const manifestPath = (directory: string): string => join(directory, 'manifest.json');

/** What a store directory has published; an absent manifest is an empty store. */
export const readManifest = (directory: string): Manifest => {
  let text: string;
  try {
    text = readFileSync(manifestPath(directory), 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return EMPTY;
    throw new EinfallstorError(
      'STORE',
      `cannot read ${manifestPath(directory)}`,
      'Check the permissions of the case directory.',
      { cause },
    );
  }
  const manifest = parse(text);
  if (manifest?.format === EMPTY.format) return manifest;
  throw new EinfallstorError(
    'STORE',
    `not a manifest of this version: ${manifestPath(directory)}`,
    'Ingest the evidence into a new case.',
  );
};

const parse = (text: string): Manifest | undefined => {
  try {
    return JSON.parse(text) as Manifest;
  } catch {
    return undefined;
  }
};

/** Makes a file's bytes and its name durable under its final name, at once. */
export const publishFile = (from: string, to: string): void => {
  sync(from);
  renameSync(from, to);
  sync(dirname(to));
};

const sync = (path: string): void => {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
};

export const writeManifest = (directory: string, manifest: Manifest): void => {
  const temporary = `${manifestPath(directory)}.new`;
  const file = openSync(temporary, 'w');
  try {
    writeSync(file, `${JSON.stringify(manifest)}\n`);
  } finally {
    closeSync(file);
  }
  publishFile(temporary, manifestPath(directory));
};

/** The published files and what they must hash to, for `verify`. */
export const segmentFiles = (directory: string): { path: string; location: string; sha256: string }[] =>
  readManifest(directory).segments.map(({ file, sha256 }) => ({
    path: `store/segments/${file}`,
    location: join(directory, 'segments', file),
    sha256,
  }));
