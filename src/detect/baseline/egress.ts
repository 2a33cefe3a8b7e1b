import { numberOf, textOf } from '../../ecs/event.ts';
import { and, is, isAny } from '../../query/ast.ts';
import type { Baseline } from './baseline.ts';
import { Beacons } from './beacons.ts';
import { Volumes } from './volume.ts';

/** A flow from the inside to the internet. */
export interface Egress {
  readonly id: string;
  readonly time: number;
  readonly source: string;
  readonly destination: string;
  readonly port: number;
  /** Sent by the inside; 0 where the device did not count. */
  readonly bytes: number;
}

const QUERY = and(isAny('einfallstor.act', ['flow', 'flow-start']), is('network.direction', 'outbound'));
const FIELDS = ['einfallstor.act', 'source.ip', 'destination.ip', 'destination.port', 'source.bytes'];

/** What leaves: one scan for volume and for regular calls. */
export const egress: Baseline = {
  title: 'Data and regular calls to the internet',
  run: async ({ store }) => {
    const [volumes, beacons] = [new Volumes(), new Beacons()];
    for await (const { id, fields } of store.scan(QUERY, { order: 'time', fields: FIELDS })) {
      const time = numberOf(fields, '@timestamp');
      const [source, destination] = [textOf(fields, 'source.ip'), textOf(fields, 'destination.ip')];
      if (time === undefined || source === undefined || destination === undefined) continue;
      const port = numberOf(fields, 'destination.port') ?? 0;
      const flow = { id, time, source, destination, port, bytes: numberOf(fields, 'source.bytes') ?? 0 };
      volumes.add(flow);
      beacons.add(flow);
    }
    return [...volumes.findings(), ...beacons.findings()];
  },
};
