import type { Fields } from '../../src/ecs/event.ts';
import { putHead } from '../../src/parse/kit/head.ts';
import { type Phrase, putKind, readPhrase } from '../../src/parse/kit/phrases.ts';
import { putIp, putNumber, putUser } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

/** `main[user]:address:port `, `worker[user]: address `, `sec-mod: `; the user is empty until the login. */
const WHO =
  /^(?:main|worker|sec-mod)(?:\[([^\]]{0,255})\])?:\s?(?:(?:\[([\da-fA-F:.]{2,45})\]|((?:\d{1,3}\.){3}\d{1,3}|[\da-fA-F]{0,4}(?::[\da-fA-F]{0,4}){2,7}?))(?::(\d{1,5}))? )?/;

// biome-ignore format: a table
const PHRASES: readonly Phrase[] = [
  // main[k.maier]:198.51.100.23:51422 user logged in
  [/^user logged in/, 'login', 'vpn-login', 'passed'],
  [/^new user session/, 'session-start', 'vpn-session-start', 'up'],
  [/^user disconnected \(reason: (?<reason>[^,)]{1,200})(?:, rx: (?<received>\d{1,19}), tx: (?<sent>\d{1,19}))?\)/, 'session-end', 'vpn-session-end', 'down'],
  [/^user disconnected/, 'session-end', 'vpn-session-end', 'down'],
  // sec-mod: failed authentication attempt for user 'k.maier' · worker: 198.51.100.23 failed authentication for 'k.maier'
  [/^(?<reason>failed authentication)(?: attempt)? for (?:user )?'(?<user>[^']{0,255})'/, 'login-failed', 'vpn-login', 'refused'],
  [/^(?<reason>failed cookie authentication attempt)/, 'login-failed', 'vpn-login', 'refused'],
  [/^user '(?<user>[^']{1,255})' (?<reason>requested group '[^']{0,255}' but is not included)/, 'login-failed', 'vpn-login', 'refused'],
  [/^(?<reason>(?:user|IP) .{0,255}(?:is |was )?(?:temporarily )?(?:banned|blocked))/i, 'banned', 'vpn-login', 'refused'],
  // worker[k.maier]: 198.51.100.23 sending IPv4 10.90.0.20
  [/^sending IPv[46] (?<inner>[\da-fA-F.:]{2,45})/, 'address-assigned', 'vpn-address-assigned', 'session'],
  [/^assigned IPv[46]: (?<inner>[\da-fA-F.:]{2,45})/, 'address-assigned', 'vpn-address-assigned', 'session'],
  [/^initiating session for user '(?<user>[^']{1,255})' \(session: (?<session>[^)]{1,64})\)/, 'session-prepared', 'vpn-negotiation', 'session'],
  [/^(?:invalidating|temporarily closing) session (?:of|for) (?:user )?'?(?<user>[^' ]{1,255})'? \(session: (?<session>[^)]{1,64})\)/, 'session-closed', 'vpn-negotiation', 'session'],
  [/^using '(?<method>[^']{1,64})' authentication to authenticate user \(session: (?<session>[^)]{1,64})\)/, 'login-asked', 'vpn-negotiation', 'asked'],
  [/^user '(?<user>[^']{1,255})' obtained cookie/, 'cookie-obtained', 'vpn-negotiation', 'session'],
  [/^initialized ocserv|^sec-mod initialized|^termination request|^reloading configuration/, 'server-state', 'source-state', 'state'],
];

const SERVERS = /(?:^|\/)ocserv$/;
const OWN = /^(?:main|worker|sec-mod)(?:\[|: ?)/;

const claims = ({ envelope }: RawRecord): boolean => envelope.program !== undefined && SERVERS.test(envelope.program);

const open: Parser['open'] =
  ({ clock }) =>
  (record) => {
    if (record.text.trim() === '') return BLANK;
    if (!claims(record)) return rejected('not-this-format', 'no line of ocserv');
    const { message } = record.envelope;
    const fields: Fields = { 'observer.product': 'OpenConnect VPN Server', 'einfallstor.vpn.type': 'ocserv' };
    putHead(fields, clock, record.envelope, message);
    const who = OWN.test(message) ? WHO.exec(message) : null;
    putUser(fields, 'user', who?.[1]);
    putIp(fields, 'source.ip', who?.[2] ?? who?.[3]);
    putNumber(fields, 'source.port', who?.[4]);
    const act = readPhrase(fields, PHRASES, message.slice(who?.[0].length ?? 0).slice(0, 2000));
    if (act === undefined) putKind(fields, 'session');
    // a connection that ended before anybody had logged in
    const ended = act === 'vpn-session-end' && fields['user.name'] === undefined ? 'vpn-negotiation' : act;
    return { kind: 'event', act: ended ?? 'vpn-negotiation', fields };
  };

export default {
  id: 'ocserv',
  title: 'OpenConnect VPN Server (ocserv)',
  references: [
    { title: 'ocserv, manual', url: 'https://ocserv.openconnect-vpn.net/ocserv.8.html' },
    { title: 'ocserv, source code (main, worker, sec-mod)', url: 'https://gitlab.com/openconnect/ocserv' },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 's' },
  families: [
    'logins, sessions, addresses, refused logins, and the state of the server, as ocserv 0.10 to 1.3 words them',
  ],
  limits: ['A failed login is told by several lines, of which only some have the address.'],
  recognise: recogniseBy(claims, 'are of ocserv'),
  claims,
  open,
} satisfies Parser as Parser;
