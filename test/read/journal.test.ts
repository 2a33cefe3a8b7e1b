import { mkdtempSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PARSERS } from '../../parsers/registry.ts';
import { prepare, type ReadResult, readStream } from '../../src/app/read-stream.ts';
import type { Fields } from '../../src/ecs/event.ts';
import type { FramedRecord } from '../../src/read/framing.ts';
import { bytesOf } from '../../src/read/journal/bytes.ts';
import { aligned } from '../../src/read/journal/layout.ts';
import { expandLz4 } from '../../src/read/journal/lz4.ts';
import { journalRecords } from '../../src/read/journal/walk.ts';
import { frame } from '../../src/read/records.ts';

const fixtures = join(import.meta.dirname, '../../fixtures/journal');
const LAYOUTS = ['plain', 'plain-unkeyed', 'zstd', 'lz4', 'xz', 'compact', 'compact-zstd'];
const journal = (name: string): Buffer => gunzipSync(readFileSync(join(fixtures, `${name}.journal.gz`)));
const PLAIN = journal('plain');
const JSON_LINES = readFileSync(join(fixtures, 'journalctl.json'), 'utf8');
const PRINTED = JSON_LINES.trim().split('\n');
const ENTRIES = PRINTED.length;

const walk = async (bytes: Buffer): Promise<FramedRecord[]> => {
  const out: FramedRecord[] = [];
  for await (const batch of journalRecords(bytesOf(bytes))) out.push(...batch);
  return out;
};
const isEntry = ({ text, damage }: FramedRecord): boolean => text !== '' && damage === undefined;
const entriesOf = (records: readonly FramedRecord[]): FramedRecord[] => records.filter(isEntry);
const damaged = (records: readonly FramedRecord[]): FramedRecord[] =>
  records.filter(({ damage }) => damage !== undefined);

const expectTiles = (records: readonly FramedRecord[], bytes: number): void => {
  let at = 0;
  for (const { offset, length } of records) {
    expect(offset).toBe(at);
    expect(length).toBeGreaterThan(0);
    at += length;
  }
  expect(at).toBe(bytes);
};

/** Values as bytes: journalctl prints a text with control characters as a list of them. The file's id is each file's own. */
const comparable = (text: string): Record<string, unknown> => {
  const bytes = (value: unknown): unknown => {
    if (typeof value === 'string') return Buffer.from(value).toString('latin1');
    if (!Array.isArray(value)) return value;
    return typeof value[0] === 'number' ? Buffer.from(value).toString('latin1') : value.map(bytes).sort();
  };
  const entries = Object.entries(JSON.parse(text) as Record<string, unknown>);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, bytes(name === '__CURSOR' ? String(value).replace(/^s=\w+/, '') : value)]),
  );
};

interface Read extends ReadResult {
  readonly events: readonly Fields[];
  readonly chosen: string | undefined;
  readonly framing: unknown;
}

const read = async (bytes: Buffer): Promise<Read> => {
  const prepared = await prepare(Readable.from([bytes]) as AsyncIterable<Buffer>, PARSERS, undefined);
  const events: Fields[] = [];
  const settings = { stream: 's', path: 'system.journal', parsers: PARSERS, clock: {} };
  const result = await readStream(prepared, { ...settings, emit: ({ fields }) => events.push(fields) });
  return { ...result, events, chosen: prepared.choice.parser?.id, framing: prepared.framing };
};

/** Offsets of the objects of a type, by their sizes from the header on. */
const objects = (bytes: Buffer, type: number): number[] => {
  const found: number[] = [];
  const tail = Number(bytes.readBigUInt64LE(136));
  for (let at = Number(bytes.readBigUInt64LE(88)); at <= tail; at += aligned(Number(bytes.readBigUInt64LE(at + 8)))) {
    if (bytes[at] === type) found.push(at);
  }
  return found;
};
const DATA = 1;
const ENTRY = 3;
const changed = (bytes: Buffer, change: (copy: Buffer) => void): Buffer => {
  const copy = Buffer.from(bytes);
  change(copy);
  return copy;
};

describe('journal files', () => {
  it.each(LAYOUTS)('%s: every field of every entry is what journalctl prints', async (name) => {
    const bytes = journal(name);
    const records = await walk(bytes);
    expectTiles(records, bytes.length);
    expect(entriesOf(records).map(({ text }) => comparable(text))).toEqual(PRINTED.map(comparable));
    expect(entriesOf(records).map(({ number }) => number)).toEqual(PRINTED.map((_, n) => n + 1));
    expect(records.every(({ flags, line, damage }) => flags.length === 0 && line === 0 && damage === undefined)).toBe(
      true,
    );
  });

  it('an entry is located by its object', async () => {
    const places = entriesOf(await walk(PLAIN)).map(({ offset, length }) => [offset, length]);
    expect(places).toEqual(objects(PLAIN, ENTRY).map((at) => [at, Number(PLAIN.readBigUInt64LE(at + 8))]));
  });

  it('comes through as a stream cut anyhow, and its spool is removed', async () => {
    const pieces = Array.from({ length: Math.ceil(PLAIN.length / 99_991) }, (_, n) =>
      PLAIN.subarray(n * 99_991, (n + 1) * 99_991),
    );
    const spoolDirectory = mkdtempSync(join(tmpdir(), 'journal-test-'));
    const framed: FramedRecord[] = [];
    const chunks = Readable.from(pieces) as AsyncIterable<Buffer>;
    for await (const batch of frame(chunks, 'journal', 'utf-8', { spoolDirectory })) {
      expect(readdirSync(spoolDirectory)).toHaveLength(1);
      framed.push(...batch);
    }
    expect(readdirSync(spoolDirectory)).toEqual([]);
    rmdirSync(spoolDirectory);
    expect(framed).toEqual(await walk(PLAIN));
  });

  it.each(LAYOUTS)('%s: the same events as from the JSON that journalctl prints', async (name) => {
    const [binary, text] = [await read(journal(name)), await read(Buffer.from(JSON_LINES))];
    expect(binary.framing).toBe('journal');
    expect(binary.chosen).toBe('linux-auth');
    // the one without a message
    expect(binary.accounting).toMatchObject({ events: ENTRIES - 1, rejected: 1 });
    expect({ ...binary.accounting, records: 0, skipped: 0 }).toEqual({ ...text.accounting, records: 0 });
    const WHERE = /^(?:event\.original|event\.id|log\.offset|einfallstor\.record\..*|related\.hash)$/;
    const said = (fields: Fields): Fields =>
      Object.fromEntries(Object.entries(fields).filter(([name]) => !WHERE.test(name)));
    expect(binary.events.map(said)).toEqual(text.events.map(said));
  });

  it('each line goes to the parser of its daemon', async () => {
    const { accounting, events } = await read(PLAIN);
    for (const id of ['linux-auth', 'linux-netfilter', 'postfix', 'dovecot', 'strongswan', 'openvpn', 'bind-unbound'])
      expect(accounting.parsers[id], id).toBeGreaterThan(0);
    expect(events[9]).toMatchObject({
      'einfallstor.act': 'login',
      'event.outcome': 'success',
      'user.name': 'k.maier',
      'source.ip': '198.51.100.23',
      'host.name': 'gw01',
      'einfallstor.record.number': 10,
    });
    expect(events[9]?.['einfallstor.record.line']).toBeUndefined();
  });

  it('a journal without entries, and one of which only the first bytes are there', async () => {
    const empty = PLAIN.subarray(0, objects(PLAIN, DATA)[0] as number);
    const none = changed(empty, (copy) => {
      copy.writeBigUInt64LE(0n, 152);
      copy.writeBigUInt64LE(BigInt(copy.readBigUInt64LE(88)), 136);
    });
    expect((await read(none)).accounting).toMatchObject({ events: 0, rejected: 0, records: 1 });
    const cut = await walk(PLAIN.subarray(0, 100));
    expect(damaged(cut).map(({ damage }) => damage)).toEqual(['cut in the header; 100 bytes']);
  });

  it('a layout of the future is not guessed at', async () => {
    const bytes = changed(PLAIN.subarray(0, 5_000), (copy) => copy.writeUInt32LE(0x20, 12));
    const [first] = await walk(bytes);
    expect(first?.damage).toContain('incompatible flags 32');
  });
});

describe('damaged journal files', () => {
  const places = objects(PLAIN, ENTRY);
  const [tenth, last] = [places[10] as number, places.at(-1) as number];

  it('cut: reads what is there, and says that more was', async () => {
    for (const name of LAYOUTS) {
      const bytes = journal(name);
      const at = objects(bytes, ENTRY)[10] as number;
      const records = await walk(bytes.subarray(0, at + 20));
      expectTiles(records, at + 20);
      expect(entriesOf(records).map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      expect(damaged(records)[0]?.damage).toMatch(
        /^cut: its last object begins at \d+, the file, but for zeros, ends at \d+; \d+ bytes$/,
      );
    }
  });

  it('pages that were never written, zeros: says that more was', async () => {
    const records = await walk(changed(PLAIN, (copy) => copy.fill(0, tenth)));
    expect(entriesOf(records)).toHaveLength(10);
    expect(damaged(records)[0]?.damage).toContain('cut: its last object begins at');
  });

  it('an entry that has become another object is damage', async () => {
    const turned = await walk(changed(PLAIN, (copy) => copy.writeUInt8(2, tenth)));
    expect(damaged(turned).map(({ offset, damage }) => [offset, damage?.split(';')[0]])).toEqual([
      [tenth, 'no entry, where the index has one'],
    ]);
    expect(entriesOf(turned)).toHaveLength(ENTRIES - 1);
  });

  it('data whose entry was never written is rejected, with its text', async () => {
    const bytes = changed(PLAIN.subarray(0, last), (copy) => {
      copy.writeBigUInt64LE(BigInt(tenth), 136);
    });
    const [loose] = damaged(await walk(bytes));
    expect(loose?.damage).toContain('data whose entry is not in the file');
    expect(loose?.text).toContain('MESSAGE=Failed password for root from 198.51.100.24 port 60999 ssh2');
  });

  it('bytes that are no object: goes on behind them, and keeps the text in them', async () => {
    const [from, to] = [tenth - 64, tenth + 32];
    const bytes = changed(PLAIN, (copy) => copy.fill('junk from another file ', from, to));
    const records = await walk(bytes);
    expectTiles(records, bytes.length);
    const numbers = entriesOf(records).map(({ number }) => number);
    expect(numbers).not.toContain(11);
    expect(numbers).toContain(10);
    expect(numbers).toContain(12);
    expect(numbers).toHaveLength(ENTRIES - 1);
    expect(damaged(records)[0]?.text).toContain('junk from another file');
  });

  it('a size that reaches over entries of the index is not believed', async () => {
    const data = objects(PLAIN, DATA).findLast((at) => at < tenth) as number;
    for (const target of places.slice(12, 15)) {
      const bytes = changed(PLAIN, (copy) => copy.writeBigUInt64LE(BigInt(target - data), data + 8));
      const records = await walk(bytes);
      expect(entriesOf(records)).toHaveLength(ENTRIES);
      expect(damaged(records).length).toBeGreaterThan(0);
      expectTiles(records, bytes.length);
    }
  });

  it('a field that cannot be read is missing, and the entry says so', async () => {
    const entry = tenth;
    const bytes = changed(PLAIN, (copy) => copy.writeBigUInt64LE(8n, entry + 64));
    const { events } = await read(bytes);
    expect(events[10]?.['einfallstor.warnings']).toContain('incomplete');
    expect(events.filter((fields) => fields['einfallstor.warnings'] !== undefined)).toHaveLength(1);
  });

  it('an entry that was taken out of the index is read, and says so', async () => {
    const array = Number(PLAIN.readBigUInt64LE(176));
    expect(Number(PLAIN.readBigUInt64LE(array + 24 + 8))).toBe(places[1]);
    const bytes = changed(PLAIN, (copy) => {
      copy.copy(copy, array + 24 + 8, array + 24 + 16, array + 24 + 32);
      copy.writeBigUInt64LE(BigInt(ENTRIES - 1), 152);
    });
    const records = entriesOf(await walk(bytes));
    expect(records).toHaveLength(ENTRIES);
    expect(records.filter(({ flags }) => flags.includes('not-indexed')).map(({ number }) => number)).toEqual([2]);
  });

  it('an entry that a crash left behind the end of the index says so', async () => {
    const bytes = changed(PLAIN, (copy) => {
      copy.writeBigUInt64LE(BigInt(ENTRIES - 2), 152);
      const arrays = objects(PLAIN, 6);
      for (const array of arrays) {
        const size = Number(copy.readBigUInt64LE(array + 8));
        for (let at = array + 24; at < array + size; at += 8)
          if (Number(copy.readBigUInt64LE(at)) >= (places.at(-2) as number)) copy.writeBigUInt64LE(0n, at);
      }
    });
    const flagged = entriesOf(await walk(bytes)).filter(({ flags }) => flags.includes('not-indexed'));
    expect(flagged.map(({ number }) => number)).toEqual([ENTRIES - 1, ENTRIES]);
  });

  it('damaged bytes are rejected events that a search finds', async () => {
    const bytes = changed(PLAIN, (copy) => copy.fill('junk from another file ', tenth, tenth + 64));
    const { accounting, events } = await read(bytes);
    expect(accounting.rejected).toBeGreaterThan(0);
    expect(accounting.events + accounting.joined + accounting.skipped + accounting.rejected).toBe(accounting.records);
    const rejected = events.find((fields) => fields['event.kind'] === 'pipeline_error');
    expect(rejected).toMatchObject({ 'einfallstor.reject_code': 'undecodable', 'log.offset': tenth });
    expect(String(rejected?.['event.original'])).toContain('junk from another file');
  });

  it.each(['plain', 'zstd', 'lz4', 'xz', 'compact-zstd'])(
    '%s: any cut and any damage is read in bounded time',
    async (name) => {
      const whole = journal(name);
      const first = objects(whole, DATA)[0] as number;
      const end = Number(whole.readBigUInt64LE(136)) + 4096;
      // the tables' megabytes of pointers are not read: the places that matter are the header and the objects
      const place = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: first, max: end }));
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(place, fc.integer({ min: 0, max: 255 })), { maxLength: 12 }),
          fc.option(fc.integer({ min: first, max: end }), { nil: undefined }),
          async (bytes, cut) => {
            const copy = changed(whole.subarray(0, cut ?? end), (b) => {
              for (const [at, byte] of bytes) if (at < b.length) b[at] = byte;
            });
            const begun = performance.now();
            const records = await walk(copy);
            expect(performance.now() - begun).toBeLessThan(10_000);
            expectTiles(records, copy.length);
            for (const { text } of entriesOf(records)) expect(() => JSON.parse(text)).not.toThrow();
            // nothing is lost in silence
            if (entriesOf(records).length < ENTRIES) expect(damaged(records)).not.toEqual([]);
          },
        ),
        { numRuns: 40, seed: 1 },
      );
    },
  );
});

describe('LZ4 blocks', () => {
  it('literals, matches that reach into what they write, long lengths', () => {
    // 4 literals, then a match of 4 + 15 + 1 = 20 bytes 4 back, then 5 last literals
    const block = Buffer.from([0x4f, ...Buffer.from('abcd'), 4, 0, 1, 0x50, ...Buffer.from('vwxyz')]);
    expect(expandLz4(block, 29)?.toString()).toBe(`${'abcd'.repeat(6)}vwxyz`);
    expect(expandLz4(block, 28)).toBeUndefined();
    expect(expandLz4(block.subarray(0, 6), 29)).toBeUndefined();
    expect(expandLz4(Buffer.from([0x10, 97, 9, 0, 0x00]), 6)).toBeUndefined(); // reaches in front of the beginning
  });
});
