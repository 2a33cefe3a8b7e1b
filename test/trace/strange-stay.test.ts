import { describe, expect, it } from 'vitest';
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
