import type { Page, Range } from '../app/explorer.ts';
import type { Fields, StoredEvent, Value } from '../ecs/event.ts';

/** What is looked at: a filter (KQL) over a stretch of time. */
export interface View {
  readonly filter: string;
  /** undefined: all of it. */
  readonly range: Range | undefined;
}

export type Screen = 'events' | 'chain' | 'coverage' | 'help';

export interface State {
  readonly view: View;
  /** Views to go back to, oldest first. */
  readonly history: readonly View[];
  readonly screen: Screen;
  readonly focus: 'table' | 'detail' | 'filter' | 'comment';
  readonly events: readonly StoredEvent[];
  readonly more: { readonly up: boolean; readonly down: boolean };
  readonly selected: number;
  /** First row shown. */
  readonly top: number;
  /** Rows the table has room for. */
  readonly height: number;
  readonly detail: { readonly id: string; readonly fields: readonly (readonly [string, Value])[] } | undefined;
  readonly detailOpen: boolean;
  readonly detailSelected: number;
  /** Text being typed. */
  readonly draft: string;
  readonly total: number | undefined;
  readonly loading: boolean;
  readonly message: string | undefined;
  readonly chainSelected: number;
  readonly coverageSelected: number;
  /** Event to stand on once the view is loaded. */
  readonly target: string | undefined;
  /** Counts reloads asked for without a change of view. */
  readonly reload: number;
}

export const initial: State = {
  view: { filter: '', range: undefined },
  history: [],
  screen: 'events',
  focus: 'table',
  events: [],
  more: { up: false, down: false },
  selected: 0,
  top: 0,
  height: 10,
  detail: undefined,
  detailOpen: false,
  detailSelected: 0,
  draft: '',
  total: undefined,
  loading: true,
  message: undefined,
  chainSelected: 0,
  coverageSelected: 0,
  target: undefined,
  reload: 0,
};

export type Action =
  | { readonly type: 'loaded'; readonly page: Page; readonly total: number; readonly before: boolean }
  | { readonly type: 'extended'; readonly page: Page; readonly direction: 'up' | 'down' }
  | { readonly type: 'detail'; readonly id: string; readonly fields: Readonly<Fields> }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'say'; readonly message: string }
  | { readonly type: 'resize'; readonly height: number }
  /** `lines`: how many the chain or coverage view has. */
  | { readonly type: 'move'; readonly by: number; readonly lines?: number }
  | { readonly type: 'select'; readonly row: number }
  | { readonly type: 'toggle-detail' }
  | { readonly type: 'focus'; readonly on: State['focus'] }
  | { readonly type: 'type'; readonly draft: string }
  | { readonly type: 'go'; readonly view: View; readonly target?: string }
  | { readonly type: 'back' }
  | { readonly type: 'screen'; readonly screen: Screen }
  | { readonly type: 'reload' };

const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value));

/** Keeps the selected row in sight. */
const scrolled = (state: State): State => {
  const top = clamp(state.top, Math.max(0, state.selected - state.height + 1), state.selected);
  return top === state.top ? state : { ...state, top };
};

const select = (state: State, row: number): State =>
  scrolled({
    ...state,
    selected: clamp(row, 0, Math.max(0, state.events.length - 1)),
    detailSelected: 0,
    message: undefined,
  });

const move = (state: State, by: number, lines: number): State => {
  if (state.screen === 'chain') return { ...state, chainSelected: clamp(state.chainSelected + by, 0, lines - 1) };
  if (state.screen === 'coverage')
    return { ...state, coverageSelected: clamp(state.coverageSelected + by, 0, lines - 1) };
  if (state.focus === 'detail') {
    const last = (state.detail?.fields.length ?? 1) - 1;
    return { ...state, detailSelected: clamp(state.detailSelected + by, 0, last) };
  }
  return select(state, state.selected + by);
};

/** Rows kept around the selection; more are fetched again when needed. */
const KEPT = 2000;

const extended = (state: State, page: Page, direction: 'up' | 'down'): State => {
  if (direction === 'down') {
    const events = [...state.events, ...page.events];
    const dropped = Math.max(0, events.length - KEPT);
    return scrolled({
      ...state,
      events: events.slice(dropped),
      selected: state.selected - dropped,
      top: Math.max(0, state.top - dropped),
      more: { up: state.more.up || dropped > 0, down: page.more },
    });
  }
  const events = [...page.events, ...state.events];
  return scrolled({
    ...state,
    events: events.slice(0, KEPT),
    selected: state.selected + page.events.length,
    top: state.top + page.events.length,
    more: { up: page.more, down: state.more.down || events.length > KEPT },
  });
};

const loaded = (state: State, page: Page, total: number, before: boolean): State => {
  const row = state.target === undefined ? 0 : page.events.findIndex((event) => event.id === state.target);
  return scrolled({
    ...state,
    events: page.events,
    more: { up: before, down: page.more },
    total,
    selected: Math.max(0, row),
    top: 0,
    loading: false,
    target: undefined,
    message: page.events.length === 0 ? 'no event matches; Backspace goes back' : state.message,
  });
};

/** All changes of the explorer: pure. */
export const reduce = (state: State, action: Action): State => {
  switch (action.type) {
    case 'loaded':
      return loaded(state, action.page, action.total, action.before);
    case 'extended':
      return extended(state, action.page, action.direction);
    case 'detail':
      return {
        ...state,
        detail: { id: action.id, fields: Object.entries(action.fields).sort(([a], [b]) => (a < b ? -1 : 1)) },
      };
    case 'failed':
      return { ...state, loading: false, message: action.message };
    case 'say':
      return { ...state, message: action.message };
    case 'resize':
      return scrolled({ ...state, height: Math.max(1, action.height) });
    case 'move':
      return move(state, action.by, Math.max(1, action.lines ?? Number.POSITIVE_INFINITY));
    case 'select':
      return select(state, action.row);
    case 'toggle-detail':
      return {
        ...state,
        detailOpen: !state.detailOpen,
        focus: state.detailOpen ? 'table' : 'detail',
        detailSelected: 0,
      };
    case 'focus':
      return { ...state, focus: action.on, draft: action.on === 'filter' ? state.view.filter : '' };
    case 'type':
      return { ...state, draft: action.draft };
    case 'go':
      return {
        ...state,
        view: action.view,
        history: [...state.history, state.view],
        screen: 'events',
        focus: 'table',
        loading: true,
        message: undefined,
        target: action.target,
      };
    case 'back': {
      const view = state.history.at(-1);
      if (view === undefined) return { ...state, message: 'this is the first view' };
      return { ...state, view, history: state.history.slice(0, -1), loading: true, message: undefined };
    }
    case 'screen':
      return { ...state, screen: action.screen, focus: 'table', message: undefined };
    case 'reload':
      return { ...state, reload: state.reload + 1, loading: true };
  }
};

/** KQL for one value of a field: quoted unless it is plain. */
export const pivotFilter = (field: string, value: Value): string => {
  const text = String(Array.isArray(value) ? value[0] : value);
  const plain = /^[\w.@-]+$/.test(text) && !/^(?:and|or|not)$/i.test(text);
  return `${field}: ${plain ? text : `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`}`;
};

/** Joins a pivot to the filter that is there: replaces it, narrows it, or takes it out. */
export const pivot = (filter: string, how: 'replace' | 'and' | 'and-not', condition: string): string => {
  if (how === 'replace') return condition;
  const added = how === 'and' ? condition : `not ${condition}`;
  return filter.trim() === '' ? added : `(${filter}) and ${added}`;
};
