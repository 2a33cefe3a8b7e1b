import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { readPlainText } from '../../src/parse/kit/plain-text.ts';
import { categorise, keepVendor, put, putNumber } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { facilityOf, severityOf } from '../../src/parse/kit/syslog.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

/** Low, so that any product parser that knows the lines wins. */
const CERTAINTY = 0.3;

/** RFC 5424 §6.2.1, in the order of their codes. */
// biome-ignore format: a table
const FACILITIES = [
  'kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron', 'authpriv', 'ftp', 'ntp', 'security', 'console', 'solaris-cron',
  'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7',
];
const SEVERITIES = ['emergency', 'alert', 'critical', 'error', 'warning', 'notice', 'informational', 'debug'];

/** A time, and a host or a program: less is no syslog header but a coincidence. */
const isSyslog = ({ envelope }: RawRecord): boolean =>
  envelope.civil !== undefined && (envelope.host !== undefined || envelope.program !== undefined);

const putPriority = (fields: Fields, priority: number | undefined): void => {
  if (priority === undefined) return;
  putNumber(fields, 'log.syslog.priority', priority);
  putNumber(fields, 'log.syslog.facility.code', facilityOf(priority));
  put(fields, 'log.syslog.facility.name', FACILITIES[facilityOf(priority)]);
  putNumber(fields, 'log.syslog.severity.code', severityOf(priority));
  put(fields, 'log.syslog.severity.name', SEVERITIES[severityOf(priority)]);
};

const open: Parser['open'] = (context) => (record) => {
  if (record.text.trim() === '') return BLANK;
  if (!isSyslog(record)) return rejected('not-this-format', 'no syslog header with a time and a host or program');
  const { civil, host, program, pid, msgid, priority, message, relays, structured } = record.envelope;
  const fields: Fields = {};
  context.clock.stamp(fields, civil);
  put(fields, 'host.name', host);
  put(fields, 'process.name', program);
  putNumber(fields, 'process.pid', pid);
  put(fields, 'log.syslog.hostname', host);
  put(fields, 'log.syslog.appname', program);
  put(fields, 'log.syslog.procid', pid?.toString());
  put(fields, 'log.syslog.msgid', msgid);
  putPriority(fields, priority);
  for (const [id, params] of Object.entries(structured ?? {})) {
    keepVendor(fields, `syslog.structured_data.${id.replaceAll(/[^\w-]+/g, '_')}`, Object.entries(params));
  }
  if (relays !== undefined) fields['syslog.relays'] = [...relays];
  put(fields, 'message', message);
  categorise(fields, ['host'], ['info']);
  relateAddresses(fields, message);
  return { kind: 'event', act: readPlainText(fields, message, program), fields };
};

export default {
  id: 'generic-syslog',
  title: 'Syslog of any program',
  references: [
    { title: 'RFC 3164, The BSD syslog Protocol', url: 'https://www.rfc-editor.org/rfc/rfc3164' },
    { title: 'RFC 5424, The Syslog Protocol', url: 'https://www.rfc-editor.org/rfc/rfc5424' },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 'us' },
  families: ['any message behind a syslog header with a time and a host or program'],
  limits: [
    'Who did what from where is read only where the message says it in plain English or German words (marked read-by-words).',
  ],
  recognise: recogniseBy(isSyslog, 'have a syslog header', CERTAINTY),
  open,
} satisfies Parser as Parser;
