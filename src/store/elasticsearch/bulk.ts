import { setTimeout as pause } from 'node:timers/promises';
import type { estypes } from '@elastic/elasticsearch';
import { EinfallstorError } from '../../core/errors.ts';
import type { Server } from './connect.ts';
import { type Patience, pauseOf } from './patient.ts';
import { type Cause, isPassing, isPassingStatus, itemError, reasonOf, refused, statusOf } from './refused.ts';

/** One write: a document, or without one a deletion. */
export interface Write {
  readonly id: string;
  /** JSON. */
  readonly document?: string;
}

export interface BulkOptions extends Patience {
  readonly server: Server;
  readonly index: string;
  /** Before documents leave: what must be written down first. */
  readonly before: () => Promise<void>;
  /** What to write for a document that the server refuses; a document refused twice is an error. */
  readonly instead: (write: Write, reason: string) => Write;
}

/** Requests under way at once; who adds more waits. */
const AT_ONCE = 2;

/** Bytes of a request: as many as the server takes in about a second. */
const FIRST_BYTES = 2 << 20;
const LEAST_BYTES = 128 << 10;
const MOST_BYTES = 16 << 20;
const QUICK_MS = 1000;
const SLOW_MS = 5000;

/** Writes many documents: in requests of a size the server likes, again and again until each is stored. */
export class Bulk {
  readonly #options: BulkOptions;
  #waiting: Write[] = [];
  #bytes = 0;
  #size = FIRST_BYTES;
  readonly #under = new Set<Promise<void>>();
  #failure: unknown;
  #lastSuccess = Date.now();

  constructor(options: BulkOptions) {
    this.#options = options;
  }

  /** A promise: too much is under way. */
  add(write: Write): void | Promise<void> {
    this.#waiting.push(write);
    this.#bytes += bytesOf(write);
    if (this.#bytes >= this.#size) return this.#dispatch();
  }

  /** Everything added is stored when it returns. */
  async drain(): Promise<void> {
    if (this.#waiting.length > 0) await this.#dispatch();
    await Promise.all(this.#under);
    this.#mustBeWell();
  }

  async #dispatch(): Promise<void> {
    const writes = this.#waiting;
    this.#waiting = [];
    this.#bytes = 0;
    while (this.#under.size >= AT_ONCE) await Promise.race(this.#under);
    this.#mustBeWell();
    if (this.#under.size === 0) this.#lastSuccess = Date.now();
    const sent = this.#send(writes)
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => this.#under.delete(sent));
    this.#under.add(sent);
  }

  #mustBeWell(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #send(writes: readonly Write[]): Promise<void> {
    const replaced = new Set<string>();
    let left = writes;
    for (let tries = 0; left.length > 0; ) {
      if (tries > 0) await pause(pauseOf(tries));
      const now = this.#portion(left);
      const again = await this.#try(now, replaced);
      tries = again.length === 0 ? 0 : tries + 1;
      left = [...again, ...left.slice(now.length)];
    }
  }

  /** As many writes as make up a request: a server may be too busy for those that were gathered in better times. */
  #portion(writes: readonly Write[]): readonly Write[] {
    let bytes = 0;
    const end = writes.findIndex((write) => {
      bytes += bytesOf(write);
      return bytes > this.#size;
    });
    return end === -1 ? writes : writes.slice(0, Math.max(end, 1));
  }

  /** What of the writes is still to be done. */
  async #try(writes: readonly Write[], replaced: Set<string>): Promise<readonly Write[]> {
    let items: readonly Item[];
    try {
      await this.#options.before();
      items = await this.#request(writes);
    } catch (error) {
      if (statusOf(error) === 413 && writes.length > 1) {
        this.#shrink();
        const half = Math.ceil(writes.length / 2);
        await this.#send(writes.slice(0, half));
        return writes.slice(half);
      }
      if (statusOf(error) === 413) return this.#replace(writes, () => 'larger than the server takes', replaced);
      if (!isPassing(error)) throw refused(error, this.#options.server.url);
      this.#wait(refused(error, this.#options.server.url));
      return writes;
    }
    return this.#rest(writes, items, replaced);
  }

  async #request(writes: readonly Write[]): Promise<readonly Item[]> {
    const { server, index } = this.#options;
    const begun = performance.now();
    const operations = writes.flatMap(({ id, document }) =>
      document === undefined
        ? [JSON.stringify({ delete: { _id: id } })]
        : [JSON.stringify({ index: { _id: id } }), document],
    );
    const { items } = await server.client.bulk({ index, operations }, { maxRetries: 0 });
    const took = performance.now() - begun;
    if (took < QUICK_MS) this.#size = Math.min(Math.ceil(this.#size * 1.5), MOST_BYTES);
    else if (took > SLOW_MS) this.#shrink();
    return items.map((item) => (item.index ?? item.delete) as Item);
  }

  #rest(writes: readonly Write[], items: readonly Item[], replaced: Set<string>): readonly Write[] {
    const again: Write[] = [];
    const bad: Write[] = [];
    const reasons = new Map<string, string>();
    let blocked: Item | undefined;
    for (const [i, write] of writes.entries()) {
      const item = items[i];
      if (item === undefined) again.push(write);
      else if (item.error === undefined || (write.document === undefined && item.status === 404)) continue;
      else if (isPassingItem(item)) {
        again.push(write);
        blocked ??= item;
      } else {
        bad.push(write);
        reasons.set(write.id, reasonOf(item.error as Cause));
      }
    }
    if (again.length + bad.length < writes.length) this.#lastSuccess = Date.now();
    if (blocked !== undefined) this.#wait(refused(itemError(blocked), this.#options.server.url));
    return [...again, ...this.#replace(bad, ({ id }) => reasons.get(id) ?? '', replaced)];
  }

  #replace(writes: readonly Write[], reasonFor: (write: Write) => string, replaced: Set<string>): Write[] {
    return writes.map((write) => {
      const reason = reasonFor(write);
      if (replaced.has(write.id) || write.document === undefined)
        throw new EinfallstorError(
          'STORE',
          `${this.#options.server.url} refuses the event ${write.id}: ${reason}`,
          'Was the index changed by another program? Move the case to a new one.',
        );
      replaced.add(write.id);
      return this.#options.instead(write, reason);
    });
  }

  #wait(reason: unknown): void {
    this.#shrink();
    if (Date.now() - this.#lastSuccess > this.#options.patience) throw reason;
    this.#options.onWait(reason instanceof Error ? reason.message : String(reason));
  }

  #shrink(): void {
    this.#size = Math.max(Math.floor(this.#size / 2), LEAST_BYTES);
  }
}

/** Nearly: letters beyond ASCII take more. */
const bytesOf = ({ id, document }: Write): number => id.length + (document?.length ?? 0);

type Item = estypes.BulkResponseItem;

const isPassingItem = ({ status, error }: Item): boolean =>
  isPassingStatus(status) || error?.type === 'cluster_block_exception';
