import { describe, expect, it } from 'vitest';
import parser from '../../parsers/auth/windows-event-text.ts';
import { eventOf, expectRobust, readLines } from './lines.ts';

const TEXT = [
  'An account failed to log on.',
  '',
  'Account For Which Logon Failed:',
  '\tAccount Name:\t\tkim',
  '',
  'Network Information:',
  '\tSource Network Address:\t203.0.113.7',
].join('\r\n');
const HEAD = ['Log Name: Security', 'Source: Microsoft-Windows-Security-Auditing'];
const WEVTUTIL = [
  'Event[0]:',
  ...HEAD.map((line) => `  ${line}`),
  '  Date: 2021-10-31T23:14:07.123',
  '  Event ID: 4625',
  '  Computer: TS01',
  '  Description: ',
  TEXT,
].join('\r\n');
const COPY = [...HEAD, 'Date: 10/31/2021 11:14:07 PM', 'Event ID: 4625', 'Computer: TS01', 'Description:', TEXT].join(
  '\n',
);
const SPLUNK = `10/31/2021 11:14:07 PM\nLogName=Security\nEventCode=4625\nComputerName=TS01\nMessage=${TEXT}`;

describe('windows-event-text', () => {
  it.each([WEVTUTIL, COPY, SPLUNK])('%#: the three forms agree', (text) => {
    const { act, fields } = eventOf(parser, text, { zone: 'Europe/Berlin' });
    expect(act).toBe('login');
    expect(fields).toMatchObject({
      'event.code': '4625',
      'event.outcome': 'failure',
      'user.name': 'kim',
      'source.ip': '203.0.113.7',
      'host.name': 'TS01',
    });
    expect(Math.floor((fields['@timestamp'] as number) / 1e6)).toBe(Date.parse('2021-10-31T22:14:07Z') / 1000);
  });

  it('is not misled by a head in the text', () => {
    const forged = WEVTUTIL.replace('kim', 'kim\r\n  Event ID: 1102');
    expect(eventOf(parser, forged).fields['event.code']).toBe('4625');
  });

  it('rejects a head that is cut', () => {
    expect(readLines(parser, ['Event[5]:\n  Log Name: Security\n  Sour'])[0]).toMatchObject({ code: 'truncated' });
  });

  it('never throws, never takes long', () => expectRobust(parser, [WEVTUTIL, COPY, SPLUNK]));

  it('reads what Format-List printed, German, with all properties', () => {
    const list = [
      'Message              : Fehler beim Anmelden eines Kontos.',
      '                       ',
      '                       Konto, für das die Anmeldung fehlgeschlagen ist:',
      '                       \tKontoname:\t\tm.roth',
      '                       Netzwerkinformationen:',
      '                       \tQuellnetzwerkadresse:\t203.0.113.9',
      'Id                   : 4625',
      'ProviderName         : Microsoft-Windows-Security-Auditing',
      'TimeCreated          : 31.10.2021 23:14:07',
    ].join('\r\n');
    expect(eventOf(parser, list, { zone: 'Europe/Berlin' })).toMatchObject({
      act: 'login',
      fields: {
        'user.name': 'm.roth',
        'source.ip': '203.0.113.9',
        '@timestamp': Date.parse('2021-10-31T22:14:07Z') * 1000,
      },
    });
  });
});
