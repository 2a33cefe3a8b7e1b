import { describe, expect, it } from 'vitest';
import type { Fields } from '../../../src/ecs/event.ts';
import { putPeer, readMailPairs } from '../../../src/parse/kit/mail.ts';
import { readTai64n } from '../../../src/parse/kit/tai64.ts';
import { readWindowsMessage } from '../../../src/parse/kit/windows-message.ts';

describe('readMailPairs', () => {
  it.each([
    ['from=<a@x>, size=12, nrcpt=1 (queue active)', { from: 'a@x', size: '12', nrcpt: '1' }, '(queue active)'],
    ['from=<> to=<b@y> proto=ESMTP helo=<z>: text', { from: '', to: 'b@y', proto: 'ESMTP', helo: 'z' }, ': text'],
    ['from=<"a> to=<b"@x> to=<c@y>', { from: '"a> to=<b"@x', to: 'c@y' }, ''],
    ['to=<cut@exam', { to: 'cut@exam' }, ''],
  ])('%s', (text, pairs, rest) => {
    const read = readMailPairs(text, 0, {});
    expect(Object.fromEntries(read.pairs)).toEqual(pairs);
    expect(text.slice(read.end)).toBe(rest);
  });

  it('keeps the first of a repeated key and tells', () => {
    const fields: Fields = {};
    expect(readMailPairs('helo=<x> to=<y> to=<z>', 0, fields).pairs.get('to')).toBe('y');
    expect(fields['einfallstor.warnings']).toEqual(['key-repeated:to']);
  });
});

describe('putPeer', () => {
  it.each([
    [
      'mx.example.org[192.0.2.1]:25',
      { 'source.domain': 'mx.example.org', 'source.ip': '192.0.2.1', 'source.port': 25 },
    ],
    ['unknown[IPv6:2001:db8::1]', { 'source.ip': '2001:db8::1' }],
    ['unknown[unknown]', {}],
  ])('%s', (text, expected) => {
    const fields: Fields = {};
    putPeer(fields, 'source', text);
    expect(fields).toMatchObject(expected);
    expect(fields['source.ip']).toBe((expected as Fields)['source.ip']);
  });
});

describe('readTai64n', () => {
  it('reads what multilog writes, and nothing else', () => {
    expect(readTai64n('@40000000617f15810ab3f25c x')).toEqual({
      micros: Date.UTC(2021, 9, 31, 22, 15, 19) * 1000 + 179_565,
      end: 26,
    });
    expect(readTai64n('@0000000000000000ffffffff x')).toBeUndefined();
    expect(readTai64n('@4000 x')).toBeUndefined();
  });
});

describe('readWindowsMessage', () => {
  it('reads accounts by their section', () => {
    const text =
      'An account failed to log on.\r\n\r\nSubject:\r\n\tAccount Name:\t\tSVC$\r\n\r\nLogon Type:\t\t\t3\r\n\r\nAccount For Which Logon Failed:\r\n\tAccount Name:\t\tkim\r\n\tAccount Domain:\t\tKLINIK\r\n\r\nNetwork Information:\r\n\tSource Network Address:\t203.0.113.9\r\n\tSource Port:\t\t-';
    expect(Object.fromEntries(readWindowsMessage(text))).toEqual({
      SubjectUserName: 'SVC$',
      LogonType: '3',
      TargetUserName: 'kim',
      TargetDomainName: 'KLINIK',
      IpAddress: '203.0.113.9',
    });
  });
});
