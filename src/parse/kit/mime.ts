/**
 * The structure of a mail message (RFC 5322, 2045, 2046): headers, parts, their bytes. Lenient as mail readers are, bounded
 * as hostile evidence asks. postal-mime reads encoded words and address lists; its reading of whole messages waits for
 * promises, which a parser cannot.
 */

export interface Header {
  /** In lower case. */
  readonly name: string;
  /** Unfolded, not decoded. */
  readonly value: string;
}

/** A part that holds no further parts. */
export interface Part {
  /** `text/html`, in lower case; `text/plain` where none is stated. */
  readonly type: string;
  readonly charset: string | undefined;
  readonly name: string | undefined;
  readonly attached: boolean;
  readonly encoding: string;
  readonly body: string;
  /** false: the message ends before the part does. */
  readonly whole: boolean;
}

export interface Message {
  readonly headers: readonly Header[];
  readonly parts: readonly Part[];
  /** Messages attached to this one: forwarded ones, the returned one of a bounce. */
  readonly attached: readonly (readonly Header[])[];
  /** A part was not looked into: too many, or nested too deep. */
  readonly cut: boolean;
}

const HEADERS_MAX = 2000;
const VALUE_MAX = 65_536;
const PARTS_MAX = 500;
/** Longest name of a file that encoded words are looked for in. */
const NAME_MAX = 1024;
const DEPTH_MAX = 12;

// Received: from … · a name of printable characters without a colon (RFC 5322 §3.6.8)
const FIELD = /^([!-9;-~]{1,200})[ \t]*:(.*)$/s;

/** Whether a line could be the first of a header field. */
export const isField = (line: string): boolean => FIELD.test(line.slice(0, 300));

/** The headers at `from` and where the body begins. A line that is no header ends them. */
export const readHeaders = (text: string, from = 0): { readonly headers: Header[]; readonly end: number } => {
  const fields: { name: string; value: string[]; size: number }[] = [];
  let at = from;
  while (at < text.length) {
    const feed = text.indexOf('\n', at);
    const end = feed < 0 ? text.length : feed;
    const line = text.slice(at, end > at && text[end - 1] === '\r' ? end - 1 : end);
    const last = fields[fields.length - 1];
    if (line === '') return { headers: made(fields), end: Math.min(end + 1, text.length) };
    const folded = line[0] === ' ' || line[0] === '\t';
    const m = folded ? null : FIELD.exec(line);
    if (m !== null && fields.length < HEADERS_MAX)
      fields.push({ name: (m[1] as string).toLowerCase(), value: [(m[2] as string).trim()], size: line.length });
    else if (folded && last !== undefined) {
      last.size += line.length;
      if (last.size <= VALUE_MAX) last.value.push(line.trim());
    } else if (m === null) return { headers: made(fields), end: at };
    at = end + 1;
  }
  return { headers: made(fields), end: text.length };
};

const made = (fields: readonly { name: string; value: readonly string[] }[]): Header[] =>
  fields.map(({ name, value }) => ({ name, value: value.join(' ').slice(0, VALUE_MAX).trim() }));

/** The first header of a name. */
export const headerOf = (headers: readonly Header[], name: string): string | undefined =>
  headers.find((header) => header.name === name)?.value;

/** `; name="a; b.pdf"; filename*=UTF-8''a%20b.pdf; filename*0*=UTF-8''a; filename*1=b` as pairs, in one pass. */
const parameterPairs = (text: string): [name: string, value: string][] => {
  const out: [string, string][] = [];
  let at = text.indexOf(';');
  while (at >= 0 && out.length < 200) {
    const equals = text.indexOf('=', at);
    if (equals < 0) return out;
    const name = text
      .slice(Math.max(at + 1, text.lastIndexOf(';', equals) + 1), equals)
      .trim()
      .toLowerCase();
    let from = equals + 1;
    while (text[from] === ' ' || text[from] === '\t') from += 1;
    let value = '';
    if (text[from] === '"') {
      for (from += 1; from < text.length && text[from] !== '"'; from += 1) {
        if (text[from] === '\\') from += 1;
        value += text[from] ?? '';
      }
      at = text.indexOf(';', from);
    } else {
      at = text.indexOf(';', from);
      value = text.slice(from, at < 0 ? undefined : at).trim();
    }
    if (name !== '' && name.length <= 64) out.push([name, value]);
  }
  return out;
};

/** A header with parameters (RFC 2045 §5.1), their continuations and character sets resolved (RFC 2231). */
export const readParameters = (
  value: string,
  decode: (text: string) => string,
): { readonly value: string; readonly parameters: ReadonlyMap<string, string> } => {
  const pieces = new Map<string, { index: number; text: string; encoded: boolean }[]>();
  for (const [name, text] of parameterPairs(value.slice(0, 16_384))) {
    const key = /^([^*]+)(?:\*(\d{1,3}))?(\*)?$/.exec(name);
    if (key === null) continue;
    const list = pieces.get(key[1] as string) ?? [];
    if (list.length < 100) list.push({ index: Number(key[2] ?? 0), text, encoded: key[3] !== undefined });
    pieces.set(key[1] as string, list);
  }
  const parameters = new Map<string, string>();
  for (const [name, list] of pieces) {
    list.sort((a, b) => a.index - b.index);
    const charset = list[0]?.encoded === true ? /^([\w.-]{1,40})'[\w-]{0,16}'/.exec(list[0].text) : null;
    const whole = list
      .map(({ text, encoded }, n) => {
        const own = n === 0 && charset !== null ? text.slice(charset[0].length) : text;
        return encoded ? percent(own, charset?.[1]) : own;
      })
      .join('');
    const encoded = charset === null && (name === 'name' || name === 'filename');
    parameters.set(name, encoded ? decode(whole.slice(0, NAME_MAX)) : whole);
  }
  const end = value.indexOf(';');
  return { value: (end < 0 ? value : value.slice(0, end)).trim().toLowerCase(), parameters };
};

const percent = (text: string, charset: string | undefined): string =>
  text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (run) =>
    decodeText(Buffer.from(run.replaceAll('%', ''), 'hex'), charset ?? 'utf-8'),
  );

/** Text in a named character set; an unknown one is read as Windows-1252, as browsers do. */
export const decodeText = (bytes: Buffer, charset: string | undefined): string => {
  try {
    return new TextDecoder((charset ?? 'utf-8').toLowerCase()).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes); // a label nobody knows: evidence, not an error
  }
};

const EQUALS = 61;
const hex = (c: number | undefined): number =>
  c === undefined ? -1 : c >= 48 && c <= 57 ? c - 48 : c >= 65 && c <= 70 ? c - 55 : c >= 97 && c <= 102 ? c - 87 : -1;

/** RFC 2045 §6.7: `=3D`, and `=` at the end of a line joins it to the next. */
const quotedPrintable = (text: string): Buffer => {
  const bytes = Buffer.from(text, 'utf8');
  let to = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const c = bytes[at] as number;
    if (c === EQUALS) {
      const [high, low] = [hex(bytes[at + 1]), hex(bytes[at + 2])];
      if (high >= 0 && low >= 0) {
        bytes[to] = high * 16 + low;
        to += 1;
        at += 2;
        continue;
      }
      let end = at + 1;
      while (bytes[end] === 32 || bytes[end] === 9 || bytes[end] === 13) end += 1;
      if (bytes[end] === 10) {
        at = end;
        continue;
      }
    }
    bytes[to] = c;
    to += 1;
  }
  return bytes.subarray(0, to);
};

/**
 * A part's bytes. Of an 8-bit part the record's text is all there is: its bytes are known where they were UTF-8 or ASCII,
 * else this is undefined.
 */
export const bytesOf = ({ encoding, body, charset }: Part): Buffer | undefined => {
  if (encoding === 'base64') return Buffer.from(body, 'base64');
  if (encoding === 'quoted-printable') return quotedPrintable(body);
  return /^[\x00-\x7f]*$/.test(body) || /^utf-?8$/i.test(charset ?? '') ? Buffer.from(body, 'utf8') : undefined;
};

/** A part's text; an 8-bit body is decoded already. */
export const textOfPart = (part: Part): string =>
  part.encoding === 'base64' || part.encoding === 'quoted-printable'
    ? decodeText(bytesOf(part) as Buffer, part.charset)
    : part.body;

/** The bodies between `--boundary` lines; the line break before a boundary belongs to the boundary (RFC 2046 §5.1.1). */
const between = (text: string, boundary: string, most: number): { bodies: string[]; closed: boolean } => {
  const out: string[] = [];
  const mark = `--${boundary}`;
  let open = -1;
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + mark.length)) {
    if (at > 0 && text[at - 1] !== '\n') continue;
    const behind = text.slice(at + mark.length, at + mark.length + 2);
    if (behind !== '--' && !/^(?:\r?\n|[ \t]|$)/.test(behind)) continue;
    if (open >= 0) out.push(text.slice(open, at).replace(/\r?\n$/, ''));
    if (behind === '--' || out.length >= most) return { bodies: out, closed: true };
    const feed = text.indexOf('\n', at);
    open = feed < 0 ? text.length : feed + 1;
  }
  // the closing boundary is missing: the message was cut
  if (open >= 0) out.push(text.slice(open));
  return { bodies: out, closed: false };
};

/** Reads a message; `decode` turns encoded words into text. Never throws, linear in the message's length. */
export const readMessage = (text: string, decode: (text: string) => string): Message => {
  const parts: Part[] = [];
  const attached: (readonly Header[])[] = [];
  let cut = false;

  const visit = (headers: readonly Header[], body: string, depth: number, whole: boolean): void => {
    const content = readParameters(headerOf(headers, 'content-type') ?? '', decode);
    const disposition = readParameters(headerOf(headers, 'content-disposition') ?? '', decode);
    const type = /^[\w.+-]{1,64}\/[\w.+-]{1,127}$/.test(content.value) ? content.value : 'text/plain';
    const boundary = content.parameters.get('boundary');
    if (depth > DEPTH_MAX || parts.length >= PARTS_MAX) {
      cut = true;
      return;
    }
    if (type.startsWith('multipart/') && boundary !== undefined && boundary !== '') {
      const { bodies, closed } = between(body, boundary, PARTS_MAX);
      bodies.forEach((one, n) => {
        const inner = readHeaders(one);
        visit(inner.headers, one.slice(inner.end), depth + 1, n < bodies.length - 1 || (closed && whole));
      });
      return;
    }
    const part: Part = {
      type,
      charset: content.parameters.get('charset'),
      name: disposition.parameters.get('filename') ?? content.parameters.get('name'),
      attached: disposition.value === 'attachment',
      encoding: (headerOf(headers, 'content-transfer-encoding') ?? '').toLowerCase().trim(),
      body,
      whole,
    };
    parts.push(part);
    if (type !== 'message/rfc822' && type !== 'message/global') return;
    const inside = textOfPart(part).trimStart();
    const inner = readHeaders(inside);
    attached.push(inner.headers);
    visit(inner.headers, inside.slice(inner.end), depth + 1, whole);
  };

  const { headers, end } = readHeaders(text);
  visit(headers, text.slice(end), 0, true);
  return { headers, parts, attached, cut };
};
