/**
 * Addresses as 128-bit numbers (IPv4 in ::ffff:0:0/96), so that both families sort and compare in one range.
 * Text is canonical: RFC 5952, IPv4-mapped as dotted IPv4.
 */

const parseIpv4 = (text: string): number | undefined => {
  let value = 0;
  let octet = -1;
  let dots = 0;
  for (let i = 0; i < text.length; i += 1) {
    const c = text.charCodeAt(i);
    if (c >= 48 && c <= 57) {
      octet = Math.max(octet, 0) * 10 + (c - 48);
      if (octet > 255) return undefined;
    } else if (c === 46) {
      if (octet < 0 || dots === 3) return undefined;
      value = value * 256 + octet;
      octet = -1;
      dots += 1;
    } else return undefined;
  }
  return dots === 3 && octet >= 0 ? value * 256 + octet : undefined;
};

const formatIpv4 = (value: number): string =>
  `${Math.floor(value / 16777216)}.${Math.floor(value / 65536) % 256}.${Math.floor(value / 256) % 256}.${value % 256}`;

/** Eight 16-bit groups, or undefined. Zone (`%eth0`) is cut off. */
const parseIpv6 = (input: string): number[] | undefined => {
  const percent = input.indexOf('%');
  let text = percent < 0 ? input : input.slice(0, percent);
  if (text.length < 2 || text.length > 45 || !text.includes(':')) return undefined;
  const lastColon = text.lastIndexOf(':');
  if (text.includes('.', lastColon)) {
    const v4 = parseIpv4(text.slice(lastColon + 1));
    if (v4 === undefined) return undefined;
    text = `${text.slice(0, lastColon + 1)}${Math.floor(v4 / 65536).toString(16)}:${(v4 % 65536).toString(16)}`;
  }
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const groups = (half: string | undefined): number[] | undefined => {
    if (half === undefined || half === '') return [];
    const out: number[] = [];
    for (const part of half.split(':')) {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return undefined;
      out.push(Number.parseInt(part, 16));
    }
    return out;
  };
  const head = groups(halves[0]);
  const tail = groups(halves[1]);
  if (head === undefined || tail === undefined) return undefined;
  if (halves.length === 1) return head.length === 8 ? head : undefined;
  const missing = 8 - head.length - tail.length;
  if (missing < 1) return undefined;
  return [...head, ...new Array<number>(missing).fill(0), ...tail];
};

const formatIpv6 = (groups: readonly number[]): string => {
  if (groups.slice(0, 5).every((g) => g === 0) && groups[5] === 0xffff) {
    return formatIpv4((groups[6] ?? 0) * 65536 + (groups[7] ?? 0));
  }
  // RFC 5952 §4.2: the longest run of at least two zero groups, the first of equals
  let best = -1;
  let bestLength = 1;
  for (let start = 0; start < 8; start += 1) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === 0) length += 1;
    if (length > bestLength) [best, bestLength] = [start, length];
  }
  const hex = (part: readonly number[]): string => part.map((g) => g.toString(16)).join(':');
  return best < 0 ? hex(groups) : `${hex(groups.slice(0, best))}::${hex(groups.slice(best + bestLength))}`;
};

/** Canonical text of an address, or undefined when it is none. Brackets are taken off: `[2001:DB8::1]` → `2001:db8::1` */
export const canonicalIp = (input: string): string | undefined => {
  const text = input.startsWith('[') && input.endsWith(']') ? input.slice(1, -1) : input;
  const v4 = parseIpv4(text);
  if (v4 !== undefined) return formatIpv4(v4);
  const v6 = parseIpv6(text);
  return v6 === undefined ? undefined : formatIpv6(v6);
};

/** 32 lower-case hex digits that sort as the 128-bit number does, or undefined when the text is no address. */
export const ipKey = (text: string): string | undefined => {
  const v4 = parseIpv4(text);
  if (v4 !== undefined) return `00000000000000000000ffff${v4.toString(16).padStart(8, '0')}`;
  const v6 = parseIpv6(text);
  return v6?.map((g) => g.toString(16).padStart(4, '0')).join('');
};

/** An inclusive range of `ipKey`s. */
export interface IpRange {
  readonly first: string;
  readonly last: string;
}

/** `10.0.0.0/8`, `2001:db8::/32`, or one address; undefined when it is neither. */
export const parseCidr = (text: string): IpRange | undefined => {
  const slash = text.indexOf('/');
  const address = slash < 0 ? text : text.slice(0, slash);
  const key = ipKey(address);
  if (key === undefined) return undefined;
  if (slash < 0) return { first: key, last: key };
  const suffix = text.slice(slash + 1);
  if (!/^\d{1,3}$/.test(suffix)) return undefined;
  const family = address.includes(':') ? 128 : 32;
  const bits = Number(suffix) + (128 - family);
  if (Number(suffix) > family) return undefined;
  const all = (1n << 128n) - 1n;
  const mask = bits === 0 ? 0n : (all << BigInt(128 - bits)) & all;
  const base = BigInt(`0x${key}`) & mask;
  const hex = (value: bigint): string => value.toString(16).padStart(32, '0');
  return { first: hex(base), last: hex(base | (all ^ mask)) };
};

export const inRange = (range: IpRange, text: string): boolean => {
  const key = ipKey(text);
  return key !== undefined && key >= range.first && key <= range.last;
};

export type AddressClass =
  | 'public'
  | 'private'
  | 'shared' // carrier NAT, RFC 6598
  | 'loopback'
  | 'link-local'
  | 'multicast'
  | 'unspecified'
  | 'reserved';

const CLASSES: readonly (readonly [string, AddressClass])[] = [
  // IANA special-purpose address registries. Documentation ranges (RFC 5737, 3849) are treated as public: they stand
  // for public addresses in every anonymised or generated log.
  ['0.0.0.0/8', 'unspecified'],
  ['10.0.0.0/8', 'private'],
  ['100.64.0.0/10', 'shared'],
  ['127.0.0.0/8', 'loopback'],
  ['169.254.0.0/16', 'link-local'],
  ['172.16.0.0/12', 'private'],
  ['192.168.0.0/16', 'private'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved'],
  ['::/128', 'unspecified'],
  ['::1/128', 'loopback'],
  ['fc00::/7', 'private'],
  ['fe80::/10', 'link-local'],
  ['ff00::/8', 'multicast'],
];
const CLASS_RANGES = CLASSES.map(([cidr, name]) => ({ range: parseCidr(cidr) as IpRange, name }));

/** The class of a canonical address; undefined when the text is no address. */
export const addressClass = (text: string): AddressClass | undefined => {
  const key = ipKey(text);
  if (key === undefined) return undefined;
  for (const { range, name } of CLASS_RANGES) if (key >= range.first && key <= range.last) return name;
  return 'public';
};

/** The ranges of some classes; an address in none of those of `CLASSES` is public. */
export const rangesOf = (...classes: readonly AddressClass[]): readonly IpRange[] =>
  CLASS_RANGES.flatMap(({ range, name }) => (classes.includes(name) ? [range] : []));

/** The network an address belongs to when no data base says more: /24, IPv6 /48 (design §7.6). */
export const networkOf = (text: string): string | undefined => {
  const v4 = parseIpv4(text);
  if (v4 !== undefined) return `${formatIpv4(v4 - (v4 % 256))}/24`;
  const v6 = parseIpv6(text);
  return v6 === undefined ? undefined : `${formatIpv6([...v6.slice(0, 3), 0, 0, 0, 0, 0])}/48`;
};
