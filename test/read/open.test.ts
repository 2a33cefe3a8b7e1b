import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EvidenceItem } from '../../src/evidence/item.ts';
import type { Problem } from '../../src/evidence/problem.ts';
import { type OpenOptions, openItem } from '../../src/read/open.ts';
import { tar, zip } from './archives.ts';

const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');
const TEXT = 'alpha\nbeta\ngamma\n';
/** `TEXT`, made with the command-line tools. */
const XZ = Buffer.from(
  '/Td6WFoAAATm1rRGAgAhARwAAAAQz1jMAQAQYWxwaGEKYmV0YQpnYW1tYQoAAAAAdGoVx8DqOT8AASkRMgpwDh+2830BAAAAAARZWg==',
  'base64',
);
const BZIP2 = Buffer.from('QlpoOTFBWSZTWUXdx3oAAANBgAAQMsZEACAAIhoMmhADASi8QIaQb8XckU4UJBF3cd6A', 'base64');
const ZSTD = Buffer.from('KLUv/SQRiQAAYWxwaGEKYmV0YQpnYW1tYQqxLz7t', 'base64');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'open-test-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Seen {
  readonly member: string;
  readonly path: string;
  readonly text: string;
  readonly modified: number | undefined;
  readonly sha256: string | undefined;
}

const itemOf = (bytes: Buffer): EvidenceItem => {
  const location = join(folder, 'item');
  writeFileSync(location, bytes);
  return { sha256: sha256(bytes), bytes: bytes.length, path: 'logs/item', location, modified: undefined };
};

const read = async (
  bytes: Buffer,
  options: OpenOptions = {},
): Promise<{ seen: Seen[]; problems: readonly Problem[] }> => {
  const opened = openItem(itemOf(bytes), { spoolDirectory: folder, ...options });
  const seen: Seen[] = [];
  for await (const { stream, chunks, digest } of opened.streams) {
    const pieces: Buffer[] = [];
    for await (const chunk of chunks) pieces.push(chunk);
    const text = Buffer.concat(pieces);
    expect(digest()).toEqual({ sha256: sha256(text), bytes: text.length });
    seen.push({
      member: stream.member,
      path: stream.path,
      text: text.toString('latin1'),
      modified: stream.modified,
      sha256: digest()?.sha256,
    });
  }
  expect(readdirSync(folder)).toEqual(['item']); // nothing spooled stays behind
  return { seen, problems: opened.problems };
};

const texts = async (bytes: Buffer): Promise<Record<string, string>> => {
  const { seen, problems } = await read(bytes);
  expect(problems).toEqual([]);
  return Object.fromEntries(seen.map((s) => [s.member, s.text]));
};

/** Lines that do not compress well. */
const long = (lines: number): string => Array.from({ length: lines }, (_, i) => `${i} ${sha256(String(i))}\n`).join('');

describe('an item', () => {
  it('is read as it is when it is no container, whatever it is called', async () => {
    const { seen } = await read(Buffer.from(TEXT));
    expect(seen).toEqual([{ member: '', path: 'logs/item', text: TEXT, modified: undefined, sha256: sha256(TEXT) }]);
    expect(await texts(Buffer.alloc(0))).toEqual({ '': '' });
    expect(await texts(Buffer.alloc(2048))).toEqual({ '': '\0'.repeat(2048) });
  });

  it('is expanded from gzip, xz, bzip2 and zstd', async () => {
    for (const bytes of [gzipSync(TEXT), XZ, BZIP2, ZSTD]) expect(await texts(bytes)).toEqual({ '': TEXT });
  });

  it('may be several compressed streams one behind the other', async () => {
    for (const bytes of [gzipSync(TEXT), XZ, BZIP2, ZSTD]) {
      expect(await texts(Buffer.concat([bytes, bytes]))).toEqual({ '': TEXT + TEXT });
    }
  });

  it('takes the time of the gzip header', async () => {
    const bytes = gzipSync(TEXT);
    bytes.writeUInt32LE(1635718447, 4);
    expect((await read(bytes)).seen[0]?.modified).toBe(1635718447_000_000);
  });

  it('gives every file of a tar and a zip, with its time and place', async () => {
    const archive = await tar([
      ['./var/fw.log', 'a\n'],
      ['mail.log', 'b\n'],
    ]);
    expect((await read(archive)).seen.map((s) => [s.path, s.text, s.modified])).toEqual([
      ['logs/item!var/fw.log', 'a\n', 1635718447_000_000],
      ['logs/item!mail.log', 'b\n', 1635718447_000_000],
    ]);
    const zipped = zip([
      { name: 'd/' },
      { name: 'd/fw.log', content: 'a\n' },
      { name: 'ü.log', content: 'b\n', method: 0 },
    ]);
    expect((await read(zipped)).seen.map((s) => [s.path, s.text, s.modified])).toEqual([
      ['logs/item!d/fw.log', 'a\n', Date.UTC(2021, 9, 31, 23, 14, 6) * 1000],
      ['logs/item!ü.log', 'b\n', Date.UTC(2021, 9, 31, 23, 14, 6) * 1000],
    ]);
  });

  it('may be a tar from before there was a mark for it', async () => {
    const archive = await tar([['fw.log', TEXT]]);
    archive.fill(0, 257, 265);
    const sum = archive.subarray(0, 512).reduce((all, byte, i) => all + (i >= 148 && i < 156 ? 32 : byte), 0);
    archive.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    expect(await texts(archive)).toEqual({ 'fw.log': TEXT });
  });

  it('is opened however deep containers lie in each other', async () => {
    const inner = await tar([
      ['fw.log', 'deep\n'],
      ['old.log.gz', gzipSync('older\n')],
    ]);
    const middle = zip([
      { name: 'a.tgz', content: gzipSync(inner), method: 0 },
      { name: 'x', content: XZ },
      { name: 'z', content: ZSTD },
    ]);
    expect(
      await texts(
        gzipSync(
          await tar([
            ['in.zip', middle],
            ['plain', TEXT],
          ]),
        ),
      ),
    ).toEqual({
      'in.zip!a.tgz!fw.log': 'deep\n',
      'in.zip!a.tgz!old.log.gz': 'older\n',
      'in.zip!x': TEXT,
      'in.zip!z': TEXT,
      plain: TEXT,
    });
  });

  it('reads zip members that are not deflated', async () => {
    const truth = { size: TEXT.length, crc: crc32(TEXT) };
    const zipped = zip([
      { name: 'z', content: ZSTD, method: 93, ...truth },
      { name: 'b', content: BZIP2, method: 12, ...truth },
      { name: 'x', content: XZ, method: 95, ...truth },
    ]);
    expect(await texts(zipped)).toEqual({ z: TEXT, b: TEXT, x: TEXT });
  });

  it('keeps a document whole', async () => {
    const document = zip([
      { name: '[Content_Types].xml', content: '<Types/>' },
      { name: 'word/document.xml', content: 'x' },
    ]);
    expect(await texts(document)).toEqual({ '': document.toString('latin1') });
    expect(await texts(await tar([['a.docx', document]]))).toEqual({ 'a.docx': document.toString('latin1') });
  });

  it('tells members of the same name apart', async () => {
    const { seen } = await read(
      await tar([
        ['a', '1'],
        ['a', '2'],
        ['a#2', '3'],
      ]),
    );
    expect(seen.map((s) => s.member)).toEqual(['a', 'a#2', 'a#2#2']);
  });

  it('is hashed to its end when its reader stops early', async () => {
    const opened = openItem(
      itemOf(
        gzipSync(
          await tar([
            ['a', long(50_000)],
            ['b', TEXT],
          ]),
        ),
      ),
    );
    const digests: (string | undefined)[] = [];
    let last: (() => { sha256: string } | undefined) | undefined;
    for await (const { chunks, digest } of opened.streams) {
      digests.push(last?.()?.sha256);
      last = digest;
      for await (const chunk of chunks) if (chunk.length > 0) break;
    }
    expect([...digests, last?.()?.sha256]).toEqual([undefined, sha256(long(50_000)), sha256(TEXT)]);
  });
});

describe('damage', () => {
  it('gives what is readable of a truncated stream, and says so', async () => {
    const content = long(20_000);
    const bytes = gzipSync(content);
    const { seen, problems } = await read(bytes.subarray(0, bytes.length >> 1));
    expect(seen[0]?.text.length).toBeGreaterThan(content.length * 0.45);
    expect(content.startsWith(seen[0]?.text ?? '-')).toBe(true);
    expect(problems.map((p) => [p.path, p.code])).toContainEqual(['logs/item', 'truncated']);
    for (const small of [XZ, BZIP2, ZSTD]) {
      const cut = await read(small.subarray(0, small.length - 2));
      expect(cut.problems.map((p) => p.code)).toContain('truncated');
    }
  });

  it('gives what is readable before corrupt data, and says so', async () => {
    const bytes = gzipSync(long(20_000));
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 0xff;
    const { seen, problems } = await read(bytes);
    expect(long(20_000).startsWith((seen[0]?.text ?? '-').slice(0, 200_000))).toBe(true);
    expect(problems.map((p) => p.code)).toEqual(['damaged']);
  });

  it('reports what stands behind a compressed stream', async () => {
    for (const bytes of [gzipSync(TEXT), XZ, BZIP2, ZSTD]) {
      const { seen, problems } = await read(Buffer.concat([bytes, Buffer.from('more than eighteen bytes of text')]));
      expect(problems.map((p) => p.code)).toContain('damaged');
      expect(TEXT.startsWith(seen[0]?.text ?? '-')).toBe(true);
    }
  });

  it('loses nothing of gzip to a wrong checksum or to what stands behind it', async () => {
    const content = long(5000);
    const wrong = gzipSync(content);
    wrong.writeUInt32LE(7, wrong.length - 8);
    for (const bytes of [wrong, Buffer.concat([gzipSync(content), Buffer.from('behind')])]) {
      const { seen, problems } = await read(bytes);
      expect(seen[0]?.text === content).toBe(true);
      expect(problems).toHaveLength(1);
    }
  });

  it('reads gzip with every header field, many members, and the NULs of a tape behind it', async () => {
    const plain = gzipSync(TEXT);
    const header = Buffer.concat([plain.subarray(0, 3), Buffer.from([2 | 4 | 8 | 16]), plain.subarray(4, 10)]);
    const fields = Buffer.from([3, 0, 1, 2, 3, ...Buffer.from('fw.log\0a comment\0'), 9, 9]);
    const full = Buffer.concat([header, fields, plain.subarray(10)]);
    const many = Array.from({ length: 300 }, (_, i) => gzipSync(`${i}\n`));
    const whole = await texts(Buffer.concat([full, ...many, full, Buffer.alloc(40_000)]));
    expect(whole['']).toBe(`${TEXT}${many.map((_, i) => `${i}\n`).join('')}${TEXT}`);
  });

  it('reads a tar up to where it breaks off', async () => {
    const archive = await tar([
      ['a', 'first\n'],
      ['b', long(1000)],
    ]);
    const { seen, problems } = await read(archive.subarray(0, 20_000));
    expect(seen.map((s) => s.member)).toEqual(['a', 'b']);
    expect(long(1000).startsWith(seen[1]?.text ?? '-')).toBe(true);
    expect(seen[1]?.text.length).toBeGreaterThan(15_000);
    expect(problems.map((p) => [p.path, p.code])).toEqual([
      ['logs/item!b', 'truncated'],
      ['logs/item', 'truncated'],
    ]);
  });

  it('goes on with the archive after a damaged member', async () => {
    const broken = gzipSync(long(10_000)).subarray(0, 100_000);
    const inTar = await read(
      await tar([
        ['a.gz', broken],
        ['b', TEXT],
      ]),
    );
    expect(inTar.seen.map((s) => s.member)).toEqual(['a.gz', 'b']);
    expect(inTar.seen[1]?.text).toBe(TEXT);
    expect(inTar.problems.map((p) => [p.path, p.code])).toEqual([['logs/item!a.gz', 'truncated']]);
    const inZip = await read(
      zip([
        { name: 'a', content: 'x', crc: 7 },
        { name: 'c', content: 'xyz', size: 9 },
        { name: 'b', content: TEXT },
      ]),
    );
    expect(inZip.seen.map((s) => [s.member, s.text])).toEqual([
      ['a', 'x'],
      ['c', 'xyz'],
      ['b', TEXT],
    ]);
    expect(inZip.problems.map((p) => [p.path, p.code])).toEqual([
      ['logs/item!a', 'damaged'],
      ['logs/item!c', 'truncated'],
    ]);
  });

  it('reads the members of a zip whose directory is missing, as far as they go', async () => {
    const members = [
      { name: 'd/' },
      { name: 'a', content: 'first\n' },
      { name: 'secret', content: 'x', flags: 1 },
      { name: 's', content: TEXT, method: 0 },
      { name: 'b', content: long(1000) },
    ];
    const bytes = zip(members);
    const { seen, problems } = await read(bytes.subarray(0, bytes.length - 30));
    expect(seen.map((s) => [s.member, s.text])).toEqual([
      ['a', 'first\n'],
      ['s', TEXT],
      ['b', long(1000)],
    ]);
    expect(problems.map((p) => [p.path, p.code])).toEqual([
      ['logs/item', 'damaged'],
      ['logs/item!secret', 'encrypted'],
    ]);
    const cut = await read(bytes.subarray(0, 20_000));
    expect(cut.seen.map((s) => s.member)).toEqual(['a', 's', 'b']);
    expect(cut.seen[2]?.text.length).toBeGreaterThan(30_000);
    expect(long(1000).startsWith(cut.seen[2]?.text ?? '-')).toBe(true);
    expect(cut.problems.map((p) => [p.path, p.code])).toContainEqual(['logs/item!b', 'truncated']);
  });

  it('reads the members of a zip that was streamed and broke off', async () => {
    const content = long(500);
    const data = deflateRawSync(content);
    const header = Buffer.alloc(30);
    header.write('PK\x03\x04', 'latin1');
    header.writeUInt16LE(8, 6);
    header.writeUInt16LE(8, 8);
    header.writeUInt16LE(1, 26);
    const sizes = Buffer.alloc(12);
    const marked = Buffer.concat([header, Buffer.from('a'), data, Buffer.from('PK\x07\x08', 'latin1'), sizes]);
    const bare = Buffer.concat([header, Buffer.from('b'), data, sizes]);
    const long64 = Buffer.concat([
      header,
      Buffer.from('c'),
      data,
      Buffer.from('PK\x07\x08', 'latin1'),
      sizes,
      Buffer.alloc(8),
    ]);
    const { seen } = await read(
      Buffer.concat([marked, bare, long64, header, Buffer.from('d'), data.subarray(0, 9000)]),
    );
    expect(seen.map((s) => s.member)).toEqual(['a', 'b', 'c', 'd']);
    expect(seen.slice(0, 3).map((s) => s.text === content)).toEqual([true, true, true]);
    expect(content.startsWith(seen[3]?.text ?? '-')).toBe(true);
  });

  it('reports encrypted members, unknown methods, links and devices', async () => {
    const zipped = await read(
      zip([
        { name: 'secret', content: 'x', flags: 1 },
        { name: 'odd', content: 'x', method: 14 },
        { name: 'link', content: '/etc/passwd', mode: 0o120777 },
        { name: 'ok', content: 'x' },
      ]),
    );
    expect(zipped.problems.map((p) => [p.path, p.code]).sort()).toEqual([
      ['logs/item!link', 'not-a-file'],
      ['logs/item!odd', 'unsupported'],
      ['logs/item!secret', 'encrypted'],
    ]);
    expect(zipped.seen.filter((s) => s.text !== '').map((s) => s.member)).toEqual(['ok']);
    const tarred = await read(
      await tar([
        [{ name: 'l', type: 'symlink', linkname: '/etc/passwd' }, ''],
        [{ name: 'd', type: 'character-device' }, ''],
        ['ok', 'x'],
      ]),
    );
    expect(tarred.problems.map((p) => [p.path, p.code])).toEqual([
      ['logs/item!l', 'not-a-file'],
      ['logs/item!d', 'not-a-file'],
    ]);
    expect(tarred.seen.map((s) => s.member)).toEqual(['ok']);
  });

  it('does not take an archive that it cannot open for text', async () => {
    const sevenZip = Buffer.concat([Buffer.from('377abcaf271c0004', 'hex'), Buffer.alloc(500, 'x')]);
    const { seen, problems } = await read(
      await tar([
        ['a.7z', sevenZip],
        ['b', TEXT],
      ]),
    );
    expect(seen.map((s) => s.member)).toEqual(['b']);
    expect(problems).toEqual([
      { path: 'logs/item!a.7z', code: 'unsupported', detail: '7z is not opened; unpack it first' },
    ]);
  });

  it('notices that an item is not what was taken in', async () => {
    for (const bytes of [Buffer.from(TEXT), gzipSync(TEXT)]) {
      const item = { ...itemOf(bytes), sha256: sha256('other') };
      const opened = openItem(item);
      for await (const { chunks } of opened.streams) for await (const _ of chunks);
      expect(opened.problems.map((p) => p.code)).toEqual(['changed']);
    }
    const gone = openItem({ ...itemOf(Buffer.from('')), location: join(folder, 'gone') });
    for await (const { chunks } of gone.streams) for await (const _ of chunks);
    expect(gone.problems.map((p) => p.code)).toContain('unreadable');
  });
});

describe('any damage', () => {
  it('ends in problems, never in an exception', async () => {
    const inner = await tar([
      ['fw.log', long(200)],
      ['old.gz', gzipSync(long(100))],
    ]);
    const archives = [
      zip([
        { name: 'a.tgz', content: gzipSync(inner), method: 0 },
        { name: 'x', content: XZ },
        { name: 'y', content: long(300) },
      ]),
      gzipSync(
        zip([
          { name: 'b', content: BZIP2 },
          { name: 'z', content: ZSTD, method: 0 },
          { name: 't', content: inner },
        ]),
      ),
      await tar([
        ['in.zip', zip([{ name: 'b', content: BZIP2, method: 0 }])],
        ['x', XZ],
        ['z', ZSTD],
        ['b', BZIP2],
      ]),
    ];
    const change = fc.tuple(fc.nat(), fc.nat({ max: 255 }));
    const changes = fc.array(change, { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...archives), changes, fc.option(fc.nat()), async (archive, bytes, end) => {
        const damaged = Buffer.from(archive);
        for (const [at, byte] of bytes) damaged[at % damaged.length] = byte;
        await read(end === null ? damaged : damaged.subarray(0, end % damaged.length));
      }),
      { numRuns: 60 },
    );
  });
});

describe('protection', () => {
  it('uses hostile names as labels only', async () => {
    const names = ['../../evil', '/etc/cron.d/evil', 'a/../../evil', 'C:\\evil', '..\\evil'];
    const { seen, problems } = await read(await tar(names.map((name) => [name, 'x'] as const)));
    expect(seen.map((s) => s.member)).toEqual(names);
    expect(problems.map((p) => p.code)).toEqual(names.map(() => 'hostile-name'));
    const zipped = await read(zip([{ name: '../evil', content: 'x' }]));
    expect(zipped.seen.map((s) => s.path)).toEqual(['logs/item!../evil']);
  });

  it('stops a decompression bomb', async () => {
    const bomb = gzipSync(Buffer.alloc(150 * 1024 * 1024), { level: 9 });
    const opened = openItem(
      itemOf(
        await tar([
          ['bomb.gz', bomb],
          ['b', TEXT],
        ]),
      ),
    );
    const bytes: number[] = [];
    for await (const { chunks } of opened.streams) {
      let n = 0;
      for await (const chunk of chunks) n += chunk.length;
      bytes.push(n);
    }
    expect(bytes[0]).toBeLessThan(150 * 1024 * 1024);
    expect(bytes[1]).toBe(TEXT.length);
    expect(opened.problems.map((p) => [p.path, p.code])).toEqual([['logs/item!bomb.gz', 'limit']]);
  });

  it('stops at the budget of a run', async () => {
    const { seen, problems } = await read(gzipSync(long(10_000)), { budget: { left: 100_000 } });
    expect(seen[0]?.text.length).toBeLessThanOrEqual(100_000);
    expect(problems.map((p) => p.code)).toEqual(['limit']);
  });

  it('does not go deeper than eight containers', async () => {
    let bytes = Buffer.from(TEXT);
    for (let i = 0; i < 8; i += 1) bytes = gzipSync(bytes);
    expect(await texts(bytes)).toEqual({ '': TEXT });
    const { seen, problems } = await read(gzipSync(bytes));
    expect(seen).toEqual([]);
    expect(problems.map((p) => p.code)).toEqual(['limit']);
  });
});
