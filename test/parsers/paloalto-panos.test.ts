import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import panos from '../../parsers/firewall/paloalto-panos.ts';
import { eventOf, expectRobust, readLines, recordsOf } from './lines.ts';

const HEAD = '1,2021/11/02 08:15:30,013201004711';
const system = (subtype: string, event: string, text: string): string =>
  `${HEAD},SYSTEM,${subtype},2561,2021/11/02 08:15:30,,${event},,0,0,general,informational,"${text}",1,0x0,0,0,0,0,,pa-1`;
const protect = (event: string, status: string, more = ',,,,'): string =>
  `${HEAD},GLOBALPROTECT,0,2561,2021/11/02 08:15:30,vsys1,${event},login,LDAP,,corp\\b.lang,DE,NB-1,198.51.100.23,0.0.0.0,10.90.0.7,0.0.0.0,id,,5.2.9,Windows,"Windows 10 , 64-bit",1${more}${status},,0,,0,gw,1,0x0`;
const traffic = (subtype: string, action: string): string =>
  `${HEAD},TRAFFIC,${subtype},2561,2021/11/02 08:15:30,10.1.1.1,198.51.100.7,203.0.113.4,198.51.100.7,rule,corp\\b.lang,,ssl,vsys1,in,out,e1,e2,log,x,77,1,50112,443,61001,443,0x0,tcp,${action},300,100,200,3,2021/11/02 08:15:00,30,any,0,1,0x0,a,b,0,1,2,tcp-fin`;

describe('paloalto-panos: time', () => {
  it.each([
    ['local, without zone', '', 1_635_840_930_000_000, 'assumed'],
    ['the high-resolution time beside it', '2021-11-02T08:15:30.250+01:00', 1_635_837_330_250_000, 'stated'],
    ['logged late: its offset alone', '2021-11-02T08:17:00.250+01:00', 1_635_837_330_000_000, 'stated'],
  ])('%s', (_, high, instant, basis) => {
    const { fields } = eventOf(panos, `${system('general', 'general', 'x')},0,0,${high}`);
    expect([fields['@timestamp'], fields['einfallstor.time.basis']]).toEqual([instant, basis]);
  });
});

describe('paloalto-panos: acts', () => {
  it.each([
    [traffic('start', 'allow'), 'flow-start', 'success'],
    [traffic('end', 'allow'), 'flow', 'success'],
    [traffic('drop', 'deny'), 'flow-denied', 'success'],
    [traffic('end', 'reset-both'), 'flow-denied', 'success'],
    [protect('portal-auth', 'success'), 'vpn-login', 'success'],
    [protect('gateway-auth', 'failure'), 'vpn-login', 'failure'],
    [protect('gateway-prelogin', 'failure'), 'vpn-negotiation', 'failure'],
    [protect('gateway-getconfig', 'success'), 'vpn-address-assigned', 'success'],
    [protect('gateway-connected', 'success'), 'vpn-session-start', 'success'],
    [protect('gateway-logout', 'success'), 'vpn-session-end', 'success'],
    [system('general', 'general', 'User b.lang logged in via CLI from 10.1.1.9'), 'admin-login', 'success'],
    [
      system('general', 'general', "User 'b.lang' failed authentication. Reason: x From: 192.0.2.7."),
      'login',
      'failure',
    ],
    [system('auth', 'auth-success', "authenticated for user 'corp\\b.lang'. From: 192.0.2.7."), 'login', 'success'],
    [system('general', 'general', 'Session for user b.lang via Web from 10.1.1.9 timed out'), 'logout', 'success'],
    [system('general', 'general', 'config logs cleared by user b.lang'), 'log-cleared', 'success'],
  ])('%s', (line, act, outcome) => {
    const event = eventOf(panos, line);
    expect([event.act, event.fields['event.outcome'], event.fields['user.name']]).toEqual([act, outcome, 'b.lang']);
  });

  it('counts a session from its client', () => {
    const { fields } = eventOf(panos, traffic('end', 'allow'));
    expect(fields).toMatchObject({
      'source.bytes': 100,
      'destination.bytes': 200,
      'source.nat.ip': '203.0.113.4',
      'event.duration': 30e9,
      'rule.name': 'rule',
      'user.domain': 'corp',
    });
  });

  it('tells the template of the device from the logging service in CEF', () => {
    const bytes = 'src=10.1.1.1 dst=198.51.100.7 act=allow in=1 out=2';
    const [device, service] = readLines(panos, [
      `CEF:0|Palo Alto Networks|PAN-OS|10.0|end|TRAFFIC|1|${bytes}`,
      `CEF:0|Palo Alto Networks|LF|2.0|TRAFFIC|end|3|${bytes}`,
    ]);
    expect(device).toMatchObject({ fields: { 'source.bytes': 1, 'destination.bytes': 2 } });
    expect(service).toMatchObject({ fields: { 'source.bytes': 2, 'destination.bytes': 1 } });
  });

  it('leaves other comma lists alone', () => {
    const lines = ['1,2,3,TRAFFIC-LIGHTS,x', '2021/11/02 08:15:30,a,b,SYSTEM,x', '{"LogType":"THREAT"}'];
    expect(readLines(panos, lines).map((o) => o.kind)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(panos.recognise({ records: recordsOf(lines) }).certainty).toBe(0);
  });
});

it('paloalto-panos is robust', () => {
  const folder = join(import.meta.dirname, '../../fixtures/parsers/paloalto-panos');
  const lines = ['csv', 'other-forms'].flatMap((name) =>
    readFileSync(join(folder, name, 'input.log'), 'utf8')
      .trim()
      .split('\n'),
  );
  expectRobust(panos, lines);
});

describe('paloalto-panos: the name of a threat', () => {
  const threat = (id: string): string =>
    `${HEAD},THREAT,vulnerability,2561,2021/11/02 08:15:30,192.0.2.66,203.0.113.21,,,rule,,,ssl,vsys1,in,out,e1,e2,log,x,77,1,50112,443,0,0,0x0,tcp,alert,,${id},any,high`;

  it.each([
    ['SSH User Authentication Brute Force Attempt(40015)', 'SSH User Authentication Brute Force Attempt', '40015'],
    ['Overflow (CVE-2021-44228) (92001)', 'Overflow (CVE-2021-44228)', '92001'],
    ['(9999)', undefined, '9999'],
    ['40015', undefined, '40015'],
    ['Foo (bar)', 'Foo (bar)', undefined],
  ])('%s', (text, name, code) => {
    const { fields } = eventOf(panos, threat(text));
    expect([fields['threat.indicator.name'], fields['event.code']]).toEqual([name, code]);
  });

  it('is read in linear time', () => {
    const begun = performance.now();
    eventOf(panos, threat(`x${' '.repeat(30_000)}y`));
    expect(performance.now() - begun).toBeLessThan(1000); // tens of seconds when the pattern was quadratic
  });
});
