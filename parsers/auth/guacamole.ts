import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, readBsd, readClf, readIso } from '../../src/parse/kit/civil.ts';
import { type Phrase, phraseOf, putKind, putPhrase } from '../../src/parse/kit/phrases.ts';
import { put, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

/** java.util.logging writes the time on a line of its own: `Apr 15, 2013 8:34:08 PM org.slf4j.impl.JCLLoggerAdapter warn` */
const JUL = /^([A-Za-zä]{3,4}\.? \d{1,2}, \d{4} \d{1,2}:\d\d:\d\d)(?: ([AP])M)? [\w.$]{3,200} \w{1,60}$/i;
/** `2023-04-06T09:05:54,991Z [http-nio-8080-exec-9] WARN  o.a.g.r.auth.AuthenticationService - text`, `09:05:54.991 [main] INFO …` */
const LOGBACK =
  /^(?:\S{8,30} )?(?:[\d:.,]{8,14} )?\[[^\]]{1,100}\] (TRACE|DEBUG|INFO|WARN|ERROR) {1,2}([\w.$]{1,200}) - (.*)$/s;
/** `28-Mar-2022 07:01:48.459 INFO [main] org.apache.coyote.AbstractProtocol.start text`: the servlet container's own */
const TOMCAT = /^\d{2}-[A-Za-z]{3}-\d{4} [\d:.]{8,12} (\w{4,7}) \[[^\]]{1,100}\] ([\w.$]{1,200}) (.*)$/s;
/** Lines of a Java stack trace. */
const TRACE = /^\s{1,8}at [\w.$]{1,200}\(|^\s{1,8}\.{3} \d{1,5} (?:more|common frames)|^Caused by: /;
const LEVELED = /^(WARNING|INFO|SEVERE|WARN|ERROR): (.*)$/s;

interface Line {
  readonly civil: Civil | undefined;
  readonly level: string | undefined;
  readonly logger: string | undefined;
  readonly text: string;
}

const afternoon = (civil: Civil | undefined, half: string | undefined): Civil | undefined =>
  civil === undefined || half === undefined
    ? civil
    : { ...civil, hour: (civil.hour % 12) + (half.toLowerCase() === 'p' ? 12 : 0) };

/** The second line of java.util.logging: its time stands on the first. */
const leveled = (text: string): Line | undefined => {
  const m = LEVELED.exec(text);
  return m === null ? undefined : { civil: undefined, level: m[1], logger: undefined, text: m[2] as string };
};

const read = (record: RawRecord): Line | undefined => {
  const raw = record.text.trim();
  const own = LOGBACK.exec(raw) ?? LOGBACK.exec(record.envelope.message);
  const civil = readIso(raw)?.civil ?? record.envelope.civil;
  if (own !== null) return { civil, level: own[1], logger: own[2], text: own[3] as string };
  const tomcat = TOMCAT.exec(raw);
  if (tomcat !== null)
    return { civil: readClf(raw.slice(0, 24))?.civil, level: tomcat[1], logger: tomcat[2], text: tomcat[3] as string };
  const { program, message } = record.envelope;
  const jul = leveled(raw);
  if (jul !== undefined) return jul;
  return program !== undefined && /^guac(?:d|amole)$/.test(program)
    ? { civil, level: undefined, logger: program, text: message }
    : undefined;
};

const OURS = /guac|\bo\.a\.g\.|Authentication attempt from|successfully authenticated from/i;
const claims = (record: RawRecord): boolean => {
  const line = read(record);
  return line !== undefined && OURS.test(`${line.logger ?? ''} ${line.text.slice(0, 300)}`);
};

const open: Parser['open'] = (context) => {
  let before: Civil | undefined;
  return (record) => {
    const text = record.text.trim();
    if (text === '') return BLANK;
    const cut = text.indexOf('\n');
    const jul = JUL.exec(cut < 0 ? text : text.slice(0, cut));
    if (jul !== null) {
      before = afternoon(readBsd(`${text.charAt(0).toUpperCase()}${(jul[1] as string).slice(1)}`)?.civil, jul[2]);
      if (cut < 0) return { kind: 'skipped', reason: 'header' };
    }
    if (TRACE.test(record.text)) return { kind: 'joined' };
    const line = jul === null ? read(record) : leveled(text.slice(cut + 1));
    if (line === undefined) return rejected('not-this-format', 'no line of Guacamole');
    const fields: Fields = { 'service.name': 'guacamole' };
    const time = line.civil ?? before;
    if (time === undefined) warn(fields, 'time-missing');
    context.clock.stamp(fields, time);
    put(fields, 'log.level', line.level?.toLowerCase());
    put(fields, 'log.logger', line.logger);
    put(fields, 'message', line.text);
    const found = phraseOf(PHRASES, (line.text.split('\n', 1)[0] as string).slice(0, 2000));
    if (found === undefined) putKind(fields, 'info');
    else putPhrase(fields, found.phrase, found.groups);
    const act = found?.phrase[2] ?? 'other';
    if (act === 'login' || act === 'logout') put(fields, 'service.type', 'web');
    relateAddresses(fields, line.text.slice(0, 2000));
    return { kind: 'event', act, fields };
  };
};

// ---------------------------------------------------------------- messages, first match wins

// biome-ignore format: a table
const PHRASES: readonly Phrase[] = [
  // behind proxies the client comes first: [198.51.100.7, 10.0.0.4]
  [/^(?<reason>Authentication attempt) (?:ignored because the authentication provider|from \[?(?<ip>[\da-fA-F.:]{2,45})\]?(?:, [^\]]{1,400}\])? for user "(?<user>.{0,255})" (?:failed|has been blocked))/s, 'authentication-failed', 'login', 'refused'],
  // guacamole-auth-ban: Blocking authentication attempt from address "192.0.2.7" due to number of authentication failures.
  [/^(?<reason>Blocking authentication attempt) from address "(?<ip>[\da-fA-F.:]{2,45})"/, 'blocked', 'login', 'refused'],
  [/^Address "(?<ip>[\da-fA-F.:]{2,45})" has been (?:automatically )?(?<reason>blocked|banned)/, 'address-blocked', 'threat', 'stopped'],
  [/^User "(?<user>.{1,255})" successfully authenticated from \[?(?<ip>[\da-fA-F.:]{2,45}?)\]?(?:, [^\]]{1,400}\])?\.?$/s, 'authenticated', 'login', 'passed'],
  [/^User "(?<user>.{1,255})" connected to (?:connection|active connection|group) "(?<object>[^"]{1,200})"/, 'connected', 'flow-start', 'opened'],
  [/^User "(?<user>.{1,255})" disconnected from (?:connection|active connection|group) "(?<object>[^"]{1,200})"/, 'disconnected', 'flow', 'closed'],
  [/^User "(?<user>.{1,255})" (?:logged out|session .{0,40}(?:ended|expired))/, 'logged-out', 'logout', 'left'],
  [/^Connecting to \w{2,10} server (?<to>[\w.:-]{1,255}?) port (?<toPort>\d{1,5})/i, 'target-connecting', 'flow-start', 'opened'],
  [/^(?:Guacamole proxy daemon \(guacd\)|Listening on host|Starting ProtocolHandler|Extension ".{1,200}" .{0,40}loaded|Stopping ProtocolHandler)/, 'state', 'source-state', 'state'],
];

export default {
  id: 'guacamole',
  title: 'Apache Guacamole',
  references: [
    {
      title: 'Apache Guacamole manual: logging',
      url: 'https://guacamole.apache.org/doc/gug/configuring-guacamole.html',
    },
  ],
  // a level without time, and a trace, belong to the line before
  framing: { startsWith: /^(?!\s{1,8}(?:at |\.{3} \d)|Caused by: |(?:WARNING|INFO|SEVERE): )/ },
  states: { zone: 'varies', year: 'varies', resolution: 'ms' },
  families: ['logins, connections; logback, java.util.logging, Tomcat around it, guacd in syslog'],
  recognise: recogniseBy(claims, 'are lines of Guacamole', 0.97),
  claims,
  open,
} satisfies Parser as Parser;
