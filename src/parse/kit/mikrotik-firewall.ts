import type { Act } from '../../ecs/acts.ts';
import type { Fields } from '../../ecs/event.ts';
import { add, categorise, put, putIp, putMac, putNumber, putTransport } from './put.ts';
import { isRefusal, verdictOf } from './verdict.ts';

// drop-in input: in:ether1-WAN out:(unknown 0), connection-state:new src-mac 00:00:5e:00:53:02, proto UDP, 192.0.2.7:44355->198.51.100.1:53, len 65
const HEAD =
  /^(.{0,128}?)(?:^|\s)([\w-]{1,64}): in:(\S{1,64}|\(unknown \d{1,5}\)|\(none\)) out:(\([^)]{1,32}\)|[^\s,]{1,64})/;
const PROTO = /\bproto ([\w-]{1,32})(?: \(([^)]{1,64})\))?/;
// 192.0.2.7:44355->198.51.100.1:53 · [2001:db8::1]:40384->[2001:db8::2]:20461 · 10.0.0.1->10.0.0.2 · fe80::1->ff02::1
const END = String.raw`(?:\[([\da-fA-F:.]{2,45})\](?::(\d{1,5}))?|([\d.]{7,15})(?::(\d{1,5}))?|([\da-fA-F:]{2,45}))`;
const ENDS = new RegExp(`(?:, |\\s)${END}->${END}(?=,|\\s|$)`);
// NAT (10.0.0.5:50000->203.0.113.1:50000)->192.0.2.9:443 · NAT 192.0.2.7:5555->(203.0.113.1:443->10.0.0.20:443)
const SOURCE_NAT = new RegExp(`\\bNAT \\(${END}->${END}\\)`);
const DESTINATION_NAT = new RegExp(`->\\(${END}->${END}\\)`);

export const isFirewallText = (text: string): boolean => HEAD.test(text) && ENDS.test(text);

const ipOf = (m: RegExpExecArray, at: number): string | undefined => m[at] ?? m[at + 2] ?? m[at + 4];
const portOf = (m: RegExpExecArray, at: number): string | undefined => m[at + 1] ?? m[at + 3];

const putEnd = (fields: Fields, side: string, m: RegExpExecArray, at: number): void => {
  const port = portOf(m, at);
  if (putIp(fields, `${side}.ip`, ipOf(m, at)) && port !== undefined && Number(port) <= 65535)
    putNumber(fields, `${side}.port`, port);
};

/** A packet that a rule with `log=yes` or `action=log` met. What became of it is told by the rule's prefix only. */
export const readFirewallText = (fields: Fields, text: string): Act | undefined => {
  const head = HEAD.exec(text);
  const ends = ENDS.exec(text);
  if (head === null || ends === null) return undefined;
  const prefix = (head[1] as string).trim();
  put(fields, 'rule.name', prefix);
  put(fields, 'rule.ruleset', head[2]);
  for (const [at, name] of [
    [3, 'ingress'],
    [4, 'egress'],
  ] as const) {
    const device = head[at] as string;
    if (!device.startsWith('(')) put(fields, `observer.${name}.interface.name`, device);
  }
  putMac(fields, 'source.mac', /\bsrc-mac ([\da-fA-F:]{17})/.exec(text)?.[1]);
  putMac(fields, 'destination.mac', /\bdst-mac ([\da-fA-F:]{17})/.exec(text)?.[1]);
  const protocol = PROTO.exec(text);
  putTransport(fields, protocol?.[1]);
  put(fields, 'mikrotik.routeros.protocol_detail', protocol?.[2]);
  put(fields, 'mikrotik.routeros.connection_state', /\bconnection-state:([\w,]{1,64}?)(?=[\s,]|$)/.exec(text)?.[1]);
  put(fields, 'mikrotik.routeros.connection_mark', /\bconnection-mark:(\S{1,64}?)(?=[\s,]|$)/.exec(text)?.[1]);
  putEnd(fields, 'source', ends, 1);
  putEnd(fields, 'destination', ends, 6);
  const snat = SOURCE_NAT.exec(text);
  if (snat !== null) putEnd(fields, 'source.nat', snat, 6);
  const dnat = DESTINATION_NAT.exec(text);
  if (dnat !== null) {
    // the packet already carries the inner address: what the sender asked for stands in the brackets
    putEnd(fields, 'destination', dnat, 1);
    putEnd(fields, 'destination.nat', dnat, 6);
  }
  putNumber(fields, 'source.bytes', /, len (\d{1,6})\b/.exec(text)?.[1]);
  for (const side of ['source', 'destination']) add(fields, 'related.ip', fields[`${side}.ip`] as string | undefined);
  const verdict = verdictOf(prefix);
  put(fields, 'event.action', verdict);
  if (isRefusal(verdict)) {
    categorise(fields, ['network'], ['connection', 'denied'], 'success');
    return 'flow-denied';
  }
  categorise(
    fields,
    ['network'],
    verdict === undefined ? ['connection'] : ['connection', 'allowed'],
    verdict === undefined ? 'unknown' : 'success',
  );
  return 'flow';
};
