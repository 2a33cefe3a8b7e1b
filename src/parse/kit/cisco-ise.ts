import { type Civil, readIso } from './civil.ts';

/** One syslog segment of a message of Cisco ISE (or of ACS, its predecessor). */
export interface IseSegment {
  /** `Passed_Authentications`, where the relay left it. */
  readonly category: string | undefined;
  /** Number, total and position (from 0) that tie segments together; undefined where a line has none. */
  readonly tie: { readonly id: string; readonly total: number; readonly index: number } | undefined;
  readonly text: string;
}

// CISE_Passed_Authentications 0000066354 3 0 … · CSCOacs_TACACS_Accounting: 0765855540 1 0 … · 0000066354 3 0 … (tag taken off)
const HEAD = /(?:^|[\s:>])(?:(?:CISE|CSCOacs)_([A-Za-z_]{3,64}):? {1,2})?(\d{10}) (\d{1,3}) (\d{1,3}) {1,2}/;
const TAGGED = /(?:^|[\s>])CISE_([A-Za-z_]{3,64}):? {1,2}/;
/** What may stand before: priority, time and host of relays. */
const HEAD_MAX = 256;

export const readIseSegment = (raw: string): IseSegment | undefined => {
  const text = raw.replace(/(?:#015|#15|\r){1,4}$/, '');
  const m = HEAD.exec(text.slice(0, HEAD_MAX));
  if (m !== null) {
    const [total, index] = [Number(m[3]), Number(m[4])];
    const rest = text.slice(m.index + m[0].length);
    // without the tag only what is like a message: its own time first, or attributes
    const known = m[1] !== undefined || (index === 0 ? /^\d{4}-\d\d-\d\d \d/.test(rest) : m.index === 0);
    if (known && index < total) return { category: m[1], tie: { id: m[2] as string, total, index }, text: rest };
  }
  const tag = TAGGED.exec(text.slice(0, HEAD_MAX));
  if (tag !== null) return { category: tag[1], tie: undefined, text: text.slice(tag.index + tag[0].length) };
  return UNTIED.test(text) ? { category: undefined, tie: undefined, text } : undefined;
};

/** The text of a message as its segments told it so far; a gap is a break between attributes. */
export const joinSegments = (parts: ReadonlyMap<number, string>): string => {
  let out = '';
  let last = -1;
  for (const [index, part] of [...parts].sort(([a], [b]) => a - b)) {
    const whole = out === '' || /,\s*$/.test(out) || index !== last + 1;
    if (out !== '') out += whole ? (/,\s*$/.test(out) ? ' ' : ', ') : '';
    out += part;
    last = index;
  }
  return out;
};

export interface IseMessage {
  readonly civil: Civil | undefined;
  readonly code: string | undefined;
  readonly severity: string | undefined;
  /** `Passed-Authentication`, `Administrator-Login` */
  readonly kind: string;
  /** `Authentication succeeded` */
  readonly title: string;
  readonly attributes: ReadonlyMap<string, readonly string[]>;
}

// 2021-10-31 23:14:07.123 +01:00 0042009748 5200 NOTICE Passed-Authentication: Authentication succeeded, ConfigVersionId=1, …
const MESSAGE = /^(?:(\d{10}) )?(\d{4,6}) ([A-Z]{3,8}) {1,3}([^:=,]{1,80}): ?/;
// 2021-10-31 23:14:07.123 +0100 60198 INFO null: … · INFO: Configuration Changed: Admin=… · WARN: AcsSyslogContent…
const UNTIED =
  /^(?:\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.:]\d{3} [+-]\d\d:?\d\d (?:\d{10} )?\d{4,6} (?:FATAL|ERROR|WARN|NOTICE|INFO|DEBUG) |(?:ERROR|WARN|INFO): (?:Configuration Changed: Admin=|AcsSyslog))/;
const LEVEL = /^(FATAL|ERROR|WARN|NOTICE|INFO|DEBUG): {0,2}([^:=;,]{1,80}):{0,2} {0,2}/;

export const readIseMessage = (whole: string): IseMessage => {
  // the local store may write 23:14:07:123
  const text = whole.replace(/^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d):(\d{3}) /, '$1.$2 ');
  const time = readIso(text);
  const rest = time === undefined ? text : text.slice(time.end).trimStart();
  const m = MESSAGE.exec(rest);
  const plain = m === null ? LEVEL.exec(rest) : null;
  const body = rest.slice(m?.[0].length ?? plain?.[0].length ?? 0);
  const { title, attributes } = readAttributes(body, plain === null ? ', ' : '; ');
  return {
    civil: time?.civil,
    code: m?.[2],
    severity: m?.[3] ?? plain?.[1],
    kind: m?.[4] ?? plain?.[2] ?? '',
    title: title || (plain?.[2] ?? '').trim(),
    attributes,
  };
};

/** Attributes of one message; hostile input may have any number. */
const ATTRIBUTES_MAX = 2000;
// Device IP Address=… · cisco-av-pair=… · CVPN3000/ASA/PIX7x-Tunnel-Group-Name=…
const ATTRIBUTE = /^ {0,2}([A-Za-z][\w .:/#-]{0,79}?) {0,2}=(.*)$/s;

const unescaped = (value: string): string => value.replaceAll(/\\([,;=\\])/g, '$1').trim();

/** `title, Name=value, Name=va\, lue, …`; a name may come again; words without a name belong to the value before. */
const readAttributes = (body: string, separator: string): Pick<IseMessage, 'title' | 'attributes'> => {
  const attributes = new Map<string, string[]>();
  let title = '';
  let last: string[] | undefined;
  // a segment from the midst of a list within a list: its separators are the escaped ones
  const inner = body.includes('\\,') && !/(?<!\\), /.test(body);
  const pieces = inner ? splitInner(body) : split(body, separator);
  for (const piece of pieces) {
    const m = ATTRIBUTE.exec(piece);
    if (m === null) {
      if (last !== undefined) last[last.length - 1] += unescaped(`${separator}${piece}`);
      else if (piece.trim() !== '') title += title === '' ? piece.trim() : `, ${piece.trim()}`;
      continue;
    }
    const name = m[1] as string;
    // the profiler's attributes of an endpoint are a list within the list
    if (name === 'EndpointProperty' && !attributes.has(name)) pieces.push(...splitInner(m[2] as string));
    last = attributes.get(name) ?? [];
    attributes.set(name, last);
    last.push(unescaped(m[2] as string));
  }
  return { title, attributes };
};

const splitInner = (list: string): string[] => list.replace(/\\?,\s*$/, '').split(/\\,(?! )/, ATTRIBUTES_MAX);

const split = (body: string, separator: string): string[] => {
  const pieces = body.replace(/[,;]\s*$/, '').split(separator, ATTRIBUTES_MAX);
  // a comma that is escaped parts nothing: `a\, b`
  return pieces.reduce<string[]>((out, piece) => {
    const before = out[out.length - 1];
    if (before?.endsWith('\\') === true) out[out.length - 1] = before + separator + piece;
    else out.push(piece);
    return out;
  }, []);
};
