import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import ftd from '../../parsers/firewall/cisco-ftd.ts';
import { eventOf, expectRobust, readLines, recordsOf } from './lines.ts';

const ends = (action: string, more = ''): string =>
  `2021-11-02T07:15:30Z ftd-1  %FTD-6-430003: FirstPacketSecond: 2021-11-02T07:15:00Z, AccessControlRuleAction: ${action}, ${more}SrcIP: 10.1.1.1, DstIP: 198.51.100.7, SrcPort: 50112, DstPort: 443, Protocol: tcp, ConnectionDuration: 30, InitiatorBytes: 100, ResponderBytes: 200`;

describe('cisco-ftd', () => {
  it.each([
    ['Allow', '', 'flow', 'allowed'],
    ['Trust', '', 'flow', 'allowed'],
    ['Fastpath', '', 'flow', 'allowed'],
    ['Block', '', 'flow-denied', 'denied'],
    ['Interactive Block with reset', '', 'flow-denied', 'denied'],
    ['Block', 'AccessControlRuleReason: File Block, ', 'flow', 'denied'],
  ])('%s %s', (action, more, act, type) => {
    const event = eventOf(ftd, ends(action, more));
    expect(event.act).toBe(act);
    expect(event.fields['event.type']).toContain(type);
    expect(event.fields['source.bytes']).toBe(100);
  });

  it('counts the initiator as source and takes start and end from the packets', () => {
    expect(eventOf(ftd, ends('Allow')).fields).toMatchObject({
      'event.start': 1_635_837_300_000_000,
      'event.end': 1_635_837_330_000_000,
      'event.duration': 30e9,
      'destination.bytes': 200,
      'observer.name': 'ftd-1',
    });
  });

  it('ends a value only before a key', () => {
    const { fields } = eventOf(
      ftd,
      '%FTD-6-430003: SrcIP: 10.1.1.1, UserAgent: Mozilla/5.0 (KHTML, like Gecko, note: x) Chrome, Client: Chrome, URL: http://a.example/b, c: d',
    );
    expect(fields['user_agent.original']).toBe('Mozilla/5.0 (KHTML, like Gecko, note: x) Chrome');
    expect(fields['url.original']).toBe('http://a.example/b, c: d');
  });

  it('keeps the first of a repeated key and says so', () => {
    const { fields } = eventOf(ftd, '%FTD-6-430003: SrcIP: 10.1.1.1, UserAgent: x, SrcIP: 192.0.2.1, Client: cURL');
    expect(fields['source.ip']).toBe('10.1.1.1');
    expect(fields['einfallstor.warnings']).toContain('key-repeated');
  });

  it.each([
    ['No Authentication Required', undefined, undefined],
    ['Not Found', undefined, undefined],
    ['CORP\\b.lang', 'b.lang', 'CORP'],
  ])('user %s', (user, name, domain) => {
    const { fields } = eventOf(ftd, `%FTD-6-430002: SrcIP: 10.1.1.1, User: ${user}, Client: x`);
    expect([fields['user.name'], fields['user.domain']]).toEqual([name, domain]);
  });

  it('leaves messages in ASA style alone', () => {
    const lines = ['%FTD-6-302013: Built outbound TCP connection 1 for a:1.1.1.1/1', 'SFIMS: service started'];
    expect(readLines(ftd, lines).map((o) => o.kind)).toEqual(['rejected', 'rejected']);
    expect(ftd.recognise({ records: recordsOf(lines) }).certainty).toBe(0);
  });

  it('is robust', () => {
    const file = '../../fixtures/parsers/cisco-ftd/security-events/input.log';
    expectRobust(
      ftd,
      readFileSync(join(import.meta.dirname, file), 'utf8')
        .trim()
        .split('\n'),
    );
  });
});
