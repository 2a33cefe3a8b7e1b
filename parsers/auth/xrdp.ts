import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, readIso } from '../../src/parse/kit/civil.ts';
import { type Phrase, phraseOf, putKind, putPhrase } from '../../src/parse/kit/phrases.ts';
import { put, putNumber, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

/** `[20220407-12:11:06] [INFO ] text`; `[2022-04-07T12:11:06.123+0200] [INFO ] text` since 0.9.18 */
const OWN =
  /^\[(?:(\d{4})(\d\d)(\d\d)-(\d\d:\d\d:\d\d)|(\d{4}-\d\d-\d\dT[\d:.]{8,15}(?:[+-]\d\d:?\d\d)?))\] (?:\[(\w{3,6}) {0,2}\] )?(.*)$/s;
const LEVEL = /^\[(INFO|WARN|ERROR|DEBUG|CORE|TRACE) {0,2}\] (.*)$/s;

interface Line {
  readonly civil: Civil | undefined;
  readonly level: string | undefined;
  readonly text: string;
  readonly named: boolean;
}

const read = (record: RawRecord): Line | undefined => {
  const { program, message, civil } = record.envelope;
  if (program !== undefined && /^xrdp(?:-sesman|-chansrv|-sesexec)?$/.test(program)) {
    const m = LEVEL.exec(message);
    return { civil, level: m?.[1], text: m?.[2] ?? message, named: true };
  }
  const m = OWN.exec(record.text.trim());
  if (m === null) return undefined;
  const time = m[5] ?? `${m[1]}-${m[2]}-${m[3]}T${m[4]}`;
  return { civil: readIso(time)?.civil, level: m[6], text: m[7] as string, named: false };
};

const open: Parser['open'] = (context) => (record) => {
  if (record.text.trim() === '') return BLANK;
  const line = read(record);
  if (line === undefined) return rejected('not-this-format', 'no line of xrdp');
  const fields: Fields = { 'service.name': 'xrdp' };
  if (line.civil === undefined) warn(fields, 'time-missing');
  context.clock.stamp(fields, line.civil);
  if (line.named) {
    put(fields, 'host.name', record.envelope.host);
    put(fields, 'process.name', record.envelope.program);
    putNumber(fields, 'process.pid', record.envelope.pid);
  }
  put(fields, 'log.level', line.level?.toLowerCase());
  put(fields, 'message', line.text);
  const found = phraseOf(PHRASES, line.text.slice(0, 2000));
  if (found === undefined) putKind(fields, 'info');
  else putPhrase(fields, found.phrase, found.groups);
  const act = found?.phrase[2] ?? 'other';
  if (act === 'login' || act === 'logout') put(fields, 'service.type', 'rdp');
  relateAddresses(fields, line.text.slice(0, 2000));
  return { kind: 'event', act, fields };
};

// ---------------------------------------------------------------- messages, first match wins

// biome-ignore format: a table
const PHRASES: readonly Phrase[] = [
  // AUTHFAIL: user=kim ip=::ffff:198.51.100.15 time=1649351466; what the client calls itself may imitate the rest
  [/^AUTHFAIL: user=(?<user>.{0,512}) ip=(?<ip>[\da-fA-F.:]{2,45}) time=\d{1,12}$/s, 'authfail', 'login', 'refused'],
  [/(?:created session|Created session|access granted).{0,40}?: username (?<user>.{1,255}?),.{0,120}? ip \[?(?<ip>[\da-fA-F:.]{2,45})\]?:(?<port>\d{1,5})(?![\d.:])/, 'session-created', 'login', 'passed'],
  [/reconnected session: username (?<user>.{1,255}?),.{0,120}? ip \[?(?<ip>[\da-fA-F:.]{2,45})\]?:(?<port>\d{1,5})(?![\d.:])/, 'session-reconnected', 'login', 'passed'],
  [/terminated session: {1,2}username (?<user>.{1,255}?),(?:.{0,120}? ip \[?(?<ip>[\da-fA-F:.]{2,45})\]?:(?<port>\d{1,5})(?![\d.:]))?/, 'session-terminated', 'logout', 'left'],
  [/connection received from (?<ip>[\da-fA-F.:]{2,45}?) port (?<port>\d{1,5})/i, 'connected', 'flow-start', 'opened'],
  [/(?:TLS|RDP) connection established from (?<ip>[\da-fA-F.:]{2,45}?) port (?<port>\d{1,5})/, 'tls-established', 'other', 'session'],
  // sesman 0.10 tells the attempt first; who may in is told by `created session`, who may not by AUTHFAIL
  [/^Received system login request from \S{1,64} for user: (?<user>.{1,255}?) IP: (?<ip>[\da-fA-F.:]{2,45})$/, 'login-requested', 'other', 'asked'],
  [/^(?<reason>Username or password error|Group membership error|Access denied) for user: ?(?<user>.{1,255})$/, 'login-failed', 'other', 'refused'],
  [/^Access permitted for user: (?<user>.{1,255})$/, 'access-permitted', 'other', 'passed'],
  [/^pam_authenticate failed: (?<reason>.{1,200})/, 'pam-failed', 'other', 'refused'],
  [/\blogin successful for (?:user (?<user>\S{1,255}) on )?display \d{1,5}/, 'login-successful', 'other', 'session'],
  [/\blogin failed for (?:display \d{1,5}|user:? ?(?<user>\S{1,255}))/, 'login-failed', 'other', 'refused'],
  [/^(?:starting xrdp|listening to port|shutting down|xrdp-sesman)/i, 'state', 'source-state', 'state'],
];

const claims = (record: RawRecord): boolean => {
  const line = read(record);
  return line !== undefined && (line.named || line.level !== undefined);
};

export default {
  id: 'xrdp',
  title: 'xrdp, xrdp-sesman',
  references: [
    { title: 'xrdp: sesman.ini, logging', url: 'https://manpages.debian.org/stable/xrdp/sesman.ini.5.en.html' },
    { title: 'xrdp source: sesman', url: 'https://github.com/neutrinolabs/xrdp/tree/devel/sesman' },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 's' },
  families: ['logins, sessions, connections; own files and syslog'],
  recognise: recogniseBy(claims, 'are lines of xrdp', 0.97),
  claims,
  open,
} satisfies Parser as Parser;
