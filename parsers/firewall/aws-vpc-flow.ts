import { own } from '../../src/core/own.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, epochMicros, readIso } from '../../src/parse/kit/civil.ts';
import { fieldMap, words } from '../../src/parse/kit/field-map.ts';
import { putSpan, turnAnswer } from '../../src/parse/kit/flow.ts';
import { isObject, type Json, parseJson, textAt } from '../../src/parse/kit/json.ts';
import { categorise, put, putNumber, putTransport, warn } from '../../src/parse/kit/put.ts';
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

/** The default format (version 2), behind which a custom format that was made by adding fields goes on in the table's order. */
const DEFAULT =
  words(`version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action
  log-status`);
const ADDED = words(`vpc-id subnet-id instance-id tcp-flags type pkt-srcaddr pkt-dstaddr region az-id sublocation-type
  sublocation-id pkt-src-aws-service pkt-dst-aws-service flow-direction traffic-path ecs-cluster-arn ecs-cluster-name
  ecs-container-instance-arn ecs-container-instance-id ecs-container-id ecs-second-container-id ecs-service-name
  ecs-task-definition-arn ecs-task-arn ecs-task-id reject-reason`);
const KNOWN = new Set([...DEFAULT, ...ADDED]);

/** Forms of the default columns; `-` stands for no data. */
const FORMS: readonly RegExp[] = [
  /^[2-9]$/,
  /^(?:\d{12}|[a-z-]{2,16}|unknown)$/,
  /^[a-z]{2,8}-[\da-f]{6,20}$/,
  /^[\da-fA-F.:]{2,45}$/,
  /^[\da-fA-F.:]{2,45}$/,
  /^\d{1,5}$/,
  /^\d{1,5}$/,
  /^\d{1,3}$/,
  /^\d{1,15}$/,
  /^\d{1,18}$/,
  /^\d{9,10}$/,
  /^\d{9,10}$/,
  /^(?:ACCEPT|REJECT)$/,
  /^(?:OK|NODATA|SKIPDATA)$/,
];

const isDefault = (cells: readonly string[]): boolean =>
  cells.length >= DEFAULT.length &&
  FORMS.every((form, n) =>
    cells[n] === '-' ? n > 2 && n !== 10 && n !== 11 && n !== 13 : form.test(cells[n] as string),
  );

const rowUnder = (names: readonly string[], cells: readonly string[]): Row =>
  new Map(cells.map((cell, n): [string, string] => [names[n] ?? `column_${n + 1}`, cell]));

/** Names of fields as the header, JSON exports and Athena tables spell them: `account-id`, `account_id`, `accountId`. */
const nameOf = (name: string): string =>
  name
    .trim()
    .replaceAll(/\$\{|\}/g, '')
    .replaceAll('_', '-')
    .replaceAll(/([a-z])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replace(/^(src|dst)-(addr|port)$/, '$1$2');

const isHeader = (cells: readonly string[]): boolean =>
  cells.length > 3 && cells.filter((cell) => KNOWN.has(nameOf(cell))).length > cells.length / 2;

/** A row under a header fits when its times, protocol and status are such. */
const STRICT: Readonly<Record<string, RegExp>> = {
  start: /^\d{9,10}$/,
  end: /^\d{9,10}$/,
  'log-status': /^(?:OK|NODATA|SKIPDATA|-)$/,
  action: /^(?:ACCEPT|REJECT|-)$/,
};
const fitsHeader = (row: Row): boolean =>
  Object.entries(STRICT).every(([name, form]) => row.get(name) === undefined || form.test(row.get(name) as string));

// 2021-11-02T08:15:30.000Z 2 123456789012 eni-…   exports of CloudWatch Logs put the time of the batch in front
const EXPORTED = /^\d{4}-\d\d-\d\dT[\d:.]{8,12}Z /;

/** The line that CloudWatch's JSON carries, and rows that are JSON themselves. */
const unwrap = (text: string): { line?: string; json?: Json } => {
  if (!text.startsWith('{')) return { line: text.replace(EXPORTED, '') };
  const value = parseJson(text);
  if (!isObject(value)) return {};
  const message = textAt(value, 'message', '@message');
  if (message !== undefined) return message.startsWith('{') ? unwrap(message) : { line: message };
  return { json: value };
};

const jsonRow = (json: Json): Row | undefined => {
  const row = new Map(
    Object.keys(json)
      .slice(0, 100)
      .map((name): [string, string] => [nameOf(name), textAt(json, name) ?? '-']),
  );
  const has = (name: string): boolean => row.has(name);
  return has('srcaddr') && has('dstaddr') && (has('interface-id') || has('log-status')) ? row : undefined;
};

// ------------------------------------------------------------------------------------------------------------- fields

const putColumns = fieldMap(
  'aws.vpcflow',
  {
    ip: 'srcaddr=source.ip dstaddr=destination.ip',
    number: 'srcport=source.port dstport=destination.port bytes=source.bytes packets=source.packets',
    text: `account-id=cloud.account.id region=cloud.region interface-id=observer.ingress.interface.name+
      instance-id=host.id reject-reason=event.reason`,
  },
  {
    protocol: (fields, value) => putTransport(fields, value),
    'start end action': () => true,
  },
);

const ACTIONS: Readonly<Record<string, readonly [Act, type: readonly string[], 'success' | 'failure']>> = {
  ACCEPT: ['flow', ['connection', 'allowed'], 'success'],
  REJECT: ['flow-denied', ['connection', 'denied'], 'success'],
};

/** SYN is 2, SYN-ACK 18; FIN and RST are or'd to it. Whether the record is of who was called; a window without either tells nothing. */
const answersOf = (flags: string | undefined): boolean | undefined => {
  const bits = /^\d{1,3}$/.test(flags ?? '') ? Number(flags) : 0;
  return (bits & 2) === 0 ? undefined : (bits & 16) !== 0;
};

const eventOf = (context: ParseContext, row: Row, text: string): Outcome => {
  const [start, end] = [epochMicros(row.get('start') ?? ''), epochMicros(row.get('end') ?? '')];
  const fields: Fields = {
    'observer.vendor': 'Amazon',
    'observer.product': 'VPC flow logs',
    'observer.type': 'firewall',
    'cloud.provider': 'aws',
  };
  const batch: Civil | number | undefined = EXPORTED.test(text) ? readIso(text)?.civil : undefined;
  const time = end ?? start ?? batch;
  if (time === undefined) warn(fields, 'time-missing');
  context.clock.stamp(fields, time);
  putSpan(fields, start, end);
  putColumns(fields, row);
  // one direction is counted: the answer is a record of its own
  putNumber(fields, 'network.bytes', fields['source.bytes'] as number | undefined);
  putNumber(fields, 'network.packets', fields['source.packets'] as number | undefined);
  const transport = fields['network.transport'];
  if (transport === 'icmp' || transport === 'ipv6-icmp')
    for (const side of ['source', 'destination']) delete fields[`${side}.port`];
  relateAddresses(fields, text.slice(0, 8192));
  const status = row.get('log-status');
  put(fields, 'event.action', (row.get('action') ?? '').toLowerCase());
  if (status === 'NODATA' || status === 'SKIPDATA') {
    fields['event.action'] = status.toLowerCase();
    if (status === 'SKIPDATA') warn(fields, 'records-skipped');
    categorise(fields, ['network'], ['info']);
    return { kind: 'event', act: 'source-state', fields };
  }
  const [act, type, outcome] = own(ACTIONS, row.get('action') ?? '') ?? (['flow', ['connection'], undefined] as const);
  categorise(fields, ['network'], type, outcome);
  // what was refused came from where it says, whatever its port
  if (act === 'flow') turnAnswer(fields, answersOf(row.get('tcp-flags')));
  return { kind: 'event', act, fields };
};

const open: Parser['open'] = (context) => {
  let header: readonly string[] | undefined;
  return (record) => {
    const text = record.text.replace(/^\uFEFF/, '').trim();
    if (text === '') return BLANK;
    const { line, json } = unwrap(text);
    const named = json === undefined ? undefined : jsonRow(json);
    if (named !== undefined) return eventOf(context, named, text);
    const cells = line?.trim().split(/[ \t]+/, 100) ?? [];
    if (isHeader(cells)) {
      header = cells.map(nameOf);
      return { kind: 'skipped', reason: 'header' };
    }
    if (header !== undefined && cells.length === header.length) {
      const row = rowUnder(header, cells);
      if (fitsHeader(row)) return eventOf(context, row, text);
    }
    if (!isDefault(cells)) return rejected('not-this-format', 'no VPC flow record under a known header');
    return eventOf(context, rowUnder([...DEFAULT, ...ADDED], cells), text);
  };
};

const claims = (record: RawRecord): boolean => {
  const { line, json } = unwrap(record.text.trim());
  return json === undefined ? isDefault(line?.trim().split(/[ \t]+/, 100) ?? []) : jsonRow(json) !== undefined;
};

/** Rows in an order of the operator's own are known by their header. */
const recognise = (sample: Sample): Recognition => {
  const records = sample.records.filter((record) => record.text.trim() !== '');
  const first = records[0];
  if (first === undefined) return { certainty: 0, reason: 'no records' };
  const header =
    unwrap(first.text.trim())
      .line?.trim()
      .split(/[ \t]+/, 100) ?? [];
  if (isHeader(header)) return { certainty: 0.98, reason: 'a header of VPC flow log fields' };
  const claimed = records.filter(claims).length;
  return {
    certainty: claimed / records.length,
    reason: `${claimed} of ${records.length} records are VPC flow records`,
  };
};

export default {
  id: 'aws-vpc-flow',
  title: 'Amazon VPC flow logs',
  references: [
    {
      title: 'Amazon: flow log records',
      url: 'https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html',
    },
    {
      title: 'Amazon: flow log record examples',
      url: 'https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-records-examples.html',
    },
  ],
  framing: 'line',
  states: { zone: 'stated', year: 'stated', resolution: 's' },
  families: [
    'versions 2 to 8 with header in any order of fields; without header the default format and fields added behind it',
    'lines and JSON lines as CloudWatch Logs exports them; NODATA and SKIPDATA',
  ],
  limits: [
    'a custom order of fields without its header cannot be read',
    "a record counts one direction only; the answer is a record of its own, turned round (source is who called) where TCP flags tell, or just one end has a service's port",
    'times are those of the capture window, not of the connection',
  ],
  recognise,
  claims,
  open,
} satisfies Parser as Parser;
