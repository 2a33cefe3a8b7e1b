import type { Told } from '../core/said.ts';
import type { EventReference, Statement } from '../trace/result.ts';
import type { Block } from './blocks.ts';
import type { ReportWords } from './words.ts';

/** Numbers, times and places of evidence as every section of a report writes them. */

export const percent = (probability: number): string => `${(probability * 100).toFixed(1)} %`;
export const time = (iso: string): string => iso.replace('T', ' ').replace('.000Z', 'Z');
export const signed = (nats: number): string => `${nats < 0 ? '−' : '+'}${Math.abs(nats).toFixed(2)}`;

const place = (reference: EventReference, words: ReportWords): string => {
  const { path, line, record } = reference.evidence;
  return line === null ? `${path} ${words.record} ${record ?? '?'}` : `${path} ${words.line} ${line}`;
};

/** Places that one statement names. */
const PLACES = 5;
export const places = (events: readonly EventReference[], words: ReportWords): string[] => {
  const shown = events.slice(0, PLACES).map((e) => place(e, words));
  return events.length > PLACES ? [...shown, `+${events.length - PLACES} ${words.more}`] : shown;
};

export const statement = (nature: string, { text, events }: Told<Statement>, words: ReportWords): Block => ({
  kind: 'statement',
  nature,
  text,
  places: places(events, words),
});
