import { describe, expect, it } from 'vitest';
import type { Egress } from '../../src/trace/egress.ts';
import { aboveHabit, withoutHabit } from '../../src/trace/own-habit.ts';
import { DAY, HOUR, MINUTE, Scene, SECOND, told } from './scene.ts';

const INTRUDER = '198.51.100.23';
const LENT = '10.9.0.14';
const SERVER = '10.0.0.201';

/** The firewall is never silent, and counts both directions. */
const counting = (): Scene => {
  const scene = new Scene();
  for (let at = -31 * DAY; at < 2 * HOUR; at += 20 * MINUTE)
    scene.flow(at, '10.0.0.77', '203.0.113.200', 443, 3_000, { 'network.bytes': 12_000 });
  return scene;
};

/** Guessing at the VPN, a scan, services on many hosts, a session with a server. */
const intrusion = (): Scene => {
  const scene = counting();
  scene.office(['a.berg', 'c.dorn', 'k.lindner']);
  for (let i = 0; i < 37; i += 1) scene.vpnFailure(-4 * DAY - 2 * HOUR + i * 34 * SECOND, 'k.lindner', INTRUDER);
  scene.vpn(-4 * DAY - HOUR, 'k.lindner', INTRUDER, LENT, { minutes: 97 * 60 });
  for (let i = 0; i < 90; i += 1) scene.flow(-4 * DAY + i * 2 * SECOND, LENT, `10.0.0.${i + 20}`, 445, 120);
  for (let i = 0; i < 40; i += 1) {
    scene.logon(i * 10 * SECOND - SECOND, `PC${i + 1}`, 'adm-backup', LENT, '3');
    scene.service(i * 10 * SECOND, `PC${i + 1}`);
  }
  return scene;
};

/** Only the sum of both directions was counted. */
const exchanged = (scene: Scene, at: number, from: string, to: string, bytes: number): string =>
  scene.add('fw', at, 'flow', {
    'source.ip': from,
    'destination.ip': to,
    'destination.port': 443,
    'network.bytes': bytes,
  });

describe('a volume of which only the sum of both directions was logged', () => {
  const scene = (bytes = 12.3e9): Scene => {
    const own = intrusion();
    own.flow(-2 * DAY, LENT, SERVER, 445, 200_000, { 'destination.bytes': 2e6 });
    exchanged(own, -DAY, SERVER, '203.0.113.9', bytes);
    return own;
  };

  it('is neither shown nor sent: it may be a download, and is likely where the beginning is known', async () => {
    const result = await scene().run();
    expect(result.exfiltration.grade, told(result)).toBe('likely');
    expect(result.exfiltration.because.en).toContain(
      `12.3 GB (both ways together, which way is not logged) between ${SERVER} and 203.0.113.9`,
    );
  });

  it('of less than an intruder would trouble himself for cannot be excluded', async () => {
    const result = await scene(1.2e9).run();
    expect(result.exfiltration.grade, told(result)).toBe('cannot-be-excluded');
  });

  it('with a tool for it on the chain it is likely', async () => {
    const own = scene(1.2e9);
    own.logon(-DAY - 2 * MINUTE, 'PC1', 'adm-backup', LENT);
    const tool = own.add('win', -DAY - MINUTE, 'process-start', { 'host.name': 'PC1', 'user.name': 'adm-backup' });
    own.finding('copy tool', 'T1567.002', 'exfiltration', 2, [tool], { 'host.name': 'PC1', 'user.name': 'adm-backup' });
    const result = await own.run();
    expect(result.exfiltration.grade, told(result)).toBe('likely');
    expect(result.exfiltration.because.en).toContain('1.2 GB (both ways together');
  });
});

describe('a connection that a packet filter tells without bytes', () => {
  const opened = (closing: number): Scene => {
    const own = intrusion();
    const ends = { 'source.ip': SERVER, 'destination.ip': '203.0.113.9', 'destination.port': 443 };
    own.add('fw', -DAY, 'flow', { ...ends, 'source.port': 40_001 });
    own.add('fw', -DAY + MINUTE, 'flow', { ...ends, 'source.port': closing, 'network.bytes': 900 });
    return own;
  };

  it('is counted where the record of its close counts it', async () => {
    expect((await opened(40_001).run()).exfiltration.because.en).not.toContain('without bytes');
    expect((await opened(40_002).run()).exfiltration.because.en).toContain(
      '1 connections to the outside were recorded without bytes',
    );
  });
});

describe('what a machine sent somewhere before', () => {
  const egress = (perDay: readonly number[]): Egress => ({
    source: SERVER,
    destination: '203.0.113.9',
    first: 22 * HOUR,
    last: perDay.length * DAY,
    bytes: perDay.reduce((sum, n) => sum + n, 0),
    largestDay: Math.max(...perDay),
    events: [],
    stream: 'fw',
    bothWays: false,
    days: [...perDay.keys()],
    perDay: new Map(perDay.entries()),
  });

  it.each([
    ['nothing before: all of it stands', [0, 0, 5e9], [5e9]],
    ['the same order of volume is its habit', [7e9, 0, 9e9, 30e9], []],
    ['of a large habit only what is beyond it stands', [7e9, 0, 9e9, 107e9], [100e9]],
    ['a small upload before is no habit of a large one', [1e6, 0, 14e9], [14e9]],
  ] as const)('%s', (_, perDay, left) => {
    const days = perDay[0] === 0 ? { ...egress(perDay), first: 2 * DAY, perDay: new Map([[2, 5e9]]) } : egress(perDay);
    expect(withoutHabit(days, DAY + HOUR).map(({ bytes }) => bytes)).toEqual(left);
  });

  it('is taken off the bound', () => {
    expect(aboveHabit(egress([7e9, 0, 9e9, 6e9]), DAY + HOUR)).toBe(2e9);
  });
});

describe('accesses from the internet that only a server wrote down', () => {
  const asked = (scene: Scene): void => {
    scene.add('iis', -3 * DAY, 'http-request', { 'source.ip': '203.0.113.50', 'http.response.status_code': 200 });
  };

  it('show that the firewall does not cover every path: nothing is excluded', async () => {
    const scene = counting();
    asked(scene);
    const { exfiltration } = await scene.run();
    expect(exfiltration).toMatchObject({ grade: 'cannot-be-excluded', bytesUpperBound: null });
    expect(exfiltration.because.en).toContain('for 1 of them (203.0.113.50) the firewall log has no connection');
  });

  it('are covered where the firewall has them, but not where it has them at another time', async () => {
    for (const [at, grade] of [
      [-3 * DAY - MINUTE, 'excluded'],
      [-5 * DAY, 'cannot-be-excluded'],
    ] as const) {
      const scene = counting();
      asked(scene);
      scene.flow(at, '203.0.113.50', '10.0.0.90', 443);
      const result = await scene.run();
      expect(result.exfiltration.grade, told(result)).toBe(grade);
    }
  });
});

it('a packet filter tells of connections without bytes, and the statement says so', async () => {
  const scene = new Scene();
  for (let at = -20 * DAY; at < 2 * HOUR; at += 20 * MINUTE)
    scene.add('pf', at, 'flow', { 'source.ip': '10.0.0.77', 'destination.ip': '203.0.113.200' });
  const { exfiltration } = await scene.run();
  expect(exfiltration.grade).toBe('cannot-be-excluded');
  expect(exfiltration.because.en).toContain('tells of connections, but counts no bytes');
});

it('what went to the address lent to the chain’s stay belongs to the bound, and is named', async () => {
  const scene = intrusion();
  scene.flow(-2 * DAY, LENT, SERVER, 3389, 200_000, { 'destination.bytes': 15e6 });
  const result = await scene.run();
  expect(result.exfiltration.grade, told(result)).toBe('excluded');
  expect(result.exfiltration.bytesUpperBound).toBeGreaterThanOrEqual(15e6);
  expect(result.exfiltration.because.en).toContain(`went to ${LENT}, lent to stays of the chain`);
});

it('data beyond looking around through the tunnel forbids excluded', async () => {
  const scene = intrusion();
  scene.flow(-2 * DAY, LENT, SERVER, 445, 200_000, { 'destination.bytes': 150e6 });
  const result = await scene.run();
  expect(result.exfiltration.grade, told(result)).toBe('cannot-be-excluded');
  expect(result.exfiltration.because.en).toContain(`went to ${LENT}, lent to stays of the chain`);
});

describe('what the intruder’s address fetched over the web', () => {
  const fetched = (bytes: Record<string, number>): Scene => {
    const scene = intrusion();
    for (let i = 0; i < 3; i += 1)
      scene.add('web', -3 * DAY + i * MINUTE, 'http-request', {
        'source.ip': INTRUDER,
        'http.response.status_code': 200,
        ...bytes,
      });
    return scene;
  };

  it('is shown with the bytes that the server counted', async () => {
    const result = await fetched({ 'http.response.body.bytes': 20e6 }).run();
    expect(result.exfiltration.grade, told(result)).toBe('shown');
    expect(result.exfiltration.because.en).toContain(`60 MB fetched over the web by ${INTRUDER}`);
  });

  it('leaves no upper bound where nobody counted', async () => {
    const result = await fetched({}).run();
    expect(result.exfiltration.bytesUpperBound, told(result)).toBeNull();
    expect(result.exfiltration.because.en).toContain(
      `what ${INTRUDER} was answered over the web to 3 requests is counted in no log`,
    );
  });
});

it('an account’s bytes over the web from a network new to it are counted, a proxy’s copy of them once', async () => {
  const scene = counting();
  const get = (source: string, at: number, from: string, path: string, bytes: number): void => {
    scene.add(source, at, 'http-request', {
      'source.ip': from,
      'user.name': 'm.ulrich',
      'url.path': path,
      'http.response.body.bytes': bytes,
    });
  };
  for (let day = 20; day >= 5; day -= 1) {
    scene.vpn(-day * DAY, 'm.ulrich', '192.0.2.10', '10.9.1.10');
    get('web', -day * DAY, '192.0.2.10', `/${day}`, 2e6);
  }
  scene.vpn(-2 * DAY, 'm.ulrich', INTRUDER, '10.9.1.10', { minutes: 1 });
  for (let i = 0; i < 4; i += 1)
    for (const log of ['web', 'proxy']) get(log, -2 * DAY + HOUR + i * MINUTE, INTRUDER, `/plan${i}`, 1e9);
  const result = await scene.run();
  expect(result.exfiltration.because.en, told(result)).toContain(
    `4 GB fetched over a web service as m.ulrich in a day from ${INTRUDER}, at most 2 MB a day before`,
  );
});

describe('a way in that stands out, where no intrusion is shown', () => {
  /** A stay from a network new to the account, to which a server sent that much. */
  const taken = (bytes: number): Scene => {
    const scene = counting();
    scene.office(['a.berg', 'c.dorn', 'k.lindner']);
    scene.logons();
    scene.vpn(-3 * DAY + 4 * HOUR, 'k.lindner', INTRUDER, LENT, { minutes: 90 });
    scene.flow(-3 * DAY + 4 * HOUR + 5 * MINUTE, LENT, SERVER, 22, 30_000, { 'destination.bytes': bytes });
    return scene;
  };

  it('may have taken what went to it', async () => {
    const result = await taken(70_900_000).run();
    expect(result.verdict, told(result)).toBe('none');
    expect(result.exfiltration.grade).toBe('cannot-be-excluded');
    expect(result.exfiltration.because.en).toContain(`70.9 MB went to ${LENT}`);
    expect(result.exfiltration.bytesUpperBound).toBeGreaterThanOrEqual(70_900_000);
  });

  it('is within the bound, where it is no more than looking around', async () => {
    const result = await taken(2_000_000).run();
    expect(result.exfiltration.grade, told(result)).toBe('excluded');
    expect(result.exfiltration.bytesUpperBound).toBeGreaterThanOrEqual(2_000_000);
  });
});
