import { describe, expect, it } from 'vitest';
import netfilter from '../../parsers/firewall/linux-netfilter.ts';
import { eventOf, expectRobust, readLines, recordsOf } from './lines.ts';

const HEAD = 'Nov  2 08:15:30 gw-1 kernel: [ 4812.301122] ';
const PACKET =
  'IN=eth0 OUT= MAC=02:09:0f:00:01:07:02:09:0f:00:01:08:08:00 SRC=198.51.100.23 DST=203.0.113.4 LEN=52 TOS=0x00 PREC=0x00 TTL=115 ID=15743 DF PROTO=TCP SPT=50112 DPT=3389 WINDOW=8192 RES=0x00 SYN URGP=0 ';

describe('linux-netfilter: what became of the packet', () => {
  it.each([
    ['[UFW BLOCK] ', 'flow-denied', 'block', 'UFW BLOCK'],
    ['[UFW LIMIT BLOCK] ', 'flow-denied', 'block', 'UFW LIMIT BLOCK'],
    ['[UFW ALLOW] ', 'flow', 'allow', 'UFW ALLOW'],
    ['[UFW AUDIT] ', 'flow', undefined, 'UFW AUDIT'],
    ['iptables DROP_INPUT: ', 'flow-denied', 'drop', 'iptables DROP_INPUT'],
    ['IPTABLES-DROP: ', 'flow-denied', 'drop', 'IPTABLES-DROP'],
    ['DROP', 'flow-denied', 'drop', 'DROP'],
    ['filter_IN_public_REJECT: ', 'flow-denied', 'reject', 'filter_IN_public_REJECT'],
    ['SFW2-INext-ACC-TCP ', 'flow', undefined, 'SFW2-INext-ACC-TCP'],
    ['SFW2-INext-DROP-DEFLT ', 'flow-denied', 'drop', 'SFW2-INext-DROP-DEFLT'],
    ['Shorewall:net2fw:DROP:', 'flow-denied', 'drop', 'net2fw'],
    ['Shorewall:loc2net:ACCEPT:', 'flow', 'accept', 'loc2net'],
    ['net-fw REJECT ', 'flow-denied', 'reject', 'net-fw REJECT'],
    ['iptables denied: ', 'flow-denied', 'deny', 'iptables denied'],
    ['Passed: ', 'flow', 'pass', 'Passed'],
    ['INBOUND TCP: ', 'flow', undefined, 'INBOUND TCP'],
    ['bypass: ', 'flow', undefined, 'bypass'],
    ['', 'flow', undefined, undefined],
  ])('prefix %j', (prefix, act, action, name) => {
    const event = eventOf(netfilter, `${HEAD}${prefix}${PACKET}`);
    expect([event.act, event.fields['event.action'], event.fields['rule.name']]).toEqual([act, action, name]);
    const outcome = act === 'flow-denied' ? 'success' : action === undefined ? 'unknown' : 'success';
    expect(event.fields['event.outcome']).toBe(outcome);
  });

  it.each([
    ['[WAN_LOCAL-default-D]', 'flow-denied', 'WAN_LOCAL', 'default'],
    ['[wan-lan-20-A]', 'flow', 'wan-lan', '20'],
    ['[LAN_IN-R-2003] DESCR="[LAN_IN]block iot" ', 'flow-denied', 'LAN_IN', '2003'],
  ])('rule set %s', (prefix, act, name, id) => {
    const event = eventOf(netfilter, `${HEAD}${prefix}${PACKET}`);
    expect([event.act, event.fields['rule.name'], event.fields['rule.id']]).toEqual([act, name, id]);
  });
});

describe('linux-netfilter: the packet', () => {
  it('maps header, interfaces, Ethernet and flags', () => {
    const { fields } = eventOf(netfilter, `${HEAD}[UFW BLOCK] ${PACKET}`);
    expect(fields).toMatchObject({
      '@timestamp': Date.UTC(2021, 10, 2, 8, 15, 30) * 1000,
      'observer.name': 'gw-1',
      'observer.ingress.interface.name': 'eth0',
      'source.ip': '198.51.100.23',
      'source.port': 50112,
      'source.mac': '02-09-0F-00-01-08',
      'source.bytes': 52,
      'destination.ip': '203.0.113.4',
      'destination.port': 3389,
      'destination.mac': '02-09-0F-00-01-07',
      'network.transport': 'tcp',
      'linux.netfilter.flags': ['DF', 'SYN'],
      'linux.netfilter.ether_type': '0800',
      'linux.netfilter.uptime': '4812.301122',
    });
    expect(fields['observer.egress.interface.name']).toBeUndefined();
  });

  it('reads IPv6 and UDP, and keeps the datagram’s length apart from the packet’s', () => {
    const { fields } = eventOf(
      netfilter,
      `${HEAD}IN=eth0 OUT= MAC= SRC=2001:0db8:0000:0000:0000:0000:0000:0023 DST=fe80:0000:0000:0000:0000:0000:0000:0001 LEN=120 TC=0 HOPLIMIT=64 FLOWLBL=0 PROTO=UDP SPT=53 DPT=40000 LEN=80`,
    );
    expect(fields).toMatchObject({
      'source.ip': '2001:db8::23',
      'destination.ip': 'fe80::1',
      'source.bytes': 120,
      'linux.netfilter.udp.length': 80,
      'linux.netfilter.ttl': '64',
    });
  });

  it('does not take the packet that an ICMP error quotes for the packet itself', () => {
    const { fields } = eventOf(
      netfilter,
      `${HEAD}IN=eth0 OUT= SRC=192.0.2.1 DST=203.0.113.4 LEN=88 TOS=0x00 PREC=0xC0 TTL=64 ID=1 PROTO=ICMP TYPE=3 CODE=1 [SRC=203.0.113.4 DST=198.51.100.99 LEN=60 PROTO=TCP SPT=40000 DPT=443 WINDOW=1024 RES=0x00 SYN URGP=0 ] `,
    );
    expect(fields).toMatchObject({
      'source.ip': '192.0.2.1',
      'network.transport': 'icmp',
      'linux.netfilter.icmp.type': '3',
      'related.ip': ['203.0.113.4', '198.51.100.99'],
    });
    expect(fields['source.port'] ?? fields['linux.netfilter.flags']).toBeUndefined();
  });

  it.each([
    [
      'Proxmox VE',
      `101 1 tap101i0-IN 02/Nov/2021:08:15:30 +0100 policy DROP: ${PACKET}`,
      1_635_837_330_000_000,
      { 'rule.ruleset': 'tap101i0-IN', 'linux.netfilter.guest': '101' },
    ],
    [
      'dmesg -T',
      `[Tue Nov  2 08:15:30 2021] [UFW BLOCK] ${PACKET}`,
      1_635_840_930_000_000,
      { 'rule.name': 'UFW BLOCK' },
    ],
    [
      'journal',
      `2021-11-02T08:15:30+0100 gw-1 kernel: DROPPED ${PACKET}`,
      1_635_837_330_000_000,
      { 'observer.name': 'gw-1' },
    ],
    [
      'router with a stray level',
      `<4>Nov  2 08:15:30 kernel: DROP ${PACKET.replace('SRC=', '<1>SRC=')}`,
      1_635_840_930_000_000,
      { 'source.ip': '198.51.100.23' },
    ],
  ])('reads the form of %s', (_, line, instant, expected) => {
    const { fields } = eventOf(netfilter, line);
    expect(fields['@timestamp']).toBe(instant);
    expect(fields).toMatchObject(expected);
  });

  it('says when the time is missing and when the packet was cut', () => {
    const { fields } = eventOf(netfilter, 'IN=eth0 OUT=eth1 SRC=198.51.100.23 DST=203.0.1');
    expect(fields['einfallstor.warnings']).toEqual(['time-missing', 'truncated']);
  });
});

it('claims packets only', () => {
  const lines = [
    `${HEAD}${PACKET}`,
    'Nov  2 08:15:30 gw-1 kernel: usb 1-1: new device',
    'date=2021-11-02 type="traffic" SRC=1',
  ];
  expect(recordsOf(lines).map((record) => netfilter.claims?.(record))).toEqual([true, false, false]);
  expect(readLines(netfilter, lines).map((o) => o.kind)).toEqual(['event', 'rejected', 'rejected']);
});

it('never throws, never slow, whatever the bytes', () => {
  expectRobust(netfilter, [
    `${HEAD}[WAN_LOCAL-default-D]${PACKET}`,
    `101 1 tap101i0-IN 02/Nov/2021:08:15:30 +0100 policy DROP: ${PACKET}`,
    `${HEAD}IN=eth0 OUT= SRC=192.0.2.1 DST=203.0.113.4 PROTO=ICMP TYPE=3 CODE=1 [SRC=203.0.113.4 DST=198.51.100.99 ]`,
  ]);
});
