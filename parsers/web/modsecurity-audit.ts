import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, readClf } from '../../src/parse/kit/civil.ts';
import { putSecurityAlert } from '../../src/parse/kit/modsecurity.ts';
import { add, categorise, put, putEndpoint, putNumber, warn } from '../../src/parse/kit/put.ts';
import { putRequestLine } from '../../src/parse/kit/url.ts';
import { BLANK, type Parser, type RawRecord, type Recognition, rejected } from '../../src/parse/parser.ts';

// ---------------------------------------------------------------- sections

// --6ef24602-A-- (ModSecurity 2) · ---PN8bOaIr---A-- (libmodsecurity 3)
const START = /^-{2,3}[\da-zA-Z]{6,32}-{1,3}A--\s*$/;
const BOUNDARY = /^(-{2,3}[\da-zA-Z]{6,32}-{1,3})([A-Z])--\s*$/;
// [02/Nov/2021:09:57:47 +0100] V6BEawUs8J4AACcbno4AAAAE 203.0.113.66 43077 192.0.2.80 443
const HEAD = /^\[([^\]]{20,40})\] (\S{1,128}) (\S{1,255}) (\d{1,5}) (\S{1,255}) (\d{1,5})/;

/** Characters of one section and lines of a record that are looked at: bodies are as long as who sends them wants. */
const SECTION_MAX = 32_768;
const LINES_MAX = 5000;

/** Lines of each section by its letter; only the boundary of the entry's own header counts, which no body can know. */
const readSections = (text: string): ReadonlyMap<string, readonly string[]> => {
  const sections = new Map<string, string[]>();
  let own: string | undefined;
  let lines: string[] | undefined;
  let size = 0;
  for (const line of text.split(/\r?\n/, LINES_MAX)) {
    const boundary = BOUNDARY.exec(line.slice(0, 64));
    own ??= boundary?.[1];
    if (boundary !== null && boundary[1] === own) {
      lines = [];
      size = 0;
      sections.set(boundary[2] as string, lines);
      continue;
    }
    size += line.length;
    if (size <= SECTION_MAX) lines?.push(line);
  }
  return sections;
};

// ---------------------------------------------------------------- fields

// Host: www.example.com
const HEADER_LINE = /^([\w-]{1,64}):[ \t]*(.{0,8192})/;

const readHeaders = (lines: readonly string[]): ReadonlyMap<string, string> => {
  const headers = new Map<string, string>();
  for (const line of lines.slice(1, 200)) {
    const m = HEADER_LINE.exec(line);
    const name = m?.[1]?.toLowerCase();
    if (name !== undefined && !headers.has(name)) headers.set(name, m?.[2] as string);
  }
  return headers;
};

/** Headers in which proxies say for whom they ask. */
const FORWARDED = ['x-forwarded-for', 'forwarded', 'x-real-ip', 'true-client-ip', 'cf-connecting-ip'];

const putRequest = (fields: Fields, lines: readonly string[]): void => {
  const line = lines[0] ?? '';
  if (line !== '' && !putRequestLine(fields, line)) put(fields, 'modsecurity.request', line.slice(0, 8192));
  const headers = readHeaders(lines);
  put(
    fields,
    'url.domain',
    headers
      .get('host')
      ?.toLowerCase()
      .replace(/:\d{1,5}$/, ''),
  );
  put(fields, 'user_agent.original', headers.get('user-agent'));
  put(fields, 'http.request.referrer', headers.get('referer'));
  put(fields, 'http.request.mime_type', headers.get('content-type')?.split(';', 1)[0]);
  putNumber(fields, 'http.request.body.bytes', headers.get('content-length'));
  for (const name of FORWARDED) relateAddresses(fields, headers.get(name) ?? '');
};

const putResponse = (fields: Fields, lines: readonly string[]): void => {
  putNumber(fields, 'http.response.status_code', /^HTTP\/\d(?:\.\d)? (\d{3})\b/.exec(lines[0] ?? '')?.[1]);
  const headers = readHeaders(lines);
  put(fields, 'http.response.mime_type', headers.get('content-type')?.split(';', 1)[0]);
  putNumber(fields, 'http.response.body.bytes', headers.get('content-length'));
};

// Message: Warning. Pattern match … (2) · ModSecurity: Warning. Matched … (3)
const ALERT = /^(?:Message|ModSecurity): (?=\S)/;
// Action: Intercepted (phase 2)
const INTERCEPTED = /^Action: Intercepted/;
const DENIED = /^(?:Message|ModSecurity): Access denied\b/;

/** Of several alerts the one that denied the request is the event's; all rules' ids are kept. */
const putAlerts = (fields: Fields, lines: readonly string[]): boolean => {
  const alerts = lines.filter((line) => ALERT.test(line)).slice(0, 100);
  const deciding = alerts.find((line) => DENIED.test(line)) ?? alerts[0];
  if (deciding !== undefined) {
    const domain = fields['url.domain'];
    putSecurityAlert(fields, deciding);
    if (domain !== undefined) fields['url.domain'] = domain;
    put(fields, 'event.reason', deciding.replace(ALERT, '').slice(0, 8192));
  }
  for (const alert of alerts) add(fields, 'modsecurity.rules', /\[id "(\d{1,10})"\]/.exec(alert)?.[1]);
  const trailer = readHeaders(['', ...lines.filter((line) => !ALERT.test(line))]);
  put(fields, 'observer.version', /ModSecurity[^/]{0,32}\/v?(\d[\w.-]{0,32})/.exec(trailer.get('producer') ?? '')?.[1]);
  put(fields, 'modsecurity.engine_mode', trailer.get('engine-mode')?.replaceAll('"', ''));
  put(fields, 'modsecurity.handler', trailer.get('apache-handler'));
  return alerts.length > 0;
};

const meaningOf = (fields: Fields, alerted: boolean, denied: boolean): Act => {
  fields['event.action'] = denied ? 'access-denied' : alerted ? 'rule-matched' : 'request';
  if (!alerted && !denied) {
    const status = fields['http.response.status_code'];
    const known = typeof status === 'number' && status > 0;
    categorise(fields, ['web'], ['access'], known ? (status < 400 ? 'success' : 'failure') : undefined);
    return 'http-request';
  }
  fields['event.kind'] = 'alert';
  categorise(fields, ['web', 'intrusion_detection'], [denied ? 'denied' : 'info']);
  return 'threat';
};

// ---------------------------------------------------------------- parser

const open: Parser['open'] = (context) => (record) => {
  if (record.text.trim() === '') return BLANK;
  const sections = readSections(record.text);
  const line = sections.get('A')?.[0] ?? '';
  const head = HEAD.exec(line);
  if (head === null)
    return rejected(sections.has('A') ? 'truncated' : 'not-this-format', 'no header of an audit log entry');
  const [, time, id, source, sourcePort, server, serverPort] = head as unknown as string[];
  const fields: Fields = { 'observer.product': 'ModSecurity' };
  const civil: Civil | undefined = readClf(time as string)?.civil;
  if (civil === undefined) warn(fields, 'time-missing');
  context.clock.stamp(fields, civil);
  put(fields, 'http.request.id', id);
  putEndpoint(fields, 'source', source);
  putNumber(fields, 'source.port', sourcePort);
  putEndpoint(fields, 'destination', server);
  putNumber(fields, 'destination.port', serverPort);
  const trailer = sections.get('H') ?? [];
  putRequest(fields, sections.get('B') ?? []);
  putResponse(fields, sections.get('F') ?? []);
  const alerted = putAlerts(fields, trailer);
  const denied = trailer.some((line) => INTERCEPTED.test(line) || DENIED.test(line));
  // every entry ends in Z: without it the file was cut, or the entry is still being written
  if (!sections.has('Z')) warn(fields, 'truncated');
  relateAddresses(fields, trailer.join('\n').slice(0, SECTION_MAX));
  return { kind: 'event', act: meaningOf(fields, alerted, denied), fields };
};

const claims = (record: RawRecord): boolean => START.test(record.text.split(/\r?\n/, 1)[0] as string);

/** Recognised by lines: the sample may not be framed yet. */
const recognise: Parser['recognise'] = ({ records }): Recognition => {
  const lines = records.flatMap(({ text }) => text.split(/\r?\n/));
  const at = lines.findIndex((line) => START.test(line));
  if (at < 0 || !HEAD.test(lines[at + 1] ?? '')) return { certainty: 0, reason: 'no entry of a ModSecurity audit log' };
  // what stands before the first entry is the rest of one, where a file was rotated
  const alone = lines.slice(0, at).every((line) => line.trim() === '' || !/^\S{3,10} +\d/.test(line));
  return { certainty: alone ? 0.98 : 0.6, reason: 'sections of a ModSecurity audit log' };
};

export default {
  id: 'modsecurity-audit',
  title: 'ModSecurity audit log',
  references: [
    {
      title: 'ModSecurity 2 Data Formats: Audit Log',
      url: 'https://github.com/owasp-modsecurity/ModSecurity/wiki/ModSecurity-2-Data-Formats',
    },
    {
      title: 'ModSecurity Reference Manual (v3): SecAuditLogParts',
      url: 'https://github.com/owasp-modsecurity/ModSecurity/wiki/Reference-Manual-%28v3.x%29',
    },
  ],
  framing: { startsWith: START, quoting: true },
  states: { zone: 'stated', year: 'stated', resolution: 's' },
  versions: ['native (serial or concurrent) audit log of ModSecurity 2 and 3'],
  families: ['requests and responses with the rules that matched, refusals'],
  limits: [
    'Bodies (sections C, E, I) are not read into fields: they may hold passwords; the record keeps them.',
    'A body that imitates the header of an entry begins a record of its own: both then bear the warning truncated.',
    'The JSON form of the audit log (SecAuditLogFormat JSON).',
  ],
  recognise,
  claims,
  open,
} satisfies Parser as Parser;
