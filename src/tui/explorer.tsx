import { Box, Text, useApp, useInput, useStdout } from 'ink';
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Explorer } from '../app/explorer.ts';
import { sanitize } from '../core/sanitize.ts';
import { isoOf } from '../core/time.ts';
import { Chain, chainLines } from './chain.tsx';
import { Coverage, coverageLines } from './coverage.tsx';
import { Detail } from './detail.tsx';
import { Help } from './help.tsx';
import { Histogram } from './histogram.tsx';
import { keysOf, onKey } from './keys.ts';
import { type Action, reduce, type State } from './state.ts';
import { Table } from './table.tsx';
import { useExplorer } from './use-explorer.ts';

/** Size of the terminal, followed when it changes. */
const useSize = (): { columns: number; rows: number } => {
  const { stdout } = useStdout();
  const [size, setSize] = useState({ columns: stdout.columns || 100, rows: stdout.rows || 30 });
  useEffect(() => {
    const follow = (): void => setSize({ columns: stdout.columns || 100, rows: stdout.rows || 30 });
    stdout.on('resize', follow);
    return () => {
      stdout.off('resize', follow);
    };
  }, [stdout]);
  return size;
};

const filterLine = (state: State): string => {
  if (state.focus === 'filter') return `filter: ${state.draft}▏`;
  if (state.focus === 'comment') return `comment: ${state.draft}▏`;
  const { filter, range } = state.view;
  const when = range === undefined ? '' : `   ${isoOf(range.from).slice(0, 19)} – ${isoOf(range.to).slice(0, 19)}`;
  return `filter: ${filter === '' ? '(everything)' : filter}${when}`;
};

const HINTS = {
  events: '/ filter  Enter fields  p pivot  c chain  C coverage  t around  z zoom  u back  ? help  q quit',
  coverage: 'j k move  Enter events around a gap, or of a device  C events  q back',
  chain: 'j k move  Enter to the event  c events  q back',
  help: 'q back',
} as const;

/** Lines above and below the table: title, histogram (4), filter, footer, and the last line, which a terminal would scroll at. */
const FRAME = 8;

/** The whole screen. */
export const ExplorerApp = ({ explorer }: { explorer: Explorer }): ReactNode => {
  const { exit } = useApp();
  const { columns, rows } = useSize();
  const { state, dispatch, histogram } = useExplorer(explorer, columns);
  const lines = useMemo(() => chainLines(explorer.trace), [explorer]);
  const coverage = useMemo(() => coverageLines(explorer.trace, columns), [explorer, columns]);
  const body = Math.max(4, rows - FRAME);
  const detailHeight = state.detailOpen && state.screen === 'events' ? Math.floor(body / 2) : 0;
  const tableHeight = body - detailHeight;

  useEffect(() => dispatch({ type: 'resize', height: tableHeight }), [dispatch, tableHeight]);
  // keys typed faster than the screen is drawn arrive together; the newest state must see each
  const latest = useRef(state);
  latest.current = state;
  const dispatchNow = useCallback(
    (action: Action) => {
      latest.current = reduce(latest.current, action);
      dispatch(action);
    },
    [dispatch],
  );
  useInput((input, key) => {
    for (const [one, what] of keysOf(input, key)) {
      onKey(
        { state: latest.current, dispatch: dispatchNow, explorer, histogram, lines, coverage, quit: exit },
        one,
        what,
      );
    }
  });

  const verdict = explorer.trace === undefined ? '' : `  verdict: ${explorer.trace.verdict}`;
  const count = state.total === undefined ? '…' : state.total.toLocaleString('en');
  return (
    <Box flexDirection="column" width={columns} height={rows - 1}>
      <Text bold inverse wrap="truncate">
        {` ${sanitize(explorer.name)}  ${count} events${verdict}${state.loading ? '  loading …' : ''}`.padEnd(columns)}
      </Text>
      <Histogram data={histogram} width={columns} />
      <Text wrap="truncate" color="cyan">
        {sanitize(filterLine(state))}
      </Text>
      {state.screen === 'help' && <Help height={body} />}
      {state.screen === 'chain' && (
        <Chain lines={lines} selected={Math.min(state.chainSelected, lines.length - 1)} height={body} />
      )}
      {state.screen === 'coverage' && <Coverage lines={coverage} selected={state.coverageSelected} height={body} />}
      {state.screen === 'events' && (
        <Table
          events={state.events}
          top={state.top}
          height={tableHeight}
          selected={state.selected}
          focused={state.focus !== 'detail'}
        />
      )}
      {detailHeight > 0 && (
        <Detail
          fields={state.detail?.fields ?? []}
          selected={state.detailSelected}
          height={detailHeight}
          focused={state.focus === 'detail'}
        />
      )}
      <Text wrap="truncate" dimColor={state.message === undefined}>
        {sanitize(state.message ?? HINTS[state.screen])}
      </Text>
    </Box>
  );
};
