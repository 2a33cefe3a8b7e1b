import { canonicalIp } from '../../core/net.ts';
import type { Act } from '../../ecs/acts.ts';
import type { Fields } from '../../ecs/event.ts';
import { plainAccess, speaksOfAccess } from './plain-meaning.ts';
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

/** What stands in front of an address says whose it is; between the word and it at most a noun and marks. */
const behind = (word: string): RegExp =>
  new RegExp(`(?:${word})\\W{0,3}(?:(?:ip|address|addr|host|client|adresse)\\b\\W{0,3}){0,2}$`, 'i');
const ASSIGNED = behind(
  '\\b(?:assign(?:ed|ing)?|virtual|inner|tunnel|leased?|framed|pool|zugewiesene?|vergebene?|virtuelle)(?: (?:ipv?[46]?|address))?',
);
const TARGET = behind('[-=]>|→|\\b(?:to|nach|dst|dest|destination|target|ziel|server)');
const ORIGIN = behind(
  '@|\\b(?:from|von|client|rhost|src|source|remote|peer|by|quelle|originating|caller|ip|ipaddress|host)',
);
/** What stands behind an address that something went from. */
const LEAVES = /^\s{0,3}(?:[-=]>|→|to\b|nach\b)/;

interface Address {
  readonly ip: string;
  readonly port: string | undefined;
  readonly role: 'assigned' | 'destination' | 'source' | undefined;
}

const addressesIn = (text: string): Address[] => {
  const found: (Address & { index: number })[] = [];
  for (const m of [...text.matchAll(V4), ...text.matchAll(V6)]) {
    const ip = canonicalIp(m[1] ?? m[3] ?? '');
    if (ip === undefined || found.length >= ADDRESSES_MAX) continue;
    const before = text.slice(Math.max(0, m.index - 40), m.index);
    const role = ASSIGNED.test(before)
      ? 'assigned'
      : TARGET.test(before)
        ? 'destination'
        : ORIGIN.test(before) || LEAVES.test(text.slice(m.index + m[0].length, m.index + m[0].length + 8))
          ? 'source'
          : undefined;
    found.push({ ip, port: m[2], role, index: m.index });
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
  ip-address sasl system ok action aktion event ereignis`.split(/\s+/),
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
 * failed`, `198.51.100.7:4432 -> 10.0.0.5:3389`. What the event has already stays. Linear in the first 1,000 characters.
 */
export const putPlainText = (fields: Fields, message: string): void => {
  const text = message.slice(0, READ_MAX).replaceAll(COLOURS, '');
  const access = speaksOfAccess(text);
  const found = addressesIn(text);
  // one address alone in a sentence on a login is where it came from
  const alone = access && found.length === 1 ? 'source' : undefined;
  for (const { ip, port, role: told } of found) {
    const role = told ?? alone;
    if (role === undefined) continue;
    const name = role === 'assigned' ? 'einfallstor.vpn.assigned_ip' : `${role}.ip`;
    if (fields[name] !== undefined) continue;
    putIp(fields, name, ip);
    if (role !== 'assigned' && fields[`${role}.port`] === undefined) putNumber(fields, `${role}.port`, port);
  }
  if (access && fields['user.name'] === undefined) putUser(fields, 'user', whoIn(text));
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
