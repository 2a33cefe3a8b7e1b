// Makes a case's everyday events many: its chosen streams go on with copies of their events, at further offsets and later times,
// in Parquet segments as the store writes them. What reads the store meets as many events and segments as if longer files had
// been ingested. The case is no longer one that `verify` passes: the copies stand in no evidence.
import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

/** Copies stand this far apart, µs: a prime number of seconds, so that no copy repeats another's times. */
const APART = 863_000_000;
/** Bytes by which the offsets of copies differ; no stream is as long. */
const FURTHER = 10_000_000_000;
/** Rows of a segment: about what the store writes at once. */
const ROWS = 50_000;
/** Columns that hold instants. */
const INSTANTS = new Set(['@timestamp', 'event.start', 'event.end', 'event.created']);

const quoted = (text) => `'${text.replaceAll("'", "''")}'`;
const list = (texts) => texts.map(quoted).join(', ');

/** The values that the copied segments state, of the fields that each of them states. */
const valuesOf = (segments) => {
  const fields = Object.keys(segments[0].values).filter((field) => segments.every(({ values }) => field in values));
  return Object.fromEntries(
    fields.map((field) => [field, [...new Set(segments.flatMap(({ values }) => values[field]))].sort()]),
  );
};

/** Streams of the case whose path passes, by the parser that reads them. */
const productsOf = (journal, isOurs) => {
  const products = new Map();
  for (const line of readFileSync(journal, 'utf8').trim().split('\n')) {
    const { path, parser, id } = JSON.parse(line);
    if (isOurs(path)) products.set(parser, [...(products.get(parser) ?? []), id]);
  }
  return products;
};

/** Adds `times - 1` copies of the events of the streams whose path passes `isOurs`; returns how many events there are then. */
export const multiply = async (kase, times, isOurs) => {
  const store = join(kase, 'store');
  const manifest = JSON.parse(readFileSync(join(store, 'manifest.json'), 'utf8'));
  const instance = await DuckDBInstance.create(':memory:', { threads: '2', memory_limit: '1GB' });
  const connection = await instance.connect();
  const rowsOf = async (sql) => (await connection.runAndReadAll(sql)).getRows();
  const made = [];

  for (const ids of productsOf(join(kase, 'streams.jsonl'), isOurs).values()) {
    const sources = manifest.segments.filter((segment) => segment.streams.some((id) => ids.includes(id)));
    const files = list(sources.map(({ file }) => join(store, 'segments', file)));
    await connection.run(
      `CREATE OR REPLACE TABLE base AS SELECT * FROM read_parquet([${files}], union_by_name = true) WHERE stream IN (${list(ids)})`,
    );
    const present = manifest.columns.filter(({ id }) => sources.some(({ columns }) => columns.includes(id)));
    const [[rows, odd, ...filled]] = await rowsOf(
      `SELECT count(*), count(rest), ${present.map(({ id }) => `count(c${id})`).join(', ')} FROM base`,
    );
    if (Number(odd) > 0) throw new Error('events with values that fit no column are not copied');
    const columns = present.filter((_, i) => Number(filled[i]) > 0);
    const stamp = `c${columns.find(({ field }) => field === '@timestamp').id}`;
    const chosen = columns.map(({ id, field }) => {
      if (field === 'log.offset') return `c${id} + copy * ${FURTHER} AS c${id}`;
      return INSTANTS.has(field) ? `c${id} + copy * ${APART} AS c${id}` : `c${id}`;
    });

    const step = Math.max(1, Math.floor(ROWS / Number(rows)));
    for (let copy = 1; copy < times; copy += step) {
      const end = Math.min(times, copy + step);
      const file = `${String(manifest.next + made.length).padStart(6, '0')}.parquet`;
      const path = join(store, 'segments', file);
      await connection.run(
        `COPY (SELECT stream, off + copy * ${FURTHER} AS off, rest, ${chosen.join(', ')} FROM base, range(${copy}, ${end}) AS n(copy))
         TO ${quoted(path)} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)`,
      );
      const [[first, last]] = await rowsOf(`SELECT min(${stamp}), max(${stamp}) FROM base`);
      made.push({
        file,
        rows: Number(rows) * (end - copy),
        bytes: statSync(path).size,
        sha256: createHash('sha256').update(readFileSync(path)).digest('hex'),
        streams: ids,
        columns: columns.map(({ id }) => id),
        odd: 0,
        values: valuesOf(sources),
        first: Number(first) + copy * APART,
        last: Number(last) + (end - 1) * APART,
      });
    }
  }
  connection.closeSync();
  instance.closeSync();
  const segments = [...manifest.segments, ...made];
  writeFileSync(
    join(store, 'manifest.json'),
    `${JSON.stringify({ ...manifest, next: manifest.next + made.length, segments })}\n`,
  );
  return segments.reduce((sum, { rows }) => sum + rows, 0);
};
