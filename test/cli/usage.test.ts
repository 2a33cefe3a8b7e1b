import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { folder } from '../app/cases.ts';
import { fortigateFlow, lines, text } from '../app/logs.ts';
import { run } from './program.ts';

const root = folder();
const log = join(root, 'fw.log');
const caseDir = join(root, 'x.case');
const context = join(root, 'bad.yml');

beforeAll(async () => {
  writeFileSync(log, text(lines(fortigateFlow, 20, '2021-10-30T00:00:00Z')));
  writeFileSync(context, 'networks: [10.0.0.0/8]\nwrongly: named\n');
  expect(await run(['ingest', log, '--case', caseDir])).toMatchObject({ code: 0, stdout: '' });
});

describe.concurrent('wrong usage ends with 2, a hint and nothing on stdout', () => {
  it.each([
    ['no command', [], /Name a command/],
    ['unknown command', ['frobnicate'], /frobnicate/],
    ['unknown option', ['search', '--case', caseDir, '--colour'], /colour/],
    ['option without value', ['ingest', log, '--case'], /case/],
    ['missing option', ['ingest', log], /case/],
    ['unknown parser', ['parse', log, '--parser', 'nothing-like-it'], /formats list/],
    ['bad filter', ['search', '--case', caseDir, 'user.name: ('], /\n {2}\S/],
    ['bad time', ['search', '--case', caseDir, '--from', 'yesterday'], /ISO 8601/],
    ['bad format', ['search', '--case', caseDir, '--format', 'xml'], /xml|format/],
    ['bad zone', ['parse', log, '--timezone', 'Mars/Olympus'], /IANA/],
    ['bad zone of a source', ['ingest', log, '--case', join(root, 'n.case'), '--source-timezone', 'fw'], /GLOB=Z/],
    ['bad year', ['parse', log, '--year', '21'], /year/],
    ['bad context', ['detect', '--case', caseDir, '--context', context], /wrongly/],
    ['unknown scenario', ['simulate', 'S99', '--out', join(root, 'sim')], /S99/],
    ['simulation without a place', ['simulate', 'S01'], /--out/],
    ['unknown action', ['case', 'frobnicate'], /info, retime, annotate or move/],
    ['option given twice', ['search', '--case', caseDir, '--case', root], /--case is given more than once/],
    ['explorer without a terminal', ['explore', '--case', caseDir], /terminal/],
  ] as const)('%s', async (_, args, words) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^einfallstor: .+\n {2}\S/);
    expect(stderr).toMatch(words);
    expect(stderr).not.toMatch(/\n\s+at /); // no stack
  });
});

describe.concurrent('what is not there ends with 1 and a hint', () => {
  it.each([
    ['evidence', ['ingest', join(root, 'absent'), '--case', join(root, 'n.case')]],
    ['case', ['search', '--case', join(root, 'absent')]],
    ['what is to be verified', ['verify', join(root, 'absent')]],
    ['context', ['detect', '--case', caseDir, '--context', join(root, 'absent')]],
    ['rules', ['rules', 'check', join(root, 'absent')]],
    ['verdict', ['export', '--case', caseDir, '--format', 'report', '--out', join(root, 'r')]],
    ['measures', ['harden', '--case', caseDir]],
    ['event', ['case', 'annotate', '--case', caseDir, '--event', 'abc-1', '--text', 'x']],
  ] as const)('%s', async (_, args) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^einfallstor: .+\n {2}\S/);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

it('leaves nothing behind when it was wrongly used', () => expect(existsSync(join(root, 'n.case'))).toBe(false));

it('prints help and version on stdout', async () => {
  const help = await run(['--help']);
  expect(help).toMatchObject({ code: 0, stderr: '' });
  for (const name of [
    'investigate',
    'ingest',
    'detect',
    'trace',
    'explore',
    'search',
    'export',
    'verify',
    'harden',
    'parse',
  ])
    expect(help.stdout).toContain(`einfallstor ${name}`);
  expect((await run(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

it('never mixes cases that were not named', async () => {
  for (const name of ['one', 'two']) {
    mkdirSync(join(root, name, 'logs'), { recursive: true });
    writeFileSync(
      join(root, name, 'logs', 'fw.log'),
      text(lines(fortigateFlow, 5, `2021-10-2${name.length}T00:00:00Z`)),
    );
  }
  writeFileSync(join(root, 'two', 'logs', 'fw.log'), text(lines(fortigateFlow, 6, '2021-10-29T00:00:00Z')));
  const cwd = join(root, 'one');
  expect(await run(['investigate', 'logs'], { cwd })).toMatchObject({ code: 0 });
  expect(existsSync(join(cwd, 'logs.case', 'case.json'))).toBe(true);
  const other = await run(['investigate', '../two/logs'], { cwd });
  expect(other).toMatchObject({ code: 2, stdout: '' });
  expect(other.stderr).toMatch(/holds other evidence: logs\/fw\.log/);
});
