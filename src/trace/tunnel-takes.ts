import { say } from '../core/said.ts';
import { DAY } from '../core/time.ts';
import { bytesText } from '../detect/words.ts';
import type { Clocks } from './clocks.ts';
import { MASSIVE } from './egress.ts';
import type { Act } from './model.ts';
import { isPublic } from './read.ts';
import type { VpnSession } from './sessions.ts';

/**
 * Data also leaves through the gateway itself: a stay that carried far more than anybody's before. Gateways disagree on
 * which direction `sent` is, so the larger one is compared; only where that is the client's does it count as bytes out.
 */

/** What is usual is learnt for so long: a working week. */
const LEARNING = 5 * DAY;
/** Times the largest stay of anybody before, and of the account itself. */
const TIMES_ANY = 2;
const TIMES_OWN = 5;
/** Stays of the same account from the same address within this time are one taking. */
const GOES_ON = 7 * DAY;
/** A new laptop that fetches everything once takes as much: only taking again and again nearly shows an intrusion. */
const ONCE = 1.2;
const AGAIN = 2.5;
const KEY = 'tunnel:';

const carried = (s: VpnSession): number => Math.max(s.bytesFromClient, s.bytesToClient);
const sum = (stays: readonly VpnSession[], of: (s: VpnSession) => number): number =>
  stays.reduce((total, s) => total + of(s), 0);

const actOf = (stays: readonly VpnSession[], usual: number, clocks: Clocks): Act => {
  const first = stays[0] as VpnSession;
  const total = sum(stays, carried);
  const summary = say(
    `${bytesText(total)} went through the VPN tunnel of ${first.account}${first.remote === undefined ? '' : ` from ${first.remote}`}, at most ${bytesText(usual)} in any stay before`,
    `${bytesText(total)} gingen durch den VPN-Tunnel von ${first.account}${first.remote === undefined ? '' : ` von ${first.remote}`}, zuvor in keiner Sitzung mehr als ${bytesText(usual)}`,
  );
  const events = stays.flatMap((s) => s.endEvents).slice(0, 20);
  const out = sum(stays, (s) => s.bytesToClient);
  return {
    key: `${KEY}${first.key}`,
    kind: 'impact',
    stage: 'exfiltration',
    technique: 'T1048',
    from: first.begin,
    to: (stays[stays.length - 1] as VpnSession).end,
    slack: clocks.slackOf(first.stream),
    account: first.account,
    remote: isPublic(first.remote) ? first.remote : undefined,
    address: first.addresses[0]?.ip,
    targets: [],
    events,
    count: stays.length,
    summary,
    marks: [
      {
        family: 'exfiltration',
        nats: stays.filter((s) => carried(s) >= MASSIVE).length > 1 ? AGAIN : ONCE,
        because: summary,
        events,
      },
    ],
    labels: [],
    ...(out * 2 >= total && !stays.some((s) => s.bothWays) ? { bytes: out } : {}),
  };
};

/** `sessions` by begin. */
export const tunnelTakes = (
  sessions: readonly VpnSession[],
  clocks: Clocks,
  span: { readonly first: number },
): Act[] => {
  const counted = sessions.filter((s) => carried(s) > 0);
  const own = new Map<string, number>();
  const taken = new Set<VpnSession>();
  const out: Act[] = [];
  let largest = 0;
  for (const [i, s] of counted.entries()) {
    if (taken.has(s)) continue;
    const least = Math.max(MASSIVE, TIMES_ANY * largest, TIMES_OWN * (own.get(s.account) ?? 0));
    if (s.begin - span.first >= LEARNING && largest > 0 && carried(s) >= least) {
      const goesOn = counted
        .slice(i)
        .filter((x) => x.account === s.account && x.remote === s.remote && x.begin <= s.begin + GOES_ON);
      for (const x of goesOn) taken.add(x);
      out.push(actOf(goesOn, largest, clocks));
      continue;
    }
    largest = Math.max(largest, carried(s));
    own.set(s.account, Math.max(own.get(s.account) ?? 0, carried(s)));
  }
  return out;
};

export const isTunnelTake = (act: Act): boolean => act.key.startsWith(KEY);
