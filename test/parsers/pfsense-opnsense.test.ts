import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import pf from '../../parsers/firewall/pfsense-opnsense.ts';
import { eventOf, expectRobust, readLines } from './lines.ts';

const HEAD = 'Oct 31 23:14:07 gate filterlog[1]: 53,,,1000000301,em0,match';

describe('pfsense-opnsense', () => {
  it.each([
    ['block', 'flow-denied', 'success'],
    ['reject', 'flow-denied', 'success'],
    ['pass', 'flow', 'success'],
    ['match', 'flow', 'unknown'],
    ['rdr', 'nat', 'success'],
  ])('action %s', (action, act, outcome) => {
    const event = eventOf(
      pf,
      `${HEAD},${action},in,4,0x0,,54,420,0,DF,6,tcp,60,198.51.100.23,10.0.0.9,53742,22,0,S,1,,64240,,mss`,
    );
    expect([event.act, event.fields['event.outcome']]).toEqual([act, outcome]);
    expect(event.fields).toMatchObject({ 'source.port': 53742, 'destination.port': 22, 'rule.id': '1000000301' });
  });

  it('counts the bytes of a refused packet only: a passed one is the first of many', () => {
    const text = (action: string): string =>
      `${HEAD},${action},in,4,0x0,,54,420,0,DF,17,udp,60,198.51.100.23,10.0.0.9,1,2,32`;
    expect(eventOf(pf, text('block')).fields['network.bytes']).toBe(60);
    expect(eventOf(pf, text('pass')).fields['network.bytes']).toBeUndefined();
  });

  it.each([
    ['6,0x00,0x12345,64,UDP,17,48,2001:db8::1,2001:db8::2,5,53,28', 'udp', '17', '2001:db8::2'],
    ['6,0x00,0x00000,255,ICMPv6,58,32,fe80::1,ff02::1,datalength=32', 'ipv6-icmp', '58', 'ff02::1'],
    ['4,0xe0,,255,0,0,DF,112,carp,56,10.0.0.2,224.0.0.18,advertise,255,7,2,0,1', 'carp', '112', '224.0.0.18'],
    ['4,0x0,,128,1,0,none,47,gre,186,10.9.0.1,10.0.0.2,datalength=166', 'gre', '47', '10.0.0.2'],
  ])('columns of %s', (columns, transport, number, destination) => {
    const { fields } = eventOf(pf, `${HEAD},block,in,${columns}`);
    expect(fields).toMatchObject({
      'network.transport': transport,
      'network.iana_number': number,
      'destination.ip': destination,
    });
  });

  it.each([
    ["/index.php: webConfigurator authentication error for user 'kim' from: 192.0.2.7", 'admin-login', 'failure'],
    ["/index.php: Web GUI authentication error for 'kim' from 192.0.2.7", 'admin-login', 'failure'],
    ["/index.php: Successful login for user 'kim' from: 192.0.2.7 (Local Database)", 'admin-login', 'success'],
    ["/index.php: User logged out for user 'kim' from: 192.0.2.7", 'logout', 'success'],
    ['/x.php: Configuration Change: kim@192.0.2.7 (LDAP): Firewall: saved', 'config-change', 'success'],
    ['user kim@192.0.2.7 changed configuration to /conf/backup/c.xml in /api/x', 'config-change', 'success'],
  ])('%s', (text, act, outcome) => {
    const event = eventOf(pf, `Oct 31 23:14:07 gate php-fpm[374]: ${text}`);
    expect([event.act, event.fields['event.outcome']]).toEqual([act, outcome]);
    expect(event.fields).toMatchObject({ 'user.name': 'kim', 'source.ip': '192.0.2.7' });
  });

  it('counts a web login once, though three lines tell of it', () => {
    const lines = [
      'user kim failed authentication for WebGui on OPNsense via Local',
      'user kim could not authenticate for WebGui. [using OPNsense]',
      "/index.php: Web GUI authentication error for 'kim' from 192.0.2.7",
    ].map((text) => eventOf(pf, `<37>1 2021-10-31T23:14:12+01:00 gate audit 1 - [meta sequenceId="1"] ${text}`).act);
    expect(lines).toEqual(['other', 'other', 'admin-login']);
  });

  it('leaves other daemons of the same stream to their own parsers', () => {
    const lines = ['dhcpd[1]: DHCPACK on 10.0.0.1', 'openvpn[1]: x', 'sshd[1]: y', 'unbound[1]: z', 'charon[1]: a'];
    for (const line of lines) expect(readLines(pf, [`Oct 31 23:14:07 gate ${line}`])[0]?.kind).toBe('rejected');
  });

  it('is robust', () => {
    const file = join(import.meta.dirname, '../../fixtures/parsers/pfsense-opnsense/pfsense/input.log');
    expectRobust(pf, readFileSync(file, 'utf8').trim().split('\n'));
  });
});
