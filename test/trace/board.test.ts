import { describe, expect, it } from 'vitest';
import { asIs } from '../../src/core/said.ts';
import type { Finding } from '../../src/detect/finding.ts';
import { actOfFinding } from '../../src/trace/board.ts';
import type { Clocks } from '../../src/trace/clocks.ts';

const RIGHT: Clocks = { offsetOf: () => 0, slackOf: () => 0, doubtOf: () => 0, offsets: [], widest: 0 };

const finding = (stage: string, technique: string, at: number): Finding => ({
  id: 'f',
  rule: 'r',
  title: 't',
  level: 'high',
  techniques: [technique],
  fact: asIs('12 failures, then a login'),
  from: 1_000,
  to: 9_000,
  at,
  events: ['fw-1', 'fw-2', 'vpn-3'],
  count: 13,
  entities: { 'user.name': 'k.maier' },
  chain: { stage, vector: 'vpn-guessed-password', requires: [], provides: [], weight: 2 },
  context: [],
});

const told = (of: Finding): unknown[] => {
  const { from, to, events, marks } = actOfFinding(of, RIGHT);
  return [from, to, events, marks[0]?.from, marks[0]?.events];
};

describe('the act that a finding states', () => {
  const all = ['fw-1', 'fw-2', 'vpn-3'];

  it('is the login, of guesses and the login that they led to', () => {
    expect(told(finding('initial-access', 'T1110.003', 9_000))).toEqual([9_000, 9_000, ['vpn-3'], 1_000, all]);
  });

  it.each([
    ['of no login', 'initial-access', 'T1190', 9_000],
    ['of guesses alone', 'credential-access', 'T1110.003', 9_000],
    ['of a login that others follow', 'initial-access', 'T1078', 5_000],
  ])('%s begins with its first event', (_, stage, technique, at) => {
    expect(told(finding(stage, technique, at))).toEqual([1_000, 9_000, all, 1_000, all]);
  });
});
