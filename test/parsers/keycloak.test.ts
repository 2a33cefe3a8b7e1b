import { describe, expect, it } from 'vitest';
import keycloak from '../../parsers/auth/keycloak.ts';
import { eventOf, expectRobust, linesOf, readLines } from './lines.ts';

const line = (text: string): string =>
  `2024-03-11 08:30:45,123 WARN  [org.keycloak.events] (executor-thread-1) ${text}`;
const ZONE = { zone: 'Europe/Berlin' };
const user = (type: string, rest = ''): string =>
  line(
    `type="${type}", realmId="r", realmName="firma", clientId="wiki", userId="null", ipAddress="203.0.113.7"${rest}`,
  );

describe('keycloak', () => {
  it.each([
    ['LOGIN', '', 'login', 'success'],
    ['LOGIN_ERROR', ', error="invalid_user_credentials"', 'login', 'failure'],
    ['LOGIN_ERROR', ', error="invalid_user_credentials", selected_credential_id="x"', 'mfa-challenge', 'failure'],
    ['UPDATE_TOTP', '', 'account-changed', 'success'],
    ['GRANT_CONSENT', ', scope="mail"', 'config-change', 'success'],
    ['REGISTER', '', 'account-created', 'success'],
    ['CODE_TO_TOKEN_ERROR', ', error="invalid_code"', 'other', 'failure'],
  ])('%s%s is %s', (type, rest, act, outcome) => {
    const event = eventOf(keycloak, user(type, `${rest}, username="kim"`), ZONE);
    expect([event.act, event.fields['event.outcome']]).toEqual([act, outcome]);
    expect(event.fields).toMatchObject({ 'user.name': 'kim', 'source.ip': '203.0.113.7', 'event.action': type });
    expect(event.fields['user.id']).toBeUndefined();
  });

  it('reads the layout of WildFly, whose values have no quotes', () => {
    const text = line('type=LOGIN_ERROR, realmId=firma, clientId=null, ipAddress=203.0.113.7, error=user_not_found');
    expect(eventOf(keycloak, text, ZONE).fields).toMatchObject({
      'event.reason': 'user not found',
      'organization.name': 'firma',
    });
  });

  it.each([
    ['CREATE', 'USER', 'users/1', 'account-created'],
    ['ACTION', 'USER', 'users/1/reset-password', 'account-changed'],
    ['ACTION', 'USER', 'users/1/impersonation', 'explicit-credentials'],
    ['CREATE', 'REALM_ROLE_MAPPING', 'users/1/role-mappings/realm', 'group-changed'],
    ['UPDATE', 'REALM', '', 'config-change'],
  ])('an administrator: %s %s %s is %s', (operation, resource, path, act) => {
    const text = `operationType="${operation}", realmId="r", ipAddress="192.0.2.3", resourceType="${resource}", resourcePath="${path}"`;
    expect(eventOf(keycloak, line(text), ZONE)).toMatchObject({ act, fields: { 'source.ip': '192.0.2.3' } });
  });

  it('says that a console without a day tells no time', () => {
    const text = user('LOGIN').slice('2024-03-11 '.length);
    expect(eventOf(keycloak, text).fields['einfallstor.warnings']).toContain('time-missing');
  });

  it('a name that a client gave cannot set the address', () => {
    const event = eventOf(keycloak, user('LOGIN_ERROR', ', username="x\\", ipAddress=\\"192.0.2.1"'), ZONE);
    expect(event.fields['source.ip']).toBe('203.0.113.7');
  });

  it('joins a stack trace and leaves other Java logs alone', () => {
    const lines = [user('LOGIN'), '\tat org.example.Foo(Foo.java:1)', 'Caused by: java.io.IOException'];
    expect(readLines(keycloak, lines, ZONE).map(({ kind }) => kind)).toEqual(['event', 'joined', 'joined']);
    expect(readLines(keycloak, ['\tat org.example.Foo(Foo.java:1)'])[0]).toMatchObject({ kind: 'rejected' });
  });

  it('never throws, never takes long', () => expectRobust(keycloak, linesOf('keycloak/quarkus', 'keycloak/wildfly')));
});
