import { HOUR, hourOf } from '../core/time.ts';
import { familiarity } from './familiarity.ts';
import type { World } from './model.ts';

/** How common a sign is among all logins of these logs: what everybody shows speaks against nobody. */
export interface Background {
  readonly newNetwork: number;
  readonly newClient: number;
  /** Stays and logins by the hours of the day into which they fall, UTC. */
  readonly hours: readonly number[];
  readonly total: number;
}

const SAMPLE = 1_500;
/** A tunnel left open over night is no night's work. */
const WORKDAY = 10 * HOUR;

/** Hours of the day from one time to another, a day's work at most. */
const hoursBetween = (from: number, to: number): number[] => {
  const last = Math.min(to, from + WORKDAY);
  return Array.from({ length: Math.floor((last - from) / HOUR) + 1 }, (_, n) => hourOf(from + n * HOUR));
};

export const backgroundOf = (world: World): Background => {
  const all = [
    ...world.sessions.map((s) => ({
      account: s.account,
      remote: s.remote,
      client: s.client,
      time: s.begin,
      hours: hoursBetween(s.begin, s.end),
    })),
    ...world.logons.remote.map((l) => ({
      account: l.account,
      remote: l.remote as string | undefined,
      client: l.client,
      time: l.first,
      hours: [...l.hours],
    })),
  ];
  const step = Math.max(1, Math.floor(all.length / SAMPLE));
  let [judged, newNetwork, newClient] = [0, 0, 0];
  const hours = Array<number>(24).fill(0);
  let total = 0;
  for (let i = 0; i < all.length; i += step) {
    const { account, remote, client, time, hours: own } = all[i] as (typeof all)[number];
    total += 1;
    for (const hour of own) hours[hour] = (hours[hour] ?? 0) + 1;
    const f = familiarity(world.logons, account, remote, client, time);
    if (f.known === 'no-history') continue;
    judged += 1;
    if (f.known === 'new' || f.known === 'first') newNetwork += 1;
    if (!f.clientSeen) newClient += 1;
  }
  // the entry itself is one of them; a few logins prove no rate
  return { newNetwork: (newNetwork + 0.5) / (judged + 6), newClient: (newClient + 0.5) / (judged + 6), hours, total };
};
