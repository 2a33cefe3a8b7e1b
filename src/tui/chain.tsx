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

/** Hypotheses with their chains, as lines. */
export const chainLines = (trace: ToldTrace | undefined): ChainLine[] => {
  if (trace === undefined)
    return [{ text: 'no verdict yet: run `einfallstor trace --case …`', strong: false, event: undefined }];
  const plain = (text: string): ChainLine => ({ text, strong: false, event: undefined });
  const head: ChainLine = { text: `verdict: ${trace.verdict}`, strong: true, event: undefined };
  const hypotheses = trace.hypotheses.slice(0, 8).flatMap((h): ChainLine[] => {
    const first = h.entry.events[0];
    const entry = first === undefined ? undefined : { id: first.id, timestamp: h.entry.timestamp };
    return [
      { text: `${h.rank}  ${percent(h.probability)}  ${h.title}`, strong: true, event: entry },
      ...(h.rank > 3
        ? []
        : [
            ...h.chain.map((step): ChainLine => {
              const event = step.events[0];
              return {
                text: `     ${time(step.timestamp)}  ${step.stage.padEnd(20)} ${step.summary}`,
                strong: false,
                event: event === undefined ? undefined : { id: event.id, timestamp: step.timestamp },
              };
            }),
            ...h.score.map((term) =>
              plain(`     ${term.nats < 0 ? '−' : '+'}${Math.abs(term.nats).toFixed(1)}  ${term.because}`),
            ),
            ...h.missing.map((s) => plain(`     missing: ${s.text}`)),
          ]),
    ];
  });
  return [
    head,
    ...hypotheses,
    { text: `   ${percent(trace.notInTheseLogs.probability)}  not in these logs`, strong: true, event: undefined },
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
