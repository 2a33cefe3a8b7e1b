import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import netscreen from '../../parsers/firewall/juniper-netscreen.ts';
import { eventOf, expectRobust, readLines } from './lines.ts';

const AT = 'Oct 31 23:14:07 10.0.0.1 ssg5: NetScreen device_id=0162  [Root]system-';
const TRAFFIC =
  'notification-00257(traffic): start_time="2021-10-31 23:04:07" duration=600 policy_id=2 service=a b(tcp) proto=6';
const ENDS = 'src=10.0.0.9 dst=192.0.2.8 src_port=5 dst_port=443 src-xlated ip=203.0.113.5 port=9';

describe('juniper-netscreen', () => {
  it.each([
    ['action=Permit sent=5 rcvd=7', ' session_id=1 reason=Close - AGE OUT', 'flow'],
    ['action=Permit sent=0 rcvd=0', ' session_id=1 reason=Creation', 'flow-start'],
    ['action=Deny sent=0 rcvd=0', '', 'flow-denied'],
  ])('%s%s', (action, reason, act) => {
    const event = eventOf(netscreen, `${AT}${TRAFFIC} src zone=Trust dst zone=Untrust ${action} ${ENDS}${reason}`);
    expect(event.act).toBe(act);
    expect(event.fields).toMatchObject({
      'source.ip': '10.0.0.9',
      'source.nat.ip': '203.0.113.5',
      'source.nat.port': 9,
      'destination.port': 443,
      'observer.ingress.zone': 'Trust',
      'juniper.netscreen.service': 'a b(tcp)',
    });
  });

  it.each([
    [
      'warning-00518: Admin user "kim" login attempt for Web(http) management (port 80) from 192.0.2.7:5 failed.',
      'admin-login',
      'failure',
    ],
    [
      'warning-00519: Admin user "kim" logged in for Web(http) management (port 80) from 192.0.2.7:5',
      'admin-login',
      'success',
    ],
    ['warning-00515: Admin user kim has logged on via SSH from 192.0.2.7:5', 'admin-login', 'success'],
    [
      "warning-00528: SSH: Password authentication failed for admin user 'kim' at host 192.0.2.7.",
      'admin-login',
      'failure',
    ],
    ['warning-00515: Management session via SSH from 192.0.2.7:0 for admin kim has timed out', 'logout', 'success'],
    [
      'notification-00018: Policy (5, A->B) was modified by kim via web from host 192.0.2.7 to 10.0.0.1:443.',
      'config-change',
      'success',
    ],
    [
      'information-00536: IKE<192.0.2.7>: XAuth login was passed for gateway <g>, username <kim>, retry: 0',
      'vpn-login',
      'success',
    ],
  ])('%s', (text, act, outcome) => {
    const event = eventOf(netscreen, `${AT}${text} (2021-10-31 23:14:06)`, {});
    expect([event.act, event.fields['event.outcome']]).toEqual([act, outcome]);
    expect(event.fields).toMatchObject({ 'user.name': 'kim', 'source.ip': '192.0.2.7' });
    expect(event.fields['@timestamp'], 'the year stands in the text').toBe(Date.parse('2021-10-31T23:14:07Z') * 1000);
  });

  it('names an attack', () => {
    const { act, fields } = eventOf(
      netscreen,
      `${AT}emergency-00005: SYN flood! From 192.0.2.7:5 to 10.0.0.4:80, proto TCP (zone Untrust, int e0).`,
    );
    expect([act, fields['threat.indicator.name'], fields['destination.port']]).toEqual(['threat', 'SYN flood', 80]);
  });

  it('leaves others alone', () => {
    expect(readLines(netscreen, ['Oct 31 23:14:07 srx RT_FLOW: RT_FLOW_SESSION_DENY: x'])[0]?.kind).toBe('rejected');
  });

  it('is robust', () => {
    const file = join(import.meta.dirname, '../../fixtures/parsers/juniper-netscreen/screenos/input.log');
    expectRobust(netscreen, readFileSync(file, 'utf8').trim().split('\n'));
  });
});
