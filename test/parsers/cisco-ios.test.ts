import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import ios from '../../parsers/network/cisco-ios.ts';
import { eventOf, expectRobust, readLines, recordsOf } from './lines.ts';

const AT = 'sw-1: Nov  2 2021 08:15:30.250 CET:';

describe('cisco-ios: header', () => {
  it.each([
    ['bare', 'Nov  2 08:15:30.250 CET:', undefined],
    ['sequence', '4711: Nov  2 08:15:30.250 CET:', undefined],
    ['host', 'sw-1: Nov  2 2021 08:15:30.250 CET:', 'sw-1'],
    ['priority, sequence, host', '<189>4711: sw-1: Nov  2 08:15:30.250 CET:', 'sw-1'],
    ['relay', 'Nov  2 08:15:31 192.0.2.1 4711: Nov  2 08:15:30.250 CET:', '192.0.2.1'],
    ['relay and host', 'Nov  2 08:15:31 192.0.2.1 4711: sw-1: Nov  2 08:15:30.250 CET:', 'sw-1'],
    ['year in front (NX-OS)', '2021 Nov  2 08:15:30.250 CET:', undefined],
    ['IOS XR', 'RP/0/RSP0/CPU0:Nov  2 08:15:30.250 CET: config[1]:', undefined],
  ])('%s', (_, head, host) => {
    const { fields } = eventOf(ios, `${head} %SYS-5-CONFIG_I: Configured from console by b.lang on vty0 (10.0.0.9)`);
    expect([fields['@timestamp'], fields['observer.name']]).toEqual([1_635_837_330_250_000, host]);
  });

  it('trusts the relay rather than a clock without a server', () => {
    const line = 'Nov  2 08:15:31 192.0.2.1 7: *Mar  5 00:00:42.031: %SYS-5-RESTART: System restarted --';
    const { fields } = eventOf(ios, line);
    expect(fields['@timestamp']).toBe(1_635_840_931_000_000);
    expect(fields['einfallstor.warnings']).toContain('clock-unsynchronised');
  });

  it('takes no time from a clock that was never set', () => {
    const { fields } = eventOf(ios, '*Mar  1 00:00:42.031: %SYS-5-RESTART: System restarted --');
    expect(fields['@timestamp']).toBeUndefined();
  });
});

describe('cisco-ios: acts', () => {
  it.each([
    ['%SEC-6-IPACCESSLOGP: list 1 denied tcp 192.0.2.7(40112) -> 10.0.0.1(3389), 1 packet', 'flow-denied', 'success'],
    ['%SEC-6-IPACCESSLOGDP: list 1 permitted icmp 192.0.2.7 -> 10.0.0.1 (8/0), 1 packet', 'flow', 'success'],
    [
      '%SEC_LOGIN-5-LOGIN_SUCCESS: Login Success [user: b.lang] [Source: 192.0.2.7] [localport: 22] at',
      'admin-login',
      'success',
    ],
    [
      '%SEC_LOGIN-4-LOGIN_FAILED: Login failed [user: failed] [Source: 192.0.2.7] [localport: 22] [Reason: x] at',
      'admin-login',
      'failure',
    ],
    [
      "%SSH-5-SSH2_USERAUTH: User 'b.lang' authentication for SSH2 Session from 192.0.2.7 (tty = 0) using x Failed",
      'admin-login',
      'failure',
    ],
    [
      "%WEBSERVER-5-LOGIN_PASSED: R0/0: nginx: Login Successful from host 192.0.2.7 by user 'b.lang' using x",
      'admin-login',
      'success',
    ],
    ['%SYS-5-CONFIG_I: Configured from console by b.lang on vty0 (192.0.2.7)', 'config-change', 'success'],
    [
      '%SSLVPN-5-LOGIN_AUTH_PASSED: vw_ctx: a vw_gw: b remote_ip: 192.0.2.7 user_name: b.lang, Authentication successful',
      'vpn-login',
      'success',
    ],
  ])('%s', (line, act, outcome) => {
    const event = eventOf(ios, `${AT} ${line}`);
    expect([event.act, event.fields['event.outcome'], event.fields['source.ip']]).toEqual([act, outcome, '192.0.2.7']);
  });

  it('names the account that a command makes, and no change for one that only reads', () => {
    const [made, read] = readLines(ios, [
      `${AT} %PARSER-5-CFGLOG_LOGGEDCMD: User:b.lang  logged command:username svc privilege 15`,
      `${AT} %AAAA-6-ACCTLOCAL: Username: b.lang Privilege level: 15 Command: show running-config <cr>`,
    ]);
    expect(made).toMatchObject({ act: 'config-change', fields: { 'user.name': 'b.lang', 'user.target.name': 'svc' } });
    expect(read).toMatchObject({ act: 'other', fields: { 'process.command_line': 'show running-config' } });
  });

  it('leaves ASA and FTD alone', () => {
    const lines = [`${AT} %ASA-6-302013: Built outbound`, `${AT} %FTD-6-430002: SrcIP: 10.0.0.1`, 'CPU 90%-5-x'];
    expect(readLines(ios, lines).map((o) => o.kind)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(ios.recognise({ records: recordsOf(lines) }).certainty).toBe(0);
  });

  it('is robust', () => {
    const file = join(import.meta.dirname, '../../fixtures/parsers/cisco-ios/syslog/input.log');
    expectRobust(ios, readFileSync(file, 'utf8').trim().split('\n'));
  });
});
