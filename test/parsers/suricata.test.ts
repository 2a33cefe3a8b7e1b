import { describe, expect, it } from 'vitest';
import suricata from '../../parsers/network/suricata.ts';
import { eventOf, expectRobust, recordsOf } from './lines.ts';

const record = (type: string, body: object, more: object = {}): string =>
  JSON.stringify({
    timestamp: '2021-11-02T08:15:30.000001+0100',
    flow_id: 1,
    event_type: type,
    src_ip: '198.51.100.23',
    src_port: 41022,
    dest_ip: '10.0.0.5',
    dest_port: 443,
    proto: 'TCP',
    [type]: body,
    ...more,
  });

describe('suricata', () => {
  it.each([
    [
      'alert',
      { action: 'allowed', signature: 'x', signature_id: 7 },
      'threat',
      { 'rule.id': '7', 'event.kind': 'alert' },
    ],
    ['alert', { action: 'blocked', signature: 'x', signature_id: 7 }, 'threat', { 'event.type': ['denied'] }],
    ['flow', { bytes_toserver: 5, bytes_toclient: 9, pkts_toclient: 1 }, 'flow', { 'destination.bytes': 9 }],
    ['flow', { bytes_toserver: 5, bytes_toclient: 0, pkts_toclient: 0 }, 'flow-denied', { 'event.outcome': 'failure' }],
    ['drop', { len: 52, reason: 'rules' }, 'flow-denied', { 'source.bytes': 52 }],
    [
      'dns',
      { version: 3, type: 'request', queries: [{ rrname: 'A.example.org', rrtype: 'A' }] },
      'dns-query',
      { 'dns.question.name': 'a.example.org' },
    ],
    [
      'smb',
      { command: 'SMB2_COMMAND_SESSION_SETUP', status: 'STATUS_SUCCESS', ntlmssp: { user: 'kim' } },
      'login',
      { 'event.outcome': 'success' },
    ],
    [
      'krb5',
      { msg_type: 'KRB_ERROR', error_code: 'KDC_ERR_PREAUTH_REQUIRED', cname: 'kim' },
      'other',
      { 'user.name': 'kim' },
    ],
    ['modbus', { id: 1 }, 'other', { 'event.action': 'modbus', 'source.ip': '198.51.100.23' }],
  ])('%s %j', (type, body, act, fields) => {
    const event = eventOf(suricata, record(type, body));
    expect(event.act).toBe(act);
    expect(event.fields).toMatchObject(fields);
  });

  it('keeps what an alert fired on, without making the alert a request', () => {
    const quoted = { http: { hostname: 'www.example.org', url: '/a.php', http_method: 'GET' } };
    const { act, fields } = eventOf(suricata, record('alert', { action: 'allowed', signature: 'x' }, quoted));
    expect(act).toBe('threat');
    expect(fields).toMatchObject({ 'url.path': '/a.php', 'event.category': ['intrusion_detection', 'network'] });
  });

  it('does not count a flow backwards when the alert stands on an answer', () => {
    const flow = { bytes_toserver: 5, bytes_toclient: 9 };
    const { fields } = eventOf(suricata, record('alert', { action: 'allowed' }, { flow, direction: 'to_client' }));
    expect(fields['source.bytes']).toBeUndefined();
  });

  it('leaves other JSON alone', () => {
    const lines = ['{"event_type":"login","timestamp":"2021-11-02T08:15:30Z","user":"kim"}', '{"a":1}'];
    expect(recordsOf(lines).map((line) => suricata.claims?.(line))).toEqual([false, false]);
  });

  it('survives hostile lines', () => expectRobust(suricata, [record('dns', { rrname: 'x' }), record('alert', {})]));
});
