import { describe, expect, it } from 'vitest';
import dns from '../../parsers/network/bind-unbound.ts';
import { eventOf, expectRobust, recordsOf } from './lines.ts';

const BIND =
  '02-Nov-2021 08:00:00.123 queries: info: client @0x7f1c 10.20.4.31#53412 (mail.example.org): query: mail.example.org IN A +E(0)K (10.20.1.53)';
const DENIED =
  "Nov  2 08:00:03 ns1 named[812]: client 198.51.100.9#4444 (example.org): zone transfer 'example.org/AXFR/IN' denied";
const UNBOUND = '[1635840001] unbound[812:0] info: 10.20.4.31 mail.example.org. A IN NOERROR 0.013112 0 61';

describe('bind-unbound', () => {
  it('reads queries of BIND', () => {
    expect(eventOf(dns, BIND)).toMatchObject({
      act: 'dns-query',
      fields: {
        'source.ip': '10.20.4.31',
        'dns.question.name': 'mail.example.org',
        'dns.question.type': 'A',
        'destination.ip': '10.20.1.53',
      },
    });
  });

  it('reads what was refused', () => {
    expect(eventOf(dns, DENIED).fields).toMatchObject({
      'event.action': 'zone-transfer-denied',
      'dns.question.type': 'AXFR',
      'event.outcome': 'failure',
      'observer.name': 'ns1',
    });
  });

  it('reads replies of Unbound', () => {
    expect(eventOf(dns, UNBOUND).fields).toMatchObject({
      '@timestamp': 1_635_840_001_000_000,
      'dns.response_code': 'NOERROR',
      'dns.question.name': 'mail.example.org',
      'event.duration': 13_112_000,
    });
  });

  it('leaves other lines with such a time alone', () => {
    expect(recordsOf(['02-Nov-2021 08:00:00.123 something else', BIND]).map((r) => dns.claims?.(r))).toEqual([
      false,
      true,
    ]);
  });

  it('never throws, never takes long', () => expectRobust(dns, [BIND, DENIED, UNBOUND]));
});
