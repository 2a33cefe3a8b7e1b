import type { Case } from '../case/case.ts';
import { type Language, told } from '../core/said.ts';
import type { CaseContext } from '../detect/context.ts';
import { sha256Of } from '../evidence/digest.ts';
import { type ScreenBlock, verdictScreen } from '../report/screen.ts';
import type { StoreReader } from '../store/store.ts';
import type { ToldTrace, TraceResult } from '../trace/result.ts';
import { trace } from '../trace/trace.ts';
import { agent, now } from './agent.ts';
import { totalsOf } from './case-view.ts';
import { withLockedCase } from './context.ts';
import { findingsOf } from './detect.ts';
import { unmuted } from './judgements.ts';
import type { OnProgress } from './progress.ts';
import { referencesOf } from './references.ts';
import { STALE } from './retime-pending.ts';
import type { StoreWish } from './stores.ts';

export interface TraceSettings {
  readonly opened: Case;
  readonly store: StoreReader;
  readonly context: CaseContext;
  /** Event id, ISO time or observable the analyst marks. */
  readonly anchor: string | undefined;
  readonly onProgress: OnProgress;
}

/** An anchor the analyst kept as an annotation counts when none is named now; the last one wins. */
const keptAnchor = async (opened: Case): Promise<string | undefined> =>
  (await opened.annotations()).filter((a) => a.kind === 'anchor').at(-1)?.events?.[0];

/** Traces the case's findings back to entry points; the result replaces the one the case had. */
export const traceCase = async ({
  opened,
  store,
  context,
  anchor,
  onProgress,
}: TraceSettings): Promise<TraceResult> => {
  onProgress({ phase: 'tracing', done: 0, total: 1, unit: 'steps' });
  const result = await trace({
    store,
    context,
    findings: await unmuted(opened, await findingsOf(opened)),
    anchor: anchor ?? (await keptAnchor(opened)),
    reference: await referencesOf(opened),
  });
  onProgress({ phase: 'tracing', done: 1, total: 1, unit: 'steps' });
  const text = `${JSON.stringify(result)}\n`;
  await opened.write('trace.json', text);
  const first = result.hypotheses[0];
  await opened.record(
    agent(),
    {
      action: 'trace',
      object: [{ path: 'trace.json', sha256: sha256Of(text) }],
      params: { anchor: anchor ?? null },
      result: `${result.verdict}${first === undefined ? '' : `: ${first.title.en} (${first.probability.toFixed(3)})`}`,
    },
    now(),
  );
  return result;
};

/** The verdict the case has, if any: none that was of times changed since. */
export const traceOf = async (opened: Case): Promise<TraceResult | undefined> => {
  const text = await opened.read('trace.json');
  return text === undefined || text === STALE ? undefined : (JSON.parse(text) as TraceResult);
};

/** The verdict as the screen shows it. */
export const screenOf = async (
  opened: Case,
  result: TraceResult,
  { language, caseDir }: { readonly language: Language; readonly caseDir: string },
): Promise<ScreenBlock[]> =>
  verdictScreen({
    trace: result,
    findings: await unmuted(opened, await findingsOf(opened)),
    totals: totalsOf((await opened.items()).length, await opened.streams()),
    language,
    caseDir,
  });

export interface Traced {
  readonly trace: ToldTrace;
  readonly screen: readonly ScreenBlock[];
}

/** `trace`: opens the case, takes the context, searches back, and words the verdict. */
export const runTrace = (request: {
  readonly caseDir: string;
  readonly anchor: string | undefined;
  readonly context: string | undefined;
  readonly language: Language;
  readonly store?: StoreWish;
  readonly onProgress: OnProgress;
}): Promise<Traced> =>
  withLockedCase(request, async (opened, store, context) => {
    const result = await traceCase({
      opened,
      store,
      context,
      anchor: request.anchor,
      onProgress: request.onProgress,
    });
    return {
      trace: told(result, request.language),
      screen: await screenOf(opened, result, request),
    };
  });
