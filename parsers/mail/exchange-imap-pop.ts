import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { readIso } from '../../src/parse/kit/civil.ts';
import { readCsv } from '../../src/parse/kit/csv.ts';
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

/** dateTime,sessionId,seqNumber,sIp,cIp,user,duration,rqsize,rpsize,command,parameters,context,puid */
interface Row {
  readonly time: string;
  readonly session: string;
  readonly sequence: string;
  readonly server: string;
  readonly client: string;
  readonly user: string;
  /** Milliseconds. */
  readonly duration: string;
  readonly requestBytes: string;
  readonly responseBytes: string;
  readonly command: string;
  readonly parameters: string;
  /** `R=OK;Msg="…"` */
  readonly context: string;
}

const ENDPOINT = /^\[?([0-9a-fA-F.:]{2,45}?)\]?:(\d{1,5})$/;

const rowOf = (text: string): Row | undefined => {
  const cells = readCsv(text);
  if (cells === undefined || cells.length < 12 || cells.length > 16) return undefined;
  const [time, session, sequence, server, client, user, duration, requestBytes, responseBytes, command, parameters, context] = cells as [
    string, string, string, string, string, string, string, string, string, string, string, string,
  ]; // biome-ignore format: the columns in one line
  if (!/^[0-9A-F]{16}$/i.test(session) || !ENDPOINT.test(server) || !ENDPOINT.test(client)) return undefined;
  if (!/^\d{0,12}$/.test(duration) || readIso(time) === undefined) return undefined;
  return {
    time,
    session,
    sequence,
    server,
    client,
    user,
    duration,
    requestBytes,
    responseBytes,
    command: command.trim().toLowerCase(),
    parameters: parameters.trim(),
    context,
  };
};

const putEnds = (fields: Fields, row: Row): void => {
  for (const [side, text] of [
    ['source', row.client],
    ['destination', row.server],
  ] as const) {
    const m = ENDPOINT.exec(text);
    putIp(fields, `${side}.ip`, m?.[1]);
    putNumber(fields, `${side}.port`, m?.[2]);
  }
  putNumber(fields, 'source.bytes', row.requestBytes);
  putNumber(fields, 'destination.bytes', row.responseBytes);
  if (row.duration !== '') putNumber(fields, 'event.duration', Number(row.duration) * 1_000_000);
};

const LOGIN = /^(?:authenticate|login|auth|pass)$/;
const ACCESS =
  /^(?:select|examine|fetch|uid|retr|top|list|lsub|search|store|copy|append|expunge|dele|stat|uidl|create|delete|rename|status)$/;

/** A login needs its answer: POP3's `user` and the first round of a SASL exchange have none. */
const actOf = (fields: Fields, row: Row): Act => {
  const result = /(?:^|;)R="?([^;]{1,300})/.exec(row.context)?.[1]?.replace(/"+$/, '');
  const ok = result === undefined || /^OK\b|^\+OK/i.test(result);
  fields['event.action'] = row.command === '' ? 'session' : row.command;
  if (LOGIN.test(row.command) && result !== undefined) {
    put(fields, 'event.reason', ok ? undefined : (/ErrMsg="?([^;"]{1,200})/.exec(row.context)?.[1] ?? result));
    categorise(fields, ['authentication'], [ok ? 'start' : 'info'], ok ? 'success' : 'failure');
    return 'login';
  }
  if (ACCESS.test(row.command)) {
    categorise(fields, ['email'], ['access'], ok ? 'success' : 'failure');
    return 'mail-access';
  }
  const end = /^(?:logout|quit|closesession)$/.test(row.command);
  categorise(
    fields,
    ['email', 'network'],
    ['connection', ...(end ? ['end'] : row.command === 'opensession' ? ['start'] : [])],
    ok ? undefined : 'failure',
  );
  return 'mail-connection';
};

const POP_PORTS = new Set(['110', '995', '1995', '9955']);

const eventOf = (context: ParseContext, row: Row, titled: 'imap' | 'pop3' | undefined): Outcome => {
  const fields: Fields = {};
  context.clock.stamp(fields, readIso(row.time)?.civil);
  putEnds(fields, row);
  putUser(fields, 'user', row.user, true);
  fields['service.type'] = titled ?? (POP_PORTS.has(String(fields['destination.port'])) ? 'pop3' : 'imap');
  const act = actOf(fields, row);
  if (act === 'login')
    fields['einfallstor.login.method'] = /NTLM|GSSAPI/i.test(row.parameters)
      ? row.parameters.toLowerCase()
      : 'password';
  put(fields, 'session.id', row.session);
  putNumber(fields, 'event.sequence', row.sequence);
  put(fields, 'microsoft.exchange.parameters', row.parameters);
  put(fields, 'microsoft.exchange.context', row.context);
  relateAddresses(fields, `${row.parameters} ${row.context}`.slice(0, 8192));
  return { kind: 'event', act, fields };
};

const TITLE = /^\uFEFF?#Log-type: *(IMAP4?|POP3?)\b/i;

const open = (context: ParseContext): ((record: RawRecord) => Outcome) => {
  let titled: 'imap' | 'pop3' | undefined;
  return (record) => {
    const text = record.text.replace(/^\uFEFF/, '').trim();
    if (text === '') return BLANK;
    const type = TITLE.exec(text)?.[1];
    if (type !== undefined) titled = /^imap/i.test(type) ? 'imap' : 'pop3';
    if (text.startsWith('#') || /^dateTime,sessionId,/i.test(text)) return { kind: 'skipped', reason: 'header' };
    const row = rowOf(text);
    return row === undefined
      ? rejected('not-this-format', 'no row of an IMAP4 or POP3 log')
      : eventOf(context, row, titled);
  };
};

const claims = (record: RawRecord): boolean =>
  /^\d{4}-\d\d-\d\dT/.test(record.text) && rowOf(record.text) !== undefined;

const recognise = (sample: Sample): Recognition => {
  const rows = sample.records.filter(
    (record) => record.text.trim() !== '' && !/^\uFEFF?#|^dateTime,/i.test(record.text),
  );
  const fitting = rows.filter(claims).length;
  if (sample.records.some((record) => TITLE.test(record.text)))
    return { certainty: 0.98, reason: 'its header names the IMAP4 or POP3 log' };
  return {
    certainty: rows.length === 0 ? 0 : (0.95 * fitting) / rows.length,
    reason: `${fitting} of ${rows.length} rows are of an IMAP4 or POP3 log`,
  };
};

export default {
  id: 'exchange-imap-pop',
  title: 'Microsoft Exchange Server IMAP4 and POP3 protocol logs',
  references: [
    {
      title: 'Microsoft: protocol logging for POP3 and IMAP4',
      url: 'https://learn.microsoft.com/exchange/clients/pop3-and-imap4/configure-protocol-logging',
    },
  ],
  framing: 'csv',
  states: { zone: 'stated', year: 'stated', resolution: 'ms' },
  families: ['logins with result and reason, mailbox commands, sessions, of front end and back end'],
  recognise,
  claims,
  open,
} satisfies Parser as Parser;
