import { describe, expect, it } from 'vitest';
import okta from '../../parsers/auth/okta.ts';
import { eventOf, expectRobust } from './lines.ts';

const event = (eventType: string, result: string, more: object = {}): string =>
  JSON.stringify({
    published: '2023-09-14T05:01:11.123Z',
    eventType,
    actor: { alternateId: 'kim@example.org', displayName: 'Kim', type: 'User' },
    client: { ipAddress: '203.0.113.61' },
    outcome: { result, reason: result === 'FAILURE' ? 'INVALID_CREDENTIALS' : null },
    target: [{ type: 'User', alternateId: 'lee@example.org' }],
    ...more,
  });

describe('okta', () => {
  it.each([
    ['user.session.start', 'SUCCESS', 'login', 'success'],
    ['user.session.start', 'FAILURE', 'login', 'failure'],
    ['user.authentication.auth_via_mfa', 'FAILURE', 'mfa-challenge', 'failure'],
    ['user.account.privilege.grant', 'SUCCESS', 'group-changed', 'success'],
    ['policy.rule.update', 'SUCCESS', 'config-change', 'success'],
    ['user.account.lock', 'FAILURE', 'account-locked', 'failure'],
    ['some.thing.new', 'ALLOW', 'other', 'success'],
  ])('%s %s is %s', (type, result, act, outcome) => {
    const read = eventOf(okta, event(type, result));
    expect(read.act).toBe(act);
    expect(read.fields).toMatchObject({ 'event.outcome': outcome, 'user.name': 'kim', 'source.ip': '203.0.113.61' });
  });

  it('takes the first hop where no client is told', () => {
    const line = event('user.session.start', 'SUCCESS', { client: {}, request: { ipChain: [{ ip: '2001:db8::9' }] } });
    expect(eventOf(okta, line).fields['source.ip']).toBe('2001:db8::9');
  });

  it('never throws, never takes long', () => expectRobust(okta, [event('user.session.start', 'SUCCESS')]));
});
