import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Charset, detectCharset } from '../../src/read/charset.ts';
import type { FramedRecord, Framing } from '../../src/read/framing.ts';
import { RECORD_MAX } from '../../src/read/framing.ts';
import { frame, framer } from '../../src/read/records.ts';

const all = (framing: Framing, charset: Charset, chunks: readonly Buffer[]): FramedRecord[] => {
  const records = framer(framing, charset);
  return [...chunks.flatMap((chunk) => records.push(chunk)), ...records.end()];
};
const text = (framing: Framing, input: string | Buffer): string[] =>
  all(framing, 'utf-8', [Buffer.from(input as string)]).map((r) => r.text);

const encode = (value: string, charset: Charset | 'latin1'): Buffer => {
  if (charset === 'utf-8') return Buffer.from(value, 'utf8');
  if (charset === 'latin1') return Buffer.from(value, 'latin1');
  const bytes = Buffer.from(value, 'utf16le');
  return charset === 'utf-16be' ? bytes.swap16() : bytes;
};

/** Cuts at the given places, whatever they are. */
const split = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((from, i) => bytes.subarray(from, places[i] ?? bytes.length));
};

const expectTiles = (records: readonly FramedRecord[], bytes: number): void => {
  let at = 0;
  for (const record of records) {
    expect(record.offset).toBe(at);
    expect(record.length).toBeGreaterThan(0);
    at += record.length;
  }
  expect(at).toBe(bytes);
};

const piece = fc.constantFrom(
  'a',
  'user=k',
  ' ',
  '"',
  '""',
  ',',
  '\n',
  '\r\n',
  '\r',
  '\0',
  'ü',
  '€',
  '😀',
  '\ufeff',
  '{',
  '}',
  '[',
  ']',
  ':',
  '{"a":1}',
  '{"value":[',
  '\\',
  'Nov 1 ',
  'From a@example.org Sun Oct 31 23:14:07 2021\n',
  '\n\nFrom \n',
  '>From b\n',
  '"x\ny"',
);
const document = fc.array(piece, { maxLength: 60 }).map((parts) => parts.join(''));
const charsets = fc.constantFrom<Charset | 'latin1'>('utf-8', 'utf-16le', 'utf-16be', 'latin1');
const framings = fc.constantFrom<Framing>(
  'line',
  'csv',
  'json',
  'mail',
  { startsWith: /^Nov / },
  { startsWith: /^Nov /, endsBehind: '1 ' },
);

describe('framing', () => {
  it('tiles the stream and gives the same records however it is cut into chunks', () => {
    fc.assert(
      fc.property(
        document,
        charsets,
        framings,
        fc.array(fc.nat(), { maxLength: 8 }),
        (input, encoding, framing, cuts) => {
          const bytes = encode(input, encoding);
          const charset = encoding === 'latin1' ? 'utf-8' : encoding;
          const whole = all(framing, charset, [bytes]);
          expectTiles(whole, bytes.length);
          expect(all(framing, charset, split(bytes, cuts))).toEqual(whole);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('tiles any bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        charsets,
        framings,
        fc.array(fc.nat(), { maxLength: 5 }),
        (raw, encoding, framing, cuts) => {
          const bytes = Buffer.from(raw);
          const charset = encoding === 'latin1' ? 'utf-8' : encoding;
          const whole = all(framing, charset, [bytes]);
          expectTiles(whole, bytes.length);
          expect(all(framing, charset, split(bytes, cuts))).toEqual(whole);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('gives a record again from its bytes alone', () => {
    fc.assert(
      fc.property(document, charsets, framings, (input, encoding, framing) => {
        const bytes = encode(input, encoding);
        const charset = encoding === 'latin1' ? 'utf-8' : encoding;
        for (const record of all(framing, charset, [bytes])) {
          const alone = all(framing, charset, [bytes.subarray(record.offset, record.offset + record.length)]);
          expect(alone.map((r) => r.text)).toEqual([record.text]);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('lines', () => {
  it('ends a line at LF and CRLF, not at a lone CR, and keeps NUL', () => {
    expect(text('line', 'a\r\nb\rc\n\0d\n\nlast')).toEqual(['a', 'b\rc', '\0d', '', 'last']);
  });

  it('counts lines and bytes', () => {
    const records = all('line', 'utf-8', [Buffer.from('grün\r\nx')]);
    expect(records.map(({ offset, length, line }) => [offset, length, line])).toEqual([
      [0, 7, 1],
      [7, 1, 2],
    ]);
  });

  it('takes the byte order mark off the text, not off the range', () => {
    expect(all('line', 'utf-8', [Buffer.from('\ufeffa\n')])[0]).toMatchObject({ text: 'a', offset: 0, length: 5 });
    const utf16 = Buffer.from('\ufeffä\n', 'utf16le');
    expect(all('line', 'utf-16le', [utf16])[0]).toMatchObject({ text: 'ä', offset: 0, length: 6 });
    expect(all('line', 'utf-16be', [utf16.swap16()])[0]).toMatchObject({ text: 'ä', offset: 0, length: 6 });
  });

  it('reads a line that is no UTF-8 as Windows-1252, and only that line', () => {
    const records = all('line', 'utf-8', [
      Buffer.concat([Buffer.from('grün\n'), Buffer.from([0x80, 0xfc, 10]), Buffer.from('€\n')]),
    ]);
    expect(records.map((r) => r.text)).toEqual(['grün', '€ü', '€']);
    expect(records.map((r) => r.flags)).toEqual([[], ['charset-fallback'], []]);
  });

  it('keeps a line of 5 MB whole', () => {
    const long = `${'x'.repeat(5_000_000)}ü`;
    const bytes = Buffer.from(`a\n${long}\nb\n`);
    const chunks = Array.from({ length: Math.ceil(bytes.length / 65536) }, (_, i) =>
      bytes.subarray(i * 65536, (i + 1) * 65536),
    );
    const records = all('line', 'utf-8', chunks);
    expect(records.map((r) => r.text.length)).toEqual([1, 5_000_001, 1]);
    expectTiles(records, bytes.length);
    expect(records[1]?.text === long).toBe(true);
  });

  it('cuts a line over the limit between characters, flags its pieces, and keeps the count of lines', () => {
    const bytes = Buffer.from(`x${'ü'.repeat(RECORD_MAX / 2 + 10)}\nnext\n`);
    for (const size of [bytes.length, 1_000_003]) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      );
      const records = all('line', 'utf-8', chunks);
      expectTiles(records, bytes.length);
      expect(records.map((r) => r.length)).toEqual([RECORD_MAX - 1, 23, 5]);
      expect(records.map((r) => r.line)).toEqual([1, 1, 2]);
      expect(records.map((r) => r.flags)).toEqual([['too-long'], ['too-long'], []]);
    }
  });

  it('says that half a character of UTF-16 is none', () => {
    const records = all('line', 'utf-16le', [Buffer.from([0x61, 0, 10, 0, 0, 0xd8, 10, 0, 0x62])]);
    expect(records.map((r) => [r.text, r.flags])).toEqual([
      ['a', []],
      ['\ufffd', ['undecodable']],
      ['\ufffd', ['undecodable']],
    ]);
  });

  it('hands on batches from an async iterable', async () => {
    async function* chunks(): AsyncGenerator<Buffer> {
      yield Buffer.from('a\nb\nc');
      yield Buffer.from('d\n');
    }
    const batches: string[][] = [];
    for await (const batch of frame(chunks(), 'line', 'utf-8')) batches.push(batch.map((r) => r.text));
    expect(batches).toEqual([['a', 'b'], ['cd']]);
  });
});

describe('csv', () => {
  it('keeps line breaks in quoted fields', () => {
    const records = all('csv', 'utf-8', [Buffer.from('a,b\r\n1,"x\r\ny ""z"""\r\n2,w\r\n')]);
    expect(records.map((r) => r.text)).toEqual(['a,b', '1,"x\r\ny ""z"""', '2,w']);
    expect(records.map((r) => r.line)).toEqual([1, 2, 4]);
  });

  it('takes a quote inside a field for text', () => {
    expect(text('csv', 'disk 5" a,b\n1,2\n')).toEqual(['disk 5" a,b', '1,2']);
  });

  it('leaves lines single when a quote never closes', () => {
    const lines = ['a,"open', ...Array.from({ length: 2500 }, (_, i) => `row,${i}`), 'x,"y', 'z"'];
    expect(text('csv', `${lines.join('\n')}\n`)).toEqual([...lines.slice(0, -2), 'x,"y\nz"']);
    const big = ['"', 'x'.repeat(1 << 20), 'b', 'c'];
    expect(text('csv', big.join('\n'))).toEqual(big);
  });
});

describe('json', () => {
  it('reads one value a line', () => {
    const records = all('json', 'utf-8', [Buffer.from('{"a":"}{ü"}\n\n{"b":[1,{"c":2}]}\n')]);
    expect(records.map((r) => [r.text, r.offset, r.length, r.line])).toEqual([
      ['{"a":"}{ü"}', 0, 14, 1],
      ['{"b":[1,{"c":2}]}', 14, 18, 3],
    ]);
  });

  it('reads values spread over lines, and several on one', () => {
    expect(text('json', '{\n  "a": 1\n}\n{\n  "a": {\n    "b": 2 }\n}{"c":3} {"d":4}')).toEqual([
      '{\n  "a": 1\n}',
      '{\n  "a": {\n    "b": 2 }\n}',
      '{"c":3}',
      '{"d":4}',
    ]);
  });

  it('reads the elements of one array, printed in any way', () => {
    for (const indent of [undefined, 0, 1, 2]) {
      const values = [{ a: 1, n: [{ x: 'ä,]' }] }, { a: 2 }, { a: { b: [] } }];
      const input = `\ufeff ${JSON.stringify(values, null, indent)}\n`;
      const records = all('json', 'utf-8', [Buffer.from(input)]);
      expectTiles(records, Buffer.byteLength(input));
      expect(records.map((r) => JSON.parse(r.text))).toEqual(values);
    }
    expect(text('json', '[\n{\n"a": [\n{\n"b": 1\n}\n]\n},\n{}\n]\n').map((t) => JSON.parse(t))).toEqual([
      { a: [{ b: 1 }] },
      {},
    ]);
    expect(text('json', '[]\n')).toEqual(['']);
  });

  it('reads the elements of an array that an object wraps', () => {
    const values = [{ a: 1, value: [{ b: 2 }] }, { a: 2 }];
    for (const indent of [undefined, 0, 2]) {
      const input = JSON.stringify({ '@odata.context': 'https://x.example/m#s', value: values }, null, indent);
      const records = all('json', 'utf-8', [Buffer.from(`${input}\n${input}\n`)]);
      expectTiles(records, 2 * input.length + 2);
      expect(records.map((r) => JSON.parse(r.text))).toEqual([...values, ...values]);
    }
    expect(text('json', '{"Records":[{"a":1},{"a":2}]}').map((t) => JSON.parse(t))).toEqual([{ a: 1 }, { a: 2 }]);
    for (const one of ['{"name":"x","value":[{"a":1}]}', '{"value":[1,2]}', '{"a":{"value":[{"b":1}]}}']) {
      expect(text('json', `${one}\n${one}\n`)).toEqual([one, one]);
    }
  });

  it('loses one record to a damaged value, not the rest', () => {
    for (const damaged of ['{"a":{', '{"a":"x', '{"a":1,', '{"a":1', '{"a":', 'null', 'Error: disk full {']) {
      expect(text('json', `{"n":1}\n${damaged}\n{"n":2}\n{"n":3}\n`).map((t) => t.trim())).toEqual([
        '{"n":1}',
        damaged,
        '{"n":2}',
        '{"n":3}',
      ]);
    }
  });

  it('cuts a value over the limit and goes on at the next line', () => {
    const input = Buffer.from(`{"a":"${'x'.repeat(2 * RECORD_MAX)}"}\n{"b":1}\n`);
    const records = all('json', 'utf-8', [input]);
    expectTiles(records, input.length);
    expect(records[0]?.flags).toEqual(['too-long']);
    expect(records.at(-1)?.text).toBe('{"b":1}');
    expect(records.every((r) => r.length <= 2 * RECORD_MAX)).toBe(true);
  });
});

describe('startsWith', () => {
  it('joins lines to the one that begins the record', () => {
    expect(text({ startsWith: /^\d/g }, '# head\nx\n1 a\n b\n c\n2 d\n')).toEqual([
      '# head',
      'x',
      '1 a\n b\n c',
      '2 d',
    ]);
  });

  it('ends records within a line, one cut as too long included', () => {
    const events: Framing = { startsWith: /<e>/, endsBehind: '</e>' };
    expect(text(events, '\ufeff<all><e>ä</e><e>b\nc</e></all>\n<e>d</e>')).toEqual([
      '<all><e>ä</e>',
      '<e>b\nc</e></all>',
      '<e>d</e>',
    ]);
    const one = `<e>${'x'.repeat(999)}</e>`;
    const many = all(events, 'utf-8', [Buffer.from(one.repeat(Math.ceil(RECORD_MAX / one.length) + 5))]);
    expect(new Set(many.map((record) => record.text))).toEqual(new Set([one]));
    expect(new Set(many.flatMap((record) => record.flags))).toEqual(new Set());
  });

  it('bounds what continues a record', () => {
    const lines = all({ startsWith: /^1/ }, 'utf-8', [Buffer.from(`1\n${'a\n'.repeat(10_005)}1\n`)]);
    expect(lines).toHaveLength(8);
    expect(lines[0]?.flags).toEqual(['too-long']);
  });
});

describe('character set', () => {
  it('is told from the byte order mark, the place of NULs, or is UTF-8', () => {
    const line = 'Nov 12 10:11:12 gw1 vpnd: Benutzer k.weiß angemeldet\r\n';
    expect(detectCharset(encode(line, 'utf-8'))).toBe('utf-8');
    expect(detectCharset(encode(line, 'latin1'))).toBe('utf-8');
    for (const charset of ['utf-16le', 'utf-16be'] as const) {
      expect(detectCharset(encode(line, charset))).toBe(charset);
      expect(detectCharset(encode(`\ufeff${line}`, charset))).toBe(charset);
      expect(detectCharset(encode('2021-10-31 23:14 вход выполнен с узла шлюз\n', charset))).toBe(charset);
    }
    expect(detectCharset(Buffer.alloc(0))).toBe('utf-8');
    expect(detectCharset(Buffer.from('a\0b\0\0\0\0c some text with NUL bytes in it'))).toBe('utf-8');
  });
});
