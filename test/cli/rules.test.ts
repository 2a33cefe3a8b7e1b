import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { folder } from '../app/cases.ts';
import { root as project, run } from './program.ts';

const RULES = `title: Failed login of root
name: root_failed
logsource: {category: authentication}
detection:
  sel: {event.outcome: failure, user.name: root}
  condition: sel
level: low
---
title: Many of them
correlation:
  type: event_count
  rules: [root_failed]
  group-by: [source.ip]
  timespan: 5m
  condition: {gte: 2}
level: high
---
title: Refused
name: refused
logsource: {category: authentication}
detection:
  sel: {user.name: x}
  condition: sel and nothing_like_it
`;

const EVENTS = ['root', 'anna', 'root'].map((name, n) => ({
  '@timestamp': 1635717247 + n * 10,
  event: { outcome: 'failure' },
  user: { name },
  source: { ip: '198.51.100.9' },
}));

it('lists and checks the shipped rules', async () => {
  const listed = await run(['rules', 'list', '--json']);
  expect(listed.code).toBe(0);
  const rules = listed.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { id: string; title: string });
  expect(rules.length).toBeGreaterThan(20);
  const checked = await run(['rules', 'check', join(project, 'rules')]);
  expect(checked).toMatchObject({ code: 0 });
  expect(checked.stderr).toMatch(/\d+ rules and \d+ correlations loaded, 0 refused/);
});

it('names file and line of a rule that it refuses', async () => {
  const root = folder();
  writeFileSync(join(root, 'r.yml'), RULES);
  const { code, stdout } = await run(['rules', 'check', join(root, 'r.yml')]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/r\.yml:\d+: refused: .*nothing_like_it/);
});

const EXPANDED = `title: Named
name: named
logsource: {product: windows, service: security}
detection:
  sel: {EventID: 4624, TargetUserName|expand: '%Administrators%'}
  condition: sel
---
title: Elsewhere
name: elsewhere
logsource: {product: aws, service: cloudtrail}
detection:
  sel: {eventName: x}
  condition: sel
`;

it('counts what is refused and what cannot run, and takes values of placeholders from the context file', async () => {
  const root = folder();
  writeFileSync(join(root, 'r.yml'), EXPANDED);
  writeFileSync(join(root, 'c.yml'), 'placeholders:\n  Administrators: [adm-anna, adm-ben]\n');
  const without = await run(['rules', 'check', join(root, 'r.yml'), '--json']);
  const lines = without.stdout.trimEnd().split('\n');
  expect(without.code).toBe(1);
  expect(JSON.parse(lines[0] as string)).toMatchObject({
    rule: 'named',
    line: 5,
    severity: 'refused',
    reason: expect.stringContaining('%Administrators%'),
  });
  expect(JSON.parse(lines.at(-1) as string)).toEqual({
    rules: 1,
    correlations: 0,
    refused: 1,
    notRun: 1,
    doubtful: 0,
  });
  const { code, stdout, stderr } = await run(['rules', 'check', join(root, 'r.yml'), '--context', join(root, 'c.yml')]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/r\.yml:8: not run: .*aws\/cloudtrail/);
  expect(stderr).toContain(
    '2 rules and 0 correlations loaded, 0 refused; of those loaded 1 are about logs not read here',
  );
});

it.each(['memory', 'duckdb'])('tests rules on events with the %s store', async (store) => {
  const root = folder();
  writeFileSync(join(root, 'r.yml'), RULES);
  writeFileSync(join(root, 'e.ndjson'), EVENTS.map((event) => `${JSON.stringify(event)}\n`).join(''));
  const args = ['rules', 'test', join(root, 'r.yml'), '--events', join(root, 'e.ndjson'), '--store', store];
  const { code, stdout } = await run([...args, '--json']);
  expect(code).toBe(0);
  const found = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(found).toEqual([
    { rule: 'root_failed', matches: [0, 2] },
    {
      rule: 'Many of them',
      groups: [expect.objectContaining({ by: { 'source.ip': '198.51.100.9' }, events: [0, 2] })],
    },
    { rule: 'refused', error: expect.stringContaining('nothing_like_it') },
  ]);
  expect((await run(args)).stdout).toContain('root_failed: events 0, 2');
});

const treeOf = (folder: string, at = ''): [string, string][] =>
  readdirSync(join(folder, at))
    .sort()
    .flatMap((name): [string, string][] => {
      const path = join(at, name);
      if (statSync(join(folder, path)).isDirectory()) return treeOf(folder, path);
      return [[path, readFileSync(join(folder, path), 'base64')]];
    });

it('simulates the same bytes for the same seed', async () => {
  const root = folder();
  const simulate = (out: string, seed: string, TZ: string) =>
    run(['simulate', 'S01', '--seed', seed, '--days', '2', '--noise', '0.1', '--out', join(root, out)], {
      env: { TZ },
    });
  const first = await simulate('a', '7', 'UTC');
  expect(first.code).toBe(0);
  expect(first.stdout.trimEnd().split('\n').sort()).toEqual(
    treeOf(join(root, 'a'))
      .map(([path]) => path)
      .sort(),
  );
  await simulate('b', '7', 'Pacific/Auckland');
  expect(treeOf(join(root, 'b'))).toEqual(treeOf(join(root, 'a')));
  await simulate('c', '8', 'UTC');
  expect(treeOf(join(root, 'c'))).not.toEqual(treeOf(join(root, 'a')));
  expect((await run(['simulate', '--list'])).stdout).toContain('S01');
});
