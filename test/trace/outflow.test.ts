import { describe, expect, it } from 'vitest';
import type { Fields } from '../../src/ecs/event.ts';
import type { TraceResult } from '../../src/trace/result.ts';
import { DAY, entryIds, HOUR, MINUTE, Scene, SECOND, told } from './scene.ts';

const STAFF = ['a.berg', 'c.dorn', 'k.lindner', 'p.roth'];
const INTRUDER = '198.51.100.23';
const LENT = '10.9.0.14';

/** The firewall is never silent, and counts both directions. */
const traffic = (scene: Scene): void => {
  for (let at = -31 * DAY; at < 2 * HOUR; at += 20 * MINUTE)
    scene.flow(at, '10.0.0.77', '203.0.113.200', 443, 3_000, { 'network.bytes': 12_000 });
};

/** Guessing at the VPN, a scan, services on many hosts; nobody logs on to a server where a log would tell. */
const intrusion = (days = 5): Scene => {
  const scene = new Scene();
  scene.office(STAFF);
  traffic(scene);
  for (let i = 0; i < 37; i += 1) scene.vpnFailure(-4 * DAY - 2 * HOUR + i * 34 * SECOND, 'k.lindner', INTRUDER);
  scene.vpn(-4 * DAY - HOUR, 'k.lindner', INTRUDER, LENT, { minutes: days * 24 * 60 });
  for (let i = 0; i < 90; i += 1)
    scene.flow(-4 * DAY + i * 2 * SECOND, LENT, `10.0.0.${i + 20}`, i % 2 === 0 ? 445 : 3389, 120);
  for (let i = 0; i < 40; i += 1) {
    scene.logon(i * 10 * SECOND - SECOND, `PC${i + 1}`, 'adm-backup', LENT, '3');
    scene.service(i * 10 * SECOND, `PC${i + 1}`);
  }
  return scene;
};

/** Both directions were counted. */
const BOTH_WAYS = { 'network.bytes': 70e9 };

const session = (scene: Scene, at: number, server: string): void => {
  scene.flow(at, LENT, server, 445, 200_000, { 'destination.bytes': 2e9 });
};

const upload = (scene: Scene, server: string, to: string): void => {
  for (let i = 0; i < 6; i += 1) scene.flow(-DAY + i * HOUR, server, to, 443, 9e9, { 'network.bytes': 9e9 });
};

const gradeOf = async (scene: Scene): Promise<[string, TraceResult]> => {
  const result = await scene.run();
  return [result.exfiltration.grade, result];
};

describe('what a transfer to a new destination is tied to', () => {
  it('a server from which the lent address fetched data is a machine of the chain', async () => {
    const scene = intrusion();
    session(scene, -2 * DAY, '10.0.0.201');
    upload(scene, '10.0.0.201', '203.0.113.9');
    const [grade, result] = await gradeOf(scene);
    expect(grade, told(result)).toBe('shown');
    expect(result.exfiltration.because.en).toContain('54 GB from 10.0.0.201');
  });

  it('a server that the chain never touched is not', async () => {
    const scene = intrusion();
    upload(scene, '10.0.0.201', '203.0.113.9');
    const [grade, result] = await gradeOf(scene);
    expect(grade, told(result)).toBe('cannot-be-excluded');
  });

  /** Machines that have nothing to do with it send as much to a new destination, every few days. */
  const everyday = (scene: Scene, bytes: number): void => {
    for (let i = 0; i < 8; i += 1)
      scene.flow(-(3 * i + 6) * DAY - 13 * HOUR, `10.0.2.${i + 10}`, `203.0.${120 + i}.9`, 443, bytes, BOTH_WAYS);
  };

  it('a machine of the chain that sends no more than others do may have done its user’s work', async () => {
    const scene = intrusion();
    everyday(scene, 90e6);
    session(scene, -2 * DAY, '10.0.0.201');
    scene.flow(-DAY, '10.0.0.201', '203.0.113.9', 443, 60e6, BOTH_WAYS);
    const [grade, result] = await gradeOf(scene);
    expect(grade, told(result)).toBe('cannot-be-excluded');
    expect(result.exfiltration.because.en).toContain(
      '60 MB from 10.0.0.201 to 203.0.113.9, outside the baseline, from a machine of the chain, though other machines send as much',
    );
  });

  it('one that sends more than they do did the intruder’s; so did one that sent little to an address of the chain', async () => {
    for (const [to, bytes] of [
      ['203.0.113.9', 130e6],
      [INTRUDER, 60e6],
    ] as const) {
      const scene = intrusion();
      everyday(scene, 90e6);
      session(scene, -2 * DAY, '10.0.0.201');
      scene.flow(-DAY, '10.0.0.201', to, 443, bytes, BOTH_WAYS);
      const [grade, result] = await gradeOf(scene);
      expect(grade, told(result)).toBe('shown');
    }
  });

  it('a session after the transfer ties nothing that was sent before', async () => {
    const scene = intrusion();
    session(scene, -HOUR, '10.0.0.201');
    upload(scene, '10.0.0.201', '203.0.113.9');
    const [grade, result] = await gradeOf(scene);
    expect(grade, told(result)).toBe('cannot-be-excluded');
  });

  /** A terminal server that the chain holds is at a file server daily, as ever; the file server then sends. */
  const beside = (): Scene => {
    const scene = intrusion();
    session(scene, -3 * DAY, '10.0.0.200');
    for (let day = 30; day >= 0; day -= 1)
      for (const from of ['10.0.0.200', '10.0.1.2', '10.0.1.3'])
        scene.flow(-day * DAY - 8 * HOUR, from, '10.0.0.201', 445, 90_000);
    upload(scene, '10.0.0.201', '203.0.113.9');
    return scene;
  };

  it('what a server sent between the chain’s first connection to it and its work there is tied', async () => {
    const scene = beside();
    session(scene, -HOUR, '10.0.0.201');
    const [grade, result] = await gradeOf(scene);
    expect(grade, told(result)).toBe('shown');
    expect(result.exfiltration.because.en).toContain('54 GB from 10.0.0.201');
  });

  it('what a server sent that the chain’s machines only use as ever is not', async () => {
    const [grade, result] = await gradeOf(beside());
    expect(grade, told(result)).toBe('cannot-be-excluded');
  });

  it('whatever goes to the address that the intruder came from belongs to him', async () => {
    const scene = intrusion();
    upload(scene, '10.0.0.202', INTRUDER);
    const [grade, result] = await gradeOf(scene);
    expect(grade, told(result)).toBe('shown');
    expect(result.exfiltration.because.en).toContain('that the chain came from or spoke to');
  });
});

it('what left by another intrusion left the house, too', async () => {
  const scene = intrusion();
  for (let i = 0; i < 3; i += 1) {
    scene.logon(MINUTE + i * SECOND, `SRV${i + 1}`, 'adm-backup', LENT, '3');
    scene.add('win', 2 * MINUTE + i * SECOND, 'log-cleared', { 'host.name': `SRV${i + 1}`, 'user.name': 'adm-backup' });
  }
  // a second one, a week before: other accounts, other machines, another address
  for (let i = 0; i < 40; i += 1) scene.vpnFailure(-12 * DAY - 2 * HOUR + i * 30 * SECOND, 'p.roth', '203.0.113.66');
  const second = scene.vpn(-12 * DAY - HOUR, 'p.roth', '203.0.113.66', '10.9.0.66', { minutes: 600 });
  for (let i = 0; i < 90; i += 1) scene.flow(-12 * DAY + i * 2 * SECOND, '10.9.0.66', `10.7.0.${i + 20}`, 445, 120);
  for (let i = 0; i < 12; i += 1) {
    scene.logon(-12 * DAY + HOUR + i * 10 * SECOND - SECOND, `LAB${i + 1}`, 'adm-lab', '10.9.0.66', '3');
    scene.service(-12 * DAY + HOUR + i * 10 * SECOND, `LAB${i + 1}`, 'labsvc');
  }
  for (let i = 0; i < 6; i += 1)
    scene.flow(-12 * DAY + 2 * HOUR + i * MINUTE, '10.9.0.66', '203.0.113.90', 443, 9e9, { 'network.bytes': 9e9 });
  const [grade, result] = await gradeOf(scene);
  const other = result.otherChains[0]?.hypotheses[0]?.entry.events.map(({ id }) => id) ?? [];
  expect(other, told(result)).toContain(second);
  expect(grade).toBe('shown');
  expect(result.exfiltration.because.en).toContain('54 GB from 10.9.0.66');
});

it('a packet filter that tells of refused packets only shows no path out', async () => {
  const scene = new Scene();
  for (let at = -20 * DAY; at < 2 * HOUR; at += 20 * MINUTE)
    scene.add('ufw', at, 'flow-denied', {
      'source.ip': '198.51.100.9',
      'destination.ip': '10.0.0.77',
      'network.bytes': 60,
      'event.type': ['connection', 'denied'],
    });
  const [grade, result] = await gradeOf(scene);
  expect(grade, told(result)).toBe('cannot-be-excluded');
  expect(result.exfiltration.because.en).toContain('no firewall log shows what left the house');
});

it('where nothing ties the leading entry to the chain, nothing is excluded', async () => {
  const scene = intrusion(2);
  upload(scene, '10.0.0.202', '203.0.113.9');
  const [grade, result] = await gradeOf(scene);
  expect(grade, told(result)).toBe('cannot-be-excluded');
});

/** A stay whose end states the bytes. */
const counted = (scene: Scene, at: number, user: string, remote: string, address: string, bytes: Fields): void => {
  scene.vpn(at, user, remote, address, { ended: false });
  scene.add('vpn', at + 180 * MINUTE, 'vpn-session-end', {
    'user.name': user,
    'source.ip': remote,
    'einfallstor.vpn.assigned_ip': address,
    'observer.name': 'gw1',
    ...bytes,
  });
};

const habits = (): Scene => {
  const scene = new Scene();
  traffic(scene);
  for (let day = 25; day >= 1; day -= 1)
    for (const [i, user] of STAFF.entries())
      counted(scene, -day * DAY - 14 * HOUR, user, `192.0.2.${10 + i}`, `10.9.1.${10 + i}`, {
        'source.bytes': 20e6,
        'destination.bytes': 500e6,
      });
  return scene;
};

describe('data that leaves through the VPN gateway itself', () => {
  it('an account nobody knew that takes far more than anybody before is an intrusion, and the bytes are counted', async () => {
    const scene = habits();
    for (const [i, bytes] of [4e9, 9e9, 22e9].entries())
      counted(scene, (i - 6) * DAY, 'h.alt', '203.0.113.77', '10.9.1.99', { 'destination.bytes': bytes });
    const result = await scene.run();
    expect(result.verdict, told(result)).not.toBe('none');
    expect(result.hypotheses[0]?.title.en).toContain('h.alt');
    expect(result.exfiltration, told(result)).toMatchObject({ grade: 'shown', bytesUpperBound: 35e9 });
  });

  it('where the gateway counts it the other way round, the bytes are no proof of their direction', async () => {
    const scene = habits();
    for (const [i, bytes] of [4e9, 9e9, 22e9].entries())
      counted(scene, (i - 6) * DAY, 'h.alt', '203.0.113.77', '10.9.1.99', { 'source.bytes': bytes });
    const result = await scene.run();
    expect(result.exfiltration.grade, told(result)).toBe('likely');
  });

  it('where the gateway counts nothing, the connections of the lent address are counted', async () => {
    const scene = new Scene();
    traffic(scene);
    scene.office(STAFF);
    for (let day = 25; day >= 1; day -= 1)
      scene.flow(-day * DAY - 13 * HOUR, '10.9.1.10', '10.0.0.20', 445, 9_000, { 'destination.bytes': 50e6 });
    scene.vpn(-3 * DAY, 'h.alt', '203.0.113.77', '10.9.1.99', { minutes: 120 });
    scene.flow(-3 * DAY + MINUTE, '10.9.1.99', '10.0.0.20', 445, 9_000, { 'destination.bytes': 6.4e9 });
    const [grade, result] = await gradeOf(scene);
    expect(grade, told(result)).toBe('cannot-be-excluded');
    expect(result.exfiltration.because.en).toContain('6.4 GB went through the VPN tunnel of h.alt');
  });

  it('somebody new who fetches everything once is no intrusion yet', async () => {
    const scene = habits();
    counted(scene, -3 * DAY, 'n.neu', '203.0.113.77', '10.9.1.99', { 'destination.bytes': 30e9 });
    const result = await scene.run();
    expect(result.verdict, told(result)).toBe('none');
    expect(result.exfiltration.because.en).toContain('VPN tunnel of n.neu');
  });

  it('one large day of somebody known is no intrusion, but nothing is excluded any more', async () => {
    const scene = habits();
    counted(scene, -3 * DAY, 'a.berg', '192.0.2.10', '10.9.1.10', { 'destination.bytes': 6e9 });
    const result = await scene.run();
    expect(result.verdict, told(result)).toBe('none');
    expect(result.exfiltration.grade).toBe('cannot-be-excluded');
    expect(result.exfiltration.because.en).toContain('VPN tunnel of a.berg');
  });

  it('what is usual takes nothing', async () => {
    const result = await habits().run();
    expect(result.exfiltration.grade, told(result)).toBe('excluded');
  });

  it('what was sent since the logs begin is usual; the bound is what went to destinations that were new', async () => {
    const scene = habits();
    for (let day = 31; day >= 1; day -= 1) scene.flow(-day * DAY, '10.0.0.77', '198.51.100.200', 443, 70e9, BOTH_WAYS);
    scene.flow(-3 * DAY, '10.0.0.78', '203.0.113.9', 443, 40e6, BOTH_WAYS);
    const { exfiltration } = await scene.run();
    expect(exfiltration).toMatchObject({ grade: 'excluded', bytesUpperBound: 40e6 });
    expect(exfiltration.because.en).toContain('(the most: 40 MB in a day, to 203.0.113.9)');
  });
});

describe('names asked by DNS carry data past every firewall', () => {
  const tunnel = (scene: Scene, from: string): Scene => {
    const ids = Array.from({ length: 20 }, (_, i) =>
      scene.add('dns', -3 * DAY + i * MINUTE, 'dns-query', {
        'source.ip': from,
        'dns.question.name': `${i}.example.com`,
      }),
    );
    scene.finding('names', 'T1071.004', 'command-and-control', 2, ids, { 'source.ip': from });
    return scene;
  };

  it('from a machine of the chain it is likely that data left', async () => {
    const [grade, result] = await gradeOf(tunnel(intrusion(), LENT));
    expect(grade, told(result)).toBe('likely');
    expect(result.exfiltration.because.en).toContain('names (20)');
    expect(result.exfiltration.bytesUpperBound).toBeNull();
  });

  it('from any other nothing is excluded, which it is without', async () => {
    const [without] = await gradeOf(habits());
    expect(without).toBe('excluded');
    const [grade, result] = await gradeOf(tunnel(habits(), '10.0.0.99'));
    expect(grade, told(result)).toBe('cannot-be-excluded');
    expect(result.exfiltration.because.en).toContain('names (20)');
  });
});

it('a mailbox in a cloud is read past the firewall: nothing is excluded', async () => {
  const scene = habits();
  scene.add('cloud', -2 * DAY, 'mail-access', { 'user.name': 'a.berg', 'source.ip': '203.0.113.80' });
  const result = await scene.run();
  expect(result.exfiltration.grade, told(result)).toBe('cannot-be-excluded');
  expect(result.exfiltration.because.en).toContain('read from the internet 1 times');
});

it('a mailbox that is read from where the chain came was likely copied', async () => {
  const scene = intrusion();
  for (let i = 0; i < 6; i += 1)
    scene.add('cloud', -2 * DAY + i * MINUTE, 'mail-access', { 'user.name': 'a.berg', 'source.ip': INTRUDER });
  scene.add('cloud', -2 * DAY, 'mail-access', { 'user.name': 'a.berg', 'source.ip': '192.0.2.10' });
  const [grade, result] = await gradeOf(scene);
  expect(grade, told(result)).toBe('likely');
  expect(result.exfiltration.because.en).toContain('accessed 6 times from 198.51.100.23, from which the chain came');
});

it('alerts of a cloud’s audit cover no path out', async () => {
  const scene = new Scene();
  for (let at = -31 * DAY; at < 2 * HOUR; at += 20 * MINUTE)
    scene.add('audit', at, 'threat', { 'user.name': 'a.berg' });
  for (let i = 0; i < 40; i += 1) scene.service(i * 10 * SECOND, `PC${i + 1}`);
  const [grade, result] = await gradeOf(scene);
  expect(grade, told(result)).toBe('cannot-be-excluded');
  expect(result.exfiltration.because.en).toContain('no firewall log');
});

describe('data fetched over a connection that was opened from outside', () => {
  const login = (scene: Scene, at: number, from: string): string =>
    scene.add('ssh', at, 'login', {
      'host.name': 'jump01',
      'host.ip': '10.0.0.90',
      'user.name': 'd.alt',
      'source.ip': from,
      'event.outcome': 'success',
      'service.type': 'ssh',
    });
  const fetched = (scene: Scene, at: number, from: string, port: number, bytes: number): string =>
    scene.flow(at, from, '10.0.0.90', port, 2e6, { 'destination.bytes': bytes });
  const office = (): Scene => {
    const scene = new Scene();
    traffic(scene);
    scene.office(STAFF);
    return scene;
  };

  it('by a stranger over SSH is told with its bytes, and ties to his login', async () => {
    const scene = office();
    const first = login(scene, -4 * DAY, INTRUDER);
    fetched(scene, -4 * DAY + MINUTE, INTRUDER, 22, 8.7e9);
    const cleared = scene.add('ssh', -4 * DAY + HOUR, 'process-start', { 'host.name': 'jump01', 'user.name': 'd.alt' });
    scene.finding('traces', 'T1070.002', 'defense-evasion', 1.5, [cleared], {
      'user.name': 'd.alt',
      'host.name': 'jump01',
    });
    const [grade, result] = await gradeOf(scene);
    expect(entryIds(result), told(result)).toContain(first);
    expect(grade).toBe('shown');
    expect(result.exfiltration.because.en).toContain(
      '8.7 GB fetched by 198.51.100.23 from 10.0.0.90, port 22; nobody was given as much as 1 MB before',
    );
  });

  it('over Remote Desktop pictures went, too: the bytes are no proof', async () => {
    const scene = office();
    const first = login(scene, -4 * DAY, INTRUDER);
    fetched(scene, -4 * DAY + MINUTE, INTRUDER, 3389, 65e6);
    const cleared = scene.add('ssh', -4 * DAY + HOUR, 'process-start', { 'host.name': 'jump01', 'user.name': 'd.alt' });
    scene.finding('impact', 'T1490', 'impact', 4, [cleared], { 'user.name': 'd.alt', 'host.name': 'jump01' });
    const [grade, result] = await gradeOf(scene);
    expect(entryIds(result), told(result)).toContain(first);
    expect(grade).toBe('cannot-be-excluded');
    expect(result.exfiltration.because.en).toContain('a screen of 10.0.0.90 was open to 198.51.100.23, to which 65 MB');
  });

  it.each([
    ['a download like those before', 443, 0.9e9, '203.0.113.50'],
    ['what the same network fetches again and again', 22, 8.7e9, '203.0.113.77'],
  ])('%s is none', async (_, port, bytes, from) => {
    const scene = office();
    for (let day = 30; day >= 5; day -= 1) {
      fetched(scene, -day * DAY, `192.0.2.${day}`, 443, 0.6e9);
      fetched(scene, -day * DAY, '203.0.113.77', 22, 0.1e9);
    }
    fetched(scene, -2 * DAY, from, port, bytes);
    const [grade, result] = await gradeOf(scene);
    expect(grade, told(result)).toBe('excluded');
    expect(result.standsOut).toEqual([]);
  });
});
