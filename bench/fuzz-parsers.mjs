// Damaged records for every parser: `node bench/fuzz-parsers.mjs [--count 100000] [--parser ID,ID] [--seed 1] [--limit 10]`.
// Its fixtures' records, cut, spliced, swapped, swollen. Fails when a parser throws, when a record takes longer than the limit
// however often it is measured, when a value is none (empty, null, NaN), or when the runner's accounting is not exact.
import { parseArgs } from 'node:util';
import { built, corpusOf, fastest, framed, openParser, parsersNamed, readOne, SEPARATORS } from './parser-corpus.mjs';

const { openRun } = await built('src/parse/run.js');
const { complete } = await built('src/parse/complete.js');

const { values: options } = parseArgs({
  options: {
    count: { type: 'string', default: '100000' },
    parser: { type: 'string', default: '' },
    seed: { type: 'string', default: '1' },
    /** Milliseconds that a plain record may take. */
    limit: { type: 'string', default: '10' },
  },
});
const count = Number(options.count);

/** A record of this many bytes may take LIMIT ms; a larger one in proportion. */
const PLAIN = 32 * 1024;
const LIMIT = Number(options.limit);
/** A slow record is measured this often before it is blamed: the machine may be busy. */
const ATTEMPTS = 8;
/** One mutation in so many is a megabyte long: they take as long as all the others. */
const HUGE_ONE_IN = 500;
/** Records that one run of the runner reads. */
const BATCH = 500;
const MEGABYTE = 1 << 20;

/** Mulberry32: the same seed gives the same records. */
const random = (() => {
  let state = Number(options.seed) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
})();
const below = (n) => Math.floor(random() * n);
const pick = (list) => list[below(list.length)];

const PIECES = [...SEPARATORS, '\ufeff', 'ü', '\ud800', '\u202e'];
const NUMBERS = [
  '0',
  '-1',
  '4294967296',
  '99999999999999999999',
  '1e309',
  '0x7fffffff',
  '256.1.1.1',
  '1::2::3',
  'NaN',
  '00',
  '٣',
];
const WORDS = [
  '__proto__',
  'constructor',
  'toString',
  'null',
  '-',
  'N/A',
  '(null)',
  '""',
  '<>',
  '%00',
  '[object Object]',
];

const slice = (text) => {
  const from = below(text.length + 1);
  return [from, Math.min(text.length, from + 1 + below(40))];
};
const MUTATIONS = [
  (text) => text.slice(0, below(text.length + 1)),
  (text) => text.slice(below(text.length + 1)),
  (text, corpus) => text.slice(0, below(text.length + 1)) + pick(corpus).slice(below(200)),
  (text) => {
    const [from, to] = slice(text);
    return text.slice(0, from) + text.slice(to);
  },
  (text) => {
    const [from, to] = slice(text);
    return text.slice(0, to) + text.slice(from, to).repeat(1 + below(5)) + text.slice(to);
  },
  (text) => {
    const [[a, b], [c, d]] = [slice(text), slice(text)].sort((x, y) => x[0] - y[0]);
    return b > c ? text : text.slice(0, a) + text.slice(c, d) + text.slice(b, c) + text.slice(a, b) + text.slice(d);
  },
  (text) => {
    const at = below(text.length + 1);
    return text.slice(0, at) + pick(PIECES).repeat(1 + below(3)) + text.slice(at);
  },
  (text) => {
    const at = below(text.length + 1);
    return text.slice(0, at) + String.fromCharCode(below(0x250)) + text.slice(at + 1);
  },
  (text) => {
    let nth = below(Math.max(1, (text.match(/\d+/g) ?? []).length));
    return text.replaceAll(/\d+/g, (number) => (nth-- === 0 ? pick(NUMBERS) : number));
  },
  (text) => {
    let nth = below(Math.max(1, (text.match(/[A-Za-z]+/g) ?? []).length));
    return text.replaceAll(/[A-Za-z]+/g, (word) => (nth-- === 0 ? pick(WORDS) : word));
  },
  (text) => {
    const at = below(text.length + 1);
    return text.slice(0, at) + pick(PIECES).repeat(below(4000)) + text.slice(at);
  },
];
/** A field of a megabyte: one character, a separator or a piece of the record over and over. */
const swollen = (text) => {
  const at = below(text.length + 1);
  const piece = pick([pick(PIECES), 'a', '1', 'a ', text.slice(...slice(text)) || 'x', `${text} `]);
  return text.slice(0, at) + piece.repeat(Math.ceil(MEGABYTE / piece.length)) + text.slice(at);
};
const mutated = (corpus) => {
  let text = pick(corpus);
  if (below(HUGE_ONE_IN) === 0) return swollen(text);
  for (let n = 1 + below(3); n > 0; n -= 1) text = pick(MUTATIONS)(text, corpus);
  return text;
};

const isValue = (value) =>
  typeof value === 'string'
    ? value !== ''
    : typeof value === 'number'
      ? Number.isFinite(value)
      : typeof value === 'boolean';

const shown = (text) => JSON.stringify(text.length > 300 ? `${text.slice(0, 200)} … ${text.slice(-60)}` : text);

const fuzz = (parser) => {
  const corpus = corpusOf(parser);
  const found = new Map();
  const blame = (what, text) => found.set(what, found.get(what) ?? text);
  let slowest = 0;
  for (let done = 0; done < count; done += BATCH) {
    const texts = Array.from({ length: Math.min(BATCH, count - done) }, () => mutated(corpus));
    let read = openParser(parser);
    for (const text of texts) {
      const limit = LIMIT * Math.max(1, Buffer.byteLength(text) / PLAIN);
      const begun = performance.now();
      try {
        const outcome = readOne(parser, read, text);
        if (outcome.kind === 'event') {
          complete(outcome.fields);
          for (const [name, value] of Object.entries(outcome.fields))
            if (!(Array.isArray(value) ? value : [value]).every(isValue)) blame(`${name} is no value`, text);
        }
      } catch (error) {
        blame(`throws ${error.message}`, text);
        read = openParser(parser);
      }
      if (performance.now() - begun > limit) {
        const time = fastest(parser, text, ATTEMPTS);
        slowest = Math.max(slowest, time);
        if (time > limit) blame(`takes ${Math.round(time)} ms for ${Math.round(text.length / 1024)} KiB`, text);
      }
    }
    accountOf(parser, texts, blame);
  }
  return { found, records: corpus.length, slowest };
};

const accountOf = (parser, texts, blame) => {
  let emitted = 0;
  const run = openRun({
    stream: 's',
    path: 'x',
    parser,
    others: [parser],
    clock: { year: 2021 },
    emit: () => {
      emitted += 1;
    },
  });
  let offset = 0;
  try {
    for (const [n, text] of texts.entries()) {
      const record = framed(text, n, offset);
      offset += record.length;
      run.push(record);
    }
    const { records, events, joined, skipped, rejected } = run.end();
    if (records !== texts.length || events + joined + skipped + rejected !== records || emitted !== events + rejected)
      blame(`accounting ${records} = ${events} + ${joined} + ${skipped} + ${rejected}, ${emitted} emitted`, '');
  } catch (error) {
    blame(`the runner throws ${error.message}`, '');
  }
};

let failed = 0;
for (const parser of parsersNamed(options.parser)) {
  const begun = performance.now();
  const { found, records, slowest } = fuzz(parser);
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  console.log(
    `${found.size === 0 ? 'ok  ' : 'FAIL'} ${parser.id}: ${count} of ${records} records, ${seconds} s, slow ones ${slowest.toFixed(1)} ms`,
  );
  for (const [what, text] of found) console.log(`     ${what}: ${shown(text)}`);
  failed += found.size;
}
process.exitCode = failed === 0 ? 0 : 1;
