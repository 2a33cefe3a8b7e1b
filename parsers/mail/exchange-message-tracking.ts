import { own } from '../../src/core/own.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, readIso, readSlashed } from '../../src/parse/kit/civil.ts';
import { readCsv } from '../../src/parse/kit/csv.ts';
import { addMailAddress, putMessageId } from '../../src/parse/kit/mail.ts';
import { categorise, keepVendor, put, putEndpoint, putIp, putNumber, warn } from '../../src/parse/kit/put.ts';
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

type Row = ReadonlyMap<string, string>;

const HEAD =
  'date-time,client-ip,client-hostname,server-ip,server-hostname,source-context,connector-id,source,event-id,internal-message-id,message-id';
const BODY =
  'recipient-address,recipient-status,total-bytes,recipient-count,related-recipient-address,reference,message-subject,sender-address,return-path,message-info';
const TAIL = 'directionality,tenant-id,original-client-ip,original-server-ip,custom-data';
/** The columns of a file without header, by their number: Exchange 2007, 2010, 2013, and 2016 to 2019. */
const LAYOUTS: ReadonlyMap<number, readonly string[]> = new Map(
  [
    `${HEAD},${BODY}`,
    `${HEAD},${BODY},${TAIL}`,
    `${HEAD},network-message-id,${BODY},${TAIL}`,
    `${HEAD},network-message-id,${BODY},${TAIL},transport-traffic-type,log-id,schema-version`,
  ].map((columns) => [columns.split(',').length, columns.split(',')]),
);

/** `Get-MessageTrackingLog | Export-Csv`: the shell's property names. */
const SHELL: Readonly<Record<string, string>> = {
  timestamp: 'date-time',
  recipients: 'recipient-address',
  sender: 'sender-address',
  eventdata: 'custom-data',
};
const kebab = (name: string): string =>
  own(SHELL, name.toLowerCase()) ??
  name
    .trim()
    .replaceAll(/([a-z])([A-Z])/g, '$1-$2')
    .toLowerCase();

interface Meaning {
  readonly act: Act;
  readonly outcome: 'success' | 'failure' | 'unknown';
}

/** https://learn.microsoft.com/exchange/mail-flow/transport-logs/message-tracking, "Event types in the message tracking log" */
const EVENTS: Readonly<Record<string, Meaning>> = {
  RECEIVE: { act: 'mail-received', outcome: 'success' },
  SUBMIT: { act: 'mail-received', outcome: 'success' },
  RESUBMIT: { act: 'mail-received', outcome: 'success' },
  DELIVER: { act: 'mail-delivery', outcome: 'success' },
  SEND: { act: 'mail-delivery', outcome: 'success' },
  SENDEXTERNAL: { act: 'mail-delivery', outcome: 'success' },
  FAIL: { act: 'mail-delivery', outcome: 'failure' },
  SUBMITFAIL: { act: 'mail-delivery', outcome: 'failure' },
  DEFER: { act: 'mail-delivery', outcome: 'unknown' },
  SUBMITDEFER: { act: 'mail-delivery', outcome: 'unknown' },
  BADMAIL: { act: 'mail-rejected', outcome: 'failure' },
  DROP: { act: 'mail-rejected', outcome: 'failure' },
  AGENTINFO: { act: 'mail-filter', outcome: 'success' },
  MODERATIONEXPIRE: { act: 'mail-filter', outcome: 'failure' },
  MODERATORAPPROVE: { act: 'mail-filter', outcome: 'success' },
  MODERATORREJECT: { act: 'mail-rejected', outcome: 'failure' },
  MODERATORSALLNDR: { act: 'mail-filter', outcome: 'failure' },
  THROTTLE: { act: 'mail-connection', outcome: 'success' },
};
const OTHER_EVENTS =
  /^(?:DSN|DUPLICATE(?:DELIVER|EXPAND|REDIRECT)|EXPAND|HA(?:DISCARD|RECEIVE|REDIRECT|REDIRECTFAIL)|INITMESSAGECREATED|LOAD|NOTIFYMAPI|NOTIFYSHADOW|POISONMESSAGE|PROCESS|PROCESSMEETINGMESSAGE|REDIRECT|RESOLVE|SUPPRESSED|TRANSFER|UPDATED|SETROUTE|SAFETYNET\w*|CREATE\w*|MEETINGMESSAGE\w*)$/;
const SOURCES =
  /^(?:ADMIN|AGENT|APPROVAL|BOOTLOADER|DNS|DSN|GATEWAY|MAILBOXRULE|MEETINGMESSAGEPROCESSOR|ORAR|PICKUP|POISONMESSAGE|PUBLICFOLDER|QUEUE|REDUNDANCY|RESOLVER|ROUTING|SAFETYNET|SMTP|STOREDRIVER|AGGREGATION|TRANSPORT)$/;

const DIRECTIONS: Readonly<Record<string, string>> = { Incoming: 'inbound', Originating: 'outbound' };
/** Columns that have an ECS field of the same meaning; the others stay under `microsoft.exchange.*`. */
const MAPPED = new Set([
  'date-time',
  'event-id',
  'message-id',
  'message-subject',
  'total-bytes',
  'recipient-count',
  'directionality',
]);

const many = (cell: string | undefined): string[] => (cell ?? '').split(';', 5000).filter((part) => part.trim() !== '');

const putEnds = (fields: Fields, row: Row): void => {
  putEndpoint(fields, 'source', row.get('client-hostname'));
  putEndpoint(fields, 'destination', row.get('server-hostname'));
  putIp(fields, 'client.ip', row.get('client-ip'));
  putIp(fields, 'server.ip', row.get('server-ip'));
  putIp(fields, 'destination.ip', row.get('server-ip'));
  // the front end hands mail on from its own address: the original client is who came in
  const original = row.get('original-client-ip');
  if (!putIp(fields, 'source.ip', original)) putIp(fields, 'source.ip', row.get('client-ip'));
  else if (fields['source.ip'] !== fields['client.ip']) delete fields['source.domain'];
  // which of the two wrote the row; for other events it is not told
  const event = row.get('event-id') ?? '';
  if (/^(?:RECEIVE|DELIVER|DUPLICATEDELIVER|HA\w+)$/.test(event)) put(fields, 'host.name', row.get('server-hostname'));
  else if (/^(?:SEND|SENDEXTERNAL|SUBMIT|NOTIFYMAPI)$/.test(event))
    put(fields, 'host.name', row.get('client-hostname'));
};

const putMail = (fields: Fields, row: Row): void => {
  putMessageId(fields, row.get('message-id'));
  put(fields, 'email.local_id', row.get('network-message-id') ?? row.get('internal-message-id'));
  put(fields, 'email.subject', row.get('message-subject'));
  const [sender, envelope] = [row.get('sender-address'), row.get('return-path')];
  put(fields, 'email.sender.address', sender === '<>' ? undefined : sender);
  for (const address of [sender, envelope]) if (address !== '<>') addMailAddress(fields, 'email.from.address', address);
  for (const address of many(row.get('recipient-address'))) addMailAddress(fields, 'email.to.address', address);
  putNumber(fields, 'einfallstor.email.size', row.get('total-bytes'));
  if (row.get('source') === 'SMTP') putNumber(fields, 'network.bytes', row.get('total-bytes'));
  putNumber(fields, 'einfallstor.email.recipients', row.get('recipient-count'));
  put(
    fields,
    'einfallstor.email.relay',
    /^SEND/.test(row.get('event-id') ?? '') ? row.get('server-hostname') : undefined,
  );
  put(
    fields,
    'email.direction',
    own(DIRECTIONS, row.get('directionality') ?? '') ?? row.get('directionality')?.toLowerCase(),
  );
  put(fields, 'event.reason', row.get('recipient-status')?.replace(/^;+$/, ''));
};

const isTracking = (row: Row): boolean => {
  const event = row.get('event-id') ?? '';
  return (own(EVENTS, event) !== undefined || OTHER_EVENTS.test(event)) && SOURCES.test(row.get('source') ?? '');
};

const zip = (names: readonly string[], cells: readonly string[]): Row => {
  const row = new Map<string, string>();
  for (const [n, cell] of cells.entries()) if (cell !== '') row.set(names[n] ?? `column-${n + 1}`, cell);
  return row;
};

/** By the header when it fits, else by the number of columns: `fits` says whether that is certain. */
const rowOf = (text: string, header: readonly string[] | undefined): { row: Row; fits: boolean } | undefined => {
  const cells = readCsv(text);
  if (cells === undefined) return undefined;
  const names = header?.length === cells.length ? header : (LAYOUTS.get(cells.length) ?? header);
  return names && { row: zip(names, cells), fits: header === undefined || header.length === cells.length };
};

const DATED = /^"?\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}/;

const claims = (record: RawRecord): boolean => {
  const text = record.text.replace(/^\uFEFF/, '');
  if (/^#Log-type: *Message Tracking Log/i.test(text)) return true;
  if (!DATED.test(text)) return false;
  const read = rowOf(text, undefined);
  return read !== undefined && isTracking(read.row);
};

const timeOf = (fields: Fields, text: string | undefined): Civil | undefined => {
  const iso = readIso(text ?? '');
  if (iso !== undefined) return iso.civil;
  const local = readSlashed(text ?? '', 0, 'month');
  if (local !== undefined && text?.includes('/')) warn(fields, 'date-order-assumed:month-first');
  return local?.civil;
};

const eventOf = (context: ParseContext, row: Row, text: string): Outcome => {
  const fields: Fields = {};
  const time = timeOf(fields, row.get('date-time'));
  if (time === undefined)
    return rejected('bad-time', `no time in the first column: ${(row.get('date-time') ?? '').slice(0, 40)}`);
  context.clock.stamp(fields, time);
  const event = row.get('event-id') ?? '';
  const meaning = own(EVENTS, event);
  putEnds(fields, row);
  putMail(fields, row);
  fields['event.action'] = event.toLowerCase();
  put(fields, 'event.code', event);
  put(fields, 'event.provider', row.get('source'));
  categorise(fields, ['email'], [meaning?.act === 'mail-rejected' ? 'denied' : 'info'], meaning?.outcome);
  keepVendor(
    fields,
    'microsoft.exchange',
    [...row].filter(([name]) => !MAPPED.has(name)),
  );
  relateAddresses(fields, text.slice(0, 16_384));
  return { kind: 'event', act: meaning?.act ?? 'other', fields };
};

/** What stands before the rows decides what they are; it may come again in the middle, and may be another log's. */
const open = (context: ParseContext): ((record: RawRecord) => Outcome) => {
  let header: readonly string[] | undefined;
  let foreign = false;
  const readHeader = (line: string): Outcome => {
    const type = /^#Log-type: *(.{0,80})/i.exec(line)?.[1];
    if (type !== undefined) [foreign, header] = [!/^Message Tracking/i.test(type), undefined];
    const names = /^#Fields: *(.*)$/i.exec(line)?.[1];
    if (names !== undefined) header = names.split(',').map((name) => name.trim());
    return { kind: 'skipped', reason: 'header' };
  };
  return (record) => {
    const text = record.text.replace(/^\uFEFF/, '').trim();
    if (text === '') return BLANK;
    if (text.startsWith('#')) return readHeader(text);
    if (foreign) return rejected('not-this-format', 'the header names another Exchange log');
    if (header === undefined && /\bMessageId\b/.test(text) && /\bEventId\b/.test(text) && /\bTimestamp\b/.test(text)) {
      header = readCsv(text)?.map(kebab);
      return { kind: 'skipped', reason: 'header' };
    }
    const read = rowOf(text, header);
    if (read === undefined || !isTracking(read.row))
      return rejected('not-this-format', 'no row of a message tracking log');
    const outcome = eventOf(context, read.row, text);
    if (outcome.kind === 'event' && !read.fits) warn(outcome.fields, 'columns-differ');
    return outcome;
  };
};

/** Share of rows that fit; a head of nothing but comments is known by its log type. */
const recognise = (sample: Sample): Recognition => {
  const lines = sample.records.map((record) => record.text.replace(/^\uFEFF/, '')).filter((text) => text.trim() !== '');
  const titled = lines.some((text) => /^#Log-type: *Message Tracking Log/i.test(text));
  const exported = lines
    .slice(0, 3)
    .some((text) => /\bInternalMessageId\b/.test(text) && /\bRecipientStatus\b/.test(text));
  const rows = sample.records.filter((record) => record.text.trim() !== '' && !/^\uFEFF?#/.test(record.text));
  const fitting = rows.filter(claims).length;
  if (titled || exported) return { certainty: 0.98, reason: 'its header names the message tracking log' };
  return {
    certainty: rows.length === 0 ? 0 : (0.95 * fitting) / rows.length,
    reason: `${fitting} of ${rows.length} rows are of the message tracking log`,
  };
};

export default {
  id: 'exchange-message-tracking',
  title: 'Microsoft Exchange Server message tracking log',
  references: [
    {
      title: 'Microsoft: message tracking',
      url: 'https://learn.microsoft.com/exchange/mail-flow/transport-logs/message-tracking',
    },
    {
      title: 'Microsoft: Get-MessageTrackingLog',
      url: 'https://learn.microsoft.com/powershell/module/exchange/get-messagetrackinglog',
    },
  ],
  framing: 'csv',
  states: { zone: 'varies', year: 'stated', resolution: 'ms' },
  families: [
    'all event types of Exchange 2007 to 2019, with or without #Fields header',
    'Get-MessageTrackingLog | Export-Csv',
  ],
  limits: ['an export of the shell states local time without zone, and joins recipients only if it was told to'],
  recognise,
  claims,
  open,
} satisfies Parser as Parser;
