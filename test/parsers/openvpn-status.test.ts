import { describe, expect, it } from 'vitest';
import status from '../../parsers/vpn/openvpn-status.ts';
import type { Outcome } from '../../src/parse/parser.ts';
import { expectRobust, linesOf, readLines, recordsOf } from './lines.ts';

const events = (lines: readonly string[], zone?: string) =>
  readLines(status, lines, { zone }).flatMap((o: Outcome) => (o.kind === 'event' ? [o] : []));

const V1 = [
  'OpenVPN CLIENT LIST',
  'Updated,Tue Nov  2 09:15:00 2021',
  'Common Name,Real Address,Bytes Received,Bytes Sent,Connected Since',
  'k.maier,203.0.113.7:50112,3871254,20482113,Tue Nov  2 08:15:30 2021',
  'ROUTING TABLE',
  'Virtual Address,Common Name,Real Address,Last Ref',
  '10.8.0.6,k.maier,203.0.113.7:50112,Tue Nov  2 09:14:59 2021',
  'END',
];
const V2 = [
  'TITLE,OpenVPN 2.4.7 x86_64-pc-linux-gnu',
  'TIME,Tue Nov  2 09:15:00 2021,1635840900',
  'CLIENT_LIST,vpn-users,203.0.113.7:50112,10.8.0.6,,3871254,20482113,Tue Nov  2 08:15:30 2021,1635837330,k.maier,12,0',
  'ROUTING_TABLE,10.8.0.6,vpn-users,203.0.113.7:50112,Tue Nov  2 09:14:59 2021,1635840899',
];

describe('openvpn-status', () => {
  it('takes a client as a session since its connection, with bytes until the file was written', () => {
    expect(events(V1, 'Europe/Berlin')[0]).toMatchObject({
      act: 'vpn-session-start',
      fields: {
        '@timestamp': Date.UTC(2021, 10, 2, 7, 15, 30) * 1000,
        'event.end': Date.UTC(2021, 10, 2, 8, 15) * 1000,
        'user.name': 'k.maier',
        'source.ip': '203.0.113.7',
        'source.port': 50112,
        'source.bytes': 3_871_254,
        'destination.bytes': 20_482_113,
      },
    });
  });

  it('gives a route the beginning and the user of its client', () => {
    const [client, route] = events(V2);
    expect(route).toMatchObject({
      act: 'vpn-address-assigned',
      fields: { 'user.name': 'k.maier', 'einfallstor.vpn.assigned_ip': '10.8.0.6' },
    });
    expect(route?.fields['@timestamp']).toBe(client?.fields['@timestamp']);
  });

  it('takes the columns that the file names, and commas in a name for the name', () => {
    const [event] = events([
      'HEADER,CLIENT_LIST,Common Name,Real Address,Virtual Address,Bytes Received,Bytes Sent,Connected Since,Connected Since (time_t),Username',
      'CLIENT_LIST,Werft, Lager 2,198.51.100.21:61010,10.8.0.18,77,88,Tue Nov  2 07:00:00 2021,1635832800,UNDEF',
    ]);
    expect(event?.fields).toMatchObject({ 'user.name': 'Werft, Lager 2', 'source.bytes': 77, 'destination.bytes': 88 });
  });

  it('takes nobody for a user who has not authenticated', () => {
    const [event] = events(['UNDEF,192.0.2.66:40022,2130,4110,Tue Nov  2 09:14:58 2021']);
    expect(event?.act).toBe('vpn-negotiation');
    expect(event?.fields['user.name']).toBeUndefined();
  });

  it('claims no other list', () => {
    const lines = ['END', 'Updated,2021-11-02 09:15:00', 'TIME,now,1', 'a,203.0.113.7:1,2,3,today'];
    expect(recordsOf(lines).map((r) => status.claims?.(r))).toEqual([false, false, false, false]);
  });

  it('never throws, never takes long', () =>
    expectRobust(status, linesOf('openvpn-status/version-1', 'openvpn-status/version-2')));
});
