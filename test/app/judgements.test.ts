import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { annotateCase } from '../../src/app/case-info.ts';
import { withStore } from '../../src/app/case-view.ts';
import { findingsOf, runDetection } from '../../src/app/detect.ts';
import { judgementsOf, unmuted } from '../../src/app/judgements.ts';
import { reportInput } from '../../src/app/report-input.ts';
import { runTrace, traceOf } from '../../src/app/trace.ts';
import { report } from '../../src/report/report.ts';
import { folder, take } from './cases.ts';

const LOG = join(import.meta.dirname, '../../fixtures/rules/vpn_guessed_password/hit/fgt.log');
const onProgress = (): void => {};

const detected = async (): Promise<{ caseDir: string; id: string }> => {
  const caseDir = join(folder(), 'c.case');
  await take(caseDir, [LOG]);
  const { findings } = await runDetection({
    caseDir,
    rules: [],
    indicators: [],
    context: undefined,
    geo: 'none',
    onProgress,
  });
  const finding = findings.find(({ title }) => title === 'VPN login after password guessing');
  return { caseDir, id: finding?.id as string };
};

it('a muted finding weighs nothing, stands in the report with its reason, and counts again when that is retracted', async () => {
  const { caseDir, id } = await detected();
  await annotateCase(caseDir, { events: null, findings: [id], kind: 'mute', text: 'the user called us' });
  await runTrace({ caseDir, anchor: undefined, context: undefined, language: 'en', onProgress });
  await withStore(caseDir, async (opened, store) => {
    const all = await findingsOf(opened);
    expect((await unmuted(opened, all)).map((f) => f.id)).toEqual(all.map((f) => f.id).filter((one) => one !== id));
    const trace = await traceOf(opened);
    if (trace === undefined) throw new Error('no verdict');
    const text = JSON.stringify(report(await reportInput(opened, store, trace, undefined), 'en'));
    expect(text).toContain('Muted by the analyst');
    expect(text).toContain('the user called us (');
    const [mute] = await opened.annotations();
    await opened.annotate({
      ts: '2024-10-01T00:00:00Z',
      author: 'x',
      events: null,
      kind: 'retract',
      text: mute?.id as string,
    });
    expect(await unmuted(opened, all)).toEqual(all);
  });
});

it('the last word about a finding counts', async () => {
  const { caseDir, id } = await detected();
  for (const [kind, text] of [
    ['mute', 'first thought'],
    ['confirm', 'the user denies it'],
  ] as const)
    await annotateCase(caseDir, { events: null, findings: [id], kind, text });
  await withStore(caseDir, async (opened) => {
    expect(await judgementsOf(opened)).toMatchObject([{ finding: id, kind: 'confirm', reason: 'the user denies it' }]);
  });
});

it('a judgement needs a reason, a finding that is there, and its own kind', async () => {
  const { caseDir, id } = await detected();
  const judge = (kind: 'mute' | 'comment', text: string, finding = id): Promise<void> =>
    annotateCase(caseDir, { events: null, findings: [finding], kind, text });
  await expect(judge('mute', ' ')).rejects.toMatchObject({ code: 'USAGE' });
  await expect(judge('comment', 'x')).rejects.toMatchObject({ code: 'USAGE' });
  await expect(judge('mute', 'x', 'ffffffffffffffff')).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

it('an indicator list is compared with a case, and is asked for when it is not there or empty', async () => {
  const { caseDir } = await detected();
  const list = join(folder(), 'list.txt');
  const run = (path: string) =>
    runDetection({ caseDir, rules: [], indicators: [path], context: undefined, geo: 'none', onProgress });
  await expect(run(list)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  writeFileSync(list, '# nothing\n10.0.0.1\n');
  await expect(run(list)).rejects.toMatchObject({ code: 'UNREADABLE' });
  writeFileSync(list, '198.51.100.0/24 # theirs\n203.0.113.0/24\nword\n');
  const { findings, problems } = await run(list);
  expect(findings.some(({ rule }) => rule === 'indicator')).toBe(true);
  expect(problems.join()).toContain('1 entries are no single address');
});
