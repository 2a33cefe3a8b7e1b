import { describe, expect, it } from 'vitest';
import { DAY, entryIds, HOUR, MINUTE, Scene, told } from './scene.ts';

const STAFF = ['a.berg', 'c.dorn', 'k.lindner', 'p.roth'];
const INTRUDER = '203.0.113.77';

/** All logs are there, and nothing comes of a stay that the findings speak of. */
const guessed = (
  technique: string,
  accounts: readonly string[],
  remote = INTRUDER,
): { scene: Scene; entry: string } => {
  const scene = new Scene();
  scene.office(STAFF);
  scene.chatter();
  scene.logons();
  const failures = Array.from({ length: 40 }, (_, i) =>
    scene.vpnFailure(-3 * DAY + i * MINUTE, accounts[i % accounts.length] as string, remote),
  );
  const entry = scene.vpn(-3 * DAY + HOUR, 'k.lindner', remote, '10.9.1.99', { minutes: 30 });
  scene.finding(
    'guessed',
    technique,
    'initial-access',
    2.5,
    [...failures, entry],
    { 'user.name': 'k.lindner', 'source.ip': remote },
    'vpn-guessed-password',
  );
  return { scene, entry };
};

describe('a way in that was forced', () => {
  it('is an intrusion by itself, probable at most, though nothing came of it', async () => {
    const { scene, entry } = guessed('T1110.003', [...STAFF, 'admin', 'scan']);
    const result = await scene.run();
    expect([result.intrusion, result.verdict], told(result)).toEqual(['shown', 'probable']);
    expect(entryIds(result)).toEqual([entry]);
    const [first] = result.hypotheses;
    expect(first?.vector).toBe('vpn-guessed-password');
    // what it says of itself counts once
    expect(first?.score.filter(({ term }) => term.startsWith('stage '))).toEqual([]);
  });

  it('is led on by what hangs together with it, however slight', async () => {
    const { scene, entry } = guessed('T1110.003', [...STAFF, 'admin', 'scan']);
    const opened = Array.from({ length: 12 }, (_, i) =>
      scene.flow(-3 * DAY + HOUR + (i + 2) * MINUTE, '10.9.1.99', `10.0.1.${i + 1}`, 445, 120),
    );
    scene.finding('fan-out', 'T1021', 'lateral-movement', 1.2, opened, { 'source.ip': '10.9.1.99' });
    const result = await scene.run();
    expect(entryIds(result), told(result)).toEqual([entry]);
    expect(result.anchor?.summary.en).toBe('fan-out (12)');
  });

  it('is suspected after many failures of one account: its owner may have an old password in his telephone', async () => {
    const { scene, entry } = guessed('T1110.001', ['k.lindner']);
    const result = await scene.run();
    expect([result.intrusion, result.verdict], told(result)).toEqual(['suspected', 'undetermined']);
    expect(entryIds(result)).toEqual([entry]);
    const found = result.standsOut?.map(({ timestamp, summary }) => `${timestamp} ${summary.en}`) ?? [];
    expect(found).toContainEqual(expect.stringContaining('VPN login as k.lindner'));
    expect(new Set(found).size, found.join('\n')).toBe(found.length);
  });

  it('is not told of as few as somebody needs who has forgotten his password', async () => {
    const { scene } = guessed('T1110.001', ['k.lindner']);
    let kept = 0;
    for (const event of scene.events)
      if (event.fields['event.outcome'] === 'failure' && ++kept > 12) event.fields['event.outcome'] = 'unknown';
    const result = await scene.run();
    expect(result.intrusion, told(result)).toBe('none');
  });

  it('nor of many where the owner has always been', async () => {
    const result = await guessed('T1110.001', ['k.lindner'], '192.0.2.12').scene.run();
    expect(result.intrusion, told(result)).toBe('none');
  });

  it('nor where the account usually comes from', async () => {
    const result = await guessed('T1110.003', [...STAFF, 'admin', 'scan'], '192.0.2.12').scene.run();
    expect(result.intrusion, told(result)).toBe('none');
  });

  it('nor where neighbours of the address had tried, not it itself', async () => {
    const { scene, entry } = guessed('T1110.003', [...STAFF, 'admin', 'scan']);
    for (const event of scene.events)
      if (event.id !== entry && event.fields['source.ip'] === INTRUDER && event.fields['event.outcome'] === 'failure')
        event.fields['source.ip'] = '203.0.113.200';
    const result = await scene.run();
    expect(result.intrusion, told(result)).toBe('none');
  });

  it('nor where the operator knows what it was', async () => {
    const { scene } = guessed('T1110.003', [...STAFF, 'admin', 'scan']);
    const result = await scene.run({ context: { scanners: [INTRUDER] } });
    expect(result.verdict, told(result)).toBe('none');
  });
});
