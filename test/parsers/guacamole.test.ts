import { describe, expect, it } from 'vitest';
import parser from '../../parsers/auth/guacamole.ts';
import { expectRobust, readLines } from './lines.ts';

const LINES = [
  'apr 15, 2022 8:34:08 PM org.slf4j.impl.JCLLoggerAdapter warn',
  'WARNING: Authentication attempt from 203.0.113.72 for user "kim" failed.',
  '\tat org.apache.guacamole.rest.Foo.bar(Foo.java:12)',
  '2022-03-28T07:06:10,100Z [http-nio-8080-exec-1] INFO  o.a.g.r.auth.AuthenticationService - User "kim" successfully authenticated from [198.51.100.80, 10.0.0.4].',
];

describe('guacamole', () => {
  it('takes the time from the line before, joins traces, takes the client in front of proxies', () => {
    const outcomes = readLines(parser, LINES);
    expect(outcomes.map((o) => o.kind)).toEqual(['skipped', 'event', 'joined', 'event']);
    expect(outcomes[1]).toMatchObject({
      act: 'login',
      fields: {
        '@timestamp': Date.UTC(2022, 3, 15, 20, 34, 8) * 1000,
        'source.ip': '203.0.113.72',
        'event.outcome': 'failure',
      },
    });
    expect(outcomes[3]).toMatchObject({ fields: { 'source.ip': '198.51.100.80', 'user.name': 'kim' } });
  });

  it('never throws, never takes long', () => expectRobust(parser, LINES));
});
