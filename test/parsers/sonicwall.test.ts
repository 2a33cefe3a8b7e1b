import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import sonicwall from '../../parsers/firewall/sonicwall.ts';
import sma from '../../parsers/vpn/sonicwall-sma.ts';
import { eventOf, expectRobust, readLines } from './lines.ts';

const line = (msg: string, rest = ''): string =>
  `id=firewall sn=0017C5AB0001 time="2021-11-02 08:15:30" fw=203.0.113.20 pri=6 c=16 m=1 msg="${msg}" usr="b.lang" src=192.0.2.7:50001:X1 ${rest}`;

describe('sonicwall', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7', undefined, undefined],
    ['192.0.2.7:4277:WAN', '192.0.2.7', 4277, 'WAN'],
    ['192.0.2.7::X0-V500', '192.0.2.7', undefined, 'X0-V500'],
    ['192.0.2.7:4277:LAN:host.example', '192.0.2.7', 4277, 'LAN'],
    ['[2001:db8::1]:443:X1', '2001:db8::1', 443, 'X1'],
    ['192.0.2.7:99999:X1', '192.0.2.7', undefined, 'X1'],
  ])('end point %s', (src, ip, port, ifc) => {
    const { fields } = eventOf(sonicwall, `id=firewall sn=1 time="2021-11-02 08:15:30" m=98 msg="x" src=${src}`);
    expect([fields['source.ip'], fields['source.port'], fields['observer.ingress.interface.name']]).toEqual([
      ip,
      port,
      ifc,
    ]);
  });

  it.each([
    ['time="2021-11-02 08:15:30"', 1_635_840_930_000_000, 'assumed'],
    ['time="2021-11-02 08:15:30 UTC"', 1_635_840_930_000_000, 'stated'],
  ])('%s', (time, instant, basis) => {
    const { fields } = eventOf(sonicwall, `id=firewall sn=1 ${time} m=98 msg="Connection Opened"`);
    expect([fields['@timestamp'], fields['einfallstor.time.basis']]).toEqual([instant, basis]);
  });

  it.each([
    ['Connection Opened', '', 'flow-start', 'success'],
    ['Connection Closed', 'sent=1 rcvd=2', 'flow', 'success'],
    ['TCP connection dropped', '', 'flow-denied', 'success'],
    ['Administrator login allowed', '', 'admin-login', 'success'],
    ['WAN zone administrator login allowed', '', 'admin-login', 'success'],
    ['Administrator login denied due to bad credentials', '', 'admin-login', 'failure'],
    ['SSL VPN zone remote user login allowed', '', 'vpn-login', 'success'],
    ['User login denied due to bad credentials', 'sess="sslvpnc"', 'vpn-login', 'failure'],
    ['User login denied due to bad credentials', 'sess="Web"', 'login', 'failure'],
    ['User logged out', 'sess="sslvpnc"', 'vpn-session-end', 'success'],
    ['User logged out', 'sess="Web"', 'logout', 'success'],
    ['IPS Detection Alert: x', '', 'threat', 'success'],
    ['Configuration succeeded: x', '', 'config-change', 'success'],
    ['Log Cleared', '', 'log-cleared', 'success'],
  ])('%s %s', (msg, rest, act, outcome) => {
    const event = eventOf(sonicwall, line(msg, rest));
    expect([event.act, event.fields['event.outcome'], event.fields['user.name']]).toEqual([act, outcome, 'b.lang']);
  });

  it('leaves the remote access gateway alone, and that one the firewall', () => {
    const gateway = 'id=sslvpn sn=0017 time="2021-11-02 08:15:30" m=1 msg="User login successful"';
    expect(readLines(sonicwall, [gateway])[0]?.kind).toBe('rejected');
    expect(readLines(sma, [line('x')])[0]?.kind).toBe('rejected');
  });
});

describe('sonicwall-sma', () => {
  it.each([
    ['User login successful', 'vpn-login', 'success'],
    ['User login failed', 'vpn-login', 'failure'],
    ['User logged out', 'vpn-session-end', 'success'],
    ['Administrator login successful', 'admin-login', 'success'],
  ])('%s', (msg, act, outcome) => {
    const event = eventOf(
      sma,
      `id=sslvpn sn=0017 time="2021-11-02 08:15:30" vp_time="2021-11-02 07:15:30 UTC" src=192.0.2.7 usr="b.lang@CORP" msg="${msg}"`,
    );
    expect([event.act, event.fields['event.outcome']]).toEqual([act, outcome]);
    expect(event.fields).toMatchObject({
      '@timestamp': 1_635_837_330_000_000,
      'user.name': 'b.lang',
      'user.domain': 'CORP',
    });
  });
});

it.each([
  ['sonicwall', sonicwall],
  ['sonicwall-sma', sma],
])('%s is robust', (id, parser) => {
  const file = join(import.meta.dirname, '../../fixtures/parsers', id, 'syslog/input.log');
  expectRobust(parser, readFileSync(file, 'utf8').trim().split('\n'));
});
