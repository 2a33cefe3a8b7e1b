import { describe, expect, it } from 'vitest';
import google from '../../parsers/auth/google-workspace.ts';
import { eventOf, expectRobust, linesOf, readLines } from './lines.ts';

const activity = (app: string, type: string, name: string, parameters: object[] = [], more: object = {}): string =>
  JSON.stringify({
    kind: 'admin#reports#activity',
    id: { time: '2024-03-11T07:00:00.500Z', uniqueQualifier: '5', applicationName: app, customerId: 'C01' },
    actor: { email: 'kim@example.org' },
    ipAddress: '203.0.113.61',
    events: [{ type, name, parameters }],
    ...more,
  });
const value = (name: string, text: string): object => ({ name, value: text });

describe('google-workspace', () => {
  it.each([
    ['login', 'login', 'login_success', 'login', 'success'],
    ['login', 'login', 'login_failure', 'login', 'failure'],
    ['saml', 'login', 'login_failure', 'login', 'failure'],
    ['login', 'account_warning', 'suspicious_login', 'threat', undefined],
    ['login', '2sv_change', '2sv_disable', 'account-changed', 'success'],
    ['user_accounts', 'email_forwarding_change', 'email_forwarding_out_of_domain', 'mail-access', 'success'],
    ['token', 'auth', 'authorize', 'config-change', 'success'],
    ['drive', 'access', 'download', 'share-access', 'success'],
    ['admin', 'DELEGATED_ADMIN_SETTINGS', 'ASSIGN_ROLE', 'group-changed', 'success'],
    ['admin', 'USER_SETTINGS', 'GRANT_ADMIN_PRIVILEGE', 'group-changed', 'success'],
    ['admin', 'USER_SETTINGS', 'CREATE_USER', 'account-created', 'success'],
    ['admin', 'CUSTOMER_TAKEOUT', 'CUSTOMER_TAKEOUT_CREATED', 'share-access', undefined],
    ['chat', 'user_action', 'message_posted', 'other', undefined],
  ])('%s %s %s is %s', (app, type, name, act, outcome) => {
    const event = eventOf(google, activity(app, type, name));
    expect([event.act, event.fields['event.outcome'], event.fields['event.action']]).toEqual([act, outcome, name]);
    expect(event.fields).toMatchObject({
      'user.name': 'kim',
      'user.domain': 'example.org',
      'source.ip': '203.0.113.61',
    });
  });

  it('tells a failed challenge from one that was passed', () => {
    const of = (status: string) =>
      eventOf(google, activity('login', 'login', 'login_challenge', [value('login_challenge_status', status)]));
    expect(of('Challenge Failed.')).toMatchObject({ act: 'mfa-challenge', fields: { 'event.outcome': 'failure' } });
    expect(of('Challenge Passed.').fields['event.outcome']).toBe('success');
    expect(of('').fields['event.outcome']).toBeUndefined();
  });

  it('keeps what an application was allowed, and where mail goes', () => {
    const scope = { name: 'scope', multiValue: ['https://mail.google.com/', 'openid'] };
    const grant = eventOf(google, activity('token', 'auth', 'authorize', [value('app_name', 'Helper'), scope]));
    expect(grant.fields).toMatchObject({
      'einfallstor.change.object': 'Helper',
      'einfallstor.change.attributes': 'scope=https://mail.google.com/ openid',
    });
    const forward = [value('email_forwarding_destination_address', 'x@example.net')];
    const event = eventOf(google, activity('login', 'x', 'email_forwarding_out_of_domain', forward));
    expect(event.fields['email.to.address']).toEqual(['x@example.net']);
  });

  it('takes the telling event of several', () => {
    const events = [
      { type: 'a', name: 'x' },
      { type: '2sv_change', name: '2sv_disable' },
    ];
    expect(eventOf(google, activity('login', '', '', [], { events }))).toMatchObject({
      act: 'account-changed',
      fields: { 'event.action': '2sv_disable', 'google.workspace.events': ['x', '2sv_disable'] },
    });
  });

  it('refuses what is another service’s', () => {
    const other = '{"kind":"compute#operation","id":{"applicationName":"login"},"protoPayload":{"metadata":{}}}';
    expect(readLines(google, [other])[0]).toMatchObject({ kind: 'rejected', code: 'not-this-format' });
    expect(readLines(google, ['"nextPageToken": "A:1"}'])[0]).toMatchObject({ kind: 'skipped' });
  });

  it('never throws, never takes long', () =>
    expectRobust(google, linesOf('google-workspace/activities', 'google-workspace/gmail-bigquery')));
});
