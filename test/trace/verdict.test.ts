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

/** The verdict on one act that leads with 75 %, tied with 0.9 to a share of the intrusion. */
const verdict = (share: number, ...terms: readonly Term[]): string => {
  const candidate = { ...untied(ACT), tie: { strength: 0.9, next: undefined, because: asIs('') } };
  const scored = { candidate, vector: 'vpn-valid-account', strength: 0.9 * share, terms, probability: 0.75 } as const;
  return verdictOf({ scored: [scored], notInTheseLogs: { probability: 0.25, terms: [] } }, []);
};

it('who explains little of the intrusion is its probable entry only where the records show how he got in', () => {
  const strange = term('novelty', 2.5, asIs('from a network new to the account'));
  const guessed = term('guessing', 2, asIs('after 40 refused logins'));
  expect(verdict(0.29, strange)).toBe('undetermined');
  expect(verdict(0.29, strange, guessed)).toBe('probable');
  expect(verdict(0.5, strange)).toBe('probable');
});
