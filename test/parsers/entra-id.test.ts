import { describe, expect, it } from 'vitest';
import entra from '../../parsers/auth/entra-id.ts';
import { eventOf, expectRobust } from './lines.ts';

const signIn = (errorCode: number, more: object = {}): string =>
  JSON.stringify({
    createdDateTime: '2023-09-13T05:01:11Z',
    userPrincipalName: 'kim@example.org',
    ipAddress: '203.0.113.61',
    clientAppUsed: 'Browser',
    status: { errorCode, failureReason: 'why' },
    ...more,
  });
const AUDIT =
  '{"activityDisplayName":"Add member to role","activityDateTime":"2023-09-13T06:02:00Z","result":"success","initiatedBy":{"user":{"userPrincipalName":"admin@example.org","ipAddress":"203.0.113.61"}},"targetResources":[{"type":"User","userPrincipalName":"kim@example.org","modifiedProperties":[{"displayName":"Role.DisplayName","newValue":"\\"Global Administrator\\""}]}]}';

describe('entra-id', () => {
  it.each([
    [0, 'login', 'success'],
    [50126, 'login', 'failure'],
    [50074, 'mfa-challenge', undefined],
    [500121, 'mfa-challenge', 'failure'],
    [50140, 'other', undefined],
  ])('error code %i is %s, %s', (code, act, outcome) => {
    const event = eventOf(entra, signIn(code));
    expect(event.act).toBe(act);
    expect(event.fields['event.outcome']).toBe(outcome);
    expect(event.fields['source.ip']).toBe('203.0.113.61');
  });

  it('tells legacy protocols apart', () => {
    expect(eventOf(entra, signIn(50126, { clientAppUsed: 'IMAP4' })).fields['service.type']).toBe('imap');
  });

  it('reads what Azure Monitor wraps, and who was put into which role', () => {
    const wrapped = `{"time":"2023-09-13T06:02:00Z","category":"AuditLogs","operationName":"Add member to role","properties":${AUDIT}}`;
    for (const line of [AUDIT, wrapped])
      expect(eventOf(entra, line)).toMatchObject({
        act: 'group-changed',
        fields: { 'user.name': 'admin', 'user.target.name': 'kim', 'group.name': 'Global Administrator' },
      });
  });

  it('never throws, never takes long', () => expectRobust(entra, [signIn(0), AUDIT]));
});
