import { verifyCustody } from '../evidence/custody.ts';
import { digestFile } from '../evidence/digest.ts';
import type { EvidenceItem } from '../evidence/item.ts';
import { type Problem, reasonOf } from '../evidence/problem.ts';
import type { Case } from './case.ts';

/** A file that must not have changed. */
export interface Sealed {
  /** As the result names it. */
  readonly path: string;
  readonly location: string;
  readonly sha256: string;
}

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

const checkFile = async (file: Sealed, onBytes: (bytes: number) => void): Promise<Problem[]> => {
  const { path, location, sha256 } = file;
  try {
    const now = await digestFile(location, onBytes);
    if (now.sha256 === sha256) return [];
    return [{ path, code: 'changed', detail: `SHA-256 was ${sha256} and is ${now.sha256} (${now.bytes} bytes)` }];
  } catch (error) {
    return [{ path, code: isMissing(error) ? 'missing' : 'unreadable', detail: reasonOf(error) }];
  }
};

const checkCustody = async (opened: Case, items: readonly EvidenceItem[]): Promise<Problem[]> => {
  const path = 'custody.jsonl';
  try {
    const { entries, faults } = await verifyCustody(opened.custodyLog);
    const acquired = new Set(
      entries.filter((e) => e.action === 'acquire').flatMap((e) => (e.object ?? []).map((o) => o.sha256)),
    );
    const problems: Problem[] = faults.map((detail) => ({ path, code: 'custody', detail }));
    for (const item of items) {
      if (acquired.has(item.sha256)) continue;
      problems.push({ path: item.path, code: 'custody', detail: 'the custody log does not say that it was taken in' });
    }
    return problems;
  } catch (error) {
    return [{ path, code: isMissing(error) ? 'missing' : 'unreadable', detail: reasonOf(error) }];
  }
};

/** Checks the custody log, every item where it lies, and the files of the store; names what was changed. */
export const verifyCase = async (
  opened: Case,
  segments: readonly Sealed[],
  onBytes: (bytes: number) => void = () => {},
): Promise<Problem[]> => {
  const items = await opened.items();
  const problems = await checkCustody(opened, items);
  for (const file of [...items, ...segments]) problems.push(...(await checkFile(file, onBytes)));
  return problems;
};
