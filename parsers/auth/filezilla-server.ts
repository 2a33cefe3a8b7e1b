import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, readIso, readSlashed } from '../../src/parse/kit/civil.ts';
import { openPeers } from '../../src/parse/kit/peers.ts';
import { type Kind, putKind } from '../../src/parse/kit/phrases.ts';
import { categorise, put, putIp, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// (000133)31.10.2021 23:14:07 - (not logged in) (192.0.2.7)> USER kim · (000133) 10/31/2021 11:14:07 PM - kim (192.0.2.7)> 230 Logged on
const OLD =
  /^\((\d{6,9})\) ?(\d[\d./: -]{10,20}(?: ?[AaPp]\.?[Mm]\.?)?) - (.{1,256}?) \(([\da-fA-F.:]{2,45}(?:%\w{1,16})?)\)> ?(.*)$/s;
// 2021-10-31T22:14:07.123Z << [FTP Session 6 192.0.2.7 kim] 230 Login successful. · == [FTP Server] Listening on 0.0.0.0:21.
const NEW =
  /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (<<|>>|==|!!|!W|[!D][A-Z\d]) (?:\[(FTP|Administration|Admin) (Server|Session)(?: (\d{1,12}))?(?: ([\da-fA-F.:]{2,45}))?(?: ([^\]]{1,256}))?\] )?(.*)$/s;
// <31-10-2021 23:14:07> FTP Session 6 192.0.2.7 kim [Response] 230 Login successful.: as it is copied out of the administration interface
const COPIED =
  /^<(\d[\d./: -]{10,20}(?: ?[AaPp]\.?[Mm]\.?)?)> (FTP|Administration) (Server|Session)(?: (\d{1,12}))?(?: ([\da-fA-F.:]{2,45}))?(?: ([^\s[]\S{0,255}))? \[(Response|Command|Status|Error|Trace|Warning)\] (.*)$/s;

type Speaker = 'client' | 'server' | 'log';

interface Line {
  readonly time: string;
  readonly session: string | undefined;
  readonly ip: string | undefined;
  readonly user: string | undefined;
  readonly speaker: Speaker;
  readonly text: string;
  readonly of: 'ftp' | 'administration';
}

const SPEAKERS: Readonly<Record<string, Speaker>> = {
  '>>': 'client',
  Command: 'client',
  '<<': 'server',
  Response: 'server',
};
const ofOf = (name: string | undefined): Line['of'] => (name?.startsWith('Admin') ? 'administration' : 'ftp');

/**
 * 0.9 does not say who speaks: a reply begins with its code, a command with its verb, what the server notes is a sentence. A
 * client may send `230 Logged on`, too; the server's own has the user's name in front.
 */
const speakerOf = (said: string, isStranger: boolean): Speaker => {
  if (VERB.test(said) || (isStranger && /^23\d/.test(said))) return 'client';
  return /^\d{3}[ -]/.test(said) ? 'server' : 'log';
};

const read = ({ text }: RawRecord): Line | undefined => {
  const line = text.slice(0, 8192).trimEnd();
  const old = OLD.exec(line);
  if (old !== null) {
    const [, session, time, name, ip, said] = old as unknown as string[];
    return {
      time: time as string,
      session,
      ip: ip?.replace(/%.*$/, ''),
      user: name === '(not logged in)' ? undefined : name,
      speaker: speakerOf(said ?? '', name === '(not logged in)'),
      text: said ?? '',
      of: 'ftp',
    };
  }
  const now = NEW.exec(line);
  if (now !== null) {
    const [, time, mark, of, , session, ip, user, said] = now as unknown as (string | undefined)[];
    if (of === undefined && !OWN.test(said ?? '')) return undefined;
    return {
      time: time as string,
      session,
      ip,
      user,
      speaker: SPEAKERS[mark ?? ''] ?? 'log',
      text: said ?? '',
      of: ofOf(of),
    };
  }
  const copied = COPIED.exec(line);
  if (copied === null) return undefined;
  const [, time, of, , session, ip, user, kind, said] = copied as unknown as (string | undefined)[];
  return {
    time: time as string,
    session,
    ip,
    user,
    speaker: SPEAKERS[kind ?? ''] ?? 'log',
    text: said ?? '',
    of: ofOf(of),
  };
};

const VERB =
  /^(?:USER|PASS|ACCT|AUTH|PBSZ|PROT|CCC|ADAT|SYST|FEAT|OPTS|CLNT|CWD|CDUP|XCWD|PWD|XPWD|LIST|NLST|MLSD|MLST|STOR|STOU|APPE|RETR|DELE|RMD|XRMD|MKD|XMKD|RNFR|RNTO|SIZE|MDTM|MFMT|REST|PORT|PASV|EPRT|EPSV|TYPE|MODE|STRU|NOOP|ABOR|QUIT|SITE|STAT|HELP|HOST|HASH|ALLO|REIN|LANG|XCRC|XSHA1?|XMD5)(?: |$)/i;
/** What the server says of itself without naming a part. */
const OWN = /FileZilla Server|^Setting up TLS for the |^SHA256 certificate fingerprint/;

type Told = readonly [act: Act, kind: Kind | 'upload' | 'download' | 'removed', action: string];

const FILES = {
  upload: ['file', 'creation'],
  download: ['file', 'access'],
  removed: ['file', 'deletion'],
} as const;

/** Commands whose reply tells what became of a file. */
const TRANSFERS: Readonly<Record<string, Told>> = {
  STOR: ['share-access', 'upload', 'upload'],
  STOU: ['share-access', 'upload', 'upload'],
  APPE: ['share-access', 'upload', 'upload'],
  RETR: ['share-access', 'download', 'download'],
  DELE: ['share-access', 'removed', 'delete'],
};

/** Words of the server's own. */
// biome-ignore format: a table
const NOTES: readonly (readonly [RegExp, Told])[] = [
  [/^Connected on port \d/, ['flow-start', 'opened', 'connect']],
  [/^(?:disconnected|Session (?:\d{1,12} )?ended)/, ['logout', 'left', 'disconnect']],
  [/FileZilla Server \S{1,32} .{0,32}started|^Listening on |^Setting up TLS|^Server (?:online|offline)/, ['source-state', 'state', 'server']],
];

interface Session {
  readonly ip?: string;
  /** As the client calls itself, before the server believes it. */
  readonly claimed?: string;
  readonly user?: string;
  readonly verb?: string;
  readonly argument?: string;
}

/** What a reply tells, by its code and the command that it answers. */
const replied = (code: string, { verb }: Session): Told | undefined => {
  if (verb === 'USER' || verb === 'PASS') {
    if (code === '230' || code === '232') return ['login', 'passed', 'login'];
    if (code === '530' || code === '430') return ['login', 'refused', 'login'];
  }
  const transfer = TRANSFERS[verb ?? ''];
  return transfer !== undefined && (code === '226' || code === '250') ? transfer : undefined;
};

// 226 Successfully transferred "/scan/x.pdf"
const NAMED = /^226 .{0,64}"(.{1,4096})"$/;

const putFile = (fields: Fields, path: string | undefined): void => {
  put(fields, 'file.path', path);
  put(fields, 'file.name', path?.slice(path.lastIndexOf('/') + 1));
};

const claims = (record: RawRecord): boolean => read(record) !== undefined;

const open: Parser['open'] = ({ clock }) => {
  const sessions = openPeers((): Session => ({}));
  /** What comes first in dates with strokes; a day above 12 shows it. */
  let first: 'day' | 'month' | undefined;

  const timeOf = (fields: Fields, text: string): Civil | undefined => {
    const iso = readIso(text);
    if (iso !== undefined) return iso.civil;
    const [, a, b] = /^(\d{1,2})\/(\d{1,2})\//.exec(text) ?? [];
    if (Number(a) > 12) first = 'day';
    else if (Number(b) > 12 || /[ap]\.?m/i.test(text)) first ??= 'month';
    if (a !== undefined && first === undefined) warn(fields, 'date-order-assumed:day-first');
    return readSlashed(text.replace(/^(\d{1,2})-(\d{1,2})-/, '$1.$2.'), 0, first ?? 'day')?.civil;
  };

  const tell = (fields: Fields, line: Line, before: Session): Told => {
    if (line.speaker === 'log')
      return NOTES.find(([pattern]) => pattern.test(line.text))?.[1] ?? ['other', 'info', 'note'];
    if (line.speaker === 'client') return ['other', 'info', 'command'];
    const told = replied(line.text.slice(0, 3), before) ?? (['other', 'info', 'reply'] as const);
    if (told[0] === 'share-access') putFile(fields, NAMED.exec(line.text)?.[1] ?? before.argument);
    return told;
  };

  /** What the session is like behind the line. */
  const after = (line: Line, before: Session, act: Act): Session => {
    const ip = line.ip ?? before.ip;
    const known: Session = ip === undefined ? before : { ...before, ip };
    if (line.speaker === 'client') {
      const [verb = '', argument = ''] = /^(\S{1,8})(?: (.*))?$/s.exec(line.text)?.slice(1) ?? [];
      const said = { ...known, verb: verb.toUpperCase(), argument };
      return said.verb === 'USER' ? { ...said, claimed: argument } : said;
    }
    return act === 'login' && known.claimed !== undefined && line.text.startsWith('23')
      ? { ...known, user: known.claimed }
      : known;
  };

  return (record) => {
    if (record.text.trim() === '') return BLANK;
    const line = read(record);
    if (line === undefined) return rejected('not-this-format', 'no line of FileZilla Server');
    const fields: Fields = { 'service.type': 'ftp', 'process.name': 'filezilla-server' };
    const civil = timeOf(fields, line.time);
    if (civil === undefined) warn(fields, 'time-missing');
    clock.stamp(fields, civil);
    // 1.x ends a session in the server's name: [FTP Server] Session 6 ended gracefully.
    const session = line.session ?? /^Session (\d{1,12}) /.exec(line.text)?.[1];
    const key = session === undefined ? undefined : `${line.of} ${session}`;
    const before = sessions.of(key);
    const [told, kind, action] = tell(fields, line, before);
    // who was never let in cannot leave
    const act = told === 'logout' && (before.user ?? line.user) === undefined ? 'other' : told;
    if (kind === 'upload' || kind === 'download' || kind === 'removed') {
      const [category, type] = FILES[kind];
      categorise(fields, [category], [type], 'success');
    } else putKind(fields, act === 'other' && told === 'logout' ? 'info' : kind);
    put(fields, 'event.action', action);
    putIp(fields, 'source.ip', line.ip ?? before.ip);
    const claimed = act === 'login' ? before.claimed : undefined;
    putUser(fields, 'user', line.user ?? before.user ?? claimed, true);
    put(fields, 'ftp.session', session);
    put(fields, 'message', line.text);
    relateAddresses(fields, line.text.slice(0, 4096));
    if (told === 'logout') sessions.forget(key);
    else if (key !== undefined) sessions.put(key, after(line, before, act));
    return { kind: 'event', act, fields };
  };
};

export default {
  id: 'filezilla-server',
  title: 'FileZilla Server 0.9 and 1.x',
  references: [
    { title: 'FileZilla Server documentation', url: 'https://filezilla-project.org/documentation.php' },
    { title: 'RFC 959, File Transfer Protocol: replies', url: 'https://www.rfc-editor.org/rfc/rfc959#section-4.2' },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'stated', resolution: 'ms' },
  versions: ['0.9.x', '1.x'],
  families: [
    'connections, logins, uploads, downloads and deletions, ends of sessions; commands and replies as text; lines copied out of the administration interface',
  ],
  limits: [
    '0.9 writes dates as Windows is set: 1/2/2021 is read with the day first unless the file shows the other order',
    'the bytes of a transfer are not logged',
  ],
  recognise: recogniseBy(claims, 'are lines of FileZilla Server'),
  claims,
  open,
} satisfies Parser as Parser;
