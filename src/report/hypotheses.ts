import type { ToldHypothesis, ToldTrace } from '../trace/result.ts';
import { type Block, heading, paragraph, table } from './blocks.ts';
import { percent, places, signed, statement, time } from './cited.ts';
import type { ReportWords } from './words.ts';

const hypothesis = (h: ToldHypothesis, words: ReportWords): Block[] => {
  const c = words.columns;
  return [
    heading(3, `${h.rank}. ${h.title} – ${percent(h.probability)}`),
    ...h.for.map((s) => statement(words.supports, s, words)),
    ...h.against.map((s) => statement(words.against, s, words)),
    ...h.missing.map((s) => statement(words.missing, s, words)),
    table(
      [c.term, c.nats, c.because],
      h.score.map((t) => [t.term, signed(t.nats), t.because]),
    ),
  ];
};

/** The ranking with and without priors, side by side. */
const uniform = (trace: ToldTrace, words: ReportWords): Block[] => {
  const { uniformPriors } = trace;
  if (uniformPriors === undefined) return [];
  const c = words.columns;
  return [
    heading(3, words.uniform),
    paragraph(uniformPriors.flips ? words.flips : words.holds),
    table(
      [c.rank, c.what, c.probability, c.uniform],
      [
        ...trace.hypotheses
          .slice(0, 10)
          .map((h, i) => [
            String(h.rank),
            h.title,
            percent(h.probability),
            percent(uniformPriors.hypotheses[i]?.probability ?? 0),
          ]),
        ['–', words.notInTheseLogs, percent(trace.notInTheseLogs.probability), percent(uniformPriors.notInTheseLogs)],
      ],
    ),
  ];
};

/** Hypotheses printed in full; the others follow in one table. */
const IN_FULL = 3;

/** The hypotheses with their reckoning, and what else may have been. */
export const alternatives = (trace: ToldTrace, words: ReportWords): Block[] => {
  const c = words.columns;
  return [
    heading(2, words.sections.alternatives),
    ...trace.hypotheses.slice(0, IN_FULL).flatMap((h) => hypothesis(h, words)),
    heading(3, `${words.notInTheseLogs} – ${percent(trace.notInTheseLogs.probability)}`),
    table(
      [c.term, c.nats, c.because],
      trace.notInTheseLogs.score.map((t) => [t.term, signed(t.nats), t.because]),
    ),
    ...uniform(trace, words),
    table(
      [c.rank, c.probability, c.what],
      trace.hypotheses.slice(IN_FULL, 20).map((h) => [String(h.rank), percent(h.probability), h.title]),
    ),
    ...others(trace, words),
  ].filter((block) => block.kind !== 'table' || block.rows.length > 0);
};

/** Intrusions with another beginning, each with its leading hypothesis and chain. */
const others = (trace: ToldTrace, words: ReportWords): Block[] => {
  return trace.otherChains.flatMap(({ hypotheses }) =>
    hypotheses
      .slice(0, 1)
      .flatMap((h) => [
        heading(3, `${words.another}: ${h.title} – ${percent(h.probability)}`),
        ...h.for.map((s) => statement(words.supports, s, words)),
        chainTable(h.chain, words),
      ]),
  );
};

/** A chain of acts, one a row. */
export const chainTable = (chain: ToldHypothesis['chain'], words: ReportWords): Block => {
  const c = words.columns;
  return table(
    [c.time, c.stage, c.technique, c.what, c.place],
    chain.map((s) => [
      time(s.timestamp),
      s.stage,
      s.technique,
      s.summary,
      places(s.events, words).slice(0, 2).join('; '),
    ]),
  );
};
