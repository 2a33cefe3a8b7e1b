import type { StoredEvent } from '../ecs/event.ts';

/** Names of the fields that a caller needs, the time always among them; undefined: all. */
export const namesOf = (fields: readonly string[] | undefined): ReadonlySet<string> | undefined =>
  fields === undefined ? undefined : new Set(['@timestamp', ...fields]);

/** An event with no other fields than these. */
export const projected = (event: StoredEvent, names: ReadonlySet<string> | undefined): StoredEvent =>
  names === undefined
    ? event
    : { id: event.id, fields: Object.fromEntries(Object.entries(event.fields).filter(([name]) => names.has(name))) };
