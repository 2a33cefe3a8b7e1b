import { readFileSync } from 'node:fs';
import type { Case } from '../case/case.ts';
import { EinfallstorError } from '../core/errors.ts';
import { type CaseContext, loadContext, NO_CONTEXT } from '../detect/context.ts';

/** The context file named now, kept in the case from then on, or the one the case has. */
export const contextOf = async (opened: Case, path: string | undefined): Promise<CaseContext> => {
  if (path === undefined) {
    const kept = await opened.read('context.json');
    return kept === undefined ? NO_CONTEXT : loadContext(kept);
  }
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new EinfallstorError('NOT_FOUND', `context file ${path} cannot be read`, 'Check the path behind --context.', {
      cause,
    });
  }
  const context = loadContext(text);
  await opened.write('context.json', `${JSON.stringify(context)}\n`);
  return context;
};
