import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { folder } from '../app/cases.ts';
import { writeIncident } from './incident.ts';
import { type Ran, run } from './program.ts';

/** Clipboard (OSC 52), colour (CSI, 7 and 8 bit), right-to-left override, isolate. */
const USER = 'e\u001b]52;c;aGk=\u0007\u001b[31mv\u009b31m\u202eil\u2066x';

/** What a terminal acts on: all control characters but line feeds, 8-bit controls, bidirectional overrides. */
const ACTING = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

const root = folder();
const caseDir = join(root, 'x.case');
let investigated: Ran;

const tame = ({ stdout, stderr }: Ran): void => {
  for (const text of [stdout, stderr]) expect(ACTING.exec(text)?.[0]).toBeUndefined();
};

beforeAll(async () => {
  const logs = writeIncident(root, USER);
  writeFileSync(join(logs, `\u001b[7mnamed\u202e.log`), 'nothing that is known\n');
  writeFileSync(
    join(logs, 'formula.log'),
    `Oct 30 18:30:00 bastion sshd[9]: Invalid user =cmd|'/C-calc'!A1 from 203.0.113.5 port 9\n`,
  );
  investigated = await run(['investigate', logs, '--case', caseDir]);
});

describe('text from evidence never reaches the terminal raw', () => {
  it('investigate', () => {
    expect(investigated.code).toBe(0);
    expect(investigated.stdout).toContain('e\\x1b]52;c;aGk=\\x07\\x1b[31mv\\x9b31m‹202e›il‹2066›x');
    expect(investigated.stderr).toContain('\\x1b[7mnamed‹202e›.log');
    tame(investigated);
  });

  it.each([
    ['search as a table', ['search', '--case', caseDir], '‹202e›'],
    ['search of rejected records', ['search', '--case', caseDir, 'event.kind: pipeline_error'], '‹202e›'],
    ['search as JSON', ['search', '--case', caseDir, '--format', 'ndjson', '--limit', '300'], '\\u202e'],
    ['parse', ['parse', join(root, 'logs/vpn.log')], '\\u009b'],
    ['detect', ['detect', '--case', caseDir], '‹202e›'],
    ['detect as JSON', ['detect', '--case', caseDir, '--json'], '\\u202e'],
    ['trace', ['trace', '--case', caseDir, '--lang', 'de'], '‹202e›'],
    ['harden', ['harden', '--case', caseDir], '‹202e›'],
    ['harden as JSON', ['harden', '--case', caseDir, '--json'], '\\u202e'],
    ['case info', ['case', 'info', '--case', caseDir], '‹202e›'],
    ['context suggest', ['context', 'suggest', '--case', caseDir], '# '],
    ['formats detect', ['formats', 'detect', join(root, 'logs')], '‹202e›'],
    ['an error message', ['parse', join(root, 'absent\u001b[31m\u202e')], ''],
    ['a bad filter', ['search', '--case', caseDir, 'user.name: \u001b[31m\u202e('], ''],
  ] as const)('%s', async (_, args, shown) => {
    const ran = await run(args);
    expect(ran.stdout).toContain(shown);
    tame(ran);
  });
});

it('never starts a formula in a spreadsheet', async () => {
  const { code, stdout } = await run(['search', '--case', caseDir, 'event.original: *C-calc*', '--format', 'csv']);
  expect(code).toBe(0);
  expect(stdout.split('\r\n')).toHaveLength(3);
  expect(stdout).toContain(`,'=cmd|'/C-calc'!A1,`);
  expect(stdout.split('\r\n')[1]).not.toMatch(/(?:^|[,;\n])"?[=+@]/);
});

it('writes reports without markup or controls from evidence', async () => {
  const out = join(root, 'report');
  expect(await run(['export', '--case', caseDir, '--format', 'report', '--out', out])).toMatchObject({
    code: 0,
    stdout: '',
  });
  for (const name of ['de/report.html', 'de/report.md', 'en/report.html', 'en/report.md'])
    expect(ACTING.exec(readFileSync(join(out, name), 'utf8'))?.[0], name).toBeUndefined();
});
