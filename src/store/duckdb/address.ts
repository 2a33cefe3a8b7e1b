import type { IpRange } from '../../core/net.ts';
import type { Bound } from './bound.ts';

/** Of `ipKey`s: IPv4 in ::ffff:0:0/96. */
const IPV4 = '00000000000000000000ffff';

/** A number 0–255, as `ipKey` reads it: leading zeros do not count. */
const BYTE = '0*(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])';

const octets = (key: string): number[] =>
  [0, 2, 4, 6].map((i) => Number.parseInt(key.slice(IPV4.length + i, IPV4.length + i + 2), 16));

const octetPattern = (first: number, last: number): string => {
  if (first === 0 && last === 255) return BYTE;
  return `0*(?:${Array.from({ length: last - first + 1 }, (_, i) => first + i).join('|')})`;
};

/** A regular expression for the dotted texts of an IPv4 network; undefined for a range that is none. */
export const networkPattern = ({ first, last }: IpRange): string | undefined => {
  if (!first.startsWith(IPV4) || !last.startsWith(IPV4) || first > last) return undefined;
  const [from, to] = [octets(first), octets(last)];
  const fixed = from.findIndex((octet, i) => octet !== to[i]);
  const isFree = (i: number): boolean => from[i] === 0 && to[i] === 255;
  if (fixed >= 0 && ![0, 1, 2, 3].slice(fixed + 1).every(isFree)) return undefined;
  return from.map((octet, i) => octetPattern(octet, to[i] as number)).join('\\.');
};

/** `ip_key` is a long expression that a statement holds once for each use: several ranges are compared with one key. */
export const betweenKeys = (x: string, ranges: readonly IpRange[], bound: Bound): string => {
  const of = (key: string): string =>
    ranges.map(({ first, last }) => `${key} BETWEEN ${bound.add(first)} AND ${bound.add(last)}`).join(' OR ');
  return ranges.length === 1 ? of(`ip_key(${x})`) : `list_transform([ip_key(${x})], lambda k: ${of('k')})[1]`;
};

const isIpv6 = ({ first, last }: IpRange): boolean => last < IPV4 || first > `${IPV4}${'f'.repeat(8)}`;

/**
 * Whether a text is an address of one of the ranges. Networks of IPv4 are recognised by their text, all at once, which is
 * many times faster.
 */
export const addressesSql = (x: string, ranges: readonly IpRange[], bound: Bound): string => {
  const patterns = ranges.flatMap((range) => networkPattern(range) ?? []);
  const isWritten = (range: IpRange): boolean => networkPattern(range) !== undefined || isIpv6(range);
  const [written, others] = [ranges.filter(isWritten), ranges.filter((range) => !isWritten(range))];
  const parts = others.length === 0 ? [] : [betweenKeys(x, others, bound)];
  if (patterns.length > 0)
    parts.push(
      // an address of IPv4 may be written as one of IPv6
      `CASE WHEN contains(${x}, ':') THEN ${betweenKeys(x, written, bound)} ELSE regexp_full_match(${x}, ${bound.add(patterns.join('|'))}) END`,
    );
  else if (written.length > 0) parts.push(`(contains(${x}, ':') AND ${betweenKeys(x, written, bound)})`);
  return `(${parts.join(' OR ')})`;
};
