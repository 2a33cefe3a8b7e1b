import { describe, expect, it } from 'vitest';
import dhcp from '../../parsers/network/windows-dhcp.ts';
import { eventOf, expectRobust, readLines, recordsOf } from './lines.ts';

const ASSIGN =
  '10,11/02/21,08:15:30,Assign,10.50.0.31,NB-1042.werft.example,00005E005341,,2417033,0,,,,0x4D53,MSFT 5.0,,,,0';
const NACK = '15,11/02/21,09:03:00,NACK,192.168.178.20,,00005E005344,,0,6,,,,,,,,,0';
const V6 = '11003,11/03/21,08:00:00,DHCPV6 Renew,2001:db8:50::41,NB-41.werft.example,,14,000100011F2E,,,,';

describe('windows-dhcp', () => {
  it('reads a lease, month first, in local time', () => {
    expect(eventOf(dhcp, ASSIGN, { zone: 'Europe/Berlin' })).toMatchObject({
      act: 'dhcp-lease',
      fields: {
        '@timestamp': Date.UTC(2021, 10, 2, 7, 15, 30) * 1000,
        'source.ip': '10.50.0.31',
        'source.domain': 'nb-1042.werft.example',
        'event.code': '10',
      },
    });
  });

  it('gives nobody an address that was refused', () => {
    expect(eventOf(dhcp, NACK).fields).toMatchObject({
      'dhcp.refused_ip': '192.168.178.20',
      'event.outcome': 'failure',
    });
  });

  it('knows the other columns of DHCPv6 rows', () => {
    expect(eventOf(dhcp, V6).fields).toMatchObject({
      'source.ip': '2001:db8:50::41',
      'microsoft.dhcp.Duid_Length': '14',
    });
  });

  it('passes over the preamble, claims no other list', () => {
    const kinds = readLines(dhcp, ['\t\tMicrosoft DHCP Service Activity Log', '00\tThe log was started.', ASSIGN]).map(
      (o) => o.kind,
    );
    expect(kinds).toEqual(['skipped', 'skipped', 'event']);
    expect(recordsOf(['10,11/02/21,08:15:30,Paid,1,2,3,4']).map((r) => dhcp.claims?.(r))).toEqual([false]);
  });

  it('never throws, never takes long', () => expectRobust(dhcp, [ASSIGN, NACK, V6]));
});
