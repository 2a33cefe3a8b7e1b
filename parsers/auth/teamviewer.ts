import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, readIso } from '../../src/parse/kit/civil.ts';
import { putSpan } from '../../src/parse/kit/flow.ts';
import { type Phrase, phraseOf, putKind } from '../../src/parse/kit/phrases.ts';
import { put, putIp, putNumber, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import {
  BLANK,
  type Outcome,
  type ParseContext,
  type Parser,
  type RawRecord,
  rejected,
} from '../../src/parse/parser.ts';

/** A day and a time as the connection lists write them, day first. */
const WHEN = String.raw`(\d\d-\d\d-\d{4})[ \t]{1,4}(\d\d:\d\d:\d\d)`;
// 514162531⇥PC-SUPPORT⇥31-10-2021 22:14:07⇥31-10-2021 23:00:12⇥k.maier⇥RemoteControl⇥{7ca6431e-…}
const INCOMING = new RegExp(
  String.raw`^(\d{6,12})[ \t]{1,8}(\S[^\t]{0,120}?)[ \t]{1,8}${WHEN}[ \t]{1,8}${WHEN}[ \t]{1,8}(\S[^\t]{0,120}?)[ \t]{1,8}(\w{3,32})(?:[ \t]{1,8}(\{[\w-]{1,64}\}))?\s*$`,
);
// 514162531⇥31-10-2021 22:14:07⇥31-10-2021 23:00:12⇥k.maier⇥RemoteControl⇥{7ca6431e-…}
const OUTGOING = new RegExp(
  String.raw`^(\d{6,12})[ \t]{1,8}${WHEN}[ \t]{1,8}${WHEN}[ \t]{1,8}(\S[^\t]{0,120}?)[ \t]{1,8}(\w{3,32})(?:[ \t]{1,8}(\{[\w-]{1,64}\}))?\s*$`,
);
// 2021/10/31 23:14:07.123  3476       1272 D1   AuthenticationPasswordLogin_Passive::RunAuthenticationMethod: authentication …
const LOG =
  /^(\d{4})\/(\d\d)\/(\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,6})?) {1,8}(\d{1,10}) {1,16}(\d{1,20}) {1,8}([A-Z]\d?[!+]{0,3}) {1,8}(.*)$/s;

const whenOf = (day: string, time: string): Civil | undefined =>
  readIso(`${day.slice(6)}-${day.slice(3, 5)}-${day.slice(0, 2)} ${time}`)?.civil;

/** First match wins. */
// biome-ignore format: a table
const MESSAGES: readonly Phrase[] = [
  [/AuthenticationPasswordLogin_Passive\S{0,64}:? authentication using (?<method>.{1,60}?) was successful/, 'login', 'login', 'passed'],
  [/AuthenticationPasswordLogin_Passive\S{0,64}:? authentication using (?<method>.{1,60}?) was (?<reason>denied|rejected|blocked)/, 'login-failed', 'login', 'refused'],
  [/AddParticipant: \[(?<id>\d{6,12}),-?\d{1,12}\] type=3 name=(?<name>.{1,120})$/, 'participant', 'other', 'session'],
  [/[Tt]rying connection to (?<to>\d{6,12})/, 'outgoing-session', 'other', 'session'],
  [/UDPv[46]: punch received a=(?<ip>[\da-fA-F.:[\]]{3,47}):(?<port>\d{1,5})/, 'peer-connected', 'other', 'opened'],
  [/LoginOutgoing: ConnectFinished - error: (?<reason>\w{1,60})/, 'outgoing-session-failed', 'other', 'broken'],
  [/RoutingSessions: We left session|SessionTerminate|CLoginServer::.{0,60}session ended/, 'session-closed', 'logout', 'left'],
  [/(?:^|\s)Send file (?<file>.{1,1000})$/, 'file-sent', 'share-access', 'session'],
  [/(?:^|\s)Write file (?<file>.{1,1000})$/, 'file-received', 'share-access', 'session'],
];

const readLog = (fields: Fields, text: string): Act => {
  const found = phraseOf(MESSAGES, text);
  if (found === undefined) {
    putKind(fields, 'info');
    return 'other';
  }
  const [, action, act, kind] = found.phrase;
  const { method, reason, id, name, to, ip, port, file } = found.groups;
  put(fields, 'event.action', action);
  putKind(fields, kind);
  put(fields, 'einfallstor.login.method', method);
  put(fields, 'event.reason', reason);
  put(fields, 'user.id', id);
  put(fields, 'user.name', id);
  put(fields, 'source.domain', name?.toLowerCase());
  put(fields, 'einfallstor.target.host', to);
  putIp(fields, 'source.ip', ip?.replaceAll(/[[\]]/g, ''));
  putNumber(fields, 'source.port', port);
  put(fields, 'file.path', file);
  return act;
};

/** A session of a list: its beginning is when it happened. */
const readSession = (
  { clock }: ParseContext,
  fields: Fields,
  [d1, t1, d2, t2]: readonly string[],
  [id, account, mode, session]: readonly (string | undefined)[],
): void => {
  const [start, end] = [whenOf(d1 as string, t1 as string), whenOf(d2 as string, t2 as string)];
  if (start === undefined) warn(fields, 'time-missing');
  clock.stamp(fields, start);
  putSpan(fields, clock.instant(start), clock.instant(end));
  put(fields, 'session.id', session);
  put(fields, 'teamviewer.connection.mode', mode);
  put(fields, 'teamviewer.connection.partner', id);
  put(fields, 'teamviewer.connection.local_user', account);
};

const read = (context: ParseContext, text: string): Outcome => {
  const fields: Fields = { 'service.name': 'TeamViewer', 'service.type': 'teamviewer' };
  const incoming = INCOMING.exec(text);
  if (incoming !== null) {
    const [, id, name, d1, t1, d2, t2, account, mode, session] = incoming as unknown as string[];
    readSession(context, fields, [d1, t1, d2, t2] as string[], [id, account, mode, session]);
    put(fields, 'event.action', 'incoming-session');
    put(fields, 'user.name', id);
    put(fields, 'user.id', id);
    put(fields, 'source.domain', name?.toLowerCase());
    put(fields, 'destination.user.name', account);
    putKind(fields, 'passed');
    return { kind: 'event', act: 'login', fields };
  }
  const outgoing = OUTGOING.exec(text);
  if (outgoing !== null) {
    const [, id, d1, t1, d2, t2, account, mode, session] = outgoing as unknown as string[];
    readSession(context, fields, [d1, t1, d2, t2] as string[], [id, account, mode, session]);
    put(fields, 'event.action', 'outgoing-session');
    put(fields, 'user.name', account);
    put(fields, 'einfallstor.target.host', id);
    putKind(fields, 'session');
    return { kind: 'event', act: 'other', fields };
  }
  const log = LOG.exec(text);
  const civil = log === null ? undefined : readIso(`${log[1]}-${log[2]}-${log[3]} ${log[4]}`)?.civil;
  if (log === null || civil === undefined) return rejected('not-this-format', 'no line of TeamViewer');
  context.clock.stamp(fields, civil);
  putNumber(fields, 'process.pid', log[5]);
  put(fields, 'log.level', log[7]?.includes('!') ? 'error' : undefined);
  const message = log[8] as string;
  put(fields, 'message', message);
  const act = readLog(fields, message.slice(0, 2000));
  relateAddresses(fields, message.slice(0, 8192));
  return { kind: 'event', act, fields };
};

const claims = ({ text }: RawRecord): boolean => {
  const line = text.slice(0, 2048).replace(/^\uFEFF/, '');
  return INCOMING.test(line) || OUTGOING.test(line) || LOG.test(line);
};

const open =
  (context: ParseContext): ((record: RawRecord) => Outcome) =>
  (record) => {
    const text = record.text.replace(/^\uFEFF/, '').trimEnd();
    if (text === '') return BLANK;
    // the head of a log: Start: …, Version: …, OS: …, and dumps over several lines
    if (
      /^(?:Start|Version|Version short|ID|Loglevel|License|Server|IC|CPU|CPU extensions|OS|IP|MID|MIDv|Proxy-Settings|IE|AppPath|UserAccount|Firewall):/.test(
        text,
      )
    )
      return { kind: 'skipped', reason: 'header' };
    return read(context, text.slice(0, 65_536));
  };

export default {
  id: 'teamviewer',
  title: 'TeamViewer: Connections_incoming.txt, Connections.txt, TeamViewer*_Logfile.log',
  references: [
    {
      title: 'TeamViewer: log file reading, incoming connection',
      url: 'https://www.teamviewer.com/en/global/support/knowledge-base/teamviewer-classic/troubleshooting/log-file-reading-incoming-connection/',
    },
    { title: 'Forensafe: investigating TeamViewer', url: 'https://forensafe.com/blogs/teamviewer.html' },
  ],
  framing: 'line',
  states: { zone: 'unstated', year: 'stated', resolution: 'ms' },
  families: [
    'sessions in and out with beginning, end, partner, mode and the account that was worked in',
    'log: passwords accepted and denied, the partner’s address, file transfers, ends',
  ],
  limits: [
    'sources disagree on whether the lists of connections are in UTC or local time: set the zone with --source-timezone',
    'user.name of a session is the partner’s number: the partner’s name is chosen by him (source.domain)',
    'the lists tell no address',
  ],
  recognise: recogniseBy(claims, 'are lines of TeamViewer', 0.97),
  claims,
  open,
} satisfies Parser as Parser;
