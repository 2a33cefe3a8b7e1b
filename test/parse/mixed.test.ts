import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PARSERS } from '../../parsers/registry.ts';
import { prepare } from '../../src/app/read-stream.ts';
import { readText } from './wrapper/read.ts';

const root = join(import.meta.dirname, '../../fixtures/parsers');

/** What a syslog server gets: products whose lines say nothing of each other. */
const PRODUCTS = [
  'fortinet-fortigate',
  'cisco-asa',
  'cisco-ios',
  'checkpoint',
  'juniper-srx',
  'linux-netfilter',
  'linux-auth',
  'sonicwall',
  'sophos-sfos',
  'postfix',
  'dovecot',
  'isc-dhcpd',
  'strongswan',
  'squid',
  'haproxy',
  'paloalto-panos',
];

/** Dovecot's own process speaks through PAM: its line is Dovecot's and the host's. */
const BOTH = /pam_unix\(dovecot:/;

/** Tables, whose rows mean something under their head only: no syslog server writes them. */
const TABLES = new Set(['smartconsole', 'fw-logexport']);

interface Owned {
  readonly product: string;
  readonly text: string;
}

/** Lines that the product's own parser reads when it has the file for itself. */
const linesOf = async (product: string): Promise<Owned[]> => {
  const out: Owned[] = [];
  for (const name of readdirSync(join(root, product)).filter((name) => !TABLES.has(name))) {
    const { events } = await readText(readFileSync(join(root, product, name, 'input.log')));
    for (const event of events) {
      const text = String(event['event.original']);
      if (
        event['event.module'] === product &&
        event['event.kind'] !== 'pipeline_error' &&
        !text.includes('\n') &&
        !BOTH.test(text)
      )
        out.push({ product, text });
    }
  }
  return out;
};

const owned: Owned[][] = await Promise.all(PRODUCTS.map(linesOf));
const deepest = Math.max(...owned.map((lines) => lines.length));
const interleaved = Array.from({ length: deepest }, (_, n) => owned.flatMap((lines) => lines[n] ?? [])).flat();
const joinLines = (lines: readonly Owned[]): string => `${lines.map(({ text }) => text).join('\n')}\n`;

/** Product → parser of every line that went to another one. */
const strays = async (lines: readonly Owned[]): Promise<string[]> => {
  const { events } = await readText(joinLines(lines));
  const byLine = new Map(events.map((event) => [event['einfallstor.record.line'], event]));
  return lines.flatMap(({ product, text }, n) => {
    const event = byLine.get(n + 1);
    const parser = event?.['event.kind'] === 'pipeline_error' ? 'rejected' : String(event?.['event.module'] ?? 'none');
    return parser === product ? [] : [`${product} → ${parser}: ${text.slice(0, 120)}`];
  });
};

describe('one file of a syslog server', () => {
  it(`gives each of ${PRODUCTS.length} products its lines`, async () => {
    expect(interleaved.length).toBeGreaterThan(400);
    const astray = await strays(interleaved);
    // a line that names no product and has no shape of its own may go to the fallback, never to another product
    expect(astray.length).toBeLessThanOrEqual(interleaved.length * 0.005);
    expect(astray.filter((line) => !/→ (?:generic-|rejected|none)/.test(line))).toEqual([]);
  });

  it('says that it is mixed, and who claims how much', async () => {
    const { choice } = await prepare(chunksOf(joinLines(interleaved)), PARSERS, undefined);
    expect(choice.doubt).toBe('mixed');
    const claimers = choice.split.map(({ parser }) => parser.id);
    expect(claimers).toEqual(expect.arrayContaining(PRODUCTS));
    expect(choice.split.reduce((sum, { records }) => sum + records, 0)).toBeGreaterThan(180);
  });

  it('is read by the parser the operator names first', async () => {
    const squid = PARSERS.find(({ id }) => id === 'squid');
    const { choice } = await prepare(chunksOf(joinLines(interleaved)), PARSERS, squid);
    expect([choice.parser?.id, choice.doubt]).toEqual(['squid', 'none']);
  });
});

async function* chunksOf(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}

describe('a file whose device changes behind the head that was looked at', () => {
  const HEAD = 80 * 1024;
  const fill = (lines: readonly Owned[]): Owned[] => {
    const out: Owned[] = [];
    for (let size = 0, n = 0; size < HEAD; n += 1) {
      const line = lines[n % lines.length] as Owned;
      out.push(line);
      size += line.text.length + 1;
    }
    return out;
  };

  // the first record of exim and of guacamole may take any further line: their framing must not swallow the other device
  it.each(['fortinet-fortigate', 'cisco-ios', 'exim', 'openvpn', 'guacamole', 'linux-auth'])(
    'from %s',
    async (first) => {
      const own = await linesOf(first);
      const later = owned.flatMap((lines) => lines.slice(0, 12)).filter(({ product }) => product !== first);
      const astray = await strays([...fill(own), ...later]);
      expect(astray.filter((line) => !/→ (?:generic-|rejected|none)/.test(line))).toEqual([]);
      expect(astray.length).toBeLessThanOrEqual(later.length * 0.02);
    },
  );

  it('an appliance that writes no host does not take the daemon of one that does', async () => {
    const { events } = await readText(
      [
        "Nov 02 2021 09:24:18: %ASA-5-111008: User 'k.vogel' executed the 'write memory' command.",
        "Nov 02 2021 09:24:19: %ASA-5-111010: User 'k.vogel', running 'CLI' from IP 10.0.0.9, executed 'write memory'",
        'Nov  2 09:24:20 srx-muc-1 keyadmin[2401]: no association for 192.0.2.9',
        '',
      ].join('\n'),
    );
    expect(events.map((event) => event['event.module'])).toEqual(['cisco-asa', 'cisco-asa', 'generic-syslog']);
  });

  it('from lines to a collector’s JSON', async () => {
    const own = fill(await linesOf('fortinet-fortigate'));
    const wrapped = interleaved.slice(0, 60).map(({ product, text }) => ({
      product,
      text: JSON.stringify({ log: `${text}\n`, stream: 'stdout', time: '2021-11-05T00:00:00Z' }),
    }));
    expect(await strays([...own, ...wrapped])).toEqual([]);
  });
});
