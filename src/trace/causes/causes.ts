import type { Act, Cause, World } from '../model.ts';
import { byAccount } from './account.ts';
import { byArrival } from './arrival.ts';
import { byBypass, byDevice } from './device.ts';
import { byLease } from './lease.ts';
import { byMail } from './mail.ts';
import { byOnward } from './onward.ts';
import { byPartner } from './partner.ts';
import { byRelay } from './relay.ts';
import { byRemote } from './remote.ts';
import { byForerunner, byStatement } from './stated.ts';
import { byExploit } from './web.ts';

const RULES: readonly ((act: Act, world: World) => readonly Cause[] | Promise<readonly Cause[]>)[] = [
  byLease,
  byPartner,
  byArrival,
  byOnward,
  byRelay,
  byAccount,
  byDevice,
  byBypass,
  byRemote,
  byExploit,
  byMail,
  byStatement,
  byForerunner,
];

/** What may have made an act possible: for each earlier act the strongest reason, strongest first. */
export const causesOf = async (act: Act, world: World): Promise<Cause[]> => {
  const best = new Map<string, Cause>();
  for (const rule of RULES) {
    for (const cause of await rule(act, world)) {
      if (cause.act.key === act.key || cause.act.from > act.to + act.slack + cause.act.slack) continue;
      const before = best.get(cause.act.key);
      if (before === undefined || cause.strength > before.strength) best.set(cause.act.key, cause);
    }
  }
  return [...best.values()].sort(
    (a, b) => b.strength - a.strength || a.act.from - b.act.from || (a.act.key < b.act.key ? -1 : 1),
  );
};
