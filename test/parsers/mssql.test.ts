import { describe, expect, it } from 'vitest';
import mssql from '../../parsers/auth/mssql.ts';
import { eventOf, expectRobust, readLines, recordsOf } from './lines.ts';

const T = '2021-11-02 08:15:30.21 ';
const FAILED = `${T}Logon       Login failed for user 'sa'. Reason: Password did not match. [CLIENT: 198.51.100.23]`;

describe('mssql', () => {
  it.each([
    [
      FAILED,
      'login',
      {
        'event.outcome': 'failure',
        'user.name': 'sa',
        'event.reason': 'Password did not match.',
        'source.ip': '198.51.100.23',
      },
    ],
    [
      `${T}Logon       Login succeeded for user 'EX\\kim'. Connection made using Windows authentication. [CLIENT: 10.0.0.7]`,
      'login',
      { 'event.outcome': 'success', 'user.domain': 'EX', 'einfallstor.login.method': 'windows' },
    ],
    [
      `${T}Anmeldung   Fehler bei der Anmeldung für den Benutzer 'sa'. Ursache: falsch. [CLIENT: 10.0.0.7]`,
      'login',
      { 'event.outcome': 'failure', 'user.name': 'sa' },
    ],
    [
      `${T}spid55      Configuration option 'xp_cmdshell' changed from 0 to 1. Run`,
      'config-change',
      { 'einfallstor.change.object': 'xp_cmdshell', 'einfallstor.change.attributes': '0 to 1' },
    ],
    [`${T}spid9s      never seen 192.0.2.9 before`, 'other', { 'related.ip': ['192.0.2.9'] }],
  ])('%s', (line, act, fields) => expect(eventOf(mssql, line)).toMatchObject({ act, fields }));

  it('takes the last client, for the user chose the text before it', () => {
    const line = `${T}Logon       Login failed for user 'x [CLIENT: 10.0.0.1]'. Reason: y. [CLIENT: 198.51.100.24]`;
    expect(eventOf(mssql, line).fields).toMatchObject({
      'source.ip': '198.51.100.24',
      'user.name': 'x [CLIENT: 10.0.0.1]',
    });
  });

  it('joins the lines of the banner, and claims nothing that is only indented', () => {
    const lines = [`${T}Server      Microsoft SQL Server 2019`, '\tCopyright (C) 2019', FAILED];
    expect(readLines(mssql, lines).map(({ kind }) => kind)).toEqual(['event', 'joined', 'event']);
    expect(mssql.recognise({ records: recordsOf(['  {', '    "a": 1', '  }']) }).certainty).toBe(0);
  });

  it('survives hostile lines', () =>
    expectRobust(mssql, [FAILED, `${T}spid55      Error: 18456, Severity: 14, State: 5.`]));
});
