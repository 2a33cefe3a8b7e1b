import { describe, expect, it } from 'vitest';
import generic from '../../parsers/generic/generic-syslog.ts';
import { eventOf, expectRobust, readLines, recordsOf } from './lines.ts';

describe('generic-syslog', () => {
  it('reads the header of any program', () => {
    expect(eventOf(generic, '<30>Nov  2 08:15:30 gw dnsmasq[91]: query[A] example.org from 10.0.0.7')).toMatchObject({
      act: 'other',
      fields: {
        '@timestamp': Date.UTC(2021, 10, 2, 8, 15, 30) * 1000,
        'host.name': 'gw',
        'process.name': 'dnsmasq',
        'process.pid': 91,
        'log.syslog.facility.name': 'daemon',
        'log.syslog.severity.name': 'informational',
        'related.ip': ['10.0.0.7'],
      },
    });
  });

  it('keeps structured data', () => {
    const { fields } = eventOf(generic, '<14>1 2021-11-02T08:15:30.5Z gw app 7 M1 [meta sequenceId="12"] started');
    expect(fields).toMatchObject({
      'syslog.structured_data.meta.sequenceId': '12',
      'log.syslog.msgid': 'M1',
      message: 'started',
    });
  });

  it('stays below product parsers, and takes nothing without a header', () => {
    const lines = ['Nov  2 08:15:30 gw dnsmasq[91]: started', 'no header here', '{"a": 1}'];
    expect(generic.recognise({ records: recordsOf(lines.slice(0, 1)) }).certainty).toBe(0.3);
    expect(readLines(generic, lines).map((o) => o.kind)).toEqual(['event', 'rejected', 'rejected']);
    expect(generic.claims).toBeUndefined();
  });

  it('survives hostile lines', () => {
    expectRobust(generic, [
      '<30>Nov  2 08:15:30 gw dnsmasq[91]: query',
      '<14>1 2021-11-02T08:15:30.5Z gw app 7 M1 [meta sequenceId="12"] x',
    ]);
  });
});
