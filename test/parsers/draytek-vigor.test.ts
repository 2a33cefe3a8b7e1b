import { describe, expect, it } from 'vitest';
import vigor from '../../parsers/firewall/draytek-vigor.ts';
import { eventOf, expectRobust, linesOf, readLines } from './lines.ts';

const line = (text: string): string => `<134>Dec 14 16:05:50 vigor ${text}`;
const filter = (verdict: string): string =>
  `1449bc220888:[FILTER][${verdict}][WAN->LAN/RT/VPN, 0:1:2 ][@S:R=13:1, 198.51.100.4:50123->192.168.1.5:3389][TCP][HLen=20]`;

describe('draytek-vigor', () => {
  it.each([
    [filter('Block'), 'flow-denied'],
    [filter('Drop'), 'flow-denied'],
    [filter('Pass'), 'flow'],
  ])('%s is %s', (text, act) => {
    expect(eventOf(vigor, line(text))).toMatchObject({
      act,
      fields: {
        'source.ip': '198.51.100.4',
        'source.port': 50123,
        'destination.ip': '192.168.1.5',
        'destination.port': 3389,
        'network.transport': 'tcp',
        'rule.id': '13:1',
        'observer.ingress.zone': 'WAN',
      },
    });
  });

  it.each([
    ['[H2L][UP][SSL][@1:kim]', 'vpn-session-start', { 'user.name': 'kim', 'einfallstor.vpn.type': 'ssl' }],
    ['[H2L][Down][IPSec][@1:kim]', 'vpn-session-end', { 'user.name': 'kim' }],
    ['[L2L][UP][IPSec][@2:branch]', 'vpn-negotiation', { 'einfallstor.vpn.group': 'branch' }],
    [
      '[SSL]Portal login fail from IP 203.0.113.9!',
      'vpn-login',
      { 'source.ip': '203.0.113.9', 'event.outcome': 'failure' },
    ],
  ])('%s is %s', (text, act, fields) => {
    expect(eventOf(vigor, line(text))).toMatchObject({ act, fields });
  });

  it('leaves other routers’ lines alone', () => {
    const others = [line('[FILTER] something'), line('login failed from IP 203.0.113.9')];
    expect(readLines(vigor, others).map(({ kind }) => kind)).toEqual(['rejected', 'rejected']);
  });

  it('never throws, never takes long', () => expectRobust(vigor, linesOf('draytek-vigor/syslog')));
});
