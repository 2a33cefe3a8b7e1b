import { describe, expect, it } from 'vitest';
import type { StoredEvent } from '../../src/ecs/event.ts';
import { predicateOf } from '../../src/query/evaluate.ts';
import { parseKql } from '../../src/query/kql.ts';
import { type Action, initial, pivot, pivotFilter, reduce, type State } from '../../src/tui/state.ts';

const events = (n: number, from = 0): StoredEvent[] =>
  Array.from({ length: n }, (_, i) => ({ id: `s-${from + i}`, fields: { '@timestamp': from + i } }));
const stateAfter = (actions: readonly Action[], state: State = initial): State => actions.reduce(reduce, state);
const loaded = (n: number, more = false): Action => ({
  type: 'loaded',
  page: { events: events(n), more },
  total: n,
  before: false,
});

describe('moving', () => {
  it('stays inside and keeps the line in sight', () => {
    const state = stateAfter([{ type: 'resize', height: 5 }, loaded(20), { type: 'move', by: 7 }]);
    expect([state.selected, state.top]).toEqual([7, 3]);
    expect(stateAfter([{ type: 'move', by: 100 }], state)).toMatchObject({ selected: 19, top: 15 });
    expect(stateAfter([{ type: 'move', by: -100 }], state)).toMatchObject({ selected: 0, top: 0 });
  });

  it('keeps standing on the same event when a page comes in before it', () => {
    const state = stateAfter([
      loaded(3),
      { type: 'move', by: 1 },
      { type: 'extended', page: { events: events(10, 100), more: true }, direction: 'up' },
    ]);
    expect(state.events[state.selected]?.id).toBe('s-1');
    expect(state.more.up).toBe(true);
  });

  it('forgets far events, not the one it stands on', () => {
    const state = stateAfter([
      loaded(1990),
      { type: 'select', row: 1980 },
      { type: 'extended', page: { events: events(200, 5000), more: false }, direction: 'down' },
    ]);
    expect(state.events).toHaveLength(2000);
    expect(state.events[state.selected]?.id).toBe('s-1980');
    expect(state.more.up).toBe(true);
  });
});

describe('views', () => {
  it('goes back through them', () => {
    const state = stateAfter([
      loaded(1),
      { type: 'go', view: { filter: 'a: 1', range: undefined } },
      { type: 'go', view: { filter: 'b: 2', range: undefined } },
      { type: 'back' },
    ]);
    expect(state.view.filter).toBe('a: 1');
    expect(stateAfter([{ type: 'back' }, { type: 'back' }], state)).toMatchObject({
      view: { filter: '' },
      message: 'this is the first view',
    });
  });

  it('stands on the event it was sent to', () => {
    const state = stateAfter([
      { type: 'go', view: { filter: '', range: { from: 0, to: 9 } }, target: 's-4' },
      loaded(9),
    ]);
    expect(state.selected).toBe(4);
  });
});

describe('pivots', () => {
  it.each(['k.maier', 'DOM\\user', 'say "x"', 'and', 'a*b?', 'x) or (y: *', '192.0.2.1', 'ü ß', '\u001b]0;x\u0007'])(
    'finds exactly the value %j',
    (value) => {
      const matches = predicateOf(parseKql(pivotFilter('user.name', value)));
      expect(matches({ 'user.name': value })).toBe(true);
      expect(matches({ 'user.name': `${value}x` })).toBe(false);
      expect(matches({ 'user.name': 'other' })).toBe(false);
    },
  );

  it('narrows and excludes what is there', () => {
    const narrowed = pivot('a: 1 or b: 2', 'and', 'c: 3');
    const matches = predicateOf(parseKql(narrowed));
    expect(matches({ a: 1 })).toBe(false);
    expect(matches({ b: 2, c: 3 })).toBe(true);
    expect(predicateOf(parseKql(pivot('a: 1', 'and-not', 'c: 3')))({ a: 1, c: 3 })).toBe(false);
    expect(pivot('a: 1', 'replace', 'c: 3')).toBe('c: 3');
  });
});
