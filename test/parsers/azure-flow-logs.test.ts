import { describe, expect, it } from 'vitest';
import azureFlowLogs from '../../parsers/firewall/azure-flow-logs.ts';
import type { Outcome } from '../../src/parse/parser.ts';
import { RECORD_MAX } from '../../src/read/framing.ts';
import { framer } from '../../src/read/records.ts';
import { expectRobust, linesOf, readLines, recordsOf } from './lines.ts';

const TUPLE = '1635840932,203.0.113.9,10.0.0.5,50112,443,T,I,A,E,12,1840,18,40960';
const HEAD =
  '{"records":[{"time":"2021-11-02T08:16:00Z","category":"NetworkSecurityGroupFlowEvent",' +
  '"resourceId":"/SUBSCRIPTIONS/A/RESOURCEGROUPS/B/PROVIDERS/MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/WEB","properties":' +
  '{"Version":2,"flows":[{"rule":"UserRule_web","flows":[{"mac":"000D3A112233","flowTuples":[';
const TAIL = ']}]}]}}]}';

const piecesOf = (text: string): string[] => {
  const cut = framer(azureFlowLogs.framing, 'utf-8');
  return [...cut.push(Buffer.from(text)), ...cut.end()].map((record) => record.text);
};
const readText = (text: string): Outcome[] => readLines(azureFlowLogs, piecesOf(text));

describe('azure-flow-logs', () => {
  it('makes an event of each tuple, with the rule it stands under', () => {
    const read = readText(
      `${HEAD}"${TUPLE}","${TUPLE.replace(',A,E', ',D,B')}"]}]},{"rule":"Other","flows":[{"mac":"1",` +
        `"flowTuples":["${TUPLE}"${TAIL}`,
    );
    const events = read.filter((outcome) => outcome.kind === 'event');
    expect(events.map(({ act, fields }) => [act, fields['rule.name'], fields['source.bytes']])).toEqual([
      ['flow', 'UserRule_web', 1840],
      ['flow-denied', 'UserRule_web', undefined],
      ['flow', 'Other', 1840],
    ]);
    expect(read.filter((outcome) => outcome.kind === 'rejected')).toEqual([]);
  });

  it('cuts a blob that is one line of any length behind its tuples, across where a line is too long too', () => {
    const many = Array.from({ length: Math.ceil(RECORD_MAX / TUPLE.length) + 10 }, () => `"${TUPLE}"`);
    const pieces = piecesOf(`${HEAD}${many.join(',')}${TAIL}`).filter((text) => text.includes(TUPLE));
    expect(pieces).toHaveLength(many.length);
    expect(new Set(pieces.slice(1, -1))).toEqual(new Set([`"${TUPLE}",`]));
  });

  it('rejects what is no tuple, and a text that ends within one; nothing else is lost silently', () => {
    const kinds = (text: string): string[] =>
      readText(text).map((outcome) => (outcome.kind === 'rejected' ? outcome.code : outcome.kind));
    expect(kinds(`${HEAD}"${TUPLE.replace('T,I', 'T,X')}"${TAIL}`).at(-1)).toBe('not-this-format');
    expect(kinds(`${HEAD}"${TUPLE}","${TUPLE.slice(0, 40)}`).slice(-2)).toEqual(['event', 'truncated']);
    expect(kinds(`${HEAD}"${TUPLE}"${TAIL}`).slice(0, -1)).not.toContain('not-this-format');
  });

  it('takes a rule that a tool sorted behind its tuples for nobody else', () => {
    const group = (rule: string): object => ({ flows: [{ flowTuples: [TUPLE, TUPLE], mac: '1' }], rule });
    const record = {
      category: 'NetworkSecurityGroupFlowEvent',
      properties: { flows: [group('a'), group('b')] },
      time: 't',
    };
    const events = readText(JSON.stringify([record, record], undefined, 2)).filter(({ kind }) => kind === 'event');
    expect(events).toHaveLength(8);
    for (const event of events) expect(event).not.toHaveProperty(['fields', 'rule.name']);
  });

  it('forgets a damaged record when the next one begins', () => {
    const read = readText(
      `${HEAD}"${TUPLE}"\n{"time":"2021-11-02T08:17:00Z","properties":{"flows":[{"flows":[{"flowTuples":["${TUPLE}"]}]}]}}`,
    );
    const events = read.filter((outcome) => outcome.kind === 'event');
    expect(events.map(({ fields }) => fields['rule.name'])).toEqual(['UserRule_web', undefined]);
  });

  it('says of a tuple without its record that the record is missing', () => {
    const [outcome] = readLines(azureFlowLogs, [`"${TUPLE}",`]);
    expect(outcome).toMatchObject({ fields: { 'einfallstor.warnings': ['context-missing'] } });
  });

  it('claims tuples and records, and no other list of numbers', () => {
    const lines = [
      `"${TUPLE}",`,
      `${HEAD}"${TUPLE}"${TAIL}`,
      '"1635840932,1,2,3,4,5,6,7,8"',
      '{"category":"Administrative"}',
    ];
    expect(recordsOf(lines).map((record) => azureFlowLogs.claims?.(record))).toEqual([true, true, false, false]);
  });

  it('survives hostile lines', () =>
    expectRobust(azureFlowLogs, [...linesOf('azure-flow-logs/nsg-v1'), `"${TUPLE}",`, '"rule":"x",']));
});
