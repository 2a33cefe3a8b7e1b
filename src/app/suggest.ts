import { EinfallstorError } from '../core/errors.ts';
import type { Language } from '../core/said.ts';
import { jsonOf, yamlOf } from '../detect/suggest/file.ts';
import { suggestContext } from '../detect/suggest/suggest.ts';
import type { TraceResult } from '../trace/result.ts';
import { withStore } from './case-view.ts';
import { findingsFor } from './detect.ts';
import { unmuted } from './judgements.ts';
import type { OnProgress } from './progress.ts';
import type { StoreWish } from './stores.ts';

/** `context suggest`: a first context file, as YAML with its reasons in comments and as a value. Changes nothing in the case. */
export const suggestContextFile = (request: {
  readonly caseDir: string;
  readonly language: Language;
  readonly store?: StoreWish;
  readonly onProgress: OnProgress;
}): Promise<{ readonly yaml: string; readonly json: Record<string, unknown> }> =>
  withStore(
    request.caseDir,
    async (opened, store) => {
      const findings = await unmuted(opened, await findingsFor(opened, store, request.onProgress));
      const kept = await opened.read('trace.json');
      const traced = kept === undefined ? undefined : (JSON.parse(kept) as TraceResult);
      const entry = traced === undefined || traced.verdict === 'none' ? undefined : traced.hypotheses[0]?.entry;
      const zones = new Map((await opened.streams()).map(({ path, timing }) => [path, timing.zone]));
      const suggested = await suggestContext({
        store,
        findings,
        since: entry === undefined ? undefined : Date.parse(entry.timestamp) * 1000,
        zoneOf: (path) => zones.get(path),
      });
      if (suggested === undefined) {
        throw new EinfallstorError('USAGE', 'the case has no events with a time', 'Ingest logs into it first.');
      }
      return { yaml: yamlOf(suggested, request.language), json: jsonOf(suggested, request.language) };
    },
    request.store,
  );
