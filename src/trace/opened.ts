import type { StoredEvent } from '../ecs/event.ts';
import { numberOf, textOf } from '../ecs/event.ts';
import { timeOf } from './read.ts';

/** When the connection opened: a record written at its end says how long it took (ECS: ns). */
export const openedAt = (event: StoredEvent): number | undefined => {
  const start = numberOf(event.fields, 'event.start');
  if (start !== undefined) return start;
  const time = timeOf(event);
  const duration = numberOf(event.fields, 'event.duration');
  const ended = textOf(event.fields, 'einfallstor.act') !== 'flow-start';
  return time === undefined || duration === undefined || !ended ? time : time - Math.round(duration / 1000);
};
