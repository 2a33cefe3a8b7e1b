import { addressClass, canonicalIp } from '../../core/net.ts';
import type { Fields } from '../../ecs/event.ts';
import { add, put, putIp, putMac, putNumber, putUser } from './put.ts';

/** Puts one vendor value into an event; `false`: it is not of the kind, and stays under the vendor's name. */
export type Step = (fields: Fields, value: string) => unknown;

/** Ways of reading a value into the ECS field it is given. */
const KINDS = {
  text: (fields: Fields, name: string, value: string) => {
    fields[name] = value;
  },
  lower: (fields: Fields, name: string, value: string) => put(fields, name, value.toLowerCase()),
  // counts and ports: nothing in these logs is negative
  number: (fields: Fields, name: string, value: string) =>
    COUNT.test(value) &&
    !(value.length > 4 && name.endsWith('.port') && Number(value) > 65535) &&
    putNumber(fields, name, value),
  ip: putIp,
  // one side of a connection: its address, or a name where the log has one instead
  side: (fields: Fields, name: string, value: string) =>
    putIp(fields, `${name}.ip`, value) ||
    (!CUT_ADDRESS.test(value) && put(fields, `${name}.domain`, value.toLowerCase())),
  mac: putMac,
  user: (fields: Fields, name: string, value: string) => putUser(fields, name, value),
  list: add,
  // a device's name, where it is not only the address again
  host: (fields: Fields, name: string, value: string) => canonicalIp(value) ?? put(fields, name, value),
  // a translated or assigned address and port; 0.0.0.0, :: and port 0 mean none
  given: (fields: Fields, name: string, value: string) =>
    addressClass(value) === 'unspecified' || putIp(fields, name, value),
  givenPort: (fields: Fields, name: string, value: string) => value === '0' || putNumber(fields, name, value),
} as const;
/** What a cut line leaves of an address is no name. */
const CUT_ADDRESS = /^[\d.]+$/;
const COUNT = /^\d+(?:\.\d+)?$/;

/** `vendor=ecs.name …` by the way of reading; a `+` behind the name keeps the value under the vendor's name too. */
export type Declarations = Readonly<Partial<Record<keyof typeof KINDS, string>>>;

/** Words of a declaration. */
export const words = (text: string): string[] => text.trim().split(/\s+/);
/** `a=b c=d` as pairs. */
export const table = (text: string): [string, string][] =>
  words(text).map((pair) => pair.split('=') as [string, string]);

/** What products write for "nothing" in these forms. */
const NOTHING = new Set(['', 'N/A', 'n/a', '(null)', 'null', '<null>', 'undefined', '-']);
const LEFT_OUT: Step = () => undefined;
/** Names of vendor fields that are remembered; a product has hundreds, hostile input may have any number. */
const NAMES_MAX = 4096;

/**
 * Puts all values of a record into an event by its declarations; what none names stays under `prefix`, or, without one, is left
 * to the caller. Made for speed: one
 * look-up a value, no names built twice.
 */
export const fieldMap = (
  prefix: string | undefined,
  declared: Declarations,
  special: Readonly<Record<string, Step>>,
): ((fields: Fields, pairs: Iterable<readonly [string, string]>) => void) => {
  const kept = new Map<string, Step>();
  const keep = (key: string): Step => {
    const known = kept.get(key);
    if (known !== undefined) return known;
    if (prefix === undefined) return LEFT_OUT;
    const name = `${prefix}.${key.slice(0, 64).replaceAll(/[^\w-]+/g, '_')}`;
    const step: Step = (fields, value) => {
      fields[name] = value;
    };
    if (kept.size < NAMES_MAX) kept.set(key, step);
    return step;
  };
  const steps = new Map<string, Step>();
  const declare = (key: string, step: Step, too: boolean): void => {
    const stay = keep(key);
    steps.set(key, (fields, value) => {
      const taken = step(fields, value);
      if (too || taken === false) stay(fields, value);
    });
  };
  for (const kind of Object.keys(declared) as (keyof typeof KINDS)[]) {
    for (const [key, name] of table(declared[kind] as string)) {
      const field = name.replace('+', '');
      const read: (fields: Fields, name: string, value: string) => unknown = KINDS[kind];
      declare(key, (fields, value) => read(fields, field, value), name.endsWith('+'));
    }
  }
  for (const [keys, step] of Object.entries(special)) {
    for (const key of words(keys)) declare(key.replace('+', ''), step, key.endsWith('+'));
  }
  return (fields, pairs) => {
    for (const [key, raw] of pairs) {
      const value = raw.trim();
      if (value.length < 10 && NOTHING.has(value)) continue;
      (steps.get(key) ?? keep(key))(fields, value);
    }
  };
};
