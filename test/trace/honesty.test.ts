import { describe, expect, it } from 'vitest';
import type { Hypothesis, TraceResult } from '../../src/trace/result.ts';
import { DAY, entryIds, HOUR, MINUTE, Scene, SECOND, told } from './scene.ts';
import { exposed, guessing, mailbox, partner, reused, stolen } from './scenes.ts';

const STAFF = ['a.berg', 'c.dorn', 'k.lindner', 'p.roth', 's.oelze'];

const nats = (hypothesis: Hypothesis | undefined, name: string): number =>
  hypothesis?.score.find((t) => t.term === name)?.nats ?? 0;

/** What the documentation says of the least probability of “not in these logs”, from the printed terms alone. */
const floorOf = (hypothesis: Hypothesis): number => {
  const chain = new Set(['prior', 'tie to the chain', 'earlier rival']);
  const own = hypothesis.score.filter((t) => !chain.has(t.term) && !t.term.startsWith('stage '));
  const strength = 0.03 * Math.exp(nats(hypothesis, 'tie to the chain'));
  return Math.min(0.5, Math.max(0.01, (1.01 - strength) * Math.exp(-own.reduce((sum, t) => sum + t.nats, 0))));
};

const scanOf = (scene: Scene, at: number, from: string): string[] =>
  Array.from({ length: 80 }, (_, i) => scene.flow(at + i * 2 * SECOND, from, `10.0.0.${i + 1}`, 445, 120));

describe('doubt', () => {
  it.each([
    ['guessing', guessing],
    ['stolen credentials', stolen],
    ['exposed service', exposed],
    ['mailbox', mailbox],
    ['partner', partner],
    ['reused address', reused],
  ] as const)('%s: what no log shows keeps what the leading way leaves open', async (_, build) => {
    const partners = [{ name: 'the service provider', source: '172.20.8.0/24' }];
    const result = await build().scene.run({ context: { partners } });
    const [top] = result.hypotheses;
    expect(result.notInTheseLogs.probability, told(result)).toBeGreaterThan(floorOf(top as Hypothesis) - 0.003);
  });

  it('a login from its usual place, tied by its address alone, is not determined', async () => {
    const scene = new Scene();
    scene.office(STAFF);
    scene.chatter();
    scene.vpn(-2 * DAY, 'c.dorn', '192.0.2.11', '10.9.7.7', { minutes: 600, ended: false });
    for (const host of ['FS01', 'DC01', 'SQL01']) scene.logon(-2 * DAY + 3 * HOUR, host, 'adm-backup', '10.9.7.7');
    for (let i = 0; i < 20; i += 1) {
      scene.logon(i * 10 * SECOND - SECOND, `PC${i + 1}`, 'adm-backup', '10.9.7.7', '3');
      scene.service(i * 10 * SECOND, `PC${i + 1}`);
    }
    const result = await scene.run();
    expect(result.verdict, told(result)).not.toBe('determined');
    expect(result.notInTheseLogs.probability, told(result)).toBeGreaterThan(0.1);
  });
});

describe('an earlier act', () => {
  /** A scanner probes the server days before somebody else breaks into it. */
  const probedThenBroken = (): { scene: Scene; real: string } => {
    const scene = new Scene();
    scene.office(STAFF);
    scene.chatter();
    const request = (at: number, from: string): string =>
      scene.add('web', at, 'http-request', {
        'source.ip': from,
        'destination.ip': '10.0.0.25',
        'url.path': '/autodiscover/autodiscover.json',
        'http.response.status_code': 200,
      });
    const stated = (id: string, from: string, weight: number): void => {
      scene.finding(`exploit-${weight}`, 'T1190', 'initial-access', weight, [id], { 'source.ip': from }, 'web-exploit');
    };
    stated(request(-8 * DAY, '203.0.113.80'), '203.0.113.80', 0.2);
    const real = request(-2 * DAY, '198.51.100.40');
    stated(real, '198.51.100.40', 3);
    const ids = scanOf(scene, -2 * DAY + 3 * HOUR, '10.0.0.25');
    scene.finding('scan', 'T1046', 'discovery', 2, ids, { 'source.ip': '10.0.0.25' });
    for (let i = 0; i < 20; i += 1) {
      scene.logon(i * 10 * SECOND - SECOND, `PC${i + 1}`, 'adm-backup', '10.0.0.25', '3');
      scene.service(i * 10 * SECOND, `PC${i + 1}`);
    }
    return { scene, real };
  };

  it('that looks like everybody’s noise does not take the place of the break-in', async () => {
    const { scene, real } = probedThenBroken();
    const result = await scene.run();
    expect(entryIds(result), told(result)).toContain(real);
  });
});

describe('a way to a part of the intrusion', () => {
  /** A stranger’s machine does everything; a colleague on the road had opened a desktop on one of the servers. */
  const joined = async (): Promise<TraceResult> => {
    const scene = new Scene();
    scene.office(STAFF);
    scene.chatter();
    scene.vpn(-3 * DAY, 'a.berg', '203.0.113.9', '10.9.3.3', { minutes: 300 });
    const desktop = scene.flow(-3 * DAY + HOUR, '10.9.3.3', '10.0.0.20', 3389);
    scene.logon(-3 * DAY + HOUR + SECOND, 'FS01', 'a.berg', '10.9.3.3');
    scene.finding('first-rdp', 'T1021.001', 'lateral-movement', 1, [desktop], {
      'source.ip': '10.9.3.3',
      'host.name': 'FS01',
    });
    const lease = scene.add('dhcp', -2 * DAY, 'dhcp-lease', {
      'source.ip': '10.0.5.233',
      'source.mac': 'D8-00-00-00-00-01',
    });
    scene.finding('new-device', 'T1200', 'initial-access', 0.7, [lease], { 'source.ip': '10.0.5.233' }, 'rogue-device');
    const ids = scanOf(scene, -2 * DAY + 2 * HOUR, '10.0.5.233');
    scene.finding('scan', 'T1046', 'discovery', 2, ids, { 'source.ip': '10.0.5.233' });
    scene.logon(-2 * DAY + 4 * HOUR, 'FS01', 'adm-backup', '10.0.5.233');
    const moves = [20, 21, 22, 23].map((n) =>
      scene.flow(-2 * DAY + 4 * HOUR + n * MINUTE, '10.0.5.233', `10.0.0.${n}`, 3389),
    );
    scene.finding('spread', 'T1021.002', 'lateral-movement', 2, moves, {
      'source.ip': '10.0.5.233',
      'host.name': 'FS01',
    });
    return scene.run();
  };

  it('is a way to the intrusion only by that part', async () => {
    const result = await joined();
    const colleague = result.hypotheses.find((h) => h.entry.summary.en.includes('a.berg'));
    const device = result.hypotheses.find((h) => h.vector === 'rogue-device');
    expect(nats(colleague, 'tie to the chain'), told(result)).toBeLessThan(nats(device, 'tie to the chain') - 1);
    // so rare a way in and so new a network: what is told of both does not decide it
    expect(result.verdict, told(result)).toBe('undetermined');
    expect(device?.probability).toBeGreaterThan(0.25);
  });
});

describe('another house’s network that no name tells', () => {
  const behind = (address: string): Scene => {
    const scene = new Scene();
    scene.office(STAFF);
    for (let at = -31 * DAY; at < 2 * HOUR; at += 20 * MINUTE)
      scene.flow(at, `203.0.113.${Math.abs(at / (20 * MINUTE)) % 200}`, '10.0.0.80', 443, 900, {
        'observer.ingress.interface.name': 'port1',
      });
    scene.flow(-3 * DAY, address, '10.0.0.10', 3389, 80_000, { 'observer.ingress.interface.name': 'port1' });
    scene.logon(-3 * DAY + SECOND, 'DC01', 'msp-admin', address);
    for (let i = 0; i < 20; i += 1) {
      scene.logon(i * 10 * SECOND - SECOND, `PC${i + 1}`, 'adm-backup', '10.0.0.10', '3');
      scene.service(i * 10 * SECOND, `PC${i + 1}`);
    }
    return scene;
  };

  it('is thought of where the internet comes in, too, and settles nothing', async () => {
    const result = await behind('172.20.8.31').run();
    expect(result.hypotheses[0]?.vector, told(result)).toBe('partner-access');
    expect(result.verdict).not.toBe('determined');
  });

  it('is not thought of where the gateway may have lent the address', async () => {
    const result = await behind('10.9.200.31').run();
    expect(
      result.hypotheses.some((h) => h.vector === 'partner-access'),
      told(result),
    ).toBe(false);
  });
});
