import { told } from '../core/said.ts';
import { agent } from './agent.ts';
import { openWithStore } from './case-view.ts';
import { type Explorer, openExplorer } from './explorer.ts';
import type { StoreWish } from './stores.ts';
import { traceOf } from './trace.ts';

/** The explorer of a case on disk. */
export const openCaseExplorer = async (caseDir: string, wish: StoreWish): Promise<Explorer> => {
  const { opened, store, close } = await openWithStore(caseDir, wish);
  const trace = await traceOf(opened);
  const shown = trace === undefined ? undefined : told(trace, 'en');
  const explorer = openExplorer(opened, store, shown, agent().actor, () => new Date());
  return { ...explorer, close };
};
