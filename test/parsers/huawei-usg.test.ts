import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import usg from '../../parsers/firewall/huawei-usg.ts';
import { eventOf, expectRobust, readLines } from './lines.ts';

const AT = '<190>Oct 31 2021 23:14:07 USG-1 %%01';

describe('huawei-usg', () => {
  it.each([
    ['SECLOG/6/SESSION_TEARDOWN(l):SourceIP=10.0.0.9,SendBytes=5,RcvBytes=7', 'flow', 'success'],
    ['POLICY/6/POLICYPERMIT(l):vsys=public, source-ip=10.0.0.9', 'flow-start', 'success'],
    ['POLICY/6/POLICYDENY(l):vsys=public, source-ip=10.0.0.9', 'flow-denied', 'success'],
    ['URL/4/FILTER(l): Matched. (SrcIp=10.0.0.9, Action=Block)', 'threat', 'failure'],
    ['URL/4/FILTER(l): Matched. (SrcIp=10.0.0.9, Action=Alert)', 'http-request', undefined],
    ['IPS/4/DETECT(l): Found. (SrcIp=10.0.0.9, Action=Alert)', 'threat', 'success'],
    ['SHELL/5/LOGIN(s)[1]:In. (UserName=kim, Ip=10.0.0.9)', 'admin-login', 'success'],
    ['SHELL/4/LOGINFAILED(s)[1]:Failed. (Ip=10.0.0.9, UserName=kim)', 'admin-login', 'failure'],
    ['SSH/4/SSH_FAIL(s)[1]:Failed. (IP=10.0.0.9, UserName=kim)', 'admin-login', 'failure'],
    ['SSLVPN/6/USERLOGINSUCC(l):CID=0x1;Ok. (User Name=kim, Client IP=10.0.0.9)', 'vpn-login', 'success'],
    ['SSLVPN/4/USERLOGINFAIL(l):CID=0x1;No. (User Name=kim, Client IP=10.0.0.9)', 'vpn-login', 'failure'],
    ['SSLVPN/6/USERLOGOUT(l):CID=0x1;Out. (User Name=kim, Client IP=10.0.0.9)', 'vpn-session-end', undefined],
    ['SHELL/5/CMDRECORD(s)[1]:Cmd. (Ip=10.0.0.9, User=kim, Command="undo x")', 'config-change', 'success'],
    ['SHELL/5/CMDRECORD(s)[1]:Cmd. (Ip=10.0.0.9, User=kim, Command="display x")', 'other', undefined],
    ['NEW/6/THING(l):Something of 10.0.0.9. (Ip=10.0.0.9)', 'other', undefined],
  ])('%s', (text, act, outcome) => {
    const event = eventOf(usg, AT + text);
    expect([event.act, event.fields['event.outcome']]).toEqual([act, outcome]);
    expect(event.fields).toMatchObject({ 'source.ip': '10.0.0.9', 'observer.name': 'USG-1' });
  });

  it('keeps values that hold commas and equals signs', () => {
    const { fields } = eventOf(usg, `${AT}X/6/Y(l):T. (Note="a, b", Event=C: D: e.example, Ip=10.0.0.9).`);
    expect(fields['huawei.usg.note']).toBe('a, b');
    expect(fields['threat.indicator.name']).toBe('C: D: e.example');
  });

  it('ties a login and its end by CID', () => {
    const line = `${AT}SSLVPN/6/USERLOGINSUCC(l):CID=0x80d1;User login. (User Name=kim, Virtual IP=10.9.0.5)`;
    expect(eventOf(usg, line).fields).toMatchObject({
      'einfallstor.vpn.session_id': '0x80d1',
      'einfallstor.vpn.assigned_ip': '10.9.0.5',
    });
  });

  it.each([
    ['Sep 9 11:56:41 10.1.1.1 2021-10-31 23:14:07 FW %%01', '2021-10-31T23:14:07Z'],
    ['Oct 31 2021 23:14:07+01:00 DST FW %%01', '2021-10-31T22:14:07Z'],
    ['2021/10/31 23:14:07 FW %%01', '2021-10-31T23:14:07Z'],
  ])('head %s', (head, time) => {
    const { fields } = eventOf(usg, `${head}A/1/B(l):x`);
    expect([fields['@timestamp'], fields['observer.name']]).toEqual([Date.parse(time) * 1000, 'FW']);
  });

  it('leaves Comware alone', () => {
    expect(readLines(usg, ['<190>Oct 31 23:14:07 2021 H3C %%10SHELL/5/LOGIN: kim'])[0]?.kind).toBe('rejected');
  });

  it('is robust', () => {
    const file = join(import.meta.dirname, '../../fixtures/parsers/huawei-usg/usg/input.log');
    expectRobust(usg, readFileSync(file, 'utf8').trim().split('\n'));
  });
});
