import { formatDuration, intervalToDuration } from 'date-fns';
import { de, enGB } from 'date-fns/locale';
import { type Language, type Told, told } from '../core/said.ts';
import type { Finding } from '../detect/finding.ts';
import type { Hardening } from '../harden/harden.ts';
import type { TraceResult } from '../trace/result.ts';
import { type Block, heading, list, paragraph, table } from './blocks.ts';
import { percent, places, time } from './cited.ts';
import { alternatives, chainTable } from './hypotheses.ts';
import { type EvidenceTotals, leads, retimeCommand } from './screen.ts';
import { type ReportWords, WORDS } from './words.ts';

/** An exhibit and what reading it gave. */
export interface ReportExhibit {
  /** `EX-001`; numbered in the order of the items journal. */
  readonly exhibit: string;
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface ReportStream extends EvidenceTotals {
  readonly path: string;
  /** Parser ids with counts, most first. */
  readonly parsers: readonly string[];
  /** Zone and year assumed, in words; empty when everything was stated. */
  readonly assumptions: readonly string[];
  readonly problems: readonly string[];
}

export interface ReportInput {
  readonly caseName: string;
  readonly tool: string;
  /** ISO date the report speaks of; given by the operator, never the clock. */
  readonly asOf: string | undefined;
  readonly exhibits: readonly ReportExhibit[];
  readonly streams: readonly ReportStream[];
  readonly totals: EvidenceTotals;
  readonly trace: TraceResult;
  readonly findings: readonly Finding[];
  /** What analysts decided about findings, with their reasons. */
  readonly judgements: readonly {
    readonly finding: string;
    readonly kind: 'mute' | 'confirm';
    readonly reason: string;
    readonly author: string;
    readonly ts: string;
  }[];
  readonly hardening: Hardening;
  /** Hosts, accounts and outside addresses that the leading chain names. */
  readonly scope: {
    readonly systems: readonly string[];
    readonly accounts: readonly string[];
    readonly addresses: readonly string[];
  };
}

const verdictText = ({ trace }: ToldInput, words: ReportWords): string =>
  words.verdictText[trace.intrusion === undefined || trace.intrusion === 'shown' ? trace.verdict : trace.intrusion];

/** Where no intrusion is shown: what stands out all the same. */
const standsOut = ({ trace }: ToldInput, words: ReportWords): Block[] => {
  const acts = trace.standsOut ?? [];
  const unanswered = trace.unanswered ?? [];
  const open = unanswered.length === 0 ? [] : [list(unanswered)];
  return acts.length === 0
    ? open
    : [
        heading(3, words.standsOut),
        ...acts.map(
          ({ timestamp, stage, summary, events }): Block => ({
            kind: 'statement',
            nature: words.finding,
            text: `${time(timestamp)}, ${stage}: ${summary}`,
            places: places(events, words),
          }),
        ),
        ...open,
      ];
};

/** Where no log shows the entry, the likeliest of the acts that they do show is no inference to draw. */
const leading = ({ trace }: ToldInput): ToldInput['trace']['hypotheses'][number] | undefined =>
  leads(trace) ? trace.hypotheses[0] : undefined;

const summary = (input: ToldInput, words: ReportWords): Block[] => {
  const { trace } = input;
  const first = leading(input);
  const blocks: Block[] = [
    heading(2, words.sections.summary),
    {
      kind: 'statement',
      nature: words.sections.entry.slice(2),
      text: `${words.verdict[trace.verdict]}. ${verdictText(input, words)}`,
      places: [],
    },
  ];
  if (first === undefined && trace.intrusion === 'shown')
    blocks.push({
      kind: 'statement',
      nature: words.inference,
      text: `${words.notInTheseLogs} (${percent(trace.notInTheseLogs.probability)})`,
      places: [],
    });
  if (first !== undefined) {
    blocks.push({
      kind: 'statement',
      nature: words.inference,
      text: `${first.title} (${percent(first.probability)})`,
      places: places(first.entry.events, words),
    });
  }
  for (const { hypotheses } of trace.otherChains) {
    const [other] = hypotheses;
    if (other === undefined) continue;
    blocks.push({
      kind: 'statement',
      nature: words.inference,
      text: `${words.another}: ${other.title} (${percent(other.probability)})`,
      places: places(other.entry.events, words),
    });
  }
  if (trace.verdict !== 'none') {
    blocks.push({
      kind: 'statement',
      nature: words.sections.exfiltration.slice(3),
      text: `${words.grade[trace.exfiltration.grade]}: ${trace.exfiltration.because}`,
      places: places(trace.exfiltration.events, words),
    });
  }
  return blocks;
};

const exhibits = (input: ToldInput, words: ReportWords): Block[] => {
  const c = words.columns;
  const n = (value: number): string => String(value);
  return [
    heading(2, words.sections.exhibits),
    table(
      [c.exhibit, c.path, c.bytes, c.sha256],
      input.exhibits.map((e) => [e.exhibit, e.path, n(e.bytes), e.sha256]),
    ),
    table(
      [c.path, c.parser, c.records, c.events, c.joined, c.skipped, c.rejected, c.assumptions],
      input.streams.map((s) => [
        s.path,
        s.parsers.join(', ') || '–',
        n(s.records),
        n(s.events),
        n(s.joined),
        n(s.skipped),
        n(s.rejected),
        s.assumptions.join(', ') || '–',
      ]),
    ),
    ...input.streams.flatMap((s) =>
      s.problems.map((p): Block => ({ kind: 'statement', nature: words.problems, text: p, places: [s.path] })),
    ),
  ];
};

/** `2 hours 10 minutes` */
type ToldInput = Told<ReportInput>;

const lasting = (from: string, to: string, language: Language): string =>
  formatDuration(intervalToDuration({ start: from, end: to }), {
    format: ['years', 'months', 'days', 'hours', 'minutes'],
    locale: language === 'de' ? de : enGB,
  });

const coverage = (input: ToldInput, words: ReportWords, language: Language): Block[] => {
  const c = words.columns;
  return [
    heading(2, words.sections.coverage),
    table(
      [c.source, c.class, c.from, c.to, c.gaps],
      input.trace.coverage.map((row) => [
        row.source,
        row.class,
        time(row.from),
        time(row.to),
        row.gaps
          .map((g) => `${time(g.from)} – ${time(g.to)} (${lasting(g.from, g.to, language)}): ${g.because}`)
          .join('; ') || words.none,
      ]),
    ),
    ...(input.trace.clocks ?? []).map(
      ({ source, because, events, retime }): Block => ({
        kind: 'statement',
        nature: words.clock,
        text: `${source}: ${because}. ${words.putRight}: ${retime.map((args) => retimeCommand(`${input.caseName}.case`, args, '…')).join('; ')}`,
        places: places(events, words),
      }),
    ),
  ];
};

const entry = (input: ToldInput, words: ReportWords): Block[] => {
  const first = leading(input);
  const blocks: Block[] = [heading(2, words.sections.entry), paragraph(verdictText(input, words))];
  if (first === undefined) return [...blocks, ...standsOut(input, words)];
  return [
    ...blocks,
    { kind: 'statement', nature: words.inference, text: first.title, places: [] },
    {
      kind: 'statement',
      nature: words.finding,
      text: `${time(first.entry.timestamp)} (${words.uncertainty} ± ${first.entry.uncertaintySeconds} s), ${first.technique}: ${first.entry.summary}`,
      places: places(first.entry.events, words),
    },
    ...standsOut(input, words),
  ];
};

const timeline = (input: ToldInput, words: ReportWords): Block[] => [
  heading(2, words.sections.timeline),
  chainTable(input.trace.hypotheses[0]?.chain ?? [], words),
];

const scope = (input: ToldInput, words: ReportWords): Block[] => [
  heading(2, words.sections.scope),
  list([
    `${words.systems}: ${input.scope.systems.join(', ') || words.none}`,
    `${words.accounts}: ${input.scope.accounts.join(', ') || words.none}`,
    `${words.addresses}: ${input.scope.addresses.join(', ') || words.none}`,
  ]),
];

const exfiltration = (input: ToldInput, words: ReportWords): Block[] => {
  const { grade, because, bytesUpperBound, events } = input.trace.exfiltration;
  const bound = bytesUpperBound === null ? words.unbounded : `${words.upTo} ${bytesUpperBound} bytes`;
  return [
    heading(2, words.sections.exfiltration),
    { kind: 'statement', nature: words.grade[grade], text: `${because} (${bound})`, places: places(events, words) },
  ];
};

const measures = (input: ToldInput, words: ReportWords, _language: Language): Block[] => {
  const c = words.columns;
  const rows = input.hardening.steps.flatMap((step) =>
    step.measures.map((m) => [
      `${step.technique}: ${step.summary}`,
      `${m.title}. ${m.action}`,
      [m.mitigations.join(' '), m.grundschutz.join(' '), `CIS ${m.cis.join(' ')}`].join(' · '),
      places(step.events, words)[0] ?? '',
    ]),
  );
  return [
    heading(2, words.sections.measures),
    table([c.what, c.measure, c.references, c.place], rows),
    heading(3, words.blockList),
    table(
      [c.source, '', c.because],
      input.hardening.blockList.map((b) => [b.address, b.block ? '✓' : '–', b.because]),
    ),
  ];
};

/** Findings listed; more would bury the reader, the package holds them all. */
const FINDINGS = 100;
const SEVERITY = ['critical', 'high', 'medium', 'low', 'informational'];

const row = (f: ToldInput['findings'][number]): string[] => [
  f.level,
  time(new Date(f.from / 1000).toISOString()),
  f.title,
  f.fact,
];

/** Findings an analyst confirmed or muted, all of them, with who said why and when. */
const judged = (input: ToldInput, kind: 'mute' | 'confirm', title: string, words: ReportWords): Block[] => {
  const c = words.columns;
  const rows = input.judgements
    .filter((j) => j.kind === kind)
    .flatMap((j) =>
      input.findings
        .filter((f) => f.id === j.finding)
        .map((f) => [...row(f), `${j.reason} (${j.author}, ${time(j.ts)})`]),
    );
  return rows.length === 0 ? [] : [heading(3, title), table([c.level, c.time, c.rule, c.fact, c.because], rows)];
};

const findings = (input: ToldInput, words: ReportWords): Block[] => {
  const c = words.columns;
  const muted = new Set(input.judgements.flatMap((j) => (j.kind === 'mute' ? [j.finding] : [])));
  const sorted = [...input.findings].sort(
    (a, b) => SEVERITY.indexOf(a.level) - SEVERITY.indexOf(b.level) || a.from - b.from,
  );
  return [
    heading(2, `${words.sections.findings} (${input.findings.length})`),
    table(
      [c.level, c.time, c.rule, c.fact],
      sorted
        .filter((f) => !muted.has(f.id))
        .slice(0, FINDINGS)
        .map(row),
    ),
    ...judged(input, 'confirm', words.confirmed, words),
    ...judged(input, 'mute', words.muted, words),
  ];
};

/** The whole report as blocks, in one language. Deterministic: equal input, equal blocks. */
export const report = (given: ReportInput, language: Language): Block[] => {
  const input = told(given, language);
  const words = WORDS[language];
  const head = [
    `${words.case}: ${input.caseName}`,
    `${words.tool}: ${input.tool}`,
    ...(input.asOf === undefined ? [] : [`${words.asOf}: ${input.asOf}`]),
  ];
  return [
    heading(1, words.title),
    list(head),
    ...summary(input, words),
    heading(2, words.sections.mandate),
    paragraph(words.toComplete),
    ...exhibits(input, words),
    heading(2, words.sections.method),
    list(words.methodText),
    ...coverage(input, words, language),
    ...entry(input, words),
    ...(input.trace.verdict === 'none' ? [] : alternatives(input.trace, words)),
    ...timeline(input, words),
    ...scope(input, words),
    ...exfiltration(input, words),
    heading(2, words.sections.personal),
    paragraph(words.personalText),
    ...measures(input, words, language),
    heading(2, words.sections.notification),
    paragraph(words.notificationText),
    ...findings(input, words),
  ];
};
