import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { MAIN } from '../cli/program.ts';

const script = join(import.meta.dirname, '../../bench/fuzz-parsers.mjs');

/**
 * The same as `node bench/fuzz-parsers.mjs` with its 100,000, small enough for every run; how long a record takes is that
 * script's to measure, only what would never end fails here.
 */
it('every parser survives damaged records: nothing thrown, nothing endless, all accounted for', () => {
  expect(MAIN).toMatch(/main\.js$/); // built
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [script, '--count', '150', '--seed', '7', '--limit', '2000'],
    {
      encoding: 'utf8',
      timeout: 240_000,
    },
  );
  expect(stdout.split('\n').filter((line) => !line.startsWith('ok  ') && line !== '')).toEqual([]);
  expect(stdout.match(/^ok /gm)?.length).toBeGreaterThan(50);
  expect(stderr).toBe('');
  expect(status).toBe(0);
}, 300_000);
