import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import type { CaseInfo } from '../../src/app/case-info.ts';
import { verifyCustody } from '../../src/evidence/custody.ts';
import { ended, json, run, start } from '../cli/program.ts';
import { folder } from './cases.ts';
import { fortigateFlow, lines, postfixLine, sshdLine, text } from './logs.ts';

const FROM = '2021-10-30T00:00:00Z';
/** Lines of each of the three files. */
const LINES = 50_000;
const KILLS = 3;

const comparable = ({ store, streams, items }: CaseInfo) => ({ store, streams, items });

it('loses and duplicates nothing when it is killed', { timeout: 600_000 }, async () => {
  const root = folder();
  const logs = join(root, 'logs');
  mkdirSync(logs);
  writeFileSync(join(logs, 'a-fw.log.gz'), gzipSync(text(lines(fortigateFlow, LINES, FROM)), { level: 1 }));
  writeFileSync(join(logs, 'b-auth.log'), text(lines(sshdLine, LINES, FROM)));
  writeFileSync(join(logs, 'c-mail.log'), text(lines(postfixLine, LINES, FROM)));

  const calm = join(root, 'calm.case');
  const began = performance.now();
  expect((await run(['ingest', logs, '--case', calm])).code).toBe(0);
  const whole = performance.now() - began;
  const expected = await json<CaseInfo>(['case', 'info', '--case', calm, '--json']);
  expect(expected.store.events).toBe(3 * LINES);

  const disturbed = join(root, 'disturbed.case');
  const moments: number[] = [];
  for (let n = 0; n < KILLS; n += 1) {
    const moment = Math.random() * 0.6 * whole;
    moments.push(Math.round(moment));
    const child = start(['ingest', logs, '--case', disturbed]);
    const end = ended(child);
    await pause(moment);
    child.kill('SIGKILL');
    await end;
  }
  const said = `killed after ${moments.join(', ')} ms of ${Math.round(whole)}`;
  // the dead process's lock is taken over, and what it left half done is finished
  const last = await run(['ingest', logs, '--case', disturbed]);
  expect(last, said).toMatchObject({ code: 0 });
  const found = await json<CaseInfo>(['case', 'info', '--case', disturbed, '--json']);
  expect(comparable(found), said).toEqual(comparable(expected));

  const custody = await verifyCustody(join(disturbed, 'custody.jsonl'));
  expect(custody.faults, said).toEqual([]);
  const acquired = custody.entries.filter(({ action }) => action === 'acquire').flatMap(({ object }) => object ?? []);
  expect(new Set(acquired.map(({ path }) => path)).size, said).toBe(3);
  expect((await run(['verify', disturbed])).stdout, said).toMatch(/^ok: case/);
  expect(existsSync(join(disturbed, 'lock')), said).toBe(false);
  const published = (
    JSON.parse(readFileSync(join(disturbed, 'store/manifest.json'), 'utf8')) as { segments: { file: string }[] }
  ).segments;
  expect(readdirSync(join(disturbed, 'store/segments')).sort(), said).toEqual(published.map(({ file }) => file).sort());
});
