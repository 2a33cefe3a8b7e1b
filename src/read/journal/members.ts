import { isUtf8 } from 'node:buffer';
import { RECORD_MAX } from '../framing.ts';
import type { Bytes } from './bytes.ts';
import { expand } from './expand.ts';
import { type JournalHeader, OBJECT_HEAD, readObject, TYPE, u64 } from './layout.ts';

/** One field of an entry, as a member of its JSON. */
export interface Member {
  readonly name: string;
  /** The value in JSON: text, or a list of bytes where it is none; undefined when it is longer than a record may be. */
  readonly json: string | undefined;
}

/** In front of a DATA object's payload; compact files have two more numbers there. */
const DATA_HEAD = 64;
const COMPACT_HEAD = 72;
/** A value that is no text and longer is left out, as a core that a program dumped. */
const BINARY_MAX = 64 * 1024;
const EQUALS = 61;
/** Characters of members that are held: names of hosts, units and programs, which most entries have in common. */
const HELD_MAX = 16 * 1024 * 1024;

const memberOf = (payload: Buffer | undefined): Member | undefined => {
  const equals = payload?.indexOf(EQUALS) ?? -1;
  if (payload === undefined || equals <= 0) return undefined;
  const name = payload.toString('latin1', 0, equals);
  const value = payload.subarray(equals + 1);
  if (value.length > RECORD_MAX) return { name, json: undefined };
  if (isUtf8(value)) return { name, json: JSON.stringify(value.toString('utf8')) };
  return { name, json: value.length > BINARY_MAX ? undefined : `[${value.join(',')}]` };
};

/** Reads DATA objects; those that several entries refer to are held, as far as there is room. */
export class Members {
  readonly #file: Bytes;
  readonly #head: number;
  readonly #held = new Map<number, Member>();
  #characters = 0;
  /** Bytes that compressed values may still expand to. */
  #left: number;

  constructor(file: Bytes, { compact }: JournalHeader, expandedMax: number) {
    this.#file = file;
    this.#left = expandedMax;
    this.#head = compact ? COMPACT_HEAD : DATA_HEAD;
  }

  /** The field whose object is there; undefined when none can be read. */
  at(offset: number): Member | undefined | Promise<Member | undefined> {
    const held = this.#held.get(offset);
    if (held === undefined) return this.#read(offset);
    this.#held.delete(offset);
    this.#held.set(offset, held);
    return held;
  }

  #read(offset: number): Member | undefined | Promise<Member | undefined> {
    const head = this.#file.read(offset, DATA_HEAD);
    const object = readObject(head, this.#file.size - offset);
    if (object?.type !== TYPE.data || offset % 8 !== 0 || object.size < this.#head) return undefined;
    const payload = this.#file.read(offset + this.#head, Math.min(object.size - this.#head, RECORD_MAX + OBJECT_HEAD));
    const once = u64(head, 56) === 1;
    const take = (bytes: Buffer | undefined): Member | undefined => {
      if (object.flags !== 0) this.#left -= bytes?.length ?? payload.length;
      return this.#hold(offset, memberOf(bytes), once);
    };
    if (object.flags !== 0 && this.#left <= 0) return undefined;
    const expanded = expand(payload, object.flags);
    return expanded instanceof Promise ? expanded.then(take) : take(expanded);
  }

  #hold(offset: number, member: Member | undefined, once: boolean): Member | undefined {
    if (member === undefined || once) return member;
    this.#held.set(offset, member);
    this.#characters += member.json?.length ?? 0;
    for (const [oldest, { json }] of this.#held) {
      if (this.#characters <= HELD_MAX) break;
      this.#held.delete(oldest);
      this.#characters -= json?.length ?? 0;
    }
    return member;
  }
}
