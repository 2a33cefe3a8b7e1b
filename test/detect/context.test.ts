import { describe, expect, it } from 'vitest';
import { say } from '../../src/core/said.ts';
import { DAY, HOUR } from '../../src/core/time.ts';
import { loadContext, NO_CONTEXT } from '../../src/detect/context.ts';
import type { Finding } from '../../src/detect/finding.ts';
import { labeller } from '../../src/detect/labels.ts';
import { START } from './events.ts';

describe('the context file', () => {
  it('is YAML or JSON, and all keys are optional', () => {
    expect(loadContext('')).toEqual(NO_CONTEXT);
    expect(loadContext('{"scanners": ["192.0.2.0/24"]}').scanners).toEqual(['192.0.2.0/24']);
    expect(loadContext('leavers:\n  - user: a\n    left: 2024-10-01\n').leavers).toEqual([
      { user: 'a', left: '2024-10-01T00:00:00.000Z' },
    ]);
  });

  it('takes a day as an end for the whole of it', () => {
    const { travel } = loadContext('travel: [{user: a, from: 2024-10-01, to: 2024-10-03}]');
    expect(travel[0]).toMatchObject({
      from: '2024-10-01T00:00:00.000Z',
      to: '2024-10-03T23:59:59.999Z',
      countries: [],
    });
  });

  it.each([
    ['scanner: []', 'scanner is not a known key'],
    ['scanners: 192.0.2.1', 'scanners must be a list'],
    ['scanners: [192.0.2.0/40]', 'scanners[0] must be a network'],
    ['pentests: [{source: 192.0.2.1, from: yesterday, to: 2024-10-01}]', 'pentests[0].from must be a time'],
    ['leavers: [{left: 2024-10-01}]', 'leavers[0].user must be text'],
    ['partners: [{name: x, source: x.example}]', 'partners[0].source must be a network'],
    ['- x', 'must be a map'],
    ['a: [', 'neither YAML nor JSON'],
  ])('%s: %s', (text, reason) => {
    expect(() => loadContext(text)).toThrow(
      expect.objectContaining({ code: 'BAD_CONTEXT', message: expect.stringContaining(reason) }),
    );
  });
});

const finding = (rule: string, entities: Record<string, string>, at = START): Finding => ({
  id: 'x',
  rule,
  title: '',
  level: 'medium',
  techniques: [],
  fact: say('', ''),
  from: at,
  to: at,
  at,
  events: [],
  count: 1,
  entities,
  chain: undefined,
  context: [],
});

describe('labels', () => {
  const label = labeller(
    loadContext(`
pentests: [{source: 192.0.2.0/28, from: 2024-10-01T08:00:00Z, to: 2024-10-02T00:00:00Z, accounts: [pt1]}]
scanners: [192.0.2.99]
travel: [{user: K.Maier, from: 2024-10-01, to: 2024-10-02, countries: [FR]}]
leavers: [{user: gone, left: 2024-10-01T08:00:00Z}]
backups: [{destination: 203.0.113.5}]
`),
  );

  it('say what the context explains, only in its time', () => {
    expect(label(finding('r', { 'source.ip': '192.0.2.3' }))).toMatchObject({ context: ['pentest'], level: 'low' });
    expect(label(finding('r', { 'user.name': 'PT1' })).context).toEqual(['pentest']);
    expect(label(finding('r', { 'source.ip': '192.0.2.3' }, START + DAY)).context).toEqual([]);
    expect(label(finding('r', { 'source.ip': '192.0.2.99' })).context).toEqual(['scanner']);
    expect(label(finding('r', { 'destination.ip': '203.0.113.5' })).context).toEqual(['backup']);
  });

  it('let a journey explain novelty only, and only from where it goes', () => {
    const maier = { 'user.name': 'k.maier' };
    expect(label(finding('baseline-new-network', maier)).context).toEqual(['known-travel']);
    expect(label(finding('baseline-new-country', { ...maier, 'source.geo.country_iso_code': 'BR' })).context).toEqual(
      [],
    );
    expect(label(finding('password_guessing', maier)).context).toEqual([]);
  });

  it('raise what leavers do', () => {
    expect(label(finding('r', { 'user.name': 'gone' }))).toMatchObject({ context: ['leaver'], level: 'high' });
    expect(label(finding('r', { 'user.name': 'gone' }, START - HOUR)).context).toEqual([]);
  });
});
