import { Readable } from 'node:stream';
import { PARSERS } from '../../../parsers/registry.ts';
import { prepare, type ReadResult, readStream } from '../../../src/app/read-stream.ts';
import type { Fields } from '../../../src/ecs/event.ts';

export interface Read extends ReadResult {
  readonly events: readonly Fields[];
  readonly chosen: string | undefined;
  readonly wrappers: readonly string[];
}

/** Reads a stream as evidence is read, whatever its chunks. */
export const readText = async (
  content: string | Buffer,
  zone = 'UTC',
  year: number | undefined = 2021,
): Promise<Read> => {
  const bytes = Buffer.from(content);
  const middle = Math.floor(bytes.length / 2);
  const chunks = Readable.from([bytes.subarray(0, middle), bytes.subarray(middle)]) as AsyncIterable<Buffer>;
  const prepared = await prepare(chunks, PARSERS, undefined);
  const events: Fields[] = [];
  const result = await readStream(prepared, {
    stream: 's',
    path: 'x.log',
    parsers: PARSERS,
    clock: { zone, year },
    emit: (event) => events.push(event.fields),
  });
  return { ...result, events, chosen: prepared.choice.parser?.id, wrappers: prepared.wrappers };
};

/** What of an event tells what happened, not where it stood. */
export const meaning = (fields: Fields): Fields =>
  Object.fromEntries(
    Object.entries(fields).filter(
      ([name]) =>
        !/^(?:event\.(?:id|original)|log\.(?:offset|file\.path)|einfallstor\.(?:record|wrapper|joined|stream|warnings|time\.differs))/.test(
          name,
        ),
    ),
  );
