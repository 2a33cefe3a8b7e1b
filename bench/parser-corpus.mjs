// The parsers of the build, and the records of their fixtures, for the benches that damage or swell them.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
export const built = (path) => import(join(root, 'dist', path));

const { PARSERS } = await built('parsers/registry.js');
const { recordOf } = await built('src/parse/record.js');
const { openClock } = await built('src/parse/kit/clock.js');
const { framer } = await built('src/read/records.js');
const { detectCharset } = await built('src/read/charset.js');

/** What fields, names and lists of logs are set apart by. */
export const SEPARATORS = [...' \t,;:=|/\\"\'()[]{}<>@.-%&?#\n\r\0', '": "', '="', ' from ', ' to ', '=(', '::'];

/** Parsers by id, separated by commas; all for ''. */
export const parsersNamed = (ids) => {
  const wanted = ids === '' ? undefined : ids.split(',');
  return PARSERS.filter(({ id }) => wanted === undefined || wanted.includes(id));
};

/** Texts of the records in a parser's fixtures. */
export const corpusOf = (parser) => {
  const folder = join(root, 'fixtures', 'parsers', parser.id);
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    const bytes = readFileSync(join(folder, name, 'input.log'));
    const framing = framer(parser.framing, detectCharset(bytes));
    return [...framing.push(bytes), ...framing.end()].map(({ text }) => text).filter((text) => text.trim() !== '');
  });
};

export const openParser = (parser) => parser.open({ clock: openClock({ year: 2021 }) });

export const framed = (text, n = 0, offset = 0) => ({
  text,
  offset,
  length: Buffer.byteLength(text) + 1,
  line: n + 1,
  flags: [],
});

/** What one record comes to, with all that it costs a parser. */
export const readOne = (parser, read, text) => {
  const record = recordOf(framed(text));
  parser.claims?.(record);
  return read(record);
};

/** The fastest of several times, in ms; the first that is below `plain` suffices. */
export const fastest = (parser, text, attempts, plain = 0) => {
  let best = Number.POSITIVE_INFINITY;
  for (let n = 0; n < attempts && best > plain; n += 1) {
    const read = openParser(parser);
    const begun = performance.now();
    readOne(parser, read, text);
    best = Math.min(best, performance.now() - begun);
  }
  return best;
};
