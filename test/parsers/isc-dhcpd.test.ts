import { describe, expect, it } from 'vitest';
import dhcpd from '../../parsers/network/isc-dhcpd.ts';
import { eventOf, expectRobust, recordsOf } from './lines.ts';

const ACK = 'Nov  2 08:00:01 dhcp-1 dhcpd[812]: DHCPACK on 10.20.4.31 to 00:00:5e:00:53:11 (LAPTOP-7) via eth0';
const WRONG =
  'Nov  2 08:05:00 dhcp-1 dhcpd[812]: DHCPREQUEST for 192.168.178.20 from 00:00:5e:00:53:12 via 10.20.8.1: wrong network.';
const BOUND = 'Nov  2 08:13:01 kiosk-3 dhclient[611]: bound to 10.20.4.52 -- renewal in 20411 seconds.';

describe('isc-dhcpd', () => {
  it('gives the address to the client, not to the server that writes', () => {
    const { act, fields } = eventOf(dhcpd, ACK);
    expect(act).toBe('dhcp-lease');
    expect(fields).toMatchObject({
      'source.ip': '10.20.4.31',
      'source.mac': '00-00-5E-00-53-11',
      'source.domain': 'laptop-7',
      'observer.name': 'dhcp-1',
      'observer.ingress.interface.name': 'eth0',
      'event.action': 'dhcp-ack',
    });
    expect(fields).not.toHaveProperty('host.name');
  });

  it('gives nobody an address that was refused', () => {
    const { fields } = eventOf(dhcpd, WRONG);
    expect(fields).toMatchObject({
      'dhcp.refused_ip': '192.168.178.20',
      'event.reason': 'wrong network.',
      'isc.dhcp.relay': '10.20.8.1',
      'event.outcome': 'failure',
    });
    expect(fields).not.toHaveProperty('source.ip');
  });

  it('takes the host of dhclient as the one that got it', () => {
    expect(eventOf(dhcpd, BOUND).fields).toMatchObject({ 'host.name': 'kiosk-3', 'source.ip': '10.20.4.52' });
  });

  it('leaves other daemons alone', () => {
    const line = 'Nov  2 08:13:01 h sshd[1]: DHCPACK on 10.20.4.31 to 00:00:5e:00:53:11 via eth0';
    expect(recordsOf([line, ACK]).map((record) => dhcpd.claims?.(record))).toEqual([false, true]);
  });

  it('never throws, never takes long', () => expectRobust(dhcpd, [ACK, WRONG, BOUND]));
});
