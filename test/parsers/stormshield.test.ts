import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import stormshield from '../../parsers/firewall/stormshield.ts';
import ivanti from '../../parsers/vpn/ivanti-connect-secure.ts';
import { eventOf, expectRobust, readLines, recordsOf } from './lines.ts';

const line = (rest: string, tz = '+0100'): string =>
  `id=firewall time="2021-11-02 08:15:30" fw="gate" tz=${tz} startime="2021-11-02 08:15:00" ${rest}`;

describe('stormshield', () => {
  it.each([
    ['action=pass src=10.1.2.3 dst=198.51.100.9 sent=0 rcvd=0 duration=0 logtype="filter"', 'flow-start', 'success'],
    ['action=pass src=10.1.2.3 dst=198.51.100.9 sent=0 rcvd=0 logtype="connection"', 'flow', 'success'],
    ['action=block src=10.1.2.3 dst=198.51.100.9 logtype="filter"', 'flow-denied', 'success'],
    ['user="a" src=192.0.2.7 method="OPENVPN" error=0 msg="User logged in" logtype="auth"', 'vpn-login', 'success'],
    ['user="a" src=192.0.2.7 method="OPENVPN" error=3 msg="Auth failed" logtype="auth"', 'vpn-login', 'failure'],
    ['user="a" src=192.0.2.7 method="LDAP" error=0 msg="User logged in" logtype="auth"', 'login', 'success'],
    [
      'user="a" src=192.0.2.7 msg="SSH authentication success on the firewall" logtype="auth"',
      'admin-login',
      'success',
    ],
    ['user="a" src=192.0.2.7 msg="SSH authentication failed: no such user" logtype="auth"', 'admin-login', 'failure'],
    ['user="a" address=192.0.2.7 error=0 msg="CONFIG FILTER ACTIVATE" logtype="server"', 'config-change', 'success'],
    ['user="a" address=192.0.2.7 error=0 msg="CONFIG FILTER SHOW" logtype="server"', 'other', 'success'],
  ])('%s', (rest, act, outcome) => {
    const event = eventOf(stormshield, line(rest));
    expect([event.act, event.fields['event.outcome']]).toEqual([act, outcome]);
  });

  it('states its zone', () => {
    const { fields } = eventOf(stormshield, line('action=pass logtype="filter"'));
    expect([fields['@timestamp'], fields['event.start'], fields['einfallstor.time.basis']]).toEqual([
      1_635_837_330_000_000,
      1_635_837_300_000_000,
      'stated',
    ]);
  });

  it('tells the address a client got, and the client from the gateway', () => {
    const ssl = eventOf(stormshield, line('user="k.maier" src=192.0.2.7 remotenet=10.90.0.14 msg="x" logtype="xvpn"'));
    expect([ssl.act, ssl.fields['einfallstor.vpn.assigned_ip'], ssl.fields['source.ip']]).toEqual([
      'vpn-session-start',
      '10.90.0.14',
      '192.0.2.7',
    ]);
    const ipsec = eventOf(
      stormshield,
      line(
        'phase=2 src=203.0.113.20 dst=192.0.2.8 user="s.berg" remotenet=10.91.0.7/32 msg="SA established" logtype="vpn"',
      ),
    );
    expect([ipsec.act, ipsec.fields['source.ip'], ipsec.fields['einfallstor.vpn.assigned_ip']]).toEqual([
      'vpn-session-start',
      '192.0.2.8',
      '10.91.0.7',
    ]);
    const net = eventOf(
      stormshield,
      line('user="s" dst=192.0.2.8 phase=2 remotenet=10.0.0.0/8 msg="established" logtype="vpn"'),
    );
    expect(net.fields['einfallstor.vpn.assigned_ip']).toBeUndefined();
  });

  it('keeps what the client asked for as the destination', () => {
    const { fields } = eventOf(
      stormshield,
      line(
        'action=pass src=192.0.2.9 dst=10.1.0.5 dstport=8443 origdst=203.0.113.21 origdstport=443 sent=1 rcvd=2 logtype="connection"',
      ),
    );
    expect(fields).toMatchObject({
      'destination.ip': '203.0.113.21',
      'destination.port': 443,
      'destination.nat.ip': '10.1.0.5',
      'destination.nat.port': 8443,
    });
  });

  it('leaves other products that say id=firewall alone', () => {
    const sonic = 'id=firewall sn=0017C5AB0001 time="2021-11-02 08:15:30" fw=203.0.113.20 pri=6 m=98 msg="x"';
    expect(readLines(stormshield, [sonic])[0]?.kind).toBe('rejected');
    expect(ivanti.claims?.(recordsOf([line('user="a" msg="b" logtype="auth"')])[0] as never)).toBe(false);
  });

  it('is robust', () => {
    const file = join(import.meta.dirname, '../../fixtures/parsers/stormshield/syslog/input.log');
    expectRobust(stormshield, readFileSync(file, 'utf8').trim().split('\n'));
  });
});
