import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import sfos from '../../parsers/firewall/sophos-sfos.ts';
import utm from '../../parsers/firewall/sophos-utm.ts';
import { eventOf, expectRobust, readLines } from './lines.ts';

const AT =
  'device="SFW" date=2021-11-02 time=08:15:30 timezone="CET" device_name="xg-1" device_id=C1 log_id=010101600001';
const rule = (rest: string): string =>
  `${AT} log_type="Firewall" log_component="Firewall Rule" ${rest} src_ip=10.1.1.1 sent_bytes=100 recv_bytes=200`;
const event = (component: string, subtype: string, rest: string): string =>
  `${AT} log_type="Event" log_component="${component}" log_subtype="${subtype}" ${rest}`;

describe('sophos-sfos', () => {
  it.each([
    ['timezone="CET"', 1_635_837_330_000_000, undefined],
    ['timezone="+11"', 1_635_801_330_000_000, undefined],
    ['timezone="IST"', 1_635_821_130_000_000, ['zone-ambiguous:IST']],
  ])('%s', (zone, instant, warnings) => {
    const { fields } = eventOf(sfos, rule('log_subtype="Allowed"').replace('timezone="CET"', zone));
    expect([fields['@timestamp'], fields['einfallstor.warnings']]).toEqual([instant, warnings]);
  });

  it.each([
    ['log_subtype="Allowed" connevent="Start"', 'flow-start', 100],
    ['log_subtype="Allowed" connevent="Interim"', 'flow', undefined],
    ['log_subtype="Allowed" connevent="Stop"', 'flow', 100],
    ['log_subtype="Denied"', 'flow-denied', 100],
    ['log_subtype="Dropped"', 'flow-denied', 100],
  ])('%s', (rest, act, bytes) => {
    const read = eventOf(sfos, rule(rest));
    expect([read.act, read.fields['source.bytes'], read.fields['event.code']]).toEqual([act, bytes, '00001']);
  });

  it.each([
    [event('SSL VPN Authentication', 'Authentication', 'status="Failed" user_name="b.lang"'), 'vpn-login', 'failure'],
    [event('VPN Authentication', 'Authentication', 'status="Successful" user_name="b.lang"'), 'vpn-login', 'success'],
    [
      event('My Account Authentication', 'Authentication', 'status="Successful" user_name="b.lang"'),
      'login',
      'success',
    ],
    [
      event('GUI', 'Admin', 'status="Successful" message="User b.lang logged in successfully"'),
      'admin-login',
      'success',
    ],
    [
      event('CLI', 'Admin', `message="User b.lang failed to login from '192.0.2.7' using ssh because of x"`),
      'admin-login',
      'failure',
    ],
    [
      event('GUI', 'Admin', `message="Rule 'x' was deleted by 'b.lang' from '192.0.2.7' using 'GUI'"`),
      'config-change',
      'success',
    ],
  ])('%s', (line, act, outcome) => {
    const read = eventOf(sfos, line);
    expect([read.act, read.fields['event.outcome'], read.fields['user.name']]).toEqual([act, outcome, 'b.lang']);
  });

  it('counts a VPN session from its client', () => {
    const { act, fields } = eventOf(
      sfos,
      event(
        'SSL VPN',
        'System',
        'user_name="b.lang" ipaddress=10.81.0.6 sent_bytes=9 recv_bytes=3 status="Terminated" remote_ip=192.0.2.7',
      ),
    );
    expect(act).toBe('vpn-session-end');
    expect(fields).toMatchObject({
      'source.ip': '192.0.2.7',
      'einfallstor.vpn.assigned_ip': '10.81.0.6',
      'source.bytes': 3,
      'destination.bytes': 9,
    });
  });
});

describe('sophos-utm', () => {
  const line = (sub: string, rest: string): string =>
    `2021:11:02-08:15:30 utm-1 aua[7]: id="3004" severity="info" sys="System" sub="${sub}" ${rest}`;
  it.each([
    [line('packetfilter', 'action="drop"'), 'flow-denied'],
    [line('packetfilter', 'action="accept"'), 'flow'],
    [line('auth', 'name="Authentication failed" caller="openvpn"'), 'vpn-login'],
    [line('auth', 'name="Authentication successful" caller="webadmin"'), 'admin-login'],
    [line('auth', 'name="Authentication successful" caller="portal"'), 'login'],
    [line('vpn', 'event="Connection started" username="x"'), 'vpn-session-start'],
    [line('confd', 'name="object changed" class="packetfilter" objname="x"'), 'config-change'],
    [line('http', 'name="http access" action="pass"'), 'http-request'],
  ])('%s', (text, act) => {
    expect(eventOf(utm, text).act).toBe(act);
  });

  it('each leaves the lines of the other alone', () => {
    expect(readLines(sfos, [line('auth', 'x="y"')])[0]?.kind).toBe('rejected');
    expect(readLines(utm, [rule('log_subtype="Allowed"')])[0]?.kind).toBe('rejected');
  });
});

it.each([
  ['sophos-sfos', sfos],
  ['sophos-utm', utm],
])('%s is robust', (id, parser) => {
  const file = join(import.meta.dirname, '../../fixtures/parsers', id, 'syslog/input.log');
  expectRobust(parser, readFileSync(file, 'utf8').trim().split('\n'));
});
