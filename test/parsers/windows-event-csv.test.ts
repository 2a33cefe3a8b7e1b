import { describe, expect, it } from 'vitest';
import parser from '../../parsers/auth/windows-event-csv.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { expectRobust, readLines } from './lines.ts';

const VIEWER = 'Keywords,Date and Time,Source,Event ID,Task Category';
const SOURCE = 'Microsoft-Windows-Security-Auditing';
const TEXT = [
  'An account failed to log on.',
  '',
  'Account For Which Logon Failed:',
  '\tAccount Name:\t\tkim',
  '',
  'Network Information:',
  '\tSource Network Address:\t203.0.113.7',
].join('\r\n');

const rows = (...lines: readonly string[]): { act: string; fields: Fields }[] =>
  readLines(parser, lines, { zone: 'Europe/Berlin' }).flatMap((outcome) =>
    outcome.kind === 'event' ? [{ act: outcome.act, fields: outcome.fields }] : [],
  );

describe('windows-event-csv', () => {
  it('reads a row of Event Viewer, whose text has no column', () => {
    const [event] = rows(VIEWER, `Audit Failure,10/31/2021 11:14:07 PM,${SOURCE},4625,Logon,"${TEXT}"`);
    expect(event).toMatchObject({
      act: 'login',
      fields: { 'user.name': 'kim', 'source.ip': '203.0.113.7', 'event.outcome': 'failure', 'event.code': '4625' },
    });
    expect(event?.fields['@timestamp']).toBe(Date.parse('2021-10-31T22:14:07Z') * 1000);
  });

  it('takes a dotted date day first, and says so of a slashed one', () => {
    const german = rows(
      'Schlüsselwörter;Datum und Uhrzeit;Quelle;Ereignis-ID;Aufgabenkategorie',
      `Überwachung gescheitert;01.11.2021 23:14:07;${SOURCE};4625;Anmelden;x`,
    );
    expect(german[0]?.fields['@timestamp']).toBe(Date.parse('2021-11-01T22:14:07Z') * 1000);
    const british = rows(VIEWER, `Audit Success,01/11/2021 23:14:07,${SOURCE},4634,Logoff,x`);
    expect(british[0]?.fields['einfallstor.warnings']).toEqual(['date-order-assumed:day']);
  });

  it('reads inserted strings of Routing and Remote Access without the text', () => {
    const [event] = rows(
      'TimeCreated,EventId,Provider,Channel,Computer,Payload',
      '2021-10-31 22:16:00,20274,RemoteAccess,System,VPN1,"{""EventData"":{""Data"":""{NA}, EXAMPLE\\\\kim, VPN2-1, 10.9.0.14""}}"',
    );
    expect(event).toMatchObject({
      act: 'vpn-session-start',
      fields: { 'user.name': 'kim', 'user.domain': 'EXAMPLE', 'einfallstor.vpn.assigned_ip': '10.9.0.14' },
    });
  });

  it('rejects rows before any header', () => {
    expect(readLines(parser, ['Audit Success,x,y,4624,z'])[0]?.kind).toBe('rejected');
  });

  it('never throws, never takes long', () =>
    expectRobust(parser, [VIEWER, `Audit Success,1/2/2021 1:00:00 PM,${SOURCE},4624,x,"${TEXT}"`]));
});
