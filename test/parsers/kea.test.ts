import { describe, expect, it } from 'vitest';
import kea from '../../parsers/network/kea.ts';
import { eventOf, expectRobust } from './lines.ts';

const ALLOC =
  '2021-11-02 08:00:10.202 INFO  [kea-dhcp4.leases/812.140] DHCP4_LEASE_ALLOC [hwtype=1 00:00:5e:00:53:31], cid=[no info], tid=0x7a1b: lease 10.40.0.31 has been allocated for 4000 seconds';
const LEASE = '10.40.0.31,00:00:5e:00:53:31,01:00:00:5e:00:53:31,4000,1635844010,1,0,0,laptop-31.werft.example,0,,0';

describe('kea', () => {
  it('reads a lease from the log', () => {
    expect(eventOf(kea, ALLOC)).toMatchObject({
      act: 'dhcp-lease',
      fields: {
        'source.ip': '10.40.0.31',
        'source.mac': '00-00-5E-00-53-31',
        'event.code': 'DHCP4_LEASE_ALLOC',
        'event.action': 'dhcp-ack',
      },
    });
  });

  it('reads a lease from the lease file, at the time it was given', () => {
    expect(eventOf(kea, LEASE).fields).toMatchObject({
      '@timestamp': (1_635_844_010 - 4000) * 1e6,
      'einfallstor.time.basis': 'stated',
      'source.domain': 'laptop-31.werft.example',
    });
    expect(eventOf(kea, LEASE.replace('example,0', 'example,3')).fields).toMatchObject({
      'event.action': 'dhcp-release',
    });
  });

  it('never throws, never takes long', () => expectRobust(kea, [ALLOC, LEASE]));
});
