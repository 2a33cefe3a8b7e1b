import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { putMessageId } from '../../src/parse/kit/mail.ts';
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

// result: Y 15 - BAYES_99,HTML_MESSAGE scantime=3.4,size=120289,user=debian-spamd,…,raddr=127.0.0.1,rport=44944,mid=<1@x>,autolearn=no
const RESULT = /^result: ([Y.]) {1,3}(-?\d{1,5}) - ([\w,]{0,4000}) (scantime=.*)$/s;
// clean message (-1.0/5.0) for debian-spamd:119 in 3.4 seconds, 120289 bytes.
const SCORED =
  /^(clean message|identified spam) \((-?[\d.]{1,8})\/(-?[\d.]{1,8})\) for (\S{0,255}?):\d{1,10} in ([\d.]{1,12}) seconds, (\d{1,15}) bytes/;
// processing message <1@x> for debian-spamd:119 · checking message <1@x> for kim:1000
const MESSAGE = /^(processing|checking) message (.{0,998}?)(?: aka (.{0,998}?))? for (\S{0,255}?):\d{1,10}\.?$/;
// connection from localhost [127.0.0.1]:33620 to port 783, fd 5
const CONNECTION =
  /^(?:unauthorized )?connection from (\S{1,255}) \[([0-9a-fA-F.:]{2,45})\](?::(\d{1,5})| at port (\d{1,5})) to port (\d{1,5})/;
const BARE =
  /^(?:spamd: (?:result: |connection from |processing message |checking message |clean message |identified spam )|dns: new_dns_packet: )/;

const verdict = (fields: Fields, action: string): Act => {
  fields['event.action'] = action;
  categorise(fields, ['email'], ['info'], 'success');
  return 'mail-filter';
};

const readResult = (fields: Fields, m: RegExpExecArray): Act => {
  const [, mark, score, rules, rest] = m as unknown as [string, string, string, string, string];
  // the message id is the sender's text: what stands before it is spamd's
  const at = rest.indexOf(',mid=');
  const own = at < 0 ? rest : rest.slice(0, at);
  const value = (key: string): string | undefined => new RegExp(`(?:^|,)${key}=([^,]{0,255})`).exec(own)?.[1];
  putMessageId(fields, at < 0 ? undefined : /^,mid=(<[^>]{0,998}>)/.exec(rest.slice(at))?.[1]);
  putEndpoint(fields, 'source', value('rhost'));
  putIp(fields, 'source.ip', value('raddr'));
  putNumber(fields, 'source.port', value('rport'));
  put(fields, 'user.name', value('user'));
  putNumber(fields, 'einfallstor.email.size', value('size'));
  putNumber(fields, 'spamassassin.score', score);
  putNumber(fields, 'spamassassin.required_score', value('required_score'));
  putNumber(fields, 'spamassassin.scantime', value('scantime'));
  if (rules !== '') fields['spamassassin.rules'] = rules.split(',');
  return verdict(fields, mark === 'Y' ? 'spam' : 'ham');
};

const readScored = (fields: Fields, m: RegExpExecArray): Act => {
  const [, what, score, required, user, seconds, bytes] = m as unknown as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  putNumber(fields, 'spamassassin.score', score);
  putNumber(fields, 'spamassassin.required_score', required);
  putNumber(fields, 'spamassassin.scantime', seconds);
  putNumber(fields, 'einfallstor.email.size', bytes);
  put(fields, 'user.name', user);
  return verdict(fields, what === 'clean message' ? 'ham' : 'spam');
};

const readText = (fields: Fields, text: string): Act => {
  const result = RESULT.exec(text);
  if (result !== null) return readResult(fields, result);
  const scored = SCORED.exec(text);
  if (scored !== null) return readScored(fields, scored);
  const message = MESSAGE.exec(text);
  if (message !== null) {
    if (message[2] !== '(unknown)') putMessageId(fields, message[2]);
    put(fields, 'user.name', message[4]);
    return verdict(fields, message[1] as string);
  }
  const connection = CONNECTION.exec(text);
  if (connection === null) {
    const state = /^server (?:started|killed|hit)|^restarting|^server pid/.test(text);
    put(fields, 'event.reason', text);
    categorise(fields, [state ? 'process' : 'email'], ['info']);
    return state ? 'source-state' : 'other';
  }
  putEndpoint(fields, 'source', connection[1]);
  putIp(fields, 'source.ip', connection[2]);
  putNumber(fields, 'source.port', connection[3] ?? connection[4]);
  putNumber(fields, 'destination.port', connection[5]);
  const refused = text.startsWith('unauthorized');
  fields['event.action'] = refused ? 'unauthorized-connection' : 'connect';
  categorise(fields, ['email', 'network'], ['connection', 'start'], refused ? 'failure' : undefined);
  return 'mail-connection';
};

// spamd -s FILE: Sun Oct 31 23:14:07 2021 [707] info: spamd: clean message (-1.0/5.0) for kim:1000 in 3.4 seconds, 512 bytes.
const OWN = /^\[(\d{1,10})\] (?:info|warn|error|dbg): (?=spamd: )/;

const claims = ({ envelope }: RawRecord): boolean =>
  envelope.program === 'spamd' ||
  (envelope.program === undefined && BARE.test(envelope.message.slice(OWN.exec(envelope.message)?.[0].length ?? 0)));

const read = (context: ParseContext, record: RawRecord): Outcome => {
  if (record.text.trim() === '') return BLANK;
  if (!claims(record)) return rejected('not-this-format', 'no line of spamd');
  const { host, pid, program, civil } = record.envelope;
  const own = OWN.exec(record.envelope.message);
  const message = record.envelope.message.slice(own?.[0].length ?? 0);
  const fields: Fields = {};
  const act = readText(fields, message.replace(/^(?:spamd|info|warn|error): /, ''));
  put(fields, 'destination.domain', /^dns: new_dns_packet: .{0,200}: (\S{1,255})$/.exec(message)?.[1]);
  context.clock.stamp(fields, civil);
  put(fields, 'host.name', host);
  put(fields, 'process.name', program);
  putNumber(fields, 'process.pid', pid ?? own?.[1]);
  fields['message'] = message;
  relateAddresses(fields, message);
  return { kind: 'event', act, fields };
};

export default {
  id: 'spamassassin',
  title: 'Apache SpamAssassin daemon',
  references: [{ title: 'spamd(1)', url: 'https://spamassassin.apache.org/full/4.0.x/doc/spamd.html' }],
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 's' },
  families: ['verdicts with score, rules and message id, messages taken up, connections, the daemon itself'],
  recognise: recogniseBy(claims, 'are lines of spamd', 0.97),
  claims,
  open: (context) => (record) => read(context, record),
} satisfies Parser as Parser;
