import { describe, expect, it } from 'vitest';
import parser from '../../parsers/vpn/softether.ts';
import { expectRobust, readLines } from './lines.ts';

const P = '2023-05-12 10:53:10.300 ';
const LINES = [
  `${P}For the client (IP address: 198.51.100.9, host name: "p9.example.net", port number: 50121), connection "CID-7" has been created.`,
  `${P}[HUB "OFFICE"] Connection "CID-7": Successfully authenticated as user "kim".`,
  `${P}[HUB "OFFICE"] Connection "CID-7": The new session "SID-K.M-3" has been created. (IP address: 198.51.100.9, Port number: 50121, x)`,
  `${P}[HUB "OFFICE"] The DHCP server of host "5E-A1-00-00-00-01" (10.30.0.1) on session "SID-S-1" allocated, for host "5E-B2-00-00-00-02" on session "SID-K.M-3", new IP address 10.30.0.21.`,
  `${P}[HUB "OFFICE"] Session "SID-K.M-3": The session has been terminated. The statistical information is as follows: Total outgoing data size: 70 bytes, Total incoming data size: 10 bytes.`,
];

describe('softether', () => {
  it('ties connection, session and address to the user', () => {
    const events = readLines(parser, LINES).map((o) => (o.kind === 'event' ? o : undefined));
    expect(events.map((event) => event?.act)).toEqual([
      'vpn-negotiation',
      'vpn-login',
      'vpn-session-start',
      'vpn-address-assigned',
      'vpn-session-end',
    ]);
    for (const event of events.slice(1))
      expect(event?.fields).toMatchObject({ 'user.name': 'kim', 'source.ip': '198.51.100.9' });
    expect(events[3]?.fields['einfallstor.vpn.assigned_ip']).toBe('10.30.0.21');
    expect(events[4]?.fields).toMatchObject({ 'source.bytes': 10, 'destination.bytes': 70 });
  });

  it('never throws, never takes long', () => expectRobust(parser, LINES));
});
