import type { Fields } from '../../src/ecs/event.ts';
import { DAY, HOUR, MINUTE, Scene, SECOND } from './scene.ts';

export interface Staged {
  readonly scene: Scene;
  /** Ids of the entry's records. */
  readonly entry: readonly string[];
}

const STAFF = ['a.berg', 'c.dorn', 'k.lindner', 'p.roth', 's.oelze'];

/** Servers run by one administrator every working day. */
const administration = (scene: Scene, days = 30): void => {
  for (let day = days; day >= 1; day -= 1) {
    for (const [i, host] of ['FS01', 'DC01'].entries()) {
      const at = -day * DAY - 12 * HOUR + i * HOUR;
      scene.flow(at - 2 * SECOND, '10.0.0.50', host === 'FS01' ? '10.0.0.20' : '10.0.0.10', 3389);
      scene.logon(at, host, 'adm-weber', '10.0.0.50');
    }
  }
};

const services = (scene: Scene, at: number, number: number, from?: string): void => {
  for (let i = 0; i < number; i += 1) {
    if (from !== undefined) scene.logon(at + i * 10 * SECOND - SECOND, `PC${i + 1}`, 'adm-backup', from, '3');
    scene.service(at + i * 10 * SECOND, `PC${i + 1}`);
  }
};

const scan = (scene: Scene, at: number, from: string, hosts: number): string[] => {
  const ids: string[] = [];
  for (let i = 0; i < hosts; i += 1)
    ids.push(
      scene.flow(
        at + i * 2 * SECOND,
        from,
        `10.0.${Math.floor(i / 200)}.${(i % 200) + 1}`,
        i % 2 === 0 ? 445 : 3389,
        120,
      ),
    );
  return ids;
};

/** Guessing at the VPN, then scan, RDP, a large transfer, services on many hosts. A louder sprayer and a nightly backup beside it. */
export const guessing = (): Staged => {
  const scene = new Scene();
  scene.office(STAFF);
  scene.chatter();
  administration(scene);
  for (let i = 0; i < 400; i += 1)
    scene.vpnFailure(-30 * DAY + i * 100 * MINUTE, `user${i}`, `203.0.113.${(i % 3) + 1}`);
  for (let i = 0; i < 37; i += 1) scene.vpnFailure(-4 * DAY - 2 * HOUR + i * 34 * SECOND, 'k.lindner', '198.51.100.23');
  const entry = scene.vpn(-4 * DAY - HOUR, 'k.lindner', '198.51.100.23', '10.9.0.14', { minutes: 4000 });
  scan(scene, -4 * DAY - HOUR + 6 * MINUTE, '10.9.0.14', 180);
  scene.flow(-3 * DAY - 2 * SECOND, '10.9.0.14', '10.0.0.20', 3389);
  scene.logon(-3 * DAY, 'FS01', 'adm-backup', '10.9.0.14');
  scene.flow(-3 * DAY + HOUR - 2 * SECOND, '10.0.0.20', '10.0.0.10', 3389);
  scene.logon(-3 * DAY + HOUR, 'DC01', 'adm-backup', '10.0.0.20');
  for (let day = 29; day >= 1; day -= 1) scene.flow(-day * DAY + 4 * HOUR, '10.0.0.30', '192.0.2.250', 443, 900e9);
  for (let i = 0; i < 10; i += 1) scene.flow(-9 * HOUR + i * 20 * MINUTE, '10.0.0.20', '198.51.100.99', 443, 21e9);
  services(scene, 0, 20, '10.0.0.10');
  return { scene, entry: [entry] };
};

/** Stolen credentials, no failure: a login from a new network while the owner is connected. A traveller beside it. */
export const stolen = (): Staged => {
  const scene = new Scene();
  scene.office(STAFF);
  scene.chatter();
  scene.vpn(-8 * DAY + 3 * HOUR, 's.oelze', '203.0.113.77', '10.9.2.7', { minutes: 90 });
  const entry = scene.vpn(-6 * DAY - 10 * HOUR, 'c.dorn', '198.51.100.61', '10.9.0.30', {
    minutes: 3000,
    client: 'client 4.9 linux',
  });
  scan(scene, -6 * DAY - 9 * HOUR, '10.9.0.30', 40);
  const tickets = [1, 2, 3, 4].map((n) =>
    scene.add('win', -5 * DAY + n * SECOND, 'kerberos-ticket', {
      'user.name': 'c.dorn',
      'source.ip': '10.9.0.30',
      'service.name': `svc${n}`,
      'host.name': 'DC01',
    }),
  );
  scene.finding('kerberoasting', 'T1558.003', 'credential-access', 2, tickets, {
    'source.ip': '10.9.0.30',
    'user.name': 'c.dorn',
  });
  scene.flow(-5 * DAY + HOUR - SECOND, '10.9.0.30', '10.0.0.20', 445);
  scene.logon(-5 * DAY + HOUR, 'FS01', 'svc-sql', '10.9.0.30', '3');
  for (let i = 0; i < 4; i += 1) scene.flow(-i * HOUR, '10.0.0.20', '198.51.100.140', 443, 11.5e9);
  return { scene, entry: [entry] };
};

const adminFields = (user: string, ip: string, service: string): Fields => ({
  'user.name': user,
  'source.ip': ip,
  'service.type': service,
  'event.outcome': 'success',
  'observer.name': 'gw1',
});

/** The gateway's management is bypassed, accounts are added, the new user's tunnel follows. */
export const bypass = (): Staged => {
  const scene = new Scene();
  scene.office(STAFF);
  scene.chatter();
  const entry = scene.add('gw', -9 * DAY, 'admin-login', adminFields('admin', '127.0.0.1', 'jsconsole'));
  const added = scene.add('gw', -9 * DAY + 2 * MINUTE, 'config-change', {
    ...adminFields('admin', '127.0.0.1', 'jsconsole'),
    'event.action': 'Add',
    'einfallstor.change.object': 'system.admin qxv71z',
  });
  const user = scene.add('gw', -8 * DAY, 'config-change', {
    'user.name': 'qxv71z',
    'source.ip': '198.51.100.12',
    'observer.name': 'gw1',
    'event.action': 'Add',
    'einfallstor.change.object': 'user.local fgsupp',
  });
  scene.add('gw', -8 * DAY - MINUTE, 'admin-login', adminFields('qxv71z', '198.51.100.12', 'https'));
  const policy = scene.add('gw', -8 * DAY + 5 * MINUTE, 'config-change', {
    'user.name': 'qxv71z',
    'source.ip': '198.51.100.12',
    'observer.name': 'gw1',
    'event.action': 'Add',
    'einfallstor.change.object': 'firewall.policy 77',
  });
  for (let i = 0; i < 14; i += 1)
    scene.add('gw', -7 * DAY + i * MINUTE, 'config-change', {
      'user.name': 'msp-hahn',
      'source.ip': '203.0.113.40',
      'observer.name': 'gw1',
      'event.action': 'Edit',
      'einfallstor.change.object': `firewall.policy ${i}`,
    });
  scene.add('gw', -7 * DAY - 2 * MINUTE, 'admin-login', adminFields('msp-hahn', '203.0.113.40', 'https'));
  for (let day = 29; day > 1; day -= 3)
    scene.add('gw', -day * DAY, 'admin-login', adminFields('msp-hahn', '203.0.113.40', 'https'));
  scene.vpn(-7 * DAY, 'fgsupp', '198.51.100.13', '10.9.0.77', { minutes: 11_000 });
  const sync = scene.flow(0, '10.9.0.77', '10.0.0.10', 135, 90_000);
  scene.finding('new-admin', 'T1136.001', 'persistence', 2, [added], { 'user.name': 'admin', 'observer.name': 'gw1' });
  scene.finding('new-local-user', 'T1136.001', 'persistence', 1.5, [user], {
    'user.name': 'qxv71z',
    'observer.name': 'gw1',
  });
  scene.finding('policy-any', 'T1562.004', 'defense-evasion', 1.5, [policy], {
    'user.name': 'qxv71z',
    'observer.name': 'gw1',
  });
  scene.finding('dcsync', 'T1003.006', 'credential-access', 2, [sync], {
    'source.ip': '10.9.0.77',
    'destination.ip': '10.0.0.10',
  });
  return { scene, entry: [entry] };
};

/** RDP is published for a supplier; the whole internet knocks; one guesses. */
export const exposed = (): Staged => {
  const scene = new Scene();
  scene.office(STAFF);
  scene.chatter();
  scene.add('gw', -6 * DAY - HOUR, 'admin-login', adminFields('adm-weber', '10.0.0.50', 'https'));
  scene.add('gw', -6 * DAY, 'config-change', {
    'user.name': 'adm-weber',
    'source.ip': '10.0.0.50',
    'observer.name': 'gw1',
    'event.action': 'Add',
    'einfallstor.change.object': 'firewall.vip srv7-rdp temp supplier',
  });
  for (let i = 0; i < 200; i += 1)
    scene.flow(-6 * DAY + i * 30 * MINUTE, `203.0.113.${(i % 250) + 1}`, '10.0.0.70', 3389, 900);
  for (let i = 0; i < 600; i += 1)
    scene.add('win', -3 * DAY + i * 20 * SECOND, 'login', {
      'host.name': 'SRV7',
      'user.name': 'administrator',
      'source.ip': '198.51.100.9',
      'event.outcome': 'failure',
      'winlog.logon.type': '3',
    });
  const entry = scene.logon(-2 * DAY - 20 * HOUR, 'SRV7', 'administrator', '198.51.100.9');
  for (let i = 0; i < 12; i += 1) {
    scene.logon(i * 10 * SECOND - SECOND, `PC${i + 1}`, 'administrator', '10.0.0.70', '3');
    scene.service(i * 10 * SECOND, `PC${i + 1}`);
  }
  scene.flow(-2 * DAY - 20 * HOUR - SECOND, '198.51.100.9', '10.0.0.70', 3389, 400_000);
  return { scene, entry: [entry] };
};

const ssh = (scene: Scene, at: number, user: string, from: string, outcome: string, method: string): string =>
  scene.add('ssh', at, 'login', {
    'host.name': 'dmz1',
    'user.name': user,
    'source.ip': from,
    'event.outcome': outcome,
    'service.type': 'ssh',
    'einfallstor.login.method': method,
  });

/** A stolen SSH key on a machine in the DMZ, from there inside. Brute force and a nightly backup beside it. */
export const stolenKey = (): Staged => {
  const scene = new Scene();
  scene.chatter();
  for (let i = 0; i < 500; i += 1)
    ssh(scene, -30 * DAY + i * 80 * MINUTE, 'root', `203.0.113.${(i % 90) + 1}`, 'failure', 'password');
  for (let day = 30; day >= 1; day -= 1) {
    ssh(scene, -day * DAY + 3 * HOUR, 'backup', '192.0.2.88', 'success', 'publickey');
    ssh(scene, -day * DAY - 10 * HOUR, 'deploy', '192.0.2.44', 'success', 'publickey');
  }
  const entry = ssh(scene, -2 * DAY, 'deploy', '198.51.100.200', 'success', 'publickey');
  scene.add('ssh', -20 * DAY, 'dhcp-lease', { 'host.name': 'dmz1', 'source.ip': '10.20.0.8' });
  const inward = [1, 2, 3].map((n) =>
    scene.flow(-2 * DAY + HOUR + n * MINUTE, '10.20.0.8', `10.0.0.${n + 19}`, 445, 50_000),
  );
  const beacon = [0, 1, 2, 3].map((n) => scene.flow(-n * HOUR, '10.20.0.8', '198.51.100.222', 443, 700_000));
  scene.finding('dmz-inward', 'T1021.002', 'lateral-movement', 2, inward, { 'source.ip': '10.20.0.8' });
  scene.finding('beacon', 'T1071.001', 'command-and-control', 2, beacon, {
    'source.ip': '10.20.0.8',
    'destination.ip': '198.51.100.222',
  });
  return { scene, entry: [entry] };
};

const imap = (scene: Scene, at: number, user: string, from: string, outcome: string): string =>
  scene.add('mail', at, 'login', {
    'user.name': user,
    'source.ip': from,
    'event.outcome': outcome,
    'service.type': 'imap',
    'host.name': 'mx1',
  });

/** A slow spray over many addresses takes one mailbox, which then writes to thousands. A stale phone beside it. */
export const mailbox = (): Staged => {
  const scene = new Scene();
  for (let day = 40; day >= 0; day -= 1) {
    for (const [i, user] of STAFF.entries())
      imap(scene, -day * DAY - 13 * HOUR + i * MINUTE, user, `192.0.2.${10 + i}`, 'success');
    if (day % 2 === 0)
      scene.add('mail', -day * DAY - 12 * HOUR, 'mail-received', {
        'einfallstor.email.auth_user': 'a.berg',
        'email.local_id': `Q${day}`,
        'source.ip': '192.0.2.10',
        'einfallstor.email.recipients': 5,
      });
    for (let n = 0; n < 20; n += 1) imap(scene, -day * DAY + n * 70 * MINUTE, 'p.roth', '192.0.2.13', 'failure');
  }
  for (let i = 0; i < 300; i += 1)
    imap(scene, -20 * DAY + i * 40 * MINUTE, `user${i % 60}`, `198.51.100.${(i % 120) + 1}`, 'failure');
  imap(scene, -30 * DAY, 'info', '192.0.2.19', 'success');
  imap(scene, -29 * DAY, 'info', '192.0.2.19', 'success');
  imap(scene, -28 * DAY, 'info', '192.0.2.19', 'success');
  imap(scene, -27 * DAY, 'info', '192.0.2.19', 'success');
  const entry = imap(scene, -11 * DAY, 'info', '198.51.100.70', 'success');
  const fetched = scene.add('mail', -10 * DAY, 'mail-access', {
    'user.name': 'info',
    'source.ip': '198.51.100.70',
    'service.type': 'imap',
    'destination.bytes': 80_000_000,
    'host.name': 'mx1',
  });
  scene.finding('mailbox-fetched', 'T1114.002', 'collection', 2, [fetched], {
    'user.name': 'info',
    'source.ip': '198.51.100.70',
  });
  for (let i = 0; i < 60; i += 1)
    scene.add('mail', i * 20 * SECOND, 'mail-received', {
      'einfallstor.email.auth_user': 'info',
      'email.local_id': `B${i}`,
      'source.ip': '198.51.100.71',
      'einfallstor.email.recipients': 100,
    });
  return { scene, entry: [entry] };
};

/** The entry lies in a silence of the firewall and the gateway; afterwards a workstation is already in other hands. */
export const hidden = (): Staged => {
  const scene = new Scene();
  scene.office(STAFF);
  scene.chatter(31, 6 * MINUTE);
  const from = -5 * DAY - 12 * HOUR;
  for (let i = scene.events.length - 1; i >= 0; i -= 1) {
    const at = Number(scene.events[i]?.fields['@timestamp']) - IMPACT_OF;
    if (at > from && at < from + 36 * HOUR) scene.events.splice(i, 1);
  }
  const beacon = Array.from({ length: 40 }, (_, i) =>
    scene.flow(from + 36 * HOUR + i * HOUR, '10.0.0.114', '198.51.100.18', 443, 800),
  );
  scene.finding('beacon', 'T1071.001', 'command-and-control', 2, beacon, {
    'source.ip': '10.0.0.114',
    'destination.ip': '198.51.100.18',
  });
  scene.vpn(-3 * DAY, 'a.berg', '203.0.113.9', '10.9.3.3', { minutes: 60 });
  services(scene, 0, 20, '10.0.0.114');
  return { scene, entry: [] };
};
const IMPACT_OF = Date.UTC(2031, 2, 4, 22) * 1000;

/** One inner address, lent to two users in one evening; the scan belongs to the first. */
export const reused = (): Staged => {
  const scene = new Scene();
  scene.office(STAFF);
  scene.chatter();
  const start = -25 * HOUR; // 21:00 the day before
  const entry = scene.vpn(start, 'p.roth', '198.51.100.5', '10.9.0.30', { minutes: 52 });
  scene.vpn(start + 56 * MINUTE, 's.oelze', '198.51.100.5', '10.9.0.30', { minutes: 120 });
  for (let i = 0; i < 35; i += 1)
    scene.vpn(start + DAY / 12 + i * MINUTE, `emp${i}`, '198.51.100.5', `10.9.5.${i + 1}`, { minutes: 30 });
  const ids = scan(scene, start + 40 * MINUTE, '10.9.0.30', 60);
  scene.finding('scan', 'T1046', 'discovery', 2, ids, { 'source.ip': '10.9.0.30' });
  scene.flow(start + 46 * MINUTE - SECOND, '10.9.0.30', '10.0.0.20', 3389);
  scene.logon(start + 46 * MINUTE, 'FS01', 'adm-backup', '10.9.0.30');
  services(scene, 0, 20, '10.0.0.20');
  return { scene, entry: [entry] };
};

/** A host of the managed-service partner, never seen before, at night. */
export const partner = (): Staged => {
  const scene = new Scene();
  scene.office(STAFF);
  scene.chatter();
  for (let day = 30; day >= 1; day -= 1) {
    scene.flow(-day * DAY - 12 * HOUR, '172.20.8.5', '10.0.0.20', 3389);
    scene.logon(-day * DAY - 12 * HOUR + SECOND, 'FS01', 'msp-admin', '172.20.8.5');
  }
  const first = scene.flow(-3 * DAY - 19 * HOUR, '172.20.8.31', '10.0.0.10', 3389, 80_000);
  scene.logon(-3 * DAY - 19 * HOUR + SECOND, 'DC01', 'msp-admin', '172.20.8.31');
  services(scene, 0, 20, '10.0.0.10');
  return { scene, entry: [first] };
};

/** Patch day: one administrator on many servers, a backup of two terabytes, services of the patch agent. */
export const patchDay = (): Scene => {
  const scene = new Scene();
  scene.office(STAFF);
  scene.chatter();
  administration(scene);
  const ids: string[] = [];
  for (let i = 0; i < 25; i += 1)
    ids.push(scene.logon(-2 * HOUR + i * 3 * MINUTE, `SRV${i}`, 'adm-weber', '10.0.0.50'));
  scene.finding('lateral-fan-out', 'T1021.001', 'lateral-movement', 1.5, ids, {
    'user.name': 'adm-weber',
    'source.ip': '10.0.0.50',
  });
  for (let day = 29; day >= 0; day -= 1) scene.flow(-day * DAY + HOUR, '10.0.0.30', '192.0.2.250', 443, 2e12);
  return scene;
};

/** Scanning from the internet, a travelling employee, many typing errors. */
export const quiet = (): Scene => {
  const scene = new Scene();
  scene.office(STAFF);
  scene.chatter();
  for (let i = 0; i < 400; i += 1)
    scene.vpnFailure(-30 * DAY + i * 100 * MINUTE, `user${i}`, `203.0.113.${(i % 3) + 1}`);
  for (let i = 0; i < 8; i += 1) scene.vpnFailure(-5 * DAY + i * MINUTE, 'c.dorn', '203.0.113.150');
  scene.vpn(-5 * DAY + 10 * MINUTE, 'c.dorn', '203.0.113.150', '10.9.4.4', { minutes: 300 });
  for (let i = 0; i < 200; i += 1)
    scene.add('fw', -4 * DAY + i * SECOND, 'flow-denied', {
      'source.ip': '198.51.100.50',
      'destination.ip': `192.0.2.${i + 1}`,
      'destination.port': 22,
    });
  return scene;
};
