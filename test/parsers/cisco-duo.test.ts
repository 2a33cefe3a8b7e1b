import { describe, expect, it } from 'vitest';
import duo from '../../parsers/auth/cisco-duo.ts';
import { eventOf, expectRobust, linesOf, readLines } from './lines.ts';

const auth = (reason: string, result: string, more: object = {}): string =>
  JSON.stringify({
    txid: '1',
    event_type: 'authentication',
    isotimestamp: '2024-02-02T08:00:00.500000+00:00',
    user: { name: 'kim' },
    access_device: { ip: '203.0.113.61' },
    auth_device: { ip: '198.51.100.9' },
    application: { name: 'VPN' },
    factor: 'duo_push',
    reason,
    result,
    ...more,
  });
const admin = (action: string, description: unknown): string =>
  JSON.stringify({
    action,
    description: JSON.stringify(description),
    isotimestamp: '2024-02-02T08:00:00+00:00',
    timestamp: 1706860800,
    object: 'lee',
    username: 'Kim Admin',
  });

describe('cisco-duo', () => {
  it.each([
    ['user_approved', 'success', 'mfa-challenge', 'success'],
    ['no_response', 'denied', 'mfa-challenge', 'failure'],
    ['user_marked_fraud', 'fraud', 'mfa-challenge', 'failure'],
    ['invalid_passcode', 'failure', 'mfa-challenge', 'failure'],
    ['bypass_user', 'success', 'login', 'success'],
    ['remembered_device', 'success', 'login', 'success'],
    ['locked_out', 'denied', 'login', 'failure'],
    ['location_restricted', 'denied', 'login', 'failure'],
  ])('%s %s is %s %s', (reason, result, act, outcome) => {
    const event = eventOf(duo, auth(reason, result));
    expect([event.act, event.fields['event.outcome']]).toEqual([act, outcome]);
    // the device that asks for access, not the telephone that answers
    expect(event.fields).toMatchObject({ 'user.name': 'kim', 'source.ip': '203.0.113.61', 'service.name': 'VPN' });
  });

  it('says whether a factor was given', () => {
    expect(eventOf(duo, auth('bypass_user', 'success')).fields['einfallstor.mfa']).toBe(false);
    expect(eventOf(duo, auth('user_approved', 'success')).fields['einfallstor.mfa']).toBe(true);
  });

  it.each([
    ['admin_login', { ip_address: '192.0.2.5', email: 'kim@example.org' }, 'admin-login', 'success', 'kim'],
    ['admin_login_error', { ip_address: '192.0.2.5', email: 'kim@example.org' }, 'admin-login', 'failure', 'kim'],
    ['admin_2fa_error', { ip_address: '192.0.2.5', email: 'kim@example.org' }, 'mfa-challenge', 'failure', 'kim'],
    ['bypass_create', { count: 1 }, 'account-changed', 'success', 'Kim Admin'],
    ['user_create', {}, 'account-created', 'success', 'Kim Admin'],
    ['policy_update', {}, 'config-change', 'success', 'Kim Admin'],
  ])('%s', (action, description, act, outcome, user) => {
    const event = eventOf(duo, admin(action, description));
    expect([event.act, event.fields['event.outcome'], event.fields['user.name']]).toEqual([act, outcome, user]);
  });

  it('leaves other products’ records alone', () => {
    const others = [
      '{"action":"user_create","description":"x","username":"k","host":"h"}',
      '{"result":"success","txid":"1","event_type":"payment"}',
    ];
    expect(readLines(duo, others).map((outcome) => outcome.kind)).toEqual(['rejected', 'rejected']);
  });

  it('never throws, never takes long', () => expectRobust(duo, linesOf('cisco-duo/json', 'cisco-duo/panel-csv')));
});
