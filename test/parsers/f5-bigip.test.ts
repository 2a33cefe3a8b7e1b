import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import linuxAuth from '../../parsers/auth/linux-auth.ts';
import f5 from '../../parsers/firewall/f5-bigip.ts';
import type { Outcome } from '../../src/parse/parser.ts';
import { eventOf, expectRobust, readLines, recordsOf } from './lines.ts';

const apm = (text: string, session = 'ab12cd34'): string =>
  `Nov  2 08:31:00 bigip1 notice apmd[14311]: 01490000:5: /Common/vpn:Common:${session}: ${text}`;
const fieldsOf = (outcome: Outcome | undefined) => (outcome?.kind === 'event' ? outcome.fields : {});

describe('f5-bigip', () => {
  it('knows whose session a line is about', () => {
    const outcomes = readLines(f5, [
      apm('New session from client IP 192.0.2.7 (ST=/CC=DE/C=EU) at VIP 203.0.113.20 Listener /Common/vs'),
      apm("Username 'k.maier'"),
      apm("Username 'm.roth'", '99999999'),
      apm(
        'Assigned PPP Dynamic IPv4: 10.90.0.14 Tunnel Type: VPN_TUNNELTYPE_TLS NA Resource: /Common/na Client IP: 192.0.2.7',
      ),
      apm('Session statistics - bytes in: 2048000, bytes out: 91000'),
      apm('Session deleted due to user logout request.'),
    ]);
    expect(outcomes.map((o) => (o.kind === 'event' ? o.act : o.kind))).toEqual([
      'vpn-negotiation',
      'vpn-negotiation',
      'vpn-negotiation',
      'vpn-address-assigned',
      'vpn-session-end',
      'vpn-session-end',
    ]);
    expect(fieldsOf(outcomes[3])).toMatchObject({
      'user.name': 'k.maier',
      'source.ip': '192.0.2.7',
      'einfallstor.vpn.assigned_ip': '10.90.0.14',
      'einfallstor.vpn.session_id': 'ab12cd34',
    });
    expect(fieldsOf(outcomes[4])).toMatchObject({
      'user.name': 'k.maier',
      'source.bytes': 2_048_000,
      'destination.bytes': 91_000,
    });
    expect(fieldsOf(outcomes[2])['source.ip']).toBeUndefined();
  });

  it.each([
    ["AD agent: Auth (logon attempt:0): authenticate with 'k.maier' successful", 'vpn-login', 'success'],
    ["AD agent: Auth (logon attempt:1): authenticate with 'k.maier' failed", 'vpn-login', 'failure'],
    // the reason beside the agent's line: counted once
    ["AD module: authentication with 'k.maier' failed: Preauthentication failed", 'vpn-negotiation', 'failure'],
    ['Access policy result: Network_Access', 'vpn-session-start', 'success'],
    ['Access policy result: Logon_Deny', 'vpn-negotiation', 'failure'],
    ['allow ACL: /Common/a:4 packet: tcp 10.90.0.14:59407 -> 10.1.0.5:443', 'flow-start', 'success'],
    ['discard ACL: /Common/a:0 packet: tcp 10.90.0.14:59407 -> 10.1.0.5:443', 'flow-denied', 'success'],
  ])('%s', (text, act, outcome) => {
    const event = eventOf(f5, apm(text));
    expect([event.act, event.fields['event.outcome']]).toEqual([act, outcome]);
  });

  it.each([
    ['modify ltm pool x', 'config-change'],
    ['create auth user eve', 'config-change'],
    ['list ltm pool', 'other'],
    ['cd / ;', 'other'],
  ])('tmsh: %s', (command, act) => {
    const text = `tmsh[7]: 01420002:5: AUDIT - pid=7 user=root folder=/ module=(tmos)# status=[Command OK] cmd_data=${command}`;
    const event = eventOf(f5, text);
    expect([event.act, event.fields['user.name'], event.fields['process.command_line']]).toEqual([
      act,
      'root',
      command,
    ]);
  });

  it('reads a request that spans lines, and the address behind an empty src', () => {
    const cef =
      'CEF:0|F5|ASM|11.3.0|2000|Automated client|5|act=blocked src=198.51.100.23 cs3Label=full_request cs3=GET /a HTTP/1.0\nUser-Agent: Wget/1.12\nHost: portal.example.com';
    expect(eventOf(f5, cef).fields).toMatchObject({
      'user_agent.original': 'Wget/1.12',
      'url.domain': 'portal.example.com',
    });
    const v6 =
      'CEF:0|F5|Advanced Firewall Module|15|23003137|Network Event|8|src= dst= act=Drop c6a2=2001:db8::7 c6a2Label=source_address c6a3=2001:db8::9 c6a3Label=destination_address';
    const event = eventOf(f5, v6);
    expect([event.act, event.fields['source.ip'], event.fields['destination.ip']]).toEqual([
      'flow-denied',
      '2001:db8::7',
      '2001:db8::9',
    ]);
  });

  it('claims no plain sshd or httpd', () => {
    const [ssh, web] = recordsOf([
      'Nov  2 08:31:00 host sshd[77]: Accepted password for root from 192.0.2.7 port 22 ssh2',
      '192.0.2.7 - - [02/Nov/2021:08:31:00 +0100] "GET / HTTP/1.1" 200 1',
    ]);
    expect([f5.claims?.(ssh as never), f5.claims?.(web as never), linuxAuth.claims?.(ssh as never)]).toEqual([
      false,
      false,
      true,
    ]);
  });

  it.each(['apm', 'asm-and-afm', 'management-and-ltm'])('is robust: %s', (name) => {
    const file = join(import.meta.dirname, '../../fixtures/parsers/f5-bigip', name, 'input.log');
    expectRobust(f5, readFileSync(file, 'utf8').trim().split('\n'));
  });
});
