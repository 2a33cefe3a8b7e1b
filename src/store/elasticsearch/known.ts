import { createHash } from 'node:crypto';
import { FIELDS, fieldOf } from '../../ecs/fields.ts';
import type { Server } from './connect.ts';
import { isPlainName } from './document.ts';
import { readEntries } from './journal.ts';

/** Journal of the state index with the names of fields that events have. */
const NAMES = 'names';

/** Evidence with ever new field names must not make ever more of them: further ones go to the `rest` of their event. */
const MOST_NAMES = 4000;

export const readNames = (server: Server, state: string): Promise<string[]> =>
  readEntries<string>(server, state, NAMES);

/** Names as the writer meets them: each is written down before the first document that has it. */
export class Names {
  readonly #known: Set<string>;
  #fresh: string[] = [];

  constructor(known: readonly string[]) {
    this.#known = new Set(known);
  }

  /** Whether documents may have this name; see `Admit`. */
  admit(name: string): boolean {
    if (this.#known.has(name)) return true;
    if (fieldOf(name) === undefined && (!isPlainName(name) || this.#known.size >= MOST_NAMES + FIELDS.length))
      return false;
    this.#known.add(name);
    this.#fresh.push(name);
    return true;
  }

  /** Writes down the names met since. Repeating it does no harm. */
  async save(server: Server, index: string): Promise<void> {
    const names = this.#fresh;
    if (names.length === 0) return;
    await server.ask((client) =>
      client.bulk({
        refresh: true,
        operations: names.flatMap((name) => [
          { index: { _index: index, _id: `name-${createHash('sha256').update(name).digest('hex')}` } },
          { journal: NAMES, number: 0, entry: name },
        ]),
      }),
    );
    this.#fresh = this.#fresh.slice(names.length);
  }
}
