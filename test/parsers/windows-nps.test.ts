import { describe, expect, it } from 'vitest';
import parser from '../../parsers/vpn/windows-nps.ts';
import { eventOf, expectRobust, readLines } from './lines.ts';

const row = (packet: number, more: Readonly<Record<number, string>>): string => {
  const cells: string[] = ['"RAS01"', '"RAS"', '11/04/2022', '08:10:01', String(packet), '"EXAMPLE\\kim"'];
  for (let n = 6; n < 40; n += 1) cells.push(more[n] ?? '');
  return cells.join(',');
};
const CLASS = { 26: '"311 1 x 901"' };
const LINES = [
  row(1, { ...CLASS, 8: '"198.51.100.31"', 19: '5' }),
  row(3, { ...CLASS, 25: '16' }),
  row(4, { 8: '"198.51.100.31"', 10: '"10.55.2.14"', 31: '2', 33: '10', 34: '20', 37: '60' }),
];

describe('windows-nps', () => {
  it('ties the answer to the request by its class', () => {
    expect(readLines(parser, LINES)).toMatchObject([
      { act: 'vpn-negotiation' },
      {
        act: 'vpn-login',
        fields: { 'event.outcome': 'failure', 'event.reason': 'authentication failure', 'source.ip': '198.51.100.31' },
      },
      {
        act: 'vpn-session-end',
        fields: { 'source.bytes': 10, 'destination.bytes': 20, 'einfallstor.vpn.assigned_ip': '10.55.2.14' },
      },
    ]);
  });

  it('a wireless port is no remote access', () => {
    const [event] = readLines(parser, [row(2, { 19: '19' })]);
    expect(event).toMatchObject({ act: 'login', fields: { 'service.type': 'radius' } });
  });

  it('reads XML', () => {
    const line =
      '<Event><Timestamp data_type="4">11/04/2022 14:00:01.640</Timestamp><SAM-Account-Name data_type="1">EXAMPLE\\kim</SAM-Account-Name><NP-Policy-Name data_type="1">a &amp; b</NP-Policy-Name><Packet-Type data_type="0">2</Packet-Type></Event>';
    expect(readLines(parser, [line])).toMatchObject([
      { act: 'vpn-login', fields: { 'rule.name': 'a & b', 'user.name': 'kim' } },
    ]);
  });

  it('never throws, never takes long', () => expectRobust(parser, LINES));

  it('reads the IAS format: numbers and values in turns', () => {
    const head = '10.20.0.1,EXAMPLE\\kim,10/31/2021,23:14:08,IAS,NPS1';
    const { act, fields } = eventOf(parser, `${head},31,203.0.113.77,8,10.99.0.14,40,2,42,7,52,1,61,5,4136,4`);
    expect([act, fields['source.bytes']]).toEqual(['vpn-session-end', 2 ** 32 + 7]);
    expect(fields).toMatchObject({
      'user.name': 'kim',
      'user.domain': 'EXAMPLE',
      'source.ip': '203.0.113.77',
      'einfallstor.vpn.assigned_ip': '10.99.0.14',
      'host.name': 'NPS1',
    });
  });
});
