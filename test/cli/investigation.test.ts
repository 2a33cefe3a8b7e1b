import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CaseInfo } from '../../src/app/case-info.ts';
import type { TraceResult } from '../../src/trace/result.ts';
import { folder } from '../app/cases.ts';
import { writeIncident } from './incident.ts';
import { json, type Ran, run } from './program.ts';

const root = folder();
const home = join(root, 'here');
const away = join(root, 'some/where/else');
const caseDir = join(home, 'x.case');
const otherCase = join(away, 'x.case');
let first: Ran;
let second: Ran;

beforeAll(async () => {
  first = await run(['investigate', writeIncident(home), '--case', caseDir, '--json'], {
    env: { TZ: 'UTC', LANG: 'C', LC_ALL: 'C' },
  });
  // the same evidence elsewhere, on a machine of another zone and language
  mkdirSync(dirname(away), { recursive: true });
  cpSync(home, away, { recursive: true, filter: (path) => !path.endsWith('.case') });
  second = await run(['investigate', join(away, 'logs'), '--case', otherCase, '--json'], {
    env: { TZ: 'Pacific/Auckland', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' },
    cwd: away,
  });
});

const keys = (value: object): string[] => Object.keys(value).sort();

describe('the verdict', () => {
  it('is the only thing on stdout', () => {
    expect(first.code).toBe(0);
    expect(JSON.parse(first.stdout)).toMatchObject({ verdict: expect.any(String) });
    expect(first.stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(first.stderr).toMatch(/logs\/vpn\.log +fortinet-fortigate +32 records = 32 events/);
    expect(first.stderr).toMatch(/logs\/auth\.log .* 21 records = 20 events \+ 1 rejected .*year inferred/);
  });

  it('has exactly the keys that other programs rely on', () => {
    const trace = JSON.parse(first.stdout) as TraceResult;
    expect(keys(trace)).toEqual([
      'anchor',
      'clocks',
      'coverage',
      'exfiltration',
      'hypotheses',
      'intrusion',
      'notInTheseLogs',
      'otherChains',
      'uniformPriors',
      'verdict',
    ]);
    const even = trace.uniformPriors as NonNullable<TraceResult['uniformPriors']>;
    expect(even.hypotheses.map(({ rank }) => rank)).toEqual(trace.hypotheses.map(({ rank }) => rank));
    expect(even.hypotheses.reduce((all, h) => all + h.probability, even.notInTheseLogs)).toBeCloseTo(1, 9);
    expect(trace.hypotheses.length).toBeGreaterThan(0);
    for (const [n, h] of trace.hypotheses.entries()) {
      expect(keys(h)).toEqual([
        'against',
        'chain',
        'entry',
        'for',
        'missing',
        'origin',
        'probability',
        'rank',
        'score',
        'technique',
        'title',
        'vector',
      ]);
      expect(h.rank).toBe(n + 1);
      expect(keys(h.entry)).toEqual(['events', 'summary', 'timestamp', 'uncertaintySeconds']);
      for (const step of h.chain) expect(keys(step)).toEqual(['events', 'stage', 'summary', 'technique', 'timestamp']);
      for (const term of h.score) expect(keys(term)).toEqual(['because', 'events', 'nats', 'term']);
      for (const { evidence } of h.entry.events)
        expect(keys(evidence)).toEqual(['length', 'line', 'memberSha256', 'offset', 'path', 'sha256']);
    }
    expect(keys(trace.notInTheseLogs)).toEqual(['probability', 'score']);
    expect(keys(trace.exfiltration)).toEqual(['because', 'bytesUpperBound', 'events', 'grade']);
    for (const covered of trace.coverage) expect(keys(covered)).toEqual(['class', 'from', 'gaps', 'source', 'to']);
    const sum = trace.hypotheses.reduce((all, h) => all + h.probability, trace.notInTheseLogs.probability);
    expect(Math.abs(sum - 1)).toBeLessThan(1e-9);
  });

  it('names the guessed login, by its line in the file', () => {
    const [best] = (JSON.parse(first.stdout) as TraceResult).hypotheses;
    expect(best).toMatchObject({ vector: 'vpn-guessed-password', origin: 'external' });
    const evidence = best?.entry.events[0]?.evidence;
    expect(evidence?.path).toBe('logs/vpn.log');
    const bytes = readFileSync(join(home, 'logs/vpn.log'));
    const { offset = 0, length = 0 } = evidence ?? {};
    expect(bytes.toString('utf8', offset, offset + length)).toContain('tunnel-up');
  });

  it('is the same bytes wherever, in whatever zone and language', async () => {
    expect(second.stdout).toBe(first.stdout);
    for (const name of ['findings.json', 'trace.json'])
      expect(readFileSync(join(otherCase, name), 'utf8'), name).toBe(readFileSync(join(caseDir, name), 'utf8'));
    const info = await json<CaseInfo>(['case', 'info', '--case', caseDir, '--json']);
    expect(await json<CaseInfo>(['case', 'info', '--case', otherCase, '--json'])).toEqual(info);
    for (const [dir, TZ] of [
      [home, 'UTC'],
      [away, 'Pacific/Auckland'],
    ] as const) {
      const args = [
        'export',
        '--case',
        join(dir, 'x.case'),
        '--format',
        'report',
        '--out',
        join(dir, 'report'),
        '--as-of',
        '2021-11-05',
      ];
      expect(await run(args, { env: { TZ } })).toMatchObject({ code: 0, stdout: '' });
    }
    for (const name of ['de/report.html', 'de/report.md', 'en/report.html', 'en/report.md'])
      expect(readFileSync(join(away, 'report', name), 'utf8'), name).toBe(
        readFileSync(join(home, 'report', name), 'utf8'),
      );
  });

  it('is given again by trace, and from an anchor the analyst names', { timeout: 180_000 }, async () => {
    const again = await run(['trace', '--case', otherCase, '--json']);
    expect(again.stdout).toBe(first.stdout);
    const cleared = await run(['search', '--case', otherCase, 'einfallstor.act: log-cleared', '--format', 'ndjson']);
    const { event } = JSON.parse(cleared.stdout) as { event: { id: string } };
    const anchored = await json<TraceResult>(['trace', '--case', otherCase, '--anchor', event.id, '--json']);
    expect(anchored.anchor?.events.map(({ id }) => id)).toEqual([event.id]);
  });
});

describe('looking at a case', () => {
  it('searches as table, JSON and CSV, in time order, within a time', async () => {
    const table = await run(['search', '--case', caseDir, 'einfallstor.act: vpn-login and event.outcome: failure']);
    expect(table).toMatchObject({ code: 0, stderr: '' });
    expect(table.stdout.trimEnd().split('\n')).toHaveLength(30);
    expect(table.stdout).toMatch(/^2021-10-30T20:00:00\.000Z {2}vpn-login failure anna 198\.51\.100\.77/);
    const within = ['--from', '2021-10-30T20:01:00Z', '--to', '2021-10-30T20:02:00Z', '--format', 'ndjson'];
    const lines = (await run(['search', '--case', caseDir, 'user.name: anna', ...within])).stdout.trimEnd().split('\n');
    const times = lines.map((line) => (JSON.parse(line) as { '@timestamp': string })['@timestamp']);
    expect(times).toEqual([...times].sort());
    expect([times.length, times[0]]).toEqual([6, '2021-10-30T20:01:00.000Z']);
    const csv = await run(['search', '--case', caseDir, '', '--format', 'csv', '--limit', '3']);
    expect(csv.stdout.trimEnd().split('\r\n')).toHaveLength(4);
    expect(await run(['search', '--case', caseDir, 'user.name: nobody'])).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('lists findings and measures as JSON', async () => {
    const detected = await run(['detect', '--case', otherCase, '--json']);
    expect(detected.code).toBe(0);
    const findings = detected.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { title: string });
    expect(findings.map(({ title }) => title)).toContain('VPN login after password guessing');
    const measures = await json<{ steps: unknown[] }>(['harden', '--case', caseDir, '--json']);
    expect(measures.steps.length).toBeGreaterThan(0);
  });

  it('drafts a context file that it takes back', { timeout: 180_000 }, async () => {
    const before = readFileSync(join(otherCase, 'findings.json'), 'utf8');
    const { code, stdout } = await run(['context', 'suggest', '--case', otherCase, '--lang', 'de']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/# nicht vorgeschlagen: .*weniger als 7 Tage.*\n {2}# - "10\.99\.0\.0\/24"/);
    const file = join(root, 'context.yml');
    writeFileSync(file, stdout);
    const asJson = join(root, 'context.json');
    writeFileSync(asJson, (await run(['context', 'suggest', '--case', otherCase, '--json'])).stdout);
    for (const path of [file, asJson]) {
      expect((await run(['detect', '--case', otherCase, '--context', path])).code).toBe(0);
      expect(readFileSync(join(otherCase, 'findings.json'), 'utf8')).toBe(before);
    }
  });

  it('keeps annotations', async () => {
    const [event] = (JSON.parse(first.stdout) as TraceResult).hypotheses[0]?.entry.events ?? [];
    const args = ['case', 'annotate', '--case', otherCase, '--event', event?.id as string, '--text', 'asked the user'];
    expect(await run(args)).toMatchObject({ code: 0, stdout: '' });
    const { annotations } = await json<CaseInfo>(['case', 'info', '--case', otherCase, '--json']);
    expect(annotations).toEqual([
      expect.objectContaining({ text: 'asked the user', events: [event?.id], kind: 'comment' }),
    ]);
  });
});

describe('exports', () => {
  it.each(['ndjson', 'csv', 'package', 'report'])('%s never overwrites', async (format) => {
    const out = join(root, `out-${format}`);
    const args = ['export', '--case', caseDir, '--format', format, '--out', out];
    expect(await run(args)).toMatchObject({ code: 0, stdout: '' });
    const before = existsSync(join(out, 'bagit.txt')) ? readFileSync(join(out, 'bagit.txt'), 'utf8') : '';
    const again = await run(args);
    expect(again).toMatchObject({ code: 2, stdout: '' });
    expect(again.stderr).toContain('is there already');
    if (format === 'package') expect(readFileSync(join(out, 'bagit.txt'), 'utf8')).toBe(before);
  });

  it('holds every event', async () => {
    const { store } = await json<CaseInfo>(['case', 'info', '--case', caseDir, '--json']);
    expect(readFileSync(join(root, 'out-ndjson'), 'utf8').trimEnd().split('\n')).toHaveLength(store.events);
    expect(readFileSync(join(root, 'out-csv'), 'utf8').trimEnd().split('\r\n')).toHaveLength(store.events + 1);
  });
});

describe.concurrent('verify', () => {
  const problemsOf = async (path: string): Promise<string[]> => {
    const { code, stdout, stderr } = await run(['verify', path, '--json']);
    const { ok, problems } = JSON.parse(stdout) as { ok: boolean; problems: string[] };
    expect([code, ok], stderr).toEqual(problems.length === 0 ? [0, true] : [3, false]);
    return problems;
  };

  it('says that a whole case and package are as they were', async () => {
    expect(await run(['verify', caseDir])).toMatchObject({ code: 0, stdout: `ok: case ${caseDir}\n` });
    expect(await problemsOf(join(root, 'out-package'))).toEqual([]);
  });

  const fileIn = (folder: string): string => join(folder, readdirSync(folder).sort()[0] as string);

  it.each([
    ['a segment', (dir: string) => fileIn(join(dir, 'store/segments')), /store\/segments\//],
    ['the findings', (dir: string) => join(dir, 'findings.json'), /findings\.json/],
    ['the verdict', (dir: string) => join(dir, 'trace.json'), /trace\.json/],
  ])('names %s when it was changed', async (_, fileOf, named) => {
    const copy = join(folder(), 'x.case');
    cpSync(caseDir, copy, { recursive: true });
    appendFileSync(fileOf(copy), ' ');
    const problems = await problemsOf(copy);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(named);
  });

  it('names the line of the custody log that does not fit', async () => {
    const copy = join(folder(), 'x.case');
    cpSync(caseDir, copy, { recursive: true });
    const log = join(copy, 'custody.jsonl');
    const lines = readFileSync(log, 'utf8').split('\n');
    lines[2] = (lines[2] as string).replace('"result":"', '"result":"not ');
    writeFileSync(log, lines.join('\n'));
    const problems = await problemsOf(copy);
    expect(problems.join('\n')).toMatch(/custody\.jsonl: custody: line 4 does not follow from line 3/);
  });

  it('names an item that was changed, and one that is gone', async () => {
    const dir = folder();
    cpSync(join(away, 'logs'), join(dir, 'logs'), { recursive: true });
    const own = join(dir, 'x.case');
    expect(await run(['ingest', join(dir, 'logs'), '--case', own])).toMatchObject({ code: 0, stdout: '' });
    appendFileSync(join(dir, 'logs/auth.log'), 'one more line\n');
    expect(await problemsOf(own)).toEqual([expect.stringMatching(/^logs\/auth\.log: changed: /)]);
    renameSync(join(dir, 'logs/vpn.log'), join(dir, 'logs/gone.log'));
    expect(await problemsOf(own)).toContainEqual(expect.stringMatching(/^logs\/vpn\.log: missing: /));
  });

  it.each([
    ['changed', (bag: string) => appendFileSync(join(bag, 'data/exports/events.ndjson'), ' ')],
    ['added', (bag: string) => writeFileSync(join(bag, 'data/exports/more.txt'), 'x')],
    ['changed in the manifest', (bag: string) => appendFileSync(join(bag, 'bag-info.txt'), 'x: y\n')],
  ])('names what was %s in a package', async (_, tamper) => {
    const copy = join(folder(), 'package');
    cpSync(join(root, 'out-package'), copy, { recursive: true });
    tamper(copy);
    expect((await problemsOf(copy)).join('\n')).toMatch(/events\.ndjson|more\.txt|bag-info\.txt/);
  });
});
