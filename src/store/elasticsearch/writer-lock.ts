import { hostname } from 'node:os';
import { EinfallstorError } from '../../core/errors.ts';
import type { Server } from './connect.ts';
import { statusOf } from './refused.ts';

const ID = 'writer';
/** A writer that has not been heard of for so long is gone. */
const SILENT_MS = 120_000;
const RENEW_MS = 20_000;

interface Holder {
  readonly host: string;
  readonly pid: number;
  /** Epoch ms. */
  readonly heard: number;
}

interface Held {
  readonly entry: Holder;
  readonly seqNo: number;
  readonly term: number;
}

/** One process writes to a case, wherever it runs: the lock in the case's directory keeps out those on this machine only. */
export const lockWriting = async (server: Server, index: string): Promise<() => Promise<void>> => {
  const held = await read(server, index);
  if (held !== undefined && isAlive(held.entry))
    throw new EinfallstorError(
      'CASE_LOCKED',
      `process ${held.entry.pid} on ${held.entry.host} is writing to this case in ${server.url}`,
      'Wait until it has finished; a process that died is forgotten after two minutes.',
    );
  let own = await write(server, index, held);
  let renewing = false;
  const timer = setInterval(() => {
    if (renewing) return; // the server is away; the load waits for it, too
    renewing = true;
    void write(server, index, own)
      .then(
        (renewed) => {
          own = renewed;
        },
        () => {},
      )
      .finally(() => {
        renewing = false;
      });
  }, RENEW_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await server.client.delete({ index, id: ID, refresh: true }).catch(() => {});
  };
};

const isAlive = ({ host, pid, heard }: Holder): boolean => {
  if (Date.now() - heard > SILENT_MS) return false;
  if (host !== hostname()) return true;
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
};

const read = async (server: Server, index: string): Promise<Held | undefined> =>
  server.ask(async (client) => {
    try {
      const found = await client.get<{ entry: Holder }>({ index, id: ID });
      if (found._source === undefined) return undefined;
      return { entry: found._source.entry, seqNo: found._seq_no ?? 0, term: found._primary_term ?? 0 };
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  });

const write = (server: Server, index: string, before: Held | undefined): Promise<Held> =>
  server.ask(async (client) => {
    const entry: Holder = { host: hostname(), pid: process.pid, heard: Date.now() };
    try {
      const { _seq_no, _primary_term } = await client.index({
        index,
        id: ID,
        document: { journal: ID, number: 0, entry },
        ...(before === undefined
          ? { op_type: 'create' as const }
          : { if_seq_no: before.seqNo, if_primary_term: before.term }),
      });
      return { entry, seqNo: _seq_no ?? 0, term: _primary_term ?? 0 };
    } catch (error) {
      if (statusOf(error) !== 409) throw error;
      // a request that was given up may have been done all the same
      const now = await read(server, index);
      if (now?.entry.host === entry.host && now.entry.pid === entry.pid) return now;
      throw new EinfallstorError(
        'CASE_LOCKED',
        `another process has begun to write to this case in ${server.url}`,
        'Wait until it has finished.',
      );
    }
  });
