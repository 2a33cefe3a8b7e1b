import { say } from '../../core/said.ts';
import { sessionAct } from '../entries.ts';
import type { Act, Cause, World } from '../model.ts';
import type { VpnSession } from '../sessions.ts';

/** From when on somebody else carried the stay on, if a finding says so. */
const takenOver = (session: VpnSession, act: Act, world: World): Act | undefined =>
  world.board
    .naming(session.account)
    .find(
      (a) =>
        a.vector === 'session-theft' &&
        a.account === session.account &&
        a.from >= session.begin - a.slack &&
        a.from <= Math.min(session.end, act.from) + a.slack + act.slack,
    );

/** The inner address an act came from was lent to somebody's VPN stay at that instant. */
export const byLease = (act: Act, world: World): Cause[] => {
  if (act.address === undefined || act.kind === 'vpn-session' || act.vector === 'session-theft') return [];
  return world.leases.holdersOf(act.address, act.from, act.slack).map(({ session, certainty }) => ({
    act: takenOver(session, act, world) ?? sessionAct(session, world),
    strength: certainty,
    because: say(
      `${act.address} was lent to ${session.account}'s VPN session at that time`,
      `${act.address} war zu dieser Zeit der VPN-Sitzung von ${session.account} zugeteilt`,
    ),
  }));
};
