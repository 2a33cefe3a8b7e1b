// How a parser's time grows with a run of one separator: `node bench/parser-growth.mjs [--parser ID,ID]`.
// The records of its fixtures, with a run put in at eight places of each. Fails where four times the run takes more than seven
// times as long: a match in the square of the length, which a record of a megabyte would turn into minutes.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const root = join(import.meta.dirname, '..');
const { PARSERS } = await import(join(root, 'dist/parsers/registry.js'));
const { recordOf } = await import(join(root, 'dist/src/parse/record.js'));
const { openClock } = await import(join(root, 'dist/src/parse/kit/clock.js'));
const { framer } = await import(join(root, 'dist/src/read/records.js'));
const { detectCharset } = await import(join(root, 'dist/src/read/charset.js'));

const { values: options } = parseArgs({ options: { parser: { type: 'string', default: '' } } });
const wanted = options.parser === '' ? undefined : options.parser.split(',');

/** Characters of the shorter and of the longer run. */
const RUNS = [4_000, 16_000];
/** Milliseconds below which the shorter one is beyond suspicion. */
const PLAIN = 2.5;
const GROWTH = 7;
/** Records of a parser's fixtures that are looked at, and places in each. */
const RECORDS = 14;
const PLACES = 7;
const LONGEST = 8_000;
const SEPARATORS = [
  ...' \t,;:=|/\\"\'()[]{}<>@.-%&?#\n\r\0',
  ...[
    '": "',
    '="',
    ' from ',
    ' to ',
    '=(',
    '::',
    'a',
    '1',
    'a ',
    '1.',
    '/a',
    'a=',
    '"a',
    'a,',
    '][',
    '><',
    ' : ',
    'a.b@',
    '\\"',
  ],
];

const framed = (text) => ({ text, offset: 0, length: Buffer.byteLength(text) + 1, line: 1, flags: [] });

/** The fastest of several times, in ms. */
const timeOf = (parser, text, attempts) => {
  let best = Number.POSITIVE_INFINITY;
  for (let n = 0; n < attempts && best >= 1; n += 1) {
    const read = parser.open({ clock: openClock({ year: 2021 }) });
    const begun = performance.now();
    const record = recordOf(framed(text));
    parser.claims?.(record);
    read(record);
    best = Math.min(best, performance.now() - begun);
  }
  return best;
};

const corpusOf = (parser) => {
  const folder = join(root, 'fixtures', 'parsers', parser.id);
  if (!existsSync(folder)) return [];
  const all = readdirSync(folder).flatMap((name) => {
    const bytes = readFileSync(join(folder, name, 'input.log'));
    const framing = framer(parser.framing, detectCharset(bytes));
    return [...framing.push(bytes), ...framing.end()].map(({ text }) => text);
  });
  const fit = all.filter((text) => text.trim() !== '' && text.length < LONGEST);
  const step = Math.max(1, Math.floor(fit.length / RECORDS));
  return fit.filter((_, n) => n % step === 0);
};

/** Separators of which a longer run takes too long, with the times of both. */
const grown = (parser) => {
  const found = new Map();
  for (const text of corpusOf(parser))
    for (let place = 0; place <= PLACES; place += 1) {
      const at = Math.floor((text.length * place) / PLACES);
      for (const separator of SEPARATORS) {
        if (found.has(separator)) continue;
        const [short, long] = RUNS.map(
          (run) => text.slice(0, at) + separator.repeat(Math.ceil(run / separator.length)) + text.slice(at),
        );
        if (timeOf(parser, short, 2) < PLAIN) continue;
        const [a, b] = [timeOf(parser, short, 5), timeOf(parser, long, 3)];
        if (a >= PLAIN && b > GROWTH * a) found.set(separator, { a, b, before: text.slice(Math.max(0, at - 60), at) });
      }
    }
  return found;
};

let failed = 0;
for (const parser of PARSERS.filter(({ id }) => wanted === undefined || wanted.includes(id))) {
  const found = grown(parser);
  console.log(`${found.size === 0 ? 'ok  ' : 'FAIL'} ${parser.id}`);
  for (const [separator, { a, b, before }] of found)
    console.log(
      `     ${JSON.stringify(separator)} behind ${JSON.stringify(before)}: ${a.toFixed(1)} ms, then ${b.toFixed(1)} ms`,
    );
  failed += found.size;
}
process.exitCode = failed === 0 ? 0 : 1;
