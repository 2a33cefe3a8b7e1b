import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { type Civil, readIso } from '../../src/parse/kit/civil.ts';
import { putHead } from '../../src/parse/kit/head.ts';
import { openPeers } from '../../src/parse/kit/peers.ts';
import { type Groups, type Phrase, phraseOf, putKind, putPhrase } from '../../src/parse/kit/phrases.ts';
import { put, putIp, putNumber, putUser } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

type Daemon = 'pppd' | 'xl2tpd' | 'pptpd' | 'accel';

const PROGRAM = /^(?:(pppd|xl2tpd|pptpd)|(accel)-(?:pppd?|l2tp|pptp|sstp|pppoe|ipoe))$/;
/** accel-ppp's own file: `[2024-03-12 16:51:26]:  info: ppp79: k.maier: authentication succeeded` */
const OWN_FILE = /^\[(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\]: (?: {2}msg|error| warn| info|debug): (.*)$/s;
/** `ppp79: message` is of a session; `l2tp: message` of the part of the daemon that waits for one and names no interface. */
const SESSION = /^([\w.-]{1,15}): (.*)$/s;
/** xl2tpd writes its name twice where it runs in the foreground: `xl2tpd[910]: xl2tpd[910]: message` */
const TWICE = /^xl2tpd\[\d{1,10}\]: /;

interface Line {
  readonly daemon: Daemon;
  readonly text: string;
  readonly whole: string;
  readonly session: string | undefined;
  readonly civil: Civil | undefined;
}

const read = ({ envelope }: RawRecord): Line | undefined => {
  const named = PROGRAM.exec(envelope.program ?? '');
  const own = named === null ? OWN_FILE.exec(envelope.message) : null;
  const daemon = (named?.[1] ?? ((named ?? own) ? 'accel' : undefined)) as Daemon | undefined;
  if (daemon === undefined) return undefined;
  const text = (own?.[2] ?? envelope.message).replace(TWICE, '').trim();
  const civil = own === null ? envelope.civil : readIso(own[1] as string)?.civil;
  const part = daemon === 'accel' ? SESSION.exec(text) : null;
  return { daemon, text: part?.[2] ?? text, whole: text, session: part?.[1], civil };
};

/** What the lines of one session have told so far. */
interface Peer {
  ip?: string | undefined;
  port?: string | undefined;
  user?: string | undefined;
  inner?: string | undefined;
  type?: string | undefined;
  /** Whether somebody logs in here; a gateway that dials out itself is nobody's login. */
  server?: boolean;
  passed?: boolean;
  up?: boolean;
  minutes?: string | undefined;
  sent?: string | undefined;
  received?: string | undefined;
  reason?: string | undefined;
}

const TYPES: readonly (readonly [RegExp, string])[] = [
  // Plugin pppol2tp.so loaded. · PPPoL2TP options: lns tnl 1, sid 2 · connect: ppp0 <--> l2tp(198.51.100.4:1701 session 1-2, 3-4)
  [/l2tp/i, 'l2tp'],
  [/pptp/i, 'pptp'],
  [/sstp/i, 'sstp'],
  [/pppoe/i, 'pppoe'],
];

const typeOf = (text: string): string | undefined => TYPES.find(([pattern]) => pattern.test(text))?.[1];

/** Plugin /usr/lib/pptpd/pptpd-logwtmp.so loaded. */
const SERVES = /^Plugin \S{0,200}(?:pptpd-logwtmp|radius)\.so/;

const learn = (peer: Peer, { daemon, text }: Line, groups: Groups): void => {
  const { name, ip, port, inner, minutes, sent, received, reason } = groups;
  // pppd writes a backslash twice
  if (name !== undefined) peer.user = name.replaceAll('\\\\', '\\');
  if (ip !== undefined) peer.ip = ip;
  if (port !== undefined) peer.port = port;
  if (inner !== undefined) peer.inner = inner;
  if (minutes !== undefined) peer.minutes = minutes;
  if (sent !== undefined) peer.sent = sent;
  if (received !== undefined) peer.received = received;
  if (reason !== undefined) peer.reason = reason;
  if (name !== undefined || ip !== undefined || daemon === 'accel' || SERVES.test(text)) peer.server = true;
  if (/^(?:Plugin |PPPoL2TP|connect: )/.test(text)) peer.type = typeOf(text) ?? peer.type;
};

/** What a phrase of a session means once it is known what came before. */
const meant = (peer: Peer, act: Act): Act => {
  if (peer.type === 'pppoe' || peer.server !== true) return 'other';
  // ACCEL-PPP tells no start of its own
  if (act === 'vpn-session-end') return peer.up === true || peer.passed === true ? act : 'vpn-negotiation';
  if (act === 'vpn-session-start') return peer.up === true ? 'vpn-negotiation' : act;
  // one login may be told twice: by the protocol that carried it and by the daemon
  return act === 'vpn-login' && peer.passed === true ? 'vpn-negotiation' : act;
};

const open: Parser['open'] = ({ clock }) => {
  const peers = openPeers((): Peer => ({}));
  return (record) => {
    if (record.text.trim() === '') return BLANK;
    const line = read(record);
    if (line === undefined) return rejected('not-this-format', 'no line of a PPP daemon');
    const { envelope } = record;
    const fields: Fields = { 'observer.product': PRODUCTS[line.daemon] };
    putHead(fields, clock, { ...envelope, civil: line.civil }, line.whole);
    const host = envelope.host ?? '';
    const key = (pid: number | string | undefined): string => `${host} ${pid ?? ''} ${line.session ?? ''}`;
    const found = phraseOf(PHRASES[line.daemon], line.text.slice(0, 2000));
    const groups = found?.groups ?? {};
    const act = found?.phrase[2] ?? 'vpn-negotiation';

    if (line.daemon === 'xl2tpd' || line.daemon === 'pptpd') {
      put(fields, 'einfallstor.vpn.type', line.daemon === 'pptpd' ? 'pptp' : 'l2tp');
      if (found === undefined) putKind(fields, 'session');
      else putPhrase(fields, found.phrase, groups);
      // the pppd that this call was given to
      if (groups['pid'] !== undefined) peers.put(key(groups['pid']), { ip: groups['ip'], type: 'l2tp', server: true });
      return { kind: 'event', act, fields };
    }

    const own = line.daemon !== 'accel' || /\d$/.test(line.session ?? '') ? key(envelope.pid) : undefined;
    // ACCEL-PPP tells a failure a second time, with the user where the session's interface is otherwise
    const again =
      line.daemon === 'accel' && (own === undefined || (groups['name'] === undefined && peers.get(own) === undefined));
    const peer = peers.of(own);
    learn(peer, line, groups);
    const told = act === 'vpn-login' && again ? 'vpn-negotiation' : meant(peer, act);
    put(fields, 'einfallstor.vpn.type', peer.type ?? typeOf(`${envelope.program} ${line.session}`) ?? 'ppp');
    if (found === undefined) putKind(fields, 'session');
    else {
      const [pattern, action, , kind] = found.phrase;
      const { method, reason, mac } = groups;
      putPhrase(fields, [pattern, action, told, told === act ? kind : 'session'], { method, reason, mac });
    }
    if (peer.server === true) {
      putUser(fields, 'user', peer.user);
      putIp(fields, 'source.ip', peer.ip);
      putNumber(fields, 'source.port', peer.port);
      putIp(fields, 'einfallstor.vpn.assigned_ip', peer.inner);
    }
    if (told === 'vpn-session-start') peer.up = true;
    if (act === 'vpn-login') peer.passed = found?.phrase[3] === 'passed';
    if (told === 'vpn-session-end') {
      put(fields, 'event.reason', peer.reason);
      if (peer.minutes !== undefined) putNumber(fields, 'event.duration', Math.round(Number(peer.minutes) * 60) * 1e9);
      putNumber(fields, 'source.bytes', peer.received);
      putNumber(fields, 'destination.bytes', peer.sent);
    }
    if (act === 'vpn-session-end' || found?.phrase[1] === 'exit') peers.forget(own);
    return { kind: 'event', act: told, fields };
  };
};

const PRODUCTS: Readonly<Record<Daemon, string>> = {
  pppd: 'pppd',
  xl2tpd: 'xl2tpd',
  pptpd: 'Poptop',
  accel: 'ACCEL-PPP',
};

// ---------------------------------------------------------------- messages, first match wins

// biome-ignore format: a table
const PHRASES: Readonly<Record<Daemon, readonly Phrase[]>> = {
  pppd: [
    // CHAP peer authentication succeeded for k.maier · Peer k.maier authenticated with CHAP
    [/^(?<method>PAP|CHAP|EAP|EAP-TLS|MS-?CHAP(?:-?v?2)?) peer authentication succeeded for (?<name>\S{1,255})$/, 'login', 'vpn-login', 'passed'],
    [/^Peer (?<name>\S{1,255}) authenticated with (?<method>[\w-]{1,20})$/, 'login', 'vpn-login', 'passed'],
    // sent [CHAP Success id=0x9e "S=… M=Access granted"]: what versions that do not tell a login show with `debug`
    [/^sent \[(?:CHAP Success|PAP AuthAck) /, 'login', 'vpn-login', 'passed'],
    // Peer k.maier failed CHAP authentication · PAP peer authentication failed for k.maier
    [/^Peer (?<name>\S{1,255}) (?<reason>failed (?<method>PAP|CHAP|EAP) (?:authentication|Session verification))/, 'login-failed', 'vpn-login', 'refused'],
    [/^(?<reason>(?<method>PAP) peer authentication failed) for (?<name>\S{1,255})/, 'login-failed', 'vpn-login', 'refused'],
    [/^(?<reason>EAP: MSCHAPv2 failure) for peer (?<name>\S{1,255})/, 'login-failed', 'vpn-login', 'refused'],
    // No CHAP secret found for authenticating k.maier: the refused login is told by the next line
    [/^(?<reason>no (?:CHAP|PAP) secret found) for (?:authenticating )?(?!us )(?<name>\S{1,255})$/i, 'no-secret', 'vpn-negotiation', 'asked'],
    // rcvd [CHAP Response id=0x9e <…>, name = "k.maier"] · rcvd [PAP AuthReq id=0x1 user="k.maier" password=<hidden>]
    [/^rcvd \[(?<method>CHAP) Response .{0,400}?name = "(?<name>[^"]{1,255})"\]/, 'login-attempt', 'vpn-negotiation', 'asked'],
    [/^rcvd \[(?<method>PAP) AuthReq .{0,100}?user="(?<name>[^"]{1,255})"/, 'login-attempt', 'vpn-negotiation', 'asked'],
    // peer from calling number 198.51.100.4 authorized
    [/^peer from calling number (?<ip>[\da-fA-F.:]{2,45}) authorized/, 'caller-authorized', 'vpn-negotiation', 'session'],
    [/^calling number (?<ip>[\da-fA-F.:]{2,45}) is (?<reason>not authorized)/, 'caller-refused', 'vpn-login', 'refused'],
    // local  IP address 10.90.0.1 · remote IP address 10.90.0.20
    [/^remote IP address (?<inner>[\da-fA-F.:]{2,45})/, 'session-start', 'vpn-session-start', 'up'],
    [/^Connect time (?<minutes>\d{1,9}(?:\.\d)?) minutes/, 'connect-time', 'vpn-negotiation', 'session'],
    [/^Sent (?<sent>\d{1,19}) bytes, received (?<received>\d{1,19}) bytes/, 'traffic', 'vpn-negotiation', 'session'],
    // LCP terminated by peer (User request) · Terminating on signal 15 · No response to 5 echo-requests
    [/^(?<reason>LCP terminated by peer|Terminating (?:on signal \d{1,3}|connection due to lack of activity)|No response to \d{1,4} echo-requests|Connect time expired|Traffic limit reached|Modem hangup|Hangup \(SIGHUP\))/, 'ending', 'vpn-negotiation', 'session'],
    [/^(?:Connection|Link) terminated\.?/, 'session-end', 'vpn-session-end', 'down'],
    [/^Exit\./, 'exit', 'vpn-negotiation', 'session'],
    [/^(?:Using interface|Connect:|local {1,2}IP address|(?:primary|secondary) +DNS address|Plugin )/, 'session-details', 'vpn-negotiation', 'session'],
  ],
  xl2tpd: [
    // get_call: allocating new tunnel for host 198.51.100.4, port 1701.
    [/^get_call: allocating new tunnel for host (?<ip>[\da-fA-F.:]{2,45}), port (?<port>\d{1,5})/, 'tunnel-asked', 'vpn-negotiation', 'asked'],
    // Connection established to 198.51.100.4, 1701.  Local: 7, Remote: 3 (ref=0/0).  LNS session is 'default': of a caller; without the LNS this host called
    [/^Connection established to (?<ip>[\da-fA-F.:]{2,45}), (?<port>\d{1,5})\..{0,100}LNS session is '(?<group>[^']{0,80})'/, 'tunnel-up', 'vpn-negotiation', 'session'],
    [/^Connection established to (?<to>[\da-fA-F.:]{2,45}), (?<toPort>\d{1,5})\./, 'tunnel-up', 'vpn-negotiation', 'session'],
    // Call established with 198.51.100.4, PID: 911, Local: 5, Remote: 1, Serial: 0: the pppd with this PID serves the caller
    [/^Call established with (?<ip>[\da-fA-F.:]{2,45}), PID: (?<pid>\d{1,10}),/, 'call-up', 'vpn-negotiation', 'session'],
    [/^Call established with (?<to>[\da-fA-F.:]{2,45}),/, 'call-up', 'vpn-negotiation', 'session'],
    [/^Connecting to host (?<to>[\w.:-]{1,255}), port (?<toPort>\d{1,5})/, 'calling', 'vpn-negotiation', 'session'],
    [/^(?:control_finish: )?(?<reason>Denied connection to unauthorized peer) (?<ip>[\da-fA-F.:]{2,45})/, 'caller-refused', 'vpn-negotiation', 'broken'],
    [/^(?:control_finish: )?(?<reason>Invalid authentication) for host '/, 'caller-refused', 'vpn-negotiation', 'broken'],
    [/^(?<reason>Maximum retries exceeded) for tunnel/, 'tunnel-lost', 'vpn-negotiation', 'broken'],
    // control_finish: Connection closed to 198.51.100.4, port 1701 (Goodbye), Local: 7, Remote: 3
    [/^(?:\w{1,40}: )?Connection (?:\d{1,10} )?closed to [\da-fA-F.:]{2,45}, (?:port|serial) \d{1,10} \((?<reason>[^)]{0,200})\)/, 'tunnel-down', 'vpn-negotiation', 'session'],
    [/^(?:xl2tpd version|Listening on IP address|death_handler|Using l2tp kernel support|Forked by|Written by|Inherited by|This binary)/, 'server-state', 'source-state', 'state'],
  ],
  pptpd: [
    // CTRL: Client 198.51.100.4 control connection started
    [/^CTRL: Client (?<ip>[\da-fA-F.:]{2,45}) control connection started/, 'tunnel-asked', 'vpn-negotiation', 'asked'],
    [/^CTRL: Client (?<ip>[\da-fA-F.:]{2,45}) control connection finished/, 'tunnel-down', 'vpn-negotiation', 'session'],
    [/^MGR: (?:Manager process|Maximum of|initial packet|Couldn't|dropped)/, 'server-state', 'source-state', 'state'],
  ],
  accel: [
    // connect: ppp0 <--> l2tp(198.51.100.4:1701 session 22-11, 4-5) · connect: ppp1 <--> pptp(198.51.100.4) · connect: ppp2 <--> pppoe(02:00:5e:00:53:09)
    [/^connect: \S{1,20} <--> \w{1,20}\((?:(?<mac>(?:[\da-f]{2}:){5}[\da-f]{2})|(?<ip>(?:\d{1,3}\.){3}\d{1,3})(?::(?<port>\d{1,5}))?)/i, 'session-details', 'vpn-negotiation', 'session'],
    // k.maier: authentication succeeded
    [/^(?<name>\S{1,255}): authentication succeeded/, 'login', 'vpn-login', 'passed'],
    [/^(?<name>\S{1,255}): (?<reason>authentication failed)/, 'login-failed', 'vpn-login', 'refused'],
    [/^(?<reason>authentication failed)/, 'login-failed', 'vpn-login', 'refused'],
    // send [IPCP ConfNak id=2 <addr 10.90.0.20> <dns1 10.90.0.1>]: the address that the client is to take
    [/^send \[IPCP ConfNak .{0,60}?<addr (?<inner>[\d.]{7,15})>/, 'address-offered', 'vpn-negotiation', 'session'],
    // send [RADIUS(1) Accounting-Request id=1 <User-Name "k.maier"> <Acct-Status-Type Start> … <Framed-IP-Address 10.90.0.20>]
    [/^send \[RADIUS\(\d{1,3}\) Accounting-Request (?=.{0,1500}?<Acct-Status-Type Start>)(?=(?:.{0,1500}?<Framed-IP-Address (?<inner>[\d.]{7,15})>)?)/, 'session-start', 'vpn-session-start', 'up'],
    // … <Acct-Status-Type Stop> <Acct-Input-Octets 1200> <Acct-Output-Octets 34000> …
    [/^send \[RADIUS\(\d{1,3}\) Accounting-Request (?=.{0,1500}?<Acct-Status-Type Stop>)(?=(?:.{0,1500}?<Acct-Input-Octets (?<received>\d{1,10})>)?)(?=(?:.{0,1500}?<Acct-Output-Octets (?<sent>\d{1,10})>)?)/, 'traffic', 'vpn-negotiation', 'session'],
    [/^disconnected/, 'session-end', 'vpn-session-end', 'down'],
    // new connection from 198.51.100.4 · handling SCCRQ from 198.51.100.4
    [/^(?:new connection|handling SCCRQ) from (?<ip>(?:\d{1,3}\.){3}\d{1,3})/, 'tunnel-asked', 'vpn-negotiation', 'asked'],
  ],
};

const claims = (record: RawRecord): boolean => read(record) !== undefined;

export default {
  id: 'pppd',
  title: 'L2TP and PPTP servers (pppd, xl2tpd, pptpd, accel-ppp)',
  references: [
    { title: 'pppd, source code (auth, chap, upap, ipcp, main)', url: 'https://github.com/ppp-project/ppp' },
    { title: 'xl2tpd, source code (control, call)', url: 'https://github.com/xelerance/xl2tpd' },
    { title: 'ACCEL-PPP, source code (ppp, ctrl, logs)', url: 'https://github.com/accel-ppp/accel-ppp' },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 's' },
  families: [
    'logins, refused logins, sessions with address, duration and bytes, and the calls of xl2tpd and pptpd, in syslog; the own file of accel-ppp',
  ],
  limits: [
    'A login that pppd tells has the address of the client only where xl2tpd names the PID of its pppd, or pptpd the calling number.',
    'What pppd does to dial out itself, and PPPoE, is kept as the text.',
  ],
  recognise: recogniseBy(claims, 'are of a PPP daemon'),
  claims,
  open,
} satisfies Parser as Parser;
