// Ways in that nothing is tied to, as where the logs of the machines were lost with the machines.
import { describe, expect, it } from 'vitest';
import { DAY, entryIds, HOUR, MINUTE, Scene, told } from './scene.ts';

const STAFF = ['a.berg', 'c.dorn', 'k.lindner', 'p.roth'];
const STRANGER = '198.51.100.23';
const CONTEXT = { partners: [{ name: 'the supplier', source: '172.20.8.0/24' }] };

/** The gateway's and the firewall's logs; remote staff open the screen of their own machine. */
const house = (): Scene => {
  const scene = new Scene();
  scene.office(STAFF);
  scene.chatter();
  for (let day = 30; day >= 1; day -= 1)
    for (let i = 0; i < STAFF.length; i += 1)
      scene.flow(-day * DAY - 13 * HOUR + i * 7 * MINUTE, `10.9.1.${10 + i}`, `10.0.0.${20 + i}`, 3389);
  return scene;
};

/** Somebody comes with an employee's password at night and opens a screen. */
const strangerAt = (scene: Scene, place: string): string => {
  const login = scene.vpn(-3 * DAY + 4 * HOUR, 'k.lindner', STRANGER, '10.9.1.40', { minutes: 90 });
  scene.flow(-3 * DAY + 4 * HOUR + 2 * MINUTE, '10.9.1.40', place, 3389);
  return login;
};

describe('a stay from a network new to its account', () => {
  it('that opens a machine where the account never was: an open question where no log of the machines is there', async () => {
    const scene = house();
    const login = strangerAt(scene, '10.0.0.5');
    const result = await scene.run();
    expect(result.intrusion, told(result)).toBe('unanswered');
    expect(result.verdict).toBe('undetermined');
    expect(entryIds(result)).toContain(login);
    expect(result.hypotheses[0]?.score.map(({ because }) => because.en).join('\n')).toContain(
      'it opened a screen or shell of 10.0.0.5, where the account had not been in 27 stays before',
    );
  });

  it('that goes where the account always goes: a traveller', async () => {
    const scene = house();
    strangerAt(scene, '10.0.0.22');
    expect((await scene.run()).verdict).toBe('none');
  });

  it('whose machines say that nothing came of it: told, no more', async () => {
    const scene = house();
    const login = strangerAt(scene, '10.0.0.5');
    scene.logons();
    const result = await scene.run();
    expect(result.verdict, told(result)).toBe('none');
    expect(result.standsOut?.flatMap(({ events }) => events.map(({ id }) => id))).toContain(login);
  });

  it('of an account that the firewall’s log does not reach back for says nothing of its places', async () => {
    const scene = new Scene();
    scene.office(STAFF);
    scene.chatter();
    strangerAt(scene, '10.0.0.5');
    expect((await scene.run()).verdict).toBe('none');
  });
});

describe('a partner’s machine', () => {
  /** The supplier's people look after two servers by day. */
  const supplied = (): Scene => {
    const scene = house();
    for (let day = 30; day >= 1; day -= 1)
      for (let i = 0; i < 4; i += 1)
        scene.flow(-day * DAY - 10 * HOUR + i * HOUR, `172.20.8.${10 + (i % 2)}`, '10.0.0.6', 3389);
    return scene;
  };

  it('that comes for the first time, at an hour at which the partner never works', async () => {
    const scene = supplied();
    const first = scene.flow(-3 * DAY + 4 * HOUR, '172.20.8.31', '10.0.0.5', 3389);
    const result = await scene.run({ context: CONTEXT });
    expect(result.intrusion, told(result)).toBe('unanswered');
    expect(result.hypotheses[0]?.vector).toBe('partner-access');
    expect(entryIds(result)).toContain(first);
  });

  it('that comes for the first time by day: told, and no question', async () => {
    const scene = supplied();
    scene.flow(-3 * DAY - 10 * HOUR, '172.20.8.31', '10.0.0.5', 3389);
    const result = await scene.run({ context: CONTEXT });
    expect(result.verdict, told(result)).toBe('none');
    expect(result.standsOut?.map(({ summary }) => summary.en)).toContain(
      'first act of 172.20.8.31, reached through the supplier',
    );
  });
});

describe('an instant that the analyst names and no record tells of', () => {
  it('ranks the ways in until then that stand out, and decides nothing', async () => {
    const scene = house();
    const login = strangerAt(scene, '10.0.0.22');
    scene.vpn(-HOUR, 'p.roth', '198.51.100.77', '10.9.1.41', { minutes: 30 });
    const result = await scene.run({ anchor: new Date(scene.at(-2 * DAY + 7 * MINUTE) / 1000).toISOString() });
    expect(result.verdict, told(result)).toBe('undetermined');
    expect(result.intrusion).toBe('shown');
    expect(result.anchor?.summary.en).toBe('what happened at 2031-03-02 22:07:00 UTC, named by the analyst');
    expect(entryIds(result)).toContain(login);
    expect(result.hypotheses.map(({ title }) => title.en).join()).not.toContain('p.roth');
    expect(result.unanswered?.map(({ en }) => en).join()).toContain('No record within an hour tells of it');
    expect(result.exfiltration.grade).toBe('cannot-be-excluded');
  });

  it('copied from a record means the record', async () => {
    const scene = house();
    const at = -2 * DAY + 61 * 1_000_000;
    scene.add('win', at, 'account-changed', { 'host.name': 'FS01' });
    const result = await scene.run({ anchor: new Date(scene.at(at) / 1000).toISOString() });
    expect(result.anchor?.summary.en).toBe('the event marked by the analyst (account changed on fs01)');
  });
});

describe('an account or address that the analyst names, of which no late act is known', () => {
  it('means its uses that stand out, not its last record', async () => {
    const scene = house();
    const login = strangerAt(scene, '10.0.0.22');
    for (const anchor of ['k.lindner', STRANGER]) {
      const result = await scene.run({ anchor });
      expect(
        result.anchor?.events.map(({ id }) => id),
        told(result),
      ).toEqual([login]);
      expect(result.hypotheses.flatMap(({ entry }) => entry.events.map(({ id }) => id))).toContain(login);
    }
  });
});
