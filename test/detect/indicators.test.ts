import { describe, expect, it } from 'vitest';
import { DAY } from '../../src/core/time.ts';
import { NO_CONTEXT } from '../../src/detect/context.ts';
import { readValue, urlKey } from '../../src/detect/indicators/indicator.ts';
import { readIndicators } from '../../src/detect/indicators/lists.ts';
import { indicatorMatches } from '../../src/detect/indicators/matches.ts';
import type { StoredEvent } from '../../src/ecs/event.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { event, vpnLogin } from './events.ts';

const values = (content: string): string[] =>
  readIndicators(content, 'list').indicators.map(({ kind, value }) => `${kind} ${value}`);

describe('a value', () => {
  it.each([
    ['203.0.113[.]9', 'ip', '203.0.113.9'],
    ['2001:0DB9::1', 'ip', '2001:db9::1'],
    ['45.9.0.0/16', 'network', '45.9.0.0/16'],
    ['Evil[.]Example', 'domain', 'evil.example'],
    ['hxxps://Evil[.]example:443/A?b=1', 'url', 'evil.example/A?b=1'],
    ['D41D8CD98F00B204E9800998ECF8427E', 'hash', 'd41d8cd98f00b204e9800998ecf8427e'],
    ['Chef@evil.example', 'email', 'chef@evil.example'],
  ])('%s is %s %s', (given, kind, value) => {
    expect(readValue(given)).toMatchObject({ kind, value });
  });

  it.each(['10.0.0.1', '192.168.0.0/16', 'word', '', 'a b', 'user@host', 'not/a/network'])('%j is none', (given) => {
    expect(readValue(given)).toBeUndefined();
  });

  it('of a page has neither scheme nor port', () => {
    expect(urlKey('HTTP://u@Evil.example:8080')).toBe('evil.example/');
    expect(urlKey('/relative')).toBeUndefined();
  });
});

describe('lists', () => {
  it('may be plain', () => {
    expect(values('# remark\n45.9.1.2 # c2\n\nevil[.]example\r\n10.0.0.1\n')).toEqual([
      'ip 45.9.1.2',
      'domain evil.example',
    ]);
    expect(readIndicators('10.0.0.1\n45.9.1.2', 'list').skipped).toBe(1);
  });

  it('may be CSV with and without head', () => {
    const list = readIndicators('value;description;valid_until\n45.9.1.2;"C2; loader";2024-10-05\nx;y;z\n', 'list.csv');
    expect(list).toMatchObject({ skipped: 1, indicators: [{ value: '45.9.1.2', source: 'list.csv: C2; loader' }] });
    expect(list.indicators[0]?.until).toBe(Date.UTC(2024, 9, 5) * 1000);
    expect(values('45.9.1.2,c2\nevil.example,page\n')).toEqual(['ip 45.9.1.2', 'domain evil.example']);
  });

  it('may be a STIX bundle', () => {
    const indicator = (pattern: string, more: object = {}): object => ({
      type: 'indicator',
      name: 'set',
      pattern,
      ...more,
    });
    const bundle = {
      type: 'bundle',
      objects: [
        indicator("[ipv4-addr:value = '45.9.1.2' OR domain-name:value = 'evil.example']", {
          valid_from: '2024-10-01T00:00:00Z',
        }),
        indicator("[file:hashes.'SHA-256' = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa']"),
        indicator("[ipv4-addr:value ISSUBSET '45.9.0.0/16']"),
        indicator("[domain-name:value IN ('a.example', 'b.example')]"),
        indicator("[ipv4-addr:value = '45.9.1.3'] FOLLOWEDBY [domain-name:value = 'c.example']"),
        indicator("[ipv4-addr:value = '45.9.1.4']", { revoked: true }),
        { type: 'malware', name: 'x' },
      ],
    };
    const list = readIndicators(JSON.stringify(bundle), 'bundle.json');
    expect(list.indicators.map(({ value }) => value)).toEqual([
      '45.9.1.2',
      'evil.example',
      'a'.repeat(64),
      '45.9.0.0/16',
      'a.example',
      'b.example',
    ]);
    expect(list).toMatchObject({
      skipped: 1,
      indicators: [{ source: 'bundle.json: set', from: Date.UTC(2024, 9, 1) * 1000 }, {}, {}, {}, {}, {}],
    });
  });

  it('may be a MISP event', () => {
    const content = JSON.stringify({
      Event: {
        info: 'campaign',
        Attribute: [
          { type: 'ip-dst|port', value: '45.9.1.2|443', to_ids: true },
          { type: 'ip-src', value: '45.9.1.3', to_ids: false },
          { type: 'comment', value: 'evil.example' },
        ],
        Object: [{ Attribute: [{ type: 'filename|md5', value: 'a.exe|d41d8cd98f00b204e9800998ecf8427e' }] }],
      },
    });
    expect(values(content)).toEqual(['ip 45.9.1.2', 'hash d41d8cd98f00b204e9800998ecf8427e']);
    expect(readIndicators(content, 'misp.json').indicators[0]?.source).toBe('misp.json: campaign');
  });

  it('that are broken have nothing', () => {
    for (const content of ['', '{', '{}', '[]', '\0\0', '{"type":"bundle","objects":7}'])
      expect(values(content)).toEqual([]);
  });
});

describe('matches', () => {
  const matched = (list: string, events: readonly StoredEvent[]) =>
    indicatorMatches(readIndicators(list, 'list').indicators).run({
      store: memoryStore(events),
      context: NO_CONTEXT,
      countries: undefined,
    });

  it('are one finding per indicator, with source, validity, events and accounts', async () => {
    const logins = [
      vpnLogin(0, 'kim', '45.9.1.2'),
      vpnLogin(DAY, 'lou', '45.9.1.2'),
      vpnLogin(DAY, 'kim', '45.10.1.2'),
    ];
    const [finding, ...more] = await matched('value,description,valid_from\n45.9.1.2,c2,2024-09-01', logins);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ level: 'high', count: 2, entities: { 'source.ip': '45.9.1.2' } });
    expect(finding?.fact.en).toBe(
      '45.9.1.2, an indicator of list: c2 (valid from 2024-09-01), occurs in 2 events, with kim, lou',
    );
  });

  it('outside the validity are informational', async () => {
    const [finding] = await matched('value,valid_until\n45.9.1.2,2024-09-01', [vpnLogin(0, 'kim', '45.9.1.2')]);
    expect(finding?.level).toBe('informational');
    expect(finding?.fact.de).toContain('nicht zur Zeit dieser Ereignisse');
  });

  it.each([
    ['45.9.0.0/16', { 'destination.ip': '45.9.7.7' }],
    ['evil.example', { 'dns.question.name': 'A.b.Evil.example.' }],
    ['evil.example', { 'email.from.address': ['x@mail.evil.example'] }],
    ['http://evil.example/a?b', { 'url.domain': 'evil.example', 'url.path': '/a', 'url.query': 'b' }],
    ['http://evil.example/a', { 'url.original': 'https://evil.example/a' }],
    ['d41d8cd98f00b204e9800998ecf8427e', { 'file.hash.md5': 'D41D8CD98F00B204E9800998ECF8427E' }],
    ['x@evil.example', { 'email.reply_to.address': ['X@evil.example'] }],
  ])('of %s are found in %j', async (list, fields) => {
    expect(await matched(list, [event(0, { 'einfallstor.act': 'other', ...fields })])).toHaveLength(1);
  });

  it.each([
    ['evil.example', { 'dns.question.name': 'notevil.example' }],
    ['http://evil.example/a', { 'url.domain': 'evil.example', 'url.path': '/b' }],
    ['45.9.0.0/16', { 'destination.ip': '45.10.0.1' }],
  ])('of %s are not found in %j', async (list, fields) => {
    expect(await matched(list, [event(0, { 'einfallstor.act': 'other', ...fields })])).toEqual([]);
  });
});
