import { expect, it } from 'vitest';
import type { TraceResult } from '../../src/trace/result.ts';
import { DAY, HOUR, MINUTE, Scene, SECOND, told } from './scene.ts';

const STRANGER = '198.51.100.70';
const READER = '10.0.0.107';

const login = (scene: Scene, at: number, user: string, from: string): void => {
  scene.add('mail', at, 'login', {
    'user.name': user,
    'source.ip': from,
    'event.outcome': 'success',
    'service.type': 'imap',
    'host.name': 'mx1',
  });
};

/** Mail from a new domain to three people, a visit that the proxy ascribes to nobody, then a stranger in one mailbox and on the VPN. */
const phished = (machineOf: (user: string) => string, vpnAccount = 'staff7'): Scene => {
  const scene = new Scene();
  scene.office(['a.berg', 'c.dorn']);
  scene.chatter();
  for (let day = 30; day >= 1; day -= 1)
    for (const n of [5, 6, 7, 8, 9])
      login(scene, -day * DAY - 13 * HOUR + n * MINUTE, `staff${n}`, machineOf(`staff${n}`));
  for (let day = 30; day >= 1; day -= 1)
    scene.add('mta', -day * DAY, 'mail-received', {
      'email.local_id': `K${day}`,
      'email.from.address': ['news@known.example'],
      'email.to.address': ['staff7@house.example'],
      'source.ip': '203.0.113.5',
    });
  for (const n of [6, 7, 8]) {
    const fields = {
      'email.local_id': `W${n}`,
      'email.from.address': ['scan@lure.example'],
      'email.to.address': [`staff${n}@house.example`],
    };
    scene.add('mta', -5 * DAY + n * SECOND, 'mail-received', { ...fields, 'source.ip': '203.0.113.222' });
    scene.add('mta', -5 * DAY + (n + 2) * SECOND, 'mail-delivery', { ...fields, 'event.outcome': 'success' });
  }
  scene.add('proxy', -5 * DAY + HOUR, 'http-request', {
    'source.ip': READER,
    'url.domain': 'login.lure.example',
    'http.response.status_code': 200,
  });
  login(scene, -5 * DAY + 6 * HOUR, 'staff7', STRANGER);
  login(scene, -4 * DAY, 'staff7', STRANGER);
  scene.vpn(-3 * DAY, vpnAccount, STRANGER, '10.9.0.14', { minutes: 4 * 24 * 60 });
  for (let i = 0; i < 90; i += 1)
    scene.flow(-3 * DAY + 10 * MINUTE + i * SECOND, '10.9.0.14', `10.0.0.${i + 20}`, i % 2 === 0 ? 445 : 3389, 120);
  for (let i = 0; i < 40; i += 1) {
    scene.logon(i * 10 * SECOND - SECOND, `PC${i + 1}`, 'adm-backup', '10.9.0.14', '3');
    scene.service(i * 10 * SECOND, `PC${i + 1}`);
  }
  return scene;
};

const visitsOf = (result: TraceResult): string[] =>
  result.hypotheses.flatMap((h) => h.score.filter((t) => t.term === 'visit').map(() => h.entry.summary.en));

it('a visit that the proxy ascribes to nobody is that of the one who uses the machine', async () => {
  const result = await phished((user) => (user === 'staff7' ? READER : '10.0.0.111')).run();
  expect(result.hypotheses[0]?.vector, told(result)).toBe('mail-phishing');
  expect(result.hypotheses[0]?.entry.summary.en).toContain('staff7');
  expect(visitsOf(result)).toHaveLength(1);
});

it('on a machine that many share it is nobody’s', async () => {
  const result = await phished(() => READER).run();
  expect(visitsOf(result), told(result)).toEqual([]);
});

it('mailbox and VPN write one person’s name differently: from the stranger’s address it is one use of his accounts', async () => {
  const own = (user: string): string => (user === 'staff7' ? READER : '10.0.0.111');
  const result = await phished(own, 's.staff').run();
  const mail = result.hypotheses.find((h) => h.vector === 'mail-phishing');
  expect(mail?.rank, told(result)).toBe(1);
  expect(mail?.score.find((t) => t.term === 'tie to the chain')?.because.en).toMatch(/whole way 0\.[6-9]/);
});
