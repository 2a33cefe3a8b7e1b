import type { Case } from '../case/case.ts';
import { type Language, told } from '../core/said.ts';
import type { ScreenBlock } from '../report/screen.ts';
import type { StoreReader } from '../store/store.ts';
import type { ToldTrace } from '../trace/result.ts';
import { type StreamView, streamView } from './case-view.ts';
import { contextOf } from './context.ts';
import { detectCase } from './detect.ts';
import { type IngestRequest, ingestInto, withCase } from './ingest.ts';
import { storeOf } from './stores.ts';
import { screenOf, traceCase } from './trace.ts';

export type { ScreenBlock } from '../report/screen.ts';

export interface InvestigateRequest extends IngestRequest {
  readonly rules: readonly string[];
  /** Lists of indicators, by path. */
  readonly indicators: readonly string[];
  /** Country data base, or `none`. */
  readonly geo: string | undefined;
  readonly language: Language;
}

export interface Investigated {
  readonly streams: readonly StreamView[];
  /** What is wrong with the evidence, in words. */
  readonly problems: readonly string[];
  readonly ruleProblems: readonly string[];
  readonly findings: number;
  readonly trace: ToldTrace;
  readonly screen: readonly ScreenBlock[];
}

const follow = async (
  opened: Case,
  store: StoreReader,
  request: InvestigateRequest,
): Promise<Omit<Investigated, 'problems'>> => {
  const context = await contextOf(opened, undefined);
  const { onProgress, rules, indicators, geo } = request;
  const found = await detectCase({ opened, store, context, rules, indicators, geo, onProgress });
  const trace = await traceCase({ opened, store, context, anchor: undefined, onProgress });
  const streams = await opened.streams();
  return {
    streams: streams.map(streamView),
    ruleProblems: found.problems,
    findings: found.findings.length,
    trace: told(trace, request.language),
    screen: await screenOf(opened, trace, request),
  };
};

/** The main job: ingest, detect, trace, verdict. */
export const investigate = (request: InvestigateRequest): Promise<Investigated> =>
  withCase(request, async (opened) => {
    const problems = await ingestInto(opened, request);
    const store = await (await storeOf(opened, request.store)).reader();
    try {
      const followed = await follow(opened, store, request);
      return { ...followed, problems: problems.map((p) => `${p.path}: ${p.code}: ${p.detail}`) };
    } finally {
      await store.close();
    }
  });
