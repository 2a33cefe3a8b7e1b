import { describe, expect, it } from 'vitest';
import parser from '../../parsers/auth/windows-event-syslog.ts';
import { eventOf, expectRobust, readLines } from './lines.ts';

const FAILED =
  'An account failed to log on. Subject: Account Name:  TS01$ Account Domain:  EXAMPLE Account For Which Logon Failed: Account Name:  kim Account Domain:  EXAMPLE Failure Information: Status:  0xC000006D Sub Status:  0xC000006A Network Information: Source Network Address:  203.0.113.7 Source Port: 50122';
const escaped = (text: string): string => text.replaceAll('\n', '#015#012').replaceAll('\t', '#011');
const SNARE = [
  'MSWinEventLog',
  '1',
  'Security',
  '12',
  'Sun Oct 31 23:14:07 2021',
  '4625',
  'Microsoft-Windows-Security-Auditing',
  'N/A',
  'User',
  'Failure Audit',
  'TS01',
  'Logon',
  '',
  FAILED,
  '99',
];
const LINES = [
  `<13>Oct 31 23:14:07 TS01 ${SNARE.join('\t')}`,
  `<13>Oct 31 23:14:07 TS01 ${SNARE.join('#011')}`,
  `2021 Oct 31 23:14:29 WinEvtLog: Security: AUDIT_FAILURE(4625): Microsoft-Windows-Security-Auditing: (no user): no domain: TS01: ${FAILED}`,
  `<29>Oct 31 23:14:07 TS01 Security-Auditing: 4625: AUDIT_FAILURE ${FAILED}`,
];
const ALL = {
  'event.code': '4625',
  'user.name': 'kim',
  'user.domain': 'EXAMPLE',
  'source.ip': '203.0.113.7',
  'source.port': 50122,
  'event.reason': 'wrong password',
};

describe('windows-event-syslog', () => {
  it.each(LINES)('%#: the agents agree', (line) => {
    expect(eventOf(parser, line)).toMatchObject({ act: 'login', fields: ALL });
  });

  it('knows a text without number by its first sentence, in German and French too', () => {
    const german = escaped(
      'Ein Konto wurde erfolgreich angemeldet.\n\nNeue Anmeldung:\n\tKontoname:\t\tkim\n\tQuellnetzwerkadresse:\t203.0.113.7',
    );
    const french = escaped(
      'Un compte d’utilisateur a été créé.\n\nSujet :\n\tNom du compte :\t\tadmin\n\nNouveau compte :\n\tNom du compte :\t\tsvc',
    );
    expect(eventOf(parser, german).fields).toMatchObject({
      'event.code': '4624',
      'user.name': 'kim',
      'source.ip': '203.0.113.7',
    });
    expect(eventOf(parser, french)).toMatchObject({
      act: 'account-created',
      fields: { 'user.name': 'admin', 'user.target.name': 'svc' },
    });
  });

  it('keeps folders named like escapes', () => {
    const text = escaped(
      'A new process has been created.\n\nProcess Information:\n\tNew Process Name:\tC:\\new\\tool.exe',
    );
    expect(eventOf(parser, text).fields['process.executable']).toBe('C:\\new\\tool.exe');
  });

  it('leaves other syslog alone', () => {
    expect(
      readLines(parser, ['<13>Oct 31 23:14:07 host sshd[1]: An account was successfully logged on by kim'])[0]?.kind,
    ).toBe('rejected');
  });

  it('never throws, never takes long', () => expectRobust(parser, LINES));

  it('a value ends where the next heading was before an agent folded the text', () => {
    const folded =
      'Kerberos pre-authentication failed.  Account Information:  Security ID:  PRAXIS\\kim  Account Name:  kim  Service Information:  Service Name:  krbtgt/PRAXIS  Network Information:  Client Address:  ::ffff:10.9.0.14';
    const { fields } = eventOf(parser, `<13>Oct 31 23:14:07 DC01 Security-Auditing: 4771: AUDIT_FAILURE ${folded}`);
    expect(fields).toMatchObject({ 'user.name': 'kim', 'source.ip': '10.9.0.14' });
    const session =
      'Remotedesktopdienste: Sitzungsanmeldung erfolgreich:  Benutzer: PRAXIS\\kim Sitzungs-ID: 3 Quellnetzwerkadresse:: 198.51.100.23';
    const program = 'Microsoft-Windows-TerminalServices-LocalSessionManager[624]';
    expect(eventOf(parser, `<14>Oct 31 23:14:07 TS01 ${program}: ${session}`)).toMatchObject({
      act: 'login',
      fields: { 'event.code': '21', 'user.name': 'kim', 'source.ip': '198.51.100.23' },
    });
  });
});
