import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import cloudgen from '../../parsers/firewall/barracuda-cloudgen.ts';
import waf from '../../parsers/firewall/barracuda-waf.ts';
import { eventOf, expectRobust, recordsOf } from './lines.ts';

const row =
  'FWD|TCP|eth1|10.1.2.3|50112|00:00:5e:00:53:23|198.51.100.9|443|https|eth0|LAN|Normal|203.0.113.20|198.51.100.9|1500|1|914301|20480|7|2|CORP\\k.maier|SSL|HTTPS|cloud.example||Business';

describe('barracuda-cloudgen', () => {
  it('reads the columns of the activity log without their keys', () => {
    const { act, fields } = eventOf(
      cloudgen,
      `<14>Nov  2 08:15:30 fw01 fw01/box_Firewall_Activity: +01:00 Info     fw01 Remove: ${row}`,
    );
    expect(act).toBe('flow');
    expect(fields).toMatchObject({
      'source.ip': '10.1.2.3',
      'destination.port': 443,
      'source.nat.ip': '203.0.113.20',
      'source.bytes': 20_480,
      'destination.bytes': 914_301,
      'event.duration': 1_500_000_000,
      'user.name': 'k.maier',
      'user.domain': 'CORP',
      '@timestamp': 1_635_837_330_000_000,
      'einfallstor.time.basis': 'stated',
    });
    expect(fields['destination.nat.ip']).toBeUndefined();
  });

  it.each([
    [
      '2021 11 02 08:15:30 Security +01:00 Block: type=FWD|proto=TCP|srcIF=e|srcIP=198.51.100.23|srcPort=1|srcMAC=|dstIP=203.0.113.20|dstPort=22|dstService=',
      'flow-denied',
      'success',
    ],
    [`Info     fw01 Allow: ${row}`, 'flow-start', 'success'],
    ["Info     fw01 Session PHS: authentication succeeded: Login 'k.maier' (192.0.2.7:40122)", 'vpn-login', 'success'],
    [
      "Security fw01 Session PHS: authentication failed: Authentication failed (192.0.2.7:40122) Login 'k.maier'",
      'vpn-login',
      'failure',
    ],
    [
      'Info     fw01 Session PGRP-AUTH-k.maier: Login peer=192.0.2.7 server=203.0.113.20',
      'vpn-session-start',
      'success',
    ],
    ['Security fw01 LOGIN ATTEMPT: Login from 198.51.100.23: Denied: Firewall Rule X', 'admin-login', 'failure'],
    ['Info     fw01 [root@192.0.2.77_29010]  Commit operation: 0 Copy: a.conf from b', 'config-change', 'success'],
    ['Info     fw01 something nobody knows', 'other', undefined],
  ])('%s', (line, act, outcome) => {
    const event = eventOf(cloudgen, line);
    expect([event.act, event.fields['event.outcome']]).toEqual([act, outcome]);
  });

  it('tells the address inside the tunnel and what passed', () => {
    const { act, fields } = eventOf(
      cloudgen,
      'Info     fw01 Session PGRP-AUTH-k.maier: Accounting LOGOUT - user=k.maier IP=10.90.0.14 start="2021/11/02 08:31:02" duration=60 inBytes=2048 outBytes=91',
    );
    expect(act).toBe('vpn-session-end');
    expect(fields).toMatchObject({
      'einfallstor.vpn.assigned_ip': '10.90.0.14',
      'source.bytes': 2048,
      'destination.bytes': 91,
      'user.name': 'k.maier',
    });
  });

  it.each(['Security alert: disk full', 'Info: started', 'Nov  2 08:15:30 host app: Info something', 'Warning  '])(
    'does not claim %s',
    (line) => {
      expect(cloudgen.claims?.(recordsOf([line])[0] as never)).toBe(false);
    },
  );
});

it('barracuda-waf: what was denied is a threat, what passed a request', () => {
  const line = (rest: string): string =>
    `<132>1 2021-11-02T08:15:30+01:00 waf1 - - - - src=198.51.100.23 dst=10.1.0.5 ${rest}`;
  const denied = eventOf(
    waf,
    line('actionTaken=DENY attackDescription=SQL INJECTION attackId=29005 logType=WF request=/a requestMethod=GET'),
  );
  expect([denied.act, denied.fields['event.outcome'], denied.fields['threat.indicator.name']]).toEqual([
    'threat',
    'failure',
    'SQL INJECTION',
  ]);
  expect(eventOf(waf, line('logType=TR unitName=waf1 request=/a requestMethod=GET')).act).toBe('http-request');
});

it.each([
  ['barracuda-cloudgen/activity', cloudgen],
  ['barracuda-cloudgen/vpn-auth-admin', cloudgen],
  ['barracuda-waf/pairs', waf],
])('%s is robust', (name, parser) => {
  const file = join(import.meta.dirname, '../../fixtures/parsers', name, 'input.log');
  expectRobust(parser, readFileSync(file, 'utf8').trim().split('\n'));
});
