import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { readKeyValues } from '../../src/parse/kit/key-value.ts';
import { addMailAddress, nameMailEnds, readMailPairs } from '../../src/parse/kit/mail.ts';
import { categorise, put, putEndpoint, putIp, putNumber, putUser } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

/** What a session was begun with: later lines name it by its id alone. */
interface Peer {
  readonly address?: string | undefined;
  readonly host?: string | undefined;
}
type Sessions = Map<string, Peer>;
const SESSIONS_MAX = 10_000;

type Pairs = ReadonlyMap<string, string>;

// smtp-in: New session 08d856b172f69c5c from host mx.example.org [198.51.100.7] · smtp-in: Accepted message 4296f490 on session 08d8…: from=<…>
const OLD =
  /^(?:smtp-in|smtp): (New session|Closing session|Received disconnect from session|Disconnecting session|Started TLS on session|Accepted message|Accepted authentication for user|Authentication failed for user|Failed command|Client certificate)(?: (\S{1,320}))??(?: on session)? ([0-9a-f]{16})(?: from host (\S{1,255}) \[([^\]]{2,60})\])?(?:: (.{0,4096}))?/s;
// delivery: Ok for 4296f490dd: from=<…>, to=<…>, user=k.maier, method=maildir, delay=1s, stat=Delivered · relay: PermFail for …
const OLD_DELIVERY = /^(?:delivery|relay): (Ok|TempFail|PermFail) for ([0-9a-f]{8,16}): (.{0,8192})$/s;
// 1f55bdcdf16e28a3 smtp connected address=198.51.100.7 host=mx.example.org · … mta delivery evpid=… result="Ok" stat="250 ok"
const NEW =
  /^([0-9a-f]{16}) (smtp|mta|mda|queue|lka) (?:event=)?(connected|connecting|disconnected|closed|tls|starttls|authentication|message|envelope|failed-command|bad-input|delivery|error|cert-check|limit|[a-z-]{2,24})(?: (.{0,8192}))?$/s;

const unquoted = (text: string | undefined): string | undefined => text?.replace(/^<|>$/g, '');

const putPeer = (fields: Fields, side: 'source' | 'destination', peer: Peer | undefined): void => {
  const named = peer?.host !== undefined && !/^<?unknown>?$|^[\d.:]+$/.test(peer.host) ? peer.host : undefined;
  putEndpoint(fields, side, named);
  putNumber(fields, `${side}.port`, /^[\w+-]{4,24}:\/\/.{2,60}:(\d{1,5})$/.exec(peer?.address ?? '')?.[1]);
  // smtp://198.51.100.7:25 · IPv6:2001:db8::7 · [2001:db8::7]:25
  const address = peer?.address
    ?.replace(/^[\w+-]{4,24}:\/\//, '')
    .replace(/^IPv6:/i, '')
    .replace(/^\[([^\]]+)\].*$/, '$1')
    .replace(/^([\d.]+):\d+$/, '$1');
  if (putIp(fields, `${side}.ip`, address)) fields[`${side}.address`] ??= address as string;
  fields['network.protocol'] = 'smtp';
};

/** `key=value, key=value` of which values may hold blanks. */
const listed = (text: string): Pairs =>
  new Map(
    text.split(/, (?=[a-z]{2,12}=)/, 50).map((part): [string, string] => {
      const at = part.indexOf('=');
      return [part.slice(0, Math.max(0, at)), part.slice(at + 1)];
    }),
  );

const connection = (fields: Fields, action: string, type: string, outcome?: 'failure'): Act => {
  fields['event.action'] = action;
  categorise(fields, ['email', 'network'], ['connection', type], outcome);
  return 'mail-connection';
};

const login = (fields: Fields, user: string | undefined, passed: boolean): Act => {
  putUser(fields, 'user', user, true);
  fields['service.type'] = 'smtp';
  fields['einfallstor.login.method'] = 'password';
  fields['event.action'] = passed ? 'authenticated' : 'authentication-failed';
  categorise(fields, ['authentication'], [passed ? 'start' : 'info'], passed ? 'success' : 'failure');
  return 'login';
};

const message = (fields: Fields, pairs: Pairs): Act => {
  addMailAddress(fields, 'email.from.address', pairs.get('from'));
  addMailAddress(fields, 'email.to.address', pairs.get('to'));
  putNumber(fields, 'einfallstor.email.size', pairs.get('size'));
  putNumber(fields, 'einfallstor.email.recipients', pairs.get('nrcpt') ?? pairs.get('ndest'));
  fields['event.action'] = 'received';
  categorise(fields, ['email'], ['info'], 'success');
  return 'mail-received';
};

const delivery = (fields: Fields, pairs: Pairs, result: string | undefined): Act => {
  addMailAddress(fields, 'email.from.address', unquoted(pairs.get('from')));
  addMailAddress(fields, 'email.to.address', unquoted(pairs.get('to')));
  // relay="198.51.100.25 (mx.example.org)"
  const relay = /^"?([^\s"]{1,255})(?: \(([^)]{1,255})\))?/.exec(pairs.get('relay') ?? '');
  if (relay !== null) putPeer(fields, 'destination', { address: relay[1], host: relay[2] });
  nameMailEnds(fields, undefined, unquoted(pairs.get('to')));
  put(fields, 'einfallstor.email.relay', pairs.get('relay'));
  const seconds = /^(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?$/.exec(pairs.get('delay') ?? '-');
  if (seconds !== null)
    putNumber(
      fields,
      'einfallstor.email.delay',
      Number(seconds[1] ?? 0) * 86_400 +
        Number(seconds[2] ?? 0) * 3600 +
        Number(seconds[3] ?? 0) * 60 +
        Number(seconds[4] ?? 0),
    );
  const status = result === 'Ok' ? 'sent' : result === 'TempFail' ? 'deferred' : 'bounced';
  put(fields, 'einfallstor.email.status', status);
  put(fields, 'event.reason', pairs.get('stat'));
  fields['event.action'] = status;
  categorise(
    fields,
    ['email'],
    ['info'],
    status === 'sent' ? 'success' : status === 'deferred' ? 'unknown' : 'failure',
  );
  return 'mail-delivery';
};

// "RCPT TO:<a@example.org>" => 550 5.1.1 Invalid recipient · command="RCPT TO:<…>" result="550 Invalid recipient"
const refused = (fields: Fields, command: string | undefined, result: string | undefined): Act => {
  put(fields, 'event.reason', result);
  put(fields, 'opensmtpd.command', command);
  addMailAddress(fields, 'email.to.address', /^RCPT TO:\s{0,4}<([^>]{1,320})>/i.exec(command ?? '')?.[1]);
  addMailAddress(fields, 'email.from.address', /^MAIL FROM:\s{0,4}<([^>]{1,320})>/i.exec(command ?? '')?.[1]);
  fields['event.action'] = 'failed-command';
  if (/^AUTH/i.test(command ?? '') && /^535/.test(result ?? '')) return login(fields, undefined, false);
  if (!/^(?:MAIL|RCPT|DATA)/i.test(command ?? '')) return connection(fields, 'failed-command', 'info', 'failure');
  categorise(fields, ['email'], ['denied'], 'failure');
  return 'mail-rejected';
};

const remember = (sessions: Sessions, id: string, peer: Peer): void => {
  if (sessions.size >= SESSIONS_MAX) sessions.clear();
  sessions.set(id, peer);
};

const readOld = (fields: Fields, m: RegExpExecArray, sessions: Sessions): Act => {
  const [, what, subject, id, host, address, rest = ''] = m as unknown as [
    string,
    string,
    string | undefined,
    string,
    string | undefined,
    string | undefined,
    string?,
  ];
  if (host !== undefined) remember(sessions, id, { address, host });
  put(fields, 'session.id', id);
  putPeer(fields, 'source', sessions.get(id));
  if (what === 'New session') return connection(fields, 'connect', 'start');
  if (/^(?:Closing|Received disc|Disconnecting)/.test(what)) {
    sessions.delete(id);
    return connection(fields, 'disconnect', 'end');
  }
  if (what === 'Accepted message') {
    put(fields, 'email.local_id', subject);
    return message(fields, readMailPairs(rest, 0, fields).pairs);
  }
  if (what.includes('uthentication')) return login(fields, subject, what.startsWith('Accepted'));
  const failed = /^"(.{0,1024}?)\s{0,8}" => (.{0,1024})$/s.exec(rest);
  return failed === null
    ? connection(fields, what.split(' ').slice(0, 2).join('-').toLowerCase(), 'info')
    : refused(fields, failed[1], failed[2]);
};

const readNew = (fields: Fields, m: RegExpExecArray, sessions: Sessions): Act => {
  const [, id, agent, event, rest = ''] = m as unknown as [string, string, string, string, string?];
  const pairs = readKeyValues(rest);
  const side = agent === 'mta' ? 'destination' : 'source';
  if (pairs.has('address')) remember(sessions, id, { address: pairs.get('address'), host: pairs.get('host') });
  put(fields, 'session.id', id);
  if (agent === 'smtp' || agent === 'mta') putPeer(fields, side, sessions.get(id));
  if (agent === 'mda') putUser(fields, 'user', pairs.get('user'));
  put(fields, 'email.local_id', pairs.get('msgid') ?? pairs.get('evpid')?.slice(0, 8));
  put(fields, 'tls.cipher', event === 'tls' || event === 'starttls' ? pairs.get('ciphers') : undefined);
  // the last value, and without quotes: reason=Connection timeout; a count may follow: reason=quit messages=3
  put(fields, 'event.reason', /(?:^| )reason="?(.{1,1024}?)"?(?: messages=\d{1,9})?$/s.exec(rest)?.[1]);
  if (event === 'authentication') return login(fields, pairs.get('user'), /^ok$/i.test(pairs.get('result') ?? ''));
  // since 6.0 the envelopes behind it name sender and recipients
  if (event === 'message' && pairs.has('from')) return message(fields, pairs);
  if (event === 'message') {
    putNumber(fields, 'einfallstor.email.size', pairs.get('size'));
    putNumber(fields, 'einfallstor.email.recipients', pairs.get('nrcpt'));
    fields['event.action'] = 'message';
    categorise(fields, ['email'], ['info'], 'success');
    return 'other';
  }
  if (event === 'envelope') {
    addMailAddress(fields, 'email.from.address', unquoted(pairs.get('from')));
    addMailAddress(fields, 'email.to.address', unquoted(pairs.get('to')));
    fields['event.action'] = 'envelope';
    categorise(fields, ['email'], ['info'], 'success');
    return 'mail-received';
  }
  if (event === 'delivery') {
    // the last value, of a local delivery without quotes: stat=Error (temporary failure: "…")
    const stat = / stat=(?!")(.{1,2048})$/s.exec(rest)?.[1];
    return delivery(fields, stat === undefined ? pairs : new Map([...pairs, ['stat', stat]]), pairs.get('result'));
  }
  if (event === 'failed-command') return refused(fields, pairs.get('command'), pairs.get('result'));
  if (event === 'bad-input') put(fields, 'event.reason', pairs.get('result'));
  const end = event === 'disconnected' || event === 'closed';
  if (end) sessions.delete(id);
  return connection(
    fields,
    event,
    end ? 'end' : event.startsWith('connect') ? 'start' : 'info',
    /error|bad-input/.test(event) ? 'failure' : undefined,
  );
};

const readBody = (fields: Fields, text: string, sessions: Sessions): Act | undefined => {
  const old = OLD.exec(text);
  if (old !== null) return readOld(fields, old, sessions);
  const delivered = OLD_DELIVERY.exec(text);
  if (delivered !== null) {
    put(fields, 'email.local_id', delivered[2]?.slice(0, 8));
    return delivery(fields, listed(delivered[3] as string), delivered[1]);
  }
  const event = NEW.exec(text);
  return event === null ? undefined : readNew(fields, event, sessions);
};

// info: OpenSMTPD 6.8.0 starting · mta: Enabling route [] <-> 203.0.113.99 (mx.example.com) · smtp-out: Connecting to …
const AGENT =
  /^(?:(?:info|warn|fatal|debug): |(?:mta|mda|lka|queue|scheduler|control|smtp-in|smtp-out|relay|delivery|pony|dispatcher|route|limit): )/;

/** Postfix's smtpd has a path in front of its name. */
const isSmtpd = ({ envelope }: RawRecord): boolean =>
  envelope.program === 'smtpd' &&
  (AGENT.test(envelope.message) ||
    OLD.test(envelope.message) ||
    OLD_DELIVERY.test(envelope.message) ||
    NEW.test(envelope.message));

const open: Parser['open'] = ({ clock }) => {
  const sessions: Sessions = new Map();
  return (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    const { civil, host, program, pid, message: text } = record.envelope;
    if (program !== 'smtpd') return rejected('not-this-format', 'OpenSMTPD did not write it');
    const fields: Fields = {};
    const act = readBody(fields, text.slice(0, 16_384).trimEnd(), sessions);
    if (act === undefined) categorise(fields, ['email'], ['info']);
    clock.stamp(fields, civil);
    put(fields, 'host.name', host);
    put(fields, 'process.name', program);
    putNumber(fields, 'process.pid', pid);
    fields['message'] = text;
    relateAddresses(fields, text.slice(0, 8192));
    const state =
      act === undefined && /^(?:info: )?(?:OpenSMTPD \S+ starting|startup|.{0,40}exiting|Exiting$)/.test(text);
    return { kind: 'event', act: act ?? (state ? 'source-state' : 'other'), fields };
  };
};

export default {
  id: 'opensmtpd',
  title: 'OpenSMTPD mail server',
  references: [
    { title: 'smtpd(8)', url: 'https://man.openbsd.org/smtpd.8' },
    {
      title: 'OpenSMTPD, smtpd/smtp_session.c',
      url: 'https://github.com/OpenSMTPD/OpenSMTPD/blob/master/usr.sbin/smtpd/smtp_session.c',
    },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 's' },
  families: ['sessions, logins, messages, envelopes, failed commands, deliveries; log forms until 5.9 and since 6.0'],
  recognise: recogniseBy(isSmtpd, 'are of OpenSMTPD', 0.96),
  claims: isSmtpd,
  open,
} satisfies Parser as Parser;
