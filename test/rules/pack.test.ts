import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkRules, readRules } from '../../src/app/rules.ts';

const set = readRules([], true);
const all = [...set.rules, ...set.correlations];

/** Random UUIDs, RFC 9562 §5.4. */
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('the rule pack', () => {
  it('loads without a problem, and every rule is about logs that are read here', () => {
    expect(set.problems).toEqual([]);
    expect(checkRules([join(import.meta.dirname, '../../rules')]).problems).toEqual([]);
  });

  it('has at least 35 rules that make findings', () => {
    expect(all.filter(({ part }) => !part).length).toBeGreaterThanOrEqual(35);
  });

  it('gives every rule a UUID of its own', () => {
    const ids = all.map(({ id }) => id);
    for (const id of ids) expect(id).toMatch(UUID);
    expect(new Set(ids).size).toBe(ids.length);
  });

  for (const rule of all.filter(({ part }) => !part)) {
    it(`${rule.label} says what it means`, () => {
      expect(rule.title).not.toBe(rule.label);
      expect(rule.description.length).toBeGreaterThan(20);
      expect(rule.techniques.length).toBeGreaterThan(0);
      expect(rule.falsePositives.length).toBeGreaterThan(0);
      expect(rule.fact).toBeDefined();
      expect(rule.fact?.de, 'custom.fact_de says the same in German').not.toBe(rule.fact?.en);
      expect(rule.chain?.stage).toBeDefined();
    });
  }
});
