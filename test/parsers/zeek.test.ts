import { describe, expect, it } from 'vitest';
import zeek from '../../parsers/network/zeek.ts';
import { eventOf, expectRobust, readLines } from './lines.ts';

const json = (more: object): string =>
  JSON.stringify({
    ts: 1635840930.5,
    uid: 'CHhAvVGS1DHFjwGM91',
    'id.orig_h': '198.51.100.23',
    'id.orig_p': 41022,
    'id.resp_h': '10.0.0.5',
    'id.resp_p': 22,
    ...more,
  });

describe('zeek', () => {
  it.each([
    [{ conn_state: 'SF', proto: 'tcp', orig_bytes: 1, orig_ip_bytes: 99 }, 'flow', { 'source.bytes': 99 }],
    [{ conn_state: 'S0', proto: 'tcp' }, 'flow-denied', { 'event.outcome': 'failure' }],
    [{ conn_state: 'S0', proto: 'udp' }, 'flow', { 'network.transport': 'udp' }],
    [{ auth_attempts: 3, auth_success: false }, 'login', { 'event.outcome': 'failure', 'service.type': 'ssh' }],
    [{ auth_attempts: 0 }, 'flow-start', { 'service.type': 'ssh' }],
    [{ domainname: 'EXAMPLE', username: 'kim', success: true }, 'login', { 'user.domain': 'EXAMPLE' }],
    [{ request_type: 'AS', client: 'kim/EXAMPLE.ORG', success: true }, 'kerberos-ticket', { 'user.name': 'kim' }],
    [{ cookie: 'kim', security_protocol: 'HYBRID' }, 'flow-start', { 'user.name': 'kim' }],
    [
      { _path: 'never_heard_of', x: 1 },
      'other',
      { 'source.ip': '198.51.100.23', 'event.dataset': 'zeek.never_heard_of' },
    ],
  ])('%j', (columns, act, fields) => {
    const event = eventOf(zeek, json(columns));
    expect(event.act).toBe(act);
    expect(event.fields).toMatchObject(fields);
  });

  it('reads each log of a file by its own header', () => {
    const outcomes = readLines(zeek, [
      '#separator \\x09',
      '#path\tdns',
      '#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tquery\tanswers',
      '1635840930.5\tC1abcdefghijklmnop\t10.0.0.5\t53111\t10.0.0.2\t53\twww.example.org\t203.0.113.1,203.0.113.2',
      '#separator |',
      '#path|conn',
      '#fields|id.resp_h|id.orig_h|ts|resp_ip_bytes|conn_state',
      '10.0.0.9|10.0.0.5|1635840930.5|77|SF',
    ]);
    expect(outcomes[3]).toMatchObject({
      act: 'dns-query',
      fields: { 'dns.resolved_ip': ['203.0.113.1', '203.0.113.2'] },
    });
    expect(outcomes[7]).toMatchObject({ act: 'flow', fields: { 'source.ip': '10.0.0.5', 'destination.bytes': 77 } });
  });

  it('survives hostile lines', () =>
    expectRobust(zeek, [
      json({ conn_state: 'SF' }),
      '#fields\tts\tuid',
      '1635840930.123456\tCHhAvVGS1DHFjwGM91\t10.0.0.5\t50112\t203.0.113.9\t443\ttcp\tssl\t61.5\t1\t2\tSF',
    ]));
});
