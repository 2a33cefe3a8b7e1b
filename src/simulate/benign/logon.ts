import { MINUTE, SECOND } from '../../core/time.ts';
import type { FirewallLog } from '../flow.ts';
import type { Logon, WindowsLog } from '../formats/windows.ts';
import type { Written } from '../journal.ts';
import type { Random } from '../random.ts';
import type { World } from '../world.ts';

/** Who sees a logon over the network. */
interface Witnesses {
  readonly windows?: WindowsLog | undefined;
  readonly firewall?: FirewallLog | undefined;
}

interface RemoteLogon extends Logon {
  readonly minutes: number;
  /** Administrators get special privileges. */
  readonly privileged?: boolean;
  /** Whose tunnel it comes through. */
  readonly tunnelUser?: string | undefined;
  readonly bytes?: readonly [number, number];
}

const PORTS: Readonly<Record<number, number>> = { 3: 445, 10: 3389 };

/** A logon from another machine: ticket, logon, connection (where it crosses the firewall), logoff. The logon itself comes first. */
export const logOn = (world: World, seen: Witnesses, random: Random, time: number, logon: RemoteLogon): Written[] => {
  const { windows, firewall } = seen;
  const from = logon.from?.address;
  const lines: Written[] = [];
  if (windows !== undefined) {
    lines.push(windows.logon(time, logon));
    if (logon.privileged === true) lines.push(windows.privileges(time + random.int(300, 1200), logon.host, logon.user));
    const dc = random.pick([world.servers.dc1, world.servers.dc2]);
    if (from !== undefined && logon.local !== true && logon.ntlm !== true) {
      if (random.chance(0.6)) windows.ticket(time - random.int(200, 900) * 1000, dc, logon.user, from);
      windows.serviceTicket(time - random.int(20, 150) * 1000, dc, logon.user, `${logon.host.name}$`, from);
    }
    windows.logoff(time + Math.round(logon.minutes * MINUTE), logon);
  }
  if (firewall !== undefined && from !== undefined && world.sideOf(from) !== world.sideOf(logon.host.address)) {
    const [sent, received] = logon.bytes ?? [random.logNormal(3e5, 1), random.logNormal(4e6, 1.2)];
    const user = logon.tunnelUser === undefined ? {} : { user: logon.tunnelUser };
    lines.push(
      ...firewall.flow(time - random.int(600, 2600) * 1000, {
        source: from,
        destination: logon.host.address,
        port: PORTS[logon.type] ?? 445,
        sent: Math.round(sent),
        received: Math.round(received),
        seconds: (logon.minutes * MINUTE) / SECOND + random.between(0, 3),
        ...user,
      }),
    );
  }
  return lines;
};
