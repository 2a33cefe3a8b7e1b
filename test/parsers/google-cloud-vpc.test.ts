import { describe, expect, it } from 'vitest';
import googleCloudVpc from '../../parsers/firewall/google-cloud-vpc.ts';
import { eventOf, expectRobust, linesOf, recordsOf } from './lines.ts';

const entry = (log: string, payload: object): string =>
  JSON.stringify({
    logName: `projects/p/logs/compute.googleapis.com%2F${log}`,
    timestamp: '2023-03-05T10:01:02Z',
    jsonPayload: {
      connection: { src_ip: '10.0.0.5', src_port: 443, dest_ip: '198.51.100.23', dest_port: 41022, protocol: 6 },
      ...payload,
    },
  });

describe('google-cloud-vpc', () => {
  it('turns an answer round, but not what a rule decided on: that is about who called', () => {
    expect(eventOf(googleCloudVpc, entry('vpc_flows', { bytes_sent: '9', reporter: 'SRC' })).fields).toMatchObject({
      'source.ip': '198.51.100.23',
      'source.bytes': 0,
      'destination.bytes': 9,
    });
    expect(eventOf(googleCloudVpc, entry('firewall', { disposition: 'ALLOWED' })).fields['source.ip']).toBe('10.0.0.5');
  });

  it('calls passed only what the receiving side or a rule says passed', () => {
    const outcome = (log: string, payload: object): unknown =>
      eventOf(googleCloudVpc, entry(log, payload)).fields['event.outcome'];
    expect(outcome('vpc_flows', { reporter: 'SRC' })).toBeUndefined();
    expect(outcome('vpc_flows', { reporter: 'DEST' })).toBe('success');
    expect(eventOf(googleCloudVpc, entry('firewall', { disposition: 'DENIED' })).act).toBe('flow-denied');
    expect(eventOf(googleCloudVpc, entry('firewall', { disposition: 'INTERCEPTED' })).act).toBe('other');
    expect(eventOf(googleCloudVpc, entry('nat_flows', { allocation_status: 'DROPPED' })).act).toBe('flow-denied');
  });

  it('claims network logs only', () => {
    const lines = [entry('firewall', {}), entry('shielded_vm_integrity', {}), '{"jsonPayload":{"connection":{}}}'];
    expect(recordsOf(lines).map((record) => googleCloudVpc.claims?.(record))).toEqual([true, false, false]);
  });

  it('survives hostile lines', () => expectRobust(googleCloudVpc, linesOf('google-cloud-vpc/flows')));
});
