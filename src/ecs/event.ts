/**
 * An event is a flat record of dotted ECS names, as it is queried and stored: `{'source.ip': '192.0.2.1', …}`.
 * Dates are epoch microseconds (safe integers until 2255); addresses canonical text (RFC 5952, IPv4-mapped as IPv4).
 * A field that is absent is absent: never null, never an empty string.
 */
export type Scalar = string | number | boolean;
export type Value = Scalar | readonly Scalar[];
export type Fields = Record<string, Value>;

/** An event with the provenance the runner adds. Everything else is in `fields`. */
export interface StoredEvent {
  /** `eventId(stream, offset)` */
  readonly id: string;
  readonly fields: Fields;
}

/** All values of a field, whatever its arity. */
export const valuesOf = (fields: Readonly<Fields>, name: string): readonly Scalar[] => {
  const value = fields[name];
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly Scalar[]) : [value as Scalar];
};

/** The first value as text, or undefined. */
export const textOf = (fields: Readonly<Fields>, name: string): string | undefined => {
  const value = valuesOf(fields, name)[0];
  return value === undefined ? undefined : String(value);
};

/** The first value as a finite number, or undefined. */
export const numberOf = (fields: Readonly<Fields>, name: string): number | undefined => {
  const value = valuesOf(fields, name)[0];
  return typeof value === 'number' ? value : undefined;
};
