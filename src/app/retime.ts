import type { Case } from '../case/case.ts';
import type { StreamEntry } from '../case/entries.ts';
import { EinfallstorError } from '../core/errors.ts';
import { isoOf } from '../core/time.ts';
import type { CaseContext } from '../detect/context.ts';
import { type CustodyEntry, verifyCustody } from '../evidence/custody.ts';
import { locatorOf } from '../store/order.ts';
import type { StoreReader } from '../store/store.ts';
import { assumptionsOf } from './case-view.ts';
import { withLockedCase } from './context.ts';
import { detectCase } from './detect.ts';
import type { OnProgress } from './progress.ts';
import { eventDigest, type PendingRetime, retimesOf, settle } from './retime-pending.ts';
import { type Assumption, planStream, type Span, type StreamPlan } from './retime-plan.ts';
import { type StoreWish, storeOf } from './stores.ts';
import { checkShift, checkYear, checkZone, matchesPath } from './time-settings.ts';
import { traceCase } from './trace.ts';

export interface RetimeRequest {
  readonly caseDir: string;
  /** Glob of the paths of the streams. */
  readonly source: string;
  /** A zone, or `none`. */
  readonly timezone?: string | undefined;
  readonly year?: number | undefined;
  /** `+00:09:00`, `-9m`; replaces an earlier correction. */
  readonly shift?: string | undefined;
  readonly reason: string;
  /** Only tells what would change. */
  readonly dryRun: boolean;
  readonly store?: StoreWish;
  readonly onProgress: OnProgress;
}

/** First and last time of a stream, ISO 8601 UTC. */
export interface TimeSpan {
  readonly first: string;
  readonly last: string;
}

export interface RetimedStream {
  readonly path: string;
  /** Events with a time, and those whose time is another now. */
  readonly events: number;
  readonly moved: number;
  readonly from: TimeSpan | null;
  readonly to: TimeSpan | null;
  /** In words, before and after. */
  readonly assumed: { readonly from: readonly string[]; readonly to: readonly string[] };
}

export interface Retimed {
  /** `unchanged`: the same was assumed already, or the records state it. */
  readonly result: 'changed' | 'unchanged' | 'would-change';
  readonly streams: readonly RetimedStream[];
  /** What became of findings and verdict: made anew, there were none, or to be made by the operator. */
  readonly verdict: 'renewed' | 'none' | 'stale';
}

const usage = (message: string, hint: string): EinfallstorError => new EinfallstorError('USAGE', message, hint);

const assumptionOf = ({ timezone, year, shift, reason }: RetimeRequest): Assumption => {
  if (timezone === undefined && year === undefined && shift === undefined)
    throw usage('nothing to assume is named', 'Give --timezone, --year or --shift.');
  if (reason.trim() === '')
    throw usage('a change of times needs a reason', 'Give it with --reason: it stands in the custody log.');
  return {
    zone: timezone === 'none' ? null : timezone === undefined ? undefined : checkZone(timezone),
    year: year === undefined ? undefined : checkYear(year),
    shift: shift === undefined ? undefined : checkShift(shift),
  };
};

const chosenStreams = async (opened: Case, glob: string): Promise<StreamEntry[]> => {
  const all = await opened.streams();
  const chosen = all.filter(({ path }) => matchesPath(glob, path));
  if (chosen.length > 0) return chosen;
  const paths = all.slice(0, 5).map(({ path }) => path);
  throw new EinfallstorError(
    'NOT_FOUND',
    `no stream of this case is ${glob}`,
    `Paths stand in \`case info\`: ${paths.join(', ')}${all.length > paths.length ? ', …' : ''}`,
  );
};

const printedSpan = (span: Span | undefined): TimeSpan | null =>
  span === undefined ? null : { first: isoOf(span.first), last: isoOf(span.last) };

const printed = ({ entry, becomes, timed, moved, before, after }: StreamPlan): RetimedStream => ({
  path: entry.path,
  events: timed,
  moved,
  from: printedSpan(before),
  to: printedSpan(after),
  assumed: { from: assumptionsOf(entry), to: assumptionsOf(becomes) },
});

const pendingOf = async (
  opened: Case,
  store: StoreReader,
  plans: readonly StreamPlan[],
  { source, reason }: RetimeRequest,
): Promise<PendingRetime> => {
  const { sample, change } = plans[0] as StreamPlan;
  const [event] = await store.get([sample as string]);
  if (event === undefined) throw new Error(`event ${sample} is not in the store`);
  const items = new Map((await opened.items()).map((item) => [item.sha256, item]));
  const touched = [...new Set(plans.map(({ entry }) => entry.item))].flatMap((sha256) => items.get(sha256) ?? []);
  const streams = plans.map((plan) => ({
    path: plan.entry.path,
    from: plan.entry.timing,
    to: plan.becomes.timing,
    moved: plan.moved,
  }));
  return {
    number: await retimesOf(opened),
    entries: plans.map(({ becomes }) => becomes),
    act: {
      action: 'retime',
      object: touched.map(({ path, sha256, bytes }) => ({ path, sha256, bytes })),
      params: { source, reason: reason.trim(), streams },
      result: `${plans.reduce((sum, { moved }) => sum + moved, 0)} events moved; streams: ${plans.length}`,
    },
    sample: { id: event.id, sha256: eventDigest(change(event)) },
  };
};

/** Changes the store, then the journals; see `PendingRetime`. */
const apply = async (
  opened: Case,
  store: StoreReader,
  plans: readonly StreamPlan[],
  request: RetimeRequest,
): Promise<void> => {
  const { onProgress } = request;
  const pending = await pendingOf(opened, store, plans, request);
  const total = plans.reduce((sum, { entry }) => sum + entry.accounting.events + entry.accounting.rejected, 0);
  const changes = new Map(plans.map(({ entry, change }) => [entry.id, change]));
  await opened.write('retime.json', `${JSON.stringify(pending)}\n`);
  let done = 0;
  const writer = await (await storeOf(opened, request.store)).writer((note) =>
    onProgress({ phase: 'retiming', done, total, unit: 'events', note }),
  );
  try {
    await writer.rewrite(new Set(changes.keys()), (event) => {
      done += 1;
      if (done % 1000 === 0 || done === total) onProgress({ phase: 'retiming', done, total, unit: 'events' });
      return changes.get(locatorOf(event.id).stream)?.(event) ?? event;
    });
  } finally {
    await writer.close();
  }
  await store.refresh();
  await settle(opened, store);
};

/** The last acts of detection and tracing, while their results still count. */
const lastActs = async (opened: Case): Promise<{ detect?: CustodyEntry; trace?: CustodyEntry }> => {
  const { entries } = await verifyCustody(opened.custodyLog);
  const last = (action: CustodyEntry['action'], after: number): CustodyEntry | undefined =>
    entries.filter((entry) => entry.action === action && entry.seq > after).at(-1);
  const detect = last('detect', 0);
  const trace = last('trace', 0);
  return { ...(detect === undefined ? {} : { detect }), ...(trace === undefined ? {} : { trace }) };
};

/** Findings and verdict from the new times, unless rules or lists went into them that only the operator has. */
const renew = async (
  opened: Case,
  store: StoreReader,
  context: CaseContext,
  onProgress: OnProgress,
): Promise<Retimed['verdict']> => {
  const { detect, trace } = await lastActs(opened);
  if (detect === undefined && trace === undefined) return 'none';
  const { rules, indicators, geo } = detect?.params ?? {};
  if (rules !== undefined || indicators !== undefined || geo !== undefined) return 'stale';
  if (detect !== undefined)
    await detectCase({ opened, store, context, rules: [], indicators: [], geo: undefined, onProgress });
  const anchor = trace?.params?.['anchor'];
  if (trace !== undefined)
    await traceCase({ opened, store, context, anchor: typeof anchor === 'string' ? anchor : undefined, onProgress });
  return 'renewed';
};

/**
 * `case retime`: exchanges what is assumed of the times of some streams, without the evidence: what their records say of
 * time is in the store. Audited; findings and verdict follow.
 */
export const retimeCase = async (request: RetimeRequest): Promise<Retimed> => {
  const assumption = assumptionOf(request);
  return withLockedCase({ ...request, context: undefined }, async (opened, store, context) => {
    const plans: StreamPlan[] = [];
    for (const entry of await chosenStreams(opened, request.source))
      plans.push(await planStream(store, entry, assumption));
    const changing = plans.filter(({ sample }) => sample !== undefined);
    const streams = plans.map(printed);
    if (changing.length === 0) return { result: 'unchanged', streams, verdict: 'none' };
    if (request.dryRun) return { result: 'would-change', streams, verdict: 'none' };
    await apply(opened, store, changing, request);
    return { result: 'changed', streams, verdict: await renew(opened, store, context, request.onProgress) };
  });
};
