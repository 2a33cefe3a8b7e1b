import { expect, it } from 'vitest';
import linuxUtmp from '../../parsers/auth/linux-utmp.ts';
import type { Outcome } from '../../src/parse/parser.ts';
import { eventOf, expectRobust, linesOf, readLines } from './lines.ts';

const line = (type: number, user: string, tty: string, host = '', address = '0.0.0.0'): string =>
  `[${type}] [02110] [ts/0] [${user.padEnd(8)}] [${tty.padEnd(12)}] [${host.padEnd(20)}] [${address.padEnd(15)}] [2026-11-01T09:01:40,000005+00:00]`;

const brief = (outcome: Outcome): unknown =>
  outcome.kind === 'event' ? [outcome.act, outcome.fields['event.outcome'], outcome.warnings] : outcome.kind;

it('a login with its terminal, process and address', () => {
  expect(eventOf(linuxUtmp, line(7, 'k.maier', 'pts/0', 'vpn.example.org', '2001:db8::23'))).toMatchObject({
    act: 'login',
    fields: {
      '@timestamp': Date.UTC(2026, 10, 1, 9, 1, 40) * 1000 + 5,
      'event.outcome': 'success',
      'user.name': 'k.maier',
      'source.domain': 'vpn.example.org',
      'source.ip': '2001:db8::23',
      'process.pid': 2110,
      'linux.auth.tty': 'pts/0',
    },
  });
});

it('a display or a multiplexer of the same host is no source', () => {
  for (const host of [':0', 'tmux(2110).%0'])
    expect(Object.keys(eventOf(linuxUtmp, line(7, 'anna', 'pts/2', host)).fields)).not.toContain('source.address');
});

it('says which file a login is in as long as it is inferred, and takes the rest of a btmp for failures', () => {
  const [login, boot] = [line(7, 'anna', ':0', ':0'), line(2, 'reboot', '~', '6.1.0')];
  const failure = line(6, 'root', 'ssh:notty', '198.51.100.23', '198.51.100.23');
  expect(readLines(linuxUtmp, [login, boot, login, failure, login]).map(brief)).toEqual([
    ['login', 'success', ['file-inferred:wtmp']],
    ['source-state', undefined, []],
    ['login', 'success', []],
    ['login', 'failure', []],
    ['login', 'success', []],
  ]);
  expect(readLines(linuxUtmp, [failure, login]).map(brief)).toEqual([
    ['login', 'failure', []],
    ['login', 'failure', ['file-inferred:btmp']],
  ]);
});

it('a getty that waits is no failure, and no user', () => {
  const { act, fields } = eventOf(linuxUtmp, line(6, 'LOGIN', 'tty1'));
  expect(act).toBe('other');
  expect(fields['user.name']).toBeUndefined();
});

it('a clock that was never set gives no time', () => {
  const text = line(2, 'reboot', '~').replace('2026-11-01', '1970-01-01');
  const [outcome] = readLines(linuxUtmp, [text]);
  expect(outcome).toMatchObject({ kind: 'event', warnings: ['time-missing'] });
  expect(outcome?.kind === 'event' && outcome.fields['@timestamp']).toBeUndefined();
});

it('hostile lines', () => expectRobust(linuxUtmp, linesOf('linux-utmp/utmpdump')));
