import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import type { ToldTrace } from '../app/explorer.ts';
import { sanitize } from '../core/sanitize.ts';

/** A line of the chain view; those with an event can be jumped to. */
export interface ChainLine {
  readonly text: string;
  readonly strong: boolean;
  readonly event: { readonly id: string; readonly timestamp: string } | undefined;
}

/** Never a certainty. */
const percent = (probability: number): string =>
  (probability > 0.99 ? '> 99 %' : probability < 0.01 ? '< 1 %' : `${Math.round(probability * 100)} %`).padStart(6);
const time = (iso: string): string => iso.slice(0, 19).replace('T', ' ');

type Hypothesis = ToldTrace['hypotheses'][number];
type Step = Hypothesis['chain'][number];

const plain = (text: string): ChainLine => ({ text, strong: false, event: undefined });
const strong = (text: string, event: ChainLine['event'] = undefined): ChainLine => ({ text, strong: true, event });

const stepLine = ({ timestamp, stage, summary, events: [event] }: Step): ChainLine => ({
  text: `     ${time(timestamp)}  ${stage.padEnd(20)} ${summary}`,
  strong: false,
  event: event === undefined ? undefined : { id: event.id, timestamp },
});

const headLine = (h: Hypothesis): ChainLine => {
  const first = h.entry.events[0];
  const entry = first === undefined ? undefined : { id: first.id, timestamp: h.entry.timestamp };
  return strong(`${h.rank}  ${percent(h.probability)}  ${h.title}`, entry);
};

const inFull = (h: Hypothesis): ChainLine[] => [
  headLine(h),
  ...h.chain.map(stepLine),
  ...h.score.map((term) =>
    plain(`     ${term.nats < 0 ? '−' : '+'}${Math.abs(term.nats).toFixed(1)}  ${term.because}`),
  ),
  ...h.missing.map((s) => plain(`     missing: ${s.text}`)),
];

/** Hypotheses told with their chains; the others are named. */
const IN_FULL = 3;

/** What is said where an intrusion is not shown, and not none. */
const DOUBTS: Readonly<Record<string, string>> = {
  suspected: ' (an intrusion is suspected, not shown)',
  unanswered: ' (no intrusion is shown, but these logs leave open what came of it)',
};

/** Hypotheses with their chains, as lines. */
export const chainLines = (trace: ToldTrace | undefined): ChainLine[] => {
  if (trace === undefined) return [plain('no verdict yet: run `einfallstor trace --case …`')];
  const standsOut = trace.standsOut ?? [];
  return [
    strong(`verdict: ${trace.verdict}${DOUBTS[trace.intrusion ?? 'shown'] ?? ''}`),
    ...(standsOut.length === 0 ? [] : [strong('stands out:'), ...standsOut.map(stepLine)]),
    ...(trace.unanswered ?? []).map((text) => plain(`     missing: ${text}`)),
    ...trace.hypotheses.slice(0, 8).flatMap((h) => (h.rank > IN_FULL ? [headLine(h)] : inFull(h))),
    strong(`   ${percent(trace.notInTheseLogs.probability)}  not in these logs`),
    ...trace.otherChains.flatMap(({ hypotheses }) => [
      strong('another intrusion, apart from this one:'),
      ...hypotheses.slice(0, 1).flatMap(inFull),
    ]),
    plain(`data left? ${trace.exfiltration.grade}: ${trace.exfiltration.because}`),
  ];
};

/** The hypotheses and their chains; Enter on a line jumps to its event. */
export const Chain = ({
  lines,
  selected,
  height,
}: {
  lines: readonly ChainLine[];
  selected: number;
  height: number;
}): ReactNode => {
  const top = Math.max(0, Math.min(selected - Math.floor(height / 2), lines.length - height));
  return (
    <Box flexDirection="column" height={height}>
      {lines.slice(top, top + height).map((line, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place
        <Text key={top + n} wrap="truncate" bold={line.strong} inverse={top + n === selected}>
          {sanitize(line.text)}
        </Text>
      ))}
    </Box>
  );
};
