import { createHash } from 'node:crypto';
import { wellFormed } from '../core/text.ts';
import type { Fields, StoredEvent, Value } from '../ecs/event.ts';

const storableScalar = <T>(value: T): T | string => {
  if (typeof value === 'string') return wellFormed(value);
  // JSON has no word for these; no parser writes them
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
};

const storableValue = (value: Value): Value => {
  if (!Array.isArray(value)) return storableScalar(value as string | number | boolean);
  return value.map(storableScalar);
};

export const storableFields = (given: Readonly<Fields>): Fields => {
  const fields: Fields = {};
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined) fields[wellFormed(name)] = storableValue(value);
  }
  return fields;
};

/** An event as every store gives it back. */
export const storable = (event: StoredEvent): StoredEvent => ({ id: event.id, fields: storableFields(event.fields) });

let lastNames: readonly string[] = [];
let lastSorted: readonly string[] = [];

/** Names in sorted order; remembered, as events of a kind have the same names. */
const sortedNames = (fields: Readonly<Fields>): readonly string[] => {
  const names = Object.keys(fields);
  if (names.length !== lastNames.length || names.some((name, i) => name !== lastNames[i])) {
    lastNames = names;
    lastSorted = [...names].sort();
  }
  return lastSorted;
};

/** One line per event, its fields by name: equal events give equal bytes. */
export const canonicalLine = ({ id, fields }: StoredEvent): string => {
  // one array is written much faster than so many single values
  const pairs = sortedNames(fields).flatMap((name) => [name, fields[name]]);
  return `${JSON.stringify([id, ...pairs])}\n`;
};

/** SHA-256 over the canonical lines of events that arrive in locator order. */
export const digestOf = async (
  events: AsyncIterable<StoredEvent>,
): Promise<{ readonly events: number; readonly sha256: string }> => {
  const hash = createHash('sha256');
  let count = 0;
  for await (const event of events) {
    hash.update(canonicalLine(event));
    count += 1;
  }
  return { events: count, sha256: hash.digest('hex') };
};
