import type { Fields } from '../../ecs/event.ts';
import { warn } from './put.ts';

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

/** Ports above 1023 that servers listen on and clients rarely call from. */
// biome-ignore format: a list
const SERVICES = new Set([
  1080, 1194, 1433, 1521, 1701, 1723, 1812, 1813, 2049, 2222, 2375, 2376, 3128, 3268, 3269, 3306, 3389, 4443, 4500, 5060,
  5061, 5432, 5601, 5671, 5672, 5900, 5938, 5985, 5986, 6379, 6443, 8000, 8006, 8080, 8081, 8443, 8888, 9000, 9090, 9092,
  9200, 9300, 9443, 10250, 11211, 27017, 51820,
]);
const isService = (port: unknown): boolean => typeof port === 'number' && (port < 1024 || SERVICES.has(port));

const OTHER_SIDE: Readonly<Record<string, string>> = { source: 'destination', destination: 'source' };

/**
 * Where a source counts each direction of a connection in a record of its own, the answers' records have the called end
 * first. They are turned round: source is who opened the connection in both, and what was counted is the destination's.
 * `answers`: whether this record is such, where the source tells; else the ports do, if just one of them is a service's.
 */
export const turnAnswer = (fields: Fields, answers?: boolean): void => {
  const [from, to] = [fields['source.port'], fields['destination.port']];
  const byPorts = isService(from) && typeof to === 'number' && !isService(to);
  if (!(answers ?? byPorts)) return;
  if (answers === undefined) warn(fields, 'direction-inferred:ports');
  const ends = Object.entries(fields).filter(([name]) => /^(?:source|destination)\./.test(name));
  for (const [name] of ends) delete fields[name];
  for (const [name, value] of ends) fields[name.replace(/^[a-z]+/, (side) => OTHER_SIDE[side] as string)] = value;
  // this record counts nothing of the other direction
  for (const unit of ['bytes', 'packets'])
    if (fields[`destination.${unit}`] !== undefined) fields[`source.${unit}`] ??= 0;
};
