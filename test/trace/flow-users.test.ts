import { expect, it } from 'vitest';
import { DAY, entryIds, HOUR, MINUTE, Scene, SECOND, told } from './scene.ts';

const STAFF = ['a.berg', 'c.dorn', 'k.lindner', 'p.roth'];
const STRANGER = '198.51.100.23';

/** A gateway that writes logins and ends of stays, but no address. */
const stay = (scene: Scene, at: number, user: string, remote: string, hours: number): string => {
  const common = { 'user.name': user, 'source.ip': remote, 'observer.name': 'gw1' };
  const login = scene.add('vpn', at, 'vpn-login', { ...common, 'event.outcome': 'success' });
  scene.add('vpn', at + hours * HOUR, 'vpn-session-end', common);
  return login;
};

/** Connections whose user the firewall names. */
const connections = (scene: Scene, at: number, user: string, from: string): void => {
  for (let i = 0; i < 30; i += 1)
    scene.flow(at + i * SECOND, from, `10.0.0.${i + 20}`, 3389, 120, { 'user.name': user });
};

const story = (atDesk: boolean): { scene: Scene; login: string } => {
  const scene = new Scene();
  scene.chatter();
  for (let day = 20; day >= 1; day -= 1)
    for (const [i, user] of STAFF.entries()) stay(scene, -day * DAY - 14 * HOUR, user, `192.0.2.${10 + i}`, 8);
  const login = stay(scene, -2 * DAY, 'c.dorn', STRANGER, 60);
  connections(scene, -2 * DAY + 3 * MINUTE, 'c.dorn', '10.57.250.14');
  if (atDesk) for (let day = 20; day >= 15; day -= 1) connections(scene, -day * DAY, 'c.dorn', '10.57.250.14');
  for (let i = 0; i < 40; i += 1) {
    scene.logon(i * 10 * SECOND - SECOND, `PC${i + 1}`, 'adm-backup', '10.57.250.14', '3');
    scene.service(i * 10 * SECOND, `PC${i + 1}`);
  }
  return { scene, login };
};

it('an address from which the user of a stay connects, and only then, was lent to it', async () => {
  const { scene, login } = story(false);
  const result = await scene.run();
  expect(entryIds(result), told(result)).toContain(login);
  expect(result.hypotheses[0]?.score.map(({ because }) => because.en).join('\n')).toContain(
    "10.57.250.14 was lent to c.dorn's VPN session at that time",
  );
});

it('an address from which he also connects without a stay is a machine of the house', async () => {
  const { scene } = story(true);
  const result = await scene.run();
  expect(result.hypotheses.flatMap((h) => h.score.map(({ because }) => because.en)).join('\n')).not.toContain(
    'was lent',
  );
});
