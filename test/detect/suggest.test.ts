import { describe, expect, it } from 'vitest';
import { say } from '../../src/core/said.ts';
import { DAY, HOUR, MINUTE } from '../../src/core/time.ts';
import { loadContext } from '../../src/detect/context.ts';
import type { Finding } from '../../src/detect/finding.ts';
import { jsonOf, yamlOf } from '../../src/detect/suggest/file.ts';
import { type Suggested, suggestContext } from '../../src/detect/suggest/suggest.ts';
import type { StoredEvent } from '../../src/ecs/event.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { event, START, vpnLogin } from './events.ts';

const DAYS = 30;
/** The first grave finding: three weeks of quiet before it. */
const BREAK_IN = 21 * DAY;

const flow = (after: number, source: string, destination: string, port: number, more: object = {}): StoredEvent =>
  event(after, {
    'einfallstor.act': 'flow',
    'source.ip': source,
    'destination.ip': destination,
    'destination.port': port,
    'observer.name': 'fw-a',
    ...more,
  });

const everyDay = (from: number, to: number, make: (after: number, day: number) => StoredEvent[]): StoredEvent[] =>
  Array.from({ length: to - from }, (_, i) => make((from + i) * DAY, from + i)).flat();

/** A month of one company: nothing in it is an intruder's. */
const usual = (): StoredEvent[] =>
  everyDay(0, DAYS, (at, day) => [
    ...[1, 2, 3].map((n) =>
      flow(at + n * MINUTE, `10.1.1.${n}`, '203.0.113.7', 443, {
        'source.nat.ip': '198.51.100.2',
        'observer.ingress.zone': 'lan',
      }),
    ),
    ...[1, 2, 3].map((n) =>
      event(at + n * HOUR, {
        'einfallstor.act': 'vpn-session-start',
        'user.name': `user${n}`,
        'einfallstor.vpn.assigned_ip': `10.9.0.${n}`,
      }),
    ),
    ...[1, 2, 3, 4, 5].map((n) => flow(at + 2 * HOUR + n, '10.1.1.9', `10.1.2.${n}`, 3389)),
    flow(at + 14 * HOUR, '10.1.2.5', '203.0.113.80', 443, { 'source.bytes': 400_000_000 }),
    flow(at + 3 * HOUR, '172.20.8.4', '10.1.2.1', 443, { 'observer.ingress.interface.name': 'vpn-partner' }),
    ...(day % 7 === 0
      ? Array.from({ length: 60 }, (_, n) => flow(at + 5 * HOUR + n, '10.1.1.20', `10.1.3.${n}`, 80))
      : []),
    // knocks from everywhere at an address of ours
    flow(at + 6 * HOUR, `192.0.${day}.9`, '198.51.100.3', 23, { 'einfallstor.act': 'flow-denied' }),
    ...Array.from({ length: 24 }, (_, hour) =>
      event(at + hour * HOUR, {
        'einfallstor.act': 'login',
        'event.outcome': 'success',
        'user.name': 'svc-sync',
        'source.ip': '10.1.2.9',
      }),
    ),
  ]);

const finding = (level: Finding['level'], at: number, entities: Record<string, string>): Finding => ({
  id: `${level}-${at}`,
  rule: 'r',
  title: 'A finding',
  level,
  techniques: [],
  fact: say('f', 'f'),
  from: START + at,
  to: START + at,
  at: START + at,
  events: [],
  count: 1,
  entities,
  chain: undefined,
  context: [],
});

const suggest = async (events: StoredEvent[], findings: Finding[] = []): Promise<Suggested> =>
  (await suggestContext({
    store: memoryStore(events),
    findings,
    since: undefined,
    zoneOf: (path) => (path.startsWith('logs/vpn') ? 'Europe/Berlin' : undefined),
  })) as Suggested;

const proposed = (suggested: Suggested) => loadContext(yamlOf(suggested, 'en'));
const doubtOf = (suggested: Suggested, entry: string): string | undefined =>
  suggested.suggestions.find((one) => JSON.stringify(one.entry).includes(entry))?.doubt?.en;

describe('of a quiet month', () => {
  it('proposes what is usual', async () => {
    const context = proposed(await suggest(usual()));
    expect(context).toMatchObject({
      networks: ['198.51.100.2', '198.51.100.3'],
      vpnPools: ['10.9.0.0/24'],
      jumpHosts: ['10.1.1.9'],
      scanners: ['10.1.1.20'],
      partners: [{ name: 'vpn-partner', source: '172.20.8.0/24' }],
      backups: [{ destination: '203.0.113.80' }],
      leavers: [],
      pentests: [],
      travel: [],
    });
    expect(context.sites).toContainEqual({ name: 'fw-a', networks: ['10.1.1.0/24'] });
  });

  it('states what each entry rests on, in both languages, and service accounts as a comment', async () => {
    const suggested = await suggest(usual());
    const text = yamlOf(suggested, 'en');
    expect(text).toMatch(
      /# check this: 10\.1\.2\.5 sent 400 MB a night in large flows \(30 events on 30 days, 2024-10-01 to 2024-10-30; aaaa/,
    );
    expect(text).toMatch(/# accounts:\n.*24 hours of the day.*\n.*no key for it\n {2}# - "svc-sync"/);
    expect(yamlOf(suggested, 'de')).toContain('10.1.2.5 sandte 400 MB je Nacht');
  });

  it('gives as JSON what --context takes, with the evidence beside it', async () => {
    const suggested = await suggest(usual());
    const json = jsonOf(suggested, 'en');
    expect(loadContext(JSON.stringify(json))).toEqual(proposed(suggested));
    expect(json['evidence']).toContainEqual(
      expect.objectContaining({ key: 'vpnPools', entry: '10.9.0.0/24', proposed: true, count: 90 }),
    );
  });
});

describe('an intruder', () => {
  const breakIn = finding('critical', BREAK_IN, { 'user.name': 'k.maier' });
  /** From a day after the break-in on: scans, administers and sends out, every day. */
  const his = everyDay(22, DAYS, (at) => [
    ...Array.from({ length: 60 }, (_, n) => flow(at + 7 * HOUR + n, '10.1.1.66', `10.1.4.${n}`, 445)),
    ...[1, 2, 3, 4, 5, 6].map((n) => flow(at + 8 * HOUR + n, '10.1.1.66', `10.1.2.${n}`, 3389)),
    flow(at + 14 * HOUR, '10.1.1.66', '203.0.113.66', 443, { 'source.bytes': 900_000_000 }),
    flow(at + 9 * HOUR, '172.21.0.4', '10.1.2.1', 443, { 'observer.ingress.interface.name': 'partner-new' }),
  ]);

  it('is not proposed: what he does begins in the suspicious period', async () => {
    const suggested = await suggest([...usual(), ...his], [breakIn]);
    expect(yamlOf(suggested, 'en')).toContain('from 2024-10-21 08:00:00 UTC on');
    const context = proposed(suggested);
    expect(context).toMatchObject({
      scanners: ['10.1.1.20'],
      jumpHosts: ['10.1.1.9'],
      backups: [{ destination: '203.0.113.80' }],
      partners: [{ name: 'vpn-partner' }],
    });
    for (const entry of ['10.1.1.66', '203.0.113.66', '172.21.0.0/24']) {
      expect(doubtOf(suggested, entry)).toMatch(/^it began on 2024-10-23, in the suspicious period/);
    }
  });

  it('is not proposed without a grave finding either: he appears late', async () => {
    const suggested = await suggest([...usual(), ...his]);
    expect(proposed(suggested).scanners).toEqual(['10.1.1.20']);
    expect(doubtOf(suggested, '10.1.1.66')).toBe('it appears late in the log, first on 2024-10-23');
  });

  it('is not proposed when he was there from the start, once there is a finding about him', async () => {
    const early = everyDay(0, DAYS, (at) => [
      ...Array.from({ length: 60 }, (_, n) => flow(at + 7 * HOUR + n, '10.1.1.66', `10.1.4.${n}`, 445)),
      ...[1, 2, 3, 4, 5, 6].map((n) => flow(at + 8 * HOUR + n, '10.1.1.66', `10.1.2.${n}`, 3389)),
    ]);
    const low = finding('low', 2 * DAY, { 'source.ip': '10.1.1.66' });
    const suggested = await suggest([...usual(), ...early], [low]);
    const context = proposed(suggested);
    expect([context.scanners, context.jumpHosts]).toEqual([['10.1.1.20'], ['10.1.1.9']]);
    expect(doubtOf(suggested, '10.1.1.66')).toBe('there is a finding about 10.1.1.66: A finding (low-172800000000)');
  });

  it('leaves nothing to propose when he came in the first week', async () => {
    const suggested = await suggest([...usual(), ...his], [finding('high', 3 * DAY, {})]);
    const { networks, jumpHosts, vpnPools, backups } = proposed(suggested);
    expect([networks, jumpHosts, vpnPools, backups]).toEqual([[], [], [], []]);
    expect(doubtOf(suggested, '10.9.0.0/24')).toMatch(/^there are less than 7 days of log before/);
  });

  it('cannot add lines of his own by the name of an interface', async () => {
    const name = 'partner\n"scanners: [203.0.113.0/24]\u001b[2J\u2028x';
    const hostile = everyDay(0, DAYS, (at) => [
      flow(at, '172.22.0.4', '10.1.2.1', 443, { 'observer.ingress.interface.name': name }),
    ]);
    const suggested = await suggest([...usual(), ...hostile]);
    const text = yamlOf(suggested, 'en');
    expect(loadContext(text).partners).toContainEqual({ name, source: '172.22.0.0/24' });
    expect(loadContext(text).scanners).toEqual(['10.1.1.20']);
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u2028]/);
  });
});

describe('accounts that were ended', () => {
  const change = (after: number, action: string, target: string): StoredEvent =>
    event(after, {
      'einfallstor.act': 'account-changed',
      'event.action': action,
      'user.name': 'adm-a',
      'user.target.name': target,
    });

  it('are leavers when an event says so, unless they were brought back', async () => {
    const events = [
      ...usual(),
      change(4 * DAY, 'disabled-user-account', 'm.alt'),
      change(5 * DAY, 'deleted-user-account', 'p.weg'),
      change(6 * DAY, 'disabled-user-account', 's.krank'),
      change(9 * DAY, 'enabled-user-account', 's.krank'),
    ];
    expect(proposed(await suggest(events)).leavers).toEqual([
      { user: 'm.alt', left: '2024-10-05T08:00:00.000Z' },
      { user: 'p.weg', left: '2024-10-06T08:00:00.000Z' },
    ]);
  });

  it('are only a comment in the suspicious period: intruders lock people out', async () => {
    const events = [...usual(), change(25 * DAY, 'disabled-user-account', 'm.alt')];
    const suggested = await suggest(events, [finding('high', BREAK_IN, {})]);
    expect(proposed(suggested).leavers).toEqual([]);
    expect(doubtOf(suggested, 'm.alt')).toBe('it happened in the suspicious period');
  });
});

it('proposes zones the operator named, and questions those nobody named', async () => {
  const timed = (basis: string, path: string): StoredEvent =>
    event(HOUR, { 'einfallstor.act': 'other', 'einfallstor.time.basis': basis, 'log.file.path': path });
  const suggested = await suggest([
    timed('configured', 'logs/vpn/a.log'),
    timed('assumed', 'logs/fw/a.log'),
    timed('stated', 'logs/web/a.log'),
    vpnLogin(HOUR, 'a', '192.0.2.1'),
  ]);
  expect(proposed(suggested).timezones).toEqual([{ path: 'logs/vpn/**', zone: 'Europe/Berlin' }]);
  expect(doubtOf(suggested, 'logs/fw/**')).toBe('taken as UTC, which nothing supports');
});

it('says nothing of an empty case', async () => {
  const none = await suggestContext({
    store: memoryStore([]),
    findings: [],
    since: undefined,
    zoneOf: () => undefined,
  });
  expect(none).toBeUndefined();
});
