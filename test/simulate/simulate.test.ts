import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { CATALOGUE } from '../../src/simulate/catalogue.ts';
import { simulate } from '../../src/simulate/simulate.ts';
import type { Place } from '../../src/simulate/write.ts';

const scratch = mkdtempSync(join(tmpdir(), 'simulate-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const read = (root: string, path: string): Buffer => {
  const bytes = readFileSync(join(root, path));
  return path.endsWith('.gz') ? gunzipSync(bytes) : bytes;
};

const filesBelow = (root: string): string[] =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((e) => e.isFile())
    .map((e) => join(e.parentPath, e.name).slice(root.length + 1))
    .sort();

const contents = (root: string): Map<string, string> =>
  new Map(filesBelow(root).map((path) => [path, read(root, path).toString('latin1')]));

const lineAt = (root: string, place: Place): string | undefined =>
  read(root, place.path).toString('utf8').split('\n')[place.line - 1];

describe.each(CATALOGUE.map((s) => s.id))('%s', (id) => {
  const out = join(scratch, id);
  const made = simulate({ scenario: id, seed: 7, out, noise: 0.2 });

  test('writes logs, and every line the truth names exists', () => {
    expect(made.files.filter((f) => f.startsWith('logs/')).length).toBeGreaterThan(5);
    const { entry, chain, decoys, contributing } = made.truth;
    const places = [
      entry?.events ?? [],
      ...chain.map((c) => c.events),
      ...decoys.map((d) => d.events),
      ...contributing.map((c) => c.events),
    ].flat();
    const missing = places.filter((p) => (lineAt(out, p) ?? '') === '');
    expect(missing).toEqual([]);
    if (made.truth.expect === 'ranked' || made.truth.expect === 'upstream')
      expect(entry?.events.length).toBeGreaterThan(0);
    if (made.truth.expect === 'none') expect(chain).toEqual([]);
  });

  test('the same seed gives the same bytes, another seed another case', () => {
    const [again, other] = [join(scratch, `${id}-again`), join(scratch, `${id}-other`)];
    simulate({ scenario: id, seed: 7, out: again, noise: 0.2 });
    simulate({ scenario: id, seed: 8, out: other, noise: 0.2 });
    expect(contents(again)).toEqual(contents(out));
    expect([...contents(other).values()]).not.toEqual([...contents(out).values()]);
  });
});

test('the entry of S01 is the login after the failures of one user from one address', () => {
  const out = join(scratch, 'entry');
  const { truth } = simulate({ scenario: 'S01', seed: 3, out, noise: 0.3 });
  const entry = lineAt(out, truth.entry?.events[0] as Place) ?? '';
  const [, user] = /user="([^"]+)"/.exec(entry) ?? [];
  const [, address] = /remip=(\S+)/.exec(entry) ?? [];
  const guess = lineAt(out, truth.chain[0]?.events[0] as Place) ?? '';
  expect(entry).toContain('action="tunnel-up"');
  expect(guess).toContain('action="ssl-login-fail"');
  expect(guess).toContain(`user="${user}"`);
  expect(guess).toContain(`remip=${address} `);
});

test('nothing gives the intruder away: his place in the log, his network and his hour differ from seed to seed', () => {
  const entries = [1, 2, 3, 4, 5, 6].map((seed) => {
    const out = join(scratch, `seed-${seed}`);
    const { truth } = simulate({ scenario: 'S01', seed, out, noise: 0.05 });
    const line = lineAt(out, truth.entry?.events[0] as Place) ?? '';
    return {
      hour: truth.entry?.timestamp.slice(11, 13),
      network: /remip=(\d+\.\d+)/.exec(line)?.[1],
      line: truth.entry?.events[0]?.line,
    };
  });
  for (const key of ['hour', 'network', 'line'] as const)
    expect(new Set(entries.map((e) => e[key])).size, key).toBeGreaterThan(3);
});

test('a withheld source leaves no file and no evidence; an entry without records is not to be ranked', () => {
  const out = join(scratch, 'without');
  const { files, truth } = simulate({ scenario: 'S01', seed: 3, out, noise: 0.3, without: ['fortigate-event'] });
  expect(files.some((f) => f.startsWith('logs/vpn/'))).toBe(false);
  expect(files.some((f) => f.startsWith('logs/firewall/'))).toBe(true);
  expect(truth.expect).toBe('undetermined');
});

test('unknown scenarios and dates are the operator’s mistake', () => {
  expect(() => simulate({ scenario: 'S99', seed: 1, out: scratch })).toThrow(/unknown scenario/);
  expect(() => simulate({ scenario: 'S01', seed: 1, out: scratch, start: 'soon' })).toThrow(/not a date/);
  expect(() => simulate({ scenario: 'S01', seed: 1, out: scratch, noise: 0.1, without: ['sophos'] })).toThrow(
    /no such source/,
  );
});

test('the shipped case is what its scenario and seed give', () => {
  const shipped = 'fixtures/cases/medical-software';
  const out = join(scratch, 'shipped');
  simulate({ scenario: 'medical-software', seed: 2021, out });
  const expected = contents(shipped);
  expected.delete('README.md');
  expect([...contents(out).keys()]).toEqual([...expected.keys()]);
  for (const [path, text] of contents(out)) expect(text === expected.get(path), path).toBe(true);
});
