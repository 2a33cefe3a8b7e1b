import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PARSERS } from '../../parsers/registry.ts';
import { prepare, readStream } from '../../src/app/read-stream.ts';
import type { StoredEvent } from '../../src/ecs/event.ts';
import { EvtxFramer } from '../../src/read/evtx/framer.ts';
import type { FramedRecord } from '../../src/read/framing.ts';
import { INCIDENT, INCIDENT_LOG } from './evtx-incident.ts';
import {
  CHUNK,
  type Event,
  el,
  integer,
  optional,
  sid,
  sub,
  text,
  texts,
  type Value,
  value,
  writeChunk,
  writeEvtx,
  xml,
} from './evtx-writer.ts';

const FILE_HEADER = 4096;
const RECORDS = 512;

const frame = (bytes: Buffer, piece = bytes.length): FramedRecord[] => {
  const framer = new EvtxFramer();
  const out: FramedRecord[] = [];
  for (let at = 0; at < bytes.length; at += piece) out.push(...framer.push(bytes.subarray(at, at + piece)));
  return [...out, ...framer.end()];
};
const events = (records: readonly FramedRecord[]): FramedRecord[] =>
  records.filter(({ text }) => /^<E(?:vent)?[ >]/.test(text));
const damaged = (records: readonly FramedRecord[]): FramedRecord[] =>
  records.filter((record) => record.text.startsWith('EVTX: '));

const expectTiles = (records: readonly FramedRecord[], bytes: number): void => {
  let at = 0;
  for (const { offset, length } of records) {
    expect(offset).toBe(at);
    expect(length).toBeGreaterThan(0);
    at += length;
  }
  expect(at).toBe(bytes);
};

/** `<E>…</E>` with one value, or the given template. */
const one = (values: readonly Value[], template = el('E', {}, sub(0)), id = 1): Event => ({
  id,
  time: new Date(0),
  template,
  values,
});
const render = (values: readonly Value[], template?: Event['template']): string =>
  events(frame(writeEvtx([writeChunk([one(values, template)])])))[0]?.text ?? 'none';

describe('EVTX', () => {
  it('reads every event with its number, and the records tile the stream however it is cut', () => {
    const whole = frame(INCIDENT_LOG);
    expect(events(whole).map(({ number }) => number)).toEqual(INCIDENT.flat().map(({ id }) => id));
    expect(damaged(whole)).toEqual([]);
    expect(whole.every(({ flags, line }) => flags.length === 0 && line === 0)).toBe(true);
    expectTiles(whole, INCIDENT_LOG.length);
    for (const piece of [1000, 4096, 70_001]) expect(frame(INCIDENT_LOG, piece)).toEqual(whole);
  });

  it('renders what the event viewer shows as XML', () => {
    expect(events(frame(INCIDENT_LOG))[1]?.text).toBe(
      '<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System>' +
        '<Provider Name="Microsoft-Windows-Security-Auditing" Guid="{54849625-5478-4994-a5ba-3e3b0328c30d}"/>' +
        '<EventID>4625</EventID><Version>2</Version><Level>0</Level><Task>12544</Task><Opcode>0</Opcode>' +
        '<Keywords>0x8010000000000000</Keywords><TimeCreated SystemTime="2021-11-02T07:15:31.0001234Z"/>' +
        '<EventRecordID>42</EventRecordID><Correlation/><Execution ProcessID="612" ThreadID="4180"/>' +
        '<Channel>Security</Channel><Computer>FS01.example.org</Computer><Security/></System><EventData>' +
        '<Data Name="TargetUserName">kim &quot;the admin&quot; &lt;root&gt; &amp; co</Data>' +
        '<Data Name="TargetDomainName">EXAMPLE</Data><Data Name="Status">0xc000006d</Data>' +
        '<Data Name="SubStatus">0xc000006a</Data><Data Name="LogonType">3</Data><Data Name="WorkstationName">KALI</Data>' +
        '<Data Name="IpAddress">198.51.100.23</Data><Data Name="IpPort">0</Data></EventData></Event>',
    );
  });

  it.each<[string, Value, string]>([
    ['text', text('Grüße\0'), 'Grüße'],
    ['ANSI text', value(0x02, Buffer.from([0x47, 0xfc, 0x80])), 'Gü€'],
    ['int8', integer(0x03, 1, -5), '-5'],
    ['int16', integer(0x05, 2, -300), '-300'],
    ['uint16', integer(0x06, 2, 65_535), '65535'],
    ['int32', integer(0x07, 4, -70_000), '-70000'],
    ['int64', integer(0x09, 8, -5_000_000_000n), '-5000000000'],
    ['uint64', integer(0x0a, 8, 0xffffffffffffffffn), '18446744073709551615'],
    ['double', value(0x0c, Buffer.from([0, 0, 0, 0, 0, 0, 0xf8, 0x3f])), '1.5'],
    ['true', integer(0x0d, 4, 1), 'true'],
    ['a boolean that is none', integer(0x0d, 4, 16), '16'],
    ['binary', value(0x0e, Buffer.from('00ff', 'hex')), '00FF'],
    ['pointer of 64 bits', integer(0x10, 8, 0x7ff6n), '0x7ff6'],
    ['FILETIME 0', integer(0x11, 8, 0), '1601-01-01T00:00:00.0000000Z'],
    ['FILETIME that is no date', integer(0x11, 8, 0xffffffffffffffffn), '0xffffffffffffffff'],
    ['SYSTEMTIME', value(0x12, Buffer.from('e5070b000200020007000f001e007b00', 'hex')), '2021-11-02T07:15:30.123Z'],
    ['SID', sid(5, 21, 1, 2, 4294967295), 'S-1-5-21-1-2-4294967295'],
    ['hexadecimal', integer(0x14, 4, 0xc0000064), '0xc0000064'],
    ['a type nobody knows', value(0x7e, Buffer.from('ab', 'hex')), 'AB'],
    ['a number that is cut', value(0x08, Buffer.from('0102', 'hex')), '0102'],
  ])('%s', (_name, one, expected) => expect(render([one])).toBe(`<E>${expected}</E>`));

  it('repeats an element for each item of an array, leaves out attributes without value', () => {
    const template = el('E', { a: optional(1), b: sub(2) }, el('D', {}, sub(0)));
    expect(render([texts('x', '<y>'), value(0, Buffer.alloc(0)), text('z')], template)).toBe(
      '<E b="z"><D>x</D><D>&lt;y&gt;</D></E>',
    );
    expect(
      render(
        [value(0x88, Buffer.concat([integer(0, 4, 7), integer(0, 4, 8)].map((v) => (v as { bytes: Buffer }).bytes)))],
        el('E', {}, el('D', {}, sub(0))),
      ),
    ).toBe('<E><D>7</D><D>8</D></E>');
  });

  it('reads references, CDATA and binary XML in a value, as template or bare element', () => {
    expect(render([], el('E', {}, 'a', { entity: 'amp' }, { char: 60 }, { cdata: '<b>' }))).toBe(
      '<E>a&amp;&lt;&lt;b&gt;</E>',
    );
    expect(render([xml({ template: el('In', {}, sub(0)), values: [text('v')] })])).toBe('<E><In>v</In></E>');
    expect(render([xml(el('Bare', { a: '1' }, el('Deep', {}, 'x')))])).toBe('<E><Bare a="1"><Deep>x</Deep></Bare></E>');
  });

  it('shows control characters as numbers, replaces half characters and says so', () => {
    const record = events(frame(writeEvtx([writeChunk([one([text('a\u0001b\ud800c')])])])))[0];
    expect(record).toMatchObject({ text: '<E>a&#x1;b\ufffdc</E>', flags: ['undecodable'] });
  });

  it('keeps a damaged record as one value, with what can be read in it, and goes on behind it', () => {
    const chunk = writeChunk([1, 2, 3].map((id) => one([text(`secret-${id}`)], undefined, id)));
    const second = chunk.indexOf(Buffer.from('**\0\0', 'latin1'), RECORDS + 4);
    chunk.writeUInt32LE(0xffff, second + 4);
    const records = frame(writeEvtx([chunk]));
    expect(events(records).map(({ number }) => number)).toEqual([1, 3]);
    expect(damaged(records)).toHaveLength(1);
    expect(damaged(records)[0]?.text).toContain('secret-2');
    expect(events(records).every(({ flags }) => flags.includes('checksum'))).toBe(true);
    expectTiles(records, FILE_HEADER + CHUNK);
  });

  it('finds the events of a chunk whose mark is lost, and of chunks carved without file header', () => {
    const log = Buffer.from(INCIDENT_LOG);
    log.fill(0, FILE_HEADER, FILE_HEADER + 8);
    expect(events(frame(log)).map(({ number }) => number)).toEqual([41, 42, 43, 44, 45, 46, 47]);
    expect(events(frame(INCIDENT_LOG.subarray(FILE_HEADER)))).toHaveLength(7);
  });

  it('goes on behind the stated end with the next number only: what was never cleared is no event of this log', () => {
    const unclosed = frame(
      writeEvtx([
        writeChunk(
          [1, 2, 3].map((id) => one([text('x')], undefined, id)),
          1,
        ),
      ]),
    );
    expect(events(unclosed).map(({ number, flags }) => [number, flags])).toEqual([
      [1, []],
      [2, ['behind-end']],
      [3, ['behind-end']],
    ]);
    const left = frame(
      writeEvtx([
        writeChunk(
          [1, 900, 901].map((id) => one([text('x')], undefined, id)),
          1,
        ),
      ]),
    );
    expect(events(left).map(({ number }) => number)).toEqual([1]);
    expect(damaged(left)).toEqual([]);
    expectTiles(left, FILE_HEADER + CHUNK);
  });

  it('is not multiplied out: neither text nor work grow beyond a limit', () => {
    const many = el('E', {}, ...Array.from({ length: 3000 }, () => sub(0)));
    const text64k = text('x'.repeat(16_000));
    const loud = frame(writeEvtx([writeChunk([one([text64k], many)])]));
    expect(damaged(loud)[0]?.text).toContain('more text than a record may hold');
    const busy = xml(el('B', {}, ...Array.from({ length: 2000 }, () => '')));
    const start = performance.now();
    const quiet = frame(writeEvtx([writeChunk(Array.from({ length: 4 }, (_, id) => one([busy], many, id)))]));
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(damaged(quiet).length).toBeGreaterThan(0);
    expectTiles(quiet, FILE_HEADER + CHUNK);
  });

  it('never fails on damaged bytes: they tile, and cutting does not matter', () => {
    const changes = fc.array(fc.tuple(fc.nat(INCIDENT_LOG.length - 1), fc.nat(255)), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(changes, fc.nat(3000), fc.integer({ min: 0, max: INCIDENT_LOG.length }), (flips, near, end) => {
        const log = Buffer.from(INCIDENT_LOG);
        // half of them where the events stand
        flips.forEach(([at, byte], n) => {
          log[n % 2 === 0 ? at : FILE_HEADER + RECORDS + ((at + near) % 5000)] = byte;
        });
        const cut = log.subarray(0, end);
        const records = frame(cut);
        expectTiles(records, cut.length);
        expect(frame(cut, 9999)).toEqual(records);
      }),
      { numRuns: 60 },
    );
  });

  it('comes through to events: chosen by its bytes, with number and without line', async () => {
    const fixture = readFileSync(join(import.meta.dirname, '../../fixtures/parsers/windows-event-xml/evtx/input.log'));
    expect(fixture.equals(INCIDENT_LOG), 'the fixture is what the writer writes').toBe(true);
    const prepared = await prepare(Readable.from([INCIDENT_LOG]) as AsyncIterable<Buffer>, PARSERS, undefined);
    expect(prepared).toMatchObject({ framing: 'evtx', choice: { parser: { id: 'windows-event-xml' }, doubt: 'none' } });
    const read: StoredEvent[] = [];
    const { accounting } = await readStream(prepared, {
      stream: 's',
      path: 'Security.evtx',
      parsers: PARSERS,
      clock: {},
      emit: (e) => read.push(e),
    });
    expect(accounting).toMatchObject({ events: 7, rejected: 0 });
    expect(read.map(({ fields }) => [fields['einfallstor.act'], fields['einfallstor.record.number']])).toEqual([
      ['login', 41],
      ['login', 42],
      ['login', 43],
      ['account-created', 44],
      ['service-installed', 45],
      ['log-cleared', 46],
      ['other', 47],
    ]);
    expect(read[2]?.fields).toMatchObject({
      'user.name': 'k.maier',
      'source.ip': '198.51.100.23',
      'service.type': 'rdp',
      '@timestamp': 1635837332500123,
    });
    expect(read[6]?.fields['related.ip']).toEqual(['203.0.113.9']);
    expect(read[2]?.fields['einfallstor.record.line']).toBeUndefined();
  });
});
