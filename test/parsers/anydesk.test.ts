import { describe, expect, it } from 'vitest';
import anydesk from '../../parsers/auth/anydesk.ts';
import { eventOf, expectRobust, readLines } from './lines.ts';

const line = (logger: string, text: string, time = '22:14:01.000'): string =>
  `   info 2021-10-31 ${time}       gsvc   4628   3528   23                ${logger} - ${text}`;
const LINES = [
  line('anynet.any_socket', 'Client-ID: 547911884 (FPR: 67a8dcc336a1).'),
  line('anynet.any_socket', 'Logged in from 203.0.113.9:41314 on relay ad3345a7.'),
  line('app.backend_session', 'Incoming session request: Support Team (547911884)'),
  line('app.session', 'Authenticated with correct passphrase.'),
];

describe('anydesk', () => {
  it('gives a login the address of the connection before it, and says so; times are UTC', () => {
    expect(readLines(anydesk, LINES, { zone: 'Europe/Berlin' }).at(-1)).toMatchObject({
      act: 'login',
      fields: {
        '@timestamp': Date.parse('2021-10-31T22:14:01Z') * 1000,
        'source.ip': '203.0.113.9',
        'user.name': 'Support Team',
        'user.id': '547911884',
        'event.outcome': 'success',
        'einfallstor.warnings': ['source-from:earlier-line'],
      },
    });
  });

  it('another peer, or the end of the session, takes the address away', () => {
    const other = [
      ...LINES,
      line('app.session', 'Session closed by user.'),
      line('app.session', 'Passphrase not accepted.'),
    ];
    const last = readLines(anydesk, other).at(-1);
    expect(last).toMatchObject({ act: 'login', fields: { 'event.outcome': 'failure' } });
    expect(last?.kind === 'event' && last.fields['source.ip']).toBeUndefined();
    const next = readLines(anydesk, [
      ...LINES,
      line('anynet.any_socket', 'Client-ID: 547911885 (FPR: 1).'),
      LINES[3] as string,
    ]).at(-1);
    expect(next?.kind === 'event' && next.fields['source.ip']).toBeUndefined();
  });

  it.each([
    ['Passwd', 'success'],
    ['REJECTED', 'failure'],
  ])('connection_trace.txt: %s is %s', (word, outcome) => {
    const { act, fields } = eventOf(anydesk, `Incoming    2021-10-31, 22:14    ${word}     evil@ad    547911884`);
    expect([act, fields['event.outcome'], fields['user.name'], fields['user.id']]).toEqual([
      'login',
      outcome,
      'evil@ad',
      '547911884',
    ]);
  });

  it('never throws, never takes long', () => expectRobust(anydesk, LINES));
});
