import { type Language, type Told, told } from '../core/said.ts';
import { shellWord } from '../core/text.ts';
import { isoOf } from '../core/time.ts';
import type { Finding } from '../detect/finding.ts';
import { weightOf } from '../trace/board.ts';
import type { EventReference, ScoreTerm, Statement, ToldHypothesis, ToldTrace, TraceResult } from '../trace/result.ts';

/** What the evidence line needs beside the trace. */
export interface EvidenceTotals {
  readonly items: number;
  readonly records: number;
  readonly events: number;
  readonly joined: number;
  readonly skipped: number;
  readonly rejected: number;
}

/** A block of the verdict screen: a label in the margin and lines beside it. Lines hold text from evidence: sanitise before printing. */
export interface ScreenBlock {
  readonly label: string;
  readonly lines: readonly string[];
}

const WORDS = {
  en: {
    entry: 'ENTRY POINT',
    why: 'WHY',
    chain: 'CHAIN',
    else: 'OR ELSE',
    also: 'ALSO',
    another: 'another intrusion, apart from this one',
    missing: 'MISSING',
    left: 'DATA LEFT?',
    evidence: 'EVIDENCE',
    next: 'next',
    line: 'line',
    record: 'record',
    notInTheseLogs: 'not in these logs',
    leads: 'leading explanation',
    none: 'none: no sign of an intrusion in these logs',
    nothingFollowed: 'none shown: the following stands out, and these logs show nothing that came of it',
    suspected: 'an intrusion is suspected, not shown; if there was one, this is how it would have begun:',
    suspectedOnly: 'an intrusion is suspected, not shown, and nothing tells how it began',
    unanswered:
      'no intrusion is shown, but these logs leave open what came of the following; if there was one, this is how it would have begun:',
    unansweredOnly: 'no intrusion is shown, but these logs leave open what came of the following',
    found: 'FOUND',
    undetermined: 'undetermined',
    probable: 'probable',
    determined: 'determined',
    shown: 'shown',
    likely: 'likely',
    'cannot-be-excluded': 'cannot be excluded',
    excluded: 'excluded',
    upTo: 'at most',
    items: 'items',
    records: 'records',
    events: 'events',
    joined: 'joined',
    skipped: 'skipped',
    rejected: 'rejected',
    gap: 'gap',
    more: 'more',
    clocks: 'CLOCKS',
    right: 'put right with',
    reason: 'why',
    priors: 'PRIORS',
    evenly: 'were all ways in equally common',
    same: 'the same leads',
    flip: 'ANOTHER LEADS: it is the prior that decides',
    known: 'Where something is known to have happened all the same, its time, machine or account tells more',
    when: 'TIME',
  },
  de: {
    entry: 'EINFALLSTOR',
    why: 'WARUM',
    chain: 'KETTE',
    else: 'ODER',
    also: 'AUSSERDEM',
    another: 'ein weiterer Einbruch, von diesem getrennt',
    missing: 'ES FEHLT',
    left: 'ABFLUSS?',
    evidence: 'BEWEISE',
    next: 'nächste',
    line: 'Zeile',
    record: 'Datensatz',
    notInTheseLogs: 'nicht in diesen Protokollen',
    leads: 'führende Erklärung',
    none: 'keines: kein Anzeichen eines Einbruchs in diesen Protokollen',
    nothingFollowed: 'keines belegt: Folgendes fällt auf, und diese Protokolle zeigen nichts, was daraus wurde',
    suspected: 'ein Einbruch ist zu vermuten, nicht belegt; gab es einen, so begann er am ehesten so:',
    suspectedOnly: 'ein Einbruch ist zu vermuten, nicht belegt, und nichts zeigt, wie er begann',
    unanswered:
      'kein Einbruch ist belegt, aber diese Protokolle lassen offen, was aus dem Folgenden wurde; gab es einen, so begann er am ehesten so:',
    unansweredOnly: 'kein Einbruch ist belegt, aber diese Protokolle lassen offen, was aus dem Folgenden wurde',
    found: 'AUFFÄLLIG',
    undetermined: 'ungeklärt',
    probable: 'wahrscheinlich',
    determined: 'festgestellt',
    shown: 'bestätigt',
    likely: 'wahrscheinlich',
    'cannot-be-excluded': 'nicht auszuschließen',
    excluded: 'ausgeschlossen',
    upTo: 'höchstens',
    items: 'Stücke',
    records: 'Datensätze',
    events: 'Ereignisse',
    joined: 'angefügt',
    skipped: 'übersprungen',
    rejected: 'zurückgewiesen',
    gap: 'Lücke',
    more: 'weitere',
    clocks: 'UHREN',
    right: 'berichtigen mit',
    reason: 'Grund',
    priors: 'VORANNAHMEN',
    evenly: 'wären alle Wege hinein gleich häufig',
    same: 'dieselbe führt',
    flip: 'EINE ANDERE FÜHRT: die Vorannahme entscheidet',
    known: 'Ist bekannt, dass dennoch etwas geschah, so führen Zeit, Rechner oder Konto weiter',
    when: 'ZEIT',
  },
} as const satisfies Record<Language, Record<string, string>>;

type Words = (typeof WORDS)[Language];

/** Never a certainty: what rounds to 100 or 0 is said to be more or less than the last whole percent. */
const percent = (probability: number): string => {
  if (probability > 0.99) return '> 99 %';
  return probability < 0.01 ? '< 1 %' : `${Math.round(probability * 100)} %`;
};

/** `2021-10-31T22:14:07.000Z` → `2021-10-31 22:14:07 UTC` */
const time = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;

const place = (reference: EventReference | undefined, words: Words): string => {
  if (reference === undefined) return '';
  const { path, line, record } = reference.evidence;
  return line === null ? `${path} ${words.record} ${record ?? '?'}` : `${path} ${words.line} ${line}`;
};

const signed = (nats: number): string => `${nats < 0 ? '−' : '+'}${Math.abs(nats).toFixed(1)}`;

/** Terms that move the score most, those for before those against. */
const telling = (terms: readonly Told<ScoreTerm>[], most: number): Told<ScoreTerm>[] =>
  [...terms]
    .filter((term) => Math.abs(term.nats) >= 0.05)
    .sort((a, b) => Math.abs(b.nats) - Math.abs(a.nats))
    .slice(0, most)
    .sort((a, b) => b.nats - a.nats);

const scored = (terms: readonly Told<ScoreTerm>[], most: number): string[] =>
  telling(terms, most).map((t) => `${signed(t.nats)}  ${t.because}`);

const statements = (list: readonly Told<Statement>[], most: number): string[] => list.slice(0, most).map((s) => s.text);

const techniques = (hypothesis: ToldHypothesis): string => {
  const list = [hypothesis.technique, ...hypothesis.chain.map((step) => step.technique)];
  return [...new Set(list.filter((t) => t !== ''))].slice(0, 4).join(', ');
};

/** Nats below which a finding is everyday. */
const STRIKING = 1;
const MOST_FOUND = 8;

/**
 * Findings that a reader should know of where no intrusion is shown: the weightiest of each rule, heaviest first. What
 * a rule says of many it says of nobody: of its weight, the logarithm of its findings is taken.
 */
const strikingOf = (findings: readonly Finding[]): Finding[] => {
  const byRule = new Map<string, Finding[]>();
  for (const f of findings) {
    const own = byRule.get(f.rule);
    if (own === undefined) byRule.set(f.rule, [f]);
    else own.push(f);
  }
  return [...byRule.values()]
    .map((own) => {
      const [best] = own.sort((a, b) => weightOf(b) - weightOf(a) || a.from - b.from || (a.id < b.id ? -1 : 1));
      return { finding: best as Finding, nats: weightOf(best as Finding) - Math.log(own.length) };
    })
    .filter(({ nats }) => nats >= STRIKING)
    .sort((a, b) => b.nats - a.nats || a.finding.from - b.finding.from || (a.finding.id < b.finding.id ? -1 : 1))
    .map(({ finding }) => finding);
};

interface Found {
  readonly time: string;
  /** Tactic of an act, level of a finding. */
  readonly kind: string;
  readonly text: string;
}

/** Acts that stand out, and the striking findings that are none of them. */
const foundIn = (result: ToldTrace, findings: readonly Finding[], language: Language): Found[] => {
  const acts = result.standsOut ?? [];
  const named = new Set(acts.flatMap(({ events }) => events.map(({ id }) => id)));
  return [
    ...acts.map(({ timestamp, stage, summary }) => ({ time: timestamp, kind: stage, text: summary })),
    ...strikingOf(findings)
      .filter(({ events }) => !events.some((id) => named.has(id)))
      .map((f) => ({ time: isoOf(f.from), kind: f.level, text: told(f.fact, language) })),
  ];
};

const foundBlock = (found: readonly Found[], words: Words): ScreenBlock => ({
  label: words.found,
  lines: [
    ...found
      .slice(0, MOST_FOUND)
      .map(({ time, kind, text }) => `${time.slice(5, 16).replace('T', ' ')}  ${kind.padEnd(20)}  ${text}`),
    ...(found.length > MOST_FOUND ? [`… ${found.length - MOST_FOUND} ${words.more}`] : []),
  ],
});

const entryBlock = (result: ToldTrace, found: readonly Found[], words: Words): ScreenBlock => {
  if (result.verdict === 'none')
    return { label: words.entry, lines: [found.length === 0 ? words.none : words.nothingFollowed] };
  const [first, second] = result.hypotheses;
  const silent = result.notInTheseLogs.probability;
  const only = { suspected: words.suspectedOnly, unanswered: words.unansweredOnly };
  const doubt = result.intrusion === 'suspected' || result.intrusion === 'unanswered' ? result.intrusion : undefined;
  if (first === undefined || !leads(result)) {
    const why = doubt === undefined ? `${words.notInTheseLogs} ${percent(silent)} (${words.leads})` : only[doubt];
    return { label: words.entry, lines: [`${words.undetermined}; ${why}`] };
  }
  const rival = Math.max(second?.probability ?? 0, silent);
  const head = `${words[result.verdict]}, ${percent(first.probability)} (${words.next}: ${percent(rival)})`;
  return {
    label: words.entry,
    lines: [
      head,
      ...(doubt === undefined ? [] : [words[doubt]]),
      first.title,
      `${time(first.entry.timestamp)} ± ${first.entry.uncertaintySeconds} s    ${place(first.entry.events[0], words)}    ${techniques(first)}`,
    ],
  };
};

/** Whether an act leads, and not what no log shows. */
export const leads = ({ hypotheses: [first], notInTheseLogs }: ToldTrace): boolean =>
  first !== undefined && first.probability >= notInTheseLogs.probability;

const rivalsBlock = (result: ToldTrace, words: Words): ScreenBlock => {
  const rivals = (leads(result) ? result.hypotheses.slice(1, 4) : result.hypotheses.slice(0, 3)).map((h) => ({
    probability: h.probability,
    text: `${h.title}${h.against[0] === undefined ? '' : ` (${h.against[0].text})`}`,
  }));
  const silent = { probability: result.notInTheseLogs.probability, text: words.notInTheseLogs };
  const all = [...rivals, ...(leads(result) ? [silent] : [])]
    .sort((a, b) => b.probability - a.probability)
    .map((rival, n) => `${n + 2}  ${percent(rival.probability).padStart(6)}  ${rival.text}`);
  return { label: words.else, lines: all };
};

/** Intrusions with another beginning. */
const othersBlock = ({ otherChains }: ToldTrace, words: Words): ScreenBlock => ({
  label: words.also,
  lines: otherChains.flatMap(({ hypotheses: [h] }) =>
    h === undefined
      ? []
      : [
          `${words.another}, ${percent(h.probability)}: ${h.title}`,
          `${time(h.entry.timestamp)} ± ${h.entry.uncertaintySeconds} s    ${place(h.entry.events[0], words)}    ${techniques(h)}`,
        ],
  ),
});

/** The ranking without priors, in one line: a lead that the prior alone gives must show. */
const priorsBlock = ({ uniformPriors }: ToldTrace, words: Words): ScreenBlock => {
  if (uniformPriors === undefined) return { label: words.priors, lines: [] };
  const { hypotheses, notInTheseLogs, flips } = uniformPriors;
  const ranked = [
    ...hypotheses.slice(0, 4).map(({ rank, probability }) => `${rank}: ${percent(probability)}`),
    `${words.notInTheseLogs}: ${percent(notInTheseLogs)}`,
  ];
  return { label: words.priors, lines: [`${words.evenly}: ${ranked.join(', ')}; ${flips ? words.flip : words.same}`] };
};

/** The command that corrects the times of a source. */
export const retimeCommand = (caseDir: string, args: readonly string[], reason: string): string =>
  ['einfallstor', 'case', 'retime', '--case', caseDir, ...args, '--reason', reason].map(shellWord).join(' ');

/** How to ask again from what the customer knows. */
const knownMore = (caseDir: string, words: Words): string =>
  `${words.known}: ${['einfallstor', 'trace', '--case', caseDir, '--anchor'].map(shellWord).join(' ')} ${words.when}`;

/** Sources with a wrong clock or zone, and how to put them right. */
const clocksBlock = (result: ToldTrace, caseDir: string, words: Words): ScreenBlock => ({
  label: words.clocks,
  lines: (result.clocks ?? []).flatMap(({ source, because, retime }) => [
    `${source}: ${because}`,
    ...retime.map((args) => `${words.right}: ${retimeCommand(caseDir, args, `${words.reason}?`)}`),
  ]),
});

/** Steps that one screen has room for. */
const MOST_STEPS = 11;

/** Repeated returns and hops are left out first, the later ones before the earlier; the first and last step of a stage stay. */
const toldSteps = (chain: ToldHypothesis['chain']): ReadonlySet<ToldHypothesis['chain'][number]> => {
  const ofStage = (step: (typeof chain)[number]) => chain.filter(({ stage }) => stage === step.stage);
  const rank = (step: (typeof chain)[number]): number => {
    const same = ofStage(step);
    return step === same[0] ? 0 : step === same[same.length - 1] ? 1 : 2;
  };
  const kept = [0, 1, 2].flatMap((wanted) => chain.filter((step) => rank(step) === wanted));
  return new Set(kept.slice(0, MOST_STEPS));
};

const chainLines = (hypothesis: ToldHypothesis, words: Words): string[] => {
  const kept = toldSteps(hypothesis.chain);
  const lines: string[] = [];
  let left = 0;
  for (const step of hypothesis.chain) {
    if (!kept.has(step)) {
      left += 1;
      continue;
    }
    if (left > 0) lines.push(`… ${left} ${words.more}`);
    left = 0;
    lines.push(`${step.timestamp.slice(5, 16).replace('T', ' ')}  ${step.stage.padEnd(20)} ${step.summary}`);
  }
  return left > 0 ? [...lines, `… ${left} ${words.more}`] : lines;
};

/** Rounded up: nothing may lie above a bound. */
const bytes = (n: number): string => {
  const unit = (
    [
      [1e9, 'GB'],
      [1e6, 'MB'],
      [1e3, 'kB'],
    ] as const
  ).find(([size]) => n >= size);
  return unit === undefined ? `${n} B` : `${(Math.ceil((n / unit[0]) * 10) / 10).toFixed(1)} ${unit[1]}`;
};

const leftBlock = (result: ToldTrace, words: Words): ScreenBlock => {
  const { grade, because, bytesUpperBound } = result.exfiltration;
  const bound = bytesUpperBound === null ? '' : ` (${words.upTo} ${bytes(bytesUpperBound)})`;
  return { label: words.left, lines: [`${words[grade]}${bound}: ${because}`] };
};

const evidenceBlock = (result: ToldTrace, totals: EvidenceTotals, words: Words): ScreenBlock => {
  const n = (value: number): string => value.toLocaleString('en');
  const sum = `${totals.items} ${words.items}, ${n(totals.records)} ${words.records} = ${n(totals.events)} ${words.events} + ${n(totals.joined)} ${words.joined} + ${n(totals.skipped)} ${words.skipped} + ${n(totals.rejected)} ${words.rejected}`;
  const gaps = result.coverage.flatMap((c) =>
    c.gaps.map((g) => `${words.gap}: ${c.source} (${c.class}) ${time(g.from)} – ${time(g.to)}`),
  );
  return {
    label: words.evidence,
    lines: [sum, ...gaps.slice(0, 4), ...(gaps.length > 4 ? [`… ${gaps.length - 4}`] : [])],
  };
};

/** What the verdict screen tells of. */
export interface Shown {
  readonly trace: TraceResult;
  /** Those that nobody muted. */
  readonly findings: readonly Finding[];
  readonly totals: EvidenceTotals;
  readonly language: Language;
  readonly caseDir: string;
}

/** The verdict on one screen: what, when, how sure, why, what else it could be, what is missing, did data leave. */
export const verdictScreen = ({ trace, findings, totals, language, caseDir }: Shown): ScreenBlock[] => {
  const words = WORDS[language];
  const result = told(trace, language);
  const first = result.hypotheses[0];
  // verdicts of earlier versions do not say how far an intrusion is shown
  const isShown = result.intrusion === 'shown' || (result.intrusion === undefined && result.verdict !== 'none');
  const isTold = isShown && leads(result);
  const found = isTold ? [] : foundIn(result, findings, language);
  const blocks: ScreenBlock[] = [entryBlock(result, found, words), foundBlock(found, words)];
  if (first !== undefined) {
    if (leads(result)) {
      blocks.push({ label: words.why, lines: scored(first.score, 7) });
      blocks.push({ label: words.chain, lines: chainLines(first, words) });
    }
    blocks.push(rivalsBlock(result, words));
    blocks.push(othersBlock(result, words));
    blocks.push(priorsBlock(result, words));
  }
  const missing = [
    ...(result.unanswered ?? []),
    ...statements(first?.missing ?? [], 4),
    ...(result.verdict === 'none' ? [knownMore(caseDir, words)] : []),
  ];
  blocks.push({ label: words.missing, lines: missing });
  blocks.push(leftBlock(result, words));
  blocks.push(clocksBlock(result, caseDir, words));
  blocks.push(evidenceBlock(result, totals, words));
  return blocks.filter((block) => block.lines.length > 0);
};
