import { addressClass, canonicalIp, type IpRange, parseCidr } from '../../core/net.ts';

/** An observable held malicious, with who says so and for when. */
export interface Indicator {
  readonly kind: 'ip' | 'network' | 'domain' | 'url' | 'hash' | 'email';
  /** Canonical: lower case, defanging undone; a URL without scheme. */
  readonly value: string;
  readonly range?: IpRange | undefined;
  /** The list, and what the list says of it. */
  readonly source: string;
  /** Epoch µs; undefined: not stated. */
  readonly from: number | undefined;
  readonly until: number | undefined;
}

/** `hxxps://evil[.]example/x` → `https://evil.example/x` */
const refanged = (text: string): string =>
  text
    .replace(/^hxxp/i, 'http')
    .replace(/\[\.\]|\(\.\)|\[dot\]/gi, '.')
    .replace(/\[:\/\/\]/g, '://')
    .replace(/\[@\]|\[at\]/gi, '@');

/** `https://Evil.example:443/A?b` → `evil.example/A?b`: scheme and port tell nothing, the host has no case. */
export const urlKey = (text: string): string | undefined => {
  const match = /^[a-z][a-z\d+.-]*:\/\/(?:[^/@\s]*@)?([^/?#:\s]+)(?::\d+)?([^#\s]*)/i.exec(text);
  if (match === null) return undefined;
  const path = match[2] === '' ? '/' : match[2];
  return `${(match[1] as string).toLowerCase()}${path}`;
};

const DOMAIN = /^(?:[a-z\d_](?:[a-z\d_-]{0,61}[a-z\d])?\.)+[a-z\d-]{2,63}$/;
const HASH = /^(?:[\da-f]{32}|[\da-f]{40}|[\da-f]{64})$/;

/** What a value is; undefined when it is none of those that logs can hold. Private addresses are everybody's. */
export const readValue = (given: string): Pick<Indicator, 'kind' | 'value' | 'range'> | undefined => {
  const text = refanged(given.trim());
  const ip = canonicalIp(text);
  if (ip !== undefined) return addressClass(ip) === 'public' ? { kind: 'ip', value: ip } : undefined;
  if (text.includes('://')) {
    const value = urlKey(text);
    return value === undefined ? undefined : { kind: 'url', value };
  }
  const lower = text.toLowerCase().replace(/\.$/, '');
  if (lower.includes('/')) {
    const range = parseCidr(lower);
    const isPublic = addressClass(lower.slice(0, lower.indexOf('/'))) === 'public';
    return range === undefined || !isPublic ? undefined : { kind: 'network', value: lower, range };
  }
  if (HASH.test(lower)) return { kind: 'hash', value: lower };
  const at = lower.lastIndexOf('@');
  if (at > 0) return DOMAIN.test(lower.slice(at + 1)) ? { kind: 'email', value: lower } : undefined;
  return DOMAIN.test(lower) ? { kind: 'domain', value: lower } : undefined;
};
