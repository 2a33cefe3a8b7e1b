import { describe, expect, it } from 'vitest';
import snort from '../../parsers/network/snort.ts';
import { framer } from '../../src/read/records.ts';
import { eventOf, expectRobust, readLines, recordsOf } from './lines.ts';

const FAST =
  '11/02-08:15:30.5 [**] [1:1418:11] SNMP request [**] [Priority: 2] {TCP} 198.51.100.23:41022 -> 10.0.0.5:161';
const FULL = `[**] [1:384:5] ICMP PING [**]
[Classification: Misc activity] [Priority: 3]
11/02/21-08:15:31.000001 198.51.100.23 -> 10.0.0.5
ICMP TTL:128 TOS:0x0 ID:102 IpLen:20 DgmLen:60

`;

describe('snort', () => {
  it.each([
    [FAST, { 'rule.id': '1418', 'source.port': 41022, 'destination.ip': '10.0.0.5' }],
    [FAST.replace('198.51.100.23', '2001:db8:0:0:0:0:0:35'), { 'source.ip': '2001:db8::35', 'source.port': 41022 }],
    [
      FAST.replace('{TCP}', '{ICMP}').replace('198.51.100.23:41022', '2001:db8:0:0:0:0:0:35'),
      { 'source.ip': '2001:db8::35' },
    ],
    [FAST.replace('[**] [1', '[Drop] [**] [1'), { 'event.type': ['denied'], 'event.action': 'drop' }],
  ])('%s', (line, fields) => {
    expect(eventOf(snort, line)).toMatchObject({ act: 'threat', fields });
  });

  it('makes one record of the lines of a full alert, and none of foreign lines between alerts', () => {
    const records = framer(snort.framing, 'utf-8');
    const foreign = 'Nov  2 08:15:30 fw1 sshd[1]: Server listening\n';
    const texts = [...records.push(Buffer.from(FULL + foreign + FULL)), ...records.end()].map((r) => r.text);
    expect(texts).toHaveLength(3);
    expect(readLines(snort, texts).map((o) => o.kind)).toEqual(['event', 'rejected', 'event']);
    expect(eventOf(snort, texts[0] as string).fields).toMatchObject({
      'source.ip': '198.51.100.23',
      'network.transport': 'icmp',
    });
  });

  it('does not claim other lines with numbers in brackets', () => {
    const lines = ['Nov  2 08:15:30 web1 app[7]: [1:2:3] started', 'ratio [10:20:30] a -> b'];
    expect(recordsOf(lines).map((line) => snort.claims?.(line))).toEqual([false, false]);
  });

  it('survives hostile lines', () =>
    expectRobust(snort, [FAST, FULL, '11/02-08:15:30.5, 3, TCP, raw, 60, C2S, a:1, b:2, 1:2:3, allow']));
});
