import { describe, expect, it } from 'vitest';
import { DAY, entryIds, MINUTE, Scene, SECOND, told } from './scene.ts';

const STRANGER = '198.51.100.23';
const HOME = '203.0.113.10';

/** A store of files on the internet; its owner comes from home each day. */
const store = (): Scene => {
  const scene = new Scene();
  scene.chatter();
  scene.logons();
  for (let day = 30; day >= 1; day -= 1) login(scene, -day * DAY, HOME);
  return scene;
};

const login = (scene: Scene, at: number, from: string): string =>
  scene.add('nas', at, 'admin-login', {
    'host.name': 'nas01',
    'user.name': 'admin',
    'source.ip': from,
    'event.outcome': 'success',
  });

const deleted = (scene: Scene, at: number, from: string, files: number): void => {
  for (let i = 0; i < files; i += 1)
    scene.add('nas', at + i * SECOND, 'share-access', {
      'host.name': 'nas01',
      'user.name': 'admin',
      'source.ip': from,
      'event.type': ['deletion'],
    });
};

/** The record of a change names no address. */
const created = (scene: Scene, at: number): void => {
  scene.add('nas', at, 'account-created', {
    'host.name': 'nas01',
    'user.name': 'admin',
    'user.target.name': 'sysadm',
    'event.outcome': 'success',
  });
};

const guessed = (scene: Scene): string => {
  const id = login(scene, -4 * DAY, STRANGER);
  scene.finding(
    'guessed',
    'T1110',
    'initial-access',
    3,
    [id],
    { 'user.name': 'admin', 'source.ip': STRANGER },
    'exposed-remote-service',
  );
  return id;
};

describe('what is done with an account that a stranger took', () => {
  it('accounts made and files destroyed show an intrusion, and his login is the entry', async () => {
    const scene = store();
    const entry = guessed(scene);
    created(scene, -4 * DAY + MINUTE);
    deleted(scene, -4 * DAY + 5 * MINUTE, STRANGER, 60);
    const result = await scene.run();
    expect(result.intrusion, told(result)).toBe('shown');
    expect(entryIds(result)).toContain(entry);
    expect(told(result)).toContain('deleted 60 files within an hour');
  });

  it('by the owner from home they show nothing', async () => {
    const scene = store();
    created(scene, -4 * DAY + MINUTE);
    deleted(scene, -4 * DAY + 5 * MINUTE, HOME, 60);
    const result = await scene.run();
    expect(result.verdict, told(result)).toBe('none');
    expect(result.standsOut).toEqual([]);
  });

  it('a few deleted files are work', async () => {
    const scene = store();
    guessed(scene);
    deleted(scene, -4 * DAY + 5 * MINUTE, STRANGER, 15);
    const result = await scene.run();
    expect(result.intrusion, told(result)).not.toBe('shown');
  });
});
