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
