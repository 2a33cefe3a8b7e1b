// The program as other programs see it: its command line and what it prints as JSON.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const main = join(import.meta.dirname, '..', '..', 'dist', 'src', 'cli', 'main.js');

const hooks = join(import.meta.dirname, 'without.mjs');

/** `without`: a part of the trace to take out, see `without-hooks.mjs`. */
export const run = (args, without) => {
  const done = spawnSync(process.execPath, [...(without === undefined ? [] : ['--import', hooks]), main, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, ...(without === undefined ? {} : { EINFALLSTOR_WITHOUT: without }) },
  });
  if (done.status !== 0) throw new Error(`einfallstor ${args.join(' ')}: ${done.stderr.slice(-2000)}`);
  return done.stdout;
};

const lines = (text) =>
  text
    .split('\n')
    .filter(Boolean)
    .map((one) => JSON.parse(one));

/** Places (path and line) of events, by id. */
export const placesOf = (directory, ids) => {
  const places = new Map();
  const wanted = [...new Set(ids)];
  for (let i = 0; i < wanted.length; i += 200) {
    const filter = `event.id: (${wanted
      .slice(i, i + 200)
      .map((id) => `"${id}"`)
      .join(' or ')})`;
    for (const event of lines(run(['search', '--case', directory, filter, '--format', 'ndjson'])))
      places.set(event.event.id, `${event.log.file.path}\0${event.einfallstor.record.line}`);
  }
  return places;
};

/** The findings that the investigation wrote down. */
export const findingsOf = (directory) => JSON.parse(readFileSync(join(directory, 'findings.json'), 'utf8'));
