import { createHash } from 'node:crypto';
import { FIELDS, fieldOf } from '../../ecs/fields.ts';
import type { Server } from './connect.ts';
import { isPlainName } from './document.ts';
import { putLines, readEntries } from './journal.ts';

/** Journal of the state index with the names of fields that events have. */
const NAMES = 'names';

/** Evidence with ever new field names must not make ever more of them: further ones go to the `rest` of their event. */
const MOST_NAMES = 4000;

export const readNames = (server: Server, state: string): Promise<string[]> =>
  readEntries<string>(server, state, NAMES);

/** Names as the writer meets them: each is written down before the first document that has it. */
export class Names {
  /** With the order in which they were met. */
  readonly #known: Map<string, number>;
  readonly #fresh = new Set<string>();

  constructor(known: readonly string[]) {
    this.#known = new Map(known.map((name, i) => [name, i + 1]));
  }

  /** Whether documents may have this name; see `Admit`. */
  admit(name: string): boolean {
    if (this.#known.has(name)) return true;
    if (fieldOf(name) === undefined && (!isPlainName(name) || this.#known.size >= MOST_NAMES + FIELDS.length))
      return false;
    this.#known.set(name, this.#known.size + 1);
    this.#fresh.add(name);
    return true;
  }

  /** Writes down the names met since. */
  async save(server: Server, index: string): Promise<void> {
    const names = [...this.#fresh];
    const lines = names.map((name) => ({
      id: `name-${createHash('sha256').update(name).digest('hex')}`,
      journal: NAMES,
      number: this.#known.get(name) ?? 0,
      entry: name,
    }));
    await putLines(server, index, lines);
    for (const name of names) this.#fresh.delete(name);
  }
}
