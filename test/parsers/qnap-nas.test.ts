import { describe, expect, it } from 'vitest';
import qnap from '../../parsers/auth/qnap-nas.ts';
import { eventOf, expectRobust, readLines } from './lines.ts';

const line = (text: string): string => `<30>Oct 31 23:14:07 nas01 qulogd[14629]: ${text}`;
const connection = (resource: string, action: string, type = 'HTTPS'): string =>
  line(
    `conn log: Users: k.maier, Source IP: 203.0.113.9, Computer name: ---, Connection type: ${type}, Accessed resources: ${resource}, Action: ${action}`,
  );
const LINES = [connection('Administration', 'Login Fail')];

describe('qnap-nas', () => {
  it.each([
    [connection('Administration', 'Login Fail'), 'admin-login', 'failure'],
    [connection('---', 'Login Success', 'SSH'), 'login', 'success'],
    [connection('---', 'Logout'), 'logout', 'success'],
    [connection('Patienten/Müller, Karl.pdf', 'Delete', 'Samba'), 'share-access', undefined],
  ])('%s', (text, act, outcome) => {
    const event = eventOf(qnap, text);
    expect([event.act, event.fields['event.outcome'], event.fields['user.name'], event.fields['source.ip']]).toEqual([
      act,
      outcome,
      'k.maier',
      '203.0.113.9',
    ]);
  });

  it('the system’s own work is no change by somebody', () => {
    const event = (user: string): string =>
      line(
        `event log: Users: ${user}, Source IP: ---, Computer name: ---, Application: A, Category: B, Content: [A] Deleted snapshot "x".`,
      );
    expect(readLines(qnap, [event('---'), event('admin')])).toMatchObject([{ act: 'other' }, { act: 'config-change' }]);
  });

  it('never throws, never takes long', () => expectRobust(qnap, LINES));
});
