import { numberOf, type StoredEvent, textOf } from './event.ts';

/** When a connection opened, epoch µs: a record written at its end says how long it took (ECS: ns). */
export const openedAt = (event: StoredEvent): number | undefined => {
  const start = numberOf(event.fields, 'event.start');
  if (start !== undefined) return start;
  const time = numberOf(event.fields, '@timestamp');
  const duration = numberOf(event.fields, 'event.duration');
  const ended = textOf(event.fields, 'einfallstor.act') !== 'flow-start';
  return time === undefined || duration === undefined || !ended ? time : time - Math.round(duration / 1000);
};
