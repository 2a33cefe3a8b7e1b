import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { PARSERS } from '../../parsers/registry.ts';
import { prepare, readStream } from '../../src/app/read-stream.ts';
import { MINUTE } from '../../src/core/time.ts';
import type { Fields } from '../../src/ecs/event.ts';
import type { ClockSettings } from '../../src/parse/kit/clock.ts';
import { inferredYear, retimed } from '../../src/parse/retime.ts';

const root = join(import.meta.dirname, '../../fixtures/parsers');

const read = async (bytes: Buffer, clock: ClockSettings): Promise<Fields[]> => {
  const prepared = await prepare(Readable.from([bytes]) as AsyncIterable<Buffer>, PARSERS, undefined);
  const events: Fields[] = [];
  const emit = ({ fields }: { fields: Fields }) => events.push(fields);
  await readStream(prepared, { stream: 'fixture', path: 'input.log', parsers: PARSERS, clock, emit });
  return events;
};

const yearsTo = (year: number, events: readonly Fields[]): number => {
  const first = events.map(inferredYear).find((found) => found !== undefined);
  return first === undefined ? 0 : year - first;
};

/** The genuine forms of every format: what was stored under one assumption must turn into what reading under another gives. */
describe.each(PARSERS.map(({ id }) => id))('%s', (id) => {
  const folders = existsSync(join(root, id)) ? readdirSync(join(root, id)) : [];
  it.each(folders)('%s', async (name) => {
    const bytes = readFileSync(join(root, id, name, 'input.log'));
    const { modified } = parseYaml(readFileSync(join(root, id, name, 'case.yml'), 'utf8')) as { modified?: string };
    const instant = Date.parse(modified ?? '2022-01-15T00:00:00Z') * 1000;
    const found: ClockSettings = { reference: { instant, kind: 'latest' } };
    const told: ClockSettings = { zone: 'Europe/Berlin', year: 2017, shift: -9 * MINUTE };
    const [as, to] = [
      { zone: undefined, shift: 0 },
      { zone: 'Europe/Berlin', shift: -9 * MINUTE },
    ];
    const [before, after] = [await read(bytes, found), await read(bytes, told)];
    const forward = yearsTo(2017, before);
    expect(before.map((fields) => retimed(fields, as, to, forward))).toEqual(after);
    expect(after.map((fields) => retimed(fields, to, as, -forward))).toEqual(before);
  });
});
