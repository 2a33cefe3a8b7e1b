import { say } from '../../core/said.ts';
import { sessionAct } from '../entries.ts';
import type { Act, Cause, World } from '../model.ts';

/** The inner address an act came from was lent to somebody's VPN stay at that instant. */
export const byLease = (act: Act, world: World): Cause[] => {
  if (act.address === undefined || act.kind === 'vpn-session') return [];
  return world.leases.holdersOf(act.address, act.from, act.slack).map(({ session, certainty }) => ({
    act: sessionAct(session, world),
    strength: certainty,
    because: say(
      `${act.address} was lent to ${session.account}'s VPN session at that time`,
      `${act.address} war zu dieser Zeit der VPN-Sitzung von ${session.account} zugeteilt`,
    ),
  }));
};
