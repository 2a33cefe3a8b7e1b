import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { PARSERS } from '../../parsers/registry.ts';
import { prepare, readStream } from '../../src/app/read-stream.ts';
import type { StoredEvent } from '../../src/ecs/event.ts';

/** A log read as evidence is, by the parser it is recognised by; its lines without zone or year are UTC of 2024. */
export const readLog = async (file: string, stream: string): Promise<StoredEvent[]> => {
  const chunks = Readable.from([readFileSync(file)]) as AsyncIterable<Buffer>;
  const prepared = await prepare(chunks, PARSERS, undefined);
  const events: StoredEvent[] = [];
  await readStream(prepared, {
    stream,
    path: file,
    parsers: PARSERS,
    clock: { zone: 'UTC', year: 2024 },
    emit: (event) => events.push(event),
  });
  return events;
};
