import { describe, expect, it } from 'vitest';
import netscaler from '../../parsers/vpn/citrix-netscaler.ts';
import { eventOf, expectRobust, readLines } from './lines.ts';

const HEAD = '07/18/2023:21:14:05 GMT gate-n1 0-PPE-0 : default ';
const LINES = [
  `${HEAD}SSLVPN LOGIN 5 0 : Context kim@198.51.100.77 - SessionId: 204 - User kim - Client_ip 198.51.100.77 - Nat_ip 10.44.0.18 - Vserver 192.0.2.20:443 - Browser_type "A - B" - Group(s) "Staff"`,
  `${HEAD}AAA LOGIN_FAILED 6 0 : User kim - Client_ip 198.51.100.77 - Failure_reason "denied" - Browser curl`,
  `${HEAD}CLI CMD_EXECUTED 7 0 : User ops - Remote_ip 10.1.0.4 - Command "add system user x -timeout 9" - Status "Success"`,
  'CEF:0|Citrix|NetScaler|NS13.1|APPFW|APPFW_SQL|6|src=203.0.113.41 spt=5 method=GET request=https://w.example.org/ msg=m cs1=p act=blocked',
  'nsroot on /dev/pts/0 shell_command="id"',
];

describe('citrix-netscaler', () => {
  it.each([
    [
      'vpn-login',
      { 'einfallstor.vpn.assigned_ip': '10.44.0.18', 'user_agent.original': 'A - B', 'event.outcome': 'success' },
    ],
    ['vpn-login', { 'event.outcome': 'failure', 'event.reason': 'denied', 'source.ip': '198.51.100.77' }],
    ['config-change', { 'einfallstor.change.object': 'system user x', 'user.name': 'ops' }],
    ['threat', { 'rule.name': 'p', 'url.domain': 'w.example.org', 'source.port': 5 }],
    ['process-start', { 'process.command_line': 'id', 'user.name': 'nsroot' }],
  ])('reads %s', (act, fields) => {
    const n = LINES.findIndex((line) => eventOf(netscaler, line).act === act && hasAll(line, fields));
    expect(n).toBeGreaterThanOrEqual(0);
  });

  it('learns the order of day and month', () => {
    const lines = ['19/07/2023', '05/07/2023'].map(
      (d) => `${d}:06:01:00 GMT g 0-PPE-0 : default AAA LOGIN_FAILED 1 0 : User x`,
    );
    const times = readLines(netscaler, lines).map((o) => (o.kind === 'event' ? o.fields['@timestamp'] : undefined));
    expect(times).toEqual([19, 5].map((day) => Date.UTC(2023, 6, day, 6, 1) * 1000));
  });

  it('never throws, never takes long', () => expectRobust(netscaler, LINES));
});

const hasAll = (line: string, fields: object): boolean => {
  const got = eventOf(netscaler, line).fields;
  return Object.entries(fields).every(([name, value]) => got[name] === value);
};
