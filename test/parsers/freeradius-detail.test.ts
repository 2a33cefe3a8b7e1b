import { describe, expect, it } from 'vitest';
import parser from '../../parsers/vpn/freeradius-detail.ts';
import { eventOf, expectRobust, readLines } from './lines.ts';

const packet = (...pairs: readonly string[]): string =>
  ['Sun Oct 31 23:14:08 2021', ...pairs.map((pair) => `\t${pair}`)].join('\n');
const VPN = ['User-Name = "EXAMPLE\\\\kim"', 'Calling-Station-Id = "203.0.113.7"', 'Framed-IP-Address = 10.9.0.14'];

describe('freeradius-detail', () => {
  it('reads a session of remote access with its address and octets', () => {
    expect(eventOf(parser, packet('Acct-Status-Type = Start', ...VPN))).toMatchObject({
      act: 'vpn-session-start',
      fields: { 'user.name': 'kim', 'user.domain': 'EXAMPLE', 'einfallstor.vpn.assigned_ip': '10.9.0.14' },
    });
    const stop = packet('Acct-Status-Type = Stop', ...VPN, 'Acct-Output-Octets = 7', 'Acct-Output-Gigawords = 1');
    expect(eventOf(parser, stop)).toMatchObject({
      act: 'vpn-session-end',
      fields: { 'destination.bytes': 2 ** 32 + 7 },
    });
  });

  it('takes an access point’s client for no remote access', () => {
    const { act, fields } = eventOf(
      parser,
      packet('Packet-Type = Access-Reject', 'User-Name = "kim"', 'Calling-Station-Id = "00-00-5E-00-53-17"'),
    );
    expect([act, fields['event.outcome'], fields['source.mac']]).toEqual(['login', 'failure', '00-00-5E-00-53-17']);
  });

  it('does not copy passwords', () => {
    const { fields } = eventOf(parser, packet('Packet-Type = Access-Request', 'User-Password = "secret"', ...VPN));
    expect(JSON.stringify(fields)).not.toContain('secret');
  });

  it('prefers the packet’s own time', () => {
    const { fields } = eventOf(parser, packet('Acct-Status-Type = Start', 'Timestamp = 1635718448'));
    expect(fields['@timestamp']).toBe(1635718448000000);
  });

  it('rejects a beginning without attributes', () => {
    expect(readLines(parser, [packet()])[0]?.kind).toBe('rejected');
  });

  it('never throws, never takes long', () => expectRobust(parser, [packet('Acct-Status-Type = Start', ...VPN)]));
});
