import { DAY, HOUR } from '../../core/time.ts';
import type { StoredEvent } from '../../ecs/event.ts';
import { textOf } from '../../ecs/event.ts';
import { and, field, is, or } from '../../query/ast.ts';
import { loginAct, sessionAct } from '../entries.ts';
import { familiarity, strangeness } from '../familiarity.ts';
import type { Act, Cause, World } from '../model.ts';
import { accountOf, acts, collect, deviceOf, hostOf, isInner, isPublic, timeOf } from '../read.ts';
import { isBeforeEntry, isLate } from '../stages.ts';

const LOOKBACK = 30 * DAY;
/** A stolen credential is tried within this time. */
const CREDENTIAL_USE = 14 * DAY;

const changeAct = (event: StoredEvent, account: string, world: World): Act | undefined => {
  const raw = timeOf(event);
  if (raw === undefined) return undefined;
  const stream = textOf(event.fields, 'einfallstor.stream') ?? '';
  const time = raw - world.clocks.offsetOf(stream);
  const who = accountOf(event.fields);
  const source = textOf(event.fields, 'source.ip');
  const config = textOf(event.fields, 'einfallstor.act') === 'config-change';
  const verb = config
    ? (textOf(event.fields, 'event.action') ?? 'change')
    : (textOf(event.fields, 'einfallstor.act') ?? '').replace('-', ' ');
  const where = config ? deviceOf(event.fields) : hostOf(event.fields);
  return {
    key: `change:${event.id}`,
    kind: config ? 'config-change' : 'account-change',
    stage: 'persistence',
    technique: textOf(event.fields, 'einfallstor.act') === 'account-created' || config ? 'T1136' : 'T1098',
    from: time,
    to: time,
    slack: world.clocks.slackOf(stream),
    account: who,
    remote: isPublic(source) ? source : undefined,
    address: isInner(source) ? source : undefined,
    host: config ? undefined : where,
    device: config ? deviceOf(event.fields) : undefined,
    targets: [account],
    events: [event.id],
    count: 1,
    summary: `${verb} of ${account}${where === undefined ? '' : ` on ${where}`}${who === undefined ? '' : ` by ${who}`}`,
    marks: [],
    labels: [],
  };
};

const changeStrength = (event: StoredEvent): number => {
  const act = textOf(event.fields, 'einfallstor.act');
  if (act === 'account-created') return 0.95;
  if (act === 'config-change')
    return /add|create|new|set/i.test(textOf(event.fields, 'event.action') ?? '') ? 0.95 : 0.6;
  return act === 'account-changed' ? 0.45 : 0.35;
};

/** Who created the account, or changed it so that it could be used like this. */
const byChange = async (act: Act, account: string, world: World): Promise<Cause[]> => {
  const named = or(
    is('user.target.name', account),
    field('user.target.name', { op: 'like', pattern: [`${account}@`, { wild: 'any' }], cased: false }),
  );
  const object = field('einfallstor.change.object', {
    op: 'like',
    pattern: [{ wild: 'any' }, account, { wild: 'any' }],
    cased: false,
  });
  const query = or(
    and(acts('account-created', 'account-changed', 'group-changed'), named),
    and(acts('config-change'), object),
  );
  const events = await collect(world.store, query, {
    order: 'time-desc',
    from: act.from - LOOKBACK - world.clocks.widest,
    to: act.from + act.slack + world.clocks.widest + 1,
    limit: 40,
  });
  const causes: Cause[] = [];
  for (const event of events) {
    const made = changeAct(event, account, world);
    if (
      made === undefined ||
      made.from > act.from + act.slack ||
      made.account === account ||
      act.events.includes(event.id)
    )
      continue;
    causes.push({ act: made, strength: changeStrength(event), because: `${made.summary} made the account usable` });
  }
  return causes;
};

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
    .map((a) => ({ act: a, strength: 0.6, because: `the credentials of ${account} were taken there` }));

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
    found.push({ act: made, weight: same ? 0.95 : act.remote !== undefined ? strange * 0.3 : strange });
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
    because: `${account} had come in from outside: ${f.act.summary}`,
  }));
};

const NOBODY = new Set([
  'system',
  'local service',
  'network service',
  'anonymous logon',
  'root',
  'administrator',
  'admin',
]);

export const byAccount = async (act: Act, world: World): Promise<Cause[]> => {
  const account = act.account;
  if (account === undefined || account.endsWith('$')) return [];
  const causes = await byChange(act, account, world);
  if (act.kind !== 'vpn-session' && act.vector === undefined) causes.push(...byTheft(act, account, world));
  const homeless = act.address === undefined && act.vector === undefined && !NOBODY.has(account);
  const atMailOrDevice = act.kind !== 'vpn-session' && act.device === undefined;
  if (homeless && atMailOrDevice) causes.push(...byOwnLogin(act, account, world));
  return causes;
};
