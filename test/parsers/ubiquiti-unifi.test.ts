import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import unifi from '../../parsers/firewall/ubiquiti-unifi.ts';
import { eventOf, expectRobust, readLines } from './lines.ts';

const cef = (name: string, rest: string): string =>
  `Oct 31 23:14:07 Gate CEF:0|Ubiquiti|UniFi Network|10.0|1|${name}|3|${rest}`;

describe('ubiquiti-unifi', () => {
  it.each([
    ['Admin Accessed UniFi Network', 'admin-login'],
    ['Admin Made Config Changes', 'config-change'],
    ['Config Modified', 'config-change'],
    ['VPN Client Connected', 'vpn-session-start'],
    ['VPN Client Disconnected', 'vpn-session-end'],
    ['Threat Detected and Blocked', 'threat'],
    ['Honeypot Triggered', 'threat'],
    ['Blocked by Firewall', 'flow-denied'],
    ['WiFi Client Connected', 'other'],
    ['Device Offline', 'source-state'],
    ['Something New', 'other'],
  ])('%s', (name, act) => {
    const event = eventOf(
      unifi,
      cef(name, 'src=192.0.2.7 UNIFIadmin=kim UNIFIhost=Gate UNIFIutcTime=2021-10-31T22:14:07.000Z msg=x'),
    );
    expect(event.act).toBe(act);
    expect(event.fields).toMatchObject({
      '@timestamp': Date.parse('2021-10-31T22:14:07Z') * 1000,
      'source.ip': '192.0.2.7',
      'user.name': 'kim',
    });
  });

  it('gives a VPN user his inner address', () => {
    const { fields } = eventOf(
      unifi,
      cef('VPN Client Connected', 'suser=VPN - kim src=192.0.2.7 UNIFIclientIp=10.9.0.5'),
    );
    expect([fields['user.name'], fields['einfallstor.vpn.assigned_ip']]).toEqual(['kim', '10.9.0.5']);
  });

  it('reads CEF whose prefix a relay took for a tag', () => {
    expect(eventOf(unifi, '0|Ubiquiti|UniFi Network|9.4|201|Threat Detected|7|src=192.0.2.7').act).toBe('threat');
  });

  it.each([
    ["U7PG2,788a20560182,v4.0.66.1: dropbear[7]: Bad password attempt for 'kim' from 192.0.2.7:5", 'failure'],
    ["788a20560182,U7PG2-6.5.28+1: dropbear[7]: Password auth succeeded for 'kim' from 192.0.2.7:5", 'success'],
  ])('%s', (text, outcome) => {
    const event = eventOf(unifi, `<38>Oct 31 23:14:07 ${text}`);
    expect([event.act, event.fields['event.outcome']]).toEqual(['admin-login', outcome]);
    expect(event.fields).toMatchObject({ 'user.name': 'kim', 'source.ip': '192.0.2.7', 'device.id': '788a20560182' });
  });

  it('leaves packets and other CEF alone', () => {
    const lines = [
      'Oct 31 23:14:07 UDM [WAN_IN-D-1] IN=eth8 OUT= SRC=192.0.2.7 DST=10.0.0.1',
      'CEF:0|Other|X|1|2|n|3|a=b',
    ];
    for (const line of lines) expect(readLines(unifi, [line])[0]?.kind).toBe('rejected');
  });

  it('is robust', () => {
    const file = join(import.meta.dirname, '../../fixtures/parsers/ubiquiti-unifi/console/input.log');
    expectRobust(unifi, readFileSync(file, 'utf8').trim().split('\n'));
  });
});
