import { MINUTE } from '../core/time.ts';
import { halfOf } from './history.ts';
import type { VpnSession } from './sessions.ts';

/** Who held an inner address at an instant, and how surely (0 to 1). */
export interface Holder {
  readonly session: VpnSession;
  readonly certainty: number;
}

export interface Leases {
  /** The stays that held an address at a time known to ± slack, surest first; empty when no gateway gave it out then. */
  holdersOf(address: string, time: number, slack: number): readonly Holder[];
  /** Whether a gateway ever gave this address out: it is no machine of the house. */
  isLeased(address: string): boolean;
  /** Stays of remote users come by the same way as other houses: an address near those lent may be one of theirs. */
  mayLend(address: string): boolean;
  /** All stays on an address, by begin. */
  sessionsOn(address: string): readonly VpnSession[];
}

interface Lease {
  readonly session: VpnSession;
  readonly from: number;
  readonly to: number;
}

/** Gateways write the address some seconds after traffic may already pass. */
const EARLY = 5_000_000;
const CERTAIN = 0.97;
/** Inside a stay whose end is only inferred. */
const INFERRED = 0.8;
/** Only within the clocks' uncertainty of a stay, none at the instant itself. */
const AT_THE_EDGE = 0.4;

export const leasesOf = (sessions: readonly VpnSession[]): Leases => {
  const byAddress = new Map<string, Lease[]>();
  for (const session of sessions) {
    for (const { ip, from } of session.addresses) {
      const next = session.addresses.find((a) => a.from > from)?.from;
      const lease = { session, from: Math.min(from, session.begin + MINUTE), to: next ?? session.end };
      const list = byAddress.get(ip);
      if (list === undefined) byAddress.set(ip, [lease]);
      else list.push(lease);
    }
  }
  const halves = new Set([...byAddress.keys()].map(halfOf));
  const certaintyOf = (lease: Lease, time: number, slack: number): number => {
    if (time >= lease.from - EARLY && time <= lease.to) return lease.session.endKnown ? CERTAIN : INFERRED;
    return time >= lease.from - EARLY - slack && time <= lease.to + slack ? AT_THE_EDGE : 0;
  };
  return {
    isLeased: (address) => byAddress.has(address),
    mayLend: (address) => halves.size === 0 || halves.has(halfOf(address)),
    sessionsOn: (address) => (byAddress.get(address) ?? []).map((l) => l.session),
    holdersOf: (address, time, slack) => {
      const found = (byAddress.get(address) ?? [])
        .map((lease) => ({ session: lease.session, certainty: certaintyOf(lease, time, slack) }))
        .filter((h) => h.certainty > 0);
      const best = Math.max(0, ...found.map((h) => h.certainty));
      const sure = found.filter((h) => best < INFERRED || h.certainty >= INFERRED);
      // two stays that both claim the address share it
      const total = sure.reduce((sum, h) => sum + h.certainty, 0);
      return sure
        .map((h) => ({
          session: h.session,
          certainty: sure.length > 1 ? (h.certainty * h.certainty) / total : h.certainty,
        }))
        .sort(
          (a, b) =>
            b.certainty - a.certainty || b.session.begin - a.session.begin || (a.session.key < b.session.key ? -1 : 1),
        );
    },
  };
};
