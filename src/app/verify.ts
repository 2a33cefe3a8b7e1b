import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Case, isCase, openCase, type WholeFile } from '../case/case.ts';
import { verifyCase } from '../case/verify.ts';
import { EinfallstorError } from '../core/errors.ts';
import { verifyCustody } from '../evidence/custody.ts';
import { isBag } from '../export/bag.ts';
import { verifyPackage } from '../export/package.ts';
import { segmentFiles } from '../store/duckdb/manifest.ts';
import type { OnProgress } from './progress.ts';

export interface Verified {
  readonly kind: 'case' | 'package';
  /** Each names a file and what is wrong with it; empty: all is as it was. */
  readonly problems: readonly string[];
}

const DERIVED: readonly WholeFile[] = ['findings.json', 'trace.json'];

/** Findings and verdict, with the digest the custody log last noted for each. */
const derivedFiles = async (opened: Case): Promise<{ path: string; location: string; sha256: string }[]> => {
  const { entries } = await verifyCustody(opened.custodyLog).catch(() => ({ entries: [] }));
  return DERIVED.flatMap((path) => {
    const noted = entries
      .flatMap((entry) => entry.object ?? [])
      .filter((object) => object.path === path)
      .at(-1)?.sha256;
    return noted === undefined ? [] : [{ path, location: join(opened.directory, path), sha256: noted }];
  });
};

/** Checks a case (custody log, items where they lie, store) or a package (manifests, custody log), offline. */
export const verify = async (path: string, onProgress: OnProgress): Promise<Verified> => {
  if ((await stat(path).catch(() => undefined))?.isDirectory() !== true) {
    throw new EinfallstorError(
      'NOT_FOUND',
      `${path} is no directory`,
      'Give a case directory or an unpacked evidence package.',
    );
  }
  if (await isBag(path)) return { kind: 'package', problems: await verifyPackage(path) };
  if (!(await isCase(path)))
    throw new EinfallstorError(
      'NOT_FOUND',
      `${path} is neither a case nor a package`,
      'Give a case directory or an unpacked evidence package.',
    );
  const opened = await openCase(path);
  const sealed = [...segmentFiles(opened.storeDirectory), ...(await derivedFiles(opened))];
  let done = 0;
  const problems = await verifyCase(opened, sealed, (bytes) => {
    done += bytes;
    onProgress({ phase: 'verifying', done, total: undefined, unit: 'bytes' });
  });
  return { kind: 'case', problems: problems.map((p) => `${p.path}: ${p.code}: ${p.detail}`) };
};
