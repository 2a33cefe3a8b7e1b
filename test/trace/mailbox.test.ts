import { describe, expect, it } from 'vitest';
import { DAY, entryIds, HOUR, MINUTE, Scene, SECOND, told } from './scene.ts';

const USERS = ['a.berg', 'c.dorn', 'info', 'k.lindner', 'p.roth'];

/** A provider's logs: logins, `Send` without recipients, and a message trace with one line for each recipient. */
class Cloud extends Scene {
  login(at: number, user: string, from: string): string {
    return this.add('audit', at, 'login', {
      'user.name': user,
      'source.ip': from,
      'event.outcome': 'success',
      'event.module': 'microsoft-365-audit',
      'service.type': 'web',
    });
  }

  send(at: number, user: string, from: string, recipients: number): void {
    this.add('audit', at, 'mail-received', {
      'user.name': user,
      'einfallstor.email.auth_user': `${user}@house.example`,
      'source.ip': from,
      'event.module': 'microsoft-365-audit',
    });
    for (let i = 0; i < recipients; i += 1)
      this.traced(at + SECOND, `${user}@house.example`, `customer${i}@${i}.example`);
  }

  traced(at: number, from: string, to: string, ip?: string): void {
    this.add('messages', at, 'mail-delivery', {
      'email.from.address': [from],
      'email.to.address': [to],
      'event.outcome': 'success',
      'event.module': 'exchange-online-trace',
      ...(ip === undefined ? {} : { 'source.ip': ip }),
    });
  }

  /** A month in which everybody logs in from home and writes to a few. */
  month(): void {
    for (let day = 30; day >= 1; day -= 1)
      for (const [i, user] of USERS.entries()) {
        this.login(-day * DAY - 13 * HOUR + i * MINUTE, user, `192.0.2.${10 + i}`);
        this.send(-day * DAY - 12 * HOUR + i * MINUTE, user, `192.0.2.${10 + i}`, 2);
      }
  }
}

/** A mailbox is tried from one network, and hours later read and used to send from another. */
const taken = (user = 'info', hours = 3): { scene: Cloud; first: string } => {
  const scene = new Cloud();
  scene.month();
  const first = scene.login(-3 * DAY, user, '198.51.100.70');
  scene.login(-3 * DAY + hours * HOUR, user, '203.0.113.5');
  const rule = scene.add('audit', -3 * DAY + (hours + 1) * HOUR, 'mail-access', {
    'user.name': user,
    'source.ip': '203.0.113.5',
    'event.action': 'New-InboxRule',
  });
  scene.finding('inbox-rule', 'T1564.008', 'defense-evasion', 2, [rule], {
    'user.name': user,
    'source.ip': '203.0.113.5',
  });
  // the owner writes a message from home on the same day
  if (USERS.includes(user)) scene.send(-HOUR, user, '192.0.2.12', 1);
  for (let i = 0; i < 60; i += 1) scene.send(i * 20 * SECOND, user, '203.0.113.5', 10);
  return { scene, first };
};

describe('a mailbox at a provider', () => {
  it('mass sending is counted by the recipients that the message trace tells', async () => {
    const { scene } = taken();
    const result = await scene.run();
    expect(result.anchor?.summary.en, told(result)).toContain('601 recipients in one day written to by info');
  });

  it('a sending too slight to be judged is told where no intrusion is shown', async () => {
    const scene = new Cloud();
    scene.month();
    for (let i = 0; i < 40; i += 1) scene.send(i * MINUTE, 'info', '192.0.2.12', 10);
    const result = await scene.run();
    expect(result.verdict, told(result)).toBe('none');
    expect(result.standsOut?.map(({ summary }) => summary.en).join()).toContain(
      '400 recipients in one day written to by info',
    );
  });

  it('an account that sends from many networks on one day is in the hands of whoever has its password', async () => {
    const scene = new Cloud();
    scene.month();
    for (let i = 0; i < 40; i += 1) scene.send(i * MINUTE, 'info', `203.0.${113 + (i % 5)}.5`, 10);
    const result = await scene.run();
    expect(result.intrusion, told(result)).not.toBe('none');
    expect(result.anchor?.summary.en).toContain('written to by info from 5 networks');
  });

  it('mail that only pretends to come from the house is nobody’s sending', async () => {
    const scene = new Cloud();
    scene.month();
    for (let i = 0; i < 600; i += 1)
      scene.traced(i * SECOND, 'info@house.example', `${USERS[i % 5]}@house.example`, '203.0.113.5');
    expect((await scene.run()).verdict).toBe('none');
  });

  it('of two strange networks on one day, the first is the entry', async () => {
    const { scene, first } = taken();
    const result = await scene.run();
    expect(entryIds(result), told(result)).toContain(first);
    expect(result.hypotheses[0]?.vector).toBe('mail-account-takeover');
    expect(result.hypotheses[0]?.score.find((t) => t.term === 'stage impact')?.nats).toBeGreaterThan(0.5);
  });

  it('an account that nobody used in a month does not change its network every day: the first stranger is the entry', async () => {
    const { scene, first } = taken('archive', 22);
    const result = await scene.run();
    expect(entryIds(result), told(result)).toContain(first);
  });

  it('an account first used late, and then from one network after another, is in no hands that are known', async () => {
    const scene = new Cloud();
    scene.month();
    const first = scene.login(-12 * DAY, 'purchasing', '198.51.100.70');
    scene.login(-11 * DAY, 'purchasing', '203.0.113.5');
    const read = scene.add('audit', -11 * DAY + MINUTE, 'mail-access', {
      'user.name': 'purchasing',
      'source.ip': '203.0.113.5',
    });
    scene.finding('mailbox-read', 'T1114.002', 'collection', 1.5, [read], {
      'user.name': 'purchasing',
      'source.ip': '203.0.113.5',
    });
    scene.login(-MINUTE, 'purchasing', '203.0.114.9');
    for (let i = 0; i < 60; i += 1) scene.send(i * 20 * SECOND, 'purchasing', '203.0.114.9', 10);
    const result = await scene.run();
    expect(result.intrusion, told(result)).toBe('shown');
    expect(result.hypotheses[0]?.vector).toBe('mail-account-takeover');
    expect(entryIds(result)).toContain(first);
  });

  it('where the later of the two had tried many accounts before, both are named and neither is determined', async () => {
    const { scene, first } = taken();
    for (let i = 0; i < 12; i += 1)
      scene.add('audit', -8 * DAY + i * HOUR, 'login', {
        'user.name': USERS[i % 5] as string,
        'source.ip': '203.0.113.6',
        'event.outcome': 'failure',
        'event.module': 'microsoft-365-audit',
      });
    const result = await scene.run();
    const entry = result.hypotheses.find((h) => h.entry.events.some((e) => e.id === first));
    expect(entry?.probability, told(result)).toBeGreaterThan(0.2);
    expect(result.verdict, told(result)).not.toBe('determined');
  });
});

/** `info` sends to that many people from `source`; guessed: the password was found out from there an hour before. */
const sent = (source: string, guessed: boolean, recipients = 80): Cloud => {
  const scene = new Cloud();
  scene.month();
  const login = scene.login(-HOUR, 'info', source);
  if (guessed)
    scene.finding(
      'guessed',
      'T1110',
      'initial-access',
      3,
      [login],
      { 'user.name': 'info', 'source.ip': source },
      'mail-account-takeover',
    );
  for (let i = 0; i < 8; i += 1) scene.send(i * MINUTE, 'info', source, recipients / 8);
  return scene;
};

/** `info` downloads `files` files from `source`. */
const downloads = (scene: Cloud, source: string, files: number): void => {
  for (let i = 0; i < files; i += 1)
    scene.add('audit', 2 * HOUR + i * SECOND, 'share-access', {
      'user.name': 'info',
      'source.ip': source,
      'event.action': 'FileDownloaded',
    });
};

describe('evidence combines: what is everyday by itself is not in a stranger’s hands', () => {
  const HOME = '192.0.2.12';
  const AWAY = '203.0.113.5';

  it('80 recipients after the password was guessed show an intrusion, by way of that login', async () => {
    const result = await sent(AWAY, true).run();
    expect(['probable', 'determined'], told(result)).toContain(result.verdict);
    expect(result.anchor?.summary.en).toContain('80 recipients in one day written to by info');
    expect(result.hypotheses[0]?.entry.summary.en).toContain(AWAY);
  });

  it('80 recipients by the owner at home, or on a journey, show none', async () => {
    for (const source of [HOME, AWAY]) {
      const result = await sent(source, false).run();
      expect(result.verdict, told(result)).toBe('none');
    }
  });

  it('a guessed password elsewhere says nothing of what is sent from home', async () => {
    const scene = sent(HOME, false);
    const login = scene.login(-2 * HOUR, 'info', AWAY);
    const entities = { 'user.name': 'info', 'source.ip': AWAY };
    scene.finding('guessed', 'T1110', 'initial-access', 3, [login], entities, 'mail-account-takeover');
    const result = await scene.run();
    expect(result.verdict, told(result)).toBe('none');
  });

  it('a password guessed from one address is used from another where the owner never was', async () => {
    const scene = sent(AWAY, false);
    const login = scene.login(-10 * HOUR, 'info', '198.51.100.70');
    const entities = { 'user.name': 'info', 'source.ip': '198.51.100.70' };
    scene.finding('guessed', 'T1110', 'initial-access', 3, [login], entities, 'mail-account-takeover');
    const result = await scene.run();
    expect(['probable', 'determined'], told(result)).toContain(result.verdict);
    expect(entryIds(result)).toContain(login);
    expect(result.hypotheses[0]?.chain.map(({ summary }) => summary.en).join()).toContain('80 recipients in one day');
  });

  it('files fetched by the stranger left the house; as many by the owner are his work', async () => {
    const guessed = sent(AWAY, true);
    downloads(guessed, AWAY, 25);
    const result = await guessed.run();
    expect(result.exfiltration.grade, told(result)).toBe('likely');
    expect(result.exfiltration.because.en).toContain('files of info accessed 25 times in a day from 203.0.113.5');
    const own = sent(HOME, false);
    downloads(own, HOME, 25);
    expect((await own.run()).verdict).toBe('none');
  });

  it('as many bytes as the owner fetches show no stranger, but who is shown otherwise got them', async () => {
    const fetching = (scene: Cloud): Cloud => {
      for (const [at, from] of [[-5 * DAY, HOME] as const, [-4 * DAY, HOME] as const, [2 * HOUR, AWAY] as const])
        scene.add('ssh', at, 'share-access', {
          'user.name': 'info',
          'source.ip': from,
          'destination.bytes': 30_000_000,
        });
      return scene;
    };
    const guessed = await fetching(sent(AWAY, true)).run();
    expect(guessed.exfiltration.grade, told(guessed)).toBe('shown');
    expect(guessed.exfiltration.because.en).toContain('30 MB of files of info fetched in a day from 203.0.113.5');
    expect((await fetching(sent(AWAY, false)).run()).verdict).toBe('none');
  });

  it('a trace that names the sender’s address outside counts what goes to other houses', async () => {
    const scene = new Cloud();
    scene.month();
    const login = scene.login(-HOUR, 'info', AWAY);
    const entities = { 'user.name': 'info', 'source.ip': AWAY };
    scene.finding('guessed', 'T1110', 'initial-access', 3, [login], entities, 'mail-account-takeover');
    for (let i = 0; i < 80; i += 1) scene.traced(i * SECOND, 'info@house.example', `customer${i}@${i}.example`, AWAY);
    const result = await scene.run();
    expect(result.anchor?.summary.en, told(result)).toContain('80 recipients in one day written to by info');
  });
});

/** Written in a web mail: its log knows the writer, the mail transfer agent the recipients, and the two share the message id. */
const written = (scene: Cloud, at: number, user: string, from: string, recipients: number): void => {
  const id = `${at}@house.example`;
  const queued = { 'email.local_id': `Q${at}`, 'event.module': 'postfix' };
  scene.add('mailbox', at, 'mail-received', {
    'einfallstor.email.auth_user': `${user}@house.example`,
    'user.name': `${user}@house.example`,
    'email.message_id': id,
    'source.ip': from,
    'event.module': 'zimbra',
  });
  scene.add('maillog', at, 'mail-received', { ...queued, 'source.ip': '10.0.0.25' });
  scene.add('maillog', at, 'mail-received', { ...queued, 'email.message_id': id });
  scene.add('maillog', at, 'mail-received', { ...queued, 'einfallstor.email.recipients': recipients });
};

it('what came of a taken mailbox is asked of the mail log, not of a firewall or of machines', async () => {
  const scene = new Cloud();
  scene.month();
  const entities = { 'user.name': 'info', 'source.ip': '203.0.113.5' };
  // a record of the guessing that is not the login's own
  const failed = scene.add('audit', -DAY, 'login', { ...entities, 'event.outcome': 'failure' });
  scene.finding('guessed', 'T1110', 'initial-access', 3, [failed], entities, 'mail-account-takeover');
  scene.send(HOUR, 'a.berg', '192.0.2.10', 1);
  const result = await scene.run();
  expect(
    result.standsOut?.map(({ summary }) => summary.en),
    told(result),
  ).toContain('guessed (1)');
  expect(result.intrusion).toBe('none');
});

describe('a web mail of the house', () => {
  const mass = (user: string, from: string): Cloud => {
    const scene = new Cloud();
    scene.month();
    for (let i = 0; i < 20; i += 1) written(scene, i * MINUTE, user, from, 40);
    return scene;
  };

  it('tells in whose hands the account was that the mail transfer agent knows as the web mail’s', async () => {
    const scene = mass('info', '203.0.113.5');
    const login = scene.login(-9 * HOUR, 'info', '203.0.113.5');
    const result = await scene.run();
    expect(result.intrusion, told(result)).toBe('shown');
    expect(result.anchor?.summary.en).toContain('800 recipients in one day written to by info');
    expect(entryIds(result), told(result)).toContain(login);
    // the same by the owner is his newsletter
    expect((await mass('info', '192.0.2.12').run()).verdict).toBe('none');
  });

  it('two accounts that come for the first time from a network of nobody else are in the same hands', async () => {
    const scene = mass('info', '203.0.113.5');
    const guessed = scene.login(-30 * HOUR, 'p.roth', '198.51.100.70');
    const entities = { 'user.name': 'p.roth', 'source.ip': '198.51.100.70' };
    scene.finding('guessed', 'T1110', 'initial-access', 3, [guessed], entities, 'mail-account-takeover');
    scene.login(-25 * HOUR, 'p.roth', '203.0.113.77');
    scene.login(-9 * HOUR, 'info', '203.0.113.5');
    const result = await scene.run();
    expect(entryIds(result), told(result)).toContain(guessed);
    // a third account from there makes it a provider of the house's people
    scene.login(-40 * HOUR, 'a.berg', '203.0.7.9');
    expect(entryIds(await scene.run())).not.toContain(guessed);
  });
});

describe('what is determined stands on two legs', () => {
  it('one act after a login from a new network is probable, however probable; that the password was guessed is the second leg', async () => {
    const single = await sent('203.0.113.5', false, 800).run();
    expect(single.hypotheses[0]?.probability, told(single)).toBeGreaterThan(0.9);
    expect(single.verdict).toBe('probable');
    const both = await sent('203.0.113.5', true, 800).run();
    expect(both.verdict, told(both)).toBe('determined');
  });
});

describe('a mail server that writes no line of a login', () => {
  /** Postfix: whom it had authenticated stands in the first line of each message, the recipients in the queue's. */
  const handedIn = (scene: Scene, at: number, queue: string, from: string, recipients: number): string => {
    const id = scene.add('mail', at, 'mail-received', {
      'user.name': 'info',
      'einfallstor.email.auth_user': 'info',
      'source.ip': from,
      'service.type': 'smtp',
      'event.outcome': 'success',
      'event.module': 'postfix',
      'email.local_id': queue,
      'host.name': 'mx1',
    });
    scene.add('mail', at + SECOND, 'mail-received', {
      'email.from.address': ['info@house.example'],
      'einfallstor.email.recipients': recipients,
      'event.outcome': 'success',
      'event.module': 'postfix',
      'email.local_id': queue,
    });
    return id;
  };

  it('the first message handed in by the stranger is his login, and the entry', async () => {
    const scene = new Scene();
    for (let day = 30; day >= 1; day -= 1) handedIn(scene, -day * DAY, `A${day}`, '192.0.2.12', 2);
    const ids = [...Array(40).keys()].map((i) => handedIn(scene, i * MINUTE, `B${i}`, '203.0.113.5', 50));
    const entities = { 'user.name': 'info', 'source.ip': '203.0.113.5' };
    scene.finding('guessed', 'T1110', 'initial-access', 3, [ids[0] as string], entities, 'mail-account-takeover');
    const result = await scene.run();
    expect(entryIds(result), told(result)).toContain(ids[0]);
    expect(result.hypotheses[0]?.vector).toBe('mail-account-takeover');
    expect(['probable', 'determined'], told(result)).toContain(result.verdict);
  });

  it('an account that nobody had used from outside since the log began, weeks ago, is used by a stranger', async () => {
    const scene = new Scene();
    for (let day = 30; day >= 1; day -= 1) handedIn(scene, -day * DAY, `A${day}`, '10.0.0.12', 2);
    const ids = [...Array(40).keys()].map((i) => handedIn(scene, i * MINUTE, `B${i}`, '203.0.113.5', 50));
    const result = await scene.run();
    expect(entryIds(result), told(result)).toContain(ids[0]);
    expect(result.verdict).not.toBe('none');
    expect(result.hypotheses[0]?.score.map(({ because }) => because.en).join()).toContain(
      'first use of info from outside since the logs begin, 30 days before',
    );
  });
});
