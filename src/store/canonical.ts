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

/** One line per event: equal events give equal bytes. */
export const canonicalLine = (event: StoredEvent): string => {
  const names = Object.keys(event.fields).sort();
  const parts = names.map((name) => `${JSON.stringify(name)}:${JSON.stringify(event.fields[name])}`);
  return `{"id":${JSON.stringify(event.id)},"fields":{${parts.join(',')}}}\n`;
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
