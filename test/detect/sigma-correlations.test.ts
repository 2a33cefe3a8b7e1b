import { describe, expect, it } from 'vitest';
import { type FiredGroup, testRules } from '../../src/detect/test-rules.ts';
import { memoryStore } from '../../src/store/memory.ts';

/** Three rules by `e`, and correlations of them; cases after the specification of correlation rules, decided by hand. */
const RULES = ['a', 'b', 'c']
  .map((e) => `title: ${e}\nname: ${e}\nlogsource: {category: test}\ndetection: {s: {e: ${e}}, condition: s}`)
  .join('\n---\n');

type Event = Readonly<Record<string, unknown>>;

/** `a0 b5 c9`: events of these rules at these seconds, all of user u and host h unless told otherwise. */
const at = (text: string, more: Event = {}): Event[] =>
  text.split(' ').map((word) => ({ e: word[0], '@timestamp': Number(word.slice(1)), u: 'u', h: 'h', ...more }));

const run = async (correlations: string, events: readonly Event[], rules = RULES) => {
  const lines = await testRules({
    file: 'c.yml',
    text: `${rules}\n---\n${correlations}`,
    events,
    openStore: async (stored) => memoryStore(stored),
  });
  return lines.find(({ rule }) => rule === 'out');
};

const groups = async (correlation: string, events: readonly Event[], more = ''): Promise<readonly FiredGroup[]> => {
  const line = await run(`${more}title: out\nname: out\ncorrelation: ${correlation}`, events);
  if (line === undefined || !('groups' in line)) throw new Error(JSON.stringify(line));
  return line.groups;
};

type Case = readonly [
  what: string,
  correlation: string,
  events: readonly Event[],
  fired: readonly (readonly number[])[],
];

const count = (condition: string, more = ''): string =>
  `{type: event_count, rules: [a], timespan: 10s, condition: {${condition}}, group-by: [u]${more}}`;
const value = (type: string, condition: string): string =>
  `{type: ${type}, rules: [a], timespan: 10s, group-by: [u], condition: {field: n, ${condition}}}`;
const amounts = (...numbers: unknown[]): Event[] => numbers.flatMap((n, i) => at(`a${i}`, { n }));
const temporal = (type: string, rules: string, more = ''): string =>
  `{type: ${type}, rules: [${rules}], timespan: 10s, group-by: [u]${more}}`;

// biome-ignore format: a case a line
const CASES: readonly Case[] = [
  ['event_count, reached', count('gte: 3'), at('a0 a1 a2'), [[0, 1, 2]]],
  ['event_count, not reached', count('gte: 3'), at('a0 a1'), []],
  ['event_count, gt is more than', count('gt: 3'), at('a0 a1 a2'), []],
  ['both ends belong to the timespan', count('gte: 2'), at('a0 a10'), [[0, 1]]],
  ['behind its end', count('gte: 2'), at('a0 a11'), []],
  ['windows slide over every boundary', count('gte: 3'), at('a8 a12 a17'), [[0, 1, 2]]],
  ['the events of other rules do not count', count('gte: 2'), at('a0 b1'), []],
  ['groups are apart', count('gte: 2'), [...at('a0', { u: 'x' }), ...at('a1', { u: 'y' })], []],
  ['groups know no case', count('gte: 2'), [...at('a0', { u: 'X' }), ...at('a1', { u: 'x' })], [[0, 1]]],
  ['an event without the group key does not count', count('gte: 2'), [...at('a0'), { e: 'a', '@timestamp': 1 }], []],
  ['two group keys', `{type: event_count, rules: [a], timespan: 10s, group-by: [u, h], condition: {gte: 2}}`, [...at('a0 a1'), ...at('a2', { h: 'other' })], [[0, 1]]],
  ['no group key', `{type: event_count, rules: [a], timespan: 10s, condition: {gte: 2}}`, [...at('a0', { u: 'x' }), ...at('a1', { u: 'y' })], [[0, 1]]],
  ['several rules are counted together', `{type: event_count, rules: [a, b], timespan: 10s, group-by: [u], condition: {gte: 3}}`, at('a0 b1 a2'), [[0, 1, 2]]],
  ['lte: what cannot grow any more', count('lte: 2'), at('a0 a1'), [[0, 1]]],
  ['lt: more than that is none', count('lt: 2'), at('a0 a1 a2'), []],
  ['eq', count('eq: 3'), at('a0 a1 a2'), [[0, 1, 2]]],
  ['eq: four are not three', count('eq: 3'), at('a0 a1 a2 a3'), []],
  ['a range', count('gt: 1, lte: 3'), at('a0 a1 a2'), [[0, 1, 2]]],
  ['a range, exceeded', count('gt: 1, lte: 3'), at('a0 a1 a2 a3 a4'), []],
  ['minutes', `{type: event_count, rules: [a], timespan: 2m, group-by: [u], condition: {gte: 2}}`, at('a0 a120'), [[0, 1]]],
  ['days', `{type: event_count, rules: [a], timespan: 1d, group-by: [u], condition: {gte: 2}}`, at('a0 a86400'), [[0, 1]]],
  ['value_count, different values', value('value_count', 'gte: 3'), amounts('x', 'y', 'z'), [[0, 1, 2]]],
  ['value_count, equal ones once', value('value_count', 'gte: 3'), amounts('x', 'y', 'X'), []],
  ['value_count, events without the field', value('value_count', 'gte: 2'), [...amounts('x'), ...at('a1')], []],
  ['value_count, all values of a list', value('value_count', 'gte: 3'), amounts(['x', 'y'], 'z'), [[0, 1]]],
  ['value_count, of several fields together', `{type: value_count, rules: [a], timespan: 10s, group-by: [u], condition: {field: [n, h], gte: 2}}`, [...at('a0', { n: 1 }), ...at('a1', { n: 1, h: 'i' })], [[0, 1]]],
  ['value_sum', value('value_sum', 'gte: 10'), amounts(4, 6), [[0, 1]]],
  ['value_sum, of texts that are numbers', value('value_sum', 'gte: 10'), amounts('4', '6'), [[0, 1]]],
  ['value_sum, what is no number adds nothing', value('value_sum', 'gte: 5'), amounts(4, 'n/a'), []],
  ['value_sum, of one event', value('value_sum', 'gt: 100'), amounts(101), [[0]]],
  ['value_sum, only within the timespan', value('value_sum', 'gte: 10'), [...at('a0', { n: 6 }), ...at('a11', { n: 6 })], []],
  ['value_avg', value('value_avg', 'gt: 5'), amounts(4, 8), [[0, 1]]],
  ['value_avg, of all events of the window', value('value_avg', 'gt: 5'), amounts(4, 6), []],
  ['value_avg, below', value('value_avg', 'lt: 3'), amounts(1, 3), [[0, 1]]],
  ['value_percentile, half unless told otherwise', value('value_percentile', 'gte: 5'), amounts(1, 5, 9), [[0, 1, 2]]],
  ['value_percentile 90', value('value_percentile', 'percentile: 90, gt: 8'), amounts(1, 5, 9), [[0, 1, 2]]],
  ['value_percentile 90, not reached', value('value_percentile', 'percentile: 90, gt: 8.5'), amounts(1, 5, 9), []],
  ['value_median of an even number', value('value_median', 'eq: 3'), amounts(1, 2, 4, 9), [[0, 1, 2, 3]]],
  ['temporal, in any order', temporal('temporal', 'a, b'), at('b0 a5'), [[0, 1]]],
  ['temporal needs all of them', temporal('temporal', 'a, b, c'), at('a0 b1'), []],
  ['temporal, too far apart', temporal('temporal', 'a, b'), at('a0 b11'), []],
  ['temporal, apart in groups', temporal('temporal', 'a, b'), [...at('a0', { u: 'x' }), ...at('b1', { u: 'y' })], []],
  ['temporal, two of three', temporal('temporal', 'a, b, c', ', condition: {gte: 2}'), at('a0 c1'), [[0, 1]]],
  ['temporal, one rule often is one rule', temporal('temporal', 'a, b', ', condition: {gte: 2}'), at('a0 a1'), []],
  ['temporal_ordered', temporal('temporal_ordered', 'a, b, c'), at('a0 b1 c2'), [[0, 1, 2]]],
  ['temporal_ordered, in the wrong order', temporal('temporal_ordered', 'a, b'), at('b0 a1'), []],
  ['temporal_ordered, others between', temporal('temporal_ordered', 'a, b'), at('a0 c1 b2'), [[0, 2]]],
  ['temporal_ordered, the last first that is near enough', temporal('temporal_ordered', 'a, b'), at('a0 a8 b15'), [[1, 2]]],
  ['temporal_ordered, the whole within the timespan', temporal('temporal_ordered', 'a, b, c'), at('a0 b6 c12'), []],
];

const ALIASED = `{type: temporal, rules: [a, b], timespan: 10s, group-by: [who], aliases: {who: {a: u, b: v}}}`;
const INNER = `title: many\nname: many\ncorrelation: ${count('gte: 3')}\n---\n`;

describe('correlations', () => {
  it.each(CASES)('%s', async (_, correlation, events, fired) => {
    expect((await groups(correlation, events)).map((group) => group.events)).toEqual(fired);
  });

  it('tell the group and when the condition was fulfilled', async () => {
    const [group] = await groups(count('gte: 3'), at('a1 a2 a3 a4', { u: 'Kim' }));
    expect(group).toEqual({ by: { u: 'Kim' }, events: [0, 1, 2, 3], at: '1970-01-01T00:00:03.000Z' });
  });

  it('group by an alias that each rule has another field for', async () => {
    const events = [...at('a0', { u: 'kim' }), ...at('b1', { u: 'x', v: 'kim' }), ...at('b2', { u: 'kim', v: 'y' })];
    expect(await groups(ALIASED, events)).toEqual([
      { by: { who: 'kim' }, events: [0, 1], at: '1970-01-01T00:00:01.000Z' },
    ]);
  });

  it('take other correlations as rules, with their events', async () => {
    const outer = temporal('temporal_ordered', 'many, b');
    expect(await groups(outer, at('a0 a1 a2 b5'), INNER)).toMatchObject([{ events: [0, 1, 2, 3] }]);
    expect(await groups(outer, at('a0 a1 b5'), INNER)).toEqual([]);
    expect(await groups(outer, at('b0 a1 a2 a3'), INNER)).toEqual([]);
  });

  it('count how often another correlation fired, not its events', async () => {
    const outer = `{type: event_count, rules: [many], timespan: 1h, group-by: [u], condition: {gte: 2}}`;
    expect(await groups(outer, at('a0 a1 a2 a3 a4'), INNER)).toEqual([]);
    expect(await groups(outer, at('a0 a1 a2 a100 a101 a102'), INNER)).toMatchObject([{ events: [0, 1, 2, 3, 4, 5] }]);
  });

  it('group by what the inner one does not group by', async () => {
    const outer = `{type: value_count, rules: [many], timespan: 1h, group-by: [h], condition: {field: u, gte: 2}}`;
    const two = [...at('a0 a1 a2', { u: 'x' }), ...at('a3 a4 a5', { u: 'y' })];
    expect(await groups(outer, two, INNER)).toMatchObject([{ by: { h: 'h' }, events: [0, 1, 2, 3, 4, 5] }]);
  });

  it('name their rules by id as well', async () => {
    const id = '5638f7c0-ac70-491d-8465-2a65075e0d86';
    const rules = `title: a\nid: ${id}\nlogsource: {category: test}\ndetection: {s: {e: a}, condition: s}`;
    const text = `title: out\nname: out\ncorrelation: ${count('gte: 2').replace('[a]', `[${id}]`)}`;
    expect(await run(text, at('a0 a1'), rules)).toMatchObject({ groups: [{ events: [0, 1] }] });
  });

  it.each([
    ['an unknown type', count('gte: 2').replace('event_count', 'event_counts')],
    ['no rules', count('gte: 2').replace('[a]', '[]')],
    ['an unknown rule', count('gte: 2').replace('[a]', '[x]')],
    ['itself', count('gte: 2').replace('[a]', '[out]')],
    ['no timespan', count('gte: 2').replace('timespan: 10s, ', '')],
    ['a timespan without a unit', count('gte: 2').replace('10s', '10')],
    ['a timespan in capitals', count('gte: 2').replace('10s', '10M')],
    ['no condition', count('gte: 2').replace(', condition: {gte: 2}', '')],
    ['a condition without a bound', count('')],
    ['an unknown bound', count('above: 2')],
    ['a bound that is no number', count('gte: many')],
    ['value_count without a field', value('value_count', 'gte: 2').replace('field: n, ', '')],
    ['a percentile beyond 100', value('value_percentile', 'percentile: 101, gte: 1')],
    ['an alias of a rule that is not there', ALIASED.replace('b: v', 'c: v')],
  ])('are refused: %s', async (_, correlation) => {
    expect(await run(`title: out\nname: out\ncorrelation: ${correlation}`, at('a0 a1'))).toHaveProperty('error');
  });
});

describe('filters', () => {
  const rule = (name: string, logsource: string): string =>
    `title: ${name}\nname: ${name}\nlogsource: ${logsource}\ndetection: {s: {e: a}, condition: s}\n---\n`;
  const filter = (rules: string, body: string, logsource = '{product: windows}'): string =>
    `title: f\nlogsource: ${logsource}\nfilter: {rules: ${rules}, ${body}}`;
  const matches = async (text: string, events: readonly Event[] = at('a0 a1').map((e, i) => ({ ...e, n: i }))) => {
    const lines = await testRules({ file: 'f.yml', text, events, openStore: async (all) => memoryStore(all) });
    return lines.flatMap((line) => ('matches' in line ? [line.matches] : []));
  };
  const WINDOWS = '{product: windows, category: process_creation}';

  it.each([
    ['excludes with not', filter('[out]', 's: {n: 0}, condition: not s'), [[1]]],
    ['keeps only what it selects without it', filter('[out]', 's: {n: 0}, condition: s'), [[0]]],
    ['any: every rule of the log source', filter('any', 's: {n: 0}, condition: not s'), [[1]]],
    ['names another rule', filter('[other]', 's: {n: 0}, condition: not s'), [[0, 1]]],
    ['of another log source', filter('any', 's: {n: 0}, condition: not s', '{product: linux}'), [[0, 1]]],
    [
      'of a narrower log source',
      filter('any', 's: {n: 0}, condition: not s', '{product: windows, service: x}'),
      [[0, 1]],
    ],
    ['not 1 of', filter('[out]', 's_1: {n: 0}, s_2: {n: 1}, condition: not 1 of s_*'), [[]]],
    ['does not mix with names of the rule', filter('[out]', 's: {n: 1}, condition: not s'), [[0]]],
  ])('%s', async (_, text, expected) => {
    expect(await matches(`${rule('out', WINDOWS)}${text}`)).toEqual(expected);
  });

  it('apply one after the other, and to what correlations count', async () => {
    const two = `${filter('[out]', 's: {n: 0}, condition: not s')}\n---\n${filter('any', 's: {n: 1}, condition: not s')}`;
    expect(await matches(`${rule('out', WINDOWS)}${two}`)).toEqual([[]]);
    const counted = `${rule('a', WINDOWS)}${filter('[a]', 's: {n: 0}, condition: not s')}\n---\ntitle: out\nname: out\ncorrelation: ${count('gte: 2')}`;
    const events = at('a0 a1').map((e, i) => ({ ...e, n: i }));
    expect(await run(counted, events, '')).toMatchObject({ groups: [] });
  });
});
