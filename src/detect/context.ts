import { parse } from 'yaml';
import { EinfallstorError } from '../core/errors.ts';
import { canonicalIp, parseCidr } from '../core/net.ts';
import { DAY, isoOf } from '../core/time.ts';
import { parseIso } from '../query/calendar.ts';

/** What the operator knows about the place (design §8, `--context`): validated; times as ISO 8601 UTC. */
export interface CaseContext {
  readonly networks: readonly string[];
  readonly vpnPools: readonly string[];
  readonly partners: readonly { readonly name: string; readonly source: string }[];
  readonly scanners: readonly string[];
  readonly pentests: readonly {
    readonly source: string;
    readonly from: string;
    readonly to: string;
    readonly accounts: readonly string[];
    readonly internal: readonly string[];
  }[];
  readonly leavers: readonly { readonly user: string; readonly left: string }[];
  readonly travel: readonly {
    readonly user: string;
    readonly from: string;
    readonly to: string;
    readonly countries: readonly string[];
  }[];
  readonly maintenance: readonly { readonly from: string; readonly to: string; readonly users: readonly string[] }[];
  readonly backups: readonly { readonly destination: string }[];
  readonly timezones: readonly { readonly path: string; readonly zone: string }[];
  readonly sites: readonly { readonly name: string; readonly networks: readonly string[] }[];
  readonly jumpHosts: readonly string[];
  readonly providers: readonly { readonly name: string; readonly source: string }[];
  /** Values of `%name%` in rules with the modifier `expand`. */
  readonly placeholders: Readonly<Record<string, readonly string[]>>;
}

const bad = (key: string, reason: string): EinfallstorError =>
  new EinfallstorError(
    'BAD_CONTEXT',
    `context file: ${key} ${reason}`,
    'Correct this key of the context file; `docs/context.md` lists all keys.',
  );

type Reader<T> = (value: unknown, key: string) => T;

const text: Reader<string> = (value, key) => {
  if (typeof value === 'string' && value.trim() !== '') return value.trim();
  if (typeof value === 'number') return String(value);
  throw bad(key, 'must be text');
};

const network: Reader<string> = (value, key) => {
  const written = text(value, key);
  if (parseCidr(written) === undefined)
    throw bad(key, `must be a network such as 192.0.2.0/24 or an address, not "${written}"`);
  return written;
};

const address: Reader<string> = (value, key) => {
  const ip = canonicalIp(text(value, key));
  if (ip === undefined) throw bad(key, `must be an address, not "${String(value)}"`);
  return ip;
};

const instant =
  (isEnd: boolean): Reader<string> =>
  (value, key) => {
    const written = text(value, key);
    const time = parseIso(written);
    if (time === undefined) throw bad(key, `must be a time in ISO 8601 such as 2021-10-31T22:00:00Z, not "${written}"`);
    // a day as an end includes that day
    return isoOf(isEnd && written.length === 10 ? time + DAY - 1000 : time);
  };

const listOf =
  <T>(item: Reader<T>): Reader<readonly T[]> =>
  (value, key) => {
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value)) throw bad(key, 'must be a list');
    return value.map((one, i) => item(one, `${key}[${i}]`));
  };

const mapOf =
  <T extends object>(readers: { readonly [K in keyof T]: Reader<T[K]> }): Reader<T> =>
  (value, key) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw bad(key, 'must be a map');
    for (const name of Object.keys(value)) {
      if (!Object.hasOwn(readers, name)) throw bad(key === '' ? name : `${key}.${name}`, 'is not a known key');
    }
    const out: Partial<T> = {};
    for (const name of Object.keys(readers) as (keyof T & string)[]) {
      out[name] = readers[name]((value as Record<string, unknown>)[name], key === '' ? name : `${key}.${name}`);
    }
    return out as T;
  };

const byName =
  <T>(item: Reader<T>): Reader<Readonly<Record<string, T>>> =>
  (value, key) => {
    if (value === undefined || value === null) return {};
    if (typeof value !== 'object' || Array.isArray(value)) throw bad(key, 'must be a map');
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, item(one, `${key}.${name}`)]));
  };

const named = mapOf<{ name: string; source: string }>({ name: text, source: network });
const [from, to] = [instant(false), instant(true)];

const contextOf = mapOf<CaseContext>({
  networks: listOf(network),
  vpnPools: listOf(network),
  partners: listOf(named),
  scanners: listOf(network),
  pentests: listOf(mapOf({ source: network, from, to, accounts: listOf(text), internal: listOf(network) })),
  leavers: listOf(mapOf({ user: text, left: from })),
  travel: listOf(mapOf({ user: text, from, to, countries: listOf(text) })),
  maintenance: listOf(mapOf({ from, to, users: listOf(text) })),
  backups: listOf(mapOf({ destination: text })),
  timezones: listOf(mapOf({ path: text, zone: text })),
  sites: listOf(mapOf({ name: text, networks: listOf(network) })),
  jumpHosts: listOf(address),
  providers: listOf(named),
  placeholders: byName(listOf(text)),
});

export const NO_CONTEXT: CaseContext = contextOf({}, '');

/** `context suggest --json` states under this key what its entries rest on: it is for readers. */
const withoutEvidence = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const { evidence: _, ...rest } = value as Record<string, unknown>;
  return rest;
};

/** A context file in YAML or JSON. What is wrong in it is the operator's mistake and names the key. */
export const loadContext = (source: string): CaseContext => {
  let value: unknown;
  try {
    value = parse(source, { maxAliasCount: 100 });
  } catch (cause) {
    throw new EinfallstorError(
      'BAD_CONTEXT',
      `context file is neither YAML nor JSON: ${String(cause).split('\n')[0]}`,
      'Check indentation and quotes.',
      { cause },
    );
  }
  if (value === null || value === undefined) return NO_CONTEXT;
  return contextOf(withoutEvidence(value), '');
};
