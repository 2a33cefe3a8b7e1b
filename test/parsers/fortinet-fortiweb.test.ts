import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import fortigate from '../../parsers/firewall/fortinet-fortigate.ts';
import fortiweb from '../../parsers/firewall/fortinet-fortiweb.ts';
import { eventOf, expectRobust, readLines } from './lines.ts';

const line = (rest: string, zone = 'timezone="(GMT+1:00)Berlin" timezone_dayst="GMTc-2"'): string =>
  `date=2021-07-02 time=08:15:30 log_id=20000010 msg_id=000139289631 device_id=FV-1KD3A15800072 ${zone} ${rest}`;

describe('fortinet-fortiweb', () => {
  it.each([
    ['timezone="(GMT+1:00)Berlin" timezone_dayst="GMTc-2"', 1_625_206_530_000_000, undefined],
    ['timezone="(GMT+1:00)Berlin"', 1_625_210_130_000_000, ['summer-time-unstated']],
    ['timezone="(GMT-5:00)Eastern Time"', 1_625_231_730_000_000, ['summer-time-unstated']],
  ])('%s', (zone, instant, warnings) => {
    const { fields } = eventOf(fortiweb, line('type=event action=x', zone));
    expect([fields['@timestamp'], fields['einfallstor.warnings']]).toEqual([instant, warnings]);
  });

  it.each([
    ['type=attack action=Alert_Deny src=198.51.100.23 signature_subclass="SQL Injection"', 'threat', 'failure'],
    ['type=attack action=Alert src=198.51.100.23', 'threat', 'success'],
    ['type=traffic status=success src=192.0.2.9 http_url="/"', 'http-request', 'success'],
    [
      'type=event user=admin ui=GUI action=login status=success msg="User admin login successfully from GUI(192.0.2.77)"',
      'admin-login',
      'success',
    ],
    [
      'type=event user=admin ui=GUI action=login status=failure msg="failed from GUI(192.0.2.77)"',
      'admin-login',
      'failure',
    ],
    [
      'type=event user=admin ui=GUI action=edit status=success msg="changed x from GUI(192.0.2.77)"',
      'config-change',
      'success',
    ],
  ])('%s', (rest, act, outcome) => {
    const event = eventOf(fortiweb, line(rest));
    expect([event.act, event.fields['event.outcome']]).toEqual([act, outcome]);
    if (rest.includes('GUI')) expect(event.fields['source.ip']).toBe('192.0.2.77');
  });

  it('and FortiGate leave each other alone', () => {
    const gate =
      'date=2021-11-02 time=08:15:30 devname="f" devid="FGT60F" logid="0000000013" type="traffic" subtype="forward" vd="root" action="accept"';
    expect(readLines(fortiweb, [gate])[0]?.kind).toBe('rejected');
    expect(readLines(fortigate, [line('type=attack subtype="waf" src=192.0.2.9')])[0]?.kind).toBe('rejected');
  });

  it('FortiProxy: one request is no second flow', () => {
    const proxy =
      'date=2021-11-02 time=08:15:30 devid="FPX4HE" logid="0099000099" type="traffic" subtype="http-transaction" vd="root" srcip=10.1.2.3 hostname="cloud.example" scheme="https" url="/a" statuscode=200 sentbyte=943 rcvdbyte=1932';
    const { act, fields } = eventOf(fortigate, proxy);
    expect([act, fields['observer.product'], fields['url.full']]).toEqual([
      'http-request',
      'FortiProxy',
      'https://cloud.example/a',
    ]);
    expect(eventOf(fortigate, `${proxy} utmaction="block"`).fields['event.outcome']).toBe('failure');
  });

  it('is robust', () => {
    const file = join(import.meta.dirname, '../../fixtures/parsers/fortinet-fortiweb/key-value/input.log');
    expectRobust(fortiweb, readFileSync(file, 'utf8').trim().split('\n'));
  });
});
