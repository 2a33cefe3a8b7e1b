import { addressClass, canonicalIp } from '../core/net.ts';
import type { Fields, Scalar, Value } from '../ecs/event.ts';
import { FIELDS } from '../ecs/fields.ts';
import { add } from './kit/put.ts';
import type { UnwrappedRecord } from './record.ts';

type Bucket = 'ip' | 'user' | 'hosts' | 'hash';

/** Which related.* collects a field. */
const BUCKETS: ReadonlyMap<string, Bucket> = new Map(
  FIELDS.flatMap(({ name, type }): [string, Bucket][] => {
    if (name.startsWith('related.')) return [];
    if (type === 'ip') return [[name, 'ip']];
    if (/(?:^|\.)user\.(?:[a-z]+\.)?(?:name|email)$/.test(name) && !name.includes('group')) return [[name, 'user']];
    if (/^(?:host|observer)\.(?:name|hostname)$|^(?:source|destination|client|server|url)\.domain$/.test(name))
      return [[name, 'hosts']];
    return /\.hash\./.test(name) ? [[name, 'hash']] : [];
  }),
);

const each = (value: Value, visit: (item: Scalar) => void): void => {
  if (Array.isArray(value)) for (const item of value) visit(item);
  else visit(value as Scalar);
};

/** Nothing said; JSON reads 1e309 as Infinity. */
const isNothing = (item: Scalar): boolean => item === '' || (typeof item === 'number' && !Number.isFinite(item));

/** Port 0 is reserved (RFC 6335 §6): devices write it for packets that have none. */
const isNoPort = (name: string, value: Value): boolean => value === 0 && name.endsWith('.port');

/** A field that says nothing is no field: never empty, never a list of nothing. */
const dropEmpty = (fields: Fields, name: string): boolean => {
  const value = fields[name] as Value;
  if (!Array.isArray(value)) return (isNothing(value as Scalar) || isNoPort(name, value)) && delete fields[name];
  if (value.length > 0 && !value.some(isNothing)) return false;
  const said = value.filter((item) => !isNothing(item));
  if (said.length === 0) return delete fields[name];
  fields[name] = said;
  return false;
};

const collectRelated = (fields: Fields): void => {
  const found: Partial<Record<Bucket, Scalar[]>> = {};
  for (const name in fields) {
    if (dropEmpty(fields, name)) continue;
    const bucket = BUCKETS.get(name);
    if (bucket === undefined) continue;
    const list = found[bucket] ?? [];
    found[bucket] = list;
    each(fields[name] as Value, (item) => {
      if (!list.includes(item)) list.push(item);
    });
  }
  for (const bucket in found) {
    const name = `related.${bucket}`;
    const list = found[bucket as Bucket] as Scalar[];
    const before = fields[name];
    if (before !== undefined) {
      each(before, (item) => {
        if (!list.includes(item)) list.push(item);
      });
    }
    fields[name] = list;
  }
};

/** Inside: addresses that only a private network, a carrier's NAT or the host itself uses. */
const sides = new Map<string, boolean | undefined>();
const isInside = (ip: string): boolean | undefined => {
  if (sides.has(ip)) return sides.get(ip);
  const kind = addressClass(ip);
  const inside =
    kind === 'private' || kind === 'loopback' || kind === 'link-local' || kind === 'shared'
      ? true
      : kind === 'public'
        ? false
        : undefined;
  if (sides.size >= 100_000) sides.clear();
  sides.set(ip, inside);
  return inside;
};

const DIRECTIONS = {
  'true,true': 'internal',
  'true,false': 'outbound',
  'false,true': 'inbound',
  'false,false': 'external',
} as const;

const deriveNetwork = (fields: Fields): void => {
  const [sent, received] = [fields['source.bytes'], fields['destination.bytes']];
  if (typeof sent === 'number' && typeof received === 'number') fields['network.bytes'] ??= sent + received;
  const [source, destination] = [fields['source.ip'], fields['destination.ip']];
  if (typeof source !== 'string' || typeof destination !== 'string') return;
  fields['network.type'] ??= source.includes(':') ? 'ipv6' : 'ipv4';
  if (fields['network.direction'] !== undefined) return;
  const [from, to] = [isInside(source), isInside(destination)];
  if (from !== undefined && to !== undefined) fields['network.direction'] = DIRECTIONS[`${from},${to}`];
};

const ADDRESS = /^[\da-fA-F.:]{3,45}$/;

/**
 * Who sent a record and who relayed it, where its headers name them by address: a device's own name may stand behind these.
 * What only a wrapper knows is no part of the record.
 */
export const relateSenders = (fields: Fields, { envelope, borrowed }: UnwrappedRecord): void => {
  if (borrowed.host !== undefined) return;
  for (const sender of [envelope.host, ...(envelope.relays ?? [])]) {
    const ip = sender !== undefined && ADDRESS.test(sender) ? canonicalIp(sender) : undefined;
    if (ip !== undefined) add(fields, 'related.ip', ip);
  }
};

/** The name in `file.path`, of a system that separates with `/` or with `\`. */
const FILE_NAME = /[^\\/]{1,255}$/;

const SENDER = ['observer.name', 'observer.hostname', 'host.name'] as const;

const addressIn = (fields: Fields, name: string): string | undefined => {
  const value = fields[name];
  return typeof value === 'string' ? canonicalIp(value) : undefined;
};

/** A sender that its header names by address only has that address; a span has an end; a path ends in a name. */
const derive = (fields: Fields): void => {
  if (fields['host.ip'] === undefined) {
    const ip = SENDER.map((name) => addressIn(fields, name)).find((found) => found !== undefined);
    if (ip !== undefined) fields['host.ip'] = [ip];
  }
  const asked = addressIn(fields, 'url.domain');
  if (asked !== undefined) add(fields, 'related.ip', asked);
  const [start, duration] = [fields['event.start'], fields['event.duration']];
  if (typeof start === 'number' && typeof duration === 'number')
    fields['event.end'] ??= start + Math.round(duration / 1000);
  const path = fields['file.path'];
  const name =
    typeof path === 'string' && fields['file.name'] === undefined ? FILE_NAME.exec(path.slice(-256))?.[0] : undefined;
  if (name !== undefined) fields['file.name'] = name;
};

/** Drops what says nothing and adds what follows from other fields, the same for all products: `related.*`, sums, direction. */
export const complete = (fields: Fields): void => {
  derive(fields);
  deriveNetwork(fields);
  collectRelated(fields);
};
