import { describe, expect, it } from 'vitest';
import windowsXml from '../../parsers/auth/windows-event-xml.ts';
import { eventOf, expectRobust, readLines } from './lines.ts';

const LOGON =
  "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-Security-Auditing'/><EventID>4624</EventID><Keywords>0x8020000000000000</Keywords><TimeCreated SystemTime='2021-10-31T22:21:30.1234567Z'/><Channel>Security</Channel><Computer>TS01.klinik.example</Computer></System><EventData><Data Name='TargetUserName'>o&apos;brien</Data><Data Name='LogonType'>10</Data><Data Name='IpAddress'>198.51.100.23</Data></EventData></Event>";

describe('windows-event-xml', () => {
  it('reads a logon', () => {
    expect(eventOf(windowsXml, LOGON)).toMatchObject({
      act: 'login',
      fields: {
        'user.name': "o'brien",
        'source.ip': '198.51.100.23',
        'host.name': 'TS01.klinik.example',
        'winlog.logon.type': '10',
        'event.outcome': 'success',
        '@timestamp': Date.parse('2021-10-31T22:21:30.123Z') * 1000 + 456,
      },
    });
  });

  it('reads remote access: refused, address given, ended with bytes', () => {
    const rras = (code: number, ...data: readonly string[]): string =>
      `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='RemoteAccess'/><EventID Qualifiers='0'>${code}</EventID><Keywords>0x80000000000000</Keywords><TimeCreated SystemTime='2021-10-31T22:21:30.0Z'/><Channel>System</Channel><Computer>VPN1</Computer></System><EventData>${data.map((one) => `<Data>${one}</Data>`).join('')}</EventData></Event>`;
    const id = 'CoId={01020304-0506-0708-090A-0B0C0D0E0F10}';
    expect(eventOf(windowsXml, rras(20271, id, 'EXAMPLE\\kim', '203.0.113.7', 'refused', '0x10'))).toMatchObject({
      act: 'vpn-login',
      fields: { 'user.name': 'kim', 'source.ip': '203.0.113.7', 'event.outcome': 'failure', 'event.reason': 'refused' },
    });
    expect(eventOf(windowsXml, rras(20274, id, 'EXAMPLE\\kim', 'VPN2-1', '10.9.0.14'))).toMatchObject({
      act: 'vpn-session-start',
      fields: { 'user.domain': 'EXAMPLE', 'einfallstor.vpn.assigned_ip': '10.9.0.14' },
    });
    const end = [
      '10/31/2021',
      '11:14 PM',
      '11/1/2021',
      '1:40 AM',
      '146',
      '2',
      '900',
      '100',
      'user request',
      'SSTP',
      '',
    ];
    expect(eventOf(windowsXml, rras(20272, id, 'EXAMPLE\\kim', 'VPN2-1', ...end))).toMatchObject({
      act: 'vpn-session-end',
      fields: {
        'source.bytes': 100,
        'destination.bytes': 900,
        'event.duration': 8762e9,
        'event.reason': 'user request',
      },
    });
    // the dial-in client tells its own side: 691 is a refused password
    expect(
      eventOf(windowsXml, rras(20227, id, 'kim', 'Staff', '691').replace("'RemoteAccess'", "'RasClient'")).act,
    ).toBe('vpn-login');
  });

  it('is not misled by markup in the data, and says when the event was cut', () => {
    const forged = LOGON.replace('o&apos;brien', '&lt;/System&gt;&lt;EventID&gt;1102&lt;/EventID&gt;');
    expect(eventOf(windowsXml, forged).act).toBe('login');
    expect(eventOf(windowsXml, LOGON.slice(0, -30)).fields['einfallstor.warnings']).toContain('truncated');
  });

  it('rejects other XML', () => {
    expect(readLines(windowsXml, ['<Event><foo/></Event>', '<html>'])).toMatchObject([
      { kind: 'rejected' },
      { kind: 'rejected' },
    ]);
  });

  it('never throws, never takes long', () => expectRobust(windowsXml, [LOGON]));
});
