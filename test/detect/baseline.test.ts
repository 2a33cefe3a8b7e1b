import { describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND } from '../../src/core/time.ts';
import { BASELINES } from '../../src/detect/baseline/all.ts';
import type { Countries } from '../../src/detect/baseline/baseline.ts';
import { variation } from '../../src/detect/baseline/beacons.ts';
import { distanceKm } from '../../src/detect/baseline/travel.ts';
import { loadContext } from '../../src/detect/context.ts';
import type { Finding } from '../../src/detect/finding.ts';
import { detect } from '../../src/detect/run.ts';
import type { Fields, StoredEvent } from '../../src/ecs/event.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { event, START, vpnLogin } from './events.ts';

const countries: Countries = {
  database: { name: 'test', built: '2024-01-01T00:00:00.000Z', sha256: '0'.repeat(64) },
  countryOf: (address) => (address.startsWith('198.51.100.') ? 'DE' : 'BR'),
};

const found = async (rule: string, events: readonly StoredEvent[], context = ''): Promise<Finding[]> => {
  const { findings } = await detect({
    store: memoryStore(events),
    rules: { rules: [], correlations: [], problems: [] },
    baselines: BASELINES,
    context: loadContext(context),
    countries,
  });
  return findings.filter((finding) => finding.rule === rule);
};

const daily = (days: number, make: (day: number) => StoredEvent): StoredEvent[] =>
  Array.from({ length: days }, (_, day) => make(day));
const home = (days: number): StoredEvent[] => daily(days, (day) => vpnLogin(day * DAY, 'kim', '198.51.100.7'));

describe('new networks and countries', () => {
  it('weigh as much as the account is steady', async () => {
    const [finding, ...more] = await found('baseline-new-network', [
      ...home(30),
      vpnLogin(30 * DAY, 'kim', '203.0.113.9'),
    ]);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ level: 'medium', chain: { weight: 1.5, vector: 'vpn-valid-account' } });
    expect(finding?.fact.en).toBe('first login of kim (VPN) from network 203.0.113.0/24 in 30 days, 1 known before');
    const roaming = daily(30, (day) => vpnLogin(day * DAY, 'lou', `198.51.${day}.7`));
    const last = (await found('baseline-new-network', [...roaming, vpnLogin(30 * DAY, 'lou', '203.0.113.9')])).at(-1);
    expect(last?.chain?.weight).toBeLessThan(0.2);
  });

  it('are called insufficient history in young logs', async () => {
    const [finding] = await found('baseline-new-network', [...home(3), vpnLogin(3 * DAY, 'kim', '203.0.113.9')]);
    expect(finding?.level).toBe('informational');
    expect(finding?.fact.en).toContain('insufficient history');
  });

  it('name the data base that knows the country', async () => {
    const [finding] = await found('baseline-new-country', [...home(30), vpnLogin(30 * DAY, 'kim', '203.0.113.9')]);
    expect(finding?.fact.en).toContain('from country BR in 30 days, before from DE (by test of 2024-01-01)');
  });

  it('do not look at private addresses or failures', async () => {
    const events = [
      ...home(30),
      vpnLogin(30 * DAY, 'kim', '10.1.2.3'),
      vpnLogin(30 * DAY, 'kim', '203.0.113.9', 'failure'),
    ];
    expect(await found('baseline-new-network', events)).toEqual([]);
  });
});

const session = (after: number, act: 'start' | 'end', ip: string): StoredEvent =>
  event(after, {
    'einfallstor.act': `vpn-session-${act}`,
    'user.name': 'kim',
    'source.ip': ip,
    'event.outcome': 'success',
  });

describe('concurrent sessions', () => {
  const before = [session(0, 'start', '198.51.100.7'), session(HOUR, 'end', '198.51.100.7')];
  const overlapping = (apart: number): StoredEvent[] => [
    ...before,
    session(DAY, 'start', '198.51.100.7'),
    session(DAY + HOUR, 'start', '203.0.113.9'),
    session(DAY + HOUR + apart, 'end', '198.51.100.7'),
    session(DAY + 3 * HOUR, 'end', '203.0.113.9'),
  ];

  it('from two networks are found', async () => {
    const [finding] = await found('baseline-concurrent-sessions', overlapping(30 * MINUTE));
    expect(finding?.fact.en).toBe(
      'VPN session of kim from 203.0.113.9 began while one from 198.51.100.7 went on for another 30 min',
    );
    expect(finding?.chain?.weight).toBe(2);
  });

  it('of a reconnect are not', async () => {
    expect(await found('baseline-concurrent-sessions', overlapping(MINUTE))).toEqual([]);
  });
});

it('logins of leavers are found from the day they left', async () => {
  const context = 'leavers: [{user: kim, left: 2024-10-03}]';
  const findings = await found('baseline-leaver', home(4), context);
  expect(findings.map(({ fact }) => fact.en)).toEqual([
    'login of kim (VPN) from 198.51.100.7, who had left on 2024-10-03',
    'login of kim (VPN) from 198.51.100.7, who had left on 2024-10-03',
  ]);
  expect(findings[0]).toMatchObject({ context: ['leaver'], chain: { vector: 'insider-or-leaver' } });
});

describe('impossible travel', () => {
  const from = (after: number, ip: string, lat: number, lon: number): StoredEvent => {
    const { id, fields } = vpnLogin(after, 'kim', ip);
    return { id, fields: { ...fields, 'source.geo.location.lat': lat, 'source.geo.location.lon': lon } };
  };

  it('needs distance and speed', async () => {
    const berlin = from(0, '198.51.100.7', 52.5, 13.4);
    expect(await found('baseline-impossible-travel', [berlin, from(HOUR, '203.0.113.9', -23.5, -46.6)])).toHaveLength(
      1,
    );
    expect(await found('baseline-impossible-travel', [berlin, from(DAY, '203.0.113.9', -23.5, -46.6)])).toEqual([]);
    expect(await found('baseline-impossible-travel', [berlin, from(SECOND, '203.0.113.9', 53.5, 10)])).toEqual([]);
  });

  it('measures great circles', () => {
    expect(distanceKm({ lat: 52.52, lon: 13.405 }, { lat: 48.137, lon: 11.575 })).toBeCloseTo(504, -1);
  });
});

const flow = (after: number, fields: Fields): StoredEvent => event(after, { 'einfallstor.act': 'flow', ...fields });
const upload = (after: number, to: string, bytes: number): StoredEvent =>
  flow(after, {
    'network.direction': 'outbound',
    'source.ip': '10.0.0.5',
    'destination.ip': to,
    'destination.port': 443,
    'source.bytes': bytes,
  });

describe('large outbound', () => {
  const usual = daily(10, (day) => upload(day * DAY, '198.51.100.80', 50_000_000));

  it('to a new destination, beyond what the host sent before, is found', async () => {
    const theft = [upload(10 * DAY, '203.0.113.5', 9e9), upload(10 * DAY + HOUR, '203.0.113.5', 3e9)];
    const [finding] = await found('baseline-large-outbound', [...usual, ...theft]);
    expect(finding?.fact.en).toBe(
      '10.0.0.5 sent 12 GB to 203.0.113.5, a destination it had not sent to before, in 60 min; its largest day in 10 days before was 50 MB',
    );
    expect(finding).toMatchObject({ level: 'high', count: 2, events: theft.map(({ id }) => id) });
  });

  it('in one connection took as long as it lasted; where no record says how long, no time is told', async () => {
    const one = upload(10 * DAY, '203.0.113.5', 9e9);
    const [silent] = await found('baseline-large-outbound', [...usual, one]);
    expect(silent?.fact.en).toContain('had not sent to before; its largest');
    // event.duration: ns
    const told = { ...one, fields: { ...one.fields, 'event.duration': 5_200e9 } };
    const [lasting] = await found('baseline-large-outbound', [...usual, told]);
    expect(lasting?.fact.en).toContain('had not sent to before, in 87 min; its largest');
  });

  it('through a proxy is found, and told once where the firewall counted it, too', async () => {
    const asked = (after: number, bytes: number): StoredEvent =>
      event(after, {
        'einfallstor.act': 'http-request',
        'network.direction': 'outbound',
        'source.ip': '10.0.0.5',
        'destination.ip': '203.0.113.5',
        'destination.port': 443,
        'http.request.bytes': bytes,
      });
    const usualRequests = daily(10, (day) => asked(day * DAY, 50_000));
    const requests = [
      ...usual,
      ...usualRequests.map((e) => ({ ...e, fields: { ...e.fields, 'destination.ip': '198.51.100.80' } })),
    ];
    const [finding] = await found('baseline-large-outbound', [...requests, asked(10 * DAY, 9e9)]);
    expect(finding?.fact.en).toContain('10.0.0.5 sent 9 GB to 203.0.113.5');
    const both = [...requests, asked(10 * DAY, 9e9), upload(10 * DAY + SECOND, '203.0.113.5', 9.2e9)];
    expect((await found('baseline-large-outbound', both)).map(({ fact }) => fact.en)).toEqual([
      expect.stringContaining('9.2 GB'),
    ]);
  });

  it('to a destination it always sent to is not', async () => {
    expect(await found('baseline-large-outbound', [...usual, upload(10 * DAY, '198.51.100.80', 9e9)])).toEqual([]);
  });
});

describe('connections held to a remote service', () => {
  const rdp = (after: number, bytes: number, lasted: number): StoredEvent =>
    flow(after + lasted, {
      'network.direction': 'inbound',
      'source.ip': '203.0.113.9',
      'destination.ip': '10.0.0.19',
      'destination.port': 3389,
      'network.bytes': bytes,
      'event.duration': lasted * 1000,
    });
  const tries = daily(30, (n) => rdp(n * MINUTE, 4_000 + n * 50, 20 * SECOND));

  it('after many short ones are found, at their opening', async () => {
    const held = rdp(2 * HOUR, 65_000_000, 81 * MINUTE);
    const [finding, ...rest] = await found('baseline-held-connection', [...tries, held]);
    expect(finding?.fact.en).toBe(
      '203.0.113.9 held a connection to Remote Desktop of 10.0.0.19 for 81 min (65 MB), after 30 short ones in 2 h: password guessing that ended in a login looks like this',
    );
    expect(finding?.at).toBe(START + 2 * HOUR);
    expect(finding?.events.at(-1)).toBe(held.id);
    expect(rest).toEqual([]);
  });

  it('by who always works there, or without guesses, are not', async () => {
    const daysWork = daily(20, (day) => rdp(day * DAY, 30_000_000, 8 * HOUR));
    expect(await found('baseline-held-connection', daysWork)).toEqual([]);
    expect(await found('baseline-held-connection', [...tries.slice(0, 5), rdp(2 * HOUR, 65_000_000, HOUR)])).toEqual(
      [],
    );
    expect(await found('baseline-held-connection', tries)).toEqual([]);
  });
});

describe('beacons', () => {
  const calls = (gaps: (i: number) => number): StoredEvent[] => {
    let time = 0;
    return Array.from({ length: 40 }, (_, i) => {
      time += gaps(i);
      return upload(time, '203.0.113.77', 300);
    });
  };

  it('are regular', async () => {
    const [finding] = await found(
      'baseline-beacon',
      calls((i) => MINUTE + ((i % 3) - 1) * SECOND),
    );
    expect(finding?.fact.en).toContain('10.0.0.5 called 203.0.113.77 port 443 40 times in 39 min, every 60 s');
    expect(
      await found(
        'baseline-beacon',
        calls((i) => MINUTE + (i % 7) * 40 * SECOND),
      ),
    ).toEqual([]);
  });

  const every = (minutes: number, days: number, from = 0): StoredEvent[] =>
    Array.from({ length: (days * DAY) / (minutes * MINUTE) }, (_, i) =>
      upload(from + i * minutes * MINUTE, '203.0.113.77', 300),
    );

  it('are a habit when they are as old as the host and weeks long', async () => {
    const [habit] = await found('baseline-beacon', every(60, 20));
    expect(habit).toMatchObject({ level: 'informational', chain: { weight: 0.2 } });
    expect(habit?.fact.en).toContain('every 60 min, ever since the host is in the logs');
    const short = await found('baseline-beacon', every(60, 5));
    expect(short.map(({ level }) => level)).toEqual(['medium']);
    const begun = [upload(0, '203.0.113.9', 300), ...every(60, 20, 5 * DAY)];
    expect((await found('baseline-beacon', begun)).map(({ level }) => level)).toEqual(['medium']);
  });

  it('are none where a job makes a few calls at its hour each night', async () => {
    const nights = Array.from({ length: 12 * 4 }, (_, i) =>
      upload(Math.floor(i / 4) * DAY + (i % 4) * 30 * MINUTE, '203.0.113.77', 300),
    );
    expect(await found('baseline-beacon', nights)).toEqual([]);
    // a workstation that is off at night calls a whole day long
    const days = Array.from({ length: 12 * 16 }, (_, i) =>
      upload(Math.floor(i / 16) * DAY + (i % 16) * 30 * MINUTE, '203.0.113.77', 300),
    );
    expect((await found('baseline-beacon', days))[0]?.fact.en).toContain('every 30 min');
  });

  it('to own networks and providers of the context are labelled and low', async () => {
    const calls = every(10, 1);
    const own = await found('baseline-beacon', calls, 'networks: [203.0.113.0/24]');
    expect(own).toMatchObject([{ level: 'low', context: ['known-service'] }]);
    const provider = await found('baseline-beacon', calls, 'providers: [{name: updates, source: 203.0.113.77}]');
    expect(provider).toMatchObject([{ level: 'low', context: ['known-service'] }]);
    expect((await found('baseline-beacon', calls))[0]?.context).toEqual([]);
  });

  it('through a proxy are those of the machine it names', async () => {
    const asked = (after: number): StoredEvent =>
      event(after, {
        'einfallstor.act': 'http-request',
        'network.direction': 'outbound',
        'source.ip': '10.0.0.5',
        'destination.ip': '203.0.113.77',
        'destination.port': 443,
        'http.request.method': 'CONNECT',
      });
    const [finding, ...rest] = await found(
      'baseline-beacon',
      Array.from({ length: 40 }, (_, i) => asked(i * MINUTE)),
    );
    expect(finding?.fact.en).toContain('10.0.0.5 called 203.0.113.77 port 443 40 times');
    expect(rest).toEqual([]);
  });

  it('may sleep at night', () => {
    expect(variation([...Array<number>(20).fill(60), 30_000, ...Array<number>(20).fill(61)])).toBeLessThan(0.2);
  });
});

describe('administrative edges', () => {
  const rdp = (after: number, from: string, to: string): StoredEvent =>
    flow(after, { 'network.direction': 'internal', 'source.ip': from, 'destination.ip': to, 'destination.port': 3389 });

  it('that were not there in the first two weeks are found once', async () => {
    const usual = daily(20, (day) => rdp(day * DAY, '10.0.0.9', '10.0.1.1'));
    const late = [
      rdp(20 * DAY, '10.0.0.44', '10.0.1.1'),
      rdp(20 * DAY + MINUTE, '10.0.0.44', '10.0.1.2'),
      rdp(21 * DAY, '10.0.0.44', '10.0.1.2'),
    ];
    const findings = await found('baseline-new-admin-edge', [...usual, ...late]);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ count: 2, entities: { 'source.ip': '10.0.0.44' } });
  });

  it('of a VPN pool belong to the pool', async () => {
    const lease = event(0, { 'einfallstor.act': 'vpn-session-start', 'einfallstor.vpn.assigned_ip': '10.9.0.14' });
    const events = [lease, rdp(DAY, '10.9.0.14', '10.0.1.1'), rdp(20 * DAY, '10.9.0.77', '10.0.1.1')];
    expect(await found('baseline-new-admin-edge', events)).toEqual([]);
  });
});

it('scripts that appear late and that hardly anybody posts to are rare', async () => {
  const request = (after: number, path: string, ip: string, method: string): StoredEvent =>
    event(after, {
      'einfallstor.act': 'http-request',
      'url.path': path,
      'source.ip': ip,
      'http.request.method': method,
      'http.response.status_code': 200,
    });
  const site = daily(10, (day) => request(day * DAY, '/login.php', `198.51.100.${day}`, 'POST'));
  const shell = [1, 2, 3].map((i) => request(6 * DAY + i * MINUTE, '/a/x.php', '203.0.113.5', 'POST'));
  const findings = await found('baseline-rare-script', [...site, ...shell]);
  expect(findings.map(({ entities }) => entities)).toEqual([{ 'url.path': '/a/x.php', 'source.ip': '203.0.113.5' }]);
});

describe('slow sprays', () => {
  const spray = daily(8, (day) => vpnLogin(day * DAY, `user${day}`, '203.0.113.9', 'failure'));

  it('are found when the network gets in at last', async () => {
    const [finding] = await found('baseline-slow-spray', [...spray, vpnLogin(9 * DAY, 'kim', '203.0.113.10')]);
    expect(finding?.fact.en).toBe(
      'login of kim (VPN) from 203.0.113.10, whose network had failed 8 times with 8 accounts in 9 days and never got in',
    );
    expect(finding).toMatchObject({ count: 9, chain: { vector: 'vpn-guessed-password' } });
  });

  it('are not the mistakes of an office', async () => {
    const events = [vpnLogin(0, 'lou', '203.0.113.9'), ...spray, vpnLogin(9 * DAY, 'kim', '203.0.113.10')];
    expect(await found('baseline-slow-spray', events)).toEqual([]);
  });
});

it('accounts that come back after months were dormant', async () => {
  const findings = await found('baseline-dormant-account', [...home(2), vpnLogin(80 * DAY, 'kim', '198.51.100.7')]);
  expect(findings.map(({ fact }) => fact.en)).toEqual(['login of kim (VPN) from 198.51.100.7, the first in 79 days']);
});

describe('distributed guessing', () => {
  const guesses = daily(5, (day) => vpnLogin(day * DAY, 'kim', `203.0.${day}.9`, 'failure'));

  it('is found when the account opens to yet another unknown network', async () => {
    const [finding] = await found('baseline-distributed-guessing', [...guesses, vpnLogin(6 * DAY, 'kim', '192.0.2.5')]);
    expect(finding?.fact.en).toContain(
      'from 192.0.2.5, a network nobody had come from, after 5 other networks had failed',
    );
    expect(finding?.count).toBe(6);
  });

  it('is not when colleagues come from there', async () => {
    const events = [vpnLogin(0, 'lou', '192.0.2.77'), ...guesses, vpnLogin(6 * DAY, 'kim', '192.0.2.5')];
    expect(await found('baseline-distributed-guessing', events)).toEqual([]);
  });
});
