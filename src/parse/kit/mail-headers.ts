import { addressClass, canonicalIp } from '../../core/net.ts';
import { type Civil, readClf } from './civil.ts';

// Sun, 31 Oct 2021 23:14:07 +0100 (CET) · 31 Oct 2021 23:14 GMT · 31 Oct 21 23:14:07 (RFC 822)
const DATE =
  /(\d{1,2}) ([A-Za-z]{3})[a-z]{0,6} (\d{4}|\d{2}) (\d{1,2}):(\d{2})(?::(\d{2}))?(?: ([+-]\d{4}|[A-Z]{1,4})\b)?/;

/** The date of a mail header (RFC 5322 §3.3), wherever in the text it stands. */
export const readMailDate = (text: string | undefined): Civil | undefined => {
  const m = DATE.exec((text ?? '').slice(0, 512).replaceAll(/\s+/g, ' '));
  if (m === null) return undefined;
  const [, day, month, year, hour, minute, second, zone] = m;
  const time = `${hour?.padStart(2, '0')}:${minute}:${second ?? '00'}`;
  const full = year?.length === 2 ? `${Number(year) < 70 ? '20' : '19'}${year}` : year;
  return readClf(`${day} ${month} ${full} ${time}${zone === undefined ? '' : ` ${zone}`}`)?.civil;
};

/** One hop of a message: what a mail system noted when it took the message over (RFC 5321 §4.4). */
export interface Hop {
  /** What the handing side called itself. */
  readonly from?: string;
  /** The address it came from, as the taking side saw it. */
  readonly ip?: string;
  readonly by?: string;
  readonly with?: string;
  readonly id?: string;
  readonly for?: string;
  readonly civil?: Civil;
}

const CLAUSES = new Set(['from', 'by', 'via', 'with', 'id', 'for']);

/** Words and comments of a header in order; a comment may hold comments. */
const tokens = (text: string): { readonly text: string; readonly comment: boolean }[] => {
  const out: { text: string; comment: boolean }[] = [];
  let at = 0;
  while (at < text.length && out.length < 200) {
    if (text[at] === ' ' || text[at] === '\t') {
      at += 1;
      continue;
    }
    const start = at;
    if (text[at] === '(') {
      let depth = 0;
      for (; at < text.length; at += 1) {
        if (text[at] === '(') depth += 1;
        else if (text[at] === ')') depth -= 1;
        if (depth === 0) break;
      }
      at += 1;
      out.push({ text: text.slice(start + 1, Math.max(start + 1, at - 1)), comment: true });
    } else {
      while (at < text.length && !' \t('.includes(text[at] as string)) at += 1;
      out.push({ text: text.slice(start, at), comment: false });
    }
  }
  return out;
};

/** [198.51.100.7] · [IPv6:2001:db8::7] · mail.example.net [198.51.100.7]:4711 */
const addressIn = (text: string): string | undefined => {
  for (const word of text.split(/[\s[\](),;=]+/, 50)) {
    const ip = canonicalIp(word.replace(/^IPv6:/i, ''));
    if (ip !== undefined) return ip;
  }
  return undefined;
};

/** `from mail.example.net (mail.example.net [198.51.100.7]) by mx.example.org (Postfix) with ESMTPS id 4F1A for <b@example.org>; date` */
export const readReceived = (value: string): Hop => {
  const semicolon = value.lastIndexOf(';');
  const civil = readMailDate(semicolon < 0 ? value : value.slice(semicolon + 1));
  const words = new Map<string, string[]>();
  const comments = new Map<string, string[]>();
  let clause = '';
  for (const token of tokens((semicolon < 0 ? value : value.slice(0, semicolon)).slice(0, 4096))) {
    const word = token.text.toLowerCase();
    if (!token.comment && CLAUSES.has(word) && !words.has(word)) {
      clause = word;
      words.set(clause, []);
    } else if (token.comment) comments.set(clause, [...(comments.get(clause) ?? []), token.text]);
    else words.get(clause)?.push(token.text);
  }
  const of = (name: string): string | undefined => {
    const text = words.get(name)?.join(' ').replace(/^<|>$/g, '').slice(0, 512);
    return text === undefined || text === '' ? undefined : text;
  };
  const helo = of('from');
  // what the taking side saw stands in the comment; the word is only what was said
  const ip = addressIn((comments.get('from') ?? []).join(' ')) ?? addressIn(helo ?? '');
  const told: Record<string, string | undefined> = {
    from: helo,
    by: of('by'),
    with: of('with'),
    id: of('id'),
    for: of('for'),
    ip,
  };
  return { ...Object.fromEntries(Object.entries(told).filter(([, v]) => v !== undefined)), ...(civil && { civil }) };
};

/** Mail systems of one provider hand a message from host to host over public addresses. */
const PROVIDERS = [
  /(?:^|\.)(?:outlook|office365|exchangelabs)\.com$/i,
  /(?:^|\.)(?:google|gmail|1e100)\.(?:com|net)$/i,
];

const sameHouse = (a: string | undefined, b: string | undefined): boolean => {
  if (a === undefined || b === undefined) return false;
  const [x, y] = [a, b].map((name) => name.toLowerCase().replace(/\.$/, ''));
  if (PROVIDERS.some((house) => house.test(x as string) && house.test(y as string))) return true;
  const parent = (name: string): string => name.split('.').slice(-2).join('.');
  return /\.[a-z]{2,}$/.test(x as string) && parent(x as string) === parent(y as string);
};

const INSIDE = new Set(['private', 'loopback', 'link-local', 'shared', 'unspecified']);

/**
 * Where the message entered the receiving side, by the newest hop first: the first from outside, or, where a provider's
 * hosts hand it on among themselves, the last of those. Older hops are only the sender's word.
 */
export const entryOf = (hops: readonly Hop[]): number =>
  hops.findIndex(({ ip, from, by }, n) => {
    if (ip === undefined || INSIDE.has(addressClass(ip) ?? '')) return false;
    return !sameHouse(from, by) || !sameHouse(hops[n + 1]?.by, from);
  });

/** A verdict of Authentication-Results: `spf=pass smtp.mailfrom=example.net`. */
export interface Verdict {
  readonly method: string;
  readonly result: string;
  readonly text: string;
}

const RESULT = /^\s*([a-z][a-z0-9-]{0,31})(?:\s*\/\s*\d{1,3})?\s*=\s*([a-z]{1,16})/i;

/** Authentication-Results (RFC 8601): who says it, and the verdicts in order. */
export const readAuthentication = (
  value: string,
): { readonly server: string | undefined; readonly verdicts: Verdict[] } => {
  const text = value.slice(0, 16_384);
  const clauses = text.split(';', 200);
  const first = clauses[0] as string;
  const server = RESULT.test(first) ? undefined : first.trim().split(/\s/, 1)[0];
  const verdicts = clauses.flatMap((clause): Verdict[] => {
    const m = RESULT.exec(clause);
    return m === null
      ? []
      : [
          {
            method: (m[1] as string).toLowerCase(),
            result: (m[2] as string).toLowerCase(),
            text: clause.trim().slice(0, 512),
          },
        ];
  });
  return { server: server === '' ? undefined : server, verdicts };
};
