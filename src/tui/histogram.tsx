import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import { isoOf } from '../core/time.ts';
import type { Histogram as Data } from './use-explorer.ts';

const BLOCKS = ' ▁▂▃▄▅▆▇█';

/** Bars of `rows` lines, eight steps a line; a count that is not zero shows at least the lowest step. */
export const bars = (counts: readonly number[], rows: number): string[] => {
  const most = Math.max(1, ...counts);
  const steps = counts.map((count) => (count === 0 ? 0 : Math.max(1, Math.round((count / most) * rows * 8))));
  return Array.from({ length: rows }, (_, n) => {
    const base = (rows - 1 - n) * 8;
    return steps.map((step) => BLOCKS[Math.max(0, Math.min(8, step - base))]).join('');
  });
};

const ROWS = 3;

/** Events over time, and the stretch it shows. */
export const Histogram = ({ data, width }: { data: Data | undefined; width: number }): ReactNode => {
  if (data === undefined) return <Box height={ROWS + 1} />;
  const label = (micros: number): string => isoOf(micros).slice(0, 16).replace('T', ' ');
  const [from, to] = [label(data.range.from), `${label(data.range.to - 1)} UTC`];
  return (
    <Box flexDirection="column">
      {bars(data.counts, ROWS).map((row, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity but their place
        <Text key={n} color="cyan" wrap="truncate">
          {row}
        </Text>
      ))}
      <Text dimColor wrap="truncate">
        {from}
        {' '.repeat(Math.max(1, width - from.length - to.length))}
        {to}
      </Text>
    </Box>
  );
};
