import { type AddressClass, addressClass } from '../../core/net.ts';
import { numberOf, textOf } from '../../ecs/event.ts';
import { and, field, isAny } from '../../query/ast.ts';
import type { StoreReader } from '../../store/store.ts';

/** A flow, passed or denied, as the suggestions look at it. */
export interface SeenFlow {
  readonly id: string;
  readonly time: number;
  readonly passed: boolean;
  readonly source: string;
  readonly sourceClass: AddressClass | undefined;
  readonly destination: string;
  readonly destinationClass: AddressClass | undefined;
  readonly port: number;
  /** Sent by the source; 0 where the device did not count. */
  readonly bytes: number;
  /** Address the source was translated to. */
  readonly translated: string | undefined;
  readonly device: string | undefined;
  /** Zone, else name or alias of the interface it came in by. */
  readonly ingress: string | undefined;
}

const INGRESS = ['observer.ingress.zone', 'observer.ingress.interface.alias', 'observer.ingress.interface.name'];
const FIELDS = [
  'einfallstor.act',
  'source.ip',
  'destination.ip',
  'destination.port',
  'source.bytes',
  'source.nat.ip',
  'observer.name',
  ...INGRESS,
];

/** Flows in time order. */
export async function* flowsOf(store: StoreReader): AsyncGenerator<SeenFlow> {
  const query = and(
    isAny('einfallstor.act', ['flow', 'flow-start', 'flow-denied']),
    field('source.ip', { op: 'exists' }),
    field('destination.ip', { op: 'exists' }),
  );
  const classes = new Map<string, AddressClass | undefined>();
  const classOf = (address: string): AddressClass | undefined => {
    if (!classes.has(address)) classes.set(address, addressClass(address));
    return classes.get(address);
  };
  for await (const { id, fields } of store.scan(query, { order: 'time', fields: FIELDS })) {
    const time = numberOf(fields, '@timestamp');
    const [source, destination] = [textOf(fields, 'source.ip') as string, textOf(fields, 'destination.ip') as string];
    if (time === undefined) continue;
    yield {
      id,
      time,
      passed: textOf(fields, 'einfallstor.act') !== 'flow-denied',
      source,
      sourceClass: classOf(source),
      destination,
      destinationClass: classOf(destination),
      port: numberOf(fields, 'destination.port') ?? 0,
      bytes: numberOf(fields, 'source.bytes') ?? 0,
      translated: textOf(fields, 'source.nat.ip'),
      device: textOf(fields, 'observer.name'),
      ingress: INGRESS.map((name) => textOf(fields, name)).find((name) => name !== undefined && name !== ''),
    };
  }
}

/** Takes flows in, one by one, and says in the end what they suggest. */
export interface FlowLearner {
  add(flow: SeenFlow): void;
}
