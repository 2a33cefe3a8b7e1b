import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import srx from '../../parsers/firewall/juniper-srx.ts';
import { eventOf, expectRobust, readLines } from './lines.ts';

const DATA =
  '[junos@2636.1.1.1.2.129 source-address="10.1.1.1" source-port="50112" destination-address="198.51.100.7" destination-port="443" protocol-id="6" policy-name="out" bytes-from-client="100" bytes-from-server="200" elapsed-time="30"]';

describe('juniper-srx', () => {
  it.each([
    ['UP', 'k.maier', 'vpn-session-start', '10.70.0.4'],
    ['DOWN', 'k.maier', 'vpn-session-end', '10.70.0.4'],
    ['UP', 'Not-Applicable', 'vpn-negotiation', undefined],
  ])('KMD_VPN_%s_ALARM_USER of %s', (way, user, act, inside) => {
    const data = `[junos@2636.1.1.1.2.129 vpn-name="dyn" remote-address="192.0.2.7" internal-ip="10.70.0.4" client-name="${user}"]`;
    const event = eventOf(srx, `<30>1 2021-11-02T08:15:30.250+01:00 srx-1 kmd 7 KMD_VPN_${way}_ALARM_USER ${data}`);
    expect([event.act, event.fields['einfallstor.vpn.assigned_ip']]).toEqual([act, inside]);
  });

  it.each([
    ['rfc5424', `<14>1 2021-11-02T08:15:30.250+01:00 srx-1 RT_FLOW - RT_FLOW_SESSION_CLOSE ${DATA}`],
    [
      'behind a relay',
      `Nov  2 08:15:31 192.0.2.1 junos-flow: 2021-11-02T07:15:30.250Z srx-1 RT_FLOW - RT_FLOW_SESSION_CLOSE ${DATA}`,
    ],
  ])('session in structured data, %s', (_, line) => {
    const { act, fields } = eventOf(srx, line);
    expect(act).toBe('flow');
    expect(fields).toMatchObject({
      '@timestamp': 1_635_837_330_250_000,
      'observer.name': 'srx-1',
      'source.bytes': 100,
      'destination.bytes': 200,
      'event.duration': 30e9,
      'network.transport': 'tcp',
      'rule.name': 'out',
    });
  });

  it('reads a session in text by position', () => {
    const { act, fields } = eventOf(
      srx,
      'Nov  2 08:15:30 srx-1 RT_FLOW: RT_FLOW_SESSION_CLOSE: session closed TCP FIN: 10.1.1.1/50112->198.51.100.7/22 junos-ssh 203.0.113.4/61001->198.51.100.7/22 internet None 6 out trust untrust 5 78(6657) 122(13305) 45 UNKNOWN UNKNOWN b.lang(N/A) ge-0/0/1.0 No',
    );
    expect(act).toBe('flow');
    expect(fields).toMatchObject({
      'source.ip': '10.1.1.1',
      'source.nat.ip': '203.0.113.4',
      'source.nat.port': 61001,
      'destination.port': 22,
      'source.bytes': 6657,
      'destination.bytes': 13305,
      'event.duration': 45e9,
      'event.reason': 'TCP FIN',
      'rule.name': 'out',
      'observer.ingress.zone': 'trust',
      'user.name': 'b.lang',
    });
  });

  it.each([
    ['RT_FLOW: RT_FLOW_SESSION_CREATE: session created 10.1.1.1/1->192.0.2.7/22 x', 'flow-start', 'success'],
    [
      'RT_FLOW: RT_FLOW_SESSION_DENY: session denied 10.1.1.1/1->192.0.2.7/22 x 6(0) p a b UNKNOWN',
      'flow-denied',
      'success',
    ],
    [
      "mgd[1]: UI_LOGIN_EVENT: User 'b.lang' login, class 'x' [1], ssh-connection '192.0.2.7 5 10.0.0.1 22'",
      'admin-login',
      'success',
    ],
    ["sshd[1]: SSHD_LOGIN_FAILED: Login failed for user 'b.lang' from host '192.0.2.7'", 'admin-login', 'failure'],
    ["mgd[1]: UI_LOGOUT_EVENT: User 'b.lang' logout", 'logout', 'success'],
    ["mgd[1]: UI_COMMIT: User 'b.lang' requested 'commit' operation (comment: none)", 'config-change', 'success'],
    ['kmd[1]: KMD_VPN_UP_ALARM_USER: VPN x from 192.0.2.7 is up.', 'vpn-negotiation', 'success'],
    ['FW: ge-0/0/0.0   D tcp 192.0.2.7 10.0.0.1   4000    22 (1 packets)', 'flow-denied', 'success'],
  ])('%s', (line, act, outcome) => {
    const event = eventOf(srx, `Nov  2 08:15:30 srx-1 ${line}`);
    expect([event.act, event.fields['event.outcome']]).toEqual([act, outcome]);
  });

  it('leaves other daemons alone', () => {
    const lines = [
      'Nov  2 08:15:30 h sshd[1]: Accepted password for x from 192.0.2.7 port 1 ssh2',
      'Nov  2 08:15:30 h cron[1]: (root) CMD (x)',
    ];
    expect(readLines(srx, lines).map((o) => o.kind)).toEqual(['rejected', 'rejected']);
  });

  it('is robust', () => {
    const file = join(import.meta.dirname, '../../fixtures/parsers/juniper-srx/syslog/input.log');
    expectRobust(srx, readFileSync(file, 'utf8').trim().split('\n'));
  });
});
