import { describe, expect, it } from 'vitest';
import openvpn from '../../parsers/vpn/openvpn.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { eventOf, expectRobust, readLines, recordsOf } from './lines.ts';

const story = (lines: readonly string[]): { act: string; fields: Fields }[] =>
  readLines(openvpn, lines).map((outcome) => {
    if (outcome.kind !== 'event') throw new Error(outcome.kind);
    return outcome;
  });

const P = '2021-11-02 08:15:30 ';
const GOOD = [
  `${P}192.0.2.23:50112 TLS: Initial packet from [AF_INET]192.0.2.23:50112, sid=1a2b3c4d 5e6f7081`,
  `${P}192.0.2.23:50112 VERIFY OK: depth=1, C=DE, O=Example GmbH, CN=Example VPN CA`,
  `${P}192.0.2.23:50112 VERIFY OK: depth=0, C=DE, O=Example GmbH, CN=laptop-17`,
  `${P}192.0.2.23:50112 peer info: IV_PLAT=win`,
  `${P}192.0.2.23:50112 TLS: Username/Password authentication succeeded for username 'k.maier' [CN SET]`,
  `${P}192.0.2.23:50112 Control Channel: TLSv1.3, cipher TLSv1.3 TLS_AES_256_GCM_SHA384, peer certificate: 2048 bit RSA`,
  `${P}192.0.2.23:50112 [k.maier] Peer Connection Initiated with [AF_INET]192.0.2.23:50112`,
  `${P}k.maier/192.0.2.23:50112 MULTI_sva: pool returned IPv4=10.8.0.14, IPv6=(Not enabled)`,
  `${P}k.maier/192.0.2.23:50112 MULTI: Learn: 10.8.0.14 -> k.maier/192.0.2.23:50112`,
  `${P}k.maier/192.0.2.23:50112 TLS: Username/Password authentication succeeded for username 'k.maier'`,
  `${P}k.maier/192.0.2.23:50112 SIGTERM[soft,remote-exit] received, client-instance exiting`,
];

describe('openvpn: one session over its lines', () => {
  it('logs in once, starts once, ends once', () => {
    expect(story(GOOD).map((event) => event.act)).toEqual([
      'vpn-negotiation',
      'vpn-negotiation',
      'vpn-negotiation',
      'vpn-negotiation',
      'vpn-login',
      'vpn-negotiation',
      'vpn-negotiation',
      'vpn-session-start',
      'vpn-address-assigned',
      'vpn-negotiation',
      'vpn-session-end',
    ]);
  });

  it('carries session, address and user on every line that can know them', () => {
    const events = story(GOOD);
    for (const { fields } of events)
      expect(fields).toMatchObject({
        'source.ip': '192.0.2.23',
        'source.port': 50112,
        'einfallstor.vpn.session_id': '192.0.2.23:50112',
      });
    for (const { fields } of events.slice(4)) expect(fields['user.name']).toBe('k.maier');
    expect(events[4]?.fields['event.outcome']).toBe('success');
    expect(events[7]?.fields['einfallstor.vpn.assigned_ip']).toBe('10.8.0.14');
    expect(events[10]?.fields).toMatchObject({
      'einfallstor.vpn.assigned_ip': '10.8.0.14',
      'event.reason': 'soft,remote-exit',
    });
  });

  it('does not take "Peer Connection Initiated" of a refused user for a login', () => {
    const events = story([
      `${P}192.0.2.66:4001 TLS Auth Error: Auth Username/Password verification failed for peer`,
      `${P}192.0.2.66:4001 [admin] Peer Connection Initiated with [AF_INET]192.0.2.66:4001`,
      `${P}192.0.2.66:4001 SENT CONTROL [admin]: 'AUTH_FAILED' (status=1)`,
      `${P}192.0.2.66:4001 SIGTERM[soft,delayed-exit] received, client-instance exiting`,
    ]);
    expect(events.map((e) => [e.act, e.fields['event.outcome']])).toEqual([
      ['vpn-login', 'failure'],
      ['vpn-negotiation', undefined],
      ['vpn-negotiation', 'failure'],
      ['vpn-negotiation', 'failure'],
    ]);
  });

  it('takes it for the login where a certificate alone decides', () => {
    const [event] = story([`${P}192.0.2.9:1999 [branch-1] Peer Connection Initiated with [AF_INET]192.0.2.9:1999`]);
    expect(event).toMatchObject({
      act: 'vpn-login',
      fields: { 'user.name': 'branch-1', 'einfallstor.vpn.auth_method': 'certificate' },
    });
    expect(story([`${P}192.0.2.9:1999 [UNDEF] Peer Connection Initiated with [AF_INET]192.0.2.9:1999`])[0]?.act).toBe(
      'vpn-negotiation',
    );
  });

  it('forgets a peer when its port is used again', () => {
    const events = story([...GOOD.slice(0, 8), `${P}TCP connection established with [AF_INET]192.0.2.23:50112`]);
    expect(events.at(-1)?.fields['user.name']).toBeUndefined();
  });
});

describe('openvpn: headers and forms', () => {
  const when = Date.UTC(2021, 10, 2, 8, 15, 30) * 1000;
  it.each([
    [
      'Tue Nov  2 08:15:30 2021 us=250000 192.0.2.4:1194 TLS: soft reset sec=3600/3600 bytes=12/-1 pkts=3/0',
      when + 250_000,
    ],
    ['Tue Nov  2 08:15:30 2021 192.0.2.4:1194 TLS: soft reset sec=3600', when],
    ['Nov  2 08:15:30 gw ovpn-office[812]: 192.0.2.4:1194 TLS: soft reset sec=3600', when],
    ['<29>Nov  2 08:15:30 openvpn[812]: 192.0.2.4:1194 TLS: soft reset sec=3600', when],
    [
      "2021-11-02T08:15:30+0000 [stdout#info] [OVPN 3] OUT: '2021-11-02 08:15:30 192.0.2.4:1194 TLS: soft reset sec=3600'",
      when,
    ],
    ['192.0.2.4:1194 TLS: soft reset sec=3600', undefined],
  ])('%s', (line, time) => {
    const { act, fields } = eventOf(openvpn, line);
    expect(act).toBe('vpn-negotiation');
    expect(fields['@timestamp']).toBe(time);
    expect(fields['source.port']).toBe(1194);
  });

  it('reads a prefix over IPv6, which has no port', () => {
    const { act, fields } = eventOf(openvpn, '2021-11-02 08:15:30 j.doe/2001:db8::4 TLS: soft reset sec=3600/3600');
    expect(act).toBe('vpn-negotiation');
    expect(fields).toMatchObject({ 'user.name': 'j.doe', 'source.ip': '2001:db8::4' });
    expect(fields['source.port']).toBeUndefined();
  });

  it.each([
    [
      `${P}AUTH-PAM: BACKGROUND: user 's.lang' failed to authenticate: Authentication failure`,
      'vpn-login',
      { 'user.name': 's.lang', 'event.outcome': 'failure' },
    ],
    [
      `${P}192.0.2.4:9 VERIFY ERROR: depth=0, error=certificate revoked: C=DE, CN=laptop-3, serial=17`,
      'vpn-login',
      { 'event.reason': 'error=certificate revoked', 'tls.client.subject': 'C=DE, CN=laptop-3, serial=17' },
    ],
    [
      `${P}TLS Error: cannot locate HMAC in incoming packet from [AF_INET]192.0.2.77:34001`,
      'vpn-negotiation',
      { 'source.ip': '192.0.2.77', 'event.outcome': 'failure' },
    ],
    [
      "Nov  2 08:15:30 pf openvpn[4411]: user 'r.vogt' could not authenticate.",
      'vpn-login',
      { 'user.name': 'r.vogt', 'event.outcome': 'failure' },
    ],
    [
      "Nov  2 08:15:30 pf openvpn[4411]: openvpn server 'ovpns1' user 'r.vogt' address '192.0.2.5' - disconnected",
      'vpn-session-end',
      { 'user.name': 'r.vogt', 'source.ip': '192.0.2.5' },
    ],
    [
      '2021:11:02-08:15:30 utm openvpn[2817]: id="2201" severity="info" sys="SecureNet" sub="vpn" event="Connection started" username="r.vogt" variant="ssl" srcip="192.0.2.5" virtual_ip="10.242.2.6"',
      'vpn-session-start',
      { 'user.name': 'r.vogt', 'source.ip': '192.0.2.5', 'einfallstor.vpn.assigned_ip': '10.242.2.6' },
    ],
    [`${P}Initialization Sequence Completed`, 'source-state', { 'event.action': 'process-state' }],
    [
      `${P}192.0.2.4:9 peer info: IV_HWADDR=00:00:5e:00:53:23`,
      'vpn-negotiation',
      { 'source.mac': '00-00-5E-00-53-23' },
    ],
  ])('%s', (line, act, fields) => {
    expect(eventOf(openvpn, line)).toMatchObject({ act, fields });
  });

  it('leaves other programs alone', () => {
    const lines = [
      'Nov  2 08:15:30 gw sshd[71]: Accepted password for x from 192.0.2.4 port 1 ssh2',
      'Nov  2 08:15:30 gw kernel: tun0: link up',
      '192.0.2.4 - - [02/Nov/2021:08:15:30 +0000] "GET / HTTP/1.1" 200 5',
    ];
    expect(readLines(openvpn, lines).map((o) => o.kind)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(recordsOf(lines).map((r) => openvpn.claims?.(r))).toEqual([false, false, false]);
  });
});

it('openvpn: survives hostile lines', () => {
  expectRobust(openvpn, GOOD);
});
