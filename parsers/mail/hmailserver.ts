import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { readIso } from '../../src/parse/kit/civil.ts';
import { addMailAddress } from '../../src/parse/kit/mail.ts';
import { openPeers } from '../../src/parse/kit/peers.ts';
import { categorise, put, putIp, putNumber, putUser } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { saslText } from '../../src/parse/kit/sasl.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// "SMTPD"⇥4588⇥13⇥"2021-10-31 23:14:07.123"⇥"203.0.113.9"⇥"RECEIVED: AUTH LOGIN"
const SESSION =
  /^\uFEFF?"(SMTPD|SMTPC|POP3D|POP3C|IMAPD)"\t(\d{1,10})\t(\d{1,12})\t"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?)"\t"([^"\t]{0,64})"\t"(.*)"$/s;
// "TCPIP"⇥2696⇥"2021-10-31 23:14:11.123"⇥"TCP - 203.0.113.9 connected to 10.0.0.5:25."
const PLAIN =
  /^\uFEFF?"(TCPIP|APPLICATION|DEBUG|ERROR|EVENT|AWSTATS|BACKUP)"\t(\d{1,10})\t"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?)"\t"(.*)$/s;

/** What the commands of a session said so far. */
interface Dialogue {
  user: string | undefined;
  asked: boolean;
  /** The server asked for the next part of an AUTH exchange (334). */
  prompted: boolean;
  from: string | undefined;
  to: string[];
}
const RECIPIENTS_MAX = 500;

const SERVICES: Readonly<Record<string, string>> = {
  SMTPD: 'smtp',
  POP3D: 'pop3',
  IMAPD: 'imap',
  SMTPC: 'smtp',
  POP3C: 'pop3',
};

const as = (
  fields: Fields,
  act: Act,
  action: string,
  category: readonly string[],
  type: readonly string[],
  outcome?: 'success' | 'failure' | 'unknown',
): Act => {
  put(fields, 'event.action', action);
  categorise(fields, category, type, outcome);
  return act;
};

const protocol = (fields: Fields, action: string): Act =>
  as(fields, 'mail-connection', action, ['email', 'network'], ['connection']);

// AUTH LOGIN · AUTH LOGIN ay5tYWllcg== · AUTH PLAIN ay5tYWllcg== ***   (hMailServer masks the password, and writes the user in Base64)
const AUTH = /^AUTH [A-Z0-9-]{3,20}(?: ([A-Za-z0-9+/=]{4,400}))?(?: \*\*\*)?$/i;
// ay5tYWllcg== · ay5tYWllcg== ***   the answer to `334`
const ANSWER = /^([A-Za-z0-9+/=]{4,400})(?: \*\*\*)?$/;

/** The user of an SMTP login: in the command, or in the answer to what the server asked for. */
const userSaid = (text: string, dialogue: Dialogue): string | undefined =>
  saslText((AUTH.exec(text) ?? (dialogue.prompted ? ANSWER.exec(text) : null))?.[1] ?? '');

/** `tagged`: IMAP, whose commands have a tag in front. */
const readCommand = (fields: Fields, text: string, dialogue: Dialogue, tagged: boolean): Act => {
  // A1 LOGIN k.maier@example.de ***   (the password is masked)
  const login = (tagged ? /^\S{1,32} LOGIN "?([^\s"]{1,255})/i : /^USER "?([^\s"]{1,255})/i).exec(text)?.[1];
  if (login !== undefined || /^(?:\S{1,32} )?(?:AUTH|AUTHENTICATE|PASS)\b/i.test(text)) dialogue.asked = true;
  if (/^AUTH /i.test(text)) dialogue.user = undefined;
  dialogue.user = login ?? userSaid(text, dialogue) ?? dialogue.user;
  dialogue.prompted = false;
  const from = /^MAIL FROM: ?<([^>]{0,320})>/i.exec(text)?.[1];
  if (from !== undefined) Object.assign(dialogue, { from, to: [] });
  const to = /^RCPT TO: ?<([^>]{1,320})>/i.exec(text)?.[1];
  if (to !== undefined && dialogue.to.length < RECIPIENTS_MAX) dialogue.to.push(to);
  addMailAddress(fields, 'email.from.address', from);
  addMailAddress(fields, 'email.to.address', to);
  return protocol(
    fields,
    (tagged ? /^\S{1,32} ([A-Z]{3,12})\b/i : /^([A-Z]{3,12})\b/i).exec(text)?.[1]?.toLowerCase() ?? 'data',
  );
};

const PASSED = /^(?:235 |\+OK\b.{0,40}(?:mailbox|logged|locked)|\S{1,32} OK (?:LOGIN|AUTHENTICATE))/i;
const REFUSED = /^(?:535 |-ERR\b|\S{1,32} (?:NO|BAD)\b).{0,200}(?:auth|user|password|login|invalid|account)/i;

const readReply = (fields: Fields, text: string, dialogue: Dialogue): Act => {
  put(fields, 'event.code', /^(\d{3})\b/.exec(text)?.[1]);
  dialogue.prompted = text.startsWith('334');
  const ended = PASSED.test(text) ? 'success' : REFUSED.test(text) ? 'failure' : undefined;
  if (dialogue.asked && ended !== undefined) {
    dialogue.asked = false;
    putUser(fields, 'user', dialogue.user);
    put(fields, 'event.reason', ended === 'failure' ? text : undefined);
    return as(
      fields,
      'login',
      ended === 'success' ? 'login' : 'login-failed',
      ['authentication'],
      [ended === 'success' ? 'start' : 'info'],
      ended,
    );
  }
  const taken = /^250 (?:OK|Queued)/i.test(text) && /queued/i.test(text);
  if (taken || (/^5\d\d /.test(text) && dialogue.to.length > 0)) {
    addMailAddress(fields, 'email.from.address', dialogue.from);
    for (const to of dialogue.to) addMailAddress(fields, 'email.to.address', to);
    if (taken) return as(fields, 'mail-received', 'accepted', ['email'], ['info'], 'success');
    put(fields, 'event.reason', text);
    return as(fields, 'mail-rejected', 'rejected', ['email'], ['denied'], 'failure');
  }
  return protocol(fields, 'reply');
};

const readPlain = (fields: Fields, log: string, text: string): Act => {
  // TCP - 203.0.113.9 connected to 10.0.0.5:25.
  const tcp = /^TCP - ([\da-fA-F.:]{2,45}) connected to ([\da-fA-F.:]{2,45}):(\d{1,5})\.?$/.exec(text);
  if (tcp !== null) {
    putIp(fields, 'source.ip', tcp[1]);
    putIp(fields, 'destination.ip', tcp[2]);
    putNumber(fields, 'destination.port', tcp[3]);
    return protocol(fields, 'connect');
  }
  // SMTPDeliverer - Message 4711: Delivering message from a@example.org to b@example.net. File: C:\…
  const delivering = /Message (\d{1,12}): Delivering message from (.{0,320}?) to (.{1,4000}?)\. File:/.exec(text);
  if (delivering !== null) {
    put(fields, 'einfallstor.email.queue_id', delivering[1]);
    addMailAddress(fields, 'email.from.address', delivering[2]);
    for (const to of (delivering[3] as string).split(', ', RECIPIENTS_MAX))
      addMailAddress(fields, 'email.to.address', to);
    return as(fields, 'mail-received', 'delivering', ['email'], ['info']);
  }
  if (log === 'ERROR') put(fields, 'log.level', 'error');
  return as(
    fields,
    /started|stopped|initializing/i.test(text) ? 'source-state' : 'other',
    log.toLowerCase(),
    ['process'],
    ['info'],
  );
};

const claims = ({ text }: RawRecord): boolean =>
  SESSION.test(text.slice(0, 4096)) ||
  PLAIN.test(text.slice(0, 4096)) ||
  /^\uFEFF?"(?:SMTPD|IMAPD|POP3D|SMTPC)"\t\d+\t\d+\t"\d{4}-/.test(text.slice(0, 100));

const open: Parser['open'] = ({ clock }) => {
  const dialogues = openPeers<Dialogue>(() => ({
    user: undefined,
    asked: false,
    prompted: false,
    from: undefined,
    to: [],
  }));
  return (record) => {
    if (record.text.trim() === '') return BLANK;
    const fields: Fields = { 'service.name': 'hMailServer' };
    const text = record.text.slice(0, 65_536).trimEnd();
    const plain = PLAIN.exec(text);
    const session = plain === null ? SESSION.exec(text) : null;
    const civil = readIso(plain?.[3] ?? session?.[4] ?? '')?.civil;
    if (civil === undefined)
      return rejected(claims(record) ? 'truncated' : 'not-this-format', 'no line of hMailServer');
    clock.stamp(fields, civil);
    const log = (plain?.[1] ?? session?.[1]) as string;
    const message = (plain?.[4]?.replace(/"$/, '') ?? session?.[6]) as string;
    put(fields, 'log.logger', log);
    put(fields, 'message', message);
    relateAddresses(fields, message.slice(0, 8192));
    if (session === null) return { kind: 'event', act: readPlain(fields, log, message), fields };
    const [id, address] = [session[3] as string, session[5]];
    put(fields, 'session.id', id);
    put(fields, 'service.type', SERVICES[log]);
    // the C programs call other servers
    putIp(fields, log.endsWith('C') ? 'destination.ip' : 'source.ip', address);
    const said = /^(SENT|RECEIVED): (.*)$/s.exec(message);
    const dialogue = dialogues.of(`${log}${id}`);
    const ours = log.endsWith('C') || said === null;
    const act = ours
      ? protocol(fields, 'dialogue')
      : said[1] === 'RECEIVED'
        ? readCommand(fields, said[2] as string, dialogue, log === 'IMAPD')
        : readReply(fields, said[2] as string, dialogue);
    return { kind: 'event', act, fields };
  };
};

export default {
  id: 'hmailserver',
  title: 'hMailServer',
  references: [
    { title: 'hMailServer: logging', url: 'https://www.hmailserver.com/documentation/latest/?page=reference_logging' },
    { title: 'hMAIL Log Reader, with the layout of the log', url: 'https://github.com/mosterho/hMAIL-Log-Reader' },
  ],
  framing: 'line',
  states: { zone: 'unstated', year: 'stated', resolution: 'ms' },
  families: [
    'SMTP, IMAP and POP3 sessions with logins and refusals, messages taken over or refused, TCP connections, the application’s own lines',
  ],
  limits: [
    'AUTH PLAIN names no user where the log masks the whole exchange',
    'deliveries to other servers (SMTPC) are kept as dialogue',
  ],
  recognise: recogniseBy(claims, 'are lines of hMailServer', 0.98),
  claims,
  open,
} satisfies Parser as Parser;
