import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BASELINES } from '../../src/detect/baseline/all.ts';
import { NO_CONTEXT } from '../../src/detect/context.ts';
import type { Finding } from '../../src/detect/finding.ts';
import { detect } from '../../src/detect/run.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { readLog } from './read-log.ts';

const root = join(import.meta.dirname, '../../fixtures/baselines');

/** What a baseline finds in the logs of a folder, read as evidence of one case. */
const findingsOf = async (folder: string, id: string): Promise<Finding[]> => {
  const logs = await Promise.all(
    readdirSync(folder)
      .sort()
      .map((name, n) => readLog(join(folder, name), `fixture0000${n}`)),
  );
  for (const events of logs) {
    expect(events.length).toBeGreaterThan(0);
    expect(events.filter(({ fields }) => fields['event.kind'] === 'pipeline_error')).toEqual([]);
  }
  const { findings } = await detect({
    store: memoryStore(logs.flat()),
    rules: { rules: [], correlations: [], problems: [] },
    baselines: BASELINES,
    context: NO_CONTEXT,
  });
  return findings.filter(({ rule }) => rule === id);
};

describe.each(readdirSync(root).sort())('%s', (id) => {
  it('finds the one act that is unusual', async () => {
    const findings = await findingsOf(join(root, id, 'hit'), id);
    expect(findings.map(({ count }) => count)).toEqual([1]);
  });

  it('finds nothing in logs that resemble them', async () => {
    expect(await findingsOf(join(root, id, 'miss'), id)).toEqual([]);
  });
});
