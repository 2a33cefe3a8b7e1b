import { describe, expect, it } from 'vitest';
import { DAY, entryIds, HOUR, Scene, SECOND, told } from './scene.ts';

const INTRUDER = '203.0.113.140';

/** A web server in the house's network is taken over; weeks of everyday before. */
const webServerTaken = (scene: Scene, at: number): string => {
  const commands = ['id', 'uname+-a', 'cat+/etc/passwd'];
  const request = (time: number, path: string, query?: string): string =>
    scene.add('web', time, 'http-request', {
      'source.ip': INTRUDER,
      'http.request.method': query === undefined ? 'POST' : 'GET',
      'url.path': path,
      'url.original': query === undefined ? path : `${path}?${query}`,
      'http.response.status_code': 200,
      ...(query === undefined ? {} : { 'url.query': query }),
    });
  const upload = request(at, '/upload.php');
  const uses = commands.map((c, n) => request(at + (n + 1) * SECOND, '/uploads/s.php', `c=${c}`));
  scene.finding(
    'upload-then-script',
    'T1505.003',
    'persistence',
    1.5,
    [upload, uses[0] as string],
    { 'source.ip': INTRUDER },
    'web-exploit',
  );
  return upload;
};

/** Services on many hosts, deleted shadow copies and cleared logs; no record says from where. */
const ransomed = (scene: Scene): void => {
  const services = Array.from({ length: 40 }, (_, i) => scene.service(i * 10 * SECOND, `PC${i + 1}`));
  scene.finding('shadow-copies', 'T1490', 'impact', 4, services.slice(0, 5), {});
  scene.finding('logs-cleared', 'T1070.001', 'defense-evasion', 2.5, services.slice(0, 3), {});
};

/** An upload to the same place every day since the logs begin. */
const nightly = (scene: Scene): void => {
  for (let day = 31; day >= 1; day -= 1)
    scene.flow(-day * DAY - 2 * HOUR, '10.0.0.201', '203.0.113.200', 443, 20e9, { 'network.bytes': 20e9 });
};

it('an intrusion without a beginning is taken for the sequel of one shown before it, and nothing is called probable', async () => {
  const scene = new Scene();
  scene.chatter();
  const upload = webServerTaken(scene, -9 * DAY);
  ransomed(scene);
  const result = await scene.run();
  expect(entryIds(result), told(result)).toContain(upload);
  expect(result.hypotheses[0]?.probability).toBeGreaterThan(0.5);
  expect(result.verdict).toBe('undetermined');
  expect(result.otherChains).toEqual([]);
  expect(result.unanswered?.[0]?.en).toMatch(
    /^Open: how the entry of 2031-02-23 .* led to: .*Nothing in the logs ties them/,
  );
});

it('where the chain is the heavier of the two, what nothing ties to it is told as open', async () => {
  const scene = new Scene();
  scene.chatter();
  const upload = webServerTaken(scene, -9 * DAY);
  const services = Array.from({ length: 5 }, (_, i) => scene.service(i * 10 * SECOND, `PC${i + 1}`));
  scene.finding('shadow-copies', 'T1490', 'impact', 4, services, {});
  const result = await scene.run();
  expect(entryIds(result), told(result)).toContain(upload);
  expect(result.verdict).toBe('determined');
  expect(result.unanswered?.map(({ en }) => en)).toEqual([
    'Open: how it came to this: shadow-copies (5), 2031-03-04 22:00:00 UTC. Nothing in the logs ties it to the chain or to an act from outside.',
  ]);
});

it('who was shown to be inside only afterwards did not begin it', async () => {
  const scene = new Scene();
  scene.chatter();
  const upload = webServerTaken(scene, 2 * HOUR);
  ransomed(scene);
  const result = await scene.run();
  expect(
    result.hypotheses.slice(0, 1).flatMap((h) => h.entry.events.map(({ id }) => id)),
    told(result),
  ).not.toContain(upload);
  expect(result.otherChains[0]?.hypotheses[0]?.entry.events.map(({ id }) => id)).toContain(upload);
});

it('where the entry is not decided, what was sent every day before the first known act is not said to be its doing', async () => {
  const scene = new Scene();
  nightly(scene);
  scene.chatter();
  ransomed(scene);
  scene.logon(HOUR, 'BKP', 'adm-backup', '10.0.0.201', '3');
  scene.flow(-HOUR, '10.0.0.201', '198.51.100.40', 443, 50e9, { 'network.bytes': 50e9 });
  const { verdict, exfiltration } = await scene.run();
  expect(verdict).toBe('undetermined');
  expect(exfiltration.because.en).not.toContain('203.0.113.200');
});

it('where no log shows the entry, the chain is told as far back as it leads, with what would lead on', async () => {
  const scene = new Scene();
  scene.chatter();
  const first = scene.logon(-2 * DAY, 'SRV1', 'adm-backup', '10.77.0.5');
  scene.flow(-2 * DAY, '10.77.0.5', '10.0.0.66', 3389);
  for (let i = 0; i < 40; i += 1) {
    scene.logon(i * 10 * SECOND - SECOND, `PC${i + 1}`, 'adm-backup', '10.0.0.66', '3');
    scene.service(i * 10 * SECOND, `PC${i + 1}`);
  }
  const result = await scene.run();
  expect(result.verdict, told(result)).toBe('undetermined');
  expect(result.hypotheses).toEqual([]);
  expect(result.standsOut?.[0]?.events.map(({ id }) => id)).toEqual([first]);
  expect(result.unanswered?.map(({ en }) => en)).toEqual([
    'Open: who was at 10.77.0.5 by 2031-03-02 22:00:00 UTC. As far back as these logs lead: RDP logon to srv1 from 10.77.0.5 as adm-backup. A log of leases (VPN, DHCP) of that time, or that of the machine, would tell.',
    expect.stringMatching(/^No authentication log reaches back before 2031-03-02 22:00:00 UTC/),
  ]);
});

describe('a VPN stay from a network next to that of a break-in', () => {
  const STAFF = ['a.berg', 'c.dorn', 'k.lindner', 'p.roth'];
  /** Five days after the break-in an account comes from the other half of the provider's network. */
  const stay = (scene: Scene): void => {
    scene.office(STAFF);
    scene.vpn(-4 * DAY, 'k.lindner', '203.0.9.7', '10.9.0.14', { minutes: 6_000 });
    for (let i = 0; i < 40; i += 1) {
      scene.logon(i * 10 * SECOND - SECOND, `PC${i + 1}`, 'adm-backup', '10.9.0.14', '3');
      scene.service(i * 10 * SECOND, `PC${i + 1}`);
    }
  };

  it('is the same stranger’s, where nobody else of the house comes from there', async () => {
    const scene = new Scene();
    scene.chatter();
    const upload = webServerTaken(scene, -9 * DAY);
    stay(scene);
    const result = await scene.run();
    expect(entryIds(result), told(result)).toContain(upload);
  });

  it('is not, where others of the house come from there', async () => {
    const scene = new Scene();
    scene.chatter();
    const upload = webServerTaken(scene, -9 * DAY);
    for (let day = 20; day >= 1; day -= 1) scene.vpn(-day * DAY - 14 * HOUR, 'n.neu', '203.0.77.5', '10.9.1.99');
    stay(scene);
    const result = await scene.run();
    expect(entryIds(result), told(result)).not.toContain(upload);
  });
});
