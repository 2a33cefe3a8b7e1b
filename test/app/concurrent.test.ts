import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { caseInfo } from '../../src/app/case-info.ts';
import { isCase } from '../../src/case/case.ts';
import { parseKql } from '../../src/query/kql.ts';
import { openDuckdbReader } from '../../src/store/duckdb/reader.ts';
import { ended, type Ran, run, start } from '../cli/program.ts';
import { folder } from './cases.ts';
import { fortigateFlow, lines, text } from './logs.ts';

const FROM = '2021-10-30T00:00:00Z';
const FILES = 4;
const LINES = 15_000;

it('lets others search while it reads, and lets nobody else write', { timeout: 300_000 }, async () => {
  const root = folder();
  const logs = join(root, 'logs');
  const caseDir = join(root, 'x.case');
  mkdirSync(logs);
  for (let n = 0; n < FILES; n += 1) {
    writeFileSync(join(logs, `fw${n}.log`), text(lines(fortigateFlow, LINES + n, FROM, 1000 + n)));
  }
  const child = start(['ingest', logs, '--case', caseDir]);
  let running = true;
  const end = ended(child).finally(() => {
    running = false;
  });
  while (running && !(await isCase(caseDir))) await pause(20);

  const second = run(['ingest', logs, '--case', caseDir]);
  const reader = await openDuckdbReader(join(caseDir, 'store'));
  const counts: number[] = [];
  let search: Promise<Ran> | undefined;
  while (running) {
    await reader.refresh();
    const [all, flows] = [
      await reader.count(parseKql('event.module: fortinet-fortigate')),
      await reader.count(parseKql('source.ip: 10.20.0.0/16 and destination.port: 443')),
    ];
    // every committed event is whole: what one field finds, another does
    expect(flows).toBe(all);
    counts.push(all);
    if (all > 0)
      search ??= run(['search', '--case', caseDir, 'destination.port: 443', '--limit', '5', '--format', 'ndjson']);
    for (const { events } of await reader.streams()) expect(events).toBeLessThanOrEqual(LINES + FILES);
    await pause(50);
  }
  expect(await search).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^(?:\{.*\}\n){5}$/) });
  expect(await end).toMatchObject({ code: 0 });

  const refused = await second;
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toMatch(/process \d+ on .* is working on this/);
  expect(refused.stderr).toMatch(/Wait until it has finished/);

  await reader.refresh();
  counts.push(await reader.count(parseKql('event.module: fortinet-fortigate')));
  await reader.close();
  expect(counts).toEqual([...counts].sort((a, b) => a - b));
  expect(new Set(counts).size).toBeGreaterThan(2);
  const total = FILES * LINES + (FILES * (FILES - 1)) / 2;
  expect(counts.at(-1)).toBe(total);
  expect((await caseInfo(caseDir)).store.events).toBe(total);
});
