import { ADDRESS, type MailPhrase, mailPhrases } from './mail-phrases.ts';

const HOST = `(?:(?<host>[^\\s[\\]]{1,255}) ?)?\\[(?:IPv6:)?(?<ip>${ADDRESS})\\]`;
const say = (source: string): RegExp => new RegExp(`^${source}`, 's');

/** What DKIM, DMARC, grey-listing and virus filters beside Postfix and Sendmail write. First match wins. */
const PHRASES: readonly MailPhrase[] = [
  // opendkim: DKIM-Signature field added (s=s2021, d=example.org) · DKIM verification successful · s=s2021 d=example.net a=rsa-sha256 SSL error:…
  [
    say('DKIM-Signature (?:field|header) added(?: \\(s=(?<selector>[^,)]{1,64}), d=(?<domain>[^)]{1,255})\\))?'),
    'dkim-signed',
    'verdict',
  ],
  [say('DKIM verification (?<verdict>successful|failed)'), 'dkim', 'verdict'],
  [
    say(
      'signature=\\S{1,64} domain=(?<domain>\\S{1,255}) selector=(?<selector>\\S{1,64}) result="(?<reason>[^"]{1,255})"',
    ),
    'dkim',
    'verdict',
  ],
  [
    say('s=(?<selector>\\S{1,64}) d=(?<domain>\\S{1,255}) (?:a=\\S{1,32} )?(?<reason>SSL .{0,300})$'),
    'dkim',
    'verdict',
  ],
  [
    say(
      '(?<reason>bad signature data|no signature data|no signing (?:table|domain) match.{0,300}|external host .{1,300} attempted to send as .{1,255}|key retrieval failed.{0,300}|dkim_\\w{2,16}\\(\\): .{1,300})$',
    ),
    'dkim',
    'verdict',
  ],
  [say(`${HOST} not internal`), 'dkim-external', 'note'],
  [say('not authenticated$'), 'dkim-external', 'note'],
  // opendmarc: example.net pass · SPF(mailfrom): a@example.net pass
  [
    say(
      'SPF\\((?<identity>\\w{4,10})\\): (?<domain>\\S{1,320}) (?<verdict>pass|fail|softfail|neutral|none|temperror|permerror|tempfail)$',
    ),
    'spf',
    'verdict',
  ],
  [
    say('(?<domain>[\\w.-]{1,255}\\.[\\w-]{2,63}) (?<verdict>pass|fail|none|temperror|permerror|reject|quarantine)$'),
    'dmarc',
    'verdict',
  ],
  [
    say(
      '(?<reason>RFC5322 (?:requirement|header) .{1,300}|ignoring Authentication-Results.{0,300}|implicit authentication service.{0,300})$',
    ),
    'dmarc-note',
    'note',
  ],
  [say(`ignoring connection from ${HOST}`), 'ignored', 'note'],
  // milter-greylist: addr host[192.0.2.7] from <a> to <b> delayed for 00:05:00 (ACL 99) · addr …: autowhitelisted
  [
    say(
      `(?:\\(unknown id\\): )?addr ${HOST} from <?(?<from>[^>\\s]{0,320})>? (?:rcpt|to) <?(?<rcpt>[^>\\s]{1,320})>?:? (?<reason>(?:delayed|autowhitelisted|blacklisted|rejected|.{0,40}whitelist).{0,300})$`,
    ),
    'greylist',
    'verdict',
  ],
  // sqlgrey: grey: new: 192.0.2.7(192.0.2.7), a@example.net -> b@example.org
  [
    say(
      `(?:grey|whitelist|spam|throttling): (?<verdict>[\\w ]{2,40})(?:[:(,] ?.{0,60}?)? ?\\(?(?<ip>${ADDRESS})\\)?(?:\\([^)]{1,64}\\))?,? (?<from>\\S{0,320}) -> (?<rcpt>\\S{1,320})`,
    ),
    'greylist',
    'verdict',
  ],
  // policyd-weight: decided action=550 …; <client=192.0.2.7> <helo=x> <from=a> <to=b>; delay: 1s
  [
    say(
      `(?:weighted check:|decided action=)(?<reason>.{0,1500}?);? ?<client=(?<ip>${ADDRESS})> <helo=(?<helo>[^>]{0,255})> <from=(?<from>[^>]{0,320})> <to=(?<rcpt>[^>]{0,320})>`,
    ),
    'weighted',
    'verdict',
  ],
  // clamav-milter: Message 4F1 from <a> to <b> with subject 's' message-id '<1@x>' date 'd' infected by Win.Test.EICAR
  [
    say(
      "Message (?<queue>\\w{4,24}) from <?(?<from>[^>\\s]{0,320})>? to <?(?<rcpt>[^>]{1,2000}?)>? (?:with subject '(?<subject>.{0,998}?)' message-id '(?<id>.{0,998}?)' date '.{0,64}?' )?(?:infected by|rejected|blackholed) ?(?<rule>.{0,255})$",
    ),
    'infected',
    'rejected',
  ],
  [say('Clean message from <?(?<from>[^>]{0,320})>? to <?(?<rcpt>[^>]{1,2000})>?'), 'clean', 'verdict'],
  // spamass-milter, smf-sav and their kin begin so
  [say(`(?:Milter|milter)? ?(?:connect|connection) from ${HOST}`), 'connect', 'connect'],
  [
    say(
      '(?:OpenDKIM|OpenDMARC|clamav-milter|milter-greylist|smf-|\\+{3} Started|Loaded|Using|terminat|exiting|restart|stopping|starting|Process Backgrounded|cleaning up|.{0,40} v\\d[\\w.]{0,12} (?:starting|terminating))',
    ),
    'daemon',
    'state',
  ],
];
export const readMilter = mailPhrases('milter', PHRASES);

/** Their names. */
export const MILTERS =
  /^(?:opendkim|opendmarc|dkim-filter|dkimproxy(?:\.\w{2,8})?|milter-greylist|sqlgrey|policyd-weight|clamav-milter|clmilter|spamass-milter|smf-\w{2,8}|openarc|authentication_milter|sid-filter|dk-filter)$/;
