import { describe, expect, it } from 'vitest';
import type { TraceResult } from '../../src/trace/result.ts';
import { DAY, entryIds, HOUR, MINUTE, Scene, SECOND, told } from './scene.ts';

const STAFF = ['a.berg', 'c.dorn', 'k.lindner', 'p.roth'];
const STRANGER = '198.51.100.23';
const LENT = '10.9.0.14';
const FILES = '10.0.0.201';

const failed = (scene: Scene, at: number, user: string, from: string): void => {
  scene.add('ssh', at, 'login', {
    'host.name': 'srv01',
    'user.name': user,
    'source.ip': from,
    'event.outcome': 'failure',
    'service.type': 'ssh',
  });
};

const fetched = (scene: Scene, at: number, user: string, from: string, bytes: number): void => {
  scene.add('ssh', at, 'share-access', {
    'host.name': 'srv01',
    'user.name': user,
    'source.ip': from,
    'destination.ip': FILES,
    'destination.bytes': bytes,
  });
};

/** c.dorn's stay begins at midnight; from where she always comes, or from a network new to her. */
const stay = (remote = STRANGER): { scene: Scene; first: string } => {
  const scene = new Scene();
  scene.office(STAFF);
  scene.chatter();
  return { scene, first: scene.vpn(-20 * HOUR, 'c.dorn', remote, LENT, { minutes: 300 }) };
};

describe('what is done from an address lent to a stranger', () => {
  it('other people’s accounts tried from it show an intrusion, and the stay is the entry', async () => {
    const { scene, first } = stay();
    for (const [n, user] of ['a.berg', 'p.roth'].entries()) failed(scene, -19 * HOUR + n * SECOND, user, LENT);
    const result = await scene.run();
    expect(result.verdict, told(result)).toBe('probable');
    expect(entryIds(result)).toContain(first);
    expect(result.anchor?.summary.en).toContain(
      '2 other accounts tried from 10.9.0.14, lent to c.dorn: a.berg, p.roth',
    );
  });

  it.each([
    ['one other account', STRANGER, ['a.berg']],
    ['her own under other names', STRANGER, ['adm-dorn', 'dorn']],
    ['two, from her usual network', '192.0.2.11', ['a.berg', 'p.roth']],
  ])('%s shows none', async (_, remote, accounts) => {
    const { scene } = stay(remote);
    for (const [n, user] of accounts.entries()) failed(scene, -19 * HOUR + n * SECOND, user, LENT);
    const result = await scene.run();
    expect(result.verdict, told(result)).toBe('none');
  });

  it('bytes that a server counted on the way to it left the house', async () => {
    const { scene } = stay();
    for (const [n, user] of ['a.berg', 'p.roth'].entries()) failed(scene, -19 * HOUR + n * SECOND, user, LENT);
    for (let n = 0; n < 3; n += 1) fetched(scene, -18 * HOUR + n * MINUTE, 'c.dorn', LENT, 40_000_000);
    const result = await scene.run();
    expect(result.exfiltration.grade, told(result)).toBe('shown');
    expect(result.exfiltration.because.en).toContain('120 MB of files of c.dorn fetched in a day from 10.9.0.14');
  });

  it('as much as the owner fetches from home is her measure', async () => {
    const { scene } = stay();
    for (const [n, user] of ['a.berg', 'p.roth'].entries()) failed(scene, -19 * HOUR + n * SECOND, user, LENT);
    for (let day = 20; day >= 3; day -= 1) fetched(scene, -day * DAY - 12 * HOUR, 'c.dorn', '10.9.1.11', 100_000_000);
    fetched(scene, -18 * HOUR, 'c.dorn', LENT, 120_000_000);
    const result = await scene.run();
    expect(result.exfiltration.grade, told(result)).not.toBe('shown');
  });
});

describe('two first stays of an account that had not been used from outside', () => {
  /** Three days before a stay that ends in ransomware, another, from another network and of so many minutes. */
  const twice = (minutes: number): { scene: Scene; earlier: string; later: string } => {
    const scene = new Scene();
    scene.office(STAFF);
    scene.chatter();
    const earlier = scene.vpn(-4 * DAY, 's.winter', '203.0.113.170', '10.9.3.19', { minutes });
    for (let n = 0; n < 6; n += 1) scene.flow(-4 * DAY + n * 10 * MINUTE, '10.9.3.19', '10.0.0.5', 443);
    const later = scene.vpn(-DAY, 's.winter', STRANGER, LENT, { minutes: 40 * 60 });
    for (let n = 0; n < 60; n += 1) scene.flow(-DAY + HOUR + n * SECOND, LENT, `10.0.0.${n + 20}`, 445, 120);
    for (let n = 0; n < 30; n += 1) {
      scene.logon(n * 10 * SECOND - SECOND, `PC${n + 1}`, 'adm-backup', LENT, '3');
      scene.service(n * 10 * SECOND, `PC${n + 1}`);
    }
    return { scene, earlier, later };
  };
  const probabilityOf = (result: TraceResult, id: string): number =>
    result.hypotheses.find((h) => h.entry.events.some((e) => e.id === id))?.probability ?? 0;

  it('one like a working day is rather the owner’s than the stranger’s', async () => {
    const { scene, later } = twice(450);
    const result = await scene.run();
    expect(entryIds(result), told(result)).toContain(later);
  });

  it('a brief one is rather where he came in', async () => {
    const brief = twice(20);
    const result = await brief.scene.run();
    const long = twice(450);
    const workday = await long.scene.run();
    expect(probabilityOf(result, brief.earlier), told(result)).toBeGreaterThan(0.3);
    expect(probabilityOf(workday, long.earlier)).toBeLessThan(probabilityOf(result, brief.earlier) / 2);
  });
});

describe('an intrusion by way of a stay from where its account always comes', () => {
  /** c.dorn's usual network; office() has her there in the morning. */
  const from = async (hour: number): Promise<TraceResult> => {
    const scene = new Scene();
    scene.office(STAFF);
    // on that day she comes this once
    const isOfTheDay = (at: unknown): boolean => Math.abs(Number(at) - scene.at(-2 * DAY - 10 * HOUR)) < 8 * HOUR;
    const kept = scene.events.filter(
      ({ fields }) => fields['user.name'] !== 'c.dorn' || !isOfTheDay(fields['@timestamp']),
    );
    scene.events.splice(0, scene.events.length, ...kept);
    scene.chatter();
    scene.logons();
    scene.vpn(-2 * DAY + hour * HOUR, 'c.dorn', '192.0.2.11', LENT, { minutes: 90 });
    const at = -2 * DAY + hour * HOUR + 30 * MINUTE;
    for (let i = 0; i < 30; i += 1) {
      scene.logon(at + i * 10 * SECOND - SECOND, `PC${i + 1}`, 'svc-backup', LENT, '3');
      scene.service(at + i * 10 * SECOND, `PC${i + 1}`);
    }
    return scene.run();
  };
  const novelty = (result: TraceResult): { nats: number; because: string }[] =>
    (result.hypotheses[0]?.score ?? [])
      .filter(({ term }) => term.startsWith('novelty'))
      .map(({ nats, because }) => ({ nats, because: because.en }));

  it('speaks less against it at an hour at which the account is never used', async () => {
    const [night, day] = [await from(4), await from(-13.5)];
    expect(novelty(night)[0]?.because, told(night)).toMatch(/though at an hour \(02:00 UTC\) at which/);
    expect(novelty(day)[0]?.because, told(day)).not.toContain('though');
    expect(novelty(night)[0]?.nats).toBeGreaterThan(novelty(day)[0]?.nats as number);
  });
});
