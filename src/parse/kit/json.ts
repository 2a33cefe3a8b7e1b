import type { Fields } from '../../ecs/event.ts';
import { flatten } from '../../ecs/nest.ts';

export type Json = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Texts that are looked at before they are read: a megabyte of brackets takes the engine half a second. */
const LARGE = 32_768;
/** No product nests so deep. */
const DEEPEST = 500;

/** Whether lists and objects nest deeper than any record's; what stands in strings does not count. */
const isTooDeep = (text: string): boolean => {
  let [depth, inString] = [0, false];
  for (let at = 0; at < text.length; at += 1) {
    const c = text.charCodeAt(at);
    if (c === 0x22) inString = !inString;
    else if (inString) at += c === 0x5c ? 1 : 0;
    else if (c === 0x5b || c === 0x7b) depth += 1;
    else if (c === 0x5d || c === 0x7d) depth -= 1;
    if (depth > DEEPEST) return true;
  }
  return false;
};

/** The value of a JSON text, or undefined. */
export const parseJson = (text: string): unknown => {
  if (text.length > LARGE && isTooDeep(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // evidence, not an error
  }
};

/** How far into a record its JSON may begin: a syslog header. */
const HEADER_MAX = 512;

/** The JSON object in a record, perhaps behind a header. */
export const readObject = (text: string): Json | undefined => {
  const start = text.indexOf('{');
  if (start < 0 || start > HEADER_MAX) return undefined;
  const value = parseJson(text.slice(start));
  return isObject(value) ? value : undefined;
};

/** The first value that is there under one of the names; a name may be a path: `userPrincipalName`, `status.errorCode`. */
export const valueAt = (object: unknown, ...names: readonly string[]): unknown => {
  for (const name of names) {
    let value: unknown = object;
    if (isObject(value) && Object.hasOwn(value, name)) value = value[name];
    else
      for (const part of name.split('.'))
        value = isObject(value) && Object.hasOwn(value, part) ? value[part] : undefined;
    if (value !== undefined && value !== null && value !== '') return value;
  }
  return undefined;
};

/** The same as text; an object or a list is none. */
export const textAt = (object: unknown, ...names: readonly string[]): string | undefined => {
  const value = valueAt(object, ...names);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
};

export const listAt = (object: unknown, ...names: readonly string[]): readonly unknown[] => {
  const value = valueAt(object, ...names);
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
};

/** Fields of hostile documents have a limit. */
const KEPT_MAX = 1000;
const NAME_MAX = 256;

/** What was not mapped, under the vendor's name. `without`: the top-level members that were. */
export const keepJson = (fields: Fields, prefix: string, object: Json, without: ReadonlySet<string>): void => {
  let kept = 0;
  for (const member in object) {
    if (without.has(member)) continue;
    for (const [name, value] of Object.entries(flatten({ [member]: object[member] }, prefix))) {
      if (name.length > NAME_MAX) continue;
      kept += 1;
      if (kept > KEPT_MAX) return;
      fields[name.replaceAll(/[^\w.-]+/g, '_').replaceAll(/\.{2,}|\.$/g, '_')] = value;
    }
  }
};
