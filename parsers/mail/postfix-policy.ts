import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { addMailAddress, nameMailEnds, putPeer } from '../../src/parse/kit/mail.ts';
import { mean } from '../../src/parse/kit/mail-phrases.ts';
import { MILTERS, readMilter } from '../../src/parse/kit/milters.ts';
import { categorise, put, putEndpoint, putIp, putNumber } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import {
  BLANK,
  type Outcome,
  type ParseContext,
  type Parser,
  type RawRecord,
  rejected,
} from '../../src/parse/parser.ts';

// postgrey · policyd-spf · postfix/policy-spf · postfix/policyd-spf
const PROGRAM =
  /^(?:postfix[\w.-]{0,32}\/)?(?:postgrey|greylist|policyd?-spf|spfcheck|spf-engine|pyspf-milter|postfix-policyd-spf-\w{2,8})$/;
// 4F1A23C0D5: action=… (postgrey behind a queue id)
/** Also under Postfix's name: postfix/policyd-weight. */
const isMilter = (program: string | undefined): boolean =>
  MILTERS.test(program?.replace(/^postfix[\w.-]{0,32}\//, '') ?? '');
// 4F1A23C0D5: …, 1A27E7ab000201: … (Sendmail)
const QUEUE_ID =
  /^([0-9A-F]{5,16}|[0-9A-Za-z]{14}|[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{10,20})(?:: | (?=ignoring |RFC5322 ))/;
// action=greylist, reason=new, client_name=…, client_address=… · Action: prepend: Text: Received-SPF: Pass (mailfrom) identity=…; client-ip=…
const VERDICT =
  /^(?=.{0,600}\bclient(?:-ip|_address)=)(?:.{0,80}?\b(?:Received-SPF|Authentication-Results): |action=\w|(?:Pass|Fail|Softfail|Neutral|None|Permerror|Temperror); identity=)/s;
const LISTED = /^whitelisted: (\S{0,255}\[[0-9a-fA-F.:/]{3,50}\])$/;
const RESULT = /\b(?:Received-SPF: )?(Pass|Fail|Softfail|Neutral|None|Permerror|Temperror)\b/i;
const GREYLIST = /^action=(\w{1,32})(?:, reason=([^,]{1,200}))?(?:, delay=(\d{1,9}))?/;

// 550 5.7.23 Message rejected due to: SPF fail - not authorized. Please see http://…/Why?s=mfrom;id=a@b.example;ip=192.0.2.1;r=<UNKNOWN>
const REFUSED =
  /^\d{3} 5\.7\.23 Message rejected due to: (SPF [^.]{1,80})\..{0,200}?;id=([^;\s]{1,320});ip=([0-9a-fA-F.:]{3,45})/;

/** `name=value` up to a blank, comma or semicolon; angle brackets off. */
const pairOf = (body: string, name: string): string | undefined =>
  new RegExp(`\\b${name}=([^\\s,;]{1,320})`).exec(body)?.[1]?.replace(/^<|>$/g, '');

const readVerdict = (fields: Fields, body: string): void => {
  const name = pairOf(body, 'client_name');
  if (name !== 'unknown') putEndpoint(fields, 'source', name);
  putIp(fields, 'source.ip', pairOf(body, 'client-ip') ?? pairOf(body, 'client_address')?.split('/')[0]);
  const receiver = pairOf(body, 'receiver');
  const recipient = pairOf(body, 'recipient') ?? (receiver?.includes('@') ? receiver : undefined);
  addMailAddress(fields, 'email.from.address', pairOf(body, 'envelope-from') ?? pairOf(body, 'sender'));
  addMailAddress(fields, 'email.to.address', recipient);
  nameMailEnds(fields, pairOf(body, 'helo'), recipient);
  put(fields, 'postfix.helo', pairOf(body, 'helo'));
  put(fields, 'postfix.identity', pairOf(body, 'identity'));
  const greylist = GREYLIST.exec(body);
  if (greylist === null) put(fields, 'einfallstor.email.spf', RESULT.exec(body)?.[1]?.toLowerCase());
  put(fields, 'event.action', greylist?.[1] ?? 'spf');
  put(fields, 'event.reason', greylist?.[2]);
  putNumber(fields, 'postfix.delay', greylist?.[3]);
};

/** Not logged by Postfix alone: which identity and address the refusal was for. */
const readRefusal = (fields: Fields, m: RegExpExecArray): Act => {
  put(fields, 'event.reason', m[1]);
  addMailAddress(fields, 'email.from.address', m[2]);
  putIp(fields, 'source.ip', m[3]);
  fields['einfallstor.email.spf'] = 'fail';
  fields['event.action'] = 'spf';
  categorise(fields, ['email'], ['denied'], 'failure');
  return 'mail-rejected';
};

const readBody = (fields: Fields, body: string): Act => {
  const refusal = REFUSED.exec(body);
  if (refusal !== null) return readRefusal(fields, refusal);
  const known = VERDICT.test(body);
  const listed = LISTED.exec(body)?.[1];
  categorise(fields, ['email'], ['info'], known ? 'success' : undefined);
  if (known) readVerdict(fields, body);
  else if (listed !== undefined) {
    putPeer(fields, 'source', listed);
    fields['event.action'] = 'whitelisted';
  } else put(fields, 'event.reason', body);
  return known || listed !== undefined ? 'mail-filter' : 'other';
};

/** opendkim, opendmarc and their kin; what a verdict says of the sender's domain goes to the fields of all products. */
const readFilter = (fields: Fields, body: string): Act => {
  const act = readMilter(fields, body.slice(0, 8192)) ?? mean(fields, 'message', 'note');
  const action = String(fields['event.action']);
  const verdict = String(fields['milter.verdict'] ?? fields['event.reason'] ?? '');
  const passed = /^(?:pass|successful|no signature error)$/.test(verdict);
  const failed = /^(?:fail|failed|reject|quarantine|bad signature)/.test(verdict) || /SSL error/.test(verdict);
  if (/^(?:dkim|spf|dmarc)$/.test(action))
    put(
      fields,
      `einfallstor.email.${action}`,
      passed ? 'pass' : failed ? 'fail' : verdict.startsWith('no signature') ? 'none' : undefined,
    );
  if (action === 'greylist' && /reject|blacklist/.test(String(fields['event.reason'] ?? '')))
    return mean(fields, 'greylist', 'rejected');
  return act;
};

const split = (record: RawRecord): { named: boolean; queueId: string | undefined; body: string } => {
  const { program, message } = record.envelope;
  const id = QUEUE_ID.exec(message);
  return {
    named: program !== undefined && (PROGRAM.test(program) || isMilter(program)),
    queueId: id?.[1],
    body: id === null ? message : message.slice(id[0].length),
  };
};

const claims = (record: RawRecord): boolean => {
  const { named, body } = split(record);
  return named || (record.envelope.program === undefined && (VERDICT.test(body) || LISTED.test(body)));
};

const read = (context: ParseContext, record: RawRecord): Outcome => {
  if (record.text.trim() === '') return BLANK;
  if (!claims(record)) return rejected('not-this-format', 'no line of postgrey or an SPF policy service');
  const { queueId, body } = split(record);
  const { civil, host, program, pid } = record.envelope;
  const fields: Fields = {};
  const act = isMilter(program) ? readFilter(fields, body) : readBody(fields, body);
  context.clock.stamp(fields, civil);
  put(fields, 'host.name', host);
  put(fields, 'process.name', program);
  putNumber(fields, 'process.pid', pid);
  put(fields, 'email.local_id', queueId);
  fields['message'] = record.envelope.message;
  relateAddresses(fields, body);
  return { kind: 'event', act, fields };
};

export default {
  id: 'postfix-policy',
  title: 'Policy services and milters beside Postfix and Sendmail: SPF, DKIM, DMARC, grey-listing, clamav-milter',
  references: [
    { title: 'postgrey(8)', url: 'https://github.com/schweikert/postgrey' },
    { title: 'policyd-spf(1) (pypolicyd-spf)', url: 'https://launchpad.net/spf-engine' },
    { title: 'opendkim(8)', url: 'http://www.opendkim.org/opendkim.8.html' },
    { title: 'opendmarc(8)', url: 'http://www.trusteddomain.org/opendmarc/opendmarc.8' },
    { title: 'milter-greylist(8)', url: 'http://hcpnet.free.fr/milter-greylist/' },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 's' },
  families: [
    'greylisting decisions and reasons (postgrey, milter-greylist, sqlgrey), policyd-weight',
    'SPF results with identity, client, sender and HELO name; DKIM signatures made and checked, DMARC results, viruses of clamav-milter',
  ],
  recognise: recogniseBy(claims, 'are lines of a policy service', 0.96),
  claims,
  open: (context) => (record) => read(context, record),
} satisfies Parser as Parser;
