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

/** The mailbox of `info` is tried from one network, and three hours later read and used to send from another. */
const taken = (): { scene: Cloud; first: string } => {
  const scene = new Cloud();
  scene.month();
  const first = scene.login(-3 * DAY, 'info', '198.51.100.70');
  scene.login(-3 * DAY + 3 * HOUR, 'info', '203.0.113.5');
  const rule = scene.add('audit', -3 * DAY + 4 * HOUR, 'mail-access', {
    'user.name': 'info',
    'source.ip': '203.0.113.5',
    'event.action': 'New-InboxRule',
  });
  scene.finding('inbox-rule', 'T1564.008', 'defense-evasion', 2, [rule], {
    'user.name': 'info',
    'source.ip': '203.0.113.5',
  });
  // the owner writes a message from home on the same day
  scene.send(-HOUR, 'info', '192.0.2.12', 1);
  for (let i = 0; i < 60; i += 1) scene.send(i * 20 * SECOND, 'info', '203.0.113.5', 10);
  return { scene, first };
};

describe('a mailbox at a provider', () => {
  it('mass sending is counted by the recipients that the message trace tells', async () => {
    const { scene } = taken();
    const result = await scene.run();
    expect(result.anchor?.summary.en, told(result)).toContain('601 recipients in one day written to by info');
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
