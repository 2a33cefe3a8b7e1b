// How a parser's time grows with a run of one separator: `node bench/parser-growth.mjs [--parser ID,ID]`.
// The records of its fixtures, with a run put in at eight places of each. Fails where four times the run takes more than seven
// times as long: a match in the square of the length, which a record of a megabyte would turn into minutes.
import { parseArgs } from 'node:util';
import { corpusOf, fastest, parsersNamed, SEPARATORS } from './parser-corpus.mjs';

const { values: options } = parseArgs({ options: { parser: { type: 'string', default: '' } } });

/** Characters of the shorter and of the longer run. */
const RUNS = [4_000, 16_000];
/** Milliseconds below which the shorter one is beyond suspicion. */
const PLAIN = 2.5;
const GROWTH = 7;
/** Records of a parser's fixtures that are looked at, and places in each. */
const RECORDS = 14;
const PLACES = 7;
const LONGEST = 8_000;
const PIECES = [...SEPARATORS, ...'a1', 'a ', '1.', '/a', 'a=', '"a', 'a,', '][', '><', ' : ', 'a.b@', '\\"'];

/** Records evenly out of a parser's fixtures. */
const sampled = (parser) => {
  const fit = corpusOf(parser).filter((text) => text.length < LONGEST);
  const step = Math.max(1, Math.floor(fit.length / RECORDS));
  return fit.filter((_, n) => n % step === 0);
};

/** Separators of which a longer run takes too long, with the times of both. */
const grown = (parser) => {
  const found = new Map();
  for (const text of sampled(parser))
    for (let place = 0; place <= PLACES; place += 1) {
      const at = Math.floor((text.length * place) / PLACES);
      for (const separator of PIECES) {
        if (found.has(separator)) continue;
        const [short, long] = RUNS.map(
          (run) => text.slice(0, at) + separator.repeat(Math.ceil(run / separator.length)) + text.slice(at),
        );
        if (fastest(parser, short, 2, 1) < PLAIN) continue;
        const [a, b] = [fastest(parser, short, 5, 1), fastest(parser, long, 3, 1)];
        if (a >= PLAIN && b > GROWTH * a) found.set(separator, { a, b, before: text.slice(Math.max(0, at - 60), at) });
      }
    }
  return found;
};

let failed = 0;
for (const parser of parsersNamed(options.parser)) {
  const found = grown(parser);
  console.log(`${found.size === 0 ? 'ok  ' : 'FAIL'} ${parser.id}`);
  for (const [separator, { a, b, before }] of found)
    console.log(
      `     ${JSON.stringify(separator)} behind ${JSON.stringify(before)}: ${a.toFixed(1)} ms, then ${b.toFixed(1)} ms`,
    );
  failed += found.size;
}
process.exitCode = failed === 0 ? 0 : 1;
