import { describe, expect, it } from 'vitest';
import awsVpcFlow from '../../parsers/firewall/aws-vpc-flow.ts';
import { eventOf, expectRobust, readLines, recordsOf } from './lines.ts';

const ROW =
  '2 123456789012 eni-0a1b2c3d4e5f60718 10.0.0.5 203.0.113.9 50112 443 6 12 4830 1635840930 1635840990 ACCEPT OK';

describe('aws-vpc-flow', () => {
  it('reads the default format: bytes of one direction, the window as begin and end', () => {
    expect(eventOf(awsVpcFlow, ROW)).toMatchObject({
      act: 'flow',
      fields: { 'source.bytes': 4830, 'network.bytes': 4830, 'event.start': 1635840930e6, 'event.end': 1635840990e6 },
    });
    expect(eventOf(awsVpcFlow, ROW.replace('ACCEPT', 'REJECT')).act).toBe('flow-denied');
    expect(
      eventOf(awsVpcFlow, ROW.replace(/10\.0\.0\.5.*$/, '- - - - - - - 1635840930 1635840990 - SKIPDATA')),
    ).toMatchObject({
      act: 'source-state',
      fields: { 'einfallstor.warnings': ['records-skipped'] },
    });
  });

  it('follows the header of a custom order, and rejects what does not fit it', () => {
    const [, row, odd] = readLines(awsVpcFlow, [
      'dstaddr srcaddr end action bytes',
      '203.0.113.9 10.0.0.5 1635840990 ACCEPT 77',
      '203.0.113.9 10.0.0.5 ACCEPT 1635840990 77',
    ]);
    expect(row).toMatchObject({ fields: { 'source.ip': '10.0.0.5', 'source.bytes': 77 } });
    expect(odd?.kind).toBe('rejected');
  });

  it('claims rows only that have every form of the default format', () => {
    const lines = [ROW, ROW.replace('eni-', 'x y-'), '2 3 4 5 6 7 8 9 10 11 12 13 ACCEPT OK'];
    expect(recordsOf(lines).map((line) => awsVpcFlow.claims?.(line))).toEqual([true, false, false]);
  });

  it('survives hostile lines', () =>
    expectRobust(awsVpcFlow, [ROW, JSON.stringify({ message: ROW }), 'srcaddr dstaddr start end']));
});
