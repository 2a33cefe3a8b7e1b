import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import type { Range, ToldTrace } from '../app/explorer.ts';
import { sanitize } from '../core/sanitize.ts';
import { HOUR, MINUTE } from '../core/time.ts';

/** A stretch of the time axis: a log is there, is silent although it should not be, or does not reach. */
export interface Run {
  readonly kind: 'covered' | 'gap' | 'none';
  readonly cells: number;
}

/** A line of the coverage view; those with a range can be jumped to. */
export interface CoverageLine {
  readonly text: string;
  readonly runs: readonly Run[];
  readonly strong: boolean;
  readonly range: Range | undefined;
}

type Covered = ToldTrace['coverage'][number];

const micros = (iso: string): number => Date.parse(iso) * 1000;
const minute = (iso: string): string => iso.slice(0, 16).replace('T', ' ');

/** Shown before and after a gap, µs. */
const AROUND = 30 * MINUTE;

/** What each cell of the axis shows. A gap is never too short to be seen, nor a log. */
export const runsOf = ({ from, to, gaps }: Covered, axis: Range, cells: number): Run[] => {
  const width = (axis.to - axis.from) / cells;
  const overlaps = (start: number, end: number, cell: number): boolean => {
    const at = axis.from + cell * width;
    return end > start ? start < at + width && end > at : start >= at && start < at + width;
  };
  const runs: { kind: Run['kind']; cells: number }[] = [];
  for (let cell = 0; cell < cells; cell += 1) {
    const kind = gaps.some((gap) => overlaps(micros(gap.from), micros(gap.to), cell))
      ? 'gap'
      : overlaps(micros(from), micros(to), cell)
        ? 'covered'
        : 'none';
    const last = runs.at(-1);
    if (last?.kind === kind) last.cells += 1;
    else runs.push({ kind, cells: 1 });
  }
  return runs;
};

const lengthText = (from: string, to: string): string => {
  const hours = (micros(to) - micros(from)) / HOUR;
  return hours < 48 ? `${hours.toFixed(1)} h` : `${(hours / 24).toFixed(1)} d`;
};

const plain = (text: string, strong = false): CoverageLine => ({ text, runs: [], strong, range: undefined });

/** Width of the names beside the axis. */
const namesWidth = (columns: number): number => Math.max(20, Math.floor(columns * 0.35));

const axisLine = ({ from, to }: Range, columns: number): CoverageLine => {
  const label = (time: number): string => minute(new Date(time / 1000).toISOString());
  const [first, last] = [label(from), `${label(to)} UTC`];
  const names = namesWidth(columns);
  return plain(
    `${' '.repeat(names)}${first}${last.padStart(Math.max(last.length + 1, columns - names - first.length))}`,
  );
};

/** Device and class of log over time with its gaps, then the gaps one by one in order of time. */
export const coverageLines = (trace: ToldTrace | undefined, columns: number): CoverageLine[] => {
  if (trace === undefined) return [plain('no verdict yet: run `einfallstor trace --case …`')];
  const { coverage } = trace;
  if (coverage.length === 0) return [plain('no log of a firewall, VPN, mail, authentication, web or network service')];
  const axis = {
    from: Math.min(...coverage.map(({ from }) => micros(from))),
    to: Math.max(...coverage.map(({ to }) => micros(to))) + 1,
  };
  const names = namesWidth(columns);
  const rows = coverage.map((covered): CoverageLine => {
    const kind = ` ${covered.class}`;
    const source = sanitize(covered.source);
    const room = names - kind.length - 1;
    const name = source.length > room ? `${source.slice(0, room - 1)}…` : source;
    return {
      text: `${name.padEnd(room)}${kind} `,
      runs: runsOf(covered, axis, Math.max(10, columns - names)),
      strong: false,
      range: { from: micros(covered.from), to: micros(covered.to) + 1 },
    };
  });
  const gaps = coverage
    .flatMap((covered) => covered.gaps.map((gap) => ({ covered, gap })))
    .sort((a, b) => (a.gap.from < b.gap.from ? -1 : a.gap.from > b.gap.from ? 1 : 0))
    .map(
      ({ covered, gap }): CoverageLine => ({
        text: `${minute(gap.from)} – ${minute(gap.to)}  ${lengthText(gap.from, gap.to).padStart(7)}  ${covered.source} (${covered.class}): ${gap.because}`,
        runs: [],
        strong: false,
        range: { from: micros(gap.from) - AROUND, to: micros(gap.to) + AROUND },
      }),
    );
  return [
    ...rows,
    axisLine(axis, columns),
    plain(gaps.length === 0 ? 'no gaps' : `${gaps.length} ${gaps.length === 1 ? 'gap' : 'gaps'}`, true),
    ...gaps,
  ];
};

const CELLS: Readonly<Record<Run['kind'], string>> = { covered: '━', gap: '╳', none: ' ' };

/** The coverage; Enter on a device shows its stretch, on a gap the events around it. */
export const Coverage = ({
  lines,
  selected,
  height,
}: {
  lines: readonly CoverageLine[];
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
          {line.runs.map(({ kind, cells }, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: runs have no identity but their place
            <Text key={i} {...(kind === 'gap' ? { color: 'red' } : { color: 'green' })}>
              {CELLS[kind].repeat(cells)}
            </Text>
          ))}
        </Text>
      ))}
    </Box>
  );
};
