import { describe, expect, it } from 'vitest';
import type { ToldTrace } from '../../src/app/explorer.ts';
import { coverageLines, runsOf } from '../../src/tui/coverage.tsx';
import { type KeyContext, onKey } from '../../src/tui/keys.ts';
import { type Action, initial, reduce, type State } from '../../src/tui/state.ts';

const HOUR = 3_600_000_000;
const at = (hour: number): string => new Date(Date.UTC(2021, 9, 31, hour)).toISOString();
const micros = (hour: number): number => Date.UTC(2021, 9, 31, hour) * 1000;

const fw = {
  source: 'fw-a (fortinet-fortigate)',
  class: 'firewall' as const,
  from: at(0),
  to: at(20),
  gaps: [{ from: at(5), to: at(8), because: 'silent for 3.0 h' }],
};
const mail = {
  source: 'mail\u001b]52;c;x\u0007.log',
  class: 'mail' as const,
  from: at(10),
  to: at(24),
  gaps: [{ from: at(2), to: at(3), because: 'silent for 1.0 h' }],
};
const trace = { coverage: [fw, mail] } as unknown as ToldTrace;

describe('the axis', () => {
  const axis = { from: micros(0), to: micros(24) };

  it('shows where a log is, where it is silent, and where it does not reach', () => {
    expect(runsOf(fw, axis, 24)).toEqual([
      { kind: 'covered', cells: 5 },
      { kind: 'gap', cells: 3 },
      { kind: 'covered', cells: 12 },
      { kind: 'none', cells: 4 },
    ]);
  });

  it('loses no gap and no log that is shorter than a cell', () => {
    const minute = { ...fw, to: at(24), gaps: [{ ...fw.gaps[0], from: at(5), to: '2021-10-31T05:01:00.000Z' }] };
    expect(runsOf(minute as typeof fw, axis, 6).map(({ kind }) => kind)).toEqual(['covered', 'gap', 'covered']);
    expect(runsOf({ ...fw, from: at(9), to: at(9), gaps: [] }, axis, 4)).toEqual([
      { kind: 'none', cells: 1 },
      { kind: 'covered', cells: 1 },
      { kind: 'none', cells: 2 },
    ]);
  });
});

describe('the lines', () => {
  it.each([80, 140])('fit %i columns and hold no control character', (columns) => {
    const lines = coverageLines(trace, columns);
    for (const { text, runs } of lines.slice(0, 3)) {
      expect(text.length + runs.reduce((sum, { cells }) => sum + cells, 0)).toBeLessThanOrEqual(columns);
    }
    expect(lines[1]?.text).toContain('\\x1b');
    expect(lines.map(({ text }) => text).join('')).not.toMatch(/^mail\u001b/m);
  });

  it('list the gaps by time, each with the stretch around it', () => {
    const gaps = coverageLines(trace, 100).slice(4);
    expect(gaps.map(({ text }) => text.slice(0, 36))).toEqual([
      '2021-10-31 02:00 – 2021-10-31 03:00 ',
      '2021-10-31 05:00 – 2021-10-31 08:00 ',
    ]);
    expect(gaps[1]?.range).toEqual({ from: micros(5) - HOUR / 2, to: micros(8) + HOUR / 2 });
  });

  it('say so when there is nothing to show', () => {
    expect(coverageLines(undefined, 80)[0]?.text).toContain('no verdict yet');
    expect(coverageLines({ coverage: [] } as unknown as ToldTrace, 80)[0]?.text).toContain('no log');
  });
});

describe('keys', () => {
  const coverage = coverageLines(trace, 100);
  const typed = (keys: readonly string[], from: State = initial): State =>
    keys.reduce((before, key) => {
      let state = before;
      const context = {
        state,
        dispatch: (action: Action) => {
          state = reduce(state, action);
        },
        lines: [],
        coverage,
      } as unknown as KeyContext;
      onKey(context, key === 'Enter' ? '' : key, { return: key === 'Enter' } as Parameters<typeof onKey>[2]);
      return state;
    }, from);

  it('open and close the view, and go no further than its lines', () => {
    expect(typed(['C']).screen).toBe('coverage');
    expect(typed(['C', 'C']).screen).toBe('events');
    expect(typed(['C', 'q']).screen).toBe('events');
    expect(typed(['C', ...Array.from({ length: 50 }, () => 'j')]).coverageSelected).toBe(coverage.length - 1);
    expect(typed(['C', 'j', 'k', 'k']).coverageSelected).toBe(0);
  });

  it('pivot from a gap to the events around it, and back', () => {
    const there = typed(['C', ...Array.from({ length: 5 }, () => 'j'), 'Enter']);
    expect(there).toMatchObject({
      screen: 'events',
      view: { filter: '', range: { from: micros(5) - HOUR / 2, to: micros(8) + HOUR / 2 } },
    });
    expect(typed(['u'], there).view).toEqual(initial.view);
    // the axis leads nowhere
    expect(typed(['C', 'j', 'j', 'Enter']).screen).toBe('coverage');
  });
});
