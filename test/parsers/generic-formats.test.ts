import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import genericCef from '../../parsers/generic/generic-cef.ts';
import genericKeyValue from '../../parsers/generic/generic-key-value.ts';
import genericLeef from '../../parsers/generic/generic-leef.ts';
import { readLabels } from '../../src/parse/kit/cef-fields.ts';
import { eventOf, expectRobust, readLines } from './lines.ts';

const cef = (name: string, rest = '', severity = '3'): string => `CEF:0|Example|Thing|1|7|${name}|${severity}|${rest}`;

describe('generic-cef', () => {
  it.each([
    ['User login failed', 'src=192.0.2.7 suser=k.maier', 'login', 'failure'],
    ['User login', 'src=192.0.2.7 suser=k.maier outcome=success', 'login', 'success'],
    ['VPN login', 'src=192.0.2.7 suser=k.maier', 'vpn-login', 'success'],
    ['Administrator login', 'src=192.0.2.7 suser=a', 'admin-login', 'success'],
    ['UserLoggedOut', 'suser=k.maier', 'logout', 'success'],
    ['Connection', 'src=192.0.2.7 dst=10.1.0.5 dpt=22 act=deny', 'flow-denied', 'success'],
    ['Connection', 'src=192.0.2.7 dst=10.1.0.5 dpt=22 act=allow', 'flow', 'success'],
    // a connection to a service of that name is no login
    ['login service', 'src=192.0.2.7 dst=10.1.0.5 dpt=513 act=allow', 'flow', 'success'],
    ['Malware found', 'suser=k.maier', 'threat', undefined],
    ['Something', 'src=192.0.2.7', 'other', undefined],
  ])('%s %s', (name, rest, act, outcome) => {
    const event = eventOf(genericCef, cef(name, rest));
    expect([event.act, event.fields['event.outcome']]).toEqual([act, outcome]);
  });

  it('names custom fields by their labels', () => {
    expect(
      Object.fromEntries(
        readLabels(
          new Map([
            ['cs1', 'a'],
            ['cs1Label', 'Rule Name'],
            ['cn1', '1'],
            ['cn1Label', 'src'],
            ['src', 'b'],
          ]),
        ),
      ),
    ).toEqual({
      rule_name: 'a',
      cn1: '1',
      src: 'b',
    });
  });

  it.each([
    ['rt=1635837330123', 1_635_837_330_123_000, 'stated'],
    ['rt=Nov 02 2021 08:15:30 CET', 1_635_837_330_000_000, 'stated'],
    ['rt=Nov 02 2021 08:15:30 dtz=Europe/Berlin', 1_635_837_330_000_000, 'stated'],
    ['startTime=Tue Nov  2 08:15:30 2021', 1_635_840_930_000_000, 'assumed'],
  ])('time %s', (rest, instant, basis) => {
    const { fields } = eventOf(genericCef, cef('x', rest));
    expect([fields['@timestamp'], fields['einfallstor.time.basis']]).toEqual([instant, basis]);
  });

  it('says that products differ in what in and out mean', () => {
    const { fields } = eventOf(genericCef, cef('x', 'rt=1635837330123 src=192.0.2.7 dst=10.1.0.5 in=1 out=2'));
    expect(fields).toMatchObject({
      'source.bytes': 1,
      'destination.bytes': 2,
      'einfallstor.warnings': ['direction-of-bytes-by-standard'],
    });
  });
});

describe('generic-leef', () => {
  it.each([
    ['LEEF:1.0|E|T|1|Permit|', '\t'],
    ['LEEF:2.0|E|T|1|Permit|^|', '^'],
    ['LEEF:2.0|E|T|1|Permit|0x7C|', '|'],
    ['<13>Nov  2 08:15:30 h LEEF:1.0|E|T|1|Permit|', '#011'],
  ])('%s', (head, delimiter) => {
    const { act, fields } = eventOf(
      genericLeef,
      head + ['src=192.0.2.7', 'dst=10.1.0.5', 'srcBytes=5'].join(delimiter),
    );
    expect([act, fields['source.ip'], fields['source.bytes']]).toEqual(['flow', '192.0.2.7', 5]);
  });

  it('reads days before months where the format says so', () => {
    const line = 'LEEF:1.0|E|T|1|x|devTimeFormat=dd/MM/yyyy HH:mm:ss\tdevTime=03/11/2021 08:15:30';
    expect(eventOf(genericLeef, line).fields['@timestamp']).toBe(1_635_927_330_000_000);
  });
});

describe('generic-key-value', () => {
  it('the words before the pairs say how it ended', () => {
    const line = 'Oct 31 23:14:07 h portald[1]: authentication failure; rhost=203.0.113.9 user=kim msg=Authentication';
    expect(eventOf(genericKeyValue, line)).toMatchObject({ act: 'login', fields: { 'event.outcome': 'failure' } });
  });

  it.each([
    ['src=192.0.2.7 dst=10.1.0.5 action=deny', 'flow-denied'],
    ['Src-IP="192.0.2.7", Dst_Ip="10.1.0.5", Action="allow"', 'flow'],
    ['user=k.maier event=login result=failed', 'login'],
  ])('%s', (line, act) => expect(eventOf(genericKeyValue, line).act).toBe(act));

  it.each([
    'a=1 b=2 c=3',
    'src=nowhere dst=there action=deny',
    'user=k.maier',
    cef('x', 'src=192.0.2.7 dst=10.1.0.5 act=deny'),
    'plain words',
  ])('leaves %s to others', (line) => expect(readLines(genericKeyValue, [line])[0]?.kind).toBe('rejected'));
});

it.each([
  ['generic-cef', genericCef],
  ['generic-leef', genericLeef],
  ['generic-key-value', genericKeyValue],
])('%s is robust', (id, parser) => {
  const file = join(import.meta.dirname, '../../fixtures/parsers', id, 'any-product/input.log');
  expectRobust(parser, readFileSync(file, 'utf8').trim().split('\n'));
});
