import { describe, expect, it } from 'vitest';
import mdaemon from '../../parsers/mail/mdaemon.ts';
import type { Outcome, RawRecord } from '../../src/parse/parser.ts';
import { expectRobust, linesOf, readLines, recordsOf } from './lines.ts';

const at = (text: string): string => `Tue 2024-08-20 08:00:01.100: 02: ${text}`;
const ZONE = { zone: 'Europe/Berlin' };
const session = (reply: string): string[] =>
  [
    'Session 90; child 0001',
    'Accepting SMTP connection from 203.0.113.10:45584 to 192.0.2.10:587',
    '<-- AUTH LOGIN',
    '--> 334 VXNlcm5hbWU6',
    `<-- ${Buffer.from('kim@example.org').toString('base64')}`,
    '--> 334 UGFzc3dvcmQ6',
    `<-- ${Buffer.from('Winter2024').toString('base64')}`,
    `--> ${reply}`,
  ].map(at);
const last = (outcomes: readonly Outcome[]): Outcome => outcomes[outcomes.length - 1] as Outcome;

describe('mdaemon', () => {
  it.each([
    ['535 5.7.8 Authentication failed', 'failure'],
    ['235 2.7.0 Authentication successful', 'success'],
  ])('%s is a login: %s', (reply, outcome) => {
    expect(last(readLines(mdaemon, session(reply), ZONE))).toMatchObject({
      act: 'login',
      fields: {
        'event.outcome': outcome,
        'user.name': 'kim',
        'source.ip': '203.0.113.10',
        'source.port': 45584,
        'session.id': '90',
        'service.type': 'smtp',
      },
    });
  });

  it('takes the password for no name', () => {
    const outcomes = readLines(mdaemon, session('535 5.7.8 Authentication failed'), ZONE);
    const names = outcomes.map((outcome) => (outcome.kind === 'event' ? outcome.fields['user.name'] : undefined));
    expect(names.filter((name) => name !== undefined)).toEqual(['kim']);
  });

  it('a new session knows nothing of the one before', () => {
    const lines = [...session('235 2.7.0 ok'), at('----------'), at('--> 535 5.7.8 Authentication failed')];
    const outcome = last(readLines(mdaemon, lines, ZONE)) as Extract<Outcome, { kind: 'event' }>;
    expect(outcome.fields['source.ip']).toBeUndefined();
    expect(outcome.fields['user.name']).toBeUndefined();
  });

  it('tells an accepted message with all its recipients', () => {
    const lines = ['<-- MAIL FROM:<a@example.org>', '<-- RCPT TO:<b@example.net>', '<-- RCPT TO:<c@example.net>'].map(
      at,
    );
    lines.push(at('--> 250 2.6.0 Ok, message saved <Message-ID: x1@example.org>'));
    expect(last(readLines(mdaemon, lines, ZONE))).toMatchObject({
      act: 'mail-received',
      fields: { 'email.from.address': ['a@example.org'], 'email.to.address': ['b@example.net', 'c@example.net'] },
    });
  });

  it('claims no other program’s lines with such a date', () => {
    const claimed = (text: string) => mdaemon.claims?.(recordsOf([text])[0] as RawRecord);
    expect(
      claimed('Tue 2021-11-02 08:16:03.500: [1041] Accepting connection from 192.0.2.9:51422 to 10.0.0.5:587'),
    ).toBe(false);
    expect(claimed('Tue 2021-11-02 08:16:03.500: 05: Session 7; child 0001')).toBe(true);
  });

  it('never throws, never takes long', () => expectRobust(mdaemon, linesOf('mdaemon/sessions')));
});
