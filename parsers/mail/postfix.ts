import { own } from '../../src/core/own.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { addMailAddress, nameMailEnds, PEER, putMessageId, putPeer, readMailPairs } from '../../src/parse/kit/mail.ts';
import {
  connection,
  type Read,
  readIncoming,
  readOutgoing,
  readPostscreen,
  readTls,
  verdict,
} from '../../src/parse/kit/postfix-connection.ts';
import { postfixLine, splitQueueId } from '../../src/parse/kit/postfix-line.ts';
import { add, categorise, put, putEndpoint, putIp, putNumber, putUser } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import {
  BLANK,
  type Outcome,
  type ParseContext,
  type Parser,
  type RawRecord,
  rejected,
} from '../../src/parse/parser.ts';

/** What one message family looks like, unmistakable even without a syslog header, and how it is read. */
interface Family {
  readonly pattern: RegExp;
  read: Read;
}

/** Pairs with an ECS field; the others stay under `postfix.*`. */
const MAPPED = new Set(['from', 'to', 'sasl_username', 'size', 'nrcpt', 'delay', 'relay', 'status']);

/** The envelope's pairs into ECS. An empty sender is a bounce. */
const putPairs = (fields: Fields, pairs: ReadonlyMap<string, string>): void => {
  if (pairs.get('from') === '') fields['postfix.null_sender'] = true;
  addMailAddress(fields, 'email.from.address', pairs.get('from'));
  addMailAddress(fields, 'email.to.address', pairs.get('to'));
  putUser(fields, 'user', pairs.get('sasl_username'), true);
  put(fields, 'einfallstor.email.auth_user', pairs.get('sasl_username'));
  putNumber(fields, 'einfallstor.email.size', pairs.get('size'));
  putNumber(fields, 'einfallstor.email.recipients', pairs.get('nrcpt'));
  putNumber(fields, 'einfallstor.email.delay', pairs.get('delay'));
  for (const [key, value] of pairs) if (!MAPPED.has(key)) put(fields, `postfix.${key}`, value.replace(/^<|>$/g, ''));
  nameMailEnds(fields, pairs.get('helo'), pairs.get('to'));
};

/** Where `; from=<…> to=<…> proto=… helo=<…>` begins, behind the `<address>: ` that a client could have filled. */
const tailAt = (text: string): number => {
  const from = text.startsWith('<') ? Math.max(0, text.indexOf('>: ')) : 0;
  const m = /; (?=from=<|to=<|proto=[A-Z]|sasl_)/g;
  m.lastIndex = from;
  return m.exec(text)?.index ?? text.length;
};

const ACTIONS =
  'reject_warning|reject|discard|hold|filter|redirect|bcc|prepend|replace|strip|warn|warning|info|delay|permit|defer|pass|ignore|trigger|' +
  'milter-[a-z-]{3,24}|proxy-[a-z]{3,16}';
const REFUSED = /^(?:reject|discard|milter-reject|milter-discard|proxy-reject)$/;

/** An action of an access table, a restriction, a milter or a header check: did it refuse the mail? */
const putAction = (fields: Fields, action: string): Act => {
  fields['event.action'] = action;
  const refused = REFUSED.test(action);
  categorise(fields, ['email'], [refused ? 'denied' : 'info'], refused ? 'failure' : 'success');
  return refused ? 'mail-rejected' : 'mail-filter';
};

const readReject: Read = (fields, _body, action = '', stage, peer, text = '') => {
  putPeer(fields, 'source', peer);
  put(fields, 'postfix.stage', stage);
  const reply = /^(?:(\d{3}) )?(?:(\d\.\d{1,3}\.\d{1,3}) )?/.exec(text);
  put(fields, 'postfix.reply_code', reply?.[1]);
  put(fields, 'postfix.dsn', reply?.[2]);
  const rest = text.slice(reply?.[0].length ?? 0);
  const tail = tailAt(rest);
  put(fields, 'event.reason', rest.slice(0, tail));
  const { pairs, end } = readMailPairs(rest, tail + 2, fields);
  putPairs(fields, pairs);
  put(fields, 'postfix.text', rest.slice(end).replace(/^[: ]+/, ''));
  return putAction(fields, action);
};

const HEADER_PEER = new RegExp(` from (?:${PEER}|local)$`);

/** The header's text comes from the sender; the last ` from client; from=<` is Postfix's own. */
const readHeaderCheck: Read = (fields, _body, action = '', kind = '', text = '') => {
  const tail = text.lastIndexOf('; from=<');
  const head = tail < 0 ? text : text.slice(0, tail);
  const peer = HEADER_PEER.exec(head.slice(-400));
  putPeer(fields, 'source', peer?.[1]);
  const content = head.slice(0, head.length - (peer?.[0].length ?? 0));
  put(fields, `postfix.${kind.replace('-', '_')}`, content);
  if (/^Subject: /i.test(content)) put(fields, 'email.subject', content.slice(9));
  if (/^From: /i.test(content)) add(fields, 'email.from.address', /[\w.+=-]{1,64}@[\w.-]{1,255}/.exec(content)?.[0]);
  const name = /\bfilename="{0,2}([^";]{1,255})/.exec(content)?.[1];
  put(fields, 'file.name', name);
  add(fields, 'email.attachments.file.name', name);
  if (tail >= 0) {
    const { pairs, end } = readMailPairs(text, tail + 2, fields);
    putPairs(fields, pairs);
    put(fields, 'event.reason', text.slice(end).replace(/^[: ]+/, ''));
  }
  return putAction(fields, action);
};

const OUTCOMES: Readonly<Record<string, 'success' | 'failure' | 'unknown'>> = {
  sent: 'success',
  deliverable: 'success',
  bounced: 'failure',
  expired: 'failure',
  undeliverable: 'failure',
  'undeliverable-but-not-cached': 'failure',
};

const readDelivery: Read = (fields, body) => {
  const { pairs, end } = readMailPairs(body, 0, fields, 'status');
  const status = pairs.get('status');
  const relay = pairs.get('relay');
  putPeer(fields, 'destination', relay);
  putPairs(fields, pairs);
  put(fields, 'einfallstor.email.status', status);
  put(fields, 'einfallstor.email.relay', relay);
  const text = /^ \((.*?)\)?(?: \d{1,6})?$/s.exec(body.slice(end))?.[1];
  put(fields, 'event.reason', text);
  put(fields, 'postfix.queued_as', /\bqueued as ([0-9A-Za-z]{5,20})\b/.exec(text ?? '')?.[1]);
  put(fields, 'event.action', status);
  categorise(fields, ['email'], ['info'], own(OUTCOMES, status ?? '') ?? 'unknown');
  // verify(8) and sendmail -bv ask whether an address would be taken: no mail moves
  return status?.includes('deliverable') ? 'other' : 'mail-delivery';
};

const readClient: Read = (fields, _body, peer, rest = '') => {
  putPeer(fields, 'source', peer);
  const { pairs } = readMailPairs(rest, 0, fields);
  putPairs(fields, pairs);
  // a login has no line of its own: that of the first message tells of it
  if (pairs.has('sasl_username')) putSaslMethod(fields, pairs.get('sasl_method'));
  return received(fields, 'client');
};

const received = (fields: Fields, action: string): Act => {
  fields['event.action'] = action;
  categorise(fields, ['email'], ['info'], 'success');
  return 'mail-received';
};

const readQueued: Read = (fields, body) => {
  const { pairs, end } = readMailPairs(body, 0, fields, 'status');
  putPairs(fields, pairs);
  put(fields, 'postfix.text', body.slice(end).replace(/^[,( ]+|\)$/g, ''));
  const status = pairs.get('status');
  if (status === undefined) return received(fields, 'queued');
  put(fields, 'einfallstor.email.status', status);
  fields['event.action'] = status;
  categorise(fields, ['email'], ['info'], 'failure');
  return 'mail-delivery';
};

const readPickup: Read = (fields, body) => {
  putPairs(fields, readMailPairs(body, 0, fields).pairs);
  return received(fields, 'pickup');
};

const readMessageId: Read = (fields, _body, id) => {
  putMessageId(fields, id);
  return received(fields, 'message-id');
};

const METHODS: Readonly<Record<string, string>> = {
  XOAUTH2: 'oauth',
  OAUTHBEARER: 'oauth',
  GSSAPI: 'kerberos',
  EXTERNAL: 'certificate',
};

const putSaslMethod = (fields: Fields, mechanism: string | undefined): void => {
  fields['service.type'] = 'smtp';
  if (mechanism !== undefined) fields['einfallstor.login.method'] = own(METHODS, mechanism) ?? 'password';
};

const readSaslFailure: Read = (fields, _body, peer, mechanism, text = '') => {
  putPeer(fields, 'source', peer);
  // the name is the client's, and last: what looks like a second one is part of it
  const at = text.indexOf(', sasl_username=');
  putUser(fields, 'user', at < 0 ? undefined : text.slice(at + 16).replace(/^<|>$/g, ''), true);
  put(fields, 'event.reason', (at < 0 ? text : text.slice(0, at)) || 'authentication failed');
  put(fields, 'postfix.sasl_method', mechanism);
  putSaslMethod(fields, mechanism);
  fields['event.action'] = 'sasl-authentication-failed';
  categorise(fields, ['authentication'], ['info'], 'failure');
  return 'login';
};

const readListed: Read = (fields, _body, address, list) => {
  putIp(fields, 'source.ip', address);
  put(fields, 'event.reason', list);
  return verdict(fields, 'dnsbl-listed');
};

const readStatistics: Read = (fields, body, text, address) => {
  putIp(fields, 'source.ip', address);
  return note('statistics')(fields, body, text);
};

const readNotification: Read = (fields, _body, what = '', queueId) => {
  put(fields, 'postfix.notification_queue_id', queueId);
  return note(`${what.replaceAll(' ', '-')}-notification`)(fields, '');
};

/** Queue housekeeping and the like: kept, of no act of its own. */
const note =
  (action: string): Read =>
  (fields, _body, text) => {
    fields['event.action'] = action;
    put(fields, 'event.reason', text);
    categorise(fields, ['email'], ['info']);
    return 'other';
  };

const readDaemon: Read = (fields) => {
  fields['event.action'] = 'daemon';
  categorise(fields, ['process'], ['info']);
  return 'source-state';
};

const matchFamily = (fields: Fields, body: string): Act | undefined => {
  for (const { pattern, read } of FAMILIES) {
    const match = pattern.exec(body);
    if (match !== null) return read(fields, body, ...match.slice(1));
  }
  return undefined;
};

const LEVEL = /^(warning|error|fatal|panic): /;

// warning: hostname mx.example.org does not resolve to address 192.0.2.1: … · warning: 192.0.2.1: hostname mx.example.org verification failed: …
const UNRESOLVED =
  /^warning: (?:hostname (?<name>\S{1,255}) does not resolve to address (?<ip>[0-9a-fA-F.:]{2,44}[0-9a-fA-F])|(?<ip2>[0-9a-fA-F.:]{3,45}): (?:hostname|address not listed for hostname) (?<name2>\S{1,255}))/;

const readOther = (fields: Fields, body: string, program?: string): Act => {
  const level = LEVEL.exec(body)?.[1];
  put(fields, 'log.level', level);
  put(fields, 'event.reason', level === undefined ? undefined : body.slice(level.length + 2));
  putPeer(
    fields,
    // a peer that a client of ours writes of is where it went
    /\/(?:smtp|lmtp)$/.test(program ?? '') ? 'destination' : 'source',
    /^(?:warning: )?(?:hostname |.{0,300}? from )?([^\s[\]]{0,255}\[[0-9a-fA-F.:]{3,45}\](?::\d{1,5})?)/.exec(
      body,
    )?.[1],
  );
  const unresolved = UNRESOLVED.exec(body)?.groups;
  putEndpoint(fields, 'source', unresolved?.['name'] ?? unresolved?.['name2']);
  putIp(fields, 'source.ip', unresolved?.['ip'] ?? unresolved?.['ip2']);
  categorise(fields, ['email'], [level === undefined || level === 'warning' ? 'info' : 'error']);
  return unresolved === undefined ? 'other' : connection(fields, 'hostname does not resolve');
};

const read = (context: ParseContext, record: RawRecord): Outcome => {
  if (record.text.trim() === '') return BLANK;
  const line = postfixLine(record);
  if (line === undefined) return rejected('not-this-format', 'no Postfix program name');
  const { queueId, rest } = splitQueueId(line.body, line.program !== undefined);
  const fields: Fields = {};
  // in a stream that is Postfix's, a body cut loose may also be one of its countless warnings
  const known = line.program !== undefined || (record.envelope.civil === undefined && LEVEL.test(rest));
  const act = matchFamily(fields, rest) ?? (known ? readOther(fields, rest, line.program) : undefined);
  if (act === undefined) return rejected('not-this-format', 'neither a Postfix program name nor a known message');
  context.clock.stamp(fields, record.envelope.civil);
  put(fields, 'host.name', record.envelope.host);
  put(fields, 'process.name', line.program);
  putNumber(fields, 'process.pid', line.pid);
  put(fields, 'email.local_id', queueId);
  fields['message'] = line.body;
  relateAddresses(fields, rest);
  return { kind: 'event', act, fields };
};

const claims = (record: RawRecord): boolean => {
  const line = postfixLine(record);
  if (line === undefined) return false;
  return line.program !== undefined || matchFamily({}, splitQueueId(line.body, false).rest) !== undefined;
};

const family = (source: string, read: Read): Family => ({
  pattern: new RegExp(`^${source.replace('PEER', () => PEER)}`, 's'),
  read,
});

/** In the order they are tried. */
const FAMILIES: readonly Family[] = [
  // from=<a@example.org>, size=1234, nrcpt=1 (queue active) · from=<a@example.org>, status=expired, returned to sender
  family('from=<.{0,512}?>, (?:size|status)=', readQueued),
  // to=<b@example.net>, relay=mx[192.0.2.1]:25, delay=1, delays=…, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4F…)
  family('to=.{0,512}?, (?:orig_to=.{0,512}?, )?relay=', readDelivery),
  // client=host[192.0.2.1], sasl_method=PLAIN, sasl_username=bob
  family('client=PEER(?:, (.*))?$', readClient),
  // connect from unknown[192.0.2.1] · lost connection after AUTH (3 bytes) from … · disconnect from … ehlo=1 commands=1
  family(
    '(connect|disconnect|SSL_accept error|SSL_accept:[^[]{0,80}|setting up TLS connection|(?:lost connection|timeout|too many errors|bare <LF> received|improper command pipelining)(?= after ))' +
      '(?: after ([A-Z][A-Z_-]{1,31}|UNKNOWN)(?: \\(\\d{1,20} bytes\\))?)? from PEER(.*)$',
    readIncoming,
  ),
  // message-id=<20211031.1@example.org>
  family('(?:resent-)?message-id=(.*)$', readMessageId),
  family(
    '(removed|placed on hold|released from hold|requeued|expired|skipped, still being delivered)\\s*$',
    note('queue'),
  ),
  // reject: RCPT from host[192.0.2.1]: 554 5.7.1 <b@example.net>: Relay access denied; from=<…> to=<…> proto=ESMTP helo=<…>
  family(`(${ACTIONS}): ([A-Z][A-Z_-]{2,31})(?: from PEER)?: (.*)$`, readReject),
  // warning: header Subject: … from host[192.0.2.1]; from=<…> to=<…> proto=ESMTP helo=<…>: text
  family(`(${ACTIONS}): (header|body|mime-header|nested-header|content) (.*)$`, readHeaderCheck),
  // warning: host[192.0.2.1]: SASL LOGIN authentication failed: reason, sasl_username=bob
  family(
    '(?:warning: )?PEER: SASL ([\\w-]{1,32}) authentication (?:failed|aborted|failure)(?:: )?(.*)$',
    readSaslFailure,
  ),
  // warning: SASL authentication failure: Password verification failed
  family('(?:warning: )SASL authentication (?:failure|problem)()?(): (.*)$', (fields, body, _none, _mechanism, text) =>
    readSaslFailure(fields, body, undefined, undefined, text),
  ),
  // Untrusted TLS connection established from host[192.0.2.1]: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)
  family('(Anonymous|Untrusted|Trusted|Verified) TLS connection (established|reused) (from|to) PEER: (.*)$', readTls),
  // non-SMTP command from host[…]: GET / · Connection rate limit exceeded: 31 from host[…] for service smtp
  family(
    '(?:warning: )?(non-SMTP command|Illegal address syntax|[A-Z][\\w ]{3,32} limit exceeded)()(?:: \\d{1,9})? from PEER(.*)$',
    readIncoming,
  ),
  // host mx[192.0.2.1] said: 450 … · conversation with mx[…] timed out while … · connect to mx[…]:25: No route to host
  family(
    '(host|conversation with|lost connection with|connect to|Used TLS for|SSL_connect error to|SASL authentication failed; server|(?:server )?certificate verification failed for|TLS is required, but was not offered by host|enabling PIX workarounds: [\\w ]{1,80} for) PEER(.*)$',
    readOutgoing,
  ),
  // PREGREET 16 after 2.6 from [192.0.2.1]:41323: EHLO x · DNSBL rank 5 for [192.0.2.1]:41323 · PASS NEW [192.0.2.1]:41323
  family(
    '((?:DIS)?CONNECT|PASS|(?:WHITE|ALLOW|BLACK|DENY)LIST(?:ED| VETO)|PREGREET|HANGUP|DNSBL|BARE NEWLINE|NON-SMTP COMMAND|COMMAND [A-Z]{4,10}(?: LIMIT)?)' +
      '((?: (?:NEW|OLD|rank|[-\\d.]{1,12}|after|for|from)){0,5}) PEER(.*)$',
    readPostscreen,
  ),
  // uid=1000 from=<root>
  family('uid=\\d{1,10} from=<', readPickup),
  family('((?:sender|postmaster) (?:non-delivery|delivery status|delay)) notification: (\\w{1,24})$', readNotification),
  // addr 192.0.2.1 listed by domain zen.example.org as 127.0.0.4
  family('addr ([0-9a-fA-F.:]{3,45}) listed by (domain .{1,255})$', readListed),
  // statistics: max connection rate 3/60s for (smtpd:192.0.2.1) at Oct 31 23:14:07
  family('statistics: (.{1,200}? for \\(\\w{1,32}:([0-9a-fA-F.:]{3,45})\\).{0,60}|.{1,200})$', readStatistics),
  family('((?:Deleted|Requeued|Placed on hold|Released from hold|Expired): \\d{1,9} messages?)$', note('queue')),
  family('(cache .{1,200} cleanup: retained=.{0,100}|discarding EHLO keywords: .{1,200})$', note('housekeeping')),
  family(
    '(?:daemon started -- version|reload -- version|(?:starting|stopping|refreshing|aborting) the Postfix mail|the Postfix mail system is|terminating on signal \\d)',
    readDaemon,
  ),
];

export default {
  id: 'postfix',
  title: 'Postfix mail server',
  references: [
    {
      title: 'Postfix manual pages: smtpd(8), cleanup(8), qmgr(8), smtp(8), postscreen(8)',
      url: 'https://www.postfix.org/postfix-manuals.html',
    },
    { title: 'Postfix postscreen howto: what is logged', url: 'https://www.postfix.org/POSTSCREEN_README.html' },
    { title: 'Postfix SASL howto', url: 'https://www.postfix.org/SASL_README.html' },
    { title: 'postconf(5): enable_long_queue_ids, syslog_name', url: 'https://www.postfix.org/postconf.5.html' },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 's' },
  families: [
    'connections, TLS, SASL failures, rejects of every stage, milter and header checks, client and sender of each mail',
    'queue: message id, size, removal, expiry; deliveries by smtp, lmtp, local, virtual, pipe and error with relay and status',
    'postscreen, dnsblog, anvil, tlsproxy, pickup, postsuper',
  ],
  limits: [
    'header and recipient text that imitates further keys cannot always be told apart; it is marked key-repeated',
  ],
  recognise: recogniseBy(claims, 'name a Postfix daemon or are one of its messages', 0.97),
  claims,
  open: (context) => (record) => read(context, record),
} satisfies Parser as Parser;
