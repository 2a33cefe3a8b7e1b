import { DAY, HOUR, MINUTE, SECOND } from '../../core/time.ts';
import { foreignAddress, neighbour, serviceAddress } from '../addresses.ts';
import { scanning, vpnGuessing } from '../benign/noise.ts';
import { nightlyBackup, officeTraffic } from '../benign/traffic.ts';
import { planRemoteWork, remoteTraffic, writeRemoteWork } from '../benign/vpn.ts';
import { domainLife } from '../benign/windows.ts';
import { Fortigate } from '../formats/fortigate.ts';
import { WindowsLog } from '../formats/windows.ts';
import { device } from '../simulation.ts';
import type { Scenario } from '../story.ts';
import { carryOff, dialIn, encrypt, hop, sweep } from './intrusion.ts';

/** SSL-VPN guessing without a second factor, then ransomware. */
export const s01: Scenario = {
  id: 'S01',
  title: 'SSL-VPN guessing without MFA, then ransomware',
  days: 14,
  tell: (sim) => {
    const { journal, anchor } = sim;
    const world = sim.company();
    const random = sim.random.fork('story');
    const clock = device(sim, 'fortigate-traffic', 'firewall/fgt-traffic');
    const gate = new Fortigate({
      device: clock,
      events: { ...clock, name: 'fortigate-vpn', path: 'vpn/fgt-event' },
      journal,
      random: sim.random.fork('fortigate'),
      hostname: 'FGT-HQ',
      gateway: world.gateway,
      sideOf: world.sideOf,
      vpnGroup: 'VPN-Users',
    });
    const style = random.pick(['winlogbeat', 'nxlog'] as const);
    const windows = new WindowsLog({
      device: device(sim, 'win-security', 'windows/security', { extension: 'json' }),
      journal,
      random: sim.random.fork('windows'),
      world,
      style,
    });

    const work = planRemoteWork(sim, world);
    const victim = random.pick(world.users.filter((u) => !u.admin));
    const attacker = foreignAddress(random);
    const begin = anchor - Math.round(4 * DAY + random.between(-9, 9) * HOUR);
    const tries = random.int(22, 60);
    const gap = (random.between(12, 35) * MINUTE) / tries;
    const guesses = Array.from({ length: tries }, (_, i) =>
      gate.refuse(begin + Math.round((i + random.between(0, 0.6)) * gap), victim.login, attacker, true),
    ).flat();
    const login = begin + Math.round(tries * gap) + random.int(5, 90) * SECOND;

    const visit = (time: number, hours: number, address = attacker) => {
      const session = dialIn(random, work.leases, time, { user: victim.login, address, hours, clientVersion: 0 });
      return { session, lines: gate.open(session), end: gate.close(session) };
    };
    const first = visit(login, random.between(1.5, 4));
    const scan = sweep(world, gate, random, login + random.int(4, 35) * MINUTE, first.session.inner, {
      hosts: random.int(90, 220),
      minutes: random.between(4, 11),
      user: victim.login,
    });

    const return1 = anchor - Math.round(3 * DAY + random.between(-6, 6) * HOUR);
    const second = visit(return1, 4, random.chance(0.5) ? attacker : neighbour(random, attacker));
    const laptop = { name: `DESKTOP-${random.letters(7).toUpperCase()}`, address: second.session.inner };
    const { files, dc1 } = world.servers;
    const account = random.pick(['adm-backup', 'adm-service', 'adm-install']);
    const toFiles = hop(random, return1 + random.int(10, 40) * MINUTE, {
      firewall: gate,
      windows,
      host: files,
      from: laptop,
      account,
      user: victim.login,
    });
    const toDc = hop(random, toFiles.time + random.int(12, 90) * MINUTE, { windows, host: dc1, from: files, account });

    const target = random.chance(0.5) ? foreignAddress(random) : serviceAddress(random);
    const out = carryOff(gate, random, anchor - Math.round(random.between(8, 11) * HOUR), {
      source: files.address,
      destination: target,
      bytes: random.logNormal(2.1e11, 0.3),
      hours: random.between(4, 7),
    });
    const impact = encrypt(world, windows, random, anchor, { account, hosts: 40, from: dc1 });

    writeRemoteWork(work, gate);
    remoteTraffic(sim, world, work, gate);
    officeTraffic(sim, world, gate);
    const backup = nightlyBackup(sim, world, gate, 9e11);
    scanning(sim, world, gate);
    const spray = vpnGuessing(sim, world, gate, 220);
    domainLife(sim, world, windows, work.sessions);

    return {
      expect: 'ranked',
      entry: {
        vector: 'vpn-guessed-password',
        technique: 'T1110.001',
        origin: 'external',
        time: login,
        lines: first.lines,
      },
      chain: [
        { stage: 'credential-access', technique: 'T1110.001', time: begin, lines: guesses.slice(0, 20) },
        { stage: 'initial-access', technique: 'T1133', time: login, lines: first.lines },
        scan,
        { stage: 'persistence', technique: 'T1133', time: return1, lines: second.lines },
        toFiles,
        toDc,
        out,
        ...impact,
      ],
      decoys: [
        { what: 'password spraying on the VPN gateway, far louder than the attack', lines: spray.slice(0, 20) },
        { what: 'nightly backup to cloud storage', lines: backup.lines.slice(0, 20) },
        { what: 'first remote desktop session on the domain controller', lines: toDc.lines },
      ],
      exfiltration: { grade: 'shown', bytes: out.bytes, destination: target },
    };
  },
};
