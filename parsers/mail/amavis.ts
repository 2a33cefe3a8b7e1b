import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { putHead } from '../../src/parse/kit/head.ts';
import { addMailAddress, nameMailEnds, putMessageId } from '../../src/parse/kit/mail.ts';
import { type MailPhrase, mailPhrases, mean, putClient } from '../../src/parse/kit/mail-phrases.ts';
import { add, put, putIp, putNumber } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// amavis · amavisd · amavisd-new · /usr/sbin/amavisd-new
const PROGRAM = /^(?:\/[\w/.-]{1,60}\/)?amavis(?:d)?(?:-new)?$/;
// (12345-03-2) … · (!)text, (!!)text: of importance
const TASK = /^\(((?:rel-)?\d{1,10}(?:-\d{1,6}){1,2})\) (?:\(!{1,3}\))?/;

// Blocked INFECTED (Eicar-Test-Signature) {DiscardedInbound,Quarantined}, MYNETS LOCAL [192.0.2.7]:51234 [198.51.100.9] <a> -> <b>,<c>, …
const VERDICT =
  /^(Passed|Blocked|Not-Delivered) ([A-Z][A-Z0-9-]{2,40})(?: \((.{0,1024}?)\))?(?: \{([\w,]{0,512})\})?,? (.{0,512}?)(<[^>]{0,320}>) -> (<[^>]{0,320}>(?:,<[^>]{0,320}>){0,199})(.*)$/s;
const CLIENT = /\[(?:IPv6:)?([0-9a-fA-F.:]{2,45})\](?::(\d{1,5}))?/g;

/** `Key: value` and `key=value` behind the recipients. A subject is quoted; tests are in brackets. */
const PAIR =
  /, ([A-Za-z][\w -]{0,24}?)(?:: |=)("(?:[^"\\]|\\.){0,998}"|\[[^\]]{0,8000}\]|<[^>]{0,998}>(?:_\([^)]{0,64}\))?|[^,]{0,998})/g;

/** The categories of amavis' contents, most severe first, that name what was found. */
const NAMED = /^(?:INFECTED|BANNED)/;

const readPairs = (text: string): ReadonlyMap<string, string> => {
  const pairs = new Map<string, string>();
  for (const [, key, value] of text.slice(0, 16_384).matchAll(PAIR)) {
    const name = (key as string).toLowerCase();
    if (!pairs.has(name)) pairs.set(name, (value as string).trim().replace(/^"(.*)"$/s, '$1'));
  }
  return pairs;
};

const READ = new Set(['queue-id', 'message-id', 'subject', 'size', 'hits', 'from', 'helo', 'tests', 'user-agent']);

const putPairs = (fields: Fields, text: string): void => {
  const pairs = readPairs(text);
  put(fields, 'email.local_id', pairs.get('queue-id'));
  putMessageId(fields, pairs.get('message-id'));
  put(fields, 'email.subject', pairs.get('subject'));
  put(fields, 'email.x_mailer', pairs.get('user-agent'));
  putNumber(fields, 'einfallstor.email.size', pairs.get('size'));
  putNumber(fields, 'amavis.hits', pairs.get('hits'));
  put(fields, 'amavis.header_from', pairs.get('from'));
  nameMailEnds(fields, pairs.get('helo'), undefined);
  const tests = pairs.get('tests')?.replace(/^\[|\]$/g, '');
  if (tests) fields['amavis.tests'] = tests.split(',').slice(0, 500);
  for (const [key, value] of pairs) if (!READ.has(key)) put(fields, `amavis.${key.replaceAll(/[ -]+/g, '_')}`, value);
  putNumber(fields, 'amavis.milliseconds', /, (\d{1,9}) ms\b/.exec(text)?.[1]);
};

const readVerdict = (fields: Fields, m: RegExpExecArray): Act => {
  const [, done, category, found, actions, way = '', from, recipients = '', rest = ''] = m as unknown as [
    string,
    string,
    string,
    ...(string | undefined)[],
  ];
  fields['amavis.category'] = category;
  if (NAMED.test(category)) {
    put(fields, 'rule.name', found);
    if (category === 'BANNED')
      for (const name of found?.split(',') ?? []) add(fields, 'email.attachments.file.name', name);
  } else put(fields, 'event.reason', found);
  if (actions) fields['amavis.actions'] = actions.split(',');
  // the client of the session, then whom the Received lines name as the originator
  const [client, origin] = [...way.matchAll(CLIENT)];
  if (client !== undefined) putClient(fields, client[1]);
  putNumber(fields, 'source.port', client?.[2]);
  putIp(fields, 'amavis.origin_ip', origin?.[1]);
  put(fields, 'amavis.policy_banks', way.split(/\[/, 1)[0]);
  addMailAddress(fields, 'email.from.address', from);
  for (const to of recipients.match(/<[^>]{1,320}>/g) ?? []) addMailAddress(fields, 'email.to.address', to);
  putPairs(fields, rest);
  // text first, the name of what it was behind: passed-clean, blocked-infected
  return mean(fields, `${done}-${category}`.toLowerCase(), done === 'Passed' ? 'verdict' : 'rejected');
};

const ENVELOPE = '<(?<from>[^>]{0,320})> -> (?<rcpt><[^>]{0,320}>(?:,<[^>]{0,320}>){0,199})';
const PHRASES: readonly MailPhrase[] = [
  // Checking: 8vo30Hpbpu2P MYNETS [192.0.2.7] <a> -> <b>
  [
    new RegExp(
      `^Checking: (?<mail_id>[\\w+-]{6,20}) (?<policy_banks>[\\w/ -]{0,128}?) ?(?:\\[(?<ip>[0-9a-fA-F.:]{2,45})\\](?::\\d{1,5})? )?(?:\\([^)]{0,64}\\) )?${ENVELOPE}(?:,? queue_id=(?<queue>\\w{4,24}))?`,
    ),
    'checking',
    'verdict',
  ],
  // (8vo30Hpbpu2P )FWD from <a> -> <b>, BODY=7BIT 250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 4F…
  [
    new RegExp(
      `^(?:[\\w+-]{6,20} )?(?:FWD|SEND)(?: via \\w{2,8})? from ${ENVELOPE},? ?(?<reason>.{0,512}?2\\d\\d 2.{0,512})$`,
    ),
    'forwarded',
    'sent',
  ],
  [
    new RegExp(`^(?:[\\w+-]{6,20} )?(?:FWD|SEND)(?: via \\w{2,8})? from ${ENVELOPE},? ?(?<reason>.{0,512})$`),
    'forward-failed',
    'deferred',
  ],
  // SPAM-TAG, <a> -> <b>, No, score=-1.9 tagged_above=-999 required=6.31 tests=[…] autolearn=ham
  [
    new RegExp(
      `^(?:SPAM(?:-TAG|-KILL|MY)?|spam-tag), ${ENVELOPE}, (?<spam>Yes|No),? (?:score|hits)=(?<hits>-?[\\d.x]{1,8})(?<reason>.{0,2048})$`,
    ),
    'spam-tag',
    'verdict',
  ],
  // run_av (ClamAV-clamd): /var/…/p002 INFECTED: Eicar-Signature · INFECTED (Eicar) <a> -> <b>
  [/^run_av \((?<scanner>[^)]{1,64})\): (?<file>\S{0,255}) ?INFECTED: (?<rule>.{1,255})$/, 'infected', 'verdict'],
  [/^virus_scan: \((?<rule>[^)]{1,255})\)(?:, detected by (?<scanner>.{1,255}))?/, 'infected', 'verdict'],
  [/^p\.path (?:BANNED:\d{1,3} )?(?<rcpt>\S{1,320}): (?<reason>.{1,1024})$/, 'banned', 'verdict'],
  [new RegExp(`^local delivery: ${ENVELOPE}(?:, mbx=(?<file>.{1,255}))?`), 'quarantined', 'verdict'],
  [
    /^(?:Quarantine release|QUARANTINE RELEASE|release) (?<mail_id>[\w+-]{6,20}).{0,255}?<(?<from>[^<>]{0,320})> -> (?<rcpt><[^<>]{1,320}>)/i,
    'released',
    'verdict',
  ],
  [/^dkim: (?<reason>(?:VALID|FAILED|INVALID)\b.{1,512})$/i, 'dkim', 'verdict'],
  [
    /^(?:Starting (?:the )?child|starting\.|Net::Server|SIGHUP|shutting down|Process Backgrounded|logging initialized|Amavis::|initializing|Module |Found (?:decoder|secondary|primary|\$)|No decoder|Using primary|Creating db|Deleting db|user=|perl=)/i,
    'daemon',
    'state',
  ],
];
const readPhrase = mailPhrases('amavis', PHRASES);

const split = ({ envelope }: RawRecord): { task: string | undefined; body: string } | undefined => {
  if (envelope.program === undefined || !PROGRAM.test(envelope.program)) return undefined;
  const task = TASK.exec(envelope.message);
  return { task: task?.[1], body: envelope.message.slice(task?.[0].length ?? 0).trimEnd() };
};

const claims = (record: RawRecord): boolean => split(record) !== undefined;

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    const line = split(record);
    if (line === undefined) return rejected('not-this-format', 'amavis did not write it');
    const fields: Fields = {};
    const verdict = VERDICT.exec(line.body.slice(0, 65_536));
    const act =
      verdict === null
        ? (readPhrase(fields, line.body.slice(0, 8192)) ?? mean(fields, 'message', 'note'))
        : readVerdict(fields, verdict);
    put(fields, 'amavis.task', line.task);
    putHead(fields, clock, record.envelope, line.body);
    return { kind: 'event', act, fields };
  };

export default {
  id: 'amavis',
  title: 'amavis content filter',
  references: [
    {
      title: 'amavisd-new, README.customize: macros of the log template',
      url: 'https://gitlab.com/amavis/amavis/-/blob/master/README_FILES/README.customize',
    },
    { title: 'amavisd-new documentation', url: 'https://www.amavis.org/amavisd-new-docs.html' },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 's' },
  families: [
    'verdicts (Passed, Blocked) of all content categories with client, originator, envelope, queue ids, score, tests, quarantine, DKIM',
    'checking, forwarding, spam tags, virus and banned-file findings, quarantine, the daemon itself',
  ],
  limits: ['syslog cuts long lines: what continues them is kept as a message of its own, under the same task number'],
  recognise: recogniseBy(claims, 'are of amavis', 0.97),
  claims,
  open,
} satisfies Parser as Parser;
