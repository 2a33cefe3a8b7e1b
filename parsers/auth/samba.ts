import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, readClf, readIso } from '../../src/parse/kit/civil.ts';
import { isObject, type Json, parseJson } from '../../src/parse/kit/json.ts';
import { type Phrase, putKind, readPhrase } from '../../src/parse/kit/phrases.ts';
import { put, putNumber, warn } from '../../src/parse/kit/put.ts';
import { readAuthentication, readFileAudit, readSambaJson } from '../../src/parse/kit/samba.ts';
import { BLANK, type Parser, type RawRecord, type Recognition, rejected, type Sample } from '../../src/parse/parser.ts';

/** `[2026/11/27 04:46:57.959763,  3] ../../auth/auth_log.c:647(log_…)`, with `debug pid`, `debug class`: `…,  3, pid=77, class=auth]` */
const HEAD =
  /^\[(\d{4})\/(\d\d)\/(\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,6})?), {1,3}(\d{1,2})(?:, ?([^\]]{0,200}))?\] (\S{1,200}?)\(([\w:~]{1,100})\)(?:\s+|$)/;
/** Until 4.8 its kind stands in front: `JSON Authentication: {"timestamp": "…", "type": …` */
const JSON_LINE = /^\s*(?:JSON [\w ]{1,32}: )?(?=\{"timestamp": "[^"]{10,40}", "type": "\w)/;
/** An audit's sentence under any name: `audit[71]: Auth: [SMB2,(null)] user [WERFT]\[kim] at [Fri, 27 Nov 2026 04:46:58.242989 UTC] with …` */
const AUDIT = /^(?:Auth|Successful AuthZ): \[[^,\]]{1,64},[^\]]{0,64}\] user \[[^\]]{0,255}\]\\\[/;
const AUDITED = / at \[\w{3}, ([^\]]{10,60})\] /;
const PROGRAM =
  /^(?:smbd|nmbd|winbindd|samba|samba-dcerpcd|rpcd_\w{1,24}|smbd_audit|full_audit|samba_(?:kcc|dnsupdate|spnupdate))$/;

interface Line {
  readonly civil: Civil | undefined;
  /** What stands in the head of Samba's own files: verbosity, place in the source. */
  readonly level: string | undefined;
  readonly place: string | undefined;
  readonly pid: string | undefined;
  readonly text: string;
}

const NOWHERE = { level: undefined, place: undefined, pid: undefined };

const lineOf = ({ text: whole, envelope }: RawRecord): Line | undefined => {
  const { program, civil } = envelope;
  const sent = program !== undefined && PROGRAM.test(program);
  const text = sent ? envelope.message.trimStart() : whole;
  const head = HEAD.exec(text);
  if (head === null && !sent && AUDIT.test(envelope.message)) {
    const said = AUDITED.exec(envelope.message.slice(0, 2048))?.[1];
    return { ...NOWHERE, civil: civil ?? readClf(said ?? '')?.civil, text: envelope.message.trim() };
  }
  if (head === null)
    return sent || JSON_LINE.test(text)
      ? { ...NOWHERE, civil: sent ? civil : undefined, text: text.trim() }
      : undefined;
  const [, year, month, day, time, level, details, place] = head;
  return {
    civil: sent ? civil : readIso(`${year}-${month}-${day} ${time}`)?.civil,
    level,
    place: `${place?.replace(/^(?:\.\.\/)+/, '')}`,
    pid: /\bpid=(\d{1,10})/.exec(details ?? '')?.[1],
    text: text.slice(head[0].length).trim(),
  };
};

const jsonOf = (text: string): Json | undefined => {
  const start = JSON_LINE.exec(text);
  const value = start === null ? undefined : parseJson(text.slice(start[0].length));
  return isObject(value) ? value : undefined;
};

/** Client, attempt and answer: what the line for people and the one in JSON say of one authentication alike. */
const attemptOf = (fields: Fields): string =>
  ['source.ip', 'source.port', 'user.name', 'user.domain', 'samba.status'].map((name) => fields[name]).join(' ');

const open: Parser['open'] = ({ clock }) => {
  /** The authentication that the record before told in words: the same in JSON follows it. */
  let told: string | undefined;
  return (record) => {
    if (record.text.trim() === '') return BLANK;
    const line = lineOf(record);
    if (line === undefined) return rejected('not-this-format', 'no line of Samba');
    if (line.text === '') return { kind: 'skipped', reason: 'header' };
    const before = told;
    told = undefined;
    const fields: Fields = { 'observer.product': 'Samba' };
    const { host, program, pid } = record.envelope;
    const sent = program !== undefined && PROGRAM.test(program);
    const text = line.text.slice(0, 16_384);
    const json = jsonOf(line.text);
    const words = json === undefined ? readAuthentication(fields, text) : undefined;
    const act =
      (json === undefined ? words : readSambaJson(fields, json)) ??
      readPhrase(fields, PHRASES, text) ??
      readFileAudit(fields, text);
    if (json !== undefined && before !== undefined && attemptOf(fields) === before) return { kind: 'joined' };
    if (words !== undefined) told = attemptOf(fields);
    const stated = typeof json?.['timestamp'] === 'string' ? readIso(json['timestamp'])?.civil : undefined;
    const civil = stated ?? line.civil;
    if (civil === undefined) warn(fields, 'time-missing');
    clock.stamp(fields, civil);
    if (sent) {
      put(fields, 'host.name', host);
      put(fields, 'process.name', program);
    }
    putNumber(fields, 'process.pid', line.pid ?? (sent ? pid : undefined));
    put(fields, 'log.level', line.level);
    put(fields, 'samba.place', line.place);
    put(fields, 'message', text);
    if (act === undefined) putKind(fields, 'info');
    if (act === 'share-access' && fields['network.protocol'] === undefined) fields['network.protocol'] = 'smb';
    // `ipv4:192.0.2.7:50000`
    relateAddresses(fields, text.replaceAll(/ipv[46]:/g, ' '));
    return { kind: 'event', act: act ?? 'other', fields };
  };
};

// ---------------------------------------------------------------- messages, first match wins

// biome-ignore format: a table
const PHRASES: readonly Phrase[] = [
  // check_ntlm_password:  Authentication for user [kim] -> [kim] FAILED with error NT_STATUS_WRONG_PASSWORD, authoritative=1
  [/^(?:check_ntlm_password|auth_check_ntlm_password): {1,4}Authentication for user \[(?<user>.{0,256})\] -> \[.{0,256}\] FAILED with error (?<reason>NT_STATUS_\w{1,64})/i, 'authentication', 'login', 'refused'],
  [/^(?:check_ntlm_password|auth_check_ntlm_password): {1,4}(?:\w{1,20} )?authentication for user \[(?<user>.{0,256}?)\] -> \[.{0,512}\] succeeded/i, 'authentication', 'login', 'passed'],
  // pc7 (ipv4:192.0.2.7:50000) signed connect to service Plans initially as user WERFT\kim (uid=1000, gid=100) (pid 77)
  [/^(?<device>\S{1,255}) \((?:ipv[46]:)?(?<ip>[\da-fA-F.:]{2,45}?)(?::(?<port>\d{1,5}))?\) (?:signed |encrypted )?connect to service (?<object>.{1,80}?) (?:initially )?as user (?<user>.{1,256}?) \(uid=/, 'connect', 'share-access', 'opened'],
  [/^(?<device>\S{1,255}) \((?:ipv[46]:)?(?<ip>[\da-fA-F.:]{2,45}?)(?::(?<port>\d{1,5}))?\) closed connection to service (?<object>.{1,80})$/m, 'disconnect', 'other', 'closed'],
  [/^(?<device>\S{1,255}) \((?:ipv[46]:)?(?<ip>[\da-fA-F.:]{2,45}?)(?::(?<port>\d{1,5}))?\) (?<reason>couldn't find service) (?<object>.{1,80})$/m, 'connect', 'share-access', 'broken'],
  // create_connection_session_info: user 'kim' (from session setup) not permitted to access this share (private)
  [/^(?:create_connection_session_info: )?(?:guest user|user '(?<user>.{1,256})') \(from session setup\) (?<reason>not permitted to access this share) \((?<object>.{1,80})\)/, 'connect', 'share-access', 'broken'],
  [/^(?<reason>Denied connection from|Connection denied from) (?:(?:\S{1,255} )?\()?(?<ip>[\da-fA-F.:]{2,45})\)?/, 'refused', 'flow-denied', 'denied'],
  [/^read_fd_with_timeout failed for client (?<ip>[\da-fA-F.:]{2,45}) (?<reason>read error = .{1,200}?)\.?$/m, 'lost-connection', 'other', 'broken'],
  [/^(?:smbd|nmbd|winbindd|samba) version \S{1,64} started|^Got SIG\w{3,5}|(?:Reloading services after SIGHUP|going down)/, 'state', 'source-state', 'state'],
];

const claims = (record: RawRecord): boolean => lineOf(record) !== undefined;

/** A sample is of lines: in Samba's own files what it says stands indented below its head. */
const recognise = ({ records }: Sample): Recognition => {
  const lines = records.filter(({ text }) => text.trim() !== '');
  const known = lines.filter(claims).length;
  if (known === 0) return { certainty: 0, reason: 'no lines of Samba' };
  const below = lines.filter((line) => line.text.startsWith('  ') && !claims(line)).length;
  return {
    certainty: (0.97 * (known + below)) / lines.length,
    reason: `${known} of ${lines.length} lines are of Samba`,
  };
};

export default {
  id: 'samba',
  title: 'Samba: smbd, winbindd, domain controller; audit logs',
  references: [
    { title: 'Samba wiki: Setting up Audit Logging', url: 'https://wiki.samba.org/index.php/Setting_up_Audit_Logging' },
    { title: 'vfs_full_audit(8)', url: 'https://www.samba.org/samba/docs/current/man-html/vfs_full_audit.8.html' },
    {
      title: 'Samba source: auth/auth_log.c',
      url: 'https://gitlab.com/samba-team/samba/-/blob/master/auth/auth_log.c',
    },
  ],
  framing: {
    startsWith:
      /^(?:\[\d{4}\/\d\d\/\d\d |\s*(?:JSON [\w ]{1,32}: )?\{"timestamp": "|<\d{1,3}>|(?:Auth|Successful AuthZ): \[|[A-Z][a-z]{2} [ \d]?\d \d\d:|\d{4}-\d\d-\d\d)/,
  },
  states: { zone: 'varies', year: 'varies', resolution: 'us' },
  families: [
    'authentications and authorisations in words and JSON (auth_audit, auth_json_audit), password, group and directory changes in JSON',
    'shares connected to and refused, file operations of vfs_full_audit',
    'own files and syslog',
  ],
  limits: [
    'without auth_audit a login that succeeded stands in the log from log level 2 on',
    'the prefix of full_audit is set by the administrator: its first part is taken for the user, an address for the client',
  ],
  recognise,
  claims,
  open,
} satisfies Parser as Parser;
