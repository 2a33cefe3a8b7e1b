import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCondition } from '../../src/detect/sigma/condition.ts';
import { loadRules } from '../../src/detect/sigma/load.ts';
import { parsePattern } from '../../src/detect/sigma/pattern.ts';
import { testRules } from '../../src/detect/test-rules.ts';
import { is } from '../../src/query/ast.ts';
import { predicateOf, type QueryFields } from '../../src/query/evaluate.ts';
import { memoryStore } from '../../src/store/memory.ts';

const names = ['a', 'b', 'c', 'filter_x', 'filter_y', 'not_d', '_hidden'];
const detections = new Map(names.map((name) => [name, is(name, 1)]));
const holds = (condition: string, ...present: string[]): boolean =>
  predicateOf(parseCondition(condition, detections))(Object.fromEntries(present.map((name) => [name, 1])));

describe('conditions', () => {
  it.each([
    ['a or b and not c', ['a', 'c'], true],
    ['(a or b) and not c', ['a', 'c'], false],
    ['not a and b', ['b'], true],
    ['not not a', ['a'], true],
    ['NOT a AND b', ['b'], true],
    ['not_d', ['not_d'], true],
    ['all of filter_*', ['filter_x'], false],
    ['1 of filter_*', ['filter_y'], true],
    ['any of them', ['_hidden'], false],
    ['1 of _*', ['_hidden'], true],
    ['1 of *_x', ['filter_x'], true],
  ])('%s with %j is %s', (condition, present, expected) => {
    expect(holds(condition, ...present)).toBe(expected);
  });

  it.each([
    ['a | count() > 5', /Sigma 1/],
    ['a and', /ends where/],
    ['(a or b', /not closed/],
    ['a b', /goes on with "b"/],
    ['d', /names "d"/],
    ['1 of nothing_*', /matches no detection/],
    ['2 of filter_*', /only 1, any and all/],
    ['', /ends where/],
    [`${'('.repeat(200)}a${')'.repeat(200)}`, /too deeply/],
    [`${'not '.repeat(200)}a`, /too deeply/],
  ])('refuses %s', (condition, reason) => {
    expect(() => parseCondition(condition, detections)).toThrow(reason);
  });

  it('gives a query or a reason for any text', () => {
    const word = fc.constantFrom(
      ...names,
      'and',
      'or',
      'not',
      '(',
      ')',
      '1',
      'all',
      'of',
      'them',
      '|',
      '*',
      'filter_*',
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), (words) => {
        try {
          parseCondition(words.join(' '), detections);
        } catch (error) {
          expect((error as Error).constructor.name).toBe('RuleError');
        }
      }),
    );
  });
});

describe('escapes in values', () => {
  const any = { wild: 'any' };
  it.each([
    ['a*', ['a', any]],
    ['a\\*', ['a*']],
    ['a\\\\*', ['a\\', any]],
    ['a\\\\\\*', ['a\\*']],
    ['C:\\Temp\\', ['C:\\Temp\\']],
    ['\\\\srv', ['\\srv']],
    ['\\\\\\srv', ['\\\\srv']],
    ['\\\\\\\\srv', ['\\\\srv']],
    ['', []],
  ])('%s', (text, parts) => {
    expect(parsePattern(text)).toEqual(parts);
  });
});

const matches = (detection: object, event: QueryFields, placeholders?: Record<string, string[]>): boolean | string => {
  const text = JSON.stringify({ title: 'r', logsource: {}, detection: { sel: detection, condition: 'sel' } });
  const options = { names: 'as-is' as const, placeholders: new Map(Object.entries(placeholders ?? {})) };
  const { rules, problems } = loadRules([{ file: 'r.yml', text }], options);
  const [rule] = rules;
  return rule === undefined ? (problems[0]?.reason ?? '') : predicateOf(rule.query)(event);
};

describe('modifiers', () => {
  it.each([
    [{ 'f|base64offset|contains': 'secret' }, { f: Buffer.from('xxsecret!').toString('base64') }, true],
    [{ 'f|base64offset|contains': 'secret' }, { f: Buffer.from('xsecret!').toString('base64') }, true],
    [{ 'f|base64offset|contains': 'secret' }, { f: Buffer.from('nothing').toString('base64') }, false],
    [{ 'f|utf16|base64': 'A' }, { f: Buffer.from([0xff, 0xfe, 0x41, 0]).toString('base64') }, true],
    [{ 'f|utf16le|base64offset|contains': 'ping' }, { f: Buffer.from(' ping', 'utf16le').toString('base64') }, true],
    [{ 'f|windash|endswith': ' -q' }, { f: 'x –q' }, true],
    [{ 'f|re|i': 'A.c' }, { f: 'xabcx' }, true],
    [{ 'f|neq': 'x' }, { g: 1 }, true],
    [{ 'f|neq': null }, { f: 1 }, true],
    [{ 'f|exists': false }, { g: 1 }, true],
    [{ 'f|gt': 5 }, { f: '6' }, true],
    [{ 'f|fieldref': 'g' }, { f: 'Ab', g: 'aB' }, true],
    [{ 'f|fieldref|startswith': 'g' }, { f: 'abc', g: 'ab' }, true],
    [{ 'f|cased|contains': 'Ad' }, { f: 'bad' }, false],
    [{ '@timestamp|week': 53 }, { '@timestamp': '2021-01-01T00:00:00Z' }, true],
    [{ '|re': 'b+' }, { anything: 'abb' }, true],
    [{ 'f|contains|all': ['a', 'b'] }, { f: 'cba' }, true],
  ])('%j on %j is %s', (detection, event, expected) => {
    expect(matches(detection, event)).toBe(expected);
  });

  it.each([
    [{ 'f|re': '(?=x)' }, /not a regular expression/],
    [{ 'f|re|x': 'a' }, /unknown modifier/],
    [{ 'f|contains|cidr': '10.0.0.0/8' }, /cidr needs/],
    [{ 'f|cidr': 'ten' }, /not "ten"/],
    [{ 'f|exists': 'x' }, /true or false/],
    [{ 'f|gte|hour': 5 }, /before the comparison/],
    [{ 'f|expand': '%unknown%' }, /%unknown% has no values/],
    [{ 'f|lt': true }, /needs a number/],
    [{ f: [] }, /empty/],
    [{ f: { g: 1 } }, /a value must be/],
    [{}, /empty/],
  ])('refuses %j', (detection, reason) => {
    expect(matches(detection, {})).toMatch(reason);
  });

  it('expands placeholders to each of their values', () => {
    const hosts = { hosts: ['dc1', 'dc2*'] };
    expect(matches({ 'f|expand': 'x-%hosts%' }, { f: 'x-dc2b' }, hosts)).toBe(true);
    expect(matches({ 'f|expand': 'x-%hosts%' }, { f: 'x-dc1b' }, hosts)).toBe(false);
  });
});

describe('loading', () => {
  const good = 'title: good\ndetection:\n  s:\n    f: 1\n  condition: s\n';

  it('reports what is wrong with file and line and goes on', () => {
    const text = `${good}---\ntitle: bad\ndetection:\n  s:\n    f|nope: 1\n  condition: s\n---\n- a list\n---\na: [\n---\n${good.replace('good', 'last')}`;
    const { rules, problems } = loadRules([{ file: 'x.yml', text }], { names: 'as-is' });
    expect(rules.map(({ label }) => label)).toEqual(['good', 'last']);
    expect(problems.map(({ file, line, rule, severity }) => ({ file, line, rule, severity }))).toEqual([
      { file: 'x.yml', line: 10, rule: 'bad', severity: 'refused' },
      { file: 'x.yml', line: 13, rule: undefined, severity: 'refused' },
      { file: 'x.yml', line: expect.any(Number), rule: undefined, severity: 'refused' },
    ]);
  });

  it('refuses correlations whose rules are missing or go round in circles', () => {
    const correlation = (name: string, rule: string): string =>
      `title: ${name}\nname: ${name}\ncorrelation:\n  type: event_count\n  rules: [${rule}]\n  group-by: [u]\n  timespan: 1m\n  condition:\n    gte: 2\n`;
    const text = [correlation('one', 'two'), correlation('two', 'one'), correlation('three', 'nowhere')].join('---\n');
    const { correlations, problems } = loadRules([{ file: 'x.yml', text }], { names: 'as-is' });
    expect(correlations).toEqual([]);
    expect(problems.map(({ rule }) => rule)).toEqual(['one', 'two', 'three']);
  });

  it('applies filters by name and logsource, and doubts those that keep', () => {
    const rule = 'title: r\nname: r\nlogsource: {category: vpn}\ndetection:\n  s:\n    f: 1\n  condition: s\n';
    const filter = (source: string, condition: string): string =>
      `title: flt\nlogsource: {category: ${source}}\nfilter:\n  rules: [r]\n  selection:\n    u: svc\n  condition: ${condition}\n`;
    const run = (source: string, condition: string): [boolean, number] => {
      const { rules, problems } = loadRules([{ file: 'x', text: `${rule}---\n${filter(source, condition)}` }], {
        names: 'as-is',
      });
      return [predicateOf(rules[0]?.query ?? { kind: 'none' })({ f: 1, u: 'svc' }), problems.length];
    };
    expect(run('vpn', 'not selection')).toEqual([false, 0]);
    expect(run('mail', 'not selection')).toEqual([true, 0]);
    expect(run('vpn', 'selection')).toEqual([true, 1]);
  });

  it('survives documents that multiply themselves', () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'.replace(/./g, (c, i: number) => `${c}: &${c} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(',')}]\n`)}`;
    const { problems } = loadRules([{ file: 'x', text: bomb }], { names: 'as-is' });
    expect(problems).toHaveLength(1);
  });
});

const groups = async (correlation: object, events: object[], more: object[] = []): Promise<number> => {
  const rule = (name: string): object => ({ name, detection: { s: { e: name }, condition: 's' } });
  const documents = [rule('a'), rule('b'), rule('c'), ...more, { title: 'out', correlation }];
  const lines = await testRules({
    file: 'x.yml',
    text: documents.map((one) => JSON.stringify(one)).join('\n---\n'),
    events,
    openStore: async (stored) => memoryStore(stored),
  });
  const line = lines.find((one) => one.rule === 'out');
  if (line === undefined || !('groups' in line)) throw new Error(JSON.stringify(line));
  return line.groups.length;
};

const at = (t: number, e: string, more: object = {}): object => ({ '@timestamp': t, e, u: 'x', ...more });

describe('correlations', () => {
  it('counts both ends of the window', async () => {
    const rule = { type: 'event_count', rules: ['a'], 'group-by': ['u'], timespan: '60s', condition: { gte: 2 } };
    expect(await groups(rule, [at(0, 'a'), at(60, 'a')])).toBe(1);
    expect(await groups(rule, [at(0, 'a'), at(60.001, 'a')])).toBe(0);
  });

  it('takes events in time order, whatever order they come in', async () => {
    const rule = { type: 'temporal_ordered', rules: ['a', 'b'], 'group-by': ['u'], timespan: '60s' };
    expect(await groups(rule, [at(9, 'b'), at(3, 'a')])).toBe(1);
    expect(await groups(rule, [at(3, 'b'), at(9, 'a')])).toBe(0);
  });

  it('never uses one event for two places of an order, and still finds the earlier one', async () => {
    const rule = { type: 'temporal_ordered', rules: ['a', 'both'], 'group-by': ['u'], timespan: '60s' };
    const both = [{ name: 'both', detection: { s: { z: 1 }, condition: 's' } }];
    expect(await groups(rule, [at(0, 'a', { z: 1 })], both)).toBe(0);
    expect(await groups(rule, [at(0, 'a'), at(5, 'a', { z: 1 })], both)).toBe(1);
  });

  it('prefers the latest begin of an order', async () => {
    const rule = { type: 'temporal_ordered', rules: ['a', 'b', 'c'], 'group-by': ['u'], timespan: '60s' };
    expect(await groups(rule, [at(0, 'a'), at(40, 'a'), at(50, 'b'), at(90, 'c')])).toBe(1);
    expect(await groups(rule, [at(0, 'a'), at(30, 'b'), at(40, 'a'), at(90, 'c')])).toBe(0);
  });

  it('averages and ranks whole windows', async () => {
    const average = {
      type: 'value_avg',
      rules: ['a'],
      'group-by': ['u'],
      timespan: '60s',
      condition: { field: 'n', gt: 100 },
    };
    expect(await groups(average, [at(0, 'a', { n: 200 }), at(1, 'a', { n: 0 }), at(2, 'a', { n: 10 })])).toBe(0);
    expect(await groups(average, [at(0, 'a', { n: 200 }), at(1, 'a', { n: '90' })])).toBe(1);
    const median = {
      type: 'value_percentile',
      rules: ['a'],
      'group-by': ['u'],
      timespan: '60s',
      condition: { field: 'n', percentile: 50, gte: 10 },
    };
    expect(await groups(median, [at(0, 'a', { n: 1 }), at(1, 'a', { n: 10 }), at(2, 'a', { n: 99 })])).toBe(1);
  });

  it('keeps inner and outer groups apart', async () => {
    const inner = {
      name: 'many',
      correlation: {
        type: 'event_count',
        rules: ['a'],
        'group-by': ['u', 'ip'],
        timespan: '60s',
        condition: { gte: 2 },
      },
    };
    const outer = {
      type: 'value_count',
      rules: ['many'],
      'group-by': ['ip'],
      timespan: '10m',
      condition: { field: 'u', gte: 2 },
    };
    const guess = (t: number, u: string): object => ({ '@timestamp': t, e: 'a', u, ip: '1' });
    expect(await groups(outer, [guess(0, 'p'), guess(1, 'p'), guess(5, 'q'), guess(6, 'q')], [inner])).toBe(1);
    expect(await groups(outer, [guess(0, 'p'), guess(1, 'p'), guess(5, 'q')], [inner])).toBe(0);
  });

  it('finds a success long after guessing began, while it still goes on', async () => {
    const inner = {
      name: 'many',
      correlation: { type: 'event_count', rules: ['a'], 'group-by': ['u'], timespan: '60s', condition: { gte: 3 } },
    };
    const outer = { type: 'temporal_ordered', rules: ['many', 'b'], 'group-by': ['u'], timespan: '5m' };
    const guesses = Array.from({ length: 100 }, (_, i) => at(i * 10, 'a'));
    expect(await groups(outer, [...guesses, at(1005, 'b')], [inner])).toBe(1);
  });
});
