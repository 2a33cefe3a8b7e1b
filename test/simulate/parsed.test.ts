import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { PARSERS } from '../../parsers/registry.ts';
import { prepare, readStream } from '../../src/app/read-stream.ts';
import type { StoredEvent } from '../../src/ecs/event.ts';
import { CATALOGUE } from '../../src/simulate/catalogue.ts';
import { simulate } from '../../src/simulate/simulate.ts';

const scratch = mkdtempSync(join(tmpdir(), 'simulate-parsed-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Which parser must choose a log by itself, by its path. */
const EXPECTED: readonly (readonly [RegExp, string])[] = [
  [/fgt/, 'fortinet-fortigate'],
  [/asa-/, 'cisco-asa'],
  [/\/pa-/, 'paloalto-panos'],
  [/xgs-/, 'sophos-sfos'],
  [/firewall\/gw/, 'linux-netfilter'],
  [/openvpn|ovpn/, 'openvpn'],
  [/mail\/mail/, 'postfix'],
  [/dovecot/, 'dovecot'],
  [/MSGTRK/, 'exchange-message-tracking'],
  [/windows\//, 'windows-security'],
  [/auth\//, 'linux-auth'],
  [/web\//, 'apache-nginx-access'],
];

interface Reading {
  readonly chosen: string | undefined;
  readonly records: number;
  readonly rejected: number;
  readonly unnamed: number;
}

const readLog = async (root: string, path: string): Promise<Reading> => {
  const bytes = readFileSync(join(root, path));
  const text = path.endsWith('.gz') ? gunzipSync(bytes) : bytes;
  const prepared = await prepare(Readable.from([text]) as AsyncIterable<Buffer>, PARSERS, undefined);
  const events: StoredEvent[] = [];
  const { accounting } = await readStream(prepared, {
    stream: 's',
    path,
    parsers: PARSERS,
    clock: {
      zone: 'Europe/Berlin',
      year: undefined,
      reference: { instant: Date.UTC(2026, 0, 1) * 1000, kind: 'latest' },
    },
    emit: (event) => events.push(event),
  });
  const chosen = prepared.choice.parser?.id;
  // a policy service beside Postfix has a parser of its own, named after it
  const unnamed = events.filter((e) => !String(e.fields['event.module']).startsWith(chosen ?? '-')).length;
  return { chosen, records: accounting.records, rejected: accounting.rejected, unnamed };
};

/** Every log is recognised by its own parser, and hardly a record is rejected. */
const expectOwnParsers = async (out: string, files: readonly string[]): Promise<void> => {
  const sums = new Map<string, { records: number; bad: number }>();
  for (const path of files.filter((f) => f.startsWith('logs/'))) {
    const expected = EXPECTED.find(([pattern]) => pattern.test(path))?.[1];
    const reading = await readLog(out, path);
    expect(reading.chosen, path).toBe(expected);
    const sum = sums.get(expected ?? '') ?? { records: 0, bad: 0 };
    sums.set(expected ?? '', {
      records: sum.records + reading.records,
      bad: sum.bad + reading.rejected + reading.unnamed,
    });
  }
  for (const [parser, { records, bad }] of sums) expect(bad / records, parser).toBeLessThan(0.01);
};

test.each(CATALOGUE.map((s) => s.id))('%s is read by its own parsers', { timeout: 120_000 }, async (id) => {
  const out = join(scratch, id);
  const { files } = simulate({ scenario: id, seed: 11, out, noise: 0.3 });
  await expectOwnParsers(out, files);
});

test.each([
  ['panos', 'panos'],
  ['sophos', 'sophos'],
  ['asa', 'openvpn'],
  ['netfilter', 'panos'],
])('firewall %s and VPN %s are read by their own parsers', { timeout: 120_000 }, async (firewall, vpn) => {
  const out = join(scratch, `${firewall}-${vpn}`);
  const { files, truth } = simulate({ scenario: 'S01', seed: 11, out, noise: 0.3, products: { firewall, vpn } });
  await expectOwnParsers(out, files);
  expect(truth.entry?.events.length).toBeGreaterThan(0);
});

test('a product is refused where the story needs the one it has', () => {
  const swapped = () => simulate({ scenario: 'S05', seed: 1, out: join(scratch, 'no'), products: { firewall: 'asa' } });
  expect(swapped).toThrow('cannot be swapped');
});
