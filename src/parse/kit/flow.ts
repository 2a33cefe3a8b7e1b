import type { Fields } from '../../ecs/event.ts';

/** Begin and end of a connection in epoch µs, and how long it lasted in ns (ECS: event.duration). */
export const putSpan = (fields: Fields, start: number | undefined, end: number | undefined): void => {
  if (start !== undefined) fields['event.start'] = start;
  if (end !== undefined) fields['event.end'] = end;
  if (start !== undefined && end !== undefined && end >= start) fields['event.duration'] = (end - start) * 1000;
};

/** Bytes and packets of both directions where the source counts them one by one. */
export const sumPackets = (fields: Fields): void => {
  const [sent, received] = [fields['source.packets'], fields['destination.packets']];
  if (typeof sent === 'number' && typeof received === 'number') fields['network.packets'] = sent + received;
};
