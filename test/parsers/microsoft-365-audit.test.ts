import { describe, expect, it } from 'vitest';
import audit from '../../parsers/mail/microsoft-365-audit.ts';
import { eventOf, expectRobust, readLines } from './lines.ts';

const record = (more: object): string =>
  JSON.stringify({
    CreationTime: '2023-09-12T07:00:04',
    RecordType: 1,
    Workload: 'Exchange',
    UserId: 'kim@example.org',
    ...more,
  });
const RULE = record({
  Operation: 'New-InboxRule',
  ClientIP: '[2001:db8::7]:50231',
  Parameters: [{ Name: 'ForwardTo', Value: 'smtp:drop@example.net' }],
});
const FAILED = record({
  Operation: 'UserLoginFailed',
  ClientIP: '203.0.113.4:1',
  LogonError: 'InvalidUserNameOrPassword',
  ResultStatus: 'Success',
});

describe('microsoft-365-audit', () => {
  it('takes the time as UTC, the address out of its forms, where a rule sends mail', () => {
    const { act, fields } = eventOf(audit, RULE);
    expect(act).toBe('mail-access');
    expect(fields).toMatchObject({
      '@timestamp': Date.UTC(2023, 8, 12, 7, 0, 4) * 1000,
      'einfallstor.time.basis': 'stated',
      'source.ip': '2001:db8::7',
      'source.port': 50231,
      'email.to.address': ['drop@example.net'],
      'event.action': 'New-InboxRule',
    });
  });

  it('a failed sign-in fails, whatever ResultStatus says', () => {
    expect(eventOf(audit, FAILED)).toMatchObject({
      act: 'login',
      fields: { 'event.outcome': 'failure', 'event.reason': 'InvalidUserNameOrPassword', 'source.ip': '203.0.113.4' },
    });
  });

  it('finds the record in a row of a CSV export and in what collectors wrap around it', () => {
    const row = `7f,2023-09-12T07:00:04Z,1,New-InboxRule,kim@example.org,"${RULE.replaceAll('"', '""')}",,`;
    const header = 'RecordId,CreationDate,RecordType,Operation,UserId,AuditData,AssociatedAdminUnits';
    expect(readLines(audit, [header, row]).map((o) => o.kind)).toEqual(['skipped', 'event']);
    expect(eventOf(audit, JSON.stringify({ office365: JSON.parse(FAILED) })).act).toBe('login');
  });

  it('says that a record is cut', () => {
    expect(readLines(audit, [RULE.slice(0, 90)])[0]).toMatchObject({ kind: 'rejected', code: 'truncated' });
  });

  it('never throws, never takes long', () => expectRobust(audit, [RULE, FAILED]));
});
