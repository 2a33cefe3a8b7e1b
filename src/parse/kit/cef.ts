/** ArcSight Common Event Format, revision 27: `CEF:0|vendor|product|version|class|name|severity|key=value …` */
export interface Cef {
  readonly vendor: string;
  readonly product: string;
  readonly version: string;
  readonly classId: string;
  readonly name: string;
  readonly severity: string;
  readonly extension: ReadonlyMap<string, string>;
}

/** The header's parts: `\|` and `\\` are escaped; undefined when there are fewer than seven. */
const readHeader = (text: string, from: number): { parts: string[]; end: number } | undefined => {
  const parts: string[] = [];
  let part = '';
  let begun = from;
  let i = from;
  for (; i < text.length && parts.length < 7; i += 1) {
    const c = text[i] as string;
    if (c === '\\' && (text[i + 1] === '|' || text[i + 1] === '\\')) {
      part += text[i + 1];
      i += 1;
    } else if (c === '|') {
      parts.push(part);
      part = '';
      begun = i + 1;
    } else part += c;
  }
  if (parts.length === 6) {
    // UniFi OS gives no name: …|4.3.6|admins|1|msg=…
    if (/^\s*[\w.[\]-]{1,128}=/.test(part)) return { parts: [...parts.slice(0, 5), ...parts.slice(4)], end: begun };
    parts.push(part); // a header without extension may lack the last bar
  }
  return parts.length < 7 ? undefined : { parts, end: i };
};

const UNESCAPE: Readonly<Record<string, string>> = { n: '\n', r: '\r', '\\': '\\', '=': '=', '|': '|' };

/** A value runs to the blank before the next `key=`; `\=`, `\\`, `\n` are escaped. Barracuda's WAF writes its lines so too. */
export const readExtension = (text: string): Map<string, string> => {
  const out = new Map<string, string>();
  const starts = [...text.matchAll(/(?:^|\s)([\w.[\]-]{1,128})=/g)].filter(
    (m) => text[m.index + m[0].length - 2] !== '\\',
  );
  starts.forEach((m, n) => {
    const from = m.index + m[0].length;
    const to = starts[n + 1]?.index ?? text.length;
    const value = text.slice(from, to).trim();
    if (!out.has(m[1] as string)) {
      out.set(
        m[1] as string,
        value.includes('\\') ? value.replace(/\\([nr\\=|])/g, (_, c: string) => UNESCAPE[c] as string) : value,
      );
    }
  });
  return out;
};

/** The CEF record in a message (anything may stand before `CEF:`), or undefined. */
export const readCef = (message: string): Cef | undefined => {
  const start = /CEF: ?\d+\|/.exec(message);
  if (start === null) return undefined;
  const header = readHeader(message, start.index + start[0].length - (start[0].length - start[0].indexOf(':') - 1));
  if (header === undefined) return undefined;
  const [, vendor, product, version, classId, name, severity] = header.parts as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  return { vendor, product, version, classId, name, severity, extension: readExtension(message.slice(header.end)) };
};

/**
 * What begins a record in files of web firewalls: all but the header lines of an HTTP request that was logged with real line
 * breaks (`User-Agent: …`, or folded) and belongs to the record before them. `logger: 01490010:5: …` begins one.
 */
export const RECORD_BEGINS = /^(?![A-Za-z][\w-]{0,63}: (?![0-9a-f]{8}:\d)|\s+(?!\w+\[\d)\S)/;
