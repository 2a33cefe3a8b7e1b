import type { Key } from 'ink';
import type { Dispatch } from 'react';
import type { Explorer, Range } from '../app/explorer.ts';
import { MINUTE } from '../core/time.ts';
import { numberOf, type StoredEvent } from '../ecs/event.ts';
import type { ChainLine } from './chain.tsx';
import type { CoverageLine } from './coverage.tsx';
import { type Action, pivot, pivotFilter, type State } from './state.ts';
import type { Histogram } from './use-explorer.ts';

export interface KeyContext {
  readonly state: State;
  readonly dispatch: Dispatch<Action>;
  readonly explorer: Explorer;
  readonly histogram: Histogram | undefined;
  readonly lines: readonly ChainLine[];
  readonly coverage: readonly CoverageLine[];
  readonly quit: () => void;
}

const selectedEvent = ({ events, selected }: State): StoredEvent | undefined => events[selected];

const around = (event: StoredEvent | undefined, half: number): Range | undefined => {
  const time = event === undefined ? undefined : numberOf(event.fields, '@timestamp');
  return time === undefined ? undefined : { from: time - half, to: time + half };
};

const annotate = (context: KeyContext, kind: 'star' | 'comment', text: string): void => {
  const event = selectedEvent(context.state);
  if (event === undefined) return;
  context.explorer
    .annotate(event.id, kind, text)
    .then(() => context.dispatch({ type: 'say', message: kind === 'star' ? 'starred' : 'comment kept' }))
    .catch((error: unknown) =>
      context.dispatch({ type: 'failed', message: error instanceof Error ? error.message : String(error) }),
    );
};

/** Typing a filter or a comment; true when the key was taken. */
const typing = (context: KeyContext, input: string, key: Key): boolean => {
  const { state, dispatch, explorer } = context;
  if (state.focus !== 'filter' && state.focus !== 'comment') return false;
  if (key.escape) dispatch({ type: 'focus', on: 'table' });
  else if (key.return && state.focus === 'comment') {
    if (state.draft.trim() !== '') annotate(context, 'comment', state.draft.trim());
    dispatch({ type: 'focus', on: 'table' });
  } else if (key.return) {
    try {
      explorer.check(state.draft);
      dispatch({ type: 'go', view: { filter: state.draft.trim(), range: state.view.range } });
    } catch (error) {
      dispatch({
        type: 'say',
        message: error instanceof Error ? (error.message.split('\n')[0] as string) : String(error),
      });
    }
  } else if (key.backspace || key.delete) dispatch({ type: 'type', draft: state.draft.slice(0, -1) });
  else if (key.ctrl && input === 'u') dispatch({ type: 'type', draft: '' });
  else if (!key.ctrl && !key.meta && input !== '' && !key.tab) dispatch({ type: 'type', draft: state.draft + input });
  return true;
};

const onField = ({ state, dispatch }: KeyContext, how: 'replace' | 'and' | 'and-not'): void => {
  const field = state.detail?.fields[state.detailSelected];
  if (!state.detailOpen || field === undefined) {
    dispatch({ type: 'say', message: 'open the fields with Enter, choose one with j and k, then pivot' });
    return;
  }
  const filter = pivot(state.view.filter, how, pivotFilter(field[0], field[1]));
  dispatch({ type: 'go', view: { filter, range: how === 'replace' ? undefined : state.view.range } });
};

const move = ({ state, dispatch, lines, coverage }: KeyContext, by: number): void => {
  const listed = state.screen === 'chain' ? lines : state.screen === 'coverage' ? coverage : undefined;
  dispatch({ type: 'move', by, ...(listed === undefined ? {} : { lines: listed.length }) });
};

const enter = ({ state, dispatch, lines, coverage }: KeyContext): void => {
  if (state.screen === 'coverage') {
    const range = coverage[state.coverageSelected]?.range;
    if (range !== undefined) dispatch({ type: 'go', view: { filter: '', range } });
    return;
  }
  if (state.screen !== 'chain') {
    dispatch({ type: 'toggle-detail' });
    return;
  }
  const event = lines[Math.min(state.chainSelected, lines.length - 1)]?.event;
  if (event === undefined) return;
  const time = Date.parse(event.timestamp) * 1000;
  dispatch({
    type: 'go',
    view: { filter: '', range: { from: time - 5 * MINUTE, to: time + 5 * MINUTE } },
    target: event.id,
  });
};

const zoom = ({ state, dispatch, histogram }: KeyContext, factor: number): void => {
  const range = histogram?.range;
  if (range === undefined) return;
  const time = numberOf(selectedEvent(state)?.fields ?? {}, '@timestamp') ?? (range.from + range.to) / 2;
  const half = Math.max(MINUTE, ((range.to - range.from) / 2) * factor);
  dispatch({
    type: 'go',
    view: { filter: state.view.filter, range: { from: Math.round(time - half), to: Math.round(time + half) } },
  });
};

/** Keys that are one letter; lnav's where it has one for the same thing. */
const LETTERS: Readonly<Record<string, (context: KeyContext) => void>> = {
  j: (context) => move(context, 1),
  k: (context) => move(context, -1),
  ' ': (context) => move(context, context.state.height),
  b: (context) => move(context, -context.state.height),
  g: ({ dispatch }) => dispatch({ type: 'select', row: 0 }),
  G: ({ state, dispatch }) => dispatch({ type: 'select', row: state.events.length - 1 }),
  '/': ({ dispatch }) => dispatch({ type: 'focus', on: 'filter' }),
  p: (context) => onField(context, 'replace'),
  '+': (context) => onField(context, 'and'),
  '-': (context) => onField(context, 'and-not'),
  z: (context) => zoom(context, 0.25),
  Z: (context) => zoom(context, 4),
  t: ({ state, dispatch }) => {
    const event = selectedEvent(state);
    const range = around(event, 5 * MINUTE);
    if (event !== undefined && range !== undefined)
      dispatch({ type: 'go', view: { filter: '', range }, target: event.id });
  },
  c: ({ state, dispatch }) => dispatch({ type: 'screen', screen: state.screen === 'chain' ? 'events' : 'chain' }),
  C: ({ state, dispatch }) => dispatch({ type: 'screen', screen: state.screen === 'coverage' ? 'events' : 'coverage' }),
  s: (context) => annotate(context, 'star', ''),
  '#': ({ dispatch }) => dispatch({ type: 'focus', on: 'comment' }),
  u: ({ dispatch }) => dispatch({ type: 'back' }),
  R: ({ dispatch }) => dispatch({ type: 'reload' }),
  '?': ({ dispatch }) => dispatch({ type: 'screen', screen: 'help' }),
  q: ({ state, dispatch, quit }) => {
    if (state.screen !== 'events') dispatch({ type: 'screen', screen: 'events' });
    else if (state.detailOpen) dispatch({ type: 'toggle-detail' });
    else quit();
  },
};

/** Single keys of what arrived at once: a held key, a paste, a script. */
export const keysOf = (input: string, key: Key): (readonly [string, Key])[] => {
  if (input.length <= 1 || key.ctrl || key.meta) return [[input, key]];
  return [...input].map(
    (c) => [c === '\r' ? '' : c, { ...key, return: c === '\r', backspace: c === '\u007f' }] as const,
  );
};

/** What a key does. */
export const onKey = (context: KeyContext, input: string, key: Key): void => {
  const { state, dispatch } = context;
  if (typing(context, input, key)) return;
  if (key.downArrow) move(context, 1);
  else if (key.upArrow) move(context, -1);
  else if (key.pageDown) move(context, state.height);
  else if (key.pageUp) move(context, -state.height);
  else if (key.return) enter(context);
  else if (key.tab && state.detailOpen) dispatch({ type: 'focus', on: state.focus === 'detail' ? 'table' : 'detail' });
  else if (key.backspace || key.delete) dispatch({ type: 'back' });
  else if (key.escape) LETTERS['q']?.(context);
  else LETTERS[input]?.(context);
};
