import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readRules } from '../../src/app/rules.ts';
import { NO_CONTEXT } from '../../src/detect/context.ts';
import type { Finding } from '../../src/detect/finding.ts';
import { detect } from '../../src/detect/run.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { readLog } from './read-log.ts';

const root = join(import.meta.dirname, '../../fixtures/rules');
const rules = readRules([], true);
const all = [...rules.rules, ...rules.correlations].filter(({ part }) => !part);

const logsOf = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder).sort() : []);

const findingsOf = async (file: string, id: string): Promise<Finding[]> => {
  const events = await readLog(file, 'fixture00000');
  expect(events.length, 'the log has events').toBeGreaterThan(0);
  expect(events.filter((event) => event.fields['event.kind'] === 'pipeline_error')).toEqual([]);
  const { findings } = await detect({ store: memoryStore(events), rules, baselines: [], context: NO_CONTEXT });
  return findings.filter(({ rule }) => rule === id);
};

describe.each(all.map(({ label, id }) => ({ label, id })))('$label', ({ label, id }) => {
  const hits = logsOf(join(root, label, 'hit'));
  const misses = logsOf(join(root, label, 'miss'));

  it('has logs that fire it and logs that do not', () => {
    expect(hits.length).toBeGreaterThan(0);
    expect(misses.length).toBeGreaterThan(0);
  });

  it.each(hits)('fires on %s', async (name) => {
    const findings = await findingsOf(join(root, label, 'hit', name), id);
    expect(findings.length).toBeGreaterThan(0);
    for (const finding of findings) {
      expect(finding.events.length).toBeGreaterThan(0);
      expect(finding.to).toBeGreaterThanOrEqual(finding.from);
      expect(finding.fact).not.toContain('(not stated)');
    }
  });

  it.each(misses)('does not fire on %s', async (name) => {
    expect(await findingsOf(join(root, label, 'miss', name), id)).toEqual([]);
  });
});

it('has no logs for rules that are not there', () => {
  const labels = new Set(all.map(({ label }) => label));
  expect(readdirSync(root).filter((name) => !labels.has(name))).toEqual([]);
});
