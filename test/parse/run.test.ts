import { describe, expect, it } from 'vitest';
import type { StoredEvent } from '../../src/ecs/event.ts';
import { choose } from '../../src/parse/detect.ts';
import { readBsd, readIso } from '../../src/parse/kit/civil.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { type Parser, rejected } from '../../src/parse/parser.ts';
import { recordOf } from '../../src/parse/record.ts';
import { type Accounting, openRun } from '../../src/parse/run.ts';
import { framer } from '../../src/read/records.ts';

/** A product that writes `NAME time text`, a line that begins with a blank continues the one before. */
const product = (name: string, extra: Partial<Parser> = {}): Parser => {
  const claims: Parser['claims'] = (record) => record.text.startsWith(`${name} `);
  return {
    id: name.toLowerCase(),
    title: name,
    references: [],
    framing: 'line',
    states: { zone: 'stated', year: 'stated', resolution: 's' },
    families: [],
    recognise: recogniseBy((record) => record.text.startsWith(`${name} `), 'begin with the name'),
    claims,
    open:
      ({ clock }) =>
      (record) => {
        if (record.text.startsWith('#')) return { kind: 'skipped', reason: 'comment' };
        if (record.text.startsWith(' ')) return { kind: 'joined' };
        if (!record.text.startsWith(`${name} `)) return rejected('not-this-format', `no ${name} line`);
        const fields = { message: record.text, 'source.ip': '192.0.2.1' };
        clock.stamp(fields, readIso(record.text, name.length + 1)?.civil);
        return { kind: 'event', act: 'other', fields };
      },
    ...extra,
  };
};

const generic = product('generic-text', {
  id: 'generic-text',
  recognise: () => ({ certainty: 0.1, reason: 'text' }),
  open:
    ({ clock }) =>
    (record) => {
      const civil = readBsd(record.text)?.civil;
      if (civil === undefined) return rejected('not-this-format', 'no time');
      const fields = {};
      clock.stamp(fields, civil);
      return { kind: 'event', act: 'other', fields };
    },
});
delete (generic as { claims?: unknown }).claims;

const run = (
  text: string,
  own: Parser | undefined,
  others: readonly Parser[],
): { events: StoredEvent[]; accounting: Accounting } => {
  const events: StoredEvent[] = [];
  const runner = openRun({
    stream: 'abc',
    path: 'x.log',
    parser: own,
    others,
    clock: {},
    emit: (event) => events.push(event),
  });
  const records = framer('line', 'utf-8');
  for (const record of [...records.push(Buffer.from(text)), ...records.end()]) runner.push(record);
  return { events, accounting: runner.end() };
};

const A = product('A');
const B = product('B');
const TIME = '2021-10-31T10:00:00Z';

describe('the runner', () => {
  it('accounts for every record and keeps what was rejected', () => {
    const { events, accounting } = run(`# head\nA ${TIME} one\n more\n\nwhat\nA ${TIME} two\n`, A, [A]);
    expect(accounting).toEqual({ records: 6, events: 2, joined: 1, skipped: 2, rejected: 1, parsers: { a: 2 } });
    expect(events.map((event) => event.fields['event.kind'])).toEqual(['event', 'pipeline_error', 'event']);
    expect(events[1]?.fields).toMatchObject({
      'event.original': 'what',
      'einfallstor.reject_code': 'not-this-format',
      'error.message': 'no A line',
    });
  });

  it('gives an event its bytes and those that were joined to it', () => {
    const { events } = run(`A ${TIME} one\r\n more\nA ${TIME} ü\n`, A, [A]);
    expect(events[0]).toMatchObject({ id: 'abc-0' });
    expect(events[0]?.fields).toMatchObject({
      'log.offset': 0,
      'einfallstor.record.length': 28,
      'einfallstor.record.line': 1,
      'einfallstor.joined': ['28+6'],
      'event.original': `A ${TIME} one\n more`,
      'event.module': 'a',
      'related.ip': ['192.0.2.1'],
    });
    expect(events[1]?.fields).toMatchObject({ 'log.offset': 34, 'einfallstor.record.line': 3 });
  });

  it('hands a record of another device to the parser that claims it, and only then to a fallback', () => {
    const { events, accounting } = run(`A ${TIME} x\nB ${TIME} y\nOct 31 10:00:00 host z\n???\n`, A, [A, B, generic]);
    expect(events.map((event) => event.fields['event.module'])).toEqual(['a', 'b', 'generic-text', 'a']);
    expect(accounting).toMatchObject({ events: 3, rejected: 1, parsers: { a: 1, b: 1, 'generic-text': 1 } });
  });

  it('takes what the daemons of an appliance write for the appliance’s, on hosts whose own messages it saw', () => {
    const appliance: Parser = {
      ...product('FW', { appliance: true }),
      claims: (record) => record.envelope.program === 'fw',
      open: () => (record) =>
        record.envelope.program === 'fw'
          ? { kind: 'event', act: 'other', fields: {} }
          : rejected('not-this-format', 'no FW line'),
    };
    const lines = [
      'Oct 31 10:00:00 fw1 cron[7]: before the firewall was known',
      'Oct 31 10:00:01 fw1 fw: own',
      'Oct 31 10:00:02 fw1 rcd[8]: peer 192.0.2.9 is gone',
      'Oct 31 10:00:03 web1 cron[9]: of another host',
      'keyd[9528]: no association for 198.51.100.7',
      '<6>kernel: disk error',
      'error: no tag',
    ];
    const { events } = run(`${lines.join('\n')}\n`, appliance, [appliance, generic]);
    expect(events.map((event) => event.fields['event.module'])).toEqual([
      'generic-text',
      'fw',
      'fw',
      'generic-text',
      'fw',
      'fw',
      'fw',
    ]);
    expect(events[2]?.fields).toMatchObject({
      'observer.name': 'fw1',
      'process.name': 'rcd',
      'process.pid': 8,
      message: 'peer 192.0.2.9 is gone',
      'related.ip': ['192.0.2.9'],
    });
    expect(events[4]?.fields).toMatchObject({ 'process.name': 'keyd', 'related.ip': ['198.51.100.7'] });
    expect(events[5]?.fields).toMatchObject({ 'process.name': 'kernel', 'log.syslog.priority': 6 });
    expect(events[6]?.fields['event.kind']).toBe('pipeline_error');
  });

  it('never lets a fallback that was chosen swallow what a product claims', () => {
    const { events } = run(`Oct 31 10:00:00 host z\nB ${TIME} y\n`, generic, [B, generic]);
    expect(events.map((event) => event.fields['event.module'])).toEqual(['generic-text', 'b']);
  });

  it('asks a fallback that states what it takes before one that takes the rest, whichever was chosen', () => {
    const shape = product('generic-b', { ...B, id: 'generic-b' });
    const { events } = run(`Oct 31 10:00:00 host z\nB ${TIME} y\n???\n`, generic, [generic, shape]);
    expect(events.map((event) => event.fields['event.module'])).toEqual(['generic-text', 'generic-b', 'generic-text']);
    expect(events[2]?.fields['error.message']).toBe('no time');
  });

  it('rejects a continuation of nothing', () => {
    expect(run(' more\n', A, [A]).accounting).toMatchObject({ joined: 0, rejected: 1 });
  });

  it('makes one event of the parts of a message, in whatever order and with others between them', () => {
    // P key part/total
    const parts = product('P', {
      open: () => {
        const seen = new Map<string, string[]>();
        return ({ text }) => {
          const m = /^P (\w+) (\d)\/(\d)/.exec(text);
          if (m === null) return rejected('not-this-format', 'no part');
          const [, key, part, total] = m as unknown as [string, string, string, string];
          const all = [...(seen.get(key) ?? []), part].sort();
          seen.set(key, all);
          const fields = { message: all.join('+') };
          return { kind: 'event', act: 'other', fields, part: { key, complete: all.length === Number(total) } };
        };
      },
    });
    const text = `P a 2/2\nP b 1/1\nA ${TIME}\n???\nP c 1/2\nP a 1/2\nP d 1/1\n`;
    const { events, accounting } = run(text, parts, [A]);
    expect(events.map(({ id, fields }) => [id, fields['message'] ?? fields['error.message']])).toEqual([
      ['abc-0', '1+2'],
      ['abc-8', '1'],
      ['abc-g', `A ${TIME}`],
      ['abc-13', 'no part'],
      ['abc-17', '1'],
      ['abc-1n', '1'],
    ]);
    expect(events[0]?.fields).toMatchObject({
      'event.original': 'P a 2/2\nP a 1/2',
      'einfallstor.joined': ['51+8'],
      'einfallstor.record.line': 1,
    });
    expect(accounting).toMatchObject({ records: 7, events: 5, joined: 1, rejected: 1 });
  });

  it('keeps all records of a format nobody knows', () => {
    const { accounting, events } = run('x\ny\n', undefined, [A]);
    expect(accounting).toMatchObject({ records: 2, rejected: 2 });
    expect(events).toHaveLength(2);
  });
});

describe('the choice of a parser', () => {
  const records = (text: string) =>
    framer('line', 'utf-8')
      .push(Buffer.from(text))
      .map((framed) => recordOf(framed));

  it('prefers a product to a fallback, however little of it there is', () => {
    const choice = choose(records(`A ${TIME}\n${'noise\n'.repeat(9)}`), [A, generic]);
    expect([choice.parser?.id, choice.doubt]).toEqual(['a', 'low-certainty']);
  });

  it('reports a tie', () => {
    const choice = choose(records(`A ${TIME}\nB ${TIME}\n`), [A, B]);
    expect([choice.parser?.id, choice.doubt]).toEqual(['a', 'tie']);
    expect(choice.ranking.map((r) => r.reason)).toEqual([
      '1 of 2 records begin with the name',
      '1 of 2 records begin with the name',
    ]);
  });

  it('says when it knows nothing', () =>
    expect(choose(records('x\n'), [A])).toMatchObject({ parser: undefined, doubt: 'unknown' }));
});
