import { describe, expect, it } from 'vitest';
import linuxConntrack from '../../parsers/firewall/linux-conntrack.ts';
import { eventOf, expectRobust, recordsOf } from './lines.ts';

const destroy = (original: string, reply: string): string =>
  `[1635840991.000001]\t[DESTROY] tcp      6 ${original} ${reply} [ASSURED]`;
const OUT = destroy(
  'src=10.0.0.5 dst=203.0.113.9 sport=50112 dport=443 packets=8 bytes=480',
  'src=203.0.113.9 dst=203.0.113.1 sport=443 dport=61112 packets=5 bytes=7600',
);
const IN = destroy(
  'src=198.51.100.23 dst=203.0.113.1 sport=41022 dport=3389 packets=9 bytes=900',
  'src=10.0.0.5 dst=198.51.100.23 sport=3389 dport=41022 packets=8 bytes=1800',
);

describe('linux-conntrack', () => {
  it('reads bytes of both directions and what was translated', () => {
    expect(eventOf(linuxConntrack, OUT)).toMatchObject({
      act: 'flow',
      fields: {
        'source.bytes': 480,
        'destination.bytes': 7600,
        'source.nat.ip': '203.0.113.1',
        'source.nat.port': 61112,
      },
    });
    const { fields } = eventOf(linuxConntrack, IN);
    expect(fields).toMatchObject({ 'destination.nat.ip': '10.0.0.5', 'destination.ip': '203.0.113.1' });
    expect(fields['source.nat.ip']).toBeUndefined();
  });

  it('counts a connection once: new, update and destroy are three acts', () => {
    const as = (event: string): string => eventOf(linuxConntrack, OUT.replace('DESTROY', event)).act;
    expect([as('NEW'), as('UPDATE'), as('DESTROY')]).toEqual(['flow-start', 'other', 'flow']);
  });

  it('tells a line that was cut', () => {
    const { fields } = eventOf(linuxConntrack, OUT.slice(0, 80));
    expect(fields['einfallstor.warnings']).toEqual(['truncated']);
  });

  it('leaves packets of the packet filter and other pairs alone', () => {
    const lines = [
      'IN=eth0 OUT= SRC=192.0.2.4 DST=10.0.0.2 PROTO=TCP',
      'tcp 6 src=here dst=there',
      '{"src_ip":"192.0.2.1"}',
    ];
    expect(recordsOf(lines).map((line) => linuxConntrack.claims?.(line))).toEqual([false, false, false]);
  });

  it('survives hostile lines', () =>
    expectRobust(linuxConntrack, [
      OUT,
      'ORIG: SRC=10.0.0.5 DST=192.0.2.1 PROTO=TCP , REPLY: SRC=192.0.2.1 DST=10.0.0.5',
    ]));
});
