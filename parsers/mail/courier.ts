import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { addMailAddress, nameMailEnds } from '../../src/parse/kit/mail.ts';
import { categorise, put, putIp, putNumber, putUser } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

const MAIL =
  /^(?:courier(?:d|esmtpd|esmtp|esmtpd-ssl|local|mlm|filter|uucp|dsn|tcpd|logger)|esmtpd(?:-(?:ssl|msa))?|authdaemond|courier-\w{2,16}|submit)$/;
const STORE = /^(?:courier-)?(imapd|pop3d)(-ssl)?$/;
// LOGIN FAILED, user=info@example.org, ip=[::ffff:198.51.100.7] · LOGOUT, user=…, ip=[…], headers=0, body=0, rcvd=20, sent=300, time=2
const SESSION =
  /^(?:(?:INFO|ERR|DEBUG): )?(LOGIN FAILED|LOGIN|LOGOUT|DISCONNECTED|TIMEOUT|Connection|Disconnected|couriertls|Maximum connection limit reached)\b/;
// ip=[::ffff:198.51.100.7], couriertls: accept: error:1408F10B:SSL routines:…
const TLS_FAILURE = /^ip=\[([^\]]{2,64})\](?:, port=\[(\d{1,5})\])?, (couriertls: .{1,1024})$/s;
// key=value pieces between commas: user=…, ip=[…] · relay=::ffff:198.51.100.7,from=<a@b>,to=<c@d> · msg="535 Authentication failed."
const PAIR =
  /(?:^|,) ?([a-z]{2,12})=("[^"]{0,2048}"?|<[^>]{0,512}>|\[[^\]]{0,64}\]|[^,:]{0,512}(?::[^,\s]{0,64}){0,9})/g;

const readPairs = (text: string): Map<string, string> => {
  const pairs = new Map<string, string>();
  for (const [, key, value] of text.slice(0, 8192).matchAll(PAIR)) {
    if (!pairs.has(key as string)) pairs.set(key as string, (value as string).replace(/^["<[]|["\]>]$/g, '').trim());
  }
  return pairs;
};

const putClient = (fields: Fields, text: string | undefined): void => {
  if (putIp(fields, 'source.ip', text)) fields['source.address'] = fields['source.ip'] as string;
};

const readSession = (fields: Fields, what: string, pairs: ReadonlyMap<string, string>): Act => {
  putClient(fields, pairs.get('ip'));
  putUser(fields, 'user', pairs.get('user'), true);
  putNumber(fields, 'source.port', pairs.get('port'));
  putNumber(fields, 'source.bytes', pairs.get('rcvd'));
  putNumber(fields, 'destination.bytes', pairs.get('sent'));
  if (pairs.has('time')) putNumber(fields, 'event.duration', Number(pairs.get('time')) * 1e9);
  put(fields, 'courier.method', pairs.get('method'));
  fields['event.action'] = what.toLowerCase().replaceAll(' ', '-');
  if (what === 'LOGIN' || what === 'LOGIN FAILED') {
    const passed = what === 'LOGIN';
    fields['einfallstor.login.method'] = 'password';
    categorise(fields, ['authentication'], [passed ? 'start' : 'info'], passed ? 'success' : 'failure');
    return 'login';
  }
  if (/^(?:LOGOUT|DISCONNECTED|TIMEOUT)$/.test(what)) {
    categorise(fields, ['session'], ['end']);
    return 'logout';
  }
  categorise(fields, ['email', 'network'], ['connection', what === 'Connection' ? 'start' : 'end']);
  return 'mail-connection';
};

const readTlsFailure = (fields: Fields, m: RegExpExecArray): Act => {
  putClient(fields, m[1]);
  putNumber(fields, 'source.port', m[2]);
  put(fields, 'event.reason', m[3]);
  fields['event.action'] = 'couriertls';
  categorise(fields, ['email', 'network'], ['connection', 'info'], 'failure');
  return 'mail-connection';
};

// error,relay=::ffff:198.51.100.7,from=<a@example.org>,to=<b@example.net>: 550 User unknown.
const readSubmission = (fields: Fields, text: string): Act | undefined => {
  const started = /^(error|started|AUTH|reject),/i.exec(text);
  const pairs = readPairs(text.slice(started?.[0].length ?? 0));
  const relay = pairs.get('relay') ?? pairs.get('ip');
  if (relay === undefined || started === null) return undefined;
  putClient(fields, relay.replace(/^\[|\]$/g, ''));
  if (started[1] === 'started') {
    fields['event.action'] = 'connect';
    categorise(fields, ['email', 'network'], ['connection', 'start']);
    return 'mail-connection';
  }
  const reason = pairs.get('msg') ?? /(?:>|,ident=\S{0,64}|relay=[0-9a-fA-F.:]{3,45}?): (.{0,1024})$/.exec(text)?.[1];
  put(fields, 'event.reason', reason);
  put(fields, 'courier.ident', pairs.get('ident'));
  put(fields, 'courier.command', pairs.get('cmd') ?? /,cmd: (.{0,512})$/.exec(text)?.[1]);
  fields['network.protocol'] = 'smtp';
  if (/^535|Authentication (?:failed|required)/i.test(reason ?? '')) {
    fields['service.type'] = 'smtp';
    fields['einfallstor.login.method'] = 'password';
    fields['event.action'] = 'authentication-failed';
    categorise(fields, ['authentication'], ['info'], 'failure');
    return 'login';
  }
  if (pairs.get('from') === '') fields['courier.null_sender'] = true;
  addMailAddress(fields, 'email.from.address', pairs.get('from'));
  addMailAddress(fields, 'email.to.address', pairs.get('to'));
  fields['event.action'] = 'reject';
  categorise(fields, ['email'], ['denied'], 'failure');
  return 'mail-rejected';
};

// id=0012.618.2F,from=<a@x>,addr=<b@y>,size=512,success: delivered: mx.example.net [198.51.100.25] · id=…,from=…,addr=<…>,status: deferred
const DELIVERY = /^id=([0-9A-F.]{5,64}),/;
// newmsg,id=0012.618.2F: dns; mail.example.org (mail.example.org [198.51.100.7])
const NEW =
  /^newmsg,id=([0-9A-F.]{5,64})(?:, auth=([^:,]{1,255}))?: dns; (\S{1,255}) \((?:(\S{1,255}) )?\[([0-9a-fA-F.:]{3,45})\]/;

const readQueue = (fields: Fields, text: string): Act | undefined => {
  const arrived = NEW.exec(text);
  if (arrived !== null) {
    put(fields, 'email.local_id', arrived[1]);
    putUser(fields, 'user', arrived[2], true);
    put(fields, 'source.domain', (arrived[4] ?? arrived[3])?.toLowerCase());
    putClient(fields, arrived[5]);
    fields['event.action'] = 'received';
    categorise(fields, ['email'], ['info'], 'success');
    return 'mail-received';
  }
  const id = DELIVERY.exec(text.replace(/^(?:started|completed),/, ''))?.[1];
  if (id === undefined) return undefined;
  const pairs = readPairs(text.replace(/^(?:started|completed),/, ''));
  put(fields, 'email.local_id', id);
  addMailAddress(fields, 'email.from.address', pairs.get('from'));
  addMailAddress(fields, 'email.to.address', pairs.get('addr'));
  putNumber(fields, 'einfallstor.email.size', pairs.get('size'));
  nameMailEnds(fields, undefined, pairs.get('addr'));
  if (text.startsWith('started,')) {
    fields['event.action'] = 'started';
    categorise(fields, ['email'], ['info']);
    return 'other';
  }
  const status = /,(?:status: |)(success|deferred|failure)\b/.exec(text)?.[1];
  put(fields, 'einfallstor.email.status', status === 'success' ? 'sent' : status === 'failure' ? 'bounced' : status);
  put(fields, 'event.reason', /(?:>|success|status|size=\d{1,15}): (.{1,1024})$/s.exec(text)?.[1]);
  fields['event.action'] = status ?? 'delivery';
  categorise(
    fields,
    ['email'],
    ['info'],
    status === 'success' ? 'success' : status === 'failure' ? 'failure' : 'unknown',
  );
  return 'mail-delivery';
};

const isCourier = ({ envelope }: RawRecord): boolean => {
  if (envelope.program === undefined) return false;
  return (
    MAIL.test(envelope.program) ||
    (STORE.test(envelope.program) && (SESSION.test(envelope.message) || TLS_FAILURE.test(envelope.message)))
  );
};

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    if (!isCourier(record)) return rejected('not-this-format', 'no daemon of Courier wrote it');
    const { civil, host, program = '', pid, message } = record.envelope;
    const text = message.trimEnd();
    const fields: Fields = {};
    const store = STORE.exec(program);
    const session = SESSION.exec(text);
    const tls = store === null ? null : TLS_FAILURE.exec(text);
    if (store !== null) fields['service.type'] = store[1] === 'imapd' ? 'imap' : 'pop3';
    const act =
      store !== null && session !== null
        ? readSession(fields, session[1] as string, readPairs(text.slice(session[0].length)))
        : tls !== null
          ? readTlsFailure(fields, tls)
          : (readSubmission(fields, text) ?? readQueue(fields, text));
    if (act === undefined) categorise(fields, ['email'], ['info']);
    clock.stamp(fields, civil);
    put(fields, 'host.name', host);
    put(fields, 'process.name', program);
    putNumber(fields, 'process.pid', pid);
    fields['message'] = text;
    relateAddresses(fields, text.slice(0, 8192));
    return { kind: 'event', act: act ?? 'other', fields };
  };

export default {
  id: 'courier',
  title: 'Courier mail server: IMAP, POP3, SMTP',
  references: [
    { title: 'Courier IMAP: FAQ, log messages', url: 'https://www.courier-mta.org/imap/FAQ.html' },
    { title: 'courier(8)', url: 'https://www.courier-mta.org/courier.html' },
    { title: 'esmtpd(8)', url: 'https://www.courier-mta.org/esmtpd.html' },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 's' },
  families: ['logins, sessions with bytes, refused mail and logins of esmtpd, arrivals and deliveries of courierd'],
  recognise: recogniseBy(isCourier, 'are of Courier', 0.96),
  claims: isCourier,
  open,
} satisfies Parser as Parser;
