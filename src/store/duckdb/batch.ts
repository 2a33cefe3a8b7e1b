import { wellFormed } from '../../core/text.ts';
import type { Fields, StoredEvent, Value } from '../../ecs/event.ts';
import { fieldOf } from '../../ecs/fields.ts';
import { storableFields } from '../canonical.ts';
import { locatorOf } from '../order.ts';
import { type Buffer, Codes, Numbers, Plain } from './buffers.ts';
import { type Column, type ColumnCatalogue, type Kind, LIST_SEPARATOR } from './columns.ts';

/** Columns beyond the catalogue of fields that one segment may have. */
const MOST_VENDOR_COLUMNS = 400;

export interface BufferedColumn {
  readonly column: Column;
  readonly buffer: Codes | Numbers | Plain;
}

/** The buffers of one field, by kind of value. */
interface Slot {
  readonly name: string;
  text: Codes | Plain | undefined;
  integer: Numbers | undefined;
  decimal: Numbers | undefined;
  boolean: Numbers | undefined;
  texts: Codes | undefined;
  self: Numbers | undefined;
}

const emptySlot = (name: string): Slot => ({
  name,
  text: undefined,
  integer: undefined,
  decimal: undefined,
  boolean: undefined,
  texts: undefined,
  self: undefined,
});

/** Events held column by column until they make a segment. */
export class Batch {
  readonly streams = new Codes();
  readonly offsets = new Numbers();
  readonly rest = new Plain();
  readonly columns: BufferedColumn[] = [];
  rows = 0;
  /** Bytes of memory the held values take, roughly. */
  weight = 0;
  #vendorColumns = 0;
  readonly #slots = new Map<string, Slot>();
  /** Slots in the order of the last event's fields: events of a kind have the same order. */
  #order: Slot[] = [];
  readonly #catalogue: ColumnCatalogue;
  /** Fields whose texts hardly repeat. */
  readonly #plain: ReadonlySet<string>;

  constructor(catalogue: ColumnCatalogue, plain: ReadonlySet<string>) {
    this.#catalogue = catalogue;
    this.#plain = plain;
  }

  put(stream: string, event: StoredEvent): void {
    const row = this.rows;
    const { fields } = event;
    this.streams.put(row, stream);
    this.offsets.put(row, locatorOf(event.id).offset);
    let rest: Fields | undefined;
    let i = 0;
    for (const name in fields) {
      const value = fields[name];
      if (value === undefined) continue;
      let slot = this.#order[i];
      if (slot === undefined || slot.name !== name) {
        slot = this.#slot(name);
        this.#order[i] = slot;
      }
      i += 1;
      if (this.#place(slot, row, value, event.id)) continue;
      rest ??= {};
      rest[name] = value;
    }
    if (rest !== undefined) this.#putRest(row, rest);
    this.rows += 1;
    this.weight += 8 * i;
  }

  /** Forgets the events from a row on. */
  truncate(from: number): void {
    const buffers: Buffer<never>[] = [this.streams, this.offsets, this.rest, ...this.columns.map((c) => c.buffer)];
    for (const buffer of buffers) buffer.clear(from, this.rows);
    this.rows = from;
  }

  #slot(name: string): Slot {
    let slot = this.#slots.get(name);
    if (slot === undefined) {
      slot = emptySlot(name);
      this.#slots.set(name, slot);
    }
    return slot;
  }

  /** False when the value fits no column. */
  #place(slot: Slot, row: number, value: Value, id: string): boolean {
    if (typeof value === 'string') return this.#placeText(slot, row, value, id);
    if (typeof value === 'number') {
      if (Number.isSafeInteger(value)) slot.integer ??= this.#column(slot.name, 'integer', () => new Numbers());
      else if (Number.isFinite(value)) slot.decimal ??= this.#column(slot.name, 'decimal', () => new Numbers());
      else return false;
      const buffer = Number.isSafeInteger(value) ? slot.integer : slot.decimal;
      buffer?.put(row, value);
      return buffer !== undefined;
    }
    if (typeof value === 'boolean') {
      slot.boolean ??= this.#column(slot.name, 'boolean', () => new Numbers());
      slot.boolean?.put(row, value ? 1 : 0);
      return slot.boolean !== undefined;
    }
    const joined = joinTexts(value);
    if (joined === undefined) return false;
    slot.texts ??= this.#column(slot.name, 'texts', () => new Codes());
    slot.texts?.put(row, wellFormed(joined));
    return slot.texts !== undefined;
  }

  #placeText(slot: Slot, row: number, value: string, id: string): boolean {
    if (slot.name === 'event.id' && value === id) {
      slot.self ??= this.#column(slot.name, 'self', () => new Numbers());
      slot.self?.put(row, 1);
      return slot.self !== undefined;
    }
    if (startsWithMark(value)) return false;
    slot.text ??= this.#column(slot.name, 'text', () => (this.#isPlain(slot.name) ? new Plain() : new Codes()));
    if (slot.text === undefined) return false;
    slot.text.put(row, wellFormed(value));
    if (slot.text instanceof Plain) this.weight += value.length;
    return true;
  }

  #isPlain(name: string): boolean {
    return fieldOf(name)?.type === 'text' || this.#plain.has(name);
  }

  #column<T extends Codes | Numbers | Plain>(field: string, kind: Kind, make: () => T): T | undefined {
    if (fieldOf(field) === undefined) {
      if (!field.isWellFormed()) return undefined;
      if (this.#vendorColumns >= MOST_VENDOR_COLUMNS) return undefined;
      this.#vendorColumns += 1;
    }
    const column = this.#catalogue.ensure(field, kind);
    if (column === undefined) return undefined;
    const buffer = make();
    this.columns.push({ column, buffer });
    return buffer;
  }

  #putRest(row: number, rest: Fields): void {
    const text = JSON.stringify(storableFields(rest));
    this.rest.put(row, text);
    this.weight += text.length;
  }
}

/** DuckDB's JavaScript interface drops a byte order mark that a text begins with. */
const startsWithMark = (text: string): boolean => text.charCodeAt(0) === 0xfeff;

/** The texts of a list as one text; undefined for what is no list of texts. */
const joinTexts = (value: unknown): string | undefined => {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  for (const one of value)
    if (typeof one !== 'string' || one.includes(LIST_SEPARATOR) || startsWithMark(one)) return undefined;
  return value.length === 1 ? (value[0] as string) : value.join(LIST_SEPARATOR);
};
