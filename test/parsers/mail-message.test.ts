import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import parser from '../../parsers/mail/mail-message.ts';
import { textOf, valuesOf } from '../../src/ecs/event.ts';
import { openClock } from '../../src/parse/kit/clock.ts';
import type { Outcome } from '../../src/parse/parser.ts';
import { recordOf } from '../../src/parse/record.ts';
import { RECORD_MAX } from '../../src/read/framing.ts';
import { framer } from '../../src/read/records.ts';
import { eventOf, expectRobust } from './lines.ts';

const read = (bytes: Buffer): Outcome[] => {
  const records = framer('mail', 'utf-8');
  const open = parser.open({ clock: openClock({}) });
  return [...records.push(bytes), ...records.end()].map((record) => open(recordOf(record)));
};

const mail = (...lines: readonly string[]): string =>
  ['From: a@example.net', 'To: b@example.org', 'Subject: x', ...lines].join('\n');

describe('mail messages', () => {
  it('hashes an attachment as the bytes it was made of', () => {
    const bytes = Buffer.from(Array.from({ length: 3000 }, (_, n) => (n * 7) % 256));
    const { fields } = eventOf(
      parser,
      mail(
        'Content-Type: application/pdf; name=a.pdf',
        'Content-Transfer-Encoding: base64',
        '',
        bytes.toString('base64').replaceAll(/(.{76})/g, '$1\n'),
      ),
    );
    expect(fields['email.attachments.file.hash.sha256']).toEqual([createHash('sha256').update(bytes).digest('hex')]);
    expect(fields['email.attachments.file.size']).toEqual([3000]);
  });

  it('takes the address where the message entered, not what the sender put below', () => {
    const { fields } = eventOf(
      parser,
      [
        'Received: from relay.example.org (relay.example.org [10.1.1.1]) by box.example.org with LMTP id A1; Sun, 31 Oct 2021 23:14:09 +0100',
        'Received: from evil.example (unknown [198.51.100.9]) by relay.example.org (Postfix) with ESMTP id B2; Sun, 31 Oct 2021 23:14:07 +0100',
        'Received: from bank.example (bank.example [203.0.113.7]) by evil.example with ESMTP; Sun, 31 Oct 2021 23:14:00 +0100',
        'X-Originating-IP: [203.0.113.200]',
        mail('Date: Sun, 31 Oct 2021 22:00:00 +0000', '', 'text'),
      ].join('\n'),
    );
    expect(fields['source.ip']).toBe('198.51.100.9');
    expect(fields['mail.received.3.ip']).toBe('203.0.113.7');
    expect(valuesOf(fields, 'related.ip')).toContain('203.0.113.200');
    expect(fields['@timestamp']).toBe(Date.UTC(2021, 9, 31, 22, 14, 9) * 1000);
    expect(fields['email.origination_timestamp']).toBe(Date.UTC(2021, 9, 31, 22) * 1000);
  });

  it('believes the newest Authentication-Results', () => {
    const { fields } = eventOf(
      parser,
      [
        'Authentication-Results: mx.example.org; spf=fail smtp.mailfrom=example.net; dmarc=fail header.from=example.net',
        'Authentication-Results: mx.example.org; spf=pass; dkim=pass; dmarc=pass',
        mail('', ''),
      ].join('\n'),
    );
    expect(fields['einfallstor.email.spf']).toBe('fail');
    expect(fields['einfallstor.email.dmarc']).toBe('fail');
  });

  it('splits an mbox at its separators and nowhere else', () => {
    const outcomes = read(
      Buffer.from(
        `From a@example.net Sun Oct 31 23:14:07 2021\n${mail('', 'text', '', 'From here on: text', '>From a quoted line')}\n\nFrom b@example.net Sun Oct 31 23:20:00 2021\n${mail('', '')}\n`,
      ),
    );
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(['event', 'event']);
  });

  it('joins the rest of a message that is longer than a record', () => {
    const body = `${'A'.repeat(75)}\n`.repeat(Math.ceil(RECORD_MAX / 76) + 10);
    const outcomes = read(
      Buffer.from(
        mail(
          'Content-Type: multipart/mixed; boundary=b',
          '',
          '--b',
          'Content-Type: application/zip; name=big.zip',
          'Content-Transfer-Encoding: base64',
          '',
          body,
          '--b--',
          '',
        ),
      ),
    );
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(['event', 'joined']);
    const first = outcomes[0] as Outcome & { kind: 'event' };
    expect(valuesOf(first.fields, 'email.attachments.file.name')).toEqual(['big.zip']);
    // half an attachment has no hash
    expect(first.fields['email.attachments.file.hash.sha256']).toBeUndefined();
    expect(valuesOf(first.fields, 'einfallstor.warnings')).toContain('attachment-cut');
  });

  it('reads hostile headers in linear time', () => {
    const hostile = [
      `Content-Type: multipart/mixed; boundary=${'"'.repeat(5000)}`,
      `To: ${'<'.repeat(20_000)}`,
      `Cc: ${'a:;('.repeat(10_000)}`,
      `Subject: ${'=?utf-8?q?'.repeat(6000)}`,
      `Received: from ${'('.repeat(30_000)}`,
      `Content-Disposition: attachment${'; filename*0="'.repeat(2000)}`,
      `Authentication-Results: ${';spf='.repeat(10_000)}`,
    ];
    const start = performance.now();
    const { act } = eventOf(parser, mail(...hostile, '', '--"\n'.repeat(10_000), 'http://'.repeat(10_000)));
    expect(act).toBe('mail-received');
    expect(performance.now() - start).toBeLessThan(3000);
  });

  it('never throws on mutated messages', () => {
    expectRobust(parser, [
      mail(
        'Date: Sun, 31 Oct 2021 23:14:07 +0100',
        'Content-Type: multipart/mixed; boundary="b"',
        '',
        '--b',
        '',
        'x',
        '--b--',
      ),
      mail(
        'Received: from a (b [192.0.2.1]) by c with SMTP id d for <e@f>; Sun, 31 Oct 2021 23:14:07 +0100',
        'X-Mailer: y',
      ),
      mail(
        "Content-Disposition: attachment; filename*0*=UTF-8''a%20; filename*1=b",
        'Content-Transfer-Encoding: base64',
        '',
        'QUJD',
      ),
      mail(
        'Subject: =?UTF-8?B?w7w=?= =?iso-8859-1?q?=FC?=',
        'To: Group: "A, B" <a@b.example>, c@d.example;',
        'Message-ID: <x@y>',
      ),
    ]);
  });

  it('does not take other texts for mail', () => {
    const sample = (text: string) => ({
      records: text.split('\n').map((line, n) => recordOf({ text: line, offset: n, length: 1, line: n + 1 })),
    });
    expect(
      parser.recognise(sample('HTTP/1.1 200 OK\nDate: Sun, 31 Oct 2021\nContent-Type: text/html\n\n')).certainty,
    ).toBe(0);
    expect(parser.recognise(sample('Host: a\nUser-Agent: b\nContent-Type: c\nCookie: d\n')).certainty).toBe(0);
    expect(parser.recognise(sample(mail('Message-ID: <a@b>', ''))).certainty).toBeGreaterThan(0.9);
    expect(textOf(eventOf(parser, mail('', '')).fields, 'email.subject')).toBe('x');
  });
});
