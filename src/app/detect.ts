import type { Case } from '../case/case.ts';
import { EinfallstorError } from '../core/errors.ts';
import { type Told, told } from '../core/said.ts';
import { BASELINES } from '../detect/baseline/all.ts';
import type { CaseContext } from '../detect/context.ts';
import type { Finding } from '../detect/finding.ts';
import { indicatorMatches } from '../detect/indicators/matches.ts';
import { type DetectProgress, detect } from '../detect/run.ts';
import { openGeo } from '../enrich/geo.ts';
import { sha256Of } from '../evidence/digest.ts';
import type { StoreReader } from '../store/store.ts';
import { agent, now } from './agent.ts';
import { contextOf, withLockedCase } from './context.ts';
import { indicatorsOf } from './indicators.ts';
import type { OnProgress } from './progress.ts';
import { STALE } from './retime-pending.ts';
import { readRules } from './rules.ts';
import type { StoreWish } from './stores.ts';

export interface DetectResult {
  readonly findings: readonly Finding[];
  /** Rules that were refused or are doubtful, in words with file and line. */
  readonly problems: readonly string[];
}

export interface DetectSettings {
  readonly opened: Case;
  readonly store: StoreReader;
  readonly context: CaseContext;
  /** Rule files beside the shipped pack. */
  readonly rules: readonly string[];
  /** Lists of indicators, by path. */
  readonly indicators: readonly string[];
  /** Country data base (.mmdb); the shipped one by default, none with `none`. */
  readonly geo: string | undefined;
  readonly onProgress: OnProgress;
}

const shown =
  (onProgress: OnProgress) =>
  (progress: DetectProgress): void =>
    onProgress({ phase: 'detecting', ...progress });

/** Runs rules and baselines; the findings replace those the case had. */
export const detectCase = async ({
  opened,
  store,
  context,
  rules,
  indicators,
  geo,
  onProgress,
}: DetectSettings): Promise<DetectResult> => {
  const set = readRules(rules, true, context);
  const lists = indicatorsOf(indicators);
  const { findings, problems } = await detect({
    store,
    rules: set,
    baselines: lists.files.length === 0 ? BASELINES : [...BASELINES, indicatorMatches(lists.indicators)],
    context,
    ...(geo === 'none' ? {} : { countries: await openGeo(geo) }),
    progress: shown(onProgress),
  });
  const text = `${JSON.stringify(findings)}\n`;
  await opened.write('findings.json', text);
  await opened.record(
    agent(),
    {
      action: 'detect',
      object: [{ path: 'findings.json', sha256: sha256Of(text) }],
      ...(rules.length + lists.files.length === 0 && geo === undefined
        ? {}
        : {
            params: {
              ...(rules.length === 0 ? {} : { rules }),
              ...(lists.files.length === 0 ? {} : { indicators: lists.files }),
              ...(geo === undefined ? {} : { geo }),
            },
          }),
      result: `${findings.length} findings of ${set.rules.length} rules and ${set.correlations.length} correlations`,
    },
    now(),
  );
  const all = [...set.problems, ...problems].map((p) => `${p.file}${p.line === 0 ? '' : `:${p.line}`}: ${p.reason}`);
  return { findings, problems: [...new Set([...lists.problems, ...all])] };
};

/** The findings the case has; none before the first detection. Throws when they were made with times that have changed. */
export const findingsOf = async (opened: Case): Promise<readonly Finding[]> => {
  const text = await opened.read('findings.json');
  if (text === STALE)
    throw new EinfallstorError(
      'NOT_FOUND',
      'the findings were of times that were changed since (case retime)',
      'Run `einfallstor detect` on the case, with its rules and indicators, then `einfallstor trace`.',
    );
  return text === undefined ? [] : (JSON.parse(text) as Finding[]);
};

/** The findings the case has; before the first detection those the shipped rules make, which the case does not keep. */
export const findingsFor = async (
  opened: Case,
  store: StoreReader,
  onProgress: OnProgress,
): Promise<readonly Finding[]> => {
  if ((await opened.read('findings.json')) !== undefined) return findingsOf(opened);
  const context = await contextOf(opened, undefined);
  const { findings } = await detect({
    store,
    rules: readRules([], true, context),
    baselines: BASELINES,
    context,
    countries: await openGeo(undefined),
    progress: shown(onProgress),
  });
  return findings;
};

/** `detect`: opens the case, takes the context, runs everything; facts in English. */
export const runDetection = (request: {
  readonly caseDir: string;
  readonly rules: readonly string[];
  readonly indicators: readonly string[];
  readonly context: string | undefined;
  readonly geo: string | undefined;
  readonly store?: StoreWish;
  readonly onProgress: OnProgress;
}): Promise<Told<DetectResult>> =>
  withLockedCase(request, async (opened, store, context) =>
    told(
      await detectCase({
        opened,
        store,
        context,
        rules: request.rules,
        indicators: request.indicators,
        geo: request.geo,
        onProgress: request.onProgress,
      }),
      'en',
    ),
  );
