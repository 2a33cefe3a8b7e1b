import { type Said, say } from '../../core/said.ts';
import { DAY, HOUR } from '../../core/time.ts';
import { namesWord } from '../changes.ts';
import { loginAct, sessionAct } from '../entries.ts';
import { familiarity, strangeness } from '../familiarity.ts';
import type { Act, Cause, World } from '../model.ts';
import { isInner } from '../read.ts';
import { isBeforeEntry, isLate } from '../stages.ts';

const LOOKBACK = 30 * DAY;
/** A stolen credential is tried within this time. */
const CREDENTIAL_USE = 14 * DAY;

/** Who created the account, or changed it so that it could be used like this. */
const byChange = (act: Act, account: string, world: World): Cause[] =>
  world.changes
    .filter(
      ({ act: change, target, object }) =>
        (target === account || namesWord(object, account)) &&
        change.from <= act.from + act.slack &&
        change.from >= act.from - LOOKBACK &&
        change.account !== account &&
        !act.events.includes(change.events[0] as string),
    )
    .map(({ act: change, enables }) => ({
      act: change,
      strength: enables,
      because: say(`${change.summary.en} made the account usable`, `${change.summary.de} machte das Konto nutzbar`),
    }));

const taken = (account: string): Said =>
  say(`the credentials of ${account} were taken there`, `die Zugangsdaten von ${account} wurden dort entwendet`);

/** Late credential theft that names the account. */
const byTheft = (act: Act, account: string, world: World): Cause[] =>
  world.board
    .naming(account)
    .filter(
      (a) =>
        a.stage === 'credential-access' &&
        isLate(a.stage) &&
        !isBeforeEntry(a.technique) &&
        a.key !== act.key &&
        a.from <= act.from + act.slack &&
        a.from >= act.from - CREDENTIAL_USE &&
        a.account !== account,
    )
    .map((a) => ({ act: a, strength: 0.6, because: taken(account) }));

/** Who acts, came in for it: an earlier visit is less likely the one behind an act that a later one stands nearer to. */
const SAME_VISIT = DAY / 2;
const EARLIER_VISIT = 0.3;

/** Logins of the account from outside, where the act itself does not say where its actor sat. */
const byOwnLogin = (act: Act, account: string, world: World): Cause[] => {
  const found: { act: Act; weight: number }[] = [];
  for (const login of world.logons.remote) {
    if (
      login.account !== account ||
      login.first > act.from + act.slack ||
      login.last < act.from - CREDENTIAL_USE ||
      isInner(login.remote)
    )
      continue;
    const made = loginAct(login, world);
    if (made.key === act.key) continue;
    const strange = strangeness(familiarity(world.logons, account, login.remote, login.client, login.first));
    const same = act.remote !== undefined && act.remote === login.remote;
    const visit = login.last >= act.from - SAME_VISIT ? 1 : EARLIER_VISIT;
    found.push({ act: made, weight: same ? 0.95 : act.remote !== undefined ? strange * 0.3 : strange * visit });
  }
  for (const session of world.sessions) {
    if (session.account !== account || session.begin > act.from + act.slack || session.end < act.from - HOUR) continue;
    const strange = strangeness(familiarity(world.logons, account, session.remote, session.client, session.begin));
    found.push({
      act: sessionAct(session, world),
      weight: act.remote === undefined ? 0.3 + 0.5 * strange : act.remote === session.remote ? 0.95 : 0.1,
    });
  }
  const total = Math.max(
    1,
    found.reduce((sum, f) => sum + f.weight, 0),
  );
  return found.map((f) => ({
    act: f.act,
    strength: Math.min(0.95, f.weight / total),
    because: say(
      `${account} had come in from outside: ${f.act.summary.en}`,
      `${account} war von außen gekommen: ${f.act.summary.de}`,
    ),
  }));
};

const NOBODY = new Set([
  'system',
  'local service',
  'network service',
  'anonymous logon',
  'lokaler dienst',
  'netzwerkdienst',
  'anonymous-anmeldung',
  'root',
  'administrator',
  'admin',
]);

export const byAccount = (act: Act, world: World): Cause[] => {
  const account = act.account;
  if (account === undefined || account.endsWith('$')) return [];
  const causes = byChange(act, account, world);
  if (act.kind !== 'vpn-session' && act.vector === undefined) causes.push(...byTheft(act, account, world));
  const homeless = act.address === undefined && act.vector === undefined && !NOBODY.has(account);
  const atMailOrDevice = act.kind !== 'vpn-session' && act.device === undefined;
  if (homeless && atMailOrDevice) causes.push(...byOwnLogin(act, account, world));
  return causes;
};
