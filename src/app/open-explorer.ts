import { openCase } from '../case/case.ts';
import { told } from '../core/said.ts';
import { openDuckdbReader } from '../store/duckdb/reader.ts';
import { agent } from './agent.ts';
import { type Explorer, openExplorer } from './explorer.ts';
import { traceOf } from './trace.ts';

/** The explorer of a case on disk. */
export const openCaseExplorer = async (caseDir: string): Promise<Explorer> => {
  const opened = await openCase(caseDir);
  const store = await openDuckdbReader(opened.storeDirectory);
  const trace = await traceOf(opened);
  const shown = trace === undefined ? undefined : told(trace, 'en');
  return openExplorer(opened, store, shown, agent().actor, () => new Date());
};
