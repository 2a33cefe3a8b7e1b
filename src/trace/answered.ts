import { type Said, say } from '../core/said.ts';
import { DAY, HOUR, timeText } from '../core/time.ts';
import { textOf } from '../ecs/event.ts';
import { and, isAny, or } from '../query/ast.ts';
import type { Covered } from './coverage.ts';
import { type Start, startsAt } from './machine-logs.ts';
import type { Act, World } from './model.ts';
import { accountOf, acts, collect, isInner } from './read.ts';
import type { Vector } from './result.ts';
import type { Scored } from './terms.ts';

/**
 * What the logs at hand say to the question that an entry of its kind leaves open. What is there is not asked for: the
 * question is dropped, or narrowed to what is not there, or the log is named in which the answer stands.
 */

/** `open`: nothing at hand answers; `settled`: the chain or its reckoning tells it already; else what is to be said instead. */
export type Answer = 'open' | 'settled' | { readonly said: Said };

interface Asked {
  readonly scored: Scored;
  readonly act: Act;
  readonly world: World;
  readonly coverage: readonly Covered[];
  readonly from: number;
  readonly to: number;
}

const MOST = 20_000;

/** Records of an account in the time asked about. */
const countOf = async (names: readonly string[], { act, world, from, to }: Asked, whole = true): Promise<number> => {
  const fields = ['user.name', 'user.email', 'einfallstor.stream', 'event.outcome'];
  const { widest } = world.clocks;
  const events = await collect(world.store, acts(...names), {
    from: from - widest,
    to: to + widest,
    limit: MOST,
    fields,
  });
  return events.filter(
    (e) => accountOf(e.fields) === act.account && (whole || textOf(e.fields, 'event.outcome') === 'success'),
  ).length;
};

/** Where it happened, not where its actor came from. */
const placesOf = ({ act, world }: Asked): string[] =>
  [act.host, act.device, ...(act.kind === 'web-request' ? act.targets : [])]
    .filter((place): place is string => place !== undefined)
    .flatMap((place) => (isInner(place) ? world.hosts.namesOf(place, act.from) : [place.toLowerCase()]));

const inLog = (host: string, starts: readonly Start[], what: Said): Said => {
  const [first, last] = [starts[0] as Start, starts.at(-1) as Start];
  const [n, from, to] = [starts.length, timeText(first.time), timeText(last.time)];
  return say(
    `${what.en}: see the process log of ${host}; in that time it has ${n} program${n === 1 ? '' : 's'} started, ${from} to ${to}.`,
    `${what.de}: siehe das Prozessprotokoll von ${host}; in dieser Zeit nennt es ${n} gestartete${n === 1 ? 's' : ''} Programm${n === 1 ? '' : 'e'}, ${from} bis ${to}.`,
  );
};

const ofSession = async (asked: Asked): Promise<Answer> => {
  const found = await startsAt(placesOf(asked), asked.from, asked.to, asked.world.machines);
  if (found === undefined) return 'open';
  return {
    said: inLog(found.host, found.starts, say('What was done in the session', 'Was in der Sitzung getan wurde')),
  };
};

/** Accounts and parents by which web servers start programs; 33 and 48 are www-data of Debian and apache of Red Hat. */
const BY_WEB_SERVER = or(
  isAny('user.id', ['33', '48']),
  isAny('user.name', ['www-data', 'apache', 'nginx', 'httpd', 'wwwrun']),
  isAny('process.parent.name', ['w3wp.exe', 'httpd', 'httpd.exe', 'apache2', 'nginx', 'php-fpm', 'tomcat']),
);

/** Hosts on which a web server did anything then, by their own logs. */
const webServers = async ({ world, from, to }: Asked): Promise<string[]> => {
  const out: string[] = [];
  for (const host of world.machines.hosts) {
    const query = world.machines.ofAny(host);
    if (query !== undefined && (await world.store.count(and(query, BY_WEB_SERVER), { from, to })) > 0) out.push(host);
  }
  return out;
};

const THE_REQUEST = say('What the request started', 'Was die Anfrage gestartet hat');

const ofRequest = async (asked: Asked): Promise<Answer> => {
  const { act, to, world } = asked;
  const found = await startsAt(placesOf(asked), act.from, to, world.machines);
  if (found !== undefined) return { said: inLog(found.host, found.starts, THE_REQUEST) };
  const servers = await webServers(asked);
  const only = servers.length === 1 ? await startsAt(servers, act.from, to, world.machines) : undefined;
  if (only === undefined) return 'open';
  const { en, de } = inLog(only.host, only.starts, THE_REQUEST);
  // no log names the machine that the request reached
  return {
    said: say(
      `${en} No log names the server; it is the only one here whose web server starts programs.`,
      `${de} Kein Protokoll nennt den Server; er ist hier der einzige, dessen Webserver Programme startet.`,
    ),
  };
};

/** A domain of the message was called up, or a program of the recipient's ran soon after and stands out: it was opened. */
const ofMessage = async ({ scored, act, world }: Asked): Promise<Answer> => {
  if (scored.terms.some(({ term }) => term === 'visit')) return 'settled';
  const [recipient] = act.targets;
  const ran = recipient === undefined ? [] : world.board.naming(recipient);
  return ran.some((a) => a.stage === 'execution' && a.from >= act.from - a.slack && a.from <= act.from + DAY)
    ? 'settled'
    : 'open';
};

const ofMailbox = async (asked: Asked): Promise<Answer> => {
  const { act, world, coverage, from, to } = asked;
  const { account } = act;
  const chain = account === undefined ? [] : world.board.naming(account);
  const accesses = await countOf(['mail-access'], asked);
  const isRead = accesses > 0 || chain.some((a) => a.stage === 'collection');
  const passed = await world.store.count(acts('mail-received', 'mail-delivery'), { from: from - DAY, to: to + DAY });
  const isSent = passed > 0 && coverage.some((c) => c.class === 'mail' && c.from <= from && c.to >= to);
  if (isRead && isSent) return 'settled';
  if (isRead)
    return {
      said: say(
        `Open: what was sent from the mailbox of ${account}: the mail log, ${timeText(from)} to ${timeText(to)}.`,
        `Offen: was aus dem Postfach von ${account} gesendet wurde: das Mailprotokoll, ${timeText(from)} bis ${timeText(to)}.`,
      ),
    };
  if (isSent)
    return {
      said: say(
        `Open: what was read from the mailbox of ${account}: the audit log of the mailbox, ${timeText(from)} to ${timeText(to)}.`,
        `Offen: was aus dem Postfach von ${account} gelesen wurde: das Prüfprotokoll des Postfachs, ${timeText(from)} bis ${timeText(to)}.`,
      ),
    };
  return 'open';
};

const ofFactor = async (asked: Asked): Promise<Answer> =>
  (await countOf(['mfa-challenge'], asked)) > 0 ? 'settled' : 'open';

const ofApproval = async (asked: Asked): Promise<Answer> =>
  (await countOf(['mfa-challenge'], asked, false)) > 0 ? 'settled' : 'open';

const ofKeyboard = async (asked: Asked): Promise<Answer> => {
  if ((await countOf(['mfa-challenge'], asked)) === 0) return 'open';
  const { act, from, to } = asked;
  return {
    said: say(
      `Open: whether ${act.account} was at the keyboard: the log of the client device, ${timeText(from)} to ${timeText(to)}.`,
      `Offen: ob ${act.account} selbst an der Tastatur saß: Protokoll des Endgeräts, ${timeText(from)} bis ${timeText(to)}.`,
    ),
  };
};

const ofToken = async (asked: Asked): Promise<Answer> =>
  (await countOf(['mail-access', 'share-access'], { ...asked, to: asked.to + DAY })) > 0 ? 'settled' : 'open';

/** The web log of the gateway itself. */
const ofGateway = async ({ act, coverage, from, to }: Asked): Promise<Answer> =>
  coverage.some(
    (c) =>
      c.class === 'web' && act.device !== undefined && c.source.startsWith(act.device) && c.from <= from && c.to >= to,
  )
    ? 'settled'
    : 'open';

const ANSWERS: Readonly<Partial<Record<Vector, (asked: Asked) => Promise<Answer>>>> = {
  'exposed-remote-service': ofSession,
  'web-exploit': ofRequest,
  'mail-phishing': ofMessage,
  'mail-account-takeover': ofMailbox,
  'vpn-valid-account': ofKeyboard,
  'vpn-guessed-password': ofFactor,
  'mfa-fatigue': ofApproval,
  'token-or-consent': ofToken,
  'session-theft': ofGateway,
};

export const answerTo = async (scored: Scored, coverage: readonly Covered[], world: World): Promise<Answer> => {
  const { act } = scored.candidate;
  const asked = { scored, act, world, coverage, from: act.from - HOUR, to: act.to + HOUR };
  return (await ANSWERS[scored.vector]?.(asked)) ?? 'open';
};
