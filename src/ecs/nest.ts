import { isoOf } from '../core/time.ts';
import type { Fields, Scalar, Value } from './event.ts';
import { fieldOf } from './fields.ts';

interface Nested {
  [key: string]: Nested | unknown;
}

const rendered = (name: string, value: Value): unknown =>
  fieldOf(name)?.type === 'date' && typeof value === 'number' ? isoOf(value) : value;

/**
 * The nested ECS document of a flat event, dates as ISO 8601 UTC, keys sorted: what leaves the program.
 * Where a name is both a value and a prefix (`a` and `a.b`, only vendor fields), the value goes to `a._value`.
 */
export const nest = (fields: Readonly<Fields>): Nested => {
  const root: Nested = {};
  for (const name of Object.keys(fields).sort()) {
    const parts = name.split('.');
    const last = parts.pop() as string;
    let at = root;
    for (const part of parts) {
      const below = Object.hasOwn(at, part) ? at[part] : undefined;
      if (typeof below === 'object' && below !== null && !Array.isArray(below)) at = below as Nested;
      else {
        const made: Nested = Object.create(null) as Nested;
        if (below !== undefined) made['_value'] = below;
        at[part] = made;
        at = made;
      }
    }
    at[last] = rendered(name, fields[name] as Value);
  }
  return root;
};

const asList = (value: Value | undefined): readonly Scalar[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value as Scalar];

/** The flat fields of any JSON object; arrays of objects become one array per leaf; null and empty text are left out. */
export const flatten = (object: unknown, prefix = '', out: Fields = {}): Fields => {
  if (typeof object !== 'object' || object === null) return out;
  for (const [key, value] of Object.entries(object)) {
    const name = prefix === '' ? key : `${prefix}.${key}`;
    if (value === null || value === undefined || value === '') continue;
    if (Array.isArray(value)) {
      const scalars = value.filter((v) => v !== null && typeof v !== 'object') as Scalar[];
      if (scalars.length > 0) out[name] = scalars;
      const leaves = new Map<string, Scalar[]>();
      for (const item of value) {
        if (typeof item !== 'object' || item === null) continue;
        for (const [leaf, leafValue] of Object.entries(flatten(item, name))) {
          const list = leaves.get(leaf) ?? [];
          leaves.set(leaf, list);
          for (const scalar of Array.isArray(leafValue) ? leafValue : [leafValue]) list.push(scalar);
        }
      }
      for (const [leaf, list] of leaves) out[leaf] = [...asList(out[leaf]), ...list];
    } else if (typeof value === 'object') flatten(value, name, out);
    else out[name] = value as string | number | boolean;
  }
  return out;
};
