import type { Case } from '../case/case.ts';
import { EinfallstorError } from '../core/errors.ts';
import { addressClass, inRange, parseCidr } from '../core/net.ts';
import type { CaseContext } from '../detect/context.ts';
import { type StoredEvent, valuesOf } from '../ecs/event.ts';
import { type Hardening, harden, type SeenAddress } from '../harden/harden.ts';
import type { ReportInput } from '../report/report.ts';
import type { StoreReader } from '../store/store.ts';
import type { EventReference, TraceResult } from '../trace/result.ts';
import { streamView, totalsOf } from './case-view.ts';
import { contextOf } from './context.ts';
import { findingsOf } from './detect.ts';
import { judgementsOf } from './judgements.ts';
import { TOOL } from './package.ts';
import { referencesOf } from './references.ts';
import { traceOf } from './trace.ts';

/** The verdict, or what the operator must do first. */
export const requireTrace = async (opened: Case, caseDir: string): Promise<TraceResult> => {
  const trace = await traceOf(opened);
  if (trace === undefined)
    throw new EinfallstorError(
      'NOT_FOUND',
      `${caseDir} has no verdict yet`,
      `Run \`einfallstor detect --case ${caseDir}\` and \`einfallstor trace --case ${caseDir}\` first.`,
    );
  return trace;
};

/** Events that the leading hypothesis' entry and chain cite, at most so many. */
const CITED = 2000;

const citedEvents = async (trace: TraceResult, store: StoreReader): Promise<StoredEvent[]> => {
  const first = trace.hypotheses[0];
  if (first === undefined || trace.verdict === 'none') return [];
  const references = [
    first.entry.events,
    ...first.chain.map((step) => step.events),
    trace.exfiltration.grade === 'shown' ? trace.exfiltration.events : [],
  ].flat();
  return store.get([...new Set(references.map(({ id }) => id))].slice(0, CITED));
};

const SOURCES = ['source.ip', 'destination.ip'];

/** Accounts that used an address successfully; more than this and it is an address many share. */
const SHARED_BY = 3;

const belongsTo = (address: string, context: CaseContext): SeenAddress['belongsTo'] => {
  const inside = (cidr: string): boolean => {
    const range = parseCidr(cidr);
    return range !== undefined && inRange(range, address);
  };
  if (context.networks.some(inside) || context.sites.some((site) => site.networks.some(inside))) return 'own';
  if (context.partners.some(({ source }) => inside(source))) return 'partner';
  return context.providers.some(({ source }) => inside(source)) ? 'provider' : undefined;
};

const isShared = async (address: string, store: StoreReader): Promise<boolean> => {
  const users = await store.top(
    {
      kind: 'and',
      of: [
        { kind: 'field', field: 'source.ip', test: { op: 'like', pattern: [address], cased: false } },
        { kind: 'field', field: 'event.outcome', test: { op: 'like', pattern: ['success'], cased: false } },
      ],
    },
    'user.name',
    SHARED_BY + 1,
  );
  return users.length > SHARED_BY;
};

const seenAddresses = async (
  cited: readonly StoredEvent[],
  store: StoreReader,
  context: CaseContext,
  reference: (event: StoredEvent) => EventReference,
): Promise<SeenAddress[]> => {
  const events = new Map<string, EventReference[]>();
  for (const event of cited) {
    for (const address of new Set(SOURCES.flatMap((name) => valuesOf(event.fields, name).map(String)))) {
      if (addressClass(address) !== 'public') continue;
      events.set(address, [...(events.get(address) ?? []), reference(event)]);
    }
  }
  const seen: SeenAddress[] = [];
  for (const [address, references] of events) {
    const owner = belongsTo(address, context) ?? ((await isShared(address, store)) ? 'shared' : undefined);
    seen.push({ address, events: references.slice(0, 20), belongsTo: owner });
  }
  return seen;
};

/** Measures and block list of a case. */
export const hardeningOf = async (opened: Case, store: StoreReader, trace: TraceResult): Promise<Hardening> => {
  const context = await contextOf(opened, undefined);
  const cited = await citedEvents(trace, store);
  return harden(trace, await seenAddresses(cited, store, context, await referencesOf(opened)));
};

const distinct = (cited: readonly StoredEvent[], names: readonly string[]): string[] =>
  [...new Set(cited.flatMap(({ fields }) => names.flatMap((name) => valuesOf(fields, name).map(String))))].sort();

/** Everything a report says, from the case. */
export const reportInput = async (
  opened: Case,
  store: StoreReader,
  trace: TraceResult,
  asOf: string | undefined,
): Promise<ReportInput> => {
  const items = await opened.items();
  const streams = await opened.streams();
  const cited = await citedEvents(trace, store);
  return {
    caseName: opened.name,
    tool: `${TOOL.name} ${TOOL.version}`,
    asOf,
    exhibits: items.map(({ path, bytes, sha256 }, n) => ({
      exhibit: `EX-${String(n + 1).padStart(3, '0')}`,
      path,
      bytes,
      sha256,
    })),
    streams: streams.map((stream) => ({
      items: 1,
      ...streamView(stream),
      problems: stream.problems.map((p) => `${p.code}: ${p.detail}`),
    })),
    totals: totalsOf(items.length, streams),
    trace,
    findings: await findingsOf(opened),
    judgements: await judgementsOf(opened),
    hardening: await hardeningOf(opened, store, trace),
    scope: {
      systems: distinct(cited, ['host.name', 'observer.name']).slice(0, 100),
      accounts: distinct(cited, ['user.name']).slice(0, 100),
      addresses: distinct(cited, ['source.ip', 'destination.ip'])
        .filter((ip) => addressClass(ip) === 'public')
        .slice(0, 100),
    },
  };
};
