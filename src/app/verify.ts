import { stat } from 'node:fs/promises';
import { isCase, openCase } from '../case/case.ts';
import { verifyCase } from '../case/verify.ts';
import { EinfallstorError } from '../core/errors.ts';
import { verifyPackage } from '../export/package.ts';
import { isBag } from '../export/bag.ts';
import { segmentFiles } from '../store/duckdb/manifest.ts';
import type { OnProgress } from './progress.ts';

export interface Verified {
  readonly kind: 'case' | 'package';
  /** Each names a file and what is wrong with it; empty: all is as it was. */
  readonly problems: readonly string[];
}

/** Checks a case (custody log, items where they lie, store) or a package (manifests, custody log), offline. */
export const verify = async (path: string, onProgress: OnProgress): Promise<Verified> => {
  if ((await stat(path).catch(() => undefined))?.isDirectory() !== true) {
    throw new EinfallstorError('NOT_FOUND', `${path} is no directory`, 'Give a case directory or an unpacked evidence package.');
  }
  if (await isBag(path)) return { kind: 'package', problems: await verifyPackage(path) };
  if (!(await isCase(path))) throw new EinfallstorError('NOT_FOUND', `${path} is neither a case nor a package`, 'Give a case directory or an unpacked evidence package.');
  const opened = await openCase(path);
  let done = 0;
  const problems = await verifyCase(opened, segmentFiles(opened.storeDirectory), (bytes) => {
    done += bytes;
    onProgress({ phase: 'verifying', done, total: undefined, unit: 'bytes' });
  });
  return { kind: 'case', problems: problems.map((p) => `${p.path}: ${p.code}: ${p.detail}`) };
};
