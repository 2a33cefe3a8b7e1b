/** Parameters of a cOS log message: those of the connection before all others, repeated ones numbered. */
export type ClavisterPairs = Map<string, string>;

// id=600001 event=conn_open [message=Connection opened … ][rules rule=Web ][conn [conn connsrcip=192.0.2.7 … ]]
const KEY = /(^|[\s[\]])([A-Za-z][\w.-]{0,63})=/g;

interface Part {
  readonly group: string;
  readonly key: string;
  readonly value: string;
}

/** The label of the innermost bracket that opens between two values: `][conn [conn ` → `conn`. */
const groupIn = (between: string, before: string): string => {
  const opened = between.lastIndexOf('[');
  if (opened < 0) return between.includes(']') ? '' : before;
  return between
    .slice(opened + 1)
    .trim()
    .toLowerCase();
};

/** A value in quotes ends at the closing one; another where the next key or a bracket begins, so it may hold blanks. */
const readParts = (text: string): Part[] => {
  const parts: Part[] = [];
  const keys: { key: string; at: number; from: number }[] = [];
  let closed = 0;
  for (const m of text.matchAll(KEY)) {
    const at = m.index + (m[1] as string).length;
    if (at < closed) continue; // inside a quoted value
    const from = m.index + m[0].length;
    keys.push({ key: m[2] as string, at, from });
    closed = from;
    if (text[from] === '"') {
      const quote = text.indexOf('"', from + 1);
      closed = quote < 0 ? text.length : quote + 1;
    }
  }
  let group = '';
  let end = 0;
  keys.forEach(({ key, at, from }, n) => {
    group = groupIn(text.slice(end, at), group);
    const next = keys[n + 1]?.at ?? text.length;
    if (text[from] === '"') {
      const quote = text.indexOf('"', from + 1);
      end = quote < 0 ? text.length : quote + 1;
      parts.push({ group, key, value: text.slice(from + 1, quote < 0 ? text.length : quote) });
      return;
    }
    const bracket = text.slice(from, next).search(/[[\]]/);
    end = bracket < 0 ? next : from + bracket;
    parts.push({ group, key, value: text.slice(from, end).trim() });
  });
  return parts;
};

/** Values kept of a repeated key: an Ethernet and an IP header, and a list or two. */
const REPEATS = 4;

/** Reads the bracketed groups of newer versions and the flat list of older ones. */
export const readClavister = (text: string): ClavisterPairs => {
  const parts = readParts(text);
  const out: ClavisterPairs = new Map();
  for (const wanted of [true, false]) {
    for (const { group, key, value } of parts) {
      if ((group === 'conn') !== wanted || value === '') continue;
      let name = key;
      for (let n = 2; out.has(name) && n <= REPEATS; n += 1) name = `${key}#${n}`;
      out.set(name, value);
    }
  }
  return out;
};

const UNITS: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 };

/** `695` · `4.52 K`: exact, or as rounded as the device wrote it. */
export const readBytes = (text: string): { readonly bytes: number; readonly rounded: boolean } | undefined => {
  const m = /^(\d{1,18}(?:\.\d{1,6})?) ?([KMGT]?)B?$/.exec(text.trim());
  if (m === null) return undefined;
  return { bytes: Math.round(Number(m[1]) * (UNITS[m[2] as string] as number)), rounded: m[2] !== '' };
};
