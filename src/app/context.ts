import { readFileSync } from 'node:fs';
import type { Case } from '../case/case.ts';
import { EinfallstorError } from '../core/errors.ts';
import { type CaseContext, loadContext, NO_CONTEXT } from '../detect/context.ts';
import type { StoreReader } from '../store/store.ts';
import { withStore } from './case-view.ts';
import type { StoreWish } from './stores.ts';

/** The context file at a path. */
export const readContext = (path: string): CaseContext => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new EinfallstorError('NOT_FOUND', `context file ${path} cannot be read`, 'Check the path behind --context.', {
      cause,
    });
  }
  return loadContext(text);
};

/** The context file named now, kept in the case from then on, or the one the case has. */
export const contextOf = async (opened: Case, path: string | undefined): Promise<CaseContext> => {
  if (path === undefined) {
    const kept = await opened.read('context.json');
    return kept === undefined ? NO_CONTEXT : loadContext(kept);
  }
  const context = readContext(path);
  await opened.write('context.json', `${JSON.stringify(context)}\n`);
  return context;
};

/** Opens the case and its store, locks the case, takes the context for `use`; the lock goes with the call, however it ends. */
export const withLockedCase = <T>(
  {
    caseDir,
    context,
    store,
  }: { readonly caseDir: string; readonly context: string | undefined; readonly store?: StoreWish },
  use: (opened: Case, reader: StoreReader, context: CaseContext) => Promise<T>,
): Promise<T> =>
  withStore(
    caseDir,
    async (opened, reader) => {
      const unlock = await opened.lock();
      try {
        return await use(opened, reader, await contextOf(opened, context));
      } finally {
        await unlock();
      }
    },
    store,
  );
