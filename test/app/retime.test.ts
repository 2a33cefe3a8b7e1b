import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CaseInfo } from '../../src/app/case-info.ts';
import { runDetection } from '../../src/app/detect.ts';
import { type Retimed, type RetimeRequest, retimeCase } from '../../src/app/retime.ts';
import { eventDigest, type PendingRetime } from '../../src/app/retime-pending.ts';
import { runTrace, traceOf } from '../../src/app/trace.ts';
import { verify } from '../../src/app/verify.ts';
import { openCase } from '../../src/case/case.ts';
import { numberOf, type StoredEvent } from '../../src/ecs/event.ts';
import { type CustodyEntry, verifyCustody } from '../../src/evidence/custody.ts';
import { ended, run, start } from '../cli/program.ts';
import { events, folder, info, streams, take } from './cases.ts';
import { fortigateFlow, lines, postfixLine, sshdLine, text } from './logs.ts';

const FROM = '2021-10-30T00:00:00Z';
const HOUR = 3_600_000_000;
const root = folder();
const logs = join(root, 'logs');

const write = (folder: string, count: number): void => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'fw.log'), text(lines(fortigateFlow, count, FROM)));
  writeFileSync(join(folder, 'auth.log'), text(lines(sshdLine, count, FROM)));
  writeFileSync(join(folder, 'mail.log'), text(lines(postfixLine, count, FROM)));
};

const retime = (caseDir: string, more: Partial<RetimeRequest>): Promise<Retimed> =>
  retimeCase({ caseDir, source: '*.log', reason: 'a test', dryRun: false, onProgress: () => {}, ...more });

const retimes = async (caseDir: string): Promise<readonly CustodyEntry[]> => {
  const { entries, faults } = await verifyCustody(join(caseDir, 'custody.jsonl'));
  expect(faults).toEqual([]);
  return entries.filter(({ action }) => action === 'retime');
};

/** What must not differ between a case that was retimed and one that was read so. */
const content = ({ store, streams, items }: CaseInfo) => ({
  sha256: store.sha256,
  events: store.events,
  streams,
  items,
});

const detect = (caseDir: string) =>
  runDetection({ caseDir, rules: [], indicators: [], context: undefined, geo: 'none', onProgress: () => {} });

let number = 0;
const fresh = async (more: Parameters<typeof take>[2] = {}, from = logs): Promise<string> => {
  number += 1;
  const caseDir = join(root, `n${number}.case`);
  await take(caseDir, [from], more);
  return caseDir;
};

describe('case retime', { timeout: 300_000 }, () => {
  beforeAll(() => write(logs, 300));

  it('gives what reading with that zone gives, without the evidence, and back the same bytes', async () => {
    const own = join(root, 'own', 'logs');
    write(own, 300);
    const [caseDir, told] = [await fresh({}, own), await fresh({ sourceTimezone: ['mail.log=Europe/Berlin'] }, own)];
    const before = await info(caseDir);
    renameSync(own, `${own}.away`);
    const done = await retime(caseDir, { source: 'mail.log', timezone: 'Europe/Berlin' });
    expect(done).toMatchObject({
      result: 'changed',
      verdict: 'none',
      streams: [
        {
          path: 'logs/mail.log',
          moved: 300,
          events: 300,
          from: { first: '2021-10-30T00:00:00.000Z' },
          to: { first: '2021-10-29T22:00:00.000Z' },
          assumed: { to: [expect.stringContaining('zone Europe/Berlin'), expect.stringContaining('year inferred')] },
        },
      ],
    });
    expect(content(await info(caseDir)).sha256).toBe(content(await info(told)).sha256);
    expect((await info(caseDir)).streams).toEqual((await info(told)).streams);
    await retime(caseDir, { source: 'mail.log', timezone: 'none' });
    expect(content(await info(caseDir))).toEqual(content(before));
    renameSync(`${own}.away`, own);
    expect((await verify(caseDir, () => {})).problems).toEqual([]);
  });

  it('says in the custody log what, from, to, by whom and why', async () => {
    const caseDir = await fresh();
    await retime(caseDir, { source: 'logs/auth.log', year: 2019, reason: 'label of the disk' });
    const [entry] = await retimes(caseDir);
    expect(entry).toMatchObject({
      actor: expect.stringMatching(/./),
      object: [{ path: 'logs/auth.log', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }],
      params: {
        source: 'logs/auth.log',
        reason: 'label of the disk',
        streams: [{ path: 'logs/auth.log', to: { year: 2019 }, moved: 300 }],
      },
    });
    for (const { fields } of await events(caseDir, 'log.file.path: *auth.log')) {
      expect(new Date((numberOf(fields, '@timestamp') as number) / 1000).getUTCFullYear()).toBe(2019);
      expect(fields['einfallstor.warnings']).toContain('year-inferred:2019');
    }
  });

  it('leaves what records state to a correction of the clock, which they tell', async () => {
    const caseDir = await fresh();
    const before = await info(caseDir);
    const none = await retime(caseDir, { source: 'fw.log', timezone: 'Asia/Tokyo', year: 2001 });
    expect(none).toMatchObject({ result: 'unchanged', streams: [{ moved: 0 }] });
    expect(await info(caseDir)).toEqual(before);
    const raw = await events(caseDir, 'log.file.path: *fw.log');
    await retime(caseDir, { source: 'fw.log', shift: '+00:09:00' });
    for (const [n, { fields }] of (await events(caseDir, 'log.file.path: *fw.log')).entries()) {
      const time = raw[n]?.fields['@timestamp'] as number;
      expect(fields['@timestamp']).toBe(time + 0.15 * HOUR);
      expect(fields['einfallstor.time.uncorrected']).toBe(time);
      expect(fields['einfallstor.warnings']).toContain('clock-corrected:+00:09:00');
    }
    // the same again is nothing, another replaces it, and taken back it was never there
    expect((await retime(caseDir, { source: 'fw.log', shift: '9m' })).result).toBe('unchanged');
    expect((await retime(caseDir, { source: 'fw.log', shift: '-1h' })).result).toBe('changed');
    await retime(caseDir, { source: 'fw.log', shift: '0' });
    expect(content(await info(caseDir))).toEqual(content(before));
    expect(await retimes(caseDir)).toHaveLength(3);
  });

  it('only tells when asked to, and refuses what is no assumption', async () => {
    const caseDir = await fresh();
    const before = readdirSync(join(caseDir, 'store/segments'));
    const would = await retime(caseDir, { source: 'auth.log', timezone: '+02:00', dryRun: true });
    expect(would).toMatchObject({ result: 'would-change', streams: [{ moved: 300 }] });
    expect(readdirSync(join(caseDir, 'store/segments'))).toEqual(before);
    expect(await retimes(caseDir)).toEqual([]);
    await expect(retime(caseDir, { timezone: 'Europe/Berlin', reason: ' ' })).rejects.toThrow('needs a reason');
    await expect(retime(caseDir, {})).rejects.toThrow('nothing to assume');
    await expect(retime(caseDir, { timezone: 'Mars/Olympus' })).rejects.toThrow('unknown time zone');
    await expect(retime(caseDir, { shift: 'soon' })).rejects.toThrow('no correction');
    await expect(retime(caseDir, { source: 'nothing.*', shift: '1m' })).rejects.toThrow('no stream');
  });

  it('makes findings and verdict anew, or lets none count that it cannot make', async () => {
    const caseDir = await fresh();
    const traced = () =>
      runTrace({ caseDir, anchor: 'anna', context: undefined, language: 'en', onProgress: () => {} });
    await runDetection({
      caseDir,
      rules: [],
      indicators: [],
      context: undefined,
      geo: undefined,
      onProgress: () => {},
    });
    const { trace } = await traced();
    const done = await retime(caseDir, { source: 'auth.log', timezone: '+02:00' });
    expect(done.verdict).toBe('renewed');
    const now = await traceOf(await openCase(caseDir));
    const covered = (coverage: readonly { source: string; from: string }[]) =>
      coverage.find(({ source }) => source.includes('auth'))?.from;
    expect(covered(trace.coverage)).toBe('2021-10-30T00:00:00.000Z');
    expect(covered(now?.coverage ?? [])).toBe('2021-10-29T22:00:00.000Z');

    await detect(caseDir); // with an option of its own
    expect((await retime(caseDir, { source: 'auth.log', timezone: '+01:00' })).verdict).toBe('stale');
    expect(await traceOf(await openCase(caseDir))).toBeUndefined();
    await expect(traced()).rejects.toThrow('times that were changed');
    expect((await verify(caseDir, () => {})).problems).toEqual([]);
    await detect(caseDir);
    await traced();
    expect((await verify(caseDir, () => {})).problems).toEqual([]);
  });

  it('moves the times of rejected records, and of streams that share a segment with others', async () => {
    const mixed = join(root, 'mixed');
    mkdirSync(mixed);
    const odd = text(
      lines((at, n) => (n % 3 === 0 ? `${sshdLine(at, n)}` : sshdLine(at, n).replace(/sshd.*/, '~§')), 30, FROM),
    );
    writeFileSync(join(mixed, 'a.log'), odd);
    writeFileSync(join(mixed, 'b.log'), text(lines(sshdLine, 20, FROM)));
    const [caseDir, told] = [join(root, 'mixed.case'), join(root, 'mixed-told.case')];
    await take(caseDir, [mixed]);
    await take(told, [mixed], { sourceTimezone: ['a.log=America/Lima'] });
    await retime(caseDir, { source: 'a.log', timezone: 'America/Lima' });
    expect((await info(caseDir)).store).toEqual((await info(told)).store);
  });
});

describe('killed while it changes times', () => {
  const COUNT = 6_000;
  const large = join(root, 'large');
  const args = (caseDir: string) => [
    ...['case', 'retime', '--case', caseDir, '--source', '*.log'],
    ...['--timezone', 'Europe/Berlin', '--reason', 'a test', '--json'],
  ];

  it('is as it was or as it should be, and the next run goes on', { timeout: 1_200_000 }, async () => {
    write(large, COUNT);
    const [base, calm] = [join(root, 'base.case'), join(root, 'calm.case')];
    await take(base, [large]);
    cpSync(base, calm, { recursive: true });
    const began = performance.now();
    expect(await run(args(calm))).toMatchObject({ code: 0 });
    const whole = performance.now() - began;
    const [old, changed] = [content(await info(base)), content(await info(calm))];
    expect(changed.sha256).not.toBe(old.sha256);
    for (const part of [0.5, 0.8, 0.95]) {
      const caseDir = join(root, `killed-${part}.case`);
      cpSync(base, caseDir, { recursive: true });
      const child = start(args(caseDir));
      const end = ended(child);
      await pause(whole * part);
      child.kill('SIGKILL');
      await end;
      const found = content(await info(caseDir));
      const said = `killed after ${Math.round(whole * part)} ms of ${Math.round(whole)}`;
      expect([old, changed], said).toContainEqual(found);
      expect(existsSync(join(caseDir, 'retime.json')), said).toBe(false);
      expect((await retimes(caseDir)).length, said).toBe(found.sha256 === old.sha256 ? 0 : 1);
      expect(await run(args(caseDir)), said).toMatchObject({ code: 0 });
      expect(content(await info(caseDir)), said).toEqual(changed);
      expect(await retimes(caseDir), said).toHaveLength(1);
      expect((await verify(caseDir, () => {})).problems, said).toEqual([]);
      rmSync(caseDir, { recursive: true });
    }
  });

  it('completes what the store has, and forgets what it has not', { timeout: 600_000 }, async () => {
    const [base, calm, half] = ['base.case', 'calm.case', 'half.case'].map((name) => join(root, name)) as [
      string,
      string,
      string,
    ];
    const [was, is] = [await info(base), await info(calm)];
    const [sample] = await events(calm, 'log.file.path: *mail.log and log.offset: 0');
    const [act] = await retimes(calm);
    const pending: PendingRetime = {
      number: 0,
      entries: await streams(calm),
      act: { action: 'retime', object: act?.object ?? [], params: act?.params ?? {} },
      sample: { id: sample?.id as string, sha256: eventDigest(sample as StoredEvent) },
    };
    for (const [store, expected, acts] of [
      [base, was, 0],
      [calm, is, 1],
    ] as const) {
      cpSync(base, half, { recursive: true });
      rmSync(join(half, 'store'), { recursive: true });
      cpSync(join(store, 'store'), join(half, 'store'), { recursive: true });
      writeFileSync(join(half, 'retime.json'), JSON.stringify(pending));
      expect(content(await info(half))).toEqual(content(expected));
      expect(await retimes(half)).toHaveLength(acts);
      expect(existsSync(join(half, 'retime.json'))).toBe(false);
      rmSync(half, { recursive: true });
    }
  });
});
