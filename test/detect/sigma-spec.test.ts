import { beforeAll, describe, expect, it } from 'vitest';
import { type RuleTestLine, testRules } from '../../src/detect/test-rules.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { openDuckdb } from './duckdb.ts';
import { EVENT_CASES } from './sigma-cases.ts';

const STORES = { memory: async (events: Parameters<typeof memoryStore>[0]) => memoryStore(events), duckdb: openDuckdb };

const runAll = (store: keyof typeof STORES): Promise<RuleTestLine[]> => {
  const rules = EVENT_CASES.map(
    ([, detection], n) => `title: t\nname: case_${n}\nlogsource: {category: test}\ndetection: ${detection}\n`,
  );
  const events = EVENT_CASES.map(([, , event]) => event);
  return testRules({ file: 'cases.yml', text: rules.join('---\n'), events, openStore: STORES[store] });
};

describe.each(['memory', 'duckdb'] as const)('%s', (name) => {
  // every rule over every event: the cases also show that the stores agree where nobody thought of it
  let lines: ReadonlyMap<string, RuleTestLine>;
  beforeAll(async () => {
    lines = new Map((await runAll(name)).map((line) => [line.rule, line]));
  });

  it.each(EVENT_CASES.map(([what, , , expected], n) => ({ what, expected, n })))('$n $what', ({ n, expected }) => {
    const line = lines.get(`case_${n}`) as RuleTestLine;
    const outcome = 'error' in line ? 'reject' : 'matches' in line && line.matches.includes(n);
    expect(outcome).toBe(expected);
  });

  it('agrees with the evaluator on every rule and event', async () => {
    expect([...lines.values()]).toEqual(await runAll('memory'));
  });
});
