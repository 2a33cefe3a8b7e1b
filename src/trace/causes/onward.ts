import { say } from '../../core/said.ts';
import { HOUR, MINUTE } from '../../core/time.ts';
import type { Act, Cause, World } from '../model.ts';
import { during } from '../movements.ts';
import { isInner } from '../read.ts';
import { isLate } from '../stages.ts';
import { arrivalAct } from './arrival.ts';

/**
 * By elimination: no log says which machine an address is, and of the machines that no log gives an address, an account
 * had logged on to one only. Who then goes on as that account from that address, does so from that machine.
 */

/** An account goes on to the next machine within this time. */
const SOON = 6 * HOUR;
const AT_ONCE = HOUR;
const BY_ELIMINATION = { soon: 0.5, atOnce: 0.75 } as const;

/** A tool's start and the transfer that it carried are written by two machines, within this time of each other. */
const TOGETHER = 15 * MINUTE;

/** A transfer from an address no log names, and the one machine without a known address where a tool for it was started. */
const byTool = (act: Act, world: World): Cause[] => {
  const started = world.board.acts.filter(
    (a) =>
      a.key !== act.key &&
      a.stage === 'exfiltration' &&
      a.vector === undefined &&
      a.address === undefined &&
      a.host !== undefined &&
      Math.abs(a.from - act.from) <= TOGETHER + act.slack + a.slack &&
      world.hosts.addressesOf(a.host).length === 0,
  );
  if (new Set(started.map((a) => a.host)).size !== 1) return [];
  return started.map((a) => ({
    act: a,
    strength: BY_ELIMINATION.atOnce,
    because: say(
      `about then, on the only machine for it whose address no log tells: ${a.summary.en}`,
      `etwa dann, auf dem einzigen Rechner dafür, dessen Adresse kein Protokoll nennt: ${a.summary.de}`,
    ),
  }));
};

/** The account of an act, logged on to the only machine without a known address shortly before. */
const byLogon = (act: Act, account: string, address: string, world: World): Cause[] => {
  const until = act.from + act.slack;
  const before = during(world.movements.all, act.from - SOON, until).filter(
    (m) =>
      m.kind === 'logon' &&
      m.interactive &&
      m.account === account &&
      m.source !== address &&
      m.time < act.from &&
      !act.targets.includes(m.place) &&
      world.hosts.addressesOf(m.place).length === 0,
  );
  const last = before.at(-1);
  if (last === undefined || before.some((m) => m.place !== last.place)) return [];
  return [
    {
      act: arrivalAct({ source: last.source, place: last.place, moves: [last], routine: false }, world),
      strength: act.from - last.time <= AT_ONCE ? BY_ELIMINATION.atOnce : BY_ELIMINATION.soon,
      because: say(
        `${account} had logged on to ${last.place}, the only machine of those whose address no log tells; none tells whose ${address} is`,
        `${account} hatte sich an ${last.place} angemeldet, dem einzigen unter den Rechnern, deren Adresse kein Protokoll nennt; keines nennt den zu ${address}`,
      ),
    },
  ];
};

export const byOnward = (act: Act, world: World): Cause[] => {
  const { account, address } = act;
  if (address === undefined || act.vector !== undefined || (act.kind !== 'logon' && !isLate(act.stage))) return [];
  if (!isInner(address) || world.leases.isLeased(address) || world.hosts.namesOf(address, act.from).length > 0)
    return [];
  if (account !== undefined) return byLogon(act, account, address, world);
  return act.stage === 'exfiltration' ? byTool(act, world) : [];
};
