import { describe, expect, it } from 'vitest';
import fritzbox from '../../parsers/firewall/avm-fritzbox.ts';
import { eventOf, expectRobust, readLines } from './lines.ts';

const line = (text: string): string => `31.10.21 23:14:07 ${text}`;
const LINES = [
  line(
    'Anmeldung des Benutzers admin an der FRITZ!Box-Benutzeroberfläche von IP-Adresse 203.0.113.9 gescheitert (falsches Kennwort).',
  ),
];

describe('avm-fritzbox', () => {
  it('a refused login keeps its reason, and how often it was repeated', () => {
    expect(
      eventOf(fritzbox, `${LINES[0]} [27 Meldungen seit 31.10.21 23:10:30]`, { zone: 'Europe/Berlin' }),
    ).toMatchObject({
      act: 'admin-login',
      fields: {
        '@timestamp': Date.parse('2021-10-31T22:14:07Z') * 1000,
        'event.outcome': 'failure',
        'event.reason': 'falsches Kennwort',
        'user.name': 'admin',
        'source.ip': '203.0.113.9',
        'avm.fritzbox.repeated': 27,
      },
    });
  });

  it.each([
    [
      'Anmeldung des Benutzers k.maier an der FRITZ!Box-Benutzeroberfläche von IP-Adresse 2001:db8::7.',
      'admin-login',
      '2001:db8::7',
    ],
    ['VPN-Verbindung zu k.maier [198.51.100.23] wurde erfolgreich hergestellt.', 'vpn-session-start', '198.51.100.23'],
    [
      'WLAN-Gerät hat sich neu angemeldet (5 GHz), 866 Mbit/s, PC07, IP 192.168.178.31, MAC 00:00:5E:00:53:23.',
      'dhcp-lease',
      '192.168.178.31',
    ],
  ])('%s', (text, act, ip) => {
    const event = eventOf(fritzbox, line(text));
    expect([event.act, event.fields['source.ip'], event.fields['event.outcome']]).toEqual([act, ip, 'success']);
  });

  it('reads the interface’s JSON like the page', () => {
    const [page, json] = readLines(fritzbox, [
      LINES[0] as string,
      JSON.stringify({ date: '31.10.21', time: '23:14:07', msg: (LINES[0] as string).slice(18), id: 504 }),
    ]);
    expect(json).toMatchObject({ act: 'admin-login', fields: { 'event.code': '504' } });
    if (page?.kind === 'event' && json?.kind === 'event')
      expect(json.fields['@timestamp']).toBe(page.fields['@timestamp']);
  });

  it('never throws, never takes long', () => expectRobust(fritzbox, LINES));
});
