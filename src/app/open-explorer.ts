import { openCase } from '../case/case.ts';
import { openDuckdbReader } from '../store/duckdb/reader.ts';
import { agent } from './agent.ts';
import { type Explorer, openExplorer } from './explorer.ts';
import { traceOf } from './trace.ts';

/** The explorer of a case on disk. */
export const openCaseExplorer = async (caseDir: string): Promise<Explorer> => {
  const opened = await openCase(caseDir);
  const store = await openDuckdbReader(opened.storeDirectory);
  return openExplorer(opened, store, await traceOf(opened), agent().actor, () => new Date());
};
