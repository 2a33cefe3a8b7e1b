import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { putHead } from '../../src/parse/kit/head.ts';
import { ADDRESS, type MailPhrase, mailPhrases, mean } from '../../src/parse/kit/mail-phrases.ts';
import { add, put } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// MailScanner · MailWatch · its scripts: update.virus.scanners, update.bad.phishing.sites, ms-update-phishing, clean.quarantine
const PROGRAM = /^(?:MailScanner|MailWatch|ms-[a-z-]{2,32}|(?:update|clean|check)[._](?:[a-z]{2,16}[._]?){1,4})$/;

const QUEUE = '(?<queue>[\\w.-]{5,40})';
const MESSAGE = `Message ${QUEUE} from (?<ip>${ADDRESS}) \\((?<from>[^)]{0,320})\\)`;
const say = (source: string): RegExp => new RegExp(`^${source}`, 's');

/** First match wins. */
const PHRASES: readonly MailPhrase[] = [
  // Message 4bsM5k from 192.0.2.7 (a@example.com) to example.org is spam, SpamAssassin (not cached, score=7.181, required 4, BAYES_40 -0.20)
  [
    say(`${MESSAGE} to (?<domains>.{1,512}?) is not spam(?: \\((?<reason>.{1,300}?)\\))?(?:,? (?<report>.{0,8000}))?$`),
    'not-spam',
    'verdict',
  ],
  [
    say(
      `${MESSAGE} to (?<domains>.{1,512}?) is (?:(?<level>[\\w-]{1,24}) )?(?:spam|MCP)(?:,? \\((?<reason>[^)]{1,300})\\))?(?:,? (?<report>.{0,8000}))?$`,
    ),
    'spam',
    'verdict',
  ],
  [
    say(`${MESSAGE} to (?<domains>.{1,512}?) is too big for spam checks \\((?<size>\\d{1,12}) > \\d{1,12} bytes\\)`),
    'too-big',
    'verdict',
  ],
  [say(`${MESSAGE} is whitelisted`), 'whitelisted', 'verdict'],
  [say(`${MESSAGE} ignored whitelist`), 'whitelist-ignored', 'verdict'],
  [say(`Message ${QUEUE} from (?<ip>${ADDRESS}) has (?<reason>.{0,32}watermark.{0,200})$`), 'watermark', 'verdict'],
  // Spam Actions: message 4bsM5k actions are store,forward a@example.org
  [
    say(`(?:Spam|MCP|High Scoring Spam) Actions: message ${QUEUE} actions are (?<actions>.{1,512})$`),
    'spam-actions',
    'verdict',
  ],
  [
    say('(?:Spam|MCP) Actions: (?:\\([\\w,]{1,32}\\) )?(?<actions>Bounce|Notify) to (?<rcpt>\\S{1,320})'),
    'spam-actions',
    'verdict',
  ],
  // Infected message 4bsM5k came from 192.0.2.7
  [say(`Infected message ${QUEUE} came from (?<ip>${ADDRESS})`), 'infected-message', 'verdict'],
  // Viruses marked as silent: … · /var/…/4bsM5k/eicar.zip: Eicar FOUND · Clamd::INFECTED:: Eicar :: ./4bsM5k/eicar.com
  [
    say(
      `(?<scanner>[\\w-]{2,24})::INFECTED:: ?(?<rule>[^:]{1,200}?)(?: FOUND)? ?:: ?\\.?/?${QUEUE}/(?<file>.{0,255})$`,
    ),
    'infected',
    'verdict',
  ],
  [say(`(?<scanner>[\\w-]{2,24})::INFECTED::(?<rule>.{1,255})$`), 'infected', 'verdict'],
  [
    say(`(?:Infected: )?(?:\\./|/\\S{0,200}/)?${QUEUE}/(?<file>[^:]{1,255}): (?<rule>.{1,200}) FOUND$`),
    'infected',
    'verdict',
  ],
  [
    say(
      `Found (?:spam based|phishing|scanner based|\\w{2,16}) (?:virus|fraud) (?:(?<rule>.{1,255}) in|from .{1,255} in) ${QUEUE}`,
    ),
    'infected',
    'verdict',
  ],
  // Filename Checks: Windows/DOS Executable (4bsM5k rechnung.exe) · Filetype Checks: No executables (4bsM5k a.bin)
  [say(`(?:Filename|Filetype(?: Mime)?) Checks: Allowing ${QUEUE} (?<file>.{1,255})$`), 'file-allowed', 'verdict'],
  [
    say(`(?:Filename|Filetype(?: Mime)?) Checks: (?<rule>.{1,512}?) \\(${QUEUE} (?<file>.{1,255})\\)$`),
    'file-blocked',
    'verdict',
  ],
  [
    say(`(?<reason>(?:HTML[- ]\\w{2,10}|<A>) tag) found in message ${QUEUE} from (?<from>\\S{0,320})`),
    'html-tag',
    'verdict',
  ],
  [
    say(`Content Checks: Detected (?<reason>.{1,300}) in (?:HTML message in |message )?${QUEUE}$`),
    'content',
    'verdict',
  ],
  [
    say(
      '(?:Virus and Content Scanning|Virus Scanning|Content Checks|Other Checks|Spam Checks|MCP Checks|RBL checks|Disinfection)\\b:? ?(?<reason>.{0,512})$',
    ),
    'scan',
    'note',
  ],
  [
    say(`(?:Password-protected|Non-password-protected) archive \\((?<file>[^)]{1,255})\\) in ${QUEUE}`),
    'password-protected',
    'verdict',
  ],
  [
    say('Saved (?:entire|infected|\\w{2,12}) (?:message|"(?<file>[^"]{1,255})") to (?<quarantine>\\S{1,255})'),
    'quarantined',
    'verdict',
  ],
  // Requeue: 4bsM5k.A1B2C to 5ctN6m
  [say(`Requeue: (?<was>[\\w.-]{5,40}) to ${QUEUE}`), 'requeue', 'received'],
  // Delivery of spam: message 4bsM5k from a@example.com to b@example.org with subject Hello
  [
    say(
      `Delivery of (?<kind>[\\w ]{2,24}): message ${QUEUE} from (?<from>\\S{0,320}) to (?<rcpt>.{1,2000}?) with subject (?<subject>.{0,998})$`,
    ),
    'delivery',
    'sent',
  ],
  [
    say(
      `Non-delivery of (?<kind>[\\w ]{2,24}): message ${QUEUE} from (?<from>\\S{0,320}) to (?<rcpt>.{1,2000}?) with subject (?<subject>.{0,998})$`,
    ),
    'non-delivery',
    'rejected',
  ],
  [
    say(
      '(?:New Batch|Batch|Uninfected|Cleaned|Notices|Unscanned|Silent|Deleted \\d|Logging message|SQL|Archived|Quarantin)\\w{0,8}:? ?(?<reason>.{0,512})$',
    ),
    'batch',
    'note',
  ],
  [
    say(
      '(?:MailScanner (?:E-Mail|Email|version|child|setting)|Read \\d|Using |Config: |Reading |Starting|Stopping|Enabling|Connected|User.s home|SpamAssassin|I have found|Initiali[sz]ing|Closing|Ending)',
    ),
    'daemon',
    'state',
  ],
  [
    say(
      '.{0,120}\\b(?:list|lists|definitions|database|scanners?)\\b.{0,40}\\b(?:updated|up to date|downloaded|installed)',
    ),
    'update',
    'state',
  ],
];
const readPhrase = mailPhrases('mailscanner', PHRASES);

/** What the report of a verdict holds: score, tests, the lists the client stands on. */
const putReport = (fields: Fields): void => {
  const report = fields['mailscanner.report'];
  if (typeof report !== 'string') return;
  const score = /score=(-?[\d.]{1,10})/.exec(report)?.[1];
  if (score !== undefined) fields['mailscanner.score'] = Number(score);
  const required = /required (-?[\d.]{1,10})/.exec(report)?.[1];
  if (required !== undefined) fields['mailscanner.required_score'] = Number(required);
  let tests = 0;
  for (const [, name] of report.matchAll(/, ([A-Z][A-Z0-9_]{2,64}) -?[\d.]{1,8}/g)) {
    add(fields, 'mailscanner.tests', name);
    tests += 1;
    if (tests >= 200) return;
  }
};

/** What other programs called MailScanner's neighbours could not: its scripts are known by their word about updates. */
const isOurs = ({ envelope }: RawRecord): boolean => envelope.program !== undefined && PROGRAM.test(envelope.program);

const read = (fields: Fields, text: string): Act => {
  const act = readPhrase(fields, text) ?? mean(fields, 'message', 'note');
  putReport(fields);
  // a queue id of Postfix carries MailScanner's own ending behind a dot
  const queue = fields['email.local_id'];
  if (typeof queue === 'string' && /^[0-9A-Za-z]{5,20}\.[0-9A-F]{5}$/.test(queue)) {
    put(fields, 'mailscanner.id', queue);
    put(fields, 'email.local_id', queue.slice(0, -6));
  }
  return act;
};

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    if (!isOurs(record)) return rejected('not-this-format', 'MailScanner did not write it');
    const fields: Fields = {};
    const text = record.envelope.message.trimEnd();
    const act = read(fields, text.slice(0, 16_384));
    putHead(fields, clock, record.envelope, text);
    return { kind: 'event', act, fields };
  };

export default {
  id: 'mailscanner',
  title: 'MailScanner',
  references: [
    {
      title: 'MailScanner v5, source of the messages',
      url: 'https://github.com/MailScanner/v5/tree/master/common/usr/share/MailScanner/perl/MailScanner',
    },
    { title: 'MailScanner documentation', url: 'https://www.mailscanner.info/documentation/' },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 's' },
  families: [
    'spam verdicts with client, envelope, score and tests; viruses, blocked file names and types, HTML tags, archives with passwords',
    'actions, deliveries and non-deliveries, requeueing under a new id, batches, the daemon and its update scripts',
  ],
  recognise: recogniseBy(isOurs, 'are of MailScanner', 0.96),
  claims: isOurs,
  open,
} satisfies Parser as Parser;
