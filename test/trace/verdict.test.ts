import { expect, it } from 'vitest';
import { asIs } from '../../src/core/said.ts';
import { untied } from '../../src/trace/candidates.ts';
import type { Act } from '../../src/trace/model.ts';
import { type Term, term } from '../../src/trace/terms.ts';
import { verdictOf } from '../../src/trace/verdict.ts';

const ACT: Act = {
  key: 'vpn:1',
  kind: 'vpn-session',
  stage: 'initial-access',
  technique: 'T1133',
  from: 0,
  to: 1,
  slack: 0,
  targets: [],
  events: [],
  count: 1,
  summary: asIs('VPN login'),
  vector: 'vpn-valid-account',
  marks: [],
  labels: [],
};

/** The verdict on one act that leads with 75 %. */
const verdict = (...terms: readonly Term[]): string => {
  const candidate = { ...untied(ACT), tie: { strength: 0.9, next: undefined, because: asIs('') } };
  const scored = { candidate, vector: 'vpn-valid-account', strength: 0.3, terms, probability: 0.75 } as const;
  return verdictOf({ scored: [scored], notInTheseLogs: { probability: 0.25, terms: [] } }, []);
};

it('who leaves most of the intrusion unexplained is its probable entry only where the records show how he got in', () => {
  const strange = term('novelty', 2.5, asIs('from a network new to the account'));
  const guessed = term('guessing', 2, asIs('after 40 refused logins'));
  const explained = term('stage exfiltration', 1, asIs('it leads to: a transfer'));
  const left = [
    term('stage impact', -1, asIs('it does not explain: shadow copies deleted')),
    term('stage execution', -1, asIs('it does not explain: services on 40 hosts')),
    term('stage persistence', -0.75, asIs('it does not explain: an account added')),
  ];
  expect(verdict(strange, explained, ...left)).toBe('undetermined');
  expect(verdict(strange, guessed, explained, ...left)).toBe('probable');
  expect(verdict(strange, explained, ...left.slice(0, 1))).toBe('probable');
});
