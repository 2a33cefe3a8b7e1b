import { networkOf } from '../../core/net.ts';
import { numberOf, textOf } from '../../ecs/event.ts';
import { openedAt } from '../../ecs/opened.ts';
import { and, is, isAny } from '../../query/ast.ts';
import type { Finding } from '../finding.ts';
import type { Baseline } from './baseline.ts';
import { Beacons } from './beacons.ts';
import { Volumes } from './volume.ts';

/** A flow from the inside to the internet, or a request that a proxy carried out for the inside. */
export interface Egress {
  readonly id: string;
  readonly time: number;
  /** When the connection opened, where its record was written at its end. */
  readonly opened: number;
  readonly source: string;
  readonly destination: string;
  readonly port: number;
  /** Sent by the inside; 0 where the device did not count. */
  readonly bytes: number;
}

const QUERY = and(
  isAny('einfallstor.act', ['flow', 'flow-start', 'http-request']),
  is('network.direction', 'outbound'),
);
const FIELDS = [
  'einfallstor.act',
  'source.ip',
  'destination.ip',
  'destination.port',
  'source.bytes',
  'http.request.bytes',
  'event.duration',
  'event.start',
];

/** A firewall's web filter and its traffic log tell of the same bytes: where a flow told of them, the requests are dropped. */
const withoutTwice = (flows: readonly Finding[], requests: readonly Finding[]): Finding[] => {
  const ends = ({ entities }: Finding): string =>
    `${entities['source.ip']} ${networkOf(entities['destination.ip'] ?? '') ?? entities['destination.ip']}`;
  const told = new Set(flows.map(ends));
  return [...flows, ...requests.filter((finding) => !told.has(ends(finding)))];
};

/** What leaves: one scan for volume and for regular calls. */
export const egress: Baseline = {
  title: 'Data and regular calls to the internet',
  run: async ({ store }) => {
    const [flows, requests, beacons] = [new Volumes(), new Volumes(), new Beacons()];
    for await (const event of store.scan(QUERY, { order: 'time', fields: FIELDS })) {
      const { id, fields } = event;
      const time = numberOf(fields, '@timestamp');
      const [source, destination] = [textOf(fields, 'source.ip'), textOf(fields, 'destination.ip')];
      if (time === undefined || source === undefined || destination === undefined) continue;
      const port = numberOf(fields, 'destination.port') ?? 0;
      const bytes = numberOf(fields, 'source.bytes') ?? numberOf(fields, 'http.request.bytes') ?? 0;
      const opened = openedAt(event) ?? time;
      const egress = { id, time, opened, source, destination, port, bytes };
      (textOf(fields, 'einfallstor.act') === 'http-request' ? requests : flows).add(egress);
      beacons.add(egress);
    }
    return [...withoutTwice(flows.findings(), requests.findings()), ...beacons.findings()];
  },
};
