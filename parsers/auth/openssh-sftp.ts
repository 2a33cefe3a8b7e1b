import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { categorise, put, putEndpoint, putNumber, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

/** Who a process of the server works for. */
interface Session {
  readonly user: string;
  readonly from: string;
}
/** Sessions remembered: process ids are few, lines of one may stand far apart. */
const SESSIONS_MAX = 4096;

// session opened for local user kim from [192.0.2.7]
const SESSION = /^session (opened|closed) for local user (.{1,256}) from \[([^\]]{1,255})\]$/;

const KINDS = {
  written: [['file'], ['creation'], 'success'],
  read: [['file'], ['access'], 'success'],
  removed: [['file'], ['deletion'], undefined],
  changed: [['file'], ['change'], undefined],
  info: [['file'], ['info'], undefined],
} as const;
type Kind = keyof typeof KINDS;

/** Requests are written before they are done: only what a `close` counted is known to have happened. */
// biome-ignore format: a table
const RULES: readonly (readonly [pattern: RegExp, act: Act, kind: Kind, action: string])[] = [
  // close "/home/kim/a.zip" bytes read 0 written 12813
  [/^(?:forced )?close "(?<file>.{0,4096})" bytes read (?<read>\d{1,18}) written (?<written>[1-9]\d{0,17})$/s, 'share-access', 'written', 'upload'],
  [/^(?:forced )?close "(?<file>.{0,4096})" bytes read (?<read>[1-9]\d{0,17}) written (?<written>0)$/s, 'share-access', 'read', 'download'],
  [/^(?:forced )?close "(?<file>.{0,4096})" bytes read (?<read>0) written (?<written>0)$/s, 'other', 'info', 'close'],
  // open "/etc/passwd" flags READ mode 0666 · remove name "/tmp/x" · posix-rename old "/a" new "/b" · set "/a" size 7
  [/^open "(?<file>.{0,4096})" flags (?<flags>[A-Z,]{1,64}) mode [0-7]{1,6}$/s, 'other', 'info', 'open'],
  [/^(?:opendir|closedir) "(?<file>.{0,4096})"$/s, 'other', 'info', 'list'],
  [/^(?:remove|rmdir) name "(?<file>.{0,4096})"$/s, 'share-access', 'removed', 'delete'],
  [/^(?:posix-)?rename old "(?<file>.{0,4096}?)" new "(?<to>.{0,4096})"$/s, 'share-access', 'changed', 'rename'],
  [/^(?:symlink|hardlink) old "(?<file>.{0,4096}?)" new "(?<to>.{0,4096})"$/s, 'share-access', 'changed', 'link'],
  [/^mkdir name "(?<file>.{0,4096})" mode [0-7]{1,6}$/s, 'share-access', 'changed', 'mkdir'],
  [/^(?:f|l)?set "(?<file>.{0,4096}?)" (?:size|mode|modtime|owner) .{1,64}$/s, 'other', 'changed', 'attributes'],
  [/^sent status (?<reason>.{1,128})$/, 'other', 'info', 'status'],
];

const putTransfer = (fields: Fields, groups: Readonly<Record<string, string | undefined>>): void => {
  put(fields, 'file.path', groups['file']);
  put(fields, 'openssh.sftp.to', groups['to']);
  put(fields, 'openssh.sftp.flags', groups['flags']);
  put(fields, 'event.reason', groups['reason']);
  // what was written came from the client, what was read went to it
  putNumber(fields, 'source.bytes', groups['written']);
  putNumber(fields, 'destination.bytes', groups['read']);
};

const readMessage = (fields: Fields, message: string): Act => {
  for (const [pattern, act, kind, action] of RULES) {
    const m = pattern.exec(message);
    if (m === null) continue;
    const [category, type, outcome] = KINDS[kind];
    fields['event.action'] = action;
    putTransfer(fields, m.groups ?? {});
    categorise(fields, category, type, outcome);
    return act;
  }
  fields['event.action'] = 'message';
  categorise(fields, ['file'], ['info']);
  return 'other';
};

const readSession = (fields: Fields, m: RegExpExecArray): Act => {
  const opened = m[1] === 'opened';
  fields['event.action'] = opened ? 'session-opened' : 'session-closed';
  categorise(fields, ['session'], [opened ? 'start' : 'end']);
  return 'other';
};

const isSftp = ({ envelope }: RawRecord): boolean =>
  envelope.program === 'internal-sftp' || envelope.program === 'sftp-server';

const open: Parser['open'] = ({ clock }) => {
  const sessions = new Map<string, Session>();
  const sessionOf = (key: string, m: RegExpExecArray | null): Session | undefined => {
    const session = m === null ? sessions.get(key) : { user: m[2] as string, from: m[3] as string };
    if (m?.[1] === 'opened') sessions.set(key, session as Session);
    if (m?.[1] === 'closed') sessions.delete(key);
    if (sessions.size > SESSIONS_MAX) sessions.delete(sessions.keys().next().value as string);
    return session;
  };
  return (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    if (!isSftp(record)) return rejected('not-this-format', 'no line of sftp-server or internal-sftp');
    const { civil, host, program, pid } = record.envelope;
    // a chroot may have its log lines marked: `… [postauth]`
    const message = record.envelope.message.trim().replace(/ \[postauth\]$/, '');
    const fields: Fields = {};
    clock.stamp(fields, civil);
    put(fields, 'host.name', host);
    put(fields, 'process.name', program);
    putNumber(fields, 'process.pid', pid);
    put(fields, 'message', message);
    fields['service.type'] = 'sftp';
    const m = SESSION.exec(message);
    const session = sessionOf(`${host} ${pid}`, m);
    if (session === undefined) warn(fields, 'session-unknown');
    putUser(fields, 'user', session?.user);
    putEndpoint(fields, 'source', session?.from);
    const act = m === null ? readMessage(fields, message) : readSession(fields, m);
    relateAddresses(fields, message.slice(0, 4096));
    return { kind: 'event', act, fields };
  };
};

export default {
  id: 'openssh-sftp',
  title: 'OpenSSH SFTP server: sftp-server, internal-sftp',
  references: [
    { title: 'sftp-server(8), -l log_level', url: 'https://man.openbsd.org/sftp-server.8' },
    {
      title: 'OpenSSH portable: sftp-server.c (message texts)',
      url: 'https://github.com/openssh/openssh-portable/blob/master/sftp-server.c',
    },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 'us' },
  families: ['sessions with user and address, files opened, uploaded and downloaded with bytes, removed and renamed'],
  limits: [
    'user and address stand in the line that opens a session and are carried to the lines of its process',
    'a request is written before it is done; at the level INFO only a `sent status` tells that it failed',
  ],
  recognise: recogniseBy(isSftp, 'are of the SFTP server'),
  claims: isSftp,
  open,
} satisfies Parser as Parser;
