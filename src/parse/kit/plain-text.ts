import { canonicalIp } from '../../core/net.ts';
import type { Act } from '../../ecs/acts.ts';
import type { Fields } from '../../ecs/event.ts';
import { plainAccess, speaksOfAccess, speaksOfTunnels } from './plain-meaning.ts';
import { putIp, putNumber, putUser, warn } from './put.ts';

/** Characters of a message in which its parts are looked for. */
const READ_MAX = 1000;
/** A terminal's colours, as programs write them into their logs. */
const COLOURS = /\u001b\[[\d;]{0,16}m/g;
/** Addresses of one message that are looked at. */
const ADDRESSES_MAX = 8;

// 198.51.100.7 · 198.51.100.7:4432 · 198.51.100.7/4432 · 198.51.100.7 port 4432 · 198.51.100.7(4432)
const V4 = /(?<![\w.-])((?:\d{1,3}\.){3}\d{1,3})(?![\w-]|\.\d)(?:(?:[:/]| port |\()(\d{1,5})\b)?/g;
// [2001:db8::7]:443 · 2001:db8::7
const V6 =
  /\[([0-9a-fA-F:.]{2,45})\](?::(\d{1,5})\b)?|(?<![\w:.])([0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7})(?![\w:])/g;

/** A noun may stand between such a word and the address: `from client 192.0.2.7`, `von IP-Adresse 192.0.2.7`. */
const behind = (word: string, nouns = 'ip|address|addr|adresse|host|client'): RegExp =>
  new RegExp(`(?:${word})\\W{0,3}(?:(?:${nouns})\\b\\W{0,3}){0,2}$`, 'i');

type Role = 'assigned' | 'destination' | 'source';
/** The words around an address. */
interface Around {
  readonly before: string;
  readonly after: string;
  /** The sentence is on who came in or out. */
  readonly access: boolean;
  /** It may speak of an address inside a tunnel. */
  readonly vpn: boolean;
}

// assigned IP 10.8.0.6, virtual address: 10.8.0.6; `tunnel 192.0.2.1` and `pool 10.8.0.0` may be an end or a network
const ASSIGNED = behind(
  '\\b(?:assign(?:ed|ing)?|virtual|inner|leased?|framed|zugewiesene?|vergebene?|virtuelle|(?:tunnel|pool)(?=\\W{0,3}(?:ip|addr)))(?: ipv?[46]?)?',
  'ip|address|addr|adresse',
);
// 192.0.2.7:4432 -> 10.0.0.5:3389: only an arrow between two addresses shows a direction; `k.maier -> 10.8.0.6` may be a lease
const ARROW =
  /(?:\d\.\d{1,3}|[\da-fA-F]?:[\da-fA-F]{1,4}|\])(?:[:/(]\d{1,5}\)?)?(?: \([^()]{0,30}\))?\s{0,2}(?:[-=]>|→)\s{0,2}$/;
const LEAVES =
  /^\s{0,3}(?:[-=]>|→|(?:to|nach)\b(?: (?:server|host|ip|address))?)\s{0,3}(?:\d{1,3}\.\d|\[|[\da-fA-F]{1,4}:[\da-fA-F:])/;
const TO = behind('\\b(?:to|nach)', 'ip|address|addr|adresse|host|client|server|gateway|remote|peer');
const TARGET = behind('\\b(?:dst|dest|destination|target|ziel|(?:on|at|auf|am) server)');
/** An answer, or a lease, goes to whoever asked: `Access-Reject sent to 192.0.2.7`, `10.8.0.6 assigned to 192.0.2.7`. */
const ANSWERS =
  /\b(?:sen[dt]\w{0,3}|repl\w{1,4}|respon\w{1,5}|return\w{0,3}|assign\w{0,4}|leased?|issued?|grant\w{0,3}|gave|given|offer\w{0,3}|forward\w{0,3}|relay\w{0,3}|redirect\w{0,3}|report\w{0,3}|chang\w{1,3}|mapped|translated|allocated)\b[^,.;]{0,16}\b(?:to|nach)\W/i;
const FROM = behind('\\b(?:from|von)', 'ip|address|addr|adresse|host|client|remote|peer|user');
/** What comes from there was asked for from here; of whom it was taken leave, nobody says; `wurde von` names who did it. */
const FETCHED =
  /\b(?:access-?(?:reject|accept|challenge)|respon[sd]\w{0,3}|repl\w{1,4}|answer|antwort|timeout|disconnect\w{0,3}|getrennt|download\w{0,3}|fetch\w{0,3}|load\w{0,3}|restor\w{1,3}|import\w{0,3}|retriev\w{1,3}|pull\w{0,3}|sync\w{0,10}|receiv\w{1,3}|copied|geladen|wurden?|wird|werden)\b[^,.;]{0,16}\b(?:from|von)\W/i;
const ORIGIN = behind(
  '\\b(?:rhost|src|source|quelle|originating|caller|(?:remote|client)(?:_?ip|_?addr(?:ess)?)?(?==)|(?:log(?:in|on)|attempt|request(?:ed)?|initiated|opened|started) by)',
);
// k.maier@192.0.2.7, but not `ssh root@10.0.0.5`
const AT = /(?<!\b(?:as|als|to|ssh|sftp|scp) [^\s@]{0,30})@\W{0,2}$/i;
/** In a sentence on a login; `refused by client`, `local IP`, `host` and the like are no one's origin. */
const REMOTE =
  /(?<!\b(?:to|with|for|by|zu|mit|an) )\b(?:client|remote)\b\W{0,3}(?:(?:ip|address|addr|host)\b\W{0,3}){0,2}$/i;
const BARE_IP = /(?:^|[,;:.([|]\s?|\buser )(?:ip|ip[ -]?address|ip-adresse)\W{0,3}$/i;

const roleOf = ({ before, after, access, vpn }: Around): Role | undefined => {
  if (ASSIGNED.test(before)) return 'assigned';
  if (ARROW.test(before) || TARGET.test(before)) return 'destination';
  if (TO.test(before)) return ANSWERS.test(before) ? undefined : 'destination';
  if (FROM.test(before)) return FETCHED.test(before) ? undefined : 'source';
  if (ORIGIN.test(before) || AT.test(before) || LEAVES.test(after)) return 'source';
  // the address a client was given is an address of the client's too
  return access && (REMOTE.test(before) || BARE_IP.test(before)) && !vpn ? 'source' : undefined;
};

interface Address {
  readonly ip: string;
  readonly port: string | undefined;
  readonly role: Role | undefined;
}

/** `who` is told with an address in brackets: `"k.maier" (192.0.2.7)`. */
const addressesIn = (text: string, access: boolean, who: string | undefined): Address[] => {
  const found: Address[] = [];
  const vpn = speaksOfTunnels(text);
  for (const m of [...text.matchAll(V4), ...text.matchAll(V6)]) {
    const ip = canonicalIp(m[1] ?? m[3] ?? '');
    if (ip === undefined || found.length >= ADDRESSES_MAX) continue;
    const before = text.slice(Math.max(0, m.index - 64), m.index);
    const end = m.index + m[0].length;
    const named = access && !vpn && who !== undefined && before.replace(/["'`>\]”“» ]{0,3}[([]$/, '').endsWith(who);
    const role = roleOf({ before, after: text.slice(end, end + 32), access, vpn });
    found.push({ ip, port: m[2], role: role ?? (named ? 'source' : undefined) });
  }
  return found;
};

const TOKEN = '([\\p{L}\\p{N}_][\\p{L}\\p{N}_.@\\\\$+-]{0,63})';
const OPENING = '["\'`(<\\[{«„]?';
/** Who, in the order of how surely. */
const WHO = [
  // user 'k.maier' · User: k.maier · username=k.maier · account (k.maier) · Benutzer „k.maier“
  new RegExp(
    `\\b(?:user(?: ?name)?|account(?: name)?|benutzer(?:s|name)?|konto|usr|identity|kennung)\\b\\s?(?:is\\s)?[:=]?\\s?${OPENING}${TOKEN}`,
    'giu',
  ),
  // Failed login attempt with login 'k.maier' from IP …
  new RegExp(`\\b(?:login|anmeldename)\\s["'\`«„]${TOKEN}["'\`»“]`, 'giu'),
  // Login failed: 'k.maier'
  new RegExp(`\\b(?:failed|successful|succeeded|fehlgeschlagen|erfolgreich):?\\s["'\`(<\\[{«„]${TOKEN}`, 'giu'),
  // VPN-Verbindung zu k.maier
  new RegExp(`\\bvpn[ -](?:verbindung|connection) (?:zu|mit|von|to|with|of) ${OPENING}${TOKEN}`, 'giu'),
  // login failed for k.maier from …
  new RegExp(`\\b(?:for|für|of|by|as|als|von)\\s${OPENING}${TOKEN}`, 'giu'),
  // k.maier logged in · "k.maier" has connected
  new RegExp(
    `(?<![\\p{L}\\p{N}_.@-])${OPENING}${TOKEN}["'\`)>\\]}»“]?:? (?:has |hat sich |is |successfully |wurde |ist )?(?:log(?:ged)?[ -]?(?:in|on|out|off)|signed|authenticated|connected|disconnected|angemeldet|abgemeldet|eingeloggt)\\b`,
    'giu',
  ),
];
/** Words that stand where a name may. */
const NO_NAME = new Set(
  `a an and the this that user users name account accounts login logon log logged logout session sessions from for with of in on
  at to by via as is was has have had not no new local remote admin-login authentication authenticated auth failed failure fail
  success successful successfully connected disconnected connection client server host ip address id password invalid unknown
  denied accepted locked lockout group role type vpn ssl ssl-vpn sslvpn ipsec tunnel web https http ssh smtp imap pop3 ldap radius
  database error attempt attempts request using state reason none null der die das ein eine benutzer konto sich hat ist wurde nicht
  von mit bei anmeldung anmelden angemeldet fehlgeschlagen erfolgreich unbekannt management gui cli console ip-adresse
  ip-address sasl system ok action aktion event ereignis or und oder incorrect wrong expired disabled enabled inactive does did do are
  be cannot could can does exceeded exists found not-found interface portal agent policy rule manager falsch oder gesperrt
  abgelaufen deaktiviert existiert probably maybe possibly already still never also must would should`.split(/\s+/),
);

const isName = (word: string): boolean =>
  !NO_NAME.has(word.toLowerCase()) && canonicalIp(word) === undefined && /\p{L}/u.test(word);

const whoIn = (text: string): string | undefined => {
  for (const pattern of WHO) {
    for (const m of text.matchAll(pattern)) {
      const word = (m[1] as string).replace(/[.\\-]+$/, '');
      if (isName(word)) return word;
    }
  }
  return undefined;
};

/**
 * Who, from where and to where, as the sentence of a product nobody knows says it: `Login of user 'k.maier' from 198.51.100.7
 * failed`, `198.51.100.7:4432 -> 10.0.0.5:3389`. An address whose side the words do not settle is on none: a side that is
 * missing is seen, a wrong one is not. What the event has already stays. Linear in the first 1,000 characters.
 */
export const putPlainText = (fields: Fields, message: string): void => {
  const text = message.slice(0, READ_MAX).replaceAll(COLOURS, '');
  const access = speaksOfAccess(text);
  const who = access ? whoIn(text) : undefined;
  for (const { ip, port, role } of addressesIn(text, access, who)) {
    if (role === undefined) continue;
    const name = role === 'assigned' ? 'einfallstor.vpn.assigned_ip' : `${role}.ip`;
    if (fields[name] !== undefined) continue;
    putIp(fields, name, ip);
    if (role !== 'assigned' && fields[`${role}.port`] === undefined) putNumber(fields, `${role}.port`, port);
  }
  if (fields['user.name'] === undefined) putUser(fields, 'user', who);
};

/** What the sentence says happened, and its values; where it does not say so plainly, none are taken and the act is `other`. */
export const readPlainText = (fields: Fields, message: string, program: string | undefined): Act => {
  const read = { ...fields };
  putPlainText(read, message);
  const act = plainAccess(read, [message, program]);
  if (act === undefined) return 'other';
  Object.assign(fields, read);
  warn(fields, 'read-by-words');
  return act;
};
