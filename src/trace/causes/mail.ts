import { type Said, say } from '../../core/said.ts';
import { DAY, HOUR } from '../../core/time.ts';
import { durationText } from '../../detect/words.ts';
import { and, is } from '../../query/ast.ts';
import { namesWord } from '../changes.ts';
import { loginAct } from '../entries.ts';
import { isExploitFinding } from '../exploits.ts';
import { familiarity, isStrange } from '../familiarity.ts';
import { type Visit, visitsAfter } from '../mail-evidence.ts';
import type { Act, Cause, World } from '../model.ts';
import { accountKey, acts, isInner, sameName } from '../read.ts';

/** A message is opened, or what it stole is used, within this time. */
const REACH = 14 * DAY;
const RESET_USED = 4 * DAY;
/** Who holds a mail server reads every mailbox on it. */
const SHELL_USED = 30 * DAY;
const BY_RESET = 0.6;
// /autodiscover/autodiscover.json  /owa/auth  /ecp/  /ews/  /mapi/  /aspnet_client/x.aspx  /zimbra/  /roundcube/
const MAIL_WEB = /autodiscover|\/owa|\/ecp|\/ews|\/mapi|aspnet_client|zimbra|roundcube|activesync|horde/i;
/** Bound to its recipient only by what happened to his account or device later. */
const BY_USE = 0.35;
const BY_VISIT = 0.9;

const LOGINS = new Set<Act['kind']>(['vpn-session', 'remote-login', 'mail-login']);

const memories = new WeakMap<World, Map<string, Promise<readonly string[]>>>();

/** The same question is asked for many acts of one machine. */
const remembered = <T extends readonly string[]>(world: World, key: string, find: () => Promise<T>): Promise<T> => {
  const memory = memories.get(world) ?? new Map<string, Promise<readonly string[]>>();
  memories.set(world, memory);
  const known = memory.get(key) as Promise<T> | undefined;
  if (known !== undefined) return known;
  const found = find();
  memory.set(key, found);
  return found;
};

/** Accounts that used a machine about a time: proxy users, logons from it. */
const usersOf = (address: string, time: number, world: World): Promise<string[]> =>
  remembered(world, `users ${address} ${Math.floor(time / DAY)}`, () => findUsers(address, time, world));

const findUsers = async (address: string, time: number, world: World): Promise<string[]> => {
  const query = and(acts('http-request', 'login', 'dns-query', 'mail-access'), is('source.ip', address));
  const top = await world.store.top(query, 'user.name', 4, { from: time - REACH, to: time + DAY });
  return top.flatMap((t) => accountKey(t.value) ?? []);
};

/** A machine with so many known users is shared: it tells nobody's visit. */
const SHARED = 4;

/** Visits of machines whose commonest user the account is, where the proxy names nobody. */
const visitsBy = async (account: string, world: World): Promise<Visit[]> => {
  const wanted = new Set(
    world.deliveries.filter((d) => d.recipients.some((r) => sameName(r, account))).flatMap((d) => d.domains),
  );
  const nameless = world.visits.filter((v) => v.account === undefined && wanted.has(v.domain));
  const found = await Promise.all(
    nameless.map(async (v): Promise<Visit[]> => {
      if (v.address === undefined || !isInner(v.address) || world.leases.isLeased(v.address)) return [];
      const users = await usersOf(v.address, v.time, world);
      return users[0] === account && users.length < SHARED ? [{ ...v, account }] : [];
    }),
  );
  return found.flat();
};

const delivered = (
  act: Act,
  accounts: readonly string[],
  address: string | undefined,
  world: World,
  seen: readonly Visit[] = world.visits,
): Cause[] => {
  const causes: Cause[] = [];
  for (const delivery of world.deliveries) {
    if (delivery.act.from > act.from + act.slack + delivery.act.slack || delivery.act.from < act.from - REACH) continue;
    const known = delivery.recipients.filter((r) => accounts.some((account) => sameName(r, account)));
    const visits = visitsAfter(delivery, accounts, address, seen)
      .slice(0, 5)
      .map((v) => v.id);
    if (known.length === 0 && visits.length === 0) continue;
    const visited = visits.length > 0 || delivery.act.marks.some((m) => m.family === 'visit');
    const because = visited
      ? say(
          'a domain named by the message was visited after its delivery',
          'eine Domain, die die Nachricht nennt, wurde nach der Zustellung aufgerufen',
        )
      : say(`it was delivered to ${known[0]} before`, `sie war zuvor an ${known[0]} zugestellt worden`);
    const mark = { family: 'visit', nats: 1.5, because, events: visits };
    const made = visits.length > 0 ? { ...delivery.act, marks: [...delivery.act.marks, mark] } : delivery.act;
    causes.push({ act: made, strength: visited ? BY_VISIT : BY_USE, because });
  }
  // a wave of like messages: each explains only its share
  const total = Math.max(
    1,
    causes.reduce((sum, c) => sum + c.strength, 0),
  );
  return causes.map((c) => ({ ...c, strength: c.strength === BY_VISIT ? c.strength : c.strength / total }));
};

/** A reset message for the account had been read from a mailbox that was in other hands. */
const byReset = (act: Act, account: string, world: World): Cause[] => {
  const relevant = world.resets.filter(
    (r) => r.time <= act.from + act.slack && r.time >= act.from - RESET_USED && namesWord(r.text, account),
  );
  const mailboxes = new Set(relevant.flatMap((r) => r.mailboxes));
  if (mailboxes.size === 0) return [];
  const collections = world.board.acts.filter(
    (a) => a.technique.startsWith('T1114') && a.from < act.from && a.from > act.from - 30 * DAY,
  );
  const logins = world.logons.remote
    .filter(
      (l) => l.kind === 'mail-login' && mailboxes.has(l.account) && l.first < act.from && l.last > act.from - REACH,
    )
    .filter((l) => isStrange(familiarity(world.logons, l.account, l.remote, l.client, l.first)))
    .map((l) => loginAct(l, world));
  const broken = world.board.acts.filter(
    (a) =>
      isExploitFinding(a) &&
      a.kind === 'web-request' &&
      MAIL_WEB.test(a.summary.en) &&
      a.from < act.from &&
      a.from > act.from - SHELL_USED,
  );
  return [...collections, ...logins, ...broken]
    .filter((a) => a.key !== act.key)
    .map((a) => ({
      act: a,
      strength: BY_RESET,
      because: say(
        `a message to reset the access of ${account} reached a mailbox that others could read: ${a.summary.en}`,
        `eine Nachricht zum Zurücksetzen des Zugangs von ${account} erreichte ein Postfach, das andere lesen konnten: ${a.summary.de}`,
      ),
    }));
};

/** A machine whose user nobody names began to act soon after a strange message was delivered to somebody. */
const SOON = DAY;
const BY_TIME = 0.45;
/** What a message must weigh to be thought of at all. */
const STRANGE = 1.2;

const nearness = (elapsed: number): number => (elapsed <= 2 * HOUR ? 1 : elapsed <= 8 * HOUR ? 0.6 : 0.3);

const shortlyBefore = (elapsed: number): Said => {
  const { en, de } = durationText(elapsed);
  return say(
    `it was delivered ${en} before; no log tells who used the machine`,
    `zugestellt vor ${de}; kein Protokoll sagt, wer den Rechner benutzte`,
  );
};

const byTime = (act: Act, world: World): Cause[] => {
  const near = world.deliveries.filter(
    ({ act: mail }) =>
      mail.from <= act.from + act.slack + mail.slack &&
      mail.from >= act.from - SOON &&
      Math.max(0, ...mail.marks.map((m) => m.nats)) >= STRANGE,
  );
  return near.map(({ act: mail }) => ({
    act: mail,
    strength: (BY_TIME * nearness(act.from - mail.from)) / near.length,
    because: shortlyBefore(Math.max(0, act.from - mail.from)),
  }));
};

export const byMail = async (act: Act, world: World): Promise<Cause[]> => {
  if (LOGINS.has(act.kind) && act.account !== undefined) {
    const stranger = familiarity(world.logons, act.account, act.remote, undefined, act.from).known !== 'usual';
    if (!stranger) return [];
    const seen = [...world.visits, ...(await visitsBy(act.account, world))];
    return [...delivered(act, [act.account], undefined, world, seen), ...byReset(act, act.account, world)];
  }
  if (
    act.vector !== undefined ||
    act.address === undefined ||
    !isInner(act.address) ||
    world.leases.isLeased(act.address)
  )
    return [];
  if (world.deliveries.length === 0) return [];
  const users = await usersOf(act.address, act.from, world);
  const told = delivered(act, users, act.address, world);
  return told.length > 0 || users.length > 0 ? told : byTime(act, world);
};
