import { describe, expect, it } from 'vitest';
import authentik from '../../parsers/auth/authentik.ts';
import { eventOf, expectRobust, linesOf, readLines } from './lines.ts';

const event = (action: string, context: object = {}, more: object = {}): string =>
  JSON.stringify({
    user: { pk: 7, username: 'kim', email: 'kim@example.org' },
    action,
    context,
    client_ip: '203.0.113.7',
    created: '2024-04-02T10:00:00.5Z',
    ...more,
  });
const model = (model_name: string): object => ({ model: { model_name, name: 'thing' } });

describe('authentik', () => {
  it.each([
    ['login', {}, 'login', 'success', 'kim'],
    ['login_failed', { username: 'lee' }, 'login', 'failure', 'lee'],
    [
      'login_failed',
      { username: 'lee', stage: { app: 'authentik_stages_authenticator_validate' } },
      'mfa-challenge',
      'failure',
      'lee',
    ],
    ['suspicious_request', {}, 'threat', undefined, 'kim'],
    ['impersonation_started', { username: 'lee' }, 'explicit-credentials', 'success', 'kim'],
    ['model_created', model('user'), 'account-created', 'success', 'kim'],
    ['model_updated', model('group'), 'group-changed', 'success', 'kim'],
    ['model_deleted', model('totpdevice'), 'account-changed', 'success', 'kim'],
    ['model_updated', model('flow'), 'config-change', 'success', 'kim'],
    ['custom_thing', {}, 'other', undefined, 'kim'],
  ])('%s %j is %s', (action, context, act, outcome, user) => {
    const read = eventOf(authentik, event(action, context));
    expect([read.act, read.fields['event.outcome'], read.fields['user.name']]).toEqual([act, outcome, user]);
    expect(read.fields['source.ip']).toBe('203.0.113.7');
  });

  it('leaves other products’ JSON alone', () => {
    const others = [
      event('renamed'),
      '{"client_ip":"1.2.3.4","action":"login"}',
      '{"logger":"root","event":"x","timestamp":1}',
    ];
    expect(readLines(authentik, others).map(({ kind }) => kind)).toEqual(['rejected', 'rejected', 'rejected']);
  });

  it('never throws, never takes long', () => expectRobust(authentik, linesOf('authentik/events')));
});
