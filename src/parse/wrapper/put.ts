import type { Fields } from '../../ecs/event.ts';
import type { Clock } from '../kit/clock.ts';
import { put, warn } from '../kit/put.ts';
import type { UnwrappedRecord } from '../record.ts';
import type { Layer } from './peel.ts';
import type { Hints } from './wrapper.ts';

/** Where parsers put who wrote the line. */
const HOSTS = ['host.name', 'host.hostname', 'observer.name', 'observer.hostname', 'log.syslog.hostname'];

/** The innermost layer's word: it stands nearest to the device. */
const word = (layers: readonly Layer[], hint: keyof Hints & ('host' | 'path' | 'sourcetype')): string | undefined =>
  layers.findLast((layer) => layer[hint] !== undefined)?.[hint];

/**
 * Keeps what the wrappers knew beside the event (`einfallstor.wrapper.*`), gives an event without a time theirs, and says
 * what was taken from a wrapper that only knows when and where a line was collected.
 */
export const putWrappers = (fields: Fields, record: UnwrappedRecord, layers: readonly Layer[], clock: Clock): void => {
  if (layers.length === 0) return;
  fields['einfallstor.wrapper.id'] = layers.map(({ wrapper }) => wrapper.id);
  for (const name of ['host', 'path', 'sourcetype'] as const)
    put(fields, `einfallstor.wrapper.${name}`, word(layers, name));
  const time = layers.findLast((layer) => layer.time !== undefined)?.time;
  // a relay's time without a year would move the year the stream's own lines are in
  if (typeof time === 'number' || time?.year !== undefined)
    fields['einfallstor.wrapper.time'] = clock.instant(time) as number;
  if (layers.some((layer) => layer.truncated === true)) warn(fields, 'truncated');

  const { borrowed, envelope } = record;
  if (fields['@timestamp'] === undefined) clock.stamp(fields, envelope.civil);
  const { time: timed, year, host } = borrowed;
  const isOurs = (): boolean => fields['@timestamp'] === clock.instant(envelope.civil);
  if (timed?.wrapper.knows === 'collection' && isOurs()) warn(fields, `time-from:${timed.wrapper.id}`);
  if (year !== undefined && isOurs()) warn(fields, `year-from:${year.wrapper.id}`);
  if (host?.wrapper.knows === 'collection' && HOSTS.some((name) => fields[name] === host.host))
    warn(fields, `host-from:${host.wrapper.id}`);
};
