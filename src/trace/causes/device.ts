import { say } from '../../core/said.ts';
import { DAY, HOUR } from '../../core/time.ts';
import { isForged, loginAct } from '../entries.ts';
import type { Act, Cause, World } from '../model.ts';
import { isInner } from '../read.ts';

/** A management session lasts no longer than this without a new login. */
const SESSION = 24 * HOUR;
/** An account made through a bypass is used, and misused, for days. */
const BYPASS = 14 * DAY;

const CHANGES: ReadonlySet<Act['kind']> = new Set<Act['kind']>(['config-change', 'account-change', 'finding']);

/** An exploit is at work on the appliance within this time. */
const EXPLOITED = HOUR;

/** The appliance was exploited shortly before. */
const byExploit = (act: Act, device: string, world: World): Cause[] =>
  world.board
    .naming(device)
    .filter((a) => a.vector === 'appliance-exploit' && a.from <= act.from + act.slack && a.from >= act.from - EXPLOITED)
    .map((a) => ({ act: a, strength: 0.9, because: a.summary }));

/** What was changed on an appliance was changed by somebody who had logged in to its management, or broken in to it. */
export const byDevice = (act: Act, world: World): Cause[] => {
  if (act.device === undefined || !CHANGES.has(act.kind) || act.vector !== undefined) return [];
  const causes = byExploit(act, act.device, world);
  for (const login of world.logons.remote) {
    if (login.kind !== 'admin-login' || login.device !== act.device || login.first > act.from + act.slack) continue;
    const forged = isForged(login);
    if (login.last < act.from - (forged ? BYPASS : SESSION)) continue;
    const same = act.account === undefined || act.account === login.account;
    const place = act.remote ?? act.address;
    const elsewhere = place !== undefined && place !== login.remote;
    const strength = (same ? 0.95 : forged ? 0.7 : 0.2) * (elsewhere && !forged ? 0.3 : 1);
    causes.push({
      act: loginAct(login, world),
      strength,
      because: say(
        `${login.account} had logged in to the management of ${act.device}${isInner(login.remote) ? ` from ${login.remote}` : ''}`,
        `${login.account} hatte sich zur Verwaltung von ${act.device} angemeldet${isInner(login.remote) ? ` von ${login.remote}` : ''}`,
      ),
    });
  }
  return causes;
};

/** A management login with an account that appeared shortly before, by a bypass on the same appliance. */
export const byBypass = (act: Act, world: World): Cause[] => {
  if (act.kind !== 'admin-login' && act.kind !== 'vpn-session') return [];
  return world.logons.remote
    .filter(
      (l) =>
        isForged(l) &&
        l.first < act.from - act.slack &&
        l.first >= act.from - BYPASS &&
        (act.device === undefined || l.device === act.device),
    )
    .map((l) => ({
      act: loginAct(l, world),
      strength: act.kind === 'admin-login' ? 0.8 : 0.35,
      because: say(
        `the management of ${l.device ?? 'the gateway'} had been bypassed before`,
        `die Anmeldung zur Verwaltung von ${l.device ?? 'dem Gateway'} war zuvor umgangen worden`,
      ),
    }))
    .filter((c) => c.act.key !== act.key);
};
