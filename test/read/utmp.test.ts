import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FramedRecord } from '../../src/read/framing.ts';
import { isUtmp, UtmpFramer } from '../../src/read/utmp.ts';

const parsers = join(import.meta.dirname, '../../fixtures/parsers');
const fixture = (name: string): Buffer => readFileSync(join(parsers, 'linux-utmp', name, 'input.log'));
/** Without torn and overwritten records. */
const WHOLE = fixture('wtmp-aarch64');
const SIZE = 400;

const frame = (bytes: Buffer, piece = bytes.length): FramedRecord[] => {
  const framer = new UtmpFramer();
  const out: FramedRecord[] = [];
  for (let at = 0; at < bytes.length; at += piece) out.push(...framer.push(bytes.subarray(at, at + piece)));
  return [...out, ...framer.end()];
};

const expectTiles = (records: readonly FramedRecord[], bytes: number): void => {
  let at = 0;
  for (const { offset, length } of records) {
    expect(offset).toBe(at);
    expect(length).toBeGreaterThan(0);
    at += length;
  }
  expect(at).toBe(bytes);
};
const texts = (records: readonly FramedRecord[]): string[] =>
  records.filter(({ damage }) => damage === undefined).map(({ text }) => text);

/** What utmpdump 2.38 printed of the records of `wtmp`; it ran where no character beyond ASCII can be printed. */
const DUMPED = fixture('utmpdump').toString('utf8').split('\n').slice(1, 18);
const NOT_ASCII = 15;

describe('login records', () => {
  it.each(['wtmp-aarch64', 'wtmp-big-endian'])('%s: each record is the line that utmpdump prints', (name) => {
    const records = frame(fixture(name));
    expectTiles(records, fixture(name).length);
    expect(records.map(({ number }) => number)).toEqual(DUMPED.map((_, n) => n + 1));
    expect(texts(records).filter((_, n) => n !== NOT_ASCII)).toEqual(DUMPED.filter((_, n) => n !== NOT_ASCII));
    expect(texts(records)[NOT_ASCII]).toBe(DUMPED[NOT_ASCII]?.replace('j??rgen ', 'jürgen  '));
    expect(records.every(({ flags, line }) => flags.length === 0 && line === 0)).toBe(true);
  });

  it('goes on behind a torn record and says where zeros were written over one', () => {
    const records = frame(fixture('wtmp'));
    const damaged = records.filter(({ damage }) => damage !== undefined);
    expect(damaged.map(({ offset, length }) => [offset, length])).toEqual([
      [7 * 384, 200],
      [7 * 384 + 200 + 10 * 384, 384],
    ]);
    expect(damaged[0]?.text).toContain('a_very_long_user_name_of_32_char');
    expect(damaged[1]?.damage).toContain('zeros');
    expect(texts(records)).toHaveLength(DUMPED.length + 1);
  });

  it('the records are the same however a long stream is cut', () => {
    const long = Buffer.concat(Array.from({ length: 60 }, () => fixture('wtmp')));
    const records = frame(long);
    expectTiles(records, long.length);
    for (const piece of [1000, 65_536, 70_001]) expect(frame(long, piece)).toEqual(records);
  });

  it('what cannot stand between brackets is marked, not passed on', () => {
    const hostile = 'x] [pts/9]\x1b\n[7';
    const bytes = Buffer.from(WHOLE);
    bytes.fill(0, 4 * SIZE + 44, 4 * SIZE + 76);
    bytes.write(hostile, 4 * SIZE + 44, 'latin1');
    const record = frame(bytes)[4];
    expect(record?.text).toContain('[x? ?pts/9????7] [tty1        ]');
    expect(record?.flags).toEqual(['undecodable']);
  });

  it('is told from every other format that is read here', () => {
    const others = readdirSync(parsers).filter((id) => id !== 'linux-utmp');
    const inputs = others.flatMap((id) => readdirSync(join(parsers, id)).map((name) => join(parsers, id, name)));
    expect(inputs.length).toBeGreaterThan(250);
    for (const folder of inputs) expect(isUtmp(readFileSync(join(folder, 'input.log'))), folder).toBe(false);
    for (const name of ['wtmp', 'wtmp-aarch64', 'wtmp-big-endian', 'btmp']) expect(isUtmp(fixture(name))).toBe(true);
    for (const none of [Buffer.alloc(0), Buffer.alloc(4096), WHOLE.subarray(0, SIZE - 1)])
      expect(isUtmp(none)).toBe(false);
  });

  it('any cut and any damage: nothing is lost, nothing thrown', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('wtmp', 'wtmp-aarch64', 'btmp'),
        fc.nat(7000),
        fc.array(fc.tuple(fc.nat(7000), fc.integer({ min: 0, max: 255 })), { maxLength: 20 }),
        (name, end, changes) => {
          const bytes = Buffer.from(fixture(name).subarray(0, end));
          for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte;
          const records = frame(bytes);
          expectTiles(records, bytes.length);
          expect(frame(bytes, 999)).toEqual(records);
        },
      ),
      { numRuns: 150 },
    );
  });
});
