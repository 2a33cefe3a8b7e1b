import { describe, expect, it } from 'vitest';
import { DAY, entryIds, HOUR, MINUTE, Scene, SECOND, told } from './scene.ts';

const STAFF = ['a.berg', 'c.dorn', 'k.lindner', 'p.roth'];
const WORKSTATION = '10.0.0.77';

const quiet = (): Scene => {
  const scene = new Scene();
  scene.office(STAFF);
  scene.chatter();
  return scene;
};

/** The same, with the logs of the machines. */
const whole = (): Scene => {
  const scene = quiet();
  scene.logons();
  return scene;
};

/** A workstation calls out every minute for a day. */
const beacon = (scene: Scene, source = WORKSTATION): void => {
  const calls = Array.from({ length: 30 }, (_, i) =>
    scene.flow(-2 * DAY + i * MINUTE, source, '198.51.100.9', 443, 300),
  );
  scene.finding('beacon', 'T1071', 'command-and-control', 1.5, calls, {
    'source.ip': source,
    'destination.ip': '198.51.100.9',
  });
};

/** A host opens administrative connections to many others. */
const sweep = (scene: Scene, source = WORKSTATION): void => {
  const opened = Array.from({ length: 30 }, (_, i) =>
    scene.flow(-DAY + i * SECOND, source, `10.0.1.${i + 1}`, 445, 120),
  );
  scene.finding('admin-fan-out', 'T1021', 'lateral-movement', 1.5, opened, { 'source.ip': source });
};

const theft = (scene: Scene): void => {
  for (let i = 0; i < 6; i += 1) scene.flow(-HOUR + i * MINUTE, '10.0.0.201', '203.0.113.9', 443, 9e9);
};

describe('an intrusion that is suspected, not shown', () => {
  it('two independent signs of one machine: undetermined, nothing more, and no data is said to have left', async () => {
    const scene = quiet();
    beacon(scene);
    sweep(scene);
    const result = await scene.run();
    expect(result.verdict, told(result)).toBe('undetermined');
    expect(result.intrusion).toBe('suspected');
    expect(result.exfiltration.grade).toBe('cannot-be-excluded');
  });

  it('one sign alone: none, and the sign is told', async () => {
    const scene = whole();
    sweep(scene);
    const result = await scene.run();
    expect(result.verdict, told(result)).toBe('none');
    expect(result.hypotheses).toEqual([]);
    expect(result.standsOut?.map(({ summary }) => summary.en)).toContain('admin-fan-out (30)');
  });

  it('one sign alone, and the logs that would show what came of it are not there: undetermined', async () => {
    const scene = quiet();
    sweep(scene);
    const result = await scene.run();
    expect(result.verdict, told(result)).toBe('undetermined');
    expect(result.intrusion).toBe('unanswered');
    expect(result.standsOut?.map(({ summary }) => summary.en)).toContain('admin-fan-out (30)');
    expect(result.unanswered?.map(({ en }) => en)).toEqual([
      'Open: what came of it. No authentication log of the machines covers 2031-03-03 22:00:00 UTC to 2031-03-04 22:00:00 UTC: admin-fan-out (30).',
    ]);
    expect(result.exfiltration.grade).toBe('cannot-be-excluded');
  });

  it('a sign in a time that the logs of the machines do not reach', async () => {
    const scene = quiet();
    for (let at = -31 * DAY; at < -2 * DAY; at += 2 * HOUR) scene.logon(at, 'FS01', 'svc-scan', '10.0.0.78', '3');
    sweep(scene);
    expect((await scene.run()).intrusion).toBe('unanswered');
  });

  it('a sign of an address that nobody is known to have held, where no log tells of leases', async () => {
    const scene = new Scene();
    scene.chatter();
    scene.logons();
    sweep(scene);
    const open = await scene.run();
    expect(open.unanswered?.map(({ en }) => en)).toEqual([
      'Open: how its actor came by the address. No VPN log or DNS or DHCP log covers 2031-03-03 22:00:00 UTC to 2031-03-04 22:00:00 UTC: admin-fan-out (30).',
    ]);
    scene.logon(-DAY - HOUR, 'FS01', 'a.berg', WORKSTATION, '3');
    expect((await scene.run()).intrusion).toBe('none');
  });

  it('a login to a server from a network new to its account, where only the server’s log is there', async () => {
    const scene = new Scene();
    const login = (at: number, from: string, user = 'deploy'): string =>
      scene.add('ssh', at, 'login', {
        'host.name': 'web1',
        'user.name': user,
        'source.ip': from,
        'event.outcome': 'success',
        'service.type': 'ssh',
      });
    for (let at = -31 * DAY - 10 * HOUR; at < 2 * HOUR; at += DAY)
      for (const [i, user] of ['deploy', ...STAFF].entries()) login(at + i * MINUTE, `203.0.113.${10 + i}`, user);
    const strange = login(-4 * DAY, '198.51.100.23');
    const result = await scene.run();
    expect(result.intrusion, told(result)).toBe('unanswered');
    expect(entryIds(result)).toContain(strange);
    scene.chatter();
    expect((await scene.run()).verdict).toBe('none');
  });

  it('grave doings that nothing ties to each other, together', async () => {
    const scene = whole();
    theft(scene);
    const alone = await scene.run();
    expect(alone.verdict, told(alone)).toBe('none');
    const tickets = Array.from({ length: 10 }, (_, i) =>
      scene.add('win', -3 * DAY + i * SECOND, 'kerberos-ticket', { 'user.name': 'a.berg', 'service.name': `svc${i}` }),
    );
    scene.finding('roasting', 'T1558.003', 'credential-access', 2, tickets, { 'user.name': 'a.berg' });
    const result = await scene.run();
    expect(result.verdict, told(result)).toBe('undetermined');
    expect(result.standsOut?.map(({ stage }) => stage)).toEqual(['credential-access', 'exfiltration']);
    // what is only suspected ties no transfer to an intrusion
    expect(result.exfiltration.grade).toBe('cannot-be-excluded');
  });

  const guessed = (scene: Scene): string => {
    for (let i = 0; i < 37; i += 1)
      scene.vpnFailure(-4 * DAY - 2 * HOUR + i * 34 * SECOND, 'k.lindner', '198.51.100.23');
    return scene.vpn(-4 * DAY - HOUR, 'k.lindner', '198.51.100.23', '10.9.0.14');
  };

  it('a way in that stands out by its own records is told where nothing follows from it', async () => {
    const scene = whole();
    const login = guessed(scene);
    const result = await scene.run();
    expect(result.verdict, told(result)).toBe('none');
    expect(result.standsOut?.flatMap(({ events }) => events.map(({ id }) => id))).toContain(login);
  });

  it('a way in of which the logs leave open what followed leads the hypotheses, and nothing is called probable', async () => {
    const scene = quiet();
    const login = guessed(scene);
    const result = await scene.run();
    expect(result.verdict, told(result)).toBe('undetermined');
    expect(result.intrusion).toBe('unanswered');
    expect(result.anchor).toBeNull();
    expect(entryIds(result)).toContain(login);
  });

  it('nothing stands out in everyday traffic', async () => {
    const result = await quiet().run();
    expect(result.verdict).toBe('none');
    expect(result.standsOut).toEqual([]);
    // what the logs could not have shown is said all the same
    expect(result.unanswered?.map(({ en }) => en)).toEqual([
      'No log of the machines themselves is here: a logon from one to another, a service installed or a log cleared on them would not show.',
    ]);
    expect((await whole().run()).unanswered).toEqual([]);
  });
});

describe('an hour at which an account is never used', () => {
  /** Logins to a server from home each day at noon, UTC, and one from elsewhere. */
  const because = async (at: number, days = 31): Promise<string> => {
    const scene = new Scene();
    scene.office(STAFF);
    scene.chatter();
    const login = (time: number, from: string): string => scene.logon(time, 'TS01', 'm.noon', from);
    for (let day = days; day >= 1; day -= 1) login(-day * DAY - 10 * HOUR, '203.0.113.10');
    login(at, '198.51.100.23');
    for (let i = 0; i < 12; i += 1) {
      scene.logon(i * 10 * SECOND - SECOND, `PC${i + 1}`, 'm.noon', '10.0.0.66', '3');
      scene.service(i * 10 * SECOND, `PC${i + 1}`);
    }
    const result = await scene.run();
    return result.hypotheses.flatMap((h) => h.score.map((t) => t.because.en)).join('\n');
  };

  it('is told of a login at night, and not of one at the usual hour', async () => {
    expect(await because(-22 * HOUR)).toContain('at an hour (00:00 UTC) at which the account is never used');
    const usual = await because(-10 * HOUR);
    expect(usual).toContain('first login of m.noon from 198.51.100.0/24');
    expect(usual).not.toContain('never used');
  });

  it('of an account with a short past, an hour at which nobody of the house comes is told', async () => {
    expect(await because(-22 * HOUR, 4)).toContain('at an hour (00:00 UTC) at which hardly anybody comes');
    expect(await because(-10 * HOUR, 4)).not.toContain('hardly anybody');
  });
});

describe('a login and its connection in one file of a syslog server, whose devices’ clocks differ', () => {
  const INTRUDER = '198.51.100.23';
  const SERVER = '10.0.0.80';
  const relayed = (port: number | undefined): { scene: Scene; login: string } => {
    const scene = quiet();
    const login = scene.add('relay', -2 * DAY, 'login', {
      'host.name': 'web1',
      'user.name': 'deploy',
      'source.ip': INTRUDER,
      'event.outcome': 'success',
      'service.type': 'ssh',
      ...(port === undefined ? {} : { 'source.port': port }),
    });
    scene.add('relay', -2 * DAY + 216 * SECOND, 'flow', {
      'source.ip': INTRUDER,
      'source.port': 51_874,
      'destination.ip': SERVER,
      'destination.port': 22,
      'event.type': ['connection', 'allowed'],
    });
    sweep(scene, SERVER);
    for (let i = 0; i < 20; i += 1) {
      scene.logon(i * 10 * SECOND - SECOND, `PC${i + 1}`, 'adm-backup', SERVER, '3');
      scene.service(i * 10 * SECOND, `PC${i + 1}`);
    }
    return { scene, login };
  };

  it('are one by the port that both name', async () => {
    const { scene, login } = relayed(51_874);
    const result = await scene.run();
    expect(entryIds(result), told(result)).toContain(login);
    expect(['probable', 'determined']).toContain(result.verdict);
  });

  it('are not taken for one by another port, or none', async () => {
    for (const port of [40_000, undefined]) {
      const result = await relayed(port).scene.run();
      expect(result.verdict, told(result)).toBe('undetermined');
    }
  });
});

describe('data that left through a proxy', () => {
  const LENT = '10.9.0.14';
  const request = (scene: Scene, at: number, source: string, bytes: number): string =>
    scene.add('proxy', at, 'http-request', {
      'source.ip': source,
      'destination.ip': '203.0.113.9',
      'destination.port': 443,
      'network.direction': 'outbound',
      'http.request.method': 'CONNECT',
      'http.request.bytes': bytes,
    });

  /** Guessing at the VPN, then services on many hosts. */
  const intrusion = (): Scene => {
    const scene = quiet();
    for (let i = 0; i < 37; i += 1)
      scene.vpnFailure(-4 * DAY - 2 * HOUR + i * 34 * SECOND, 'k.lindner', '198.51.100.23');
    scene.vpn(-4 * DAY - HOUR, 'k.lindner', '198.51.100.23', LENT, { minutes: 5 * 24 * 60 });
    for (let i = 0; i < 20; i += 1) {
      scene.logon(i * 10 * SECOND - SECOND, `PC${i + 1}`, 'adm-backup', LENT, '3');
      scene.service(i * 10 * SECOND, `PC${i + 1}`);
    }
    return scene;
  };

  it('is shown from the machine that the proxy names', async () => {
    const scene = intrusion();
    for (let i = 0; i < 5; i += 1) request(scene, -DAY + i * HOUR, LENT, 8e9);
    const result = await scene.run();
    expect(result.exfiltration.grade, told(result)).toBe('shown');
    expect(result.exfiltration.because.en).toContain(`40 GB from ${LENT} to 203.0.113.9`);
  });

  it('counts once what the firewall saw the proxy send on', async () => {
    const scene = intrusion();
    for (let i = 0; i < 5; i += 1) {
      request(scene, -DAY + i * HOUR, LENT, 8e9);
      scene.flow(-DAY + i * HOUR, '10.0.0.8', '203.0.113.9', 443, 8.1e9);
    }
    const result = await scene.run();
    expect(result.exfiltration.because.en, told(result)).toContain(`40 GB from ${LENT} to 203.0.113.9,`);
  });

  it('counts once what a web filter and the traffic log of one firewall tell', async () => {
    const scene = intrusion();
    for (let i = 0; i < 5; i += 1) {
      request(scene, -DAY + i * HOUR, LENT, 7e9);
      scene.flow(-DAY + i * HOUR, LENT, '203.0.113.9', 443, 8e9);
    }
    const result = await scene.run();
    expect(result.exfiltration.because.en, told(result)).toContain(`40 GB from ${LENT} to 203.0.113.9,`);
  });
});

describe('a connection that was held to an exposed service', () => {
  const INTRUDER = '198.51.100.23';
  const SERVER = '10.0.0.19';

  /** Guessing at Remote Desktop as the firewall sees it, then what the server does. */
  const exposed = (): { scene: Scene; held: string } => {
    const scene = quiet();
    const opened = (at: number, bytes: number, seconds: number): string =>
      scene.flow(at, INTRUDER, SERVER, 3389, bytes, { 'event.duration': seconds * 1e9, 'event.start': scene.at(at) });
    const tries = Array.from({ length: 40 }, (_, i) => opened(-3 * DAY + i * MINUTE, 3_000, 20));
    const held = opened(-3 * DAY + 2 * HOUR, 60_000_000, 4_800);
    scene.finding(
      'held',
      'T1110',
      'initial-access',
      2,
      [...tries, held],
      { 'source.ip': INTRUDER, 'destination.ip': SERVER },
      'exposed-remote-service',
    );
    beacon(scene, SERVER);
    sweep(scene, SERVER);
    for (let i = 0; i < 6; i += 1) scene.flow(-HOUR + i * MINUTE, SERVER, '203.0.113.9', 443, 9e9);
    return { scene, held };
  };

  it('is the entry where the server’s own log is gone', async () => {
    const { scene, held } = exposed();
    const result = await scene.run();
    expect(entryIds(result), told(result)).toEqual([held]);
    expect(result.hypotheses[0]?.vector).toBe('exposed-remote-service');
    expect(result.exfiltration.grade).toBe('shown');
  });

  it('is no rival of the login that the server’s log tells of', async () => {
    const { scene, held } = exposed();
    const login = scene.logon(-3 * DAY + 2 * HOUR + 5 * SECOND, 'SRV19', 'administrator', INTRUDER);
    scene.logon(-DAY - MINUTE, 'SRV19', 'administrator', SERVER);
    const result = await scene.run();
    expect(
      result.hypotheses.flatMap((h) => h.entry.events.map((e) => e.id)),
      told(result),
    ).not.toContain(held);
    expect(entryIds(result)).toContain(login);
  });

  it('a port that many reached is nobody’s way in, however often it is said', async () => {
    const { scene } = exposed();
    const login = scene.logon(-3 * DAY + 2 * HOUR + 5 * SECOND, 'SRV19', 'administrator', INTRUDER);
    scene.logon(-DAY - MINUTE, 'SRV19', 'administrator', SERVER);
    const reached = Array.from({ length: 30 }, (_, i) => {
      const flow = scene.flow(-5 * DAY + i * HOUR, `203.0.113.${i + 20}`, SERVER, 3389, 3_000);
      scene.finding(
        'port-reached',
        'T1133',
        'initial-access',
        0.2,
        [flow],
        { 'destination.ip': SERVER },
        'exposed-remote-service',
      );
      return flow;
    });
    const result = await scene.run();
    expect(entryIds(result), told(result)).toContain(login);
    const named = result.hypotheses.flatMap((h) => h.entry.events.map((e) => e.id));
    expect(reached.filter((id) => named.includes(id))).toEqual([]);
  });
});

describe('data gathered inside and sent away', () => {
  /** A workstation fetches from the file server what it then sends to a new destination, on three days. */
  const insider = (fetched: number): Scene => {
    const scene = whole();
    for (const day of [5, 4, 1]) {
      scene.flow(-day * DAY, '10.0.0.28', '10.0.0.10', 445, 1e6, { 'destination.bytes': fetched });
      for (let i = 0; i < 4; i += 1) scene.flow(-day * DAY + HOUR + i * MINUTE, '10.0.0.28', '203.0.113.9', 443, 3.5e9);
    }
    return scene;
  };

  it('shows an intrusion whose entry no log tells, and what left', async () => {
    const result = await insider(14e9).run();
    expect(result.verdict, told(result)).toBe('undetermined');
    expect(result.exfiltration.grade).toBe('shown');
    expect(result.standsOut?.map(({ summary }) => summary.en)).toContain(
      '10.0.0.28 fetched 42 GB from 10.0.0.10, and sent 42 GB to 203.0.113.9',
    );
  });

  it('what the machine fetches every day was not gathered for it', async () => {
    const scene = insider(14e9);
    for (let day = 25; day > 6; day -= 1)
      scene.flow(-day * DAY, '10.0.0.28', '10.0.0.10', 445, 1e6, { 'destination.bytes': 12e9 });
    const result = await scene.run();
    expect(result.verdict, told(result)).toBe('none');
  });

  it('a fraction of it explains nothing', async () => {
    const result = await insider(1e9).run();
    expect(result.verdict, told(result)).toBe('none');
  });
});
