import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import type { Batch, BufferedColumn } from './batch.ts';
import { Codes, Numbers } from './buffers.ts';
import { columnName, type Kind } from './columns.ts';
import { canState, MOST_STATED, STATED } from './known.ts';
import type { Segment } from './manifest.ts';
import type { Press } from './stage.ts';

/** Rows of a batch, [from, to). */
export interface Range {
  readonly from: number;
  readonly to: number;
}

const hasValues = ({ buffer }: BufferedColumn, { from, to }: Range): boolean => {
  if (buffer instanceof Codes) return buffer.codes.subarray(from, to).some((code) => code !== 0);
  if (buffer instanceof Numbers) return buffer.numbers.subarray(from, to).some((number) => !Number.isNaN(number));
  return buffer.texts.slice(from, to).some((text) => text !== undefined);
};

const expressionOf = (name: string, kind: Kind): string => {
  switch (kind) {
    case 'integer':
      return `${name}::BIGINT AS ${name}`;
    case 'boolean':
    case 'self':
      return `(${name} = 1) AS ${name}`;
    default:
      return name;
  }
};

const timesOf = (columns: readonly BufferedColumn[], { from, to }: Range): Pick<Segment, 'first' | 'last'> => {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { column, buffer } of columns) {
    if (column.field !== '@timestamp' || !(buffer instanceof Numbers)) continue;
    for (const time of buffer.numbers.subarray(from, to)) {
      if (time < first) first = time;
      if (time > last) last = time;
    }
  }
  return first > last ? { first: null, last: null } : { first, last };
};

const streamsOf = ({ streams }: Batch, { from, to }: Range): string[] => {
  const names = streams.texts();
  return [...new Set(streams.codes.subarray(from, to))].map((code) => names[code] as string);
};

/** The different values that the rows have of the fields that are asked for most. */
const valuesOf = (columns: readonly BufferedColumn[], { from, to }: Range): NonNullable<Segment['values']> => {
  const values: Record<string, string[]> = {};
  const named = columns.map(({ column }) => column);
  for (const field of STATED) {
    if (!canState(field, named)) continue;
    const buffer = columns.find(({ column }) => column.field === field)?.buffer ?? new Codes();
    if (!(buffer instanceof Codes)) continue;
    const codes = new Set(buffer.codes.subarray(from, to));
    codes.delete(0);
    const texts = buffer.texts();
    if (codes.size <= MOST_STATED) values[field] = [...codes].map((code) => texts[code] as string).sort();
  }
  return values;
};

const sha256 = async (path: string): Promise<string> => {
  const hash = createHash('sha256');
  for await (const bytes of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(bytes as Buffer);
  return hash.digest('hex');
};

/** Writes rows of the staged batch as a Parquet file and tells what is in it. */
export const writeSegment = async (
  press: Press,
  batch: Batch,
  range: Range,
  path: string,
): Promise<Omit<Segment, 'file'>> => {
  const columns = batch.columns.filter((column) => hasValues(column, range));
  const chosen = [
    'stream',
    'off::BIGINT AS off',
    'rest',
    ...columns.map(({ column }) => expressionOf(columnName(column.id), column.kind)),
  ];
  await press.run(
    `COPY (SELECT ${chosen.join(', ')} FROM stage WHERE rowid >= ${range.from} AND rowid < ${range.to})
     TO '${path.replaceAll("'", "''")}' (FORMAT parquet, COMPRESSION zstd)`,
  );
  return {
    rows: range.to - range.from,
    bytes: statSync(path).size,
    sha256: await sha256(path),
    streams: streamsOf(batch, range),
    columns: columns.map(({ column }) => column.id),
    odd: batch.rest.texts.slice(range.from, range.to).filter((text) => text !== undefined).length,
    ...timesOf(columns, range),
    values: valuesOf(columns, range),
  };
};
