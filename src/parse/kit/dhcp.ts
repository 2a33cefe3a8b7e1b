import type { Fields } from '../../ecs/event.ts';
import { add, categorise, put, putIp, putMac } from './put.ts';

export type DhcpMessage =
  | 'discover'
  | 'offer'
  | 'request'
  | 'ack'
  | 'nak'
  | 'decline'
  | 'release'
  | 'inform'
  | 'expire'
  | 'conflict'
  | 'query';

/** What a server says of a client's address. */
export interface Lease {
  readonly address?: string | undefined;
  readonly mac?: string | undefined;
  /** As the client calls itself. */
  readonly name?: string | undefined;
  /** Why it was refused. */
  readonly reason?: string | undefined;
}

/** Messages after which the client does not hold the address that they speak of. */
const REFUSED: ReadonlySet<DhcpMessage> = new Set(['nak', 'decline', 'conflict']);
const ENDED: ReadonlySet<DhcpMessage> = new Set(['release', 'expire', 'decline']);

/**
 * One message of a DHCP exchange: the address in `source.ip`, unless it was refused (then `dhcp.refused_ip`), the device in
 * `source.mac`, its own name in `source.domain`. The host that wrote it belongs into `observer.name`: the lease is not its.
 */
export const putLease = (fields: Fields, message: DhcpMessage, lease: Lease, failed = REFUSED.has(message)): void => {
  if (failed && putIp(fields, 'dhcp.refused_ip', lease.address))
    add(fields, 'related.ip', fields['dhcp.refused_ip'] as string);
  else if (!failed && putIp(fields, 'source.ip', lease.address))
    fields['source.address'] = fields['source.ip'] as string;
  putMac(fields, 'source.mac', lease.mac);
  // a star stands for no name in dnsmasq
  const name = lease.name?.trim().toLowerCase().replace(/\.$/, '');
  if (name !== undefined && /^[\w.-]{1,255}$/.test(name)) fields['source.domain'] = name;
  else put(fields, 'dhcp.client_name', name === '*' ? undefined : name);
  put(fields, 'event.reason', lease.reason);
  fields['event.action'] = `dhcp-${message}`;
  fields['network.protocol'] = 'dhcp';
  fields['network.transport'] = 'udp'; // RFC 2131 §4.1, RFC 8415 §7.2
  const type = message === 'ack' && !failed ? 'start' : ENDED.has(message) ? 'end' : 'info';
  categorise(
    fields,
    ['network'],
    ['protocol', type],
    failed ? 'failure' : message === 'ack' || message === 'release' ? 'success' : undefined,
  );
};
