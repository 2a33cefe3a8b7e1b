import { expect, it } from 'vitest';
import { DAY, entryIds, HOUR, MINUTE, Scene, SECOND, told } from './scene.ts';

const MACHINE = '172.20.8.31';
const CONTEXT = { partners: [{ name: 'the supplier', source: '172.20.8.0/24' }] };

/** A supplier's machine looks after one controller, and one night goes elsewhere. */
const supplier = (scene: Scene, days: readonly number[]): string => {
  scene.chatter();
  for (const day of days)
    for (let i = 0; i < 4; i += 1) scene.flow(-day * DAY - 12 * HOUR + i * 10 * MINUTE, MACHINE, '10.0.3.15', 502);
  const scan = Array.from({ length: 60 }, (_, i) =>
    scene.flow(-HOUR + i * SECOND, MACHINE, `10.0.0.${i + 20}`, 3389, 120),
  );
  for (let i = 0; i < 40; i += 1) {
    scene.logon(i * 10 * SECOND - SECOND, `PC${i + 1}`, 'adm-backup', MACHINE, '3');
    scene.service(i * 10 * SECOND, `PC${i + 1}`);
  }
  return scan[0] as string;
};

it('of a partner’s machine that has its places, the first act beyond them is the entry', async () => {
  const scene = new Scene();
  const first = supplier(scene, [9, 7, 5, 2]);
  const result = await scene.run({ context: CONTEXT });
  expect(entryIds(result), told(result)).toContain(first);
  expect(result.hypotheses[0]?.vector).toBe('partner-access');
  expect(result.hypotheses[0]?.score.map(({ because }) => because.en)).toContain(
    `until then ${MACHINE} had gone to 1 place only, and to none of the others`,
  );
});

it('of one that was never there before, its first act is', async () => {
  const scene = new Scene();
  const first = supplier(scene, []);
  const result = await scene.run({ context: CONTEXT });
  expect(entryIds(result), told(result)).toContain(first);
  expect(result.hypotheses[0]?.score.map(({ because }) => because.en).join('\n')).toContain(
    'was never seen in the 30 days',
  );
});
