import { describe, expect, it } from 'vitest';
import dnsmasq from '../../parsers/network/dnsmasq.ts';
import { eventOf, expectRobust } from './lines.ts';

const ACK = 'Nov  2 08:00:02 router dnsmasq-dhcp[701]: DHCPACK(br0) 10.30.0.21 00:00:5e:00:53:21 praxis-pc2';
const QUERY = 'Nov  2 08:01:04 router dnsmasq[700]: 12 10.30.0.22/53412 query[AAAA] C2.example.net from 10.30.0.22';
const BLOCKED = 'Nov  2 08:01:07 dnsmasq[901]: gravity blocked ads.example is 0.0.0.0';

describe('dnsmasq', () => {
  it('reads leases', () => {
    expect(eventOf(dnsmasq, ACK)).toMatchObject({
      act: 'dhcp-lease',
      fields: { 'source.ip': '10.30.0.21', 'source.mac': '00-00-5E-00-53-21', 'source.domain': 'praxis-pc2' },
    });
  });

  it('reads who asked for what', () => {
    expect(eventOf(dnsmasq, QUERY)).toMatchObject({
      act: 'dns-query',
      fields: {
        'source.ip': '10.30.0.22',
        'source.port': 53412,
        'dns.question.name': 'c2.example.net',
        'dns.question.type': 'AAAA',
      },
    });
  });

  it('tells a blocked name, and no address from the wrong end of one', () => {
    expect(eventOf(dnsmasq, BLOCKED).fields).toMatchObject({
      'event.action': 'dns-blocked',
      'dns.question.name': 'ads.example',
    });
    const reverse = 'Nov  2 08:01:02 router dnsmasq[700]: query[PTR] 7.100.51.198.in-addr.arpa from 10.30.0.21';
    expect(eventOf(dnsmasq, reverse).fields).not.toHaveProperty('related.ip');
  });

  it('never throws, never takes long', () => expectRobust(dnsmasq, [ACK, QUERY, BLOCKED]));
});
