import { parse } from 'csv-parse/sync';
import { parseIso } from '../../query/calendar.ts';
import { type Indicator, readValue } from './indicator.ts';

/** A list that was read: what is in it, and how many entries could not be used. */
export interface IndicatorList {
  readonly indicators: readonly Indicator[];
  readonly skipped: number;
}

interface Entry {
  readonly value: string;
  readonly about?: string | undefined;
  readonly from?: string | undefined;
  readonly until?: string | undefined;
}

type Json = Readonly<Record<string, unknown>>;
const isMap = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const maps = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isMap) : isMap(value) ? [value] : []);
const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;

// [ipv4-addr:value = '203.0.113.9' OR domain-name:value = 'evil.example'], file:hashes.'SHA-256' = 'ab…', IN ('a', 'b')
const COMPARISON = /[a-z\d-]+:[^\s=]{1,80}\s*(?:=|ISSUBSET)\s*'([^']{1,2000})'/g;
const MEMBERS = /[a-z\d-]+:[^\s=]{1,80}\s+IN\s*\(([^)]{1,20000})\)/g;
/** Only in combination do the parts of such a pattern indicate anything. */
const COMBINED = /\sAND\s|\sFOLLOWEDBY\s|\sNOT\s|!=/;

const stixEntries = (bundle: Json): Entry[] =>
  maps(bundle.objects).flatMap((object): Entry[] => {
    const pattern = text(object.pattern);
    if (object.type !== 'indicator' || pattern === undefined || object.revoked === true) return [];
    const about = text(object.name);
    const stated = { about, from: text(object.valid_from), until: text(object.valid_until) };
    if (COMBINED.test(pattern)) return [{ value: '', ...stated }];
    const single = [...pattern.matchAll(COMPARISON)].map((match) => match[1] as string);
    const several = [...pattern.matchAll(MEMBERS)].flatMap((match) =>
      [...(match[1] as string).matchAll(/'([^']{1,2000})'/g)].map((member) => member[1] as string),
    );
    return [...single, ...several].map((value) => ({ value, ...stated }));
  });

/** MISP types whose value, or one of its parts, logs can hold: `domain|ip`, `filename|sha256`, `ip-dst|port` */
const MISP = /^(ip-(src|dst)|domain|hostname|url|md5|sha1|sha256|email(-(src|dst|reply-to))?|filename)(\||$)/;

const mispEntries = (root: Json): Entry[] => {
  const events = [...maps(root.response).flatMap((one) => maps(one.Event)), ...maps(root.Event)];
  return events.flatMap((event) => {
    const objects = maps(event.Object).flatMap((object) => maps(object.Attribute));
    return [...maps(event.Attribute), ...objects].flatMap((attribute): Entry[] => {
      const [type, value] = [text(attribute.type) ?? '', text(attribute.value)];
      if (value === undefined || attribute.to_ids === false || !MISP.test(type)) return [];
      const kinds = type.split('|');
      const about = [text(event.info), text(attribute.comment)].filter((part) => part !== undefined).join(', ');
      const stated = { about, from: text(attribute.first_seen), until: text(attribute.last_seen) };
      return value
        .split('|')
        .filter((_, i) => kinds[i] !== 'port' && kinds[i] !== 'filename')
        .map((part) => ({ value: part, ...stated }));
    });
  });
};

const VALUES = [
  'indicator',
  'value',
  'ioc',
  'ip',
  'address',
  'network',
  'domain',
  'host',
  'hostname',
  'url',
  'hash',
  'md5',
  'sha1',
  'sha256',
  'email',
];
const ABOUT = ['description', 'name', 'comment', 'threat', 'malware', 'source'];
const FROM = ['valid_from', 'first_seen', 'firstseen', 'from'];
const UNTIL = ['valid_until', 'last_seen', 'lastseen', 'until', 'expires'];

const csvEntries = (content: string): Entry[] | undefined => {
  const delimiter = [',', ';', '\t'].find((one) => content.split('\n', 1)[0]?.includes(one));
  if (delimiter === undefined) return undefined;
  const rows: string[][] = parse(content, {
    delimiter,
    relax_quotes: true,
    relax_column_count: true,
    comment: '#',
    comment_no_infix: true,
    trim: true,
    bom: true,
    skip_empty_lines: true,
  });
  const head = (rows[0] ?? []).map((name) => name.toLowerCase());
  const columns = (names: readonly string[]): number[] =>
    names.flatMap((name) => (head.includes(name) ? [head.indexOf(name)] : []));
  const values = columns(VALUES);
  const named = (row: readonly string[], names: readonly string[]): string | undefined =>
    columns(names)
      .map((i) => text(row[i]))
      .find((cell) => cell !== undefined);
  if (values.length === 0) return rows.map((row) => ({ value: row[0] ?? '', about: text(row[1]) }));
  return rows.slice(1).flatMap((row) =>
    values.flatMap((i): Entry[] => {
      const value = text(row[i]);
      return value === undefined
        ? []
        : [{ value, about: named(row, ABOUT), from: named(row, FROM), until: named(row, UNTIL) }];
    }),
  );
};

/** One to a line; `#` begins a remark. */
const plainEntries = (content: string): Entry[] =>
  content.split(/\r?\n/).flatMap((line): Entry[] => {
    const [value = '', ...remark] = line.trim().split(/\s*#\s*|\s+/);
    return value === '' ? [] : [{ value, about: text(remark.join(' ')) }];
  });

const jsonOf = (content: string): Json | undefined => {
  if (!/^\s*\{/.test(content)) return undefined;
  try {
    const value: unknown = JSON.parse(content);
    return isMap(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

const entriesOf = (content: string): Entry[] => {
  const json = jsonOf(content);
  if (json !== undefined) return json.type === 'bundle' ? stixEntries(json) : mispEntries(json);
  return csvEntries(content) ?? plainEntries(content);
};

/** Reads a list: STIX 2.1 bundle, MISP event, CSV with or without header, or plain lines. `name` is shown as the source. */
export const readIndicators = (content: string, name: string): IndicatorList => {
  const indicators: Indicator[] = [];
  let skipped = 0;
  for (const { value, about, from, until } of entriesOf(content)) {
    const read = readValue(value);
    if (read === undefined) {
      skipped += 1;
      continue;
    }
    const source = about === undefined || about === '' ? name : `${name}: ${about}`;
    const [start, end] = [from, until].map((time) => (time === undefined ? undefined : parseIso(time)));
    indicators.push({ ...read, source, from: start, until: end });
  }
  return { indicators, skipped };
};
