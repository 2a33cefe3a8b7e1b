import { Buffer } from 'node:buffer';

const NAMED: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', v: '\v', f: '\f' };

/**
 * Text as Exim prints what others sent (string_printing): `f\303\274r \"x\"` is `für "x"`. Bytes above 127 and control
 * characters stand as three octal digits; they are UTF-8, or else Latin-1.
 */
export const unprinted = (text: string): string => {
  if (!text.includes('\\')) return text;
  return text.replaceAll(/(?:\\[0-3][0-7]{2})+|\\([nrtbvf"\\])/g, (run: string, named: string | undefined) => {
    if (named !== undefined) return NAMED[named] ?? named;
    const bytes = Buffer.from(
      run
        .split('\\')
        .slice(1)
        .map((octal) => Number.parseInt(octal, 8)),
    );
    const utf8 = bytes.toString('utf8');
    return utf8.includes('\ufffd') ? bytes.toString('latin1') : utf8;
  });
};

/** A refusal: `rejected`, `temporarily rejected`, `dropped`, `discarded`; at which stage; sender or recipient; why. */
export interface Rejection {
  readonly word: string;
  readonly stage: string;
  readonly address: string | undefined;
  readonly reason: string | undefined;
  /** Where it begins in the line, and its whole text. */
  readonly index: number;
  readonly text: string;
}

const REJECTIONS = [
  // … rejected RCPT <b@example.net>: reason · temporarily rejected connection in "connect" ACL: · rejected after DATA: · rejected by local_scan():
  /(?:^| )(?<word>(?:temporarily )?rejected|dropped|discarded) (?<stage>RCPT|MAIL|EHLO or HELO|HELO|EHLO|AUTH|VRFY|EXPN|ETRN|STARTTLS|DATA|after DATA|during MIME ACL checks|connection|by \w{1,32}\(\)|PRDR|BDAT)(?!\w) ?(?<address><[^>]{0,512}>|[^\s:"@]{1,320}@[^\s:"]{1,255})?[^:]{0,200}?(?:: (?<reason>.{0,4096}))?$/s,
  // rejected from <a@example.org> H=mail.example.org [198.51.100.7]:4000: message too big: read=81312 max=40960
  /(?:^| )(?<word>rejected) (?<stage>from) (?<address><[^>]{0,512}>)(?: .{1,600}?)?: (?<reason>.{0,4096})$/s,
  // H=[198.51.100.7]:4000 dropped by 'connect' ACL: reason
  /(?:^| )(?<word>dropped) by '(?<stage>\w{1,16})' ACL(?:: (?<reason>.{0,4096}))?$/s,
  // H=… F=<a@example.org> RCPT <b@example.net>: discarded by RCPT ACL: reason
  / (?<stage>RCPT|MAIL) (?<address><[^>]{0,512}>): (?<word>discarded) by \w{1,16} ACL(?:: (?<reason>.{0,4096}))?$/s,
];

export const rejectionOf = (line: string): Rejection | undefined => {
  for (const pattern of REJECTIONS) {
    const m = pattern.exec(line);
    if (m === null) continue;
    const { word = '', stage = '', address, reason } = m.groups ?? {};
    return { word, stage, address, reason, index: m.index, text: m[0].trim() };
  }
  return undefined;
};
