import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import firebox from '../../parsers/firewall/watchguard-firebox.ts';
import { eventOf, expectRobust, readLines } from './lines.ts';

const AT = '<142>Oct 31 23:14:07 gate FVE6035FD3AE3 (2021-10-31T22:14:06) firewall[10]: ';
const LEEF = '1.0|WatchGuard|XTM|12.10.2.B692269|11000004|';

describe('watchguard-firebox', () => {
  it('takes the zone from the stamp in UTC beside the local header', () => {
    const { fields } = eventOf(
      firebox,
      `${AT}msg_id="3000-0148" Allow a b 52 tcp 20 127 10.0.1.2 192.0.2.1 1 2 (P)`,
      {},
    );
    expect(fields['@timestamp']).toBe(Date.parse('2021-10-31T22:14:07Z') * 1000);
    expect(fields['einfallstor.warnings']).toBeUndefined();
  });

  it('does not believe two stamps that contradict each other', () => {
    const { fields } = eventOf(firebox, `${AT.replace('2021-10-31T22', '2021-05-01T22')}msg_id="3000-0148" x`, {
      year: 2020,
    });
    expect(fields['@timestamp']).toBe(Date.parse('2020-10-31T23:14:07Z') * 1000);
    expect(fields['watchguard.firebox.device_time']).toBe('2021-05-01T22:14:06');
  });

  it.each([
    ['Allow 1-Trusted 0-External 52 tcp 20 127 10.0.1.2 192.0.2.1 62443 80 offset 8 S 1 win 1 (HTTP-00)', 'flow-start'],
    ['Allow 1-Trusted 0-External tcp 10.0.1.2 192.0.2.1 62443 80 sent_bytes="5" rcvd_bytes="7" (HTTP-00)', 'flow'],
    ['Deny 1-Trusted 0-External 52 tcp 20 127 10.0.1.2 192.0.2.1 62443 80 offset 8 S 1 win 1 (HTTP-00)', 'flow-denied'],
    ['Allow 1-Trusted 0-External tcp 10.0.1.2 192.0.2.1 62443 80 virus="X" (HTTP-00)', 'threat'],
    [
      'Allow 1-Trusted 0-External tcp 10.0.1.2 192.0.2.1 62443 80 op="GET" dstname="a.example" arg="/" (HTTP-00)',
      'http-request',
    ],
  ])('%s', (text, act) => {
    const event = eventOf(firebox, `${AT}msg_id="3000-0148" ${text}`);
    expect(event.act).toBe(act);
    expect(event.fields).toMatchObject({
      'source.ip': '10.0.1.2',
      'destination.port': 80,
      'rule.name': 'HTTP-00',
      'observer.ingress.interface.name': '1-Trusted',
    });
  });

  it.each([
    ['Authentication of SSLVPN user [kim@example.org@radius] from 192.0.2.7 was accepted', 'vpn-login', 'success'],
    ['Authentication of SSLVPN user [kim@Firebox-DB] from 192.0.2.7 was rejected, bad', 'vpn-login', 'failure'],
    [
      'SSL VPN user kim@radius from 192.0.2.7 logged in assigned virtual IP is 10.9.0.5',
      'vpn-session-start',
      'success',
    ],
    ['SSL VPN user kim@radius from 192.0.2.7 logged out assigned virtual IP is 10.9.0.5', 'vpn-session-end', 'success'],
    ['Management user kim@Firebox-DB from 192.0.2.7 logged in', 'admin-login', 'success'],
    ['Management user kim@Firebox-DB from 192.0.2.7 log in attempt was rejected - no', 'admin-login', 'failure'],
    ['Firewall user kim@Firebox-DB from 192.0.2.7 logged in', 'login', 'success'],
  ])('%s', (text, act, outcome) => {
    for (const line of [`${AT}msg_id="3E00-0002" ${text}`, `${LEEF}host_name=a#011msg=${text}`]) {
      const event = eventOf(firebox, line);
      expect([event.act, event.fields['event.outcome']]).toEqual([act, outcome]);
      expect(event.fields).toMatchObject({ 'user.name': 'kim', 'source.ip': '192.0.2.7' });
      if (text.includes('virtual')) expect(event.fields['einfallstor.vpn.assigned_ip']).toBe('10.9.0.5');
    }
  });

  it('reads tunnels of mobile users, whose addresses end a sentence', () => {
    const text =
      'Mobile VPN with SSL user kim logged in. Virtual IP address is 10.9.0.5. Real IP address is 192.0.2.7.';
    expect(eventOf(firebox, `${AT}msg_id="2500-0000" ${text}`)).toMatchObject({
      act: 'vpn-session-start',
      fields: { 'user.name': 'kim', 'source.ip': '192.0.2.7', 'einfallstor.vpn.assigned_ip': '10.9.0.5' },
    });
  });

  it('leaves LEEF of others alone', () => {
    expect(readLines(firebox, ['LEEF:1.0|Other|XTM|1|2|a=b'])[0]?.kind).toBe('rejected');
  });

  it('is robust', () => {
    const file = join(import.meta.dirname, '../../fixtures/parsers/watchguard-firebox/syslog/input.log');
    expectRobust(firebox, readFileSync(file, 'utf8').trim().split('\n'));
  });
});
