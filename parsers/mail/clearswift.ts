import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Phrase, phraseOf, putPhrase } from '../../src/parse/kit/phrases.ts';
import { categorise, put, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// INFO  [Consolidator]- Reading 3 log files · WARN [Web UI] - User admin …: level, part of the gateway, text
const LINE = /^(TRACE|DEBUG|INFO|WARN|WARNING|ERROR|FATAL) {1,3}\[([^\]]{1,128})(?:\] ?- ?(.*))?$/s;
/** Names under which the gateway sends to syslog. */
const PROGRAM = /^(?:audit|system|tracking|alarm|clearswift|seg|sig|tomcat|gateway|policyengine|smtp)$/i;

/** What the lines say about people and mails; the vendor publishes no list. */
const PHRASES: readonly Phrase[] = [
  // User admin logged in from 192.0.2.5 · Login succeeded for user admin (192.0.2.5)
  [/\b(?:[Ll]ogin|[Aa]uthentication) (?:failed|failure|denied|rejected)(?: (?:for|of|by))?(?: user)? ?['"]?(?<user>[^\s'",;()]{1,256})?/, 'login', 'admin-login', 'refused'],
  [/\b[Uu]ser ['"]?(?<user>[^\s'",;()]{1,256})['"]? (?:has )?(?:failed to log ?(?:in|on)|could not log)/, 'login', 'admin-login', 'refused'],
  [/\b[Uu]ser ['"]?(?<user>[^\s'",;()]{1,256})['"]? (?:has )?logged (?:out|off)/, 'logout', 'logout', 'left'],
  [/\b[Uu]ser ['"]?(?<user>[^\s'",;()]{1,256})['"]? (?:has )?logged (?:in|on)/, 'login', 'admin-login', 'passed'],
  [/\b(?:[Ll]ogin|[Aa]uthentication) (?:succeeded|success\w*|ok)(?: (?:for|of|by))?(?: user)? ?['"]?(?<user>[^\s'",;()]{1,256})?/, 'login', 'admin-login', 'passed'],
  [/\b(?:[Cc]onfiguration|[Pp]olicy) (?:has been |was )?(?:applied|changed|saved|imported|restored|deployed|published)(?: by (?:user )?['"]?(?<user>[^\s'",;()]{1,256}))?/, 'change', 'config-change', 'changed'],
  [/^(?:Starting|Stopping|Started|Stopped|Shutting down|Service .{1,64} (?:started|stopped))/, 'state', 'source-state', 'state'],
]; // biome-ignore format: a table

const lineOf = (record: RawRecord): RegExpExecArray | null => {
  const { program, message } = record.envelope;
  return program === undefined || !PROGRAM.test(program) ? null : LINE.exec(message);
};

const claims = (record: RawRecord): boolean => lineOf(record) !== null;

const open: Parser['open'] =
  ({ clock }) =>
  (record) => {
    if (record.text.trim() === '') return BLANK;
    const m = lineOf(record);
    if (m === null) return rejected('not-this-format', 'no level and part of a Clearswift gateway');
    const fields: Fields = { 'observer.vendor': 'Clearswift', 'observer.product': 'Secure Email Gateway' };
    const { civil, host, program } = record.envelope;
    if (civil === undefined) warn(fields, 'time-missing');
    clock.stamp(fields, civil);
    const [, level, part, text] = m;
    put(fields, 'observer.name', host);
    put(fields, 'process.name', program);
    put(fields, 'log.level', level?.toLowerCase());
    put(fields, 'log.logger', part);
    put(fields, 'message', text);
    const said = (text ?? '').slice(0, 2048);
    const found = phraseOf(PHRASES, said);
    if (found === undefined) categorise(fields, ['process'], [/^(?:ERROR|FATAL)/.test(level ?? '') ? 'error' : 'info']);
    else putPhrase(fields, found.phrase, found.groups);
    relateAddresses(fields, record.text.slice(0, 8192));
    const addresses = fields['related.ip'];
    if (fields['user.name'] !== undefined && Array.isArray(addresses) && addresses.length === 1)
      fields['source.ip'] = addresses[0] as string;
    return { kind: 'event', act: found?.phrase[2] ?? 'other', fields };
  };

export default {
  id: 'clearswift',
  title: 'Clearswift Secure Email Gateway',
  references: [
    {
      title: 'Clearswift SEG online help: configuring SMTP log levels',
      url: 'https://clearswifthelp.clearswift.com/SEG/470/en/Content/Sections/SystemsCenter/SYCSmtpLogsConfigure.htm',
    },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 'us' },
  families: [
    'lines of the gateway’s own parts in syslog: level, part, text; logins and configuration where they say so',
  ],
  limits: [
    'the vendor publishes no list of messages: what a line says beyond level and part is read by general words',
    'the mail transfer of the gateway writes as Postfix and is read as that',
  ],
  recognise: recogniseBy(claims, 'are lines of a Clearswift gateway', 0.9),
  claims,
  open,
} satisfies Parser as Parser;
