import { own } from '../../src/core/own.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import type { Civil } from '../../src/parse/kit/civil.ts';
import { readCsv } from '../../src/parse/kit/csv.ts';
import { isObject, readObject, textAt } from '../../src/parse/kit/json.ts';
import { addMailAddress, nameMailEnds, putMessageId } from '../../src/parse/kit/mail.ts';
import { putCloudIp, readCloudTime } from '../../src/parse/kit/microsoft.ts';
import { categorise, keepVendor, put, putNumber, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy, recogniseTable } from '../../src/parse/kit/recognise.ts';
import {
  BLANK,
  type Outcome,
  type ParseContext,
  type Parser,
  type RawRecord,
  rejected,
} from '../../src/parse/parser.ts';

type Row = ReadonlyMap<string, string>;
type Outcome3 = 'success' | 'failure' | 'unknown';

/** Names of a column in the summary report, the extended report, `Get-MessageTrace` and Graph, in lower case letters only. */
const NAMES: Readonly<Record<string, string>> = {
  received: 'time', receiveddatetime: 'time', origintimestamputc: 'time', date: 'time', dateutc: 'time', datetime: 'time',
  senderaddress: 'from', sender: 'from', recipientaddress: 'to', recipientstatus: 'statuses', recipient: 'to',
  subject: 'subject', messagesubject: 'subject', status: 'status', fromip: 'ip', originalclientip: 'ip', clientip: 'ip', toip: 'toIp',
  size: 'size', totalbytes: 'size', messagesize: 'size', messageid: 'id', messagetraceid: 'trace', networkmessageid: 'trace',
  directionality: 'direction', direction: 'direction', connectorid: 'connector', deliverypriority: 'priority', customdata: 'custom',
}; // biome-ignore format: a table

const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z]/g, '');

// ---------------------------------------------------------------- the three layouts

/** Summary report and `Get-MessageTrace | Export-Csv`; extended report: `origin_timestamp_utc,sender_address,…`. */
const isHeader = (text: string): boolean => {
  if (text.length > 2000 || text.includes('@')) return false;
  const names = new Set(text.split(',').map((cell) => own(NAMES, plain(cell))));
  return names.has('time') && names.has('from') && (names.has('to') || names.has('statuses')) && names.size >= 5;
};

const zip = (pairs: Iterable<readonly [string, string]>): Row => {
  const row = new Map<string, string>();
  for (const [name, value] of pairs) {
    const key = own(NAMES, plain(name)) ?? name;
    if (value !== '' && !row.has(key)) row.set(key, value);
  }
  return row;
};

const jsonRow = (text: string): Row | undefined => {
  const object = text.includes('MessageTraceId') || text.includes('recipientAddress') ? readObject(text) : undefined;
  if (object === undefined || textAt(object, 'SenderAddress', 'senderAddress') === undefined) return undefined;
  const from = isObject(object) ? Object.entries(object) : [];
  return zip(
    from.flatMap(([name, value]): [string, string][] =>
      typeof value === 'string' || typeof value === 'number' ? [[name, String(value)]] : [],
    ),
  );
};

const csvRow = (text: string, header: readonly string[] | undefined): Row | undefined => {
  const cells = header === undefined ? undefined : readCsv(text);
  if (header === undefined || cells === undefined || Math.abs(cells.length - header.length) > 1) return undefined;
  const row = zip(cells.map((cell, n) => [header[n] ?? `column_${n + 1}`, cell.trim()]));
  return row.has('from') || row.has('statuses') || row.has('to') ? row : undefined;
};

// ---------------------------------------------------------------- meaning

/** Get-MessageTrace, "Status"; recipient_status of the extended report (`##Receive, Send`). */
const STATUS: readonly (readonly [RegExp, Act, Outcome3])[] = [
  [/filteredasspam|quarantined?/i, 'mail-filter', 'success'],
  [/fail|reject|bounce|drop/i, 'mail-delivery', 'failure'],
  [/deliver|send(?:external)?\b|resolved/i, 'mail-delivery', 'success'],
  [/expand/i, 'mail-received', 'success'],
  [/pending|gettingstatus|defer/i, 'mail-delivery', 'unknown'],
  [/receive/i, 'mail-received', 'success'],
];

const meaningOf = (status: string): readonly [Act, Outcome3] => {
  const found = STATUS.find(([pattern]) => pattern.test(status));
  return found === undefined ? ['mail-delivery', 'unknown'] : [found[1], found[2]];
};

/** `kim@example.org##Receive, Deliver;lee@example.org##Receive, Fail` */
const recipientsOf = (row: Row): { readonly to: readonly string[]; readonly status: string } => {
  const statuses = row.get('statuses');
  if (statuses === undefined) return { to: (row.get('to') ?? '').split(';', 1000), status: row.get('status') ?? '' };
  const parts = statuses.split(';', 1000).map((part) => part.split('##', 2));
  return { to: parts.map((part) => part[0] as string), status: parts.map((part) => part[1] ?? '').join('; ') };
};

const DIRECTIONS: Readonly<Record<string, string>> = {
  incoming: 'inbound',
  inbound: 'inbound',
  originating: 'outbound',
  outbound: 'outbound',
};
const MAPPED = new Set('time from to statuses subject status ip toIp size id trace direction'.split(' '));

const timeOf = (fields: Fields, text: string | undefined): Civil | number | undefined => {
  const time = readCloudTime(text);
  if (typeof time === 'object' && /^\d{1,2}\//.test(text ?? '')) warn(fields, 'date-order-assumed:month-first');
  return time;
};

const eventOf = (context: ParseContext, row: Row, text: string): Outcome => {
  const fields: Fields = {};
  const time = timeOf(fields, row.get('time'));
  if (time === undefined) return rejected('bad-time', `no time: ${(row.get('time') ?? '').slice(0, 40)}`);
  context.clock.stamp(fields, time);
  const { to, status } = recipientsOf(row);
  const [act, outcome] = meaningOf(status);
  if (new Set(status.split('; ')).size > 1) warn(fields, 'recipients-differ');
  addMailAddress(fields, 'email.from.address', row.get('from'));
  for (const address of to) if (address.trim() !== '') addMailAddress(fields, 'email.to.address', address);
  put(fields, 'email.subject', row.get('subject'));
  putMessageId(fields, row.get('id'));
  put(fields, 'email.local_id', row.get('trace'));
  putCloudIp(fields, 'source', row.get('ip'));
  putCloudIp(fields, 'destination', row.get('toIp'));
  nameMailEnds(fields, undefined, to[0]);
  putUser(fields, 'source.user', row.get('from'));
  if (to.length === 1) putUser(fields, 'destination.user', to[0]);
  putNumber(fields, 'einfallstor.email.size', row.get('size'));
  put(fields, 'einfallstor.email.status', status);
  const direction = row.get('direction')?.toLowerCase() ?? '';
  put(fields, 'email.direction', own(DIRECTIONS, direction) ?? direction);
  put(
    fields,
    'event.action',
    status
      .split(/[,;] */)
      .at(-1)
      ?.trim()
      .toLowerCase(),
  );
  for (const [name, key] of [
    ['event.start', 'StartDate'],
    ['event.end', 'EndDate'],
  ] as const) {
    const instant = context.clock.instant(readCloudTime(row.get(key)));
    if (instant !== undefined) fields[name] = instant;
  }
  categorise(fields, ['email'], ['info'], outcome);
  keepVendor(
    fields,
    'microsoft.online_trace',
    [...row].filter(([name]) => !MAPPED.has(name)),
  );
  relateAddresses(fields, text.slice(0, 16_384));
  return { kind: 'event', act, fields };
};

// ---------------------------------------------------------------- parser

const open = (context: ParseContext): ((record: RawRecord) => Outcome) => {
  let header: readonly string[] | undefined;
  return (record) => {
    const text = record.text.replace(/^\uFEFF/, '').trim();
    if (text === '') return BLANK;
    if (isHeader(text)) {
      header = readCsv(text)?.map((name) => name.trim());
      return { kind: 'skipped', reason: 'header' };
    }
    if (text.startsWith('#TYPE ')) return { kind: 'skipped', reason: 'header' };
    const row = text.startsWith('{') ? jsonRow(text) : csvRow(text, header);
    if (row === undefined) return rejected('not-this-format', 'no row of a message trace');
    return eventOf(context, row, text);
  };
};

const claims = (record: RawRecord): boolean => jsonRow(record.text) !== undefined;

const recognise = recogniseTable(
  (rows) => rows.slice(0, 3).some((record) => isHeader(record.text.replace(/^\uFEFF/, '').trim())),
  { certainty: 0.9, reason: 'its header has the columns of a message trace' },
  recogniseBy(claims, 'are of a message trace', 0.97),
);

export default {
  id: 'exchange-online-trace',
  title: 'Exchange Online message trace',
  references: [
    {
      title: 'Microsoft: message trace',
      url: 'https://learn.microsoft.com/exchange/monitoring/trace-an-email-message/message-trace-modern-eac',
    },
    {
      title: 'Microsoft: Get-MessageTrace',
      url: 'https://learn.microsoft.com/powershell/module/exchange/get-messagetrace',
    },
  ],
  framing: 'json',
  states: { zone: 'stated', year: 'stated', resolution: 'us' },
  families: ['summary and extended report as CSV, Get-MessageTrace as CSV and JSON, the reporting web service'],
  limits: ['a CSV row whose cells hold line breaks'],
  recognise,
  claims,
  open,
} satisfies Parser as Parser;
