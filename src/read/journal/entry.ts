import { RECORD_MAX } from '../framing.ts';
import { ENTRY_HEAD, type JournalHeader, u64 } from './layout.ts';
import type { Member, Members } from './members.ts';

export interface Entry {
  /** As `journalctl -o json --all` prints it. */
  readonly text: string;
  /** Sequence number, when it is a safe integer. */
  readonly number: number | undefined;
  /** All that it refers to is in its text. */
  readonly complete: boolean;
}

/** Members that an entry has of its own beside the fields it refers to. */
const own = (object: Buffer, { seqnumId }: JournalHeader): [name: string, json: string][] => {
  const [number, realtime, monotonic] = [16, 24, 32].map((at) => object.readBigUInt64LE(at)) as [
    bigint,
    bigint,
    bigint,
  ];
  const boot = object.toString('hex', 40, 56);
  const hex = (value: bigint): string => value.toString(16);
  const cursor = `s=${seqnumId};i=${hex(number)};b=${boot};m=${hex(monotonic)};t=${hex(realtime)};x=${hex(object.readBigUInt64LE(56))}`;
  return [
    ['__CURSOR', `"${cursor}"`],
    ['__REALTIME_TIMESTAMP', `"${realtime}"`],
    ['__MONOTONIC_TIMESTAMP', `"${monotonic}"`],
    ['_BOOT_ID', `"${boot}"`],
  ];
};

/** Characters of a value that is never left out. */
const SHORT = 4096;

/** Adds a value; several of one name become a list. */
const put = (fields: Map<string, string | string[]>, name: string, json: string): void => {
  const before = fields.get(name);
  if (before === undefined) fields.set(name, json);
  else if (typeof before !== 'string') before.push(json);
  else if (before !== json) fields.set(name, [before, json]);
};

/** Reads entries; `textMax`: characters that all their texts together may have before long values are left out. */
export class Entries {
  readonly #header: JournalHeader;
  readonly #members: Members;
  #left: number;

  constructor(header: JournalHeader, members: Members, textMax: number) {
    this.#header = header;
    this.#members = members;
    this.#left = textMax;
  }

  async read(object: Buffer): Promise<Entry> {
    const fields = new Map<string, string | string[]>(own(object, this.#header));
    const step = this.#header.compact ? 4 : 16;
    let complete = (object.length - ENTRY_HEAD) % step === 0;
    let room = RECORD_MAX;
    for (let at = ENTRY_HEAD; at + step <= object.length; at += step) {
      if (room <= 0) {
        complete = false;
        break;
      }
      const offset = this.#header.compact ? object.readUInt32LE(at) : u64(object, at);
      const found = this.#members.at(offset);
      const member = found instanceof Promise ? await found : found;
      const json = this.#fitting(member, room);
      if (member === undefined || json === undefined) complete = false;
      if (member === undefined) continue;
      put(fields, member.name, json ?? 'null');
      room -= member.name.length + (json?.length ?? 0);
    }
    const members = Array.from(fields, ([name, json]) => {
      const value = typeof json === 'string' ? json : `[${json.join(',')}]`;
      return `${JSON.stringify(name)}:${value}`;
    });
    const text = `{${members.join(',')}}`;
    this.#left -= text.length;
    const number = u64(object, 16);
    return { text, number: Number.isSafeInteger(number) ? number : undefined, complete };
  }

  /** A file in which many entries refer to one long value would expand without end. */
  #fitting({ json }: Partial<Member> = {}, room: number): string | undefined {
    if (json === undefined || json.length > room) return undefined;
    return this.#left > 0 || json.length <= SHORT ? json : undefined;
  }
}
