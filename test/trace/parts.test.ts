import { describe, expect, it } from 'vitest';
import { asIs } from '../../src/core/said.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { clockErrors } from '../../src/trace/clock-errors.ts';
import { estimateClocks } from '../../src/trace/clocks.ts';
import { gapsIn } from '../../src/trace/coverage.ts';
import { leasesOf } from '../../src/trace/leases.ts';
import { readMovements } from '../../src/trace/movements.ts';
import { uniformPriors } from '../../src/trace/render.ts';
import { type Scores, softmax } from '../../src/trace/score.ts';
import { vpnSessions } from '../../src/trace/sessions.ts';
import { sourcesOf } from '../../src/trace/sources.ts';
import { DAY, HOUR, IMPACT, MINUTE, Scene, SECOND } from './scene.ts';

describe('sources', () => {
  it('rotated files are one source; a name with many digits keeps them', async () => {
    const scene = new Scene();
    const folder = 'journal/0f3c5e7a9b1d4c2e8f60718293a4b5c6';
    const paths = [
      'fw/fgt01.log.3.gz',
      'fw/fgt01-20211031.log',
      'fw/fgt01.log',
      `${folder}/system.journal`,
      `${folder}/system@34060e2666834e86b1ae4a39508f6a10-0000000000000001-00065f3341130400.journal`,
      `${folder}/system@00065f3341130400-8f60718293a4b5c6.journal~`,
      `${folder}/user-1000.journal`,
      'log/btmp-20261101',
      'log/btmp.1',
      'log/btmp',
    ];
    for (const [n, path] of paths.entries()) scene.add(`s${n}`, n, 'login', { 'log.file.path': path });
    const { streams } = await sourcesOf(memoryStore(scene.events));
    expect(Array.from(streams, ([name, of]) => [name, of.length])).toEqual([
      ['fw/fgt01.log', 3],
      [`${folder}/system.journal`, 3],
      [`${folder}/user-1000.journal`, 1],
      ['log/btmp', 3],
    ]);
  });

  it('two logs of one device are two sources where only one states the zone', async () => {
    const scene = new Scene();
    const log = (path: string, warnings: readonly string[] = []): void =>
      void scene.add(path, 0, 'flow', {
        'log.file.path': path,
        'observer.name': 'pa1',
        ...(warnings.length > 0 ? { 'einfallstor.warnings': warnings } : {}),
      });
    const assumed = ['zone-assumed:UTC'];
    log('globalprotect-2026-11-01.log.gz');
    log('globalprotect-2026-11-02.log');
    log('traffic-2026-11-01.log.gz', assumed);
    // rotated within a record that states more than its neighbours: still the same log
    log('traffic-2026-11-02.log');
    const sources = await sourcesOf(memoryStore(scene.events));
    expect(Array.from(sources.paths)).toEqual([
      ['pa1', ['globalprotect-2026-11-01.log.gz', 'globalprotect-2026-11-02.log']],
      ['pa1, no zone stated', ['traffic-2026-11-01.log.gz', 'traffic-2026-11-02.log']],
    ]);
    expect([...sources.zoneless]).toEqual(['pa1, no zone stated']);
  });
});

const sessionsOf = (scene: Scene) => vpnSessions(memoryStore(scene.events));

describe('VPN sessions', () => {
  it('login, tunnel and address on three lines are one stay', async () => {
    const scene = new Scene();
    const who = { 'user.name': 'e.rau', 'event.outcome': 'success' };
    scene.add('asa', 0, 'vpn-login', who);
    scene.add('asa', SECOND, 'vpn-session-start', { ...who, 'source.ip': '198.51.100.4' });
    scene.add('asa', 2 * SECOND, 'vpn-address-assigned', {
      ...who,
      'source.ip': '198.51.100.4',
      'einfallstor.vpn.assigned_ip': '10.9.0.5',
    });
    scene.add('asa', HOUR, 'vpn-session-end', { ...who, 'source.ip': '198.51.100.4', 'destination.bytes': 5_000 });
    const all = await sessionsOf(scene);
    expect(all).toHaveLength(1);
    expect(all[0]).toMatchObject({
      account: 'e.rau',
      remote: '198.51.100.4',
      begin: IMPACT,
      end: IMPACT + HOUR,
      endKnown: true,
    });
    expect(all[0]?.addresses.map((a) => a.ip)).toEqual(['10.9.0.5']);
    expect(all[0]?.events).toHaveLength(3);
  });

  it('a second login from elsewhere while the first lasts is a stay of its own', async () => {
    const scene = new Scene();
    scene.vpn(0, 'e.rau', '198.51.100.4', '10.9.0.5', { minutes: 300 });
    scene.vpn(HOUR, 'e.rau', '203.0.113.4', '10.9.0.6', { minutes: 30 });
    const all = await sessionsOf(scene);
    expect(all.map((s) => [s.remote, s.end - s.begin])).toEqual([
      ['198.51.100.4', 300 * MINUTE],
      ['203.0.113.4', 30 * MINUTE],
    ]);
  });

  it('of more lines than are read the latest are', async () => {
    const scene = new Scene();
    for (let day = 5; day >= 1; day -= 1) scene.vpn(-day * DAY, 'e.rau', '198.51.100.4', '10.9.0.5', { minutes: 60 });
    const all = await vpnSessions(memoryStore(scene.events), 4);
    expect(all.map(({ begin }) => (begin - IMPACT) / DAY)).toEqual([-2, -1]);
  });

  it('a stay whose end nobody wrote ends when its address is lent again', async () => {
    const scene = new Scene();
    scene.vpn(0, 'e.rau', '198.51.100.4', '10.9.0.5', { ended: false });
    scene.vpn(3 * HOUR, 'o.lenz', '198.51.100.9', '10.9.0.5', { minutes: 30 });
    const [first] = await sessionsOf(scene);
    expect(first).toMatchObject({ account: 'e.rau', end: IMPACT + 3 * HOUR, endKnown: false });
  });
});

describe('identity leases', () => {
  it('an address lent twice belongs to whoever held it at the instant', async () => {
    const scene = new Scene();
    scene.vpn(0, 'e.rau', '198.51.100.4', '10.9.0.5', { minutes: 52 });
    scene.vpn(56 * MINUTE, 'o.lenz', '198.51.100.9', '10.9.0.5', { minutes: 60 });
    const leases = leasesOf(await sessionsOf(scene));
    const at = (time: number): string[] =>
      leases.holdersOf('10.9.0.5', IMPACT + time, 2 * SECOND).map((h) => h.session.account);
    expect(at(40 * MINUTE)).toEqual(['e.rau']);
    expect(at(60 * MINUTE)).toEqual(['o.lenz']);
    expect(at(54 * MINUTE)).toEqual([]);
    expect(leases.isLeased('10.9.0.6')).toBe(false);
  });
});

describe('clocks', () => {
  const clocksOf = async (scene: Scene) => {
    const store = memoryStore(scene.events);
    return estimateClocks(store, await vpnSessions(store), await readMovements(store), await sourcesOf(store));
  };

  it('a gateway 2 h 9 min ahead shows by connections that the firewall saw, too', async () => {
    const scene = new Scene();
    for (let i = 0; i < 8; i += 1) {
      const at = -i * 7 * HOUR - i * i * MINUTE;
      scene.vpn(at + 2 * HOUR + 9 * MINUTE, `user${i}`, `192.0.2.${i + 1}`, `10.9.0.${i + 1}`, { minutes: 200 });
      scene.flow(at, `192.0.2.${i + 1}`, '203.0.113.1', 443, 9_000, { 'observer.name': 'fw9' });
    }
    const clocks = await clocksOf(scene);
    const gateway = clocks.offsets.find((o) => o.source === 'gw1');
    expect(Math.abs((gateway?.offset ?? 0) - (2 * HOUR + 9 * MINUTE))).toBeLessThan(5 * SECOND);
    expect(gateway?.because.en).toContain('a zone error of 2 h and a clock 9.0 min fast');
  });

  it.each([
    ['assumed', ['--timezone', '+02:00', '--shift=-00:09:00']],
    ['stated', ['--shift=-02:09:00']],
  ])('a wrong clock whose zone is %s is put right with one command', async (zone, correction) => {
    const scene = new Scene();
    for (let i = 0; i < 8; i += 1) {
      const at = -i * 7 * HOUR - i * i * MINUTE;
      scene.vpn(at + 2 * HOUR + 9 * MINUTE, `user${i}`, `192.0.2.${i + 1}`, `10.9.0.${i + 1}`, { minutes: 200 });
      scene.flow(at, `192.0.2.${i + 1}`, '203.0.113.1', 443, 9_000, { 'observer.name': 'fw9' });
    }
    for (const { fields } of zone === 'assumed' ? scene.events : [])
      if (fields['observer.name'] === 'gw1') fields['einfallstor.warnings'] = ['zone-assumed:UTC'];
    const sources = await sourcesOf(memoryStore(scene.events));
    const [error, ...others] = clockErrors(await clocksOf(scene), sources, () => []);
    expect(others).toEqual([]);
    const [path] = sources.paths.get('gw1') ?? [];
    expect(path).toMatch(/^case\/.*\.log$/);
    expect(error).toMatchObject({ source: 'gw1', retime: [['--source', path, ...correction]] });
  });

  it('a source whose files lie in two folders beside others is put right folder by folder, log by log', async () => {
    const scene = new Scene();
    const files = [
      ...[18, 19].map((day) => `logs/fw/asa-traffic-2024-05-${day}.log.gz`),
      ...[18, 19].map((day) => `logs/vpn/asa-vpn-2024-05-${day}.log.gz`),
    ];
    for (const [n, path] of files.entries())
      scene.add(`f${n}`, 0, 'flow', { 'log.file.path': path, 'observer.name': 'asa1' });
    for (const path of ['logs/win/sec-2024-05-18.json', 'logs/vpn/radius-2024-05-18.log.gz'])
      scene.add(path, 0, 'login', { 'log.file.path': path });
    const sources = await sourcesOf(memoryStore(scene.events));
    const offset = { source: 'asa1', offset: 2 * HOUR, error: 0, pairs: 9, events: [], because: asIs('') };
    const clocks = { ...(await clocksOf(scene)), offsets: [offset] };
    expect(clockErrors(clocks, sources, () => []).flatMap(({ retime }) => retime.map(([, glob]) => glob))).toEqual([
      'logs/fw/asa-traffic-2024-05-1*.log.gz',
      'logs/vpn/asa-vpn-2024-05-1*.log.gz',
    ]);
  });

  it('who goes from machine to machine in a steady rhythm shows no wrong clock', async () => {
    const scene = new Scene();
    const hosts = ['FS01', 'TS01', 'APP01'];
    for (let day = 1; day <= 12; day += 1) {
      const at = -day * DAY + day * day * MINUTE;
      scene.logon(at, hosts[day % 3] as string, 'adm-weber', '10.0.0.50');
      scene.logon(at + 400 * SECOND, hosts[(day + 1) % 3] as string, 'adm-weber', '10.0.0.50');
      scene.flow(at + 800 * SECOND, '10.0.0.50', '10.0.0.11', 3389);
    }
    expect((await clocksOf(scene)).widest).toBe(0);
    // the same lag to one and the same machine is a wrong clock
    for (let day = 1; day <= 12; day += 1) {
      const at = -day * DAY + 5 * HOUR + day * day * MINUTE;
      scene.logon(at, 'FS02', 'adm-weber', '10.0.0.50');
      scene.flow(at + 400 * SECOND, '10.0.0.50', '10.0.0.22', 3389);
    }
    expect((await clocksOf(scene)).widest / SECOND).toBeCloseTo(400, 0);
  });

  it('clocks that agree are left alone', async () => {
    const scene = new Scene();
    for (let i = 0; i < 8; i += 1) {
      scene.vpn(-i * 7 * HOUR, `user${i}`, `192.0.2.${i + 1}`, `10.9.0.${i + 1}`, { minutes: 200 });
      scene.flow(-i * 7 * HOUR - SECOND, `192.0.2.${i + 1}`, '203.0.113.1', 443, 9_000, { 'observer.name': 'fw9' });
    }
    expect((await clocksOf(scene)).widest).toBe(0);
  });

  it('a wrong zone shows by logons that only then fall into their account’s own stay', async () => {
    const scene = new Scene();
    for (let i = 0; i < 12; i += 1) {
      const at = -i * DAY;
      scene.vpn(at + HOUR, `user${i}`, `192.0.2.${i + 1}`, `10.9.0.${i + 1}`, { minutes: 40 });
      scene.logon(at + 5 * MINUTE, 'FS01', `user${i}`, `10.9.0.${i + 1}`, '3');
      scene.logon(at + 35 * MINUTE, 'FS01', `user${i}`, `10.9.0.${i + 1}`, '3');
    }
    const clocks = await clocksOf(scene);
    const [gateway, windows] = ['gw1', 'case/win.log'].map(
      (name) => clocks.offsets.find((o) => o.source === name)?.offset ?? 0,
    );
    expect((gateway ?? 0) - (windows ?? 0)).toBe(HOUR);
  });
});

describe('coverage', () => {
  const buckets = (days: number, count: (hour: number, day: number) => number) =>
    Array.from({ length: days * 24 }, (_, i) => ({ start: i * HOUR, count: count(i % 24, Math.floor(i / 24)) }));

  it('finds a silence that the rhythm does not explain', () => {
    const gaps = gapsIn(
      buckets(20, (hour, day) => (day === 12 && hour >= 9 && hour < 15 ? 0 : 20)),
      HOUR,
    );
    expect(gaps.map((g) => [g.from, g.to])).toEqual([[12 * DAY + 9 * HOUR, 12 * DAY + 15 * HOUR]]);
  });

  it('quiet nights and a short pause are no gaps', () => {
    expect(
      gapsIn(
        buckets(20, (hour) => (hour < 7 || hour > 19 ? 0 : 30)),
        HOUR,
      ),
    ).toEqual([]);
    const quarters = Array.from({ length: 96 * 10 }, (_, i) => ({ start: i * 15 * MINUTE, count: i === 500 ? 0 : 40 }));
    expect(gapsIn(quarters, 15 * MINUTE)).toEqual([]);
  });
});

describe('why a log is silent', () => {
  const quarter = 15 * MINUTE;
  /** A firewall that writes every five minutes for ten days, but not in a stretch; `file` names the stream of a time. */
  const silentScene = (from: number, to: number, file = (_: number) => 'fw'): Scene => {
    const scene = new Scene();
    for (let at = -10 * DAY; at < 0; at += 5 * MINUTE)
      if (at < from || at >= to) scene.add(file(at), at, 'flow', { 'observer.name': 'gw1', 'event.module': 'm' });
    return scene;
  };
  const gapsOf = async (scene: Scene) => (await scene.run()).coverage.flatMap(({ gaps }) => gaps);
  const [FROM, TO] = [-5 * DAY, -5 * DAY + 6 * HOUR];

  it('its own rhythm: nothing else is said', async () => {
    const gaps = await gapsOf(silentScene(FROM, TO));
    expect(gaps.map(({ from, because }) => [from, because.en])).toEqual([
      [
        expect.stringContaining('2031-02-27T22:'),
        expect.stringMatching(/^silent for 6\.\d h, in which [^;]*expected$/),
      ],
    ]);
  });

  it('a rotated file that is missing', async () => {
    const gaps = await gapsOf(silentScene(FROM, TO, (at) => (at < FROM ? 'fw.log.2' : 'fw.log.1')));
    expect(gaps[0]?.because.en).toMatch(/; it lies between two files: a rotated one in between may be missing$/);
    expect(gaps[0]?.because.de).toContain('rotierte');
  });

  it('a record that was cut off', async () => {
    const scene = silentScene(FROM, TO);
    scene.add('fw', FROM - 1, 'flow', { 'observer.name': 'gw1', 'einfallstor.warnings': ['truncated'] });
    expect((await gapsOf(scene))[0]?.because.en).toMatch(/; the record before it is cut off$/);
  });

  it('a full disk and a restart, even where the silence is short', async () => {
    for (const length of [6 * HOUR, quarter]) {
      const scene = silentScene(FROM, FROM + length);
      const state = (at: number, message: string) =>
        scene.add('fw', at, 'source-state', { 'observer.name': 'gw1', message });
      state(FROM - 1, 'Log disk is full');
      state(FROM + length, 'syslog daemon restarted');
      const gaps = await gapsOf(scene);
      expect(gaps).toHaveLength(1);
      expect(gaps[0]?.because.en).toMatch(/; the log says that its disk was full; it begins again with a restart$/);
    }
    // a disk that was full without a silence is no gap
    const scene = silentScene(0, 0);
    scene.add('fw', FROM, 'source-state', { 'observer.name': 'gw1', message: 'Log disk is full' });
    expect(await gapsOf(scene)).toEqual([]);
  });
});

describe('the ranking without priors', () => {
  const scored = (prior: number, evidence: number, probability: number) => ({
    probability,
    terms: [
      { term: 'prior', nats: prior },
      { term: 'novelty', nats: evidence },
    ],
  });
  const scoresOf = (...all: ReturnType<typeof scored>[]): Scores =>
    ({
      scored: all,
      notInTheseLogs: { probability: 0.1, terms: [{ term: 'prior', nats: -1.9 }] },
    }) as unknown as Scores;

  it('is that of the evidence alone, and tells when another leads', () => {
    const held = uniformPriors(scoresOf(scored(-2, 3, 0.7), scored(-2, 1, 0.2)));
    expect(held.flips).toBe(false);
    expect(held.hypotheses[0]?.probability).toBeCloseTo(Math.exp(3) / (Math.exp(3) + Math.exp(1) + 1), 12);
    expect(uniformPriors(scoresOf(scored(-1, 2, 0.6), scored(-4, 3, 0.3))).flips).toBe(true);
    // nothing in the logs for it: then it was not in the logs
    expect(uniformPriors(scoresOf(scored(-0.1, -1, 0.6))).flips).toBe(true);
  });
});

describe('softmax', () => {
  it('is even for equals and does not overflow', () => {
    expect(softmax([1, 1])).toEqual([0.5, 0.5]);
    expect(softmax([2_000, 0])[0]).toBeCloseTo(1, 12);
  });
});
