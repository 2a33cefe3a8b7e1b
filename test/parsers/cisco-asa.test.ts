import { describe, expect, it } from 'vitest';
import asa from '../../parsers/firewall/cisco-asa.ts';
import { eventOf, expectRobust, readLines, recordsOf } from './lines.ts';

const HEAD = '<166>Nov 02 2021 08:15:30 fw-mun-1 : ';

describe('cisco-asa: headers', () => {
  it.each([
    ['Nov 02 2021 08:15:30 fw-mun-1 : %ASA-6-302010: 4 in use, 9 most used', 'fw-mun-1'],
    ['Nov  2 08:15:30 192.0.2.9 %ASA-6-302010: 4 in use, 9 most used', '192.0.2.9'],
    ['Nov 02 2021 08:15:30 UTC: %ASA-session-6-302010: 4 in use, 9 most used', undefined],
    ['<166>:Nov 02 08:15:30 UTC: %ASA-6-302010: 4 in use, 9 most used', undefined],
    ['<166>2021-11-02T08:15:30Z fw-mun-1 : %ASA-6-302010: 4 in use, 9 most used', 'fw-mun-1'],
    ['Nov  2 08:15:30 fw-mun-1: %FTD-6-302010: 4 in use, 9 most used', 'fw-mun-1'],
    ['Nov  2 08:15:30 collector fwd[812]: %PIX-6-302010: 4 in use, 9 most used', 'collector'],
  ])('%s', (line, host) => {
    const { fields } = eventOf(asa, line);
    expect(fields['@timestamp']).toBe(Date.UTC(2021, 10, 2, 8, 15, 30) * 1000);
    expect(fields['observer.name']).toBe(host);
    expect(fields['event.code']).toBe('302010');
  });

  it('keeps a line without any time, and says so', () => {
    const { fields } = eventOf(asa, '%ASA-6-302010: 4 in use, 9 most used');
    expect(fields['@timestamp']).toBeUndefined();
    expect(fields['einfallstor.warnings']).toEqual(['time-missing']);
  });

  it('recognises and claims by the tag only', () => {
    const lines = [
      `${HEAD}%ASA-6-302010: 4 in use, 9 most used`,
      'Nov  2 08:15:30 web sshd[71]: Accepted password for x',
    ];
    expect(asa.recognise({ records: recordsOf(lines) }).certainty).toBe(0.5);
    expect(recordsOf(lines).map((r) => asa.claims?.(r))).toEqual([true, false]);
    expect(readLines(asa, lines).map((o) => o.kind)).toEqual(['event', 'rejected']);
  });
});

it('cisco-asa: leaves the key lists of FTD alone', () => {
  const line =
    '2021-11-02T08:15:30Z fp  %FTD-1-430003: AccessControlRuleAction: Allow, SrcIP: 10.0.1.20, DstIP: 192.0.2.4';
  expect(recordsOf([line]).map((r) => asa.claims?.(r))).toEqual([false]);
  expect(readLines(asa, [line]).map((o) => o.kind)).toEqual(['rejected']);
});

describe('cisco-asa: connections', () => {
  const built = `${HEAD}%ASA-6-302013: Built outbound TCP connection 7701 for outside:198.51.100.7/8443 (198.51.100.7/8443) to inside:10.20.0.8/50112 (203.0.113.4/61001)(CORP\\a.huber)`;
  const teardown = `${HEAD}%ASA-6-302014: Teardown TCP connection 7701 for outside:198.51.100.7/8443 to inside:10.20.0.8/50112 duration 1:00:05 bytes 88412 TCP FINs from inside (a.huber)`;

  it('names the opener of an outbound connection as source, in its opening and its end', () => {
    const [first, second] = readLines(asa, [built, teardown]);
    for (const outcome of [first, second]) {
      expect(outcome).toMatchObject({
        kind: 'event',
        fields: {
          'source.ip': '10.20.0.8',
          'source.port': 50112,
          'destination.ip': '198.51.100.7',
          'destination.port': 8443,
          'user.name': 'a.huber',
        },
      });
    }
    expect(first).toMatchObject({
      act: 'flow-start',
      fields: { 'source.nat.ip': '203.0.113.4', 'source.nat.port': 61001, 'user.domain': 'CORP' },
    });
    expect(second).toMatchObject({
      act: 'flow',
      fields: {
        'network.bytes': 88412,
        'event.duration': 3605e9,
        'event.start': Date.UTC(2021, 10, 2, 7, 15, 25) * 1000,
        'event.reason': 'TCP FINs from inside',
      },
    });
    expect(second?.kind === 'event' && second.fields['destination.nat.ip']).toBeFalsy();
  });

  it('infers the opener of an end alone, with a warning', () => {
    const { fields } = eventOf(
      asa,
      `${HEAD}%ASA-6-302016: Teardown UDP connection 12 for outside:192.0.2.53/53 to inside:10.20.0.8/50112 duration 0:00:00 bytes 130`,
    );
    expect(fields).toMatchObject({ 'source.ip': '10.20.0.8', 'destination.port': 53 });
    expect(fields['einfallstor.warnings']).toContain('direction-inferred:ports');
  });

  it('reads IPv6 end points and names', () => {
    expect(
      eventOf(
        asa,
        `${HEAD}%ASA-6-302013: Built inbound TCP connection 5 for outside:2001:db8::7/40112 (2001:db8::7/40112) to dmz:mail_01/25 (mail_01/25)`,
      ).fields,
    ).toMatchObject({
      'source.ip': '2001:db8::7',
      'source.port': 40112,
      'destination.domain': 'mail_01',
      'destination.port': 25,
      'observer.egress.interface.name': 'dmz',
    });
  });

  it.each([
    [
      '%ASA-4-106023: Deny udp src outside:192.0.2.4/5353(LOCAL\\guest) dst dmz:10.1.0.9/161 by access-group "out_in" [0xa1, 0x0]',
      'flow-denied',
      { 'rule.name': 'out_in', 'user.name': 'guest', 'network.transport': 'udp', 'destination.port': 161 },
    ],
    [
      '%ASA-6-106100: access-list in_acl permitted tcp inside/10.1.0.9(50001)(CORP\\p.kern) -> outside/192.0.2.4(443) hit-cnt 1 first hit [0xa1, 0x0]',
      'flow-start',
      { 'rule.name': 'in_acl', 'source.port': 50001, 'user.name': 'p.kern', 'destination.port': 443 },
    ],
    [
      '%ASA-6-106100: access-list in_acl denied tcp inside/10.1.0.9(50001) -> outside/192.0.2.4(25) hit-cnt 3 300-second interval [0xa1, 0x0]',
      'flow-denied',
      { 'cisco.asa.hit_count': 3 },
    ],
    [
      '%ASA-3-313001: Denied ICMP type=8, code=0 from 192.0.2.4 on interface outside',
      'flow-denied',
      { 'source.ip': '192.0.2.4', 'network.transport': 'icmp', 'observer.ingress.interface.name': 'outside' },
    ],
    [
      '%ASA-2-106016: Deny IP spoof from (10.1.0.9) to 192.0.2.4 on interface outside',
      'flow-denied',
      { 'source.ip': '10.1.0.9', 'destination.ip': '192.0.2.4' },
    ],
    [
      '%ASA-6-305011: Built dynamic TCP translation from inside:10.1.0.9/50001 to outside:203.0.113.4/61000',
      'nat',
      { 'source.ip': '10.1.0.9', 'source.nat.ip': '203.0.113.4', 'source.nat.port': 61000 },
    ],
    [
      '%ASA-4-400013: IPS:2003 ICMP redirect from 192.0.2.4 to 10.1.0.9 on interface outside',
      'threat',
      { 'source.ip': '192.0.2.4', 'rule.id': '2003', 'rule.name': 'ICMP redirect' },
    ],
  ])('%s', (line, act, fields) => {
    expect(eventOf(asa, HEAD + line)).toMatchObject({ act, fields });
  });
});

describe('cisco-asa: remote access', () => {
  it.each([
    [
      '%ASA-6-113005: AAA user authentication Rejected : reason = AAA failure : server = 10.1.0.5 : user = k.maier : user IP = 192.0.2.23',
      'vpn-login',
      {
        'event.outcome': 'failure',
        'user.name': 'k.maier',
        'source.ip': '192.0.2.23',
        'server.ip': '10.1.0.5',
        'event.reason': 'AAA failure',
      },
    ],
    [
      '%ASA-6-113039: Group <Staff> User <CORP\\k.maier> IP <192.0.2.23> AnyConnect parent session started.',
      'vpn-session-start',
      { 'user.name': 'k.maier', 'user.domain': 'CORP', 'source.ip': '192.0.2.23', 'einfallstor.vpn.group': 'Staff' },
    ],
    [
      '%ASA-4-722051: Group <Staff> User <k.maier> IP <192.0.2.23> IPv4 Address <10.9.0.14> IPv6 address <::> assigned to session',
      'vpn-address-assigned',
      { 'einfallstor.vpn.assigned_ip': '10.9.0.14', 'source.ip': '192.0.2.23' },
    ],
    [
      '%ASA-4-113019: Group = Staff, Username = k.maier, IP = 192.0.2.23, Session disconnected. Session Type: SSL, Duration: 1d 2h:03m:04s, Bytes xmt: 9001, Bytes rcv: 77, Reason: User Requested',
      'vpn-session-end',
      {
        'event.duration': 93_784e9,
        'destination.bytes': 9001,
        'source.bytes': 77,
        'event.reason': 'User Requested',
        'einfallstor.vpn.type': 'ssl',
      },
    ],
    [
      '%ASA-5-750006: Local:198.51.100.1:4500 Remote:192.0.2.23:52100 Username:k.maier IKEv2 SA UP. Reason: New Connection Established',
      'vpn-session-start',
      { 'user.name': 'k.maier', 'source.ip': '192.0.2.23', 'destination.ip': '198.51.100.1' },
    ],
    [
      '%ASA-6-716039: Group <DfltGrpPolicy> User <admin> IP <192.0.2.23> Authentication: rejected, Session Type: WebVPN.',
      'vpn-login',
      { 'event.outcome': 'failure', 'user.name': 'admin' },
    ],
  ])('%s', (line, act, fields) => {
    expect(eventOf(asa, HEAD + line)).toMatchObject({ act, fields });
  });

  it('does not let a user name place an address', () => {
    const { fields } = eventOf(
      asa,
      `${HEAD}%ASA-6-716039: Group <G> User <x> IP <10.0.0.1> Authentication: rejected, y> IP <192.0.2.66> Authentication: rejected, Session Type: WebVPN.`,
    );
    expect(fields['source.ip']).toBe('192.0.2.66');
    expect(
      eventOf(
        asa,
        `${HEAD}%ASA-6-113005: AAA user authentication Rejected : reason = x : server = 10.1.0.5 : user = a : user IP = 10.0.0.1 : user IP = 192.0.2.66`,
      ).fields['source.ip'],
    ).toBe('192.0.2.66');
  });

  it('does not take a masked user for a name', () => {
    const { fields } = eventOf(
      asa,
      `${HEAD}%ASA-6-113015: AAA user authentication Rejected : reason = Invalid password : local database : user = ***** : user IP = 192.0.2.23`,
    );
    expect(fields['user.name']).toBeUndefined();
    expect(fields['einfallstor.warnings']).toContain('user-masked');
  });
});

describe('cisco-asa: administration', () => {
  it.each([
    [
      '%ASA-6-605005: Login permitted from 10.1.0.40/51800 to inside:10.1.0.1/https for user "netadmin"',
      'admin-login',
      { 'event.outcome': 'success', 'user.name': 'netadmin', 'service.type': 'https', 'source.ip': '10.1.0.40' },
    ],
    [
      '%ASA-6-611102: User authentication failed: IP, 192.0.2.66 : Uname: root',
      'admin-login',
      { 'event.outcome': 'failure', 'user.name': 'root', 'source.ip': '192.0.2.66' },
    ],
    [
      "%ASA-5-111010: User 'netadmin', running 'CLI' from IP 10.1.0.40, executed 'no logging enable'",
      'config-change',
      { 'user.name': 'netadmin', 'source.ip': '10.1.0.40', 'einfallstor.change.object': 'no logging enable' },
    ],
    [
      "%ASA-5-111008: User 'netadmin' executed the 'ping 192.0.2.1' command.",
      'other',
      { 'user.name': 'netadmin', 'process.command_line': 'ping 192.0.2.1' },
    ],
    [
      '%ASA-5-502101: New user added to local dbase: Uname: backdoor Priv: 15 Encpass: x',
      'account-created',
      { 'user.target.name': 'backdoor' },
    ],
    [
      '%ASA-5-771002: CLOCK: System clock set, source: NTP, IP: 10.1.0.3, before: 08:15:20.1 UTC Tue Nov 2 2021, after: 08:15:30.0 UTC Tue Nov 2 2021',
      'source-state',
      { 'event.action': 'clock-set' },
    ],
    [
      '%ASA-3-999123: something the documentation does not list about 192.0.2.200',
      'other',
      { 'event.code': '999123', 'related.ip': ['192.0.2.200'] },
    ],
  ])('%s', (line, act, fields) => {
    expect(eventOf(asa, HEAD + line)).toMatchObject({ act, fields });
  });
});

it('cisco-asa: survives hostile lines', () => {
  expectRobust(asa, [
    `${HEAD}%ASA-6-302013: Built outbound TCP connection 7701 for outside:198.51.100.7/443 (198.51.100.7/443) to inside:10.20.0.8/50112 (203.0.113.4/61001)`,
    `${HEAD}%ASA-4-113019: Group = Staff, Username = k.maier, IP = 192.0.2.23, Session disconnected. Session Type: SSL, Duration: 1h:03m:04s, Bytes xmt: 9001, Bytes rcv: 77, Reason: x`,
    `${HEAD}%ASA-6-106100: access-list in_acl denied tcp inside/10.1.0.9(50001) -> outside/192.0.2.4(25) hit-cnt 3 300-second interval`,
    `${HEAD}%ASA-6-113005: AAA user authentication Rejected : reason = x : server = 10.1.0.5 : user = a : user IP = 10.0.0.1`,
    `${HEAD}%ASA-6-302020: Built inbound ICMP connection for faddr 192.0.2.1/7(LOCAL\\x) gaddr 198.51.100.1/0 laddr 10.0.0.1/0 type 8 code 0`,
  ]);
});
