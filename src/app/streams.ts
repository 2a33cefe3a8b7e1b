import type { EvidenceItem } from '../evidence/item.ts';
import type { ClockSettings } from '../parse/kit/clock.ts';
import type { Parser } from '../parse/parser.ts';
import type { OpenedStream } from '../read/open.ts';
import { type Prepared, prepare } from './read-stream.ts';
import { type TimeSettings, zoneOf } from './time-settings.ts';

/** What other sources of the case say of the time, µs; undefined while none stated its year. */
export type CaseTime = number | undefined;

/**
 * Where a missing year comes from, best first: the time an archive or gzip header states, the time other sources speak of,
 * the file's last change.
 */
const referenceOf = (opened: OpenedStream, item: EvidenceItem, caseTime: CaseTime): ClockSettings['reference'] => {
  const { modified } = opened.stream;
  if (modified !== undefined && modified !== item.modified) return { instant: modified, kind: 'latest' };
  if (caseTime !== undefined) return { instant: caseTime, kind: 'near' };
  return item.modified === undefined ? undefined : { instant: item.modified, kind: 'latest' };
};

/** What is known of a stream's time before it is read. */
export const clockSettingsOf = (
  opened: OpenedStream,
  item: EvidenceItem,
  times: TimeSettings,
  caseTime: CaseTime,
): ClockSettings => ({
  zone: zoneOf(times, opened.stream.path),
  year: times.year,
  reference: referenceOf(opened, item, caseTime),
});

/** Whether a stream's years are better inferred once other sources were read. */
export const waitsForOthers = (
  prepared: Prepared,
  opened: OpenedStream,
  item: EvidenceItem,
  times: TimeSettings,
): boolean =>
  prepared.yearless &&
  times.year === undefined &&
  (opened.stream.modified === undefined || opened.stream.modified === item.modified);

export const prepareStream = (
  opened: OpenedStream,
  parsers: readonly Parser[],
  forced: Parser | undefined,
): Promise<Prepared> => prepare(opened.chunks, parsers, forced);
