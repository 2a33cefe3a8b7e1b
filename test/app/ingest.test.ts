import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { PARSERS } from '../../parsers/registry.ts';
import { withStore } from '../../src/app/case-view.ts';
import type { Progress } from '../../src/app/progress.ts';
import type { StreamEntry } from '../../src/case/entries.ts';
import { numberOf, type StoredEvent, textOf, valuesOf } from '../../src/ecs/event.ts';
import { nest } from '../../src/ecs/nest.ts';
import { sha256Of } from '../../src/evidence/digest.ts';
import type { EvidenceItem } from '../../src/evidence/item.ts';
import { openRun } from '../../src/parse/run.ts';
import { WRAPPERS } from '../../src/parse/wrapper/peel.ts';
import type { Charset } from '../../src/read/charset.ts';
import { openItem } from '../../src/read/open.ts';
import { framer } from '../../src/read/records.ts';
import { tar, zip } from '../read/archives.ts';
import { events, folder, info, streams, take } from './cases.ts';
import { fortigateFlow, lines, postfixLine, sshdLine, text, unknownLine, windowsLogon } from './logs.ts';

const OCTOBER = '2021-10-30T22:00:00Z';

/** Bytes of each stream, by stream id. */
const contents = async (items: readonly EvidenceItem[]): Promise<Map<string, Buffer>> => {
  const found = new Map<string, Buffer>();
  for (const item of items) {
    for await (const opened of openItem(item).streams) {
      const pieces: Buffer[] = [];
      for await (const piece of opened.chunks) pieces.push(piece);
      found.set(opened.stream.id, Buffer.concat(pieces));
    }
  }
  return found;
};

const itemsOf = (caseDir: string): Promise<readonly EvidenceItem[]> =>
  withStore(caseDir, async (opened) => opened.items());

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Where a stored event stands, its joined records included. */
const spansOf = ({ fields }: StoredEvent): Span[] => {
  const own = {
    from: numberOf(fields, 'log.offset') ?? -1,
    length: numberOf(fields, 'einfallstor.record.length') ?? -1,
  };
  const joined = valuesOf(fields, 'einfallstor.joined').map((text) => {
    const [from, length] = String(text).split('+').map(Number);
    return { from: from as number, length: length as number };
  });
  return [own, ...joined].map(({ from, length }) => ({ from, to: from + length }));
};

/** What of a stream stands in no stored record. */
const gapsOf = (stored: readonly StoredEvent[], bytes: number): Span[] => {
  const gaps: Span[] = [];
  let at = 0;
  for (const { from, to } of stored.flatMap(spansOf).sort((a, b) => a.from - b.from)) {
    expect(from).toBeGreaterThanOrEqual(at); // records never overlap
    if (from > at) gaps.push({ from: at, to: from });
    at = to;
  }
  expect(at).toBeLessThanOrEqual(bytes);
  if (at < bytes) gaps.push({ from: at, to: bytes });
  return gaps;
};

const linesIn = (bytes: Buffer, charset: string, gaps: readonly Span[]): string[] =>
  gaps.flatMap(({ from, to }) => {
    const piece = bytes.subarray(from, to);
    return piece
      .toString(charset === 'utf-16le' ? 'utf16le' : 'utf8')
      .replace(/\r?\n$/, '')
      .split('\n');
  });

/** Reads pieces of a stream again, each framed alone, with what the case keeps of the stream. */
const readAgain = (
  entry: StreamEntry,
  bytes: Buffer,
  pieces: readonly (Span & { line: number })[],
  year?: number,
): StoredEvent[] => {
  const parser = PARSERS.find(({ id }) => id === entry.parser);
  const out: StoredEvent[] = [];
  const run = openRun({
    stream: entry.id,
    path: entry.path,
    parser,
    others: PARSERS,
    clock: { ...entry.timing, ...(year === undefined ? {} : { year }) },
    emit: (event) => out.push(event),
  });
  for (const { from, to, line } of pieces) {
    const wrapper = WRAPPERS.find(({ id }) => id === entry.wrappers?.[0]);
    const alone = framer(wrapper?.framing ?? parser?.framing ?? 'line', entry.charset as Charset);
    for (const record of [...alone.push(bytes.subarray(from, to)), ...alone.end()]) {
      run.push({ ...record, offset: from + record.offset, line: line + record.line - 1 });
    }
  }
  run.end();
  return out;
};

const yearIn = ({ fields }: StoredEvent): number | undefined => {
  const inferred = valuesOf(fields, 'einfallstor.warnings').find((code) => String(code).startsWith('year-inferred:'));
  return inferred === undefined ? undefined : Number(String(inferred).slice('year-inferred:'.length));
};

const TRACKING = [
  '#Software: Microsoft Exchange Server',
  '#Log-type: Message Tracking Log',
  '#Fields: date-time,client-ip,client-hostname,server-ip,server-hostname,source-context,connector-id,source,event-id,internal-message-id,message-id,recipient-address,recipient-status,total-bytes,recipient-count,related-recipient-address,reference,message-subject,sender-address,return-path,message-info',
  '2021-10-30T22:04:37.515Z,10.20.1.4,EX7.lab.example,10.20.1.4,EX7,,Default,SMTP,RECEIVE,71,<1@sender.example>,anna@lab.example,,1825,1,,,"Invoice, open",shop@sender.example,shop@sender.example,',
  '2021-10-30T22:04:38.515Z,10.20.1.4,EX7.lab.example,10.20.1.4,EX7,,,STOREDRIVER,DELIVER,71,<1@sender.example>,anna@lab.example,,1825,1,,,"two\nlines",shop@sender.example,shop@sender.example,',
];

/** Several devices that log to one syslog server. */
const MIXED = [
  ...lines(fortigateFlow, 20, OCTOBER).map((line) => `<189>${line}`),
  ...lines(sshdLine, 20, OCTOBER).map((line) => `<38>${line}`),
  ...lines(postfixLine, 20, OCTOBER).map((line) => `<22>${line}`),
];

const writeEvidence = async (root: string): Promise<string> => {
  const logs = join(root, 'logs');
  for (const name of ['fw', 'mail', 'win']) mkdirSync(join(logs, name), { recursive: true });
  const flows = lines(fortigateFlow, 300, OCTOBER);
  const marred = [
    ...flows.slice(0, 100),
    '',
    'not a line of this device',
    ...flows.slice(100, 200),
    '   ',
    ...flows.slice(200),
  ];
  writeFileSync(join(logs, 'fw', 'fw.log.gz'), gzipSync(`${marred.join('\r\n')}`));
  writeFileSync(join(logs, 'mail', 'mail.log'), text(lines(postfixLine, 200, OCTOBER)));
  writeFileSync(join(logs, 'mail', 'track.log'), `\ufeff${TRACKING.join('\r\n')}\r\n`);
  writeFileSync(
    join(logs, 'mixed.log'),
    text(MIXED.flatMap((line, n) => (n % 10 === 9 ? [line, unknownLine(n)] : [line]))),
  );
  const logons = lines(windowsLogon, 60, OCTOBER, 7000);
  const spread = logons.map((line, n) => (n % 5 === 0 ? JSON.stringify(JSON.parse(line), null, 1) : line));
  writeFileSync(join(logs, 'win', 'utf16.json'), Buffer.from(`\ufeff${text(spread)}`, 'utf16le'));
  writeFileSync(join(logs, 'win', 'utf16be.json'), Buffer.from(`\ufeff${text(spread.slice(1))}`, 'utf16le').swap16());
  writeFileSync(join(logs, 'strange.dat'), text(Array.from({ length: 40 }, (_, n) => unknownLine(n))));
  const flow = lines(fortigateFlow, 40, OCTOBER);
  writeFileSync(
    join(logs, 'docker.json'),
    text(
      flow.flatMap((log, n) => {
        const entry = { stream: 'stdout', time: '2021-10-31T23:00:00.5Z' };
        const parts = n % 8 === 0 ? [log.slice(0, 99), `${log.slice(99)}\n`] : [`${log}\n`];
        return parts.map((part) => JSON.stringify({ log: part, ...entry }));
      }),
    ),
  );
  const row = (log: string): string => `"2021-10-31T23:00:00.5Z","192.0.2.7","${log.replaceAll('"', '""')}"`;
  const table = ['"timestamp","source","message"', ...flow.map(row)];
  writeFileSync(join(logs, 'graylog.csv'), text([...table.slice(0, 20), table[0] as string, ...table.slice(20)]));
  writeFileSync(join(logs, 'empty.log'), '');
  const inner = gzipSync(await tar([['var/log/auth.log', text(lines(sshdLine, 50, OCTOBER))]]));
  writeFileSync(join(logs, 'bundle.zip'), zip([{ name: 'host/inner.tar.gz', content: inner }]));
  const changed = new Date('2024-05-05T00:00:00Z'); // as after copying: no hint at 2021
  for (const name of ['mail/mail.log', 'mixed.log']) utimesSync(join(logs, name), changed, changed);
  return logs;
};

describe('a folder of logs', () => {
  const root = folder();
  const caseDir = join(root, 'a.case');
  let logs = '';
  let stored: StoredEvent[] = [];
  let entries: readonly StreamEntry[] = [];
  let bytes = new Map<string, Buffer>();
  const progress: Progress[] = [];

  beforeAll(async () => {
    logs = await writeEvidence(root);
    await take(caseDir, [logs], { onProgress: (p) => void progress.push(p) });
    stored = await events(caseDir);
    entries = await streams(caseDir);
    bytes = await contents(await itemsOf(caseDir));
  });

  const of = (entry: StreamEntry): StoredEvent[] => stored.filter(({ id }) => id.startsWith(`${entry.id}-`));
  const named = (path: string): StreamEntry => {
    const entry = entries.find((candidate) => candidate.path === path);
    if (entry === undefined) throw new Error(`no stream ${path} among ${entries.map((e) => e.path).join(', ')}`);
    return entry;
  };

  it('gives a stream for each file, however deep', () => {
    expect(entries.map(({ path, parser }) => [path, parser]).sort()).toEqual([
      ['logs/bundle.zip!host/inner.tar.gz!var/log/auth.log', 'linux-auth'],
      ['logs/docker.json', 'fortinet-fortigate'],
      ['logs/empty.log', undefined],
      ['logs/fw/fw.log.gz', 'fortinet-fortigate'],
      ['logs/graylog.csv', 'fortinet-fortigate'],
      ['logs/mail/mail.log', 'postfix'],
      ['logs/mail/track.log', 'exchange-message-tracking'],
      ['logs/mixed.log', expect.any(String)],
      ['logs/strange.dat', undefined],
      ['logs/win/utf16.json', 'windows-security'],
      ['logs/win/utf16be.json', 'windows-security'],
    ]);
  });

  it('accounts for every line: stored and skipped records tile each stream', () => {
    for (const entry of entries) {
      const { records, events: read, joined, skipped, rejected } = entry.accounting;
      const content = bytes.get(entry.id) as Buffer;
      const mine = of(entry);
      expect(read + joined + skipped + rejected).toBe(records);
      expect(content.length).toBe(entry.bytes);
      expect(sha256Of(content)).toBe(entry.memberSha256);
      expect(mine).toHaveLength(read + rejected);
      expect(mine.filter(({ fields }) => fields['event.kind'] === 'pipeline_error')).toHaveLength(rejected);
      const left = linesIn(content, entry.charset, gapsOf(mine, content.length));
      expect(left).toHaveLength(skipped);
      for (const line of left) expect(line.trim()).toMatch(/^(?:\ufeff?#.*|"timestamp",.*|)$/);
    }
    expect(named('logs/fw/fw.log.gz').accounting).toMatchObject({ records: 303, events: 300, skipped: 2, rejected: 1 });
    expect(named('logs/mail/track.log').accounting).toMatchObject({ events: 2, skipped: 3, rejected: 0 });
    expect(named('logs/empty.log').accounting.records).toBe(0);
  });

  it('leads every event back to bytes that give the same event', () => {
    let compared = 0;
    for (const entry of entries) {
      const content = bytes.get(entry.id) as Buffer;
      const mine = of(entry);
      const before = gapsOf(mine, content.length).map((gap) => ({ ...gap, line: 1 }));
      for (const event of mine.filter((_, n) => n % 7 === 0 || n === mine.length - 1)) {
        const line = numberOf(event.fields, 'einfallstor.record.line') as number;
        const own = spansOf(event).map((span) => ({ ...span, line }));
        // what was skipped before it may be its header
        const header = before.filter((gap) => gap.to <= (own[0] as Span).from);
        const again = readAgain(entry, content, [...header, ...own], yearIn(event));
        expect(JSON.stringify(again.map(({ fields }) => nest(fields)))).toBe(JSON.stringify([nest(event.fields)]));
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(100);
  });

  it('reads whole streams again to the same events', () => {
    for (const entry of entries.filter(({ charset }) => charset === 'utf-8')) {
      const content = bytes.get(entry.id) as Buffer;
      const again = readAgain(entry, content, [{ from: 0, to: content.length, line: 1 }]);
      expect(again.map(({ fields }) => JSON.stringify(nest(fields)))).toEqual(
        of(entry).map(({ fields }) => JSON.stringify(nest(fields))),
      );
    }
  });

  it('gives year-less lines the year of the sources that state theirs, and says so', () => {
    for (const event of of(named('logs/mail/mail.log'))) {
      expect(new Date((numberOf(event.fields, '@timestamp') as number) / 1000).getUTCFullYear()).toBe(2021);
      expect(event.fields['einfallstor.warnings']).toContain('year-inferred:2021');
    }
  });

  it('splits a file that several devices write into', () => {
    const { parsers, accounting } = named('logs/mixed.log');
    expect(parsers).toMatchObject({ 'fortinet-fortigate': 20, 'linux-auth': 20, postfix: 20 });
    expect(accounting.records).toBe(66);
  });

  it('keeps a file of an unknown format, searchable', async () => {
    const unknown = named('logs/strange.dat');
    expect(unknown.accounting).toMatchObject({ records: 40, events: 0, rejected: 40 });
    const found = await events(caseDir, 'event.kind: pipeline_error and "wobble=3"');
    expect(found.filter(({ id }) => id.startsWith(unknown.id))).toHaveLength(8);
    expect(
      of(unknown)
        .map(({ fields }) => `${textOf(fields, 'event.original')}\n`)
        .join(''),
    ).toBe(bytes.get(unknown.id)?.toString('utf8'));
  });

  it('reads UTF-16 of either order', () => {
    expect(named('logs/win/utf16.json')).toMatchObject({
      charset: 'utf-16le',
      accounting: { events: 60, rejected: 0 },
    });
    expect(named('logs/win/utf16be.json')).toMatchObject({
      charset: 'utf-16be',
      accounting: { events: 59, rejected: 0 },
    });
  });

  it('tells of bytes read, never more than there are', () => {
    const reading = progress.filter(({ phase }) => phase === 'reading');
    for (const { done, total } of reading) expect(done).toBeLessThanOrEqual(total as number);
  });

  it('changes nothing when the same is taken again', async () => {
    const before = await info(caseDir);
    const problems = await take(caseDir, [logs]);
    expect(problems).toEqual([]);
    expect(await info(caseDir)).toEqual(before);
  });

  it('takes the same content at another place as the same item', async () => {
    const before = await info(caseDir);
    const copy = join(root, 'copy.log');
    writeFileSync(copy, text(lines(postfixLine, 200, OCTOBER)));
    await take(caseDir, [copy]);
    expect(await info(caseDir)).toEqual(before);
  });
});

it('reports a file whose content another one has', async () => {
  const root = folder();
  mkdirSync(join(root, 'logs'));
  for (const name of ['a.log', 'b.log'])
    writeFileSync(join(root, 'logs', name), text(lines(fortigateFlow, 5, OCTOBER)));
  const problems = await take(join(root, 'x.case'), [join(root, 'logs')]);
  expect(problems).toEqual([expect.objectContaining({ path: 'logs/b.log', code: 'duplicate' })]);
  expect((await info(join(root, 'x.case'))).items).toHaveLength(1);
});

it('keeps standard input in the case', async () => {
  const root = folder();
  const caseDir = join(root, 'x.case');
  const stdin = (): Readable => Readable.from([Buffer.from(text(lines(fortigateFlow, 30, OCTOBER)))]);
  await take(caseDir, ['-'], { stdin: stdin() });
  const before = await info(caseDir);
  expect(before.items).toEqual([expect.objectContaining({ path: '-' })]);
  expect(before.store.events).toBe(30);
  await take(caseDir, ['-'], { stdin: stdin() });
  expect(await info(caseDir)).toEqual(before);
});

it('passes over what has no bytes of its own, and says so', async () => {
  const root = folder();
  const logs = join(root, 'logs');
  mkdirSync(logs);
  writeFileSync(join(root, 'outside.log'), text(lines(fortigateFlow, 5, OCTOBER)));
  writeFileSync(join(logs, 'a.log'), text(lines(fortigateFlow, 6, OCTOBER)));
  symlinkSync(join(root, 'outside.log'), join(logs, 'link.log'));
  const server = createServer().listen(join(logs, 'socket'));
  await new Promise((resolve) => server.once('listening', resolve));
  const problems = await take(join(root, 'x.case'), [logs]);
  server.close();
  expect(problems.map(({ path, code }) => [path, code])).toEqual([
    ['logs/link.log', 'not-a-file'],
    ['logs/socket', 'not-a-file'],
  ]);
  expect((await info(join(root, 'x.case'))).items.map(({ path }) => path)).toEqual(['logs/a.log']);
});

it('keeps what was readable of a damaged file, and the damage with its stream', async () => {
  const root = folder();
  const whole = gzipSync(text(lines(fortigateFlow, 3000, OCTOBER)));
  writeFileSync(join(root, 'cut.log.gz'), whole.subarray(0, whole.length / 2));
  const problems = await take(join(root, 'x.case'), [join(root, 'cut.log.gz')]);
  expect(problems).toEqual([expect.objectContaining({ path: 'cut.log.gz', code: 'truncated' })]);
  const [entry] = await streams(join(root, 'x.case'));
  expect(entry?.problems).toEqual(problems);
  expect(entry?.accounting.events).toBeGreaterThan(500);
});

it('moves the bar inside one big file', async () => {
  const root = folder();
  // digests do not compress: some 1.5 MB stay
  const noise = (n: number): string => Array.from({ length: 8 }, (_, i) => sha256Of(`${n}/${i}`)).join('');
  const big = lines((at, n) => `${fortigateFlow(at, n)} msg="${noise(n)}"`, 6000, OCTOBER);
  writeFileSync(join(root, 'big.log.gz'), gzipSync(text(big)));
  writeFileSync(join(root, 'big.zip'), zip([{ name: 'big.log', content: text(big) }]));
  for (const name of ['big.log.gz', 'big.zip']) {
    const done: number[] = [];
    let total = 0;
    await take(join(root, `${name}.case`), [join(root, name)], {
      onProgress: (p) => {
        if (p.phase !== 'reading') return;
        done.push(p.done);
        total = p.total as number;
      },
    });
    expect(new Set(done.filter((n) => n > 0 && n < total)).size, name).toBeGreaterThan(2);
    expect(Math.max(...done), name).toBeLessThanOrEqual(total);
  }
});

describe('time', () => {
  const firstAndLast = async (caseDir: string): Promise<string[]> => {
    const all = (await events(caseDir)).map(({ fields }) => numberOf(fields, '@timestamp') as number);
    return [Math.min(...all), Math.max(...all)].map((time) => new Date(time / 1000).toISOString());
  };

  it('follows a log of more than a year that states no year', async () => {
    const root = folder();
    const file = join(root, 'auth.log');
    const week = 7 * 24 * 3600 * 1000;
    writeFileSync(file, text(lines(sshdLine, 75, '2020-06-01T00:00:00Z', week)));
    const changed = new Date('2021-11-02T00:00:00Z');
    utimesSync(file, changed, changed);
    await take(join(root, 'x.case'), [file]);
    expect(await firstAndLast(join(root, 'x.case'))).toEqual(['2020-06-01T00:00:00.000Z', '2021-11-01T00:00:00.000Z']);
    // beside a source that states its year, the file's own date counts no more
    writeFileSync(join(root, 'fw.log'), text(lines(fortigateFlow, 5, '2019-11-01T00:00:00Z')));
    await take(join(root, 'y.case'), [file, join(root, 'fw.log')]);
    expect(await firstAndLast(join(root, 'y.case'))).toEqual(['2018-06-01T00:00:00.000Z', '2019-11-01T00:00:04.000Z']);
  });

  it('uses the zones and the year that the operator and the context name', async () => {
    const root = folder();
    const logs = join(root, 'logs');
    for (const name of ['a', 'b', 'c']) {
      mkdirSync(join(logs, name), { recursive: true });
      writeFileSync(
        join(logs, name, 'auth.log'),
        text(lines(sshdLine, 3, `2020-07-01T12:00:0${name.charCodeAt(0) % 3}Z`)),
      );
    }
    writeFileSync(join(root, 'context.yml'), 'timezones:\n  - path: "b/**"\n    zone: Asia/Tokyo\n');
    await take(join(root, 'x.case'), [logs], {
      timezone: 'Europe/Berlin',
      sourceTimezone: ['a/**=+05:00'],
      year: 2019,
      context: join(root, 'context.yml'),
    });
    const hours = (await events(join(root, 'x.case')))
      .filter(({ fields }) => numberOf(fields, 'log.offset') === 0)
      .map(({ fields }) => [
        textOf(fields, 'log.file.path'),
        new Date((numberOf(fields, '@timestamp') as number) / 1000).toISOString().slice(0, 13),
        textOf(fields, 'einfallstor.time.basis'),
      ])
      .sort();
    expect(hours).toEqual([
      ['logs/a/auth.log', '2019-07-01T07', 'configured'],
      ['logs/b/auth.log', '2019-07-01T03', 'configured'],
      ['logs/c/auth.log', '2019-07-01T10', 'configured'],
    ]);
  });

  it('refuses a zone that is none before anything is written', async () => {
    const caseDir = join(folder(), 'x.case');
    await expect(take(caseDir, ['/'], { timezone: 'Mitteleuropa' })).rejects.toThrow(/unknown time zone/);
    await expect(info(caseDir)).rejects.toThrow(/is no case/);
  });
});
