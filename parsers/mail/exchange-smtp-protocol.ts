import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { readIso } from '../../src/parse/kit/civil.ts';
import { readCsv } from '../../src/parse/kit/csv.ts';
import { addMailAddress, putMessageId } from '../../src/parse/kit/mail.ts';
import { openPeers } from '../../src/parse/kit/peers.ts';
import { categorise, put, putIp, putNumber, putUser } from '../../src/parse/kit/put.ts';
import {
  BLANK,
  type Outcome,
  type ParseContext,
  type Parser,
  type RawRecord,
  type Recognition,
  rejected,
  type Sample,
} from '../../src/parse/parser.ts';

type Way = 'receive' | 'send';

/** date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,event,data,context */
interface Row {
  readonly time: string;
  readonly connector: string;
  readonly session: string;
  readonly sequence: string;
  readonly local: string;
  readonly remote: string;
  /** `+` connect, `-` disconnect, `>` sent by Exchange, `<` received by it, `*` information */
  readonly event: string;
  readonly data: string;
  readonly context: string;
}

const rowOf = (text: string): Row | undefined => {
  const cells = readCsv(text);
  // Exchange does not quote every comma in the last columns
  if (cells === undefined || cells.length < 8) return undefined;
  const [time, connector, session, sequence, local, remote, event, data, ...context] = cells as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  if (
    !/^[-+<>*]$/.test(event) ||
    !/^[0-9A-F]{16}$/i.test(session) ||
    !/^\d{1,9}$/.test(sequence) ||
    readIso(time) === undefined
  )
    return undefined;
  return { time, connector, session, sequence, local, remote, event, data, context: context.join(',') };
};

/** `192.0.2.1:25`, `[2001:db8::1]:25` */
const endpoint = (text: string): [address: string, port: string | undefined] => {
  const m = /^\[?([^\]]{2,64}?)\]?:(\d{1,5})$/.exec(text);
  return m === null ? [text, undefined] : [m[1] as string, m[2]];
};

const REPLY = /^([245]\d\d)[ -](?:(\d\.\d{1,3}\.\d{1,3}) )?(.*)$/s;
const SERVICE_PORTS = new Set(['25', '465', '587', '717', '475', '2525', '26']);

/**
 * Without a header: who listens is the receiver, and who replies. A receive connector is a server's and written with its
 * name, a send connector is the organisation's.
 */
const wayOf = (row: Row): Way => {
  // EXCH01\Default Frontend EXCH01
  if (row.connector.includes('\\') || /default|frontend|receive/i.test(row.connector)) return 'receive';
  if (SERVICE_PORTS.has(endpoint(row.local)[1] ?? '')) return 'receive';
  return row.event === '>' && REPLY.test(row.data) ? 'receive' : 'send';
};

const putEnds = (fields: Fields, row: Row, way: Way): void => {
  const [mine, theirs] =
    way === 'receive' ? (['destination', 'source'] as const) : (['source', 'destination'] as const);
  for (const [side, text] of [
    [mine, row.local],
    [theirs, row.remote],
  ] as const) {
    const [address, port] = endpoint(text);
    putIp(fields, `${side}.ip`, address);
    putNumber(fields, `${side}.port`, port);
  }
  // EXCH01\Default Frontend EXCH01
  put(fields, 'host.name', /^([\w.-]{1,255})\\/.exec(row.connector)?.[1]);
  fields['network.protocol'] = 'smtp';
};

const login = (fields: Fields, outcome: 'success' | 'failure', reason?: string): Act => {
  fields['event.action'] = outcome === 'success' ? 'authenticated' : 'authentication-failed';
  fields['service.type'] = 'smtp';
  put(fields, 'event.reason', reason);
  categorise(fields, ['authentication'], [outcome === 'success' ? 'start' : 'info'], outcome);
  return 'login';
};

const protocol = (fields: Fields, action: string, outcome?: 'failure'): Act => {
  fields['event.action'] = action;
  categorise(
    fields,
    ['email', 'network'],
    ['connection', ...(action === 'connect' ? ['start'] : action === 'disconnect' ? ['end'] : [])],
    outcome,
  );
  return 'mail-connection';
};

/** What the commands of one session's current message said. */
interface Envelope {
  from: string | undefined;
  to: string[];
}
/** Recipients of one message that are remembered. */
const RECIPIENTS_MAX = 500;

// 2.6.0 <20211031@example.org> [InternalId=1, Hostname=EX01.example.org] 1234 bytes in 0.1, 9 KB/sec Queued mail for delivery
const QUEUED = /\bqueued\b|accepted for delivery|message accepted/i;
const MESSAGE_ID = /^(?:\d\.\d\.\d )?(<[^<>\s]{1,500}>) \[InternalId=/;

/** How a message ended: taken over (`250 … queued`), or refused behind its recipients. */
const answered = (fields: Fields, code: string, text: string, envelope: Envelope, way: Way): Act | undefined => {
  const passed = code === '250' && QUEUED.test(text);
  if (envelope.to.length === 0 || !(passed || /^[45]/.test(code))) return undefined;
  addMailAddress(fields, 'email.from.address', envelope.from);
  for (const to of envelope.to) addMailAddress(fields, 'email.to.address', to);
  putMessageId(fields, MESSAGE_ID.exec(text)?.[1]);
  fields['event.action'] = passed ? 'accepted' : 'refused';
  const outcome = passed ? 'success' : code.startsWith('4') ? 'unknown' : 'failure';
  categorise(fields, ['email'], ['info'], outcome);
  return way === 'receive' ? 'mail-received' : 'mail-delivery';
};

/** What a side said: a command of the client, or a reply of the server. */
const readDialogue = (fields: Fields, row: Row, way: Way, envelope: Envelope): Act => {
  const reply = REPLY.exec(row.data);
  if (reply !== null) {
    const [, code, status, text] = reply as unknown as [string, string, string | undefined, string];
    put(fields, 'event.code', code);
    put(fields, 'microsoft.exchange.enhanced-status', status);
    const fromUs = row.event === '>' && way === 'receive';
    if (fromUs && code === '535') return login(fields, 'failure', text);
    put(fields, 'event.reason', /^[45]/.test(code) ? row.data : undefined);
    if (fromUs && /^5/.test(code) && /relay|recipient|sender|reject|denied|blocked|spam/i.test(text)) {
      fields['event.action'] = 'reject';
      categorise(fields, ['email'], ['denied'], 'failure');
      return 'mail-rejected';
    }
    if (fromUs ? QUEUED.test(text) : row.event === '<' && way === 'send') {
      const ended = answered(fields, code, text, envelope, way);
      if (ended !== undefined) return ended;
    }
    return protocol(fields, 'reply', /^5/.test(code) ? 'failure' : undefined);
  }
  const from = /^MAIL FROM: ?<([^>]{0,320})>/i.exec(row.data);
  if (from !== null) Object.assign(envelope, { from: from[1], to: [] });
  const to = /^RCPT TO: ?<([^>]{1,320})>/i.exec(row.data)?.[1];
  if (to !== undefined && envelope.to.length < RECIPIENTS_MAX) envelope.to.push(to);
  addMailAddress(fields, 'email.from.address', from?.[1]);
  addMailAddress(fields, 'email.to.address', to);
  return protocol(fields, /^[A-Z]{4,8}(?=[ :]|$)/i.exec(row.data)?.[0]?.toLowerCase() ?? 'data');
};

// … failed with error LogonDenied for user kmaier   … because the client KLINIK\\kmaier doesn't have submit permission
const ACCOUNT = /\b(?:for user|user name:|client) ([^\s,;'"]{1,256})(?<!\bdoesn)(?=[\s,;.]|$)/i;

const readRow = (fields: Fields, row: Row, way: Way, envelope: Envelope): Act => {
  if (row.event === '+') return protocol(fields, 'connect');
  if (row.event === '-') {
    put(fields, 'event.reason', row.context);
    return protocol(fields, 'disconnect');
  }
  if (row.event !== '*') return readDialogue(fields, row, way, envelope);
  // *,KLINIK\kmaier,authenticated
  if (way === 'receive' && row.context === 'authenticated') {
    putUser(fields, 'user', row.data);
    put(fields, 'einfallstor.email.auth_user', row.data);
    return login(fields, 'success');
  }
  const said = row.context || row.data;
  put(fields, 'event.reason', said);
  // Exchange 2016 and later: a row of its own behind "Inbound AUTH LOGIN failed because of LogonDenied"
  if (way === 'receive') putUser(fields, 'user', /^User Name: (\S{1,256})$/.exec(said)?.[1], true);
  if (!/authentication failed|LogonDenied/i.test(`${row.data} ${row.context}`) || way !== 'receive')
    return protocol(fields, 'information');
  putUser(fields, 'user', ACCOUNT.exec(said.slice(0, 1000))?.[1]);
  return login(fields, 'failure', said);
};

const eventOf = (context: ParseContext, row: Row, way: Way, envelope: Envelope): Outcome => {
  const fields: Fields = {};
  context.clock.stamp(fields, readIso(row.time)?.civil);
  putEnds(fields, row, way);
  const act = readRow(fields, row, way, envelope);
  put(fields, 'session.id', row.session);
  putNumber(fields, 'event.sequence', row.sequence);
  put(fields, 'microsoft.exchange.connector-id', row.connector);
  put(fields, 'microsoft.exchange.event', row.event === '-' ? 'disconnect' : row.event);
  put(fields, 'microsoft.exchange.data', row.data);
  put(fields, 'microsoft.exchange.context', row.context);
  put(fields, 'microsoft.exchange.way', way);
  relateAddresses(fields, `${row.data} ${row.context}`.slice(0, 8192));
  return { kind: 'event', act, fields };
};

const open = (context: ParseContext): ((record: RawRecord) => Outcome) => {
  let way: Way | 'foreign' | undefined;
  const envelopes = openPeers<Envelope>(() => ({ from: undefined, to: [] }));
  return (record) => {
    const text = record.text.replace(/^\uFEFF/, '').trim();
    if (text === '') return BLANK;
    if (text.startsWith('#')) {
      const type = /^#Log-type: *(.{0,80})/i.exec(text)?.[1];
      if (type !== undefined)
        way = /^SMTP Receive/i.test(type) ? 'receive' : /^SMTP Send/i.test(type) ? 'send' : 'foreign';
      return { kind: 'skipped', reason: 'header' };
    }
    const row = way === 'foreign' ? undefined : rowOf(text);
    if (row === undefined || way === 'foreign') return rejected('not-this-format', 'no row of an SMTP protocol log');
    return eventOf(context, row, way ?? wayOf(row), envelopes.of(row.session));
  };
};

const claims = (record: RawRecord): boolean =>
  /^\d{4}-\d\d-\d\dT/.test(record.text) && rowOf(record.text) !== undefined;

const recognise = (sample: Sample): Recognition => {
  const rows = sample.records.filter((record) => record.text.trim() !== '' && !/^\uFEFF?#/.test(record.text));
  const fitting = rows.filter(claims).length;
  const titled = sample.records.some((record) =>
    /^\uFEFF?#Log-type: *SMTP (?:Receive|Send) Protocol Log/i.test(record.text),
  );
  if (titled) return { certainty: 0.98, reason: 'its header names the SMTP protocol log' };
  return {
    certainty: rows.length === 0 ? 0 : (0.95 * fitting) / rows.length,
    reason: `${fitting} of ${rows.length} rows are of an SMTP protocol log`,
  };
};

export default {
  id: 'exchange-smtp-protocol',
  title: 'Microsoft Exchange Server SMTP protocol log',
  references: [
    {
      title: 'Microsoft: protocol logging',
      url: 'https://learn.microsoft.com/exchange/mail-flow/connectors/protocol-logging',
    },
  ],
  framing: 'csv',
  states: { zone: 'stated', year: 'stated', resolution: 'ms' },
  families: ['SMTP receive and send connectors: connections, commands and replies, authentication, refusals'],
  limits: ['most failed authentications do not name the account: Exchange does not log it'],
  recognise,
  claims,
  open,
} satisfies Parser as Parser;
