import { describe, expect, it } from 'vitest';
import zyxel from '../../parsers/firewall/zyxel.ts';
import { eventOf, expectRobust, readLines } from './lines.ts';

const line = (
  msg: string,
  rest = 'note="" user="unknown" devID="b8eca3aabbcc" cat="User"',
  src = '203.0.113.9:0',
): string => `<142>Oct 31 23:14:07 2021 usgflex200 src="${src}" dst="198.51.100.2:3389" msg="${msg}" ${rest}`;
const LINES = [
  line(
    'priority:7, from WAN to LAN, TCP, service others, DROP',
    'note="ACCESS BLOCK" user="unknown" cat="Security Policy Control"',
    '203.0.113.9:41233',
  ),
];

describe('zyxel', () => {
  it.each([
    [
      'Failed login attempt to Device from http/https (incorrect password or inexistent username)',
      'admin-login',
      'failure',
      'admin',
    ],
    [
      'Failed login attempt to SSLVPN from sslvpn (incorrect password or inexistent username)',
      'vpn-login',
      'failure',
      'admin',
    ],
    ['Administrator root(MAC=) from ssh has logged in Device', 'admin-login', 'success', 'root'],
    ['User k.maier(MAC=-) from sslvpn has logged in Device', 'vpn-login', 'success', 'k.maier'],
    ['User k.maier(MAC=-) from http/https has logged in Device', 'login', 'success', 'k.maier'],
  ])('%s', (msg, act, outcome, user) => {
    const event = eventOf(zyxel, line(msg, 'note="Account: admin" user="unknown" cat="User"'), {
      zone: 'Europe/Berlin',
    });
    expect([event.act, event.fields['event.outcome'], event.fields['user.name']]).toEqual([act, outcome, user]);
    expect(event.fields['source.ip']).toBe('203.0.113.9');
    expect(event.fields['observer.name']).toBe('usgflex200');
    expect(event.fields['@timestamp']).toBe(Date.parse('2021-10-31T22:14:07Z') * 1000);
  });

  it('reads a refused connection, and traffic with its bytes', () => {
    expect(eventOf(zyxel, LINES[0] as string)).toMatchObject({
      act: 'flow-denied',
      fields: { 'source.port': 41233, 'destination.port': 3389, 'network.transport': 'tcp', 'rule.id': '7' },
    });
    const traffic =
      'note="Traffic Log" user="unknown" cat="Traffic Log" duration=12 sent=123456 rcvd=6543 dir="LAN:WAN" protoID=6 proto="https"';
    expect(eventOf(zyxel, line('Traffic Log', traffic, '[2001:db8::7]:51422'))).toMatchObject({
      act: 'flow',
      fields: {
        'source.ip': '2001:db8::7',
        'source.bytes': 123456,
        'destination.bytes': 6543,
        'network.transport': 'tcp',
      },
    });
  });

  it('refuses what another product writes', () => {
    expect(readLines(zyxel, ['Oct 31 23:14:07 fw src="203.0.113.9" action="deny"'])[0]).toMatchObject({
      kind: 'rejected',
    });
  });

  it('never throws, never takes long', () => expectRobust(zyxel, LINES));
});
