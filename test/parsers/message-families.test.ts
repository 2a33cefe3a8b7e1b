import { describe, expect, it } from 'vitest';
import checkpoint from '../../parsers/firewall/checkpoint.ts';
import asa from '../../parsers/firewall/cisco-asa.ts';
import meraki from '../../parsers/firewall/cisco-meraki.ts';
import huawei from '../../parsers/firewall/huawei-usg.ts';
import netscreen from '../../parsers/firewall/juniper-netscreen.ts';
import panos from '../../parsers/firewall/paloalto-panos.ts';
import sfos from '../../parsers/firewall/sophos-sfos.ts';
import utm from '../../parsers/firewall/sophos-utm.ts';
import stormshield from '../../parsers/firewall/stormshield.ts';
import ios from '../../parsers/network/cisco-ios.ts';
import strongswan from '../../parsers/vpn/strongswan.ts';
import type { Parser } from '../../src/parse/parser.ts';
import { eventOf, expectRobust, linesOf } from './lines.ts';

/** A failure taken for a success, a refused flow for one that passed, or a lost user misleads every rule behind a parser. */
type Case = readonly [
  what: string,
  parser: Parser,
  line: string,
  act: string,
  outcome: string | undefined,
  user: string | undefined,
  source: string | undefined,
];

const checkpointLine = (pairs: string): string =>
  `<134>1 2026-11-03T07:00:00Z cp CheckPoint 1 - [origin:"10.200.0.20"; time:"1793692800"; ${pairs} ]`;
const panosSystem = (subtype: string, event: string, text: string): string =>
  `1,2026/11/03 08:00:00,013201000001,SYSTEM,${subtype},2561,2026/11/03 08:00:00,,${event},,0,0,general,medium,${text},1,0x0`;
const fwEvent = (rest: string): string =>
  `device="SFW" date=2026-11-03 time=08:00:00 timezone="CET" log_id=062511318056 log_type="Event" ${rest}`;

const CASES: readonly Case[] = [
  [
    'a failed handshake is no success',
    asa,
    '%ASA-6-725006: Device failed SSL handshake with client outside:198.51.100.7/52144 to 203.0.113.1/443',
    'vpn-negotiation',
    'failure',
    undefined,
    '198.51.100.7',
  ],
  [
    'denied portal access keeps its user, without an address',
    asa,
    '%ASA-6-716004: Group <Staff> User <k.maier> WebVPN access DENIED to specified location: https://intra.example.org/',
    'vpn-negotiation',
    'failure',
    'k.maier',
    undefined,
  ],
  [
    'a tunnel of PPTP is a session',
    asa,
    '%ASA-6-603104: PPTP Tunnel created, tunnel_id is 7, remote_peer_ip is 198.51.100.7, ppp_virtual_interface_id is 1, client_dynamic_ip is 10.49.0.9, username is k.maier, MPPE_key_strength is 128 bits',
    'vpn-session-start',
    'success',
    'k.maier',
    '198.51.100.7',
  ],
  [
    'a lockout is no message like others',
    panos,
    panosSystem('auth', 'user-locked', "User 'k.maier' is locked out of auth profile 'GP' after 5 failed attempts"),
    'account-locked',
    'failure',
    'k.maier',
    undefined,
  ],
  [
    'an IKE message refused',
    sfos,
    fwEvent(
      'log_component="IPSec" log_subtype="System" status="Denied" user_name="" message="IKE message (198.51.100.7[500]) - no matching proposal"',
    ),
    'vpn-negotiation',
    'failure',
    undefined,
    '198.51.100.7',
  ],
  [
    'asking a directory is no login',
    utm,
    'id="3006" severity="info" sys="System" sub="auth" name="Trying 10.1.3.5 (adirectory)"',
    'other',
    undefined,
    undefined,
    undefined,
  ],
  [
    'a flow blocked by its application',
    meraki,
    '<134>1 1793692800.1 MX84 l7_firewall src=10.1.1.5 dst=198.51.100.9 protocol=tcp sport=51000 dport=443 decision=blocked',
    'flow-denied',
    'success',
    undefined,
    '10.1.1.5',
  ],
  [
    'a VPN user that IKE refused',
    checkpoint,
    checkpointLine(
      'action:"Reject"; product:"VPN-1 & FireWall-1"; src:"198.51.100.7"; dst:"203.0.113.1"; user:"k.maier"; scheme:"IKE"; reject_category:"User authentication failed";',
    ),
    'vpn-login',
    'failure',
    'k.maier',
    '198.51.100.7',
  ],
  [
    'a login to the gateway that its own sshd told',
    checkpoint,
    checkpointLine(
      'product:"Syslog"; default_device_message:"<86>sshd[8811]: Accepted password for admin from 10.1.8.40 port 51000 ssh2";',
    ),
    'admin-login',
    'success',
    'admin',
    '10.1.8.40',
  ],
  [
    'who changed a policy, not the word behind him',
    netscreen,
    'ns-1: NetScreen device_id=ns-1  [Root]system-notification-00018: Policy (99, Untrust->Trust, Any->Any,ANY, Permit) was added by admin via web from host 10.1.8.40 to 10.1.1.1:443. (2026-11-03 08:00:00)',
    'config-change',
    'success',
    'admin',
    '10.1.8.40',
  ],
  [
    'a drop of the data plane inside another message',
    ios,
    '<190>1: rtr1: Nov  3 08:00:00.123: %IOSXE-6-PLATFORM: R0/0: cpp_cp: QFP:0.0 Thread:001 TS:00 %FW-6-DROP_PKT: Dropping tcp pkt from GigabitEthernet1 198.51.100.7:41000 => 203.0.113.1:22 (target:class)-(a:b)',
    'flow-denied',
    'success',
    undefined,
    '198.51.100.7',
  ],
  [
    'a login told without pairs',
    huawei,
    '<189>Nov  3 2026 08:00:00 USG %%01SHELL/5/LOGIN(l)[3]:VTY login from IP:10.1.8.40. UserName:admin',
    'admin-login',
    'success',
    'admin',
    '10.1.8.40',
  ],
  [
    'a sentence that no table knows',
    stormshield,
    'id=firewall time="2026-11-03 08:00:00" fw="SN210" tz=+0100 startime="2026-11-03 08:00:00" pri=4 msg="Authentication failed for user root from 198.51.100.7" service=sshd logtype="system"',
    'login',
    'failure',
    'root',
    '198.51.100.7',
  ],
  [
    'a user that pluto refused',
    strongswan,
    'Nov  3 08:00:00 gw pluto[700]: "road"[3] 198.51.100.7 #5: XAUTH: User k.maier: Authentication Failed: Incorrect Username or Password',
    'vpn-login',
    'failure',
    'k.maier',
    '198.51.100.7',
  ],
];

describe('message families', () => {
  it.each(CASES)('%s', (_, parser, line, act, outcome, user, source) => {
    const event = eventOf(parser, line, { year: 2026 });
    expect({
      act: event.act,
      outcome: event.fields['event.outcome'],
      user: event.fields['user.name'],
      source: event.fields['source.ip'],
    }).toEqual({ act, outcome, user, source });
  });

  it('what is read by words says so', () => {
    const [, parser, line] = CASES.find(([, one]) => one === stormshield) as Case;
    expect(eventOf(parser, line, { year: 2026 }).fields['einfallstor.warnings']).toContain('read-by-words');
  });

  it.each([
    ['cisco-asa', asa],
    ['cisco-ios', ios],
    ['huawei-usg', huawei],
    ['strongswan', strongswan],
    ['sophos-utm', utm],
  ])('%s survives hostile lines', (id, parser) => expectRobust(parser, linesOf(`${id}/families`)));
});
