import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { PARSERS } from '../parsers/registry.ts';
import { prepare, type ReadResult, readStream } from '../src/app/read-stream.ts';
import type { StoredEvent } from '../src/ecs/event.ts';
import { nest } from '../src/ecs/nest.ts';
import type { ClockSettings } from '../src/parse/kit/clock.ts';

/** `case.yml` of a fixture: what an operator would have told, and where the lines come from. */
interface Settings {
  readonly zone?: string;
  readonly year?: number;
  readonly modified?: string;
  readonly product: string;
  readonly origin: string;
}

const root = join(import.meta.dirname, '../fixtures/parsers');

const clockOf = ({ zone, year, modified }: Settings): ClockSettings => ({
  zone,
  year,
  ...(modified === undefined ? {} : { reference: { instant: Date.parse(modified) * 1000, kind: 'latest' } }),
});

interface Read extends ReadResult {
  readonly events: readonly StoredEvent[];
  readonly chosen: string | undefined;
  readonly certainty: number;
}

const read = async (folder: string, settings: Settings): Promise<Read> => {
  const chunks = Readable.from([readFileSync(join(folder, 'input.log'))]) as AsyncIterable<Buffer>;
  const prepared = await prepare(chunks, PARSERS, undefined);
  const events: StoredEvent[] = [];
  const result = await readStream(prepared, {
    stream: 'fixture',
    path: 'input.log',
    parsers: PARSERS,
    clock: clockOf(settings),
    emit: (event) => events.push(event),
  });
  return {
    ...result,
    events,
    chosen: prepared.choice.parser?.id,
    certainty: prepared.choice.ranking[0]?.certainty ?? 0,
  };
};

describe.each(PARSERS.map((parser) => parser.id))('%s', (id) => {
  const folders = existsSync(join(root, id)) ? readdirSync(join(root, id)) : [];

  it('has fixtures', () => expect(folders.length).toBeGreaterThan(0));

  it.each(folders)('%s', async (name) => {
    const folder = join(root, id, name);
    const settings = parseYaml(readFileSync(join(folder, 'case.yml'), 'utf8')) as Settings;
    expect(settings.product, 'case.yml names the product').toBeTruthy();
    expect(settings.origin, 'case.yml says where the lines come from').toBeTruthy();
    const { events, accounting, chosen } = await read(folder, settings);
    expect(chosen, 'the right parser is chosen without a hint').toBe(id);
    expect(accounting.events + accounting.joined + accounting.skipped + accounting.rejected).toBe(accounting.records);
    const golden = events.map((event) => `${JSON.stringify(nest(event.fields))}\n`).join('');
    await expect(golden).toMatchFileSnapshot(join(folder, 'expected.ndjson'));
  });
});
