import { describe, expect, it } from 'vitest';
import cloudtrail from '../../parsers/auth/aws-cloudtrail.ts';
import { eventOf, expectRobust, readLines } from './lines.ts';

const record = (eventName: string, more: object = {}): string =>
  JSON.stringify({
    eventTime: '2021-10-31T22:14:07Z',
    eventSource: 'iam.amazonaws.com',
    eventName,
    sourceIPAddress: '203.0.113.9',
    userIdentity: { type: 'AssumedRole', arn: 'arn:aws:sts::123456789012:assumed-role/Admin/m.roth' },
    ...more,
  });
const LINES = [record('CreateAccessKey', { requestParameters: { userName: 'backup' } })];

describe('aws-cloudtrail', () => {
  it.each([
    ['ConsoleLogin', { responseElements: { ConsoleLogin: 'Failure' } }, 'login', 'failure'],
    ['ConsoleLogin', { responseElements: { ConsoleLogin: 'Success' } }, 'login', 'success'],
    ['AssumeRole', {}, 'explicit-credentials', 'success'],
    ['StopLogging', {}, 'log-cleared', 'success'],
    ['AuthorizeSecurityGroupIngress', { errorCode: 'AccessDenied' }, 'config-change', 'failure'],
    ['DescribeInstances', {}, 'other', 'success'],
  ])('%s %j', (name, more, act, outcome) => {
    const event = eventOf(cloudtrail, record(name, more));
    expect([event.act, event.fields['event.outcome'], event.fields['user.name']]).toEqual([act, outcome, 'm.roth']);
  });

  it('tells whose key was made', () => {
    expect(eventOf(cloudtrail, LINES[0] as string)).toMatchObject({
      act: 'account-changed',
      fields: { 'user.target.name': 'backup', 'source.ip': '203.0.113.9' },
    });
  });

  it('reads what EventBridge wraps, and refuses other JSON', () => {
    expect(eventOf(cloudtrail, JSON.stringify({ detail: JSON.parse(LINES[0] as string) })).act).toBe('account-changed');
    expect(readLines(cloudtrail, ['{"eventSource":"x","eventName":"y","eventTime":"z"}'])[0]).toMatchObject({
      kind: 'rejected',
    });
  });

  it('never throws, never takes long', () => expectRobust(cloudtrail, LINES));
});
