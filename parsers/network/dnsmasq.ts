import { own } from '../../src/core/own.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type DhcpMessage, putLease } from '../../src/parse/kit/dhcp.ts';
import { putAnswer, putQuestion, putResponse } from '../../src/parse/kit/dns.ts';
import { categorise, put, putIp, putNumber } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// DHCPACK(eth0) 10.0.0.5 00:00:5e:00:53:01 laptop-7 · 1234567 DHCPDISCOVER(eth0) 00:00:5e:00:53:01 · DHCPREPLY(eth0) 2001:db8::5 00:01:… name
const DHCP =
  /^(?:(\d{1,10}) )?DHCP([A-Z]{3,12})\(([^)\s]{1,64})\)(?: ([0-9a-fA-F.]{7,15}|[0-9a-fA-F:]{0,39}::[0-9a-fA-F:]{0,39}|(?:[0-9a-fA-F]{3,4}:){1,7}[0-9a-fA-F]{1,4}))?(?: ((?:[0-9a-fA-F]{2}:){5,40}[0-9a-fA-F]{2}))?(?: (.{0,512}))?$/;
const MESSAGES: Readonly<Record<string, DhcpMessage>> = {
  DISCOVER: 'discover', OFFER: 'offer', REQUEST: 'request', ACK: 'ack', NAK: 'nak', DECLINE: 'decline', RELEASE: 'release',
  INFORM: 'inform', SOLICIT: 'discover', ADVERTISE: 'offer', REPLY: 'ack', RENEW: 'request', REBIND: 'request', CONFIRM: 'request',
}; // biome-ignore format: a table

const readDhcp = (fields: Fields, m: RegExpExecArray): Act => {
  const [, transaction, word, device, address, mac, rest] = m as unknown as (string | undefined)[];
  const message = own(MESSAGES, word ?? '') ?? 'query';
  // what follows a name is a reason: "unknown lease", "wrong address", "no address available"
  const failed =
    message === 'nak' || message === 'decline' || /no address|ignored|unknown|wrong|not on link/.test(rest ?? '');
  const name = message === 'ack' && !failed ? /^[\w.-]{1,255}$/.exec(rest ?? '')?.[0] : undefined;
  putLease(fields, message, { address, mac, name, reason: failed ? rest : undefined }, failed);
  put(fields, 'observer.ingress.interface.name', device);
  put(fields, 'dnsmasq.transaction', transaction);
  if (mac !== undefined && mac.length > 17) put(fields, 'dnsmasq.duid', mac);
  return 'dhcp-lease';
};

// 12 10.0.0.5/53412 …   serial and client that log-queries=extra puts in front
const EXTRA = /^(\d{1,10}) ([0-9a-fA-F.:]{2,45})\/(\d{1,5}) /;
// query[A] mail.example.org from 10.0.0.5
const QUERY = /^query\[([\w=-]{1,16})\] (\S{0,255}) from ([0-9a-fA-F.:]{2,45})$/;
// forwarded mail.example.org to 192.0.2.53
const FORWARDED =
  /^(?:forwarded|dnssec-query\[(\w{1,16})\]|dnssec-retry\[\w{1,16}\]) (\S{1,255}) to ([0-9a-fA-F.:]{2,45})(?:#\d{1,5})?$/;
// reply mail.example.org is 198.51.100.7 · cached … is <CNAME> · /etc/hosts … is 10.0.0.9 · gravity blocked ads.example is 0.0.0.0
const ANSWER =
  /^(?<from>reply|cached(?:-stale)?|config|DHCP|validation|auth|\/\S{1,255}|(?:gravity|exactly|regex|blacklisted|exactly blacklisted|special domain) ?(?:blocked|denied|blacklisted)?) (?<name>\S{1,255}) is (?<data>.{1,255})$/;

const readDns = (fields: Fields, message: string): Act | undefined => {
  const extra = EXTRA.exec(message);
  const text = message.slice(extra?.[0].length ?? 0);
  if (extra !== null) {
    put(fields, 'dnsmasq.serial', extra[1]);
    putIp(fields, 'source.ip', extra[2]);
    putNumber(fields, 'source.port', extra[3]);
  }
  const query = QUERY.exec(text);
  if (query !== null) {
    putQuestion(fields, query[2], query[1]);
    putIp(fields, 'source.ip', query[3]);
    fields['event.action'] = 'dns-query';
    fields['dns.type'] = 'query';
    categorise(fields, ['network'], ['protocol', 'start']);
    return 'dns-query';
  }
  const forwarded = FORWARDED.exec(text);
  if (forwarded !== null) {
    putQuestion(fields, forwarded[2], forwarded[1]);
    putIp(fields, 'destination.ip', forwarded[3]);
    fields['event.action'] = 'dns-forwarded';
    categorise(fields, ['network'], ['protocol', 'info']);
    return 'other';
  }
  const g = ANSWER.exec(text)?.groups;
  if (g === undefined) return undefined;
  const data = g['data'] as string;
  const code = /^(?:NXDOMAIN|NODATA|SERVFAIL|REFUSED)/.exec(data)?.[0];
  putQuestion(fields, g['name']);
  if (code === undefined) putAnswer(fields, data);
  putResponse(fields, code === 'NODATA' ? 'NOERROR' : (code ?? 'NOERROR'));
  fields['dns.type'] = 'answer';
  fields['event.action'] = /block|denied|blacklist/.test(g['from'] as string) ? 'dns-blocked' : 'dns-answer';
  put(fields, 'dnsmasq.answered_from', g['from']);
  return 'other';
};

const isDnsmasq = ({ envelope }: RawRecord): boolean =>
  /^(?:dnsmasq(?:-(?:dhcp|tftp|script))?|pihole-FTL)$/.test(envelope.program ?? '');

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    if (!isDnsmasq(record)) return rejected('not-this-format', 'dnsmasq did not write it');
    const { civil, host, program, pid, message } = record.envelope;
    const text = message.trimEnd();
    const fields: Fields = {};
    clock.stamp(fields, civil);
    put(fields, 'observer.name', host);
    put(fields, 'process.name', program);
    putNumber(fields, 'process.pid', pid);
    fields['message'] = text;
    const dhcp = program === 'dnsmasq-dhcp' ? DHCP.exec(text) : null;
    const act = dhcp === null ? readDns(fields, text) : readDhcp(fields, dhcp);
    if (act === undefined) categorise(fields, ['network'], ['info']);
    // names of reverse look-ups are addresses the wrong way round
    if (act === undefined) relateAddresses(fields, text.slice(0, 4096));
    const state =
      act === undefined && /^(?:started, version|exiting on receipt|read \/etc\/hosts|cleared cache)/.test(text);
    return { kind: 'event', act: act ?? (state ? 'source-state' : 'other'), fields };
  };

export default {
  id: 'dnsmasq',
  title: 'dnsmasq and Pi-hole: DHCP and DNS',
  references: [
    { title: 'dnsmasq(8): --log-queries, --log-dhcp', url: 'https://thekelleys.org.uk/dnsmasq/docs/dnsmasq-man.html' },
    { title: 'Pi-hole: dnsmasq log', url: 'https://docs.pi-hole.net/ftldns/' },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 's' },
  families: [
    'DHCP exchanges with address, device and name',
    'queries with the client, where they were sent, answers, blocked names',
  ],
  recognise: recogniseBy(isDnsmasq, 'are of dnsmasq', 0.97),
  claims: isDnsmasq,
  open,
} satisfies Parser as Parser;
