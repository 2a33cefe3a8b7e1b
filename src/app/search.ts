import { EinfallstorError } from '../core/errors.ts';
import { jsonText } from '../core/json.ts';
import { sanitize } from '../core/sanitize.ts';
import { isoOf } from '../core/time.ts';
import { numberOf, type StoredEvent, textOf } from '../ecs/event.ts';
import { nest } from '../ecs/nest.ts';
import { summarise } from '../ecs/summary.ts';
import { csvHead, csvRow } from '../export/csv.ts';
import { ALL } from '../query/ast.ts';
import { parseIso } from '../query/calendar.ts';
import { parseKql } from '../query/kql.ts';
import { withStore } from './case-view.ts';
import type { StoreWish } from './stores.ts';

export interface SearchRequest {
  readonly caseDir: string;
  readonly filter: string;
  /** ISO 8601. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly limit: number | undefined;
  readonly format: 'table' | 'ndjson' | 'csv';
  readonly store?: StoreWish;
}

const instant = (option: string, text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  const time = parseIso(text);
  if (time === undefined)
    throw new EinfallstorError(
      'USAGE',
      `--${option} ${text} is no time`,
      'Use ISO 8601, for example 2021-10-31T22:00:00Z; without a zone it is UTC.',
    );
  return time;
};

const row = ({ fields }: StoredEvent): string => {
  const time = numberOf(fields, '@timestamp');
  const place = `${textOf(fields, 'log.file.path') ?? ''}:${textOf(fields, 'einfallstor.record.line') ?? textOf(fields, 'einfallstor.record.number') ?? ''}`;
  return `${time === undefined ? 'no time'.padEnd(24) : isoOf(time)}  ${sanitize(summarise(fields))}  ${sanitize(place)}\n`;
};

const FORMATS: Readonly<Record<SearchRequest['format'], { head: () => string; line: (event: StoredEvent) => string }>> =
  {
    table: { head: () => '', line: row },
    ndjson: { head: () => '', line: ({ fields }) => `${jsonText(nest(fields))}\n` },
    csv: { head: csvHead, line: ({ fields }) => csvRow(fields) },
  };

/** Lines handed on at a time. */
const BATCH = 500;

/** Events that match, in time order, as text; memory stays bounded however many they are. */
export const search = async (request: SearchRequest, write: (text: string) => Promise<void>): Promise<number> => {
  const query = request.filter.trim() === '' ? ALL : parseKql(request.filter);
  const range = { from: instant('from', request.from), to: instant('to', request.to) };
  const { head, line } = FORMATS[request.format];
  return withStore(
    request.caseDir,
    async (_, store) => {
      let lines = [head()];
      let count = 0;
      for await (const event of store.scan(query, {
        order: 'time',
        ...range,
        ...(request.limit === undefined ? {} : { limit: request.limit }),
      })) {
        lines.push(line(event));
        count += 1;
        if (lines.length < BATCH) continue;
        await write(lines.join(''));
        lines = [];
      }
      await write(lines.join(''));
      return count;
    },
    request.store,
  );
};
