import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import routeros from '../../parsers/firewall/mikrotik-routeros.ts';
import { eventOf, expectRobust, readLines } from './lines.ts';

const AT = '2021-10-31T23:14:07+01:00 gw';

describe('mikrotik-routeros', () => {
  it.each([
    ['system,error,critical login failure for user kim from 192.0.2.7 via ssh', 'admin-login', 'failure'],
    ['system,info,account user kim logged in from 192.0.2.7 via winbox', 'admin-login', 'success'],
    ['system,info,account user kim logged out from 192.0.2.7 via winbox', 'logout', 'success'],
    ['l2tp,ppp,info,account kim logged in, 10.9.0.5 from 192.0.2.7', 'vpn-session-start', 'success'],
    ['l2tp,ppp,info,account kim logged out, 60 10 20 1 2 from 192.0.2.7', 'vpn-session-end', undefined],
    ['system,info nat rule removed by winbox-3.4/tcp-msg(winbox):kim@192.0.2.7 (/ip …)', 'config-change', 'success'],
  ])('%s', (text, act, outcome) => {
    const event = eventOf(routeros, `${AT} ${text}`);
    expect([event.act, event.fields['event.outcome']]).toEqual([act, outcome]);
    expect(event.fields).toMatchObject({ 'user.name': 'kim', 'source.ip': '192.0.2.7' });
  });

  it('is not misled by a user name that holds the words of the sentence', () => {
    const line = `${AT} system,error,critical login failure for user a from 10.0.0.1 via ssh from 192.0.2.7 via web`;
    expect(eventOf(routeros, line).fields).toMatchObject({
      'user.name': 'a from 10.0.0.1 via ssh',
      'source.ip': '192.0.2.7',
      'service.type': 'web',
    });
  });

  it('tells bytes and inner address of a session', () => {
    expect(eventOf(routeros, `${AT} l2tp,ppp,info,account kim logged out, 60 10 20 1 2`).fields).toMatchObject({
      'event.duration': 60e9,
      'source.bytes': 10,
      'destination.bytes': 20,
    });
    const { fields } = eventOf(routeros, `${AT} l2tp,ppp,info,account kim logged in, 10.9.0.5`);
    expect(fields['einfallstor.vpn.assigned_ip']).toBe('10.9.0.5');
  });

  it('reads what was asked for and what it was translated to', () => {
    const nat = 'NAT 192.0.2.7:4000->(203.0.113.1:443->10.0.0.20:8443)';
    const line = `${AT} firewall,info fwd: in:e1 out:b, proto TCP (SYN), 192.0.2.7:4000->10.0.0.20:8443, ${nat}, len 60`;
    expect(eventOf(routeros, line).fields).toMatchObject({
      'destination.ip': '203.0.113.1',
      'destination.port': 443,
      'destination.nat.ip': '10.0.0.20',
      'destination.nat.port': 8443,
    });
  });

  it.each([
    [
      'Oct 31 23:14:07 gw CEF:0|MikroTik|RB|7.2|10|system,error,critical|High|dvchost=gw dvc=10.0.0.1 msg=login failure for user kim from 192.0.2.7 via ssh',
    ],
    ['<27>Oct 31 23:14:07 gw login failure for user kim from 192.0.2.7 via ssh'],
    ['system,error,critical login failure for user kim from 192.0.2.7 via ssh'],
    ['oct/31 23:14:07 system,error,critical login failure for user kim from 192.0.2.7 via ssh'],
  ])('form %s', (line) => {
    const event = eventOf(routeros, line);
    expect([event.act, event.fields['user.name'], event.fields['service.type']]).toEqual(['admin-login', 'kim', 'ssh']);
  });

  it('leaves other text alone', () => {
    for (const text of ['sshd[1]: Accepted password for kim', 'hello, world', 'red,green colours'])
      expect(readLines(routeros, [`Oct 31 23:14:07 gw ${text}`])[0]?.kind).toBe('rejected');
  });

  it('is robust', () => {
    const file = join(import.meta.dirname, '../../fixtures/parsers/mikrotik-routeros/topics/input.log');
    expectRobust(routeros, readFileSync(file, 'utf8').trim().split('\n'));
  });
});
