import { expect, it } from 'vitest';
import { DAY, HOUR, MINUTE, Scene, SECOND } from './scene.ts';

const STRANGER = '198.51.100.70';

/** A stranger's stay on the VPN and what followed; `call` adds connections to his address. */
const callingTerms = async (call: (scene: Scene) => void): Promise<readonly string[]> => {
  const scene = new Scene();
  scene.office(['a.berg', 'c.dorn']);
  scene.vpn(-3 * DAY, 'a.berg', STRANGER, '10.9.0.14', { minutes: 4 * 24 * 60 });
  for (let i = 0; i < 90; i += 1)
    scene.flow(-3 * DAY + 10 * MINUTE + i * SECOND, '10.9.0.14', `10.0.0.${i + 20}`, i % 2 === 0 ? 445 : 3389, 120);
  for (let i = 0; i < 40; i += 1) {
    scene.logon(i * 10 * SECOND - SECOND, `PC${i + 1}`, 'adm-backup', '10.9.0.14', '3');
    scene.service(i * 10 * SECOND, `PC${i + 1}`);
  }
  call(scene);
  const { hypotheses } = await scene.run();
  return (hypotheses[0]?.score ?? []).filter(({ term }) => term === 'call back').map(({ because }) => because.en);
};

it('counts connections from inside to the address that the entry came from', async () => {
  expect(
    await callingTerms((scene) => {
      for (let i = 0; i < 3; i += 1) scene.flow(-2 * DAY + i * HOUR, '10.0.0.31', STRANGER, 443, 900);
    }),
  ).toEqual(['after it connections were opened from inside to the address it came from: 3 by 10.0.0.31']);
});

it('does not count what was usual before, calls of telephony, and others’ connections', async () => {
  const usual = await callingTerms((scene) => {
    scene.flow(-9 * DAY, '10.0.0.31', STRANGER, 443, 900);
    scene.flow(-2 * DAY, '10.0.0.31', STRANGER, 443, 900);
  });
  const telephony = await callingTerms((scene) =>
    scene.add('fw', -2 * DAY, 'flow', {
      'source.ip': '10.0.0.31',
      'destination.ip': STRANGER,
      'destination.port': 3478,
      'network.transport': 'udp',
    }),
  );
  const outer = await callingTerms((scene) => scene.flow(-2 * DAY, '203.0.113.1', STRANGER, 443, 900));
  expect([usual, telephony, outer]).toEqual([[], [], []]);
});
