import { canonicalIp } from '../../core/net.ts';
import { withoutTail } from '../../core/text.ts';
import type { Fields, Scalar } from '../../ecs/event.ts';

/** What products write for "nothing". */
const EMPTY = new Set(['', '-', 'N/A', 'n/a', '(null)', 'null', '<null>', 'undefined', 'unknown-0']);

const present = (value: string | undefined): value is string => value !== undefined && !EMPTY.has(value);

/** Sets a text field, unless the value says nothing (`-`, `N/A`, empty). Trimmed. */
export const put = (fields: Fields, name: string, value: string | undefined): void => {
  const text = value?.trim();
  if (present(text)) fields[name] = text;
};

/** Appends to an array field, without repeating a value. */
export const add = (fields: Fields, name: string, value: Scalar | undefined): void => {
  if (value === undefined || (typeof value === 'string' && !present(value))) return;
  const before = fields[name];
  const list: readonly Scalar[] = before === undefined ? [] : Array.isArray(before) ? before : [before as Scalar];
  if (!list.includes(value)) fields[name] = [...list, value];
};

/** Sets a number, when the text is one (decimal, safe). */
export const putNumber = (fields: Fields, name: string, value: string | number | undefined): void => {
  if (value === undefined || value === '') return;
  const number = typeof value === 'number' ? value : /^\s*-?\d+(?:\.\d+)?\s*$/.test(value) ? Number(value) : Number.NaN;
  if (Number.isFinite(number) && Math.abs(number) <= Number.MAX_SAFE_INTEGER) fields[name] = number;
};

/** Sets an address field when the text is an address; says whether it was. */
export const putIp = (fields: Fields, name: string, value: string | undefined): boolean => {
  const ip = value === undefined ? undefined : canonicalIp(value.trim());
  if (ip === undefined) return false;
  fields[name] = ip;
  return true;
};

/** An end point that may be an address or a name: `<side>.ip`, else `<side>.domain`; `<side>.address` as written. */
export const putEndpoint = (fields: Fields, side: string, value: string | undefined): void => {
  const text = value?.trim();
  if (!present(text)) return;
  fields[`${side}.address`] = text;
  if (!putIp(fields, `${side}.ip`, text)) fields[`${side}.domain`] = text.toLowerCase().replace(/\.$/, '');
};

/**
 * A user as logs write one: `DOMAIN\name`, `name@domain` (also `user.email`), `name`. `prefix` is `user`, `source.user`, ….
 * The name of `name@domain` is kept whole in `<prefix>.name` only when `keepAt` is set (mail logins are addresses).
 */
export const putUser = (fields: Fields, prefix: string, value: string | undefined, keepAt = false): void => {
  const text = value?.trim();
  if (!present(text)) return;
  const slash = text.lastIndexOf('\\');
  if (slash >= 0 && slash < text.length - 1) {
    fields[`${prefix}.name`] = text.slice(slash + 1);
    put(fields, `${prefix}.domain`, withoutTail(text.slice(0, slash), '\\'));
    return;
  }
  const at = text.lastIndexOf('@');
  if (at > 0 && at < text.length - 1) {
    fields[`${prefix}.name`] = keepAt ? text : text.slice(0, at);
    fields[`${prefix}.domain`] = text.slice(at + 1);
    if (text.includes('.', at)) fields[`${prefix}.email`] = text;
    return;
  }
  fields[`${prefix}.name`] = text;
};

/** A MAC address as ECS wants it: `00-00-5E-00-53-23`. Other text is left out. */
export const putMac = (fields: Fields, name: string, value: string | undefined): void => {
  const hex = value?.replaceAll(/[^0-9a-fA-F]/g, '').toUpperCase();
  if (hex?.length === 12) fields[name] = (hex.match(/../g) as string[]).join('-');
};

/** IANA protocol numbers that logs name. */
const TRANSPORTS: Readonly<Record<string, string>> = {
  '1': 'icmp', '2': 'igmp', '4': 'ipip', '6': 'tcp', '17': 'udp', '41': 'ipv6', '47': 'gre', '50': 'esp', '51': 'ah',
  '58': 'ipv6-icmp', '88': 'eigrp', '89': 'ospf', '103': 'pim', '112': 'vrrp', '132': 'sctp',
}; // biome-ignore format: a table
const NUMBERS = new Map(Object.entries(TRANSPORTS).map(([number, name]) => [name, number]));

/** Whether a text names a transport, by IANA number or name; products also write the application's protocol there. */
export const isTransport = (text: string): boolean =>
  /^\d{1,3}$/.test(text) || NUMBERS.has(text) || /^icmp(?:v?6)?$/.test(text);

/** A transport by number or name: sets `network.transport` and `network.iana_number`. */
export const putTransport = (fields: Fields, value: string | undefined): void => {
  const text = value?.trim().toLowerCase();
  if (!present(text)) return;
  if (/^\d{1,3}$/.test(text)) {
    fields['network.iana_number'] = text;
    const name = TRANSPORTS[text];
    if (name !== undefined) fields['network.transport'] = name;
    return;
  }
  const name = text === 'icmpv6' || text === 'icmp6' ? 'ipv6-icmp' : text;
  fields['network.transport'] = name;
  const number = NUMBERS.get(name);
  if (number !== undefined) fields['network.iana_number'] = number;
};

/** ECS categorisation in one call. */
export const categorise = (
  fields: Fields,
  category: readonly string[],
  type: readonly string[],
  outcome?: 'success' | 'failure' | 'unknown',
): void => {
  fields['event.kind'] ??= 'event';
  fields['event.category'] = category;
  fields['event.type'] = type;
  if (outcome !== undefined) fields['event.outcome'] = outcome;
};

/** Adds a doubt about the event: a short code, `truncated`, `value-odd:duration`. */
export const warn = (fields: Fields, code: string): void => add(fields, 'einfallstor.warnings', code);

/** Most vendor fields one event keeps; the whole text is in `event.original` anyway. */
const KEPT_MAX = 1000;
/** Longest name, in characters, that one may have. */
const NAME_MAX = 256;

/** Vendor fields that were not mapped are kept under the vendor's name. Keys are made safe for a dotted name. */
export const keepVendor = (fields: Fields, prefix: string, rest: Iterable<readonly [string, string]>): void => {
  let kept = 0;
  for (const [key, value] of rest) {
    if (value === '') continue;
    kept += 1;
    if (kept > KEPT_MAX || key.length > NAME_MAX) {
      warn(fields, 'fields-left-out');
      if (kept > KEPT_MAX) return;
      continue;
    }
    fields[`${prefix}.${key.replaceAll(/[^\w-]+/g, '_')}`] = value;
  }
};
