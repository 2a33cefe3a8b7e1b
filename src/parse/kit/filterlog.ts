import { canonicalIp } from '../../core/net.ts';
import { own } from '../../core/own.ts';
import type { Act } from '../../ecs/acts.ts';
import type { Fields } from '../../ecs/event.ts';
import { relateAddresses } from './addresses.ts';
import { categorise, put, putIp, putNumber, putTransport, warn } from './put.ts';

// 53,,,1000000301,em0,match,block,in,4,…   rule, sub-rule, anchor, tracker, interface, reason, action, direction, IP version
const HEAD =
  /^-?\d{0,10},[^,]{0,16},[^,]{0,128},[^,]{0,128},[^,]{0,64},[^,]{0,32},(?:pass|block|reject|(?:no)?scrub|(?:no)?nat|(?:no)?binat|(?:no)?rdr|synproxy-drop|defer|match|divert|rt|unkn\(\d{1,3}\)),[^,]{0,16},/;

export const isFilterlog = (text: string): boolean => HEAD.test(text);

const PREFIX = 'pf.filterlog';
const keep = (fields: Fields, cells: readonly string[], from: number, names: string): void => {
  names.split(' ').forEach((name, i) => {
    if (name !== '_') put(fields, `${PREFIX}.${name}`, cells[from + i]);
  });
};

/** By the ICMP type's name: what the cells behind it say. */
const ICMP: Readonly<Record<string, string>> = {
  request: 'icmp.id icmp.sequence', reply: 'icmp.id icmp.sequence',
  unreachproto: 'icmp.destination icmp.protocol', unreachport: 'icmp.destination icmp.protocol icmp.port',
  needfrag: 'icmp.destination icmp.mtu', tstamp: 'icmp.id icmp.sequence',
  tstampreply: 'icmp.id icmp.sequence icmp.otime icmp.rtime icmp.ttime',
}; // biome-ignore format: a table

const TCP = '_ _ data_length tcp.flags tcp.sequence tcp.ack tcp.window tcp.urgent tcp.options';

/** What stands behind the addresses depends on the protocol. */
const readPayload = (fields: Fields, cells: readonly string[], protocol: string): void => {
  if (protocol === 'tcp' || protocol === 'udp') {
    for (const [i, side] of ['source', 'destination'].entries()) {
      if (/^\d{1,5}$/.test(cells[i] ?? '') && Number(cells[i]) <= 65535) putNumber(fields, `${side}.port`, cells[i]);
    }
    keep(fields, cells, 0, protocol === 'tcp' ? TCP : '_ _ data_length');
    return;
  }
  if (protocol === 'icmp' && !cells[0]?.includes('=')) {
    keep(fields, cells, 0, `icmp.type ${own(ICMP, cells[0] ?? '') ?? 'icmp.description'}`);
  } else if (protocol === 'carp') {
    keep(fields, cells, 0, 'carp.type carp.ttl carp.vhid carp.version carp.advskew carp.advbase');
  } else put(fields, `${PREFIX}.data`, cells.join(','));
  relateAddresses(fields, cells.join(' '));
};

/**
 * Where the addresses stand: IPv4 and IPv6 have different columns before them, releases differ, and what follows depends on
 * the protocol; the pair of addresses is the landmark. Before it: protocol's number and name (IPv6 the other way round), length.
 */
const addressesAt = (cells: readonly string[]): number => {
  for (let i = 12; i + 1 < Math.min(cells.length, 24); i += 1) {
    if (canonicalIp(cells[i] as string) !== undefined && canonicalIp(cells[i + 1] as string) !== undefined) return i;
  }
  return -1;
};

const judge = (fields: Fields, action: string): Act => {
  if (/^(?:block|reject|synproxy-drop)$/.test(action)) {
    categorise(fields, ['network'], ['connection', 'denied'], 'success');
    return 'flow-denied';
  }
  if (/^(?:nat|binat|rdr)$/.test(action)) {
    categorise(fields, ['network'], ['connection', 'info'], 'success');
    return 'nat';
  }
  const passed = action === 'pass';
  categorise(fields, ['network'], passed ? ['connection', 'allowed'] : ['connection'], passed ? 'success' : 'unknown');
  return passed || action === 'match' || action === 'divert' || action === 'rt' ? 'flow' : 'other';
};

/** One packet as the pf of pfSense and OPNsense logs it (filterlog, comma-separated). */
export const readFilterlog = (fields: Fields, text: string): Act => {
  const cells = text.trim().split(',', 64);
  const [rule, sub, anchor, tracker, device, reason, action, direction, version] = cells as [string, ...string[]];
  put(fields, `${PREFIX}.rule_number`, rule);
  put(fields, `${PREFIX}.sub_rule`, sub);
  put(fields, 'rule.ruleset', anchor);
  // the rule's own id, which a changed rule set does not renumber
  put(fields, 'rule.id', tracker === '' || tracker === '0' ? rule : tracker);
  put(fields, `observer.${direction === 'out' ? 'egress' : 'ingress'}.interface.name`, device);
  put(fields, 'event.reason', reason);
  put(fields, 'event.action', action);
  put(fields, `${PREFIX}.direction`, direction);
  if (version === '4' || version === '6') fields['network.type'] = `ipv${version}`;
  if (version === '4') keep(fields, cells, 9, 'tos ecn ttl id offset flags');
  const act = judge(fields, action as string);
  const at = addressesAt(cells);
  const [a, b] = at > 0 ? cells.slice(at - 3, at - 1) : version === '6' ? cells.slice(12, 14) : cells.slice(15, 17);
  const [number, name] = /^\d{1,3}$/.test(a ?? '') ? [a, b] : [b, a];
  if (/^\d{1,3}$/.test(number ?? '')) putTransport(fields, number);
  const word = name?.toLowerCase().replace(/^icmp6$|^icmpv6$/, 'ipv6-icmp');
  put(fields, 'network.transport', word);
  if (at < 0) {
    warn(fields, 'truncated');
    return act;
  }
  putIp(fields, 'source.ip', cells[at]);
  putIp(fields, 'destination.ip', cells[at + 1]);
  putNumber(fields, 'source.bytes', cells[at - 1]);
  // a refused packet is all there was; of one that passed it is the first of a connection
  if (act === 'flow-denied') putNumber(fields, 'network.bytes', cells[at - 1]);
  readPayload(fields, cells.slice(at + 2), word ?? '');
  return act;
};
