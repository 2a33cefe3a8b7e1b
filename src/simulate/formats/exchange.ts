import { SECOND } from '../../core/time.ts';
import { type Civil, isoMillis } from '../clock.ts';
import { type Device, type Journal, stampOf, type Written } from '../journal.ts';
import type { Random } from '../random.ts';
import type { Host } from '../world.ts';

/** Exchange 2016 message tracking: CSV, UTC, `#` header in every file. */

const FIELDS =
  'date-time,client-ip,client-hostname,server-ip,server-hostname,source-context,connector-id,source,event-id,internal-message-id,message-id,network-message-id,recipient-address,recipient-status,total-bytes,recipient-count,related-recipient-address,reference,message-subject,sender-address,return-path,message-info,directionality,tenant-id,original-client-ip,original-server-ip,custom-data,transport-traffic-type,log-id,schema-version';
const VERSION = '15.01.2308.014';

export const trackingHeader = (first: Civil): readonly string[] => [
  '#Software: Microsoft Exchange Server',
  `#Version: ${VERSION}`,
  '#Log-type: Message Tracking Log',
  `#Date: ${isoMillis(first)}`,
  `#Fields: ${FIELDS}`,
];

interface ExchangeOptions {
  readonly device: Device;
  readonly journal: Journal;
  readonly random: Random;
  readonly server: Host;
  readonly domain: string;
  /** The smart host that takes outgoing mail. */
  readonly gateway: Host;
}

interface TrackedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly size: number;
  readonly messageId: string;
  /** The host that handed it in: the mail gateway, or the sender's device. */
  readonly client: { readonly name: string; readonly address: string };
  /** What the gateway saw as the sending host. */
  readonly originalClient?: string;
}

const quote = (value: string): string => (/[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

export class ExchangeTracking {
  readonly #o: ExchangeOptions;
  #internal: number;

  constructor(options: ExchangeOptions) {
    this.#o = options;
    this.#internal = options.random.int(1e11, 9e11);
  }

  #row(time: number, m: TrackedMail, id: readonly [number, string], part: Readonly<Record<string, string>>): Written {
    const { device, journal, random, server } = this.#o;
    const values: Readonly<Record<string, string>> = {
      'date-time': isoMillis(stampOf(device, time)),
      'server-ip': server.address,
      'server-hostname': server.name,
      'internal-message-id': String(id[0]),
      'message-id': `<${m.messageId}>`,
      'network-message-id': id[1],
      'recipient-address': m.to.join(';'),
      'total-bytes': String(m.size),
      'recipient-count': String(m.to.length),
      'message-subject': m.subject,
      'sender-address': m.from,
      'return-path': m.from,
      'transport-traffic-type': 'Email',
      'log-id': random.guid(),
      'schema-version': VERSION,
      ...part,
    };
    return journal.write(
      device,
      time,
      FIELDS.split(',')
        .map((f) => quote(values[f] ?? ''))
        .join(','),
    );
  }

  #identity(): readonly [number, string] {
    this.#internal += this.#o.random.int(1, 40);
    return [this.#internal, this.#o.random.guid()];
  }

  /** A message from the gateway into a mailbox: SMTP RECEIVE, STOREDRIVER DELIVER. */
  inbound(time: number, m: TrackedMail): Written[] {
    const { random, server, domain } = this.#o;
    const id = this.#identity();
    const info = {
      directionality: 'Incoming',
      'message-info': '0cI: ',
      'custom-data': `S:FirstForestHop=${server.name}.${domain};S:DeliveryPriority=Normal;S:AccountForest=${domain}`,
    };
    return [
      this.#row(time, m, id, {
        ...info,
        'client-ip': m.client.address,
        'client-hostname': m.client.name,
        'source-context': `08D9${random.hex(12).toUpperCase()};${isoMillis(stampOf(this.#o.device, time - SECOND))};0`,
        'connector-id': `${server.name}\\Default Frontend ${server.name}`,
        source: 'SMTP',
        'event-id': 'RECEIVE',
        'original-client-ip': m.originalClient ?? m.client.address,
        'original-server-ip': server.address,
      }),
      this.#row(time + random.int(300, 1900) * 1000, m, id, {
        ...info,
        'client-ip': server.address,
        'client-hostname': server.name,
        'server-ip': '',
        source: 'STOREDRIVER',
        'event-id': 'DELIVER',
        'source-context': `${isoMillis(stampOf(this.#o.device, time))};SRV=${server.name}.${domain}:TOTAL-DEL=0.${random.int(100, 900)}`,
        'recipient-status': '',
      }),
    ];
  }

  /** A message from a mailbox: STOREDRIVER SUBMIT/RECEIVE, then SMTP SENDEXTERNAL (or DELIVER inside the company). */
  outbound(time: number, m: TrackedMail, clientType = 'MOMT'): Written[] {
    const { random, server, domain, gateway } = this.#o;
    const id = this.#identity();
    const info = {
      directionality: 'Originating',
      'message-info': '04I: ',
      'custom-data': `S:DeliveryPriority=Normal;S:AccountForest=${domain}`,
    };
    const context = `MDB:${random.guid()}, Mailbox:${random.guid()}, Event:${random.int(1e5, 9e6)}, MessageClass:IPM.Note, CreationTime:${isoMillis(stampOf(this.#o.device, time - SECOND))}, ClientType:${clientType}`;
    const inside = m.to.every((to) => to.endsWith(`@${domain}`));
    const last = inside
      ? { 'client-ip': server.address, 'client-hostname': server.name, source: 'STOREDRIVER', 'event-id': 'DELIVER' }
      : {
          'client-ip': server.address,
          'client-hostname': server.name,
          'server-ip': gateway.address,
          'server-hostname': gateway.name,
          'connector-id': 'Outbound via Gateway',
          source: 'SMTP',
          'event-id': 'SENDEXTERNAL',
          'source-context': `${random.hex(16).toUpperCase()};250 2.0.0 Ok: queued as ${random.hex(10).toUpperCase()};ClientSubmitTime:`,
        };
    return [
      this.#row(time, m, id, {
        ...info,
        'client-ip': m.client.address,
        'client-hostname': m.client.name,
        'source-context': context,
        source: 'STOREDRIVER',
        'event-id': 'RECEIVE',
        'original-client-ip': m.originalClient ?? m.client.address,
      }),
      this.#row(time + random.int(400, 2500) * 1000, m, id, { ...info, ...last }),
    ];
  }
}
