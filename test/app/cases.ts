import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll } from 'vitest';
import { type CaseInfo, caseInfo } from '../../src/app/case-info.ts';
import { withStore } from '../../src/app/case-view.ts';
import { type IngestRequest, ingest } from '../../src/app/ingest.ts';
import type { StreamEntry } from '../../src/case/entries.ts';
import type { StoredEvent } from '../../src/ecs/event.ts';
import type { Problem } from '../../src/evidence/problem.ts';
import { ALL } from '../../src/query/ast.ts';
import { parseKql } from '../../src/query/kql.ts';

const made: string[] = [];
afterAll(() => {
  for (const path of made) rmSync(path, { recursive: true, force: true });
});

/** A folder that is gone after the tests of a file. */
export const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'einfallstor-test-'));
  made.push(path);
  return path;
};

/** Takes paths into a case; what is not given is left to the program. */
export const take = async (
  caseDir: string,
  paths: readonly string[],
  more: Partial<IngestRequest> = {},
): Promise<readonly Problem[]> => {
  const { problems } = await ingest({
    paths,
    caseDir,
    stdin: Readable.from([]),
    timezone: undefined,
    sourceTimezone: undefined,
    year: undefined,
    context: undefined,
    mayHoldMore: true,
    onProgress: () => {},
    ...more,
  });
  return problems;
};

/** Everything in the store, by stream and offset. */
export const events = (caseDir: string, filter = ''): Promise<StoredEvent[]> =>
  withStore(caseDir, async (_, store) => {
    const all: StoredEvent[] = [];
    for await (const event of store.scan(filter === '' ? ALL : parseKql(filter), { order: 'locator' })) all.push(event);
    return all;
  });

export const streams = (caseDir: string): Promise<readonly StreamEntry[]> =>
  withStore(caseDir, async (opened) => opened.streams());

export const info = (caseDir: string): Promise<CaseInfo> => caseInfo(caseDir);
