import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, readIso } from '../../src/parse/kit/civil.ts';
import { words } from '../../src/parse/kit/field-map.ts';
import { putSpan } from '../../src/parse/kit/flow.ts';
import { putCloudIp } from '../../src/parse/kit/microsoft.ts';
import { categorise, keepVendor, put, putIp, putNumber, putTransport, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { putRequestLine } from '../../src/parse/kit/url.ts';
import {
  BLANK,
  type Outcome,
  type ParseContext,
  type Parser,
  type RawRecord,
  rejected,
} from '../../src/parse/parser.ts';

// ---------------------------------------------------------------- line

/** A word, quoted (a backslash escapes), a list of quoted ones ("h2","http/1.1"), or bare. */
const WORD = /\s*(?:"((?:[^"\\]|\\.)*(?:","(?:[^"\\]|\\.)*)*)"|([^\s"]\S*))/y;
/** Columns that a line may have; more is no log of these. */
const WORDS_MAX = 60;

/** Up to a quote that does not close: there the line was cut. */
const wordsOf = (text: string): { readonly list: readonly string[]; readonly cut: boolean } => {
  const list: string[] = [];
  let end = 0;
  WORD.lastIndex = 0;
  for (let m = WORD.exec(text); m !== null && list.length < WORDS_MAX; m = WORD.exec(text)) {
    list.push((m[1] ?? m[2] ?? '').trim());
    end = WORD.lastIndex;
  }
  return { list, cut: text.slice(end).trim() !== '' };
};

type Row = ReadonlyMap<string, string>;

/** Columns that were added to the format later have a number; `-` is no value. */
const rowOf = (columns: readonly string[], list: readonly string[]): Row =>
  new Map(
    list
      .map((value, n): [string, string] => [columns[n] ?? `column_${n + 1}`, value])
      .filter(([, value]) => value !== '-' && value !== ''),
  );

type Read = (fields: Fields, row: Row, context: ParseContext) => Act;

interface Kind {
  readonly product: string;
  readonly begins: RegExp;
  readonly columns: readonly string[];
  /** The last column that the meaning rests on: of a line that was cut before its end nothing can be said. */
  readonly least: string;
  readonly read: Read;
}

const time = (text: string | undefined): Civil | undefined => {
  const civil = readIso(text ?? '')?.civil;
  // Network Load Balancers leave the Z out
  return civil === undefined || civil.offset !== undefined ? civil : { ...civil, offset: 0 };
};

// arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/web/0a1b2c3d4e5f6071
const ARN = /^arn:aws[a-z-]{0,12}:[a-z]{2,32}:([a-z0-9-]{5,20}):(\d{12}):/;

const putPlace = (fields: Fields, arn: string | undefined): void => {
  const m = ARN.exec(arn ?? '');
  put(fields, 'cloud.region', m?.[1]);
  put(fields, 'cloud.account.id', m?.[2]);
};

const putTls = (fields: Fields, row: Row): void => {
  put(fields, 'tls.cipher', row.get('cipher'));
  put(
    fields,
    'tls.version',
    row
      .get('protocol')
      ?.replace(/^tlsv?(?=\d)/i, '')
      .replace(/^1(?=[0-3]$)/, '1.'),
  );
  put(fields, 'tls.client.server_name', row.get('domain_name')?.toLowerCase());
};

/** Who called; the machine behind is where the address is translated to. */
const putEnds = (fields: Fields, row: Row): void => {
  putCloudIp(fields, 'source', row.get('client'));
  putCloudIp(fields, 'destination.nat', row.get('target'));
};

// ---------------------------------------------------------------- requests

const putRequest = (fields: Fields, row: Row): void => {
  const request = row.get('request');
  if (request !== undefined && !putRequestLine(fields, request)) put(fields, 'aws.elb.request', request);
  put(fields, 'user_agent.original', row.get('user_agent')?.replaceAll(/\\(["\\])/g, '$1'));
  putNumber(fields, 'http.response.status_code', row.get('elb_status_code'));
  putNumber(fields, 'http.request.bytes', row.get('received_bytes'));
  putNumber(fields, 'http.response.bytes', row.get('sent_bytes'));
  putNumber(fields, 'destination.port', fields['url.port'] as number | undefined);
};

const outcomeOf = (status: string | undefined): 'success' | 'failure' | 'unknown' =>
  status === undefined ? 'unknown' : Number(status) < 400 ? 'success' : 'failure';

const readApplication: Read = (fields, row, { clock }) => {
  putSpan(fields, clock.instant(time(row.get('request_creation_time'))), clock.instant(time(row.get('time'))));
  putRequest(fields, row);
  put(fields, 'http.request.id', row.get('trace_id'));
  put(fields, 'event.reason', row.get('error_reason') ?? row.get('classification_reason'));
  putPlace(fields, row.get('target_group_arn') ?? row.get('chosen_cert_arn'));
  const actions = row.get('actions_executed');
  put(fields, 'event.action', actions);
  // only the firewall acted: the request went nowhere
  const refused = actions === 'waf' && !row.has('target');
  categorise(fields, ['web'], refused ? ['access', 'denied'] : ['access'], outcomeOf(row.get('elb_status_code')));
  return 'http-request';
};

/** What a TCP or TLS listener passed on; nobody is known to have refused where no machine took it. */
const asConnection = (fields: Fields, row: Row, reason: string | undefined): Act => {
  putTransport(fields, 'tcp');
  putNumber(fields, 'source.bytes', row.get('received_bytes'));
  putNumber(fields, 'destination.bytes', row.get('sent_bytes'));
  if (reason === undefined) {
    categorise(fields, ['network'], ['connection', 'end', 'allowed'], 'success');
    return 'flow';
  }
  fields['event.reason'] = reason;
  categorise(fields, ['network'], ['connection', 'denied'], 'failure');
  return 'flow-denied';
};

const readClassic: Read = (fields, row) => {
  // "- - - " of a TCP listener
  if (!row.has('elb_status_code') && /^[\s-]*$/.test(row.get('request') ?? ''))
    return asConnection(fields, row, row.has('target') ? undefined : 'no instance took the connection');
  putRequest(fields, row);
  categorise(fields, ['web'], ['access'], outcomeOf(row.get('elb_status_code')));
  return 'http-request';
};

// ---------------------------------------------------------------- connections

const readNetwork: Read = (fields, row, { clock }) => {
  putSpan(fields, clock.instant(time(row.get('creation_time'))), clock.instant(time(row.get('time'))));
  putCloudIp(fields, 'destination', row.get('destination'));
  putPlace(fields, row.get('chosen_cert_arn'));
  // without a cipher the handshake was not completed
  const established = row.has('cipher');
  fields['tls.established'] = established;
  return asConnection(fields, row, established ? undefined : 'TLS handshake not completed');
};

const readConnection: Read = (fields, row) => {
  putIp(fields, 'source.ip', row.get('client_ip'));
  putNumber(fields, 'source.port', row.get('client_port'));
  putNumber(fields, 'destination.port', row.get('listener_port'));
  putTransport(fields, 'tcp');
  put(fields, 'tls.client.subject', row.get('leaf_client_cert_subject'));
  // Failed:ClientCertUntrusted
  const status = row.get('tls_verify_status');
  const failed = /^Failed/i.test(status ?? '');
  put(fields, 'event.reason', failed ? status : undefined);
  categorise(
    fields,
    ['network'],
    failed ? ['connection', 'denied'] : ['connection', 'start'],
    failed ? 'failure' : 'success',
  );
  return failed ? 'flow-denied' : 'flow-start';
};

// ---------------------------------------------------------------- kinds

const END = String.raw`(?:[\da-fA-F.:]{2,45}|\[[\da-fA-F:.]{2,45}\]):\d{1,5}`;
const STAMP = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d`;

const KINDS: readonly Kind[] = [
  {
    product: 'Application Load Balancer',
    // https 2021-11-02T08:15:30.186641Z app/web/50dc6c495c0c9188 198.51.100.23:41022 10.0.0.5:80 0.000 …
    begins: new RegExp(`^(?:https?|h2|grpcs|wss?) ${STAMP}\\.\\d{1,9}Z app/\\S{1,128} (?:${END}|\\S{1,64}) `),
    columns: words(`type time elb client target request_processing_time target_processing_time response_processing_time
      elb_status_code target_status_code received_bytes sent_bytes request user_agent cipher protocol target_group_arn
      trace_id domain_name chosen_cert_arn matched_rule_priority request_creation_time actions_executed redirect_url
      error_reason target_port_list target_status_code_list classification classification_reason conn_trace_id
      transformed_host transformed_uri request_transform_status`),
    least: 'sent_bytes',
    read: readApplication,
  },
  {
    product: 'Network Load Balancer',
    // tls 2.0 2021-11-02T08:15:30 net/mail/c6e77e28c25b2234 g3d4b5e8bb8464cd 198.51.100.23:51341 10.0.0.9:443 5 2 98 246 …
    begins: new RegExp(`^tls \\d\\.\\d ${STAMP}(?:\\.\\d{1,9})?Z? net/\\S{1,128} \\S{1,64} ${END} `),
    columns: words(`type version time elb listener client destination connection_time tls_handshake_time received_bytes
      sent_bytes incoming_tls_alert chosen_cert_arn chosen_cert_serial cipher protocol tls_named_group domain_name
      alpn_fe_protocol alpn_be_protocol alpn_client_preference_list creation_time`),
    least: 'protocol',
    read: readNetwork,
  },
  {
    product: 'Application Load Balancer',
    // 2021-11-02T08:15:30.186641Z 198.51.100.23 41022 443 TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256 4.036 "CN=…" NotBefore=… 1A2B Success TID_…
    begins: new RegExp(`^${STAMP}\\.\\d{1,9}Z [\\da-fA-F.:]{2,45} \\d{1,5} \\d{1,5} .{0,2000} TID_[\\da-f]{8,64}\\s*$`),
    columns: words(`time client_ip client_port listener_port protocol cipher tls_handshake_latency
      leaf_client_cert_subject leaf_client_cert_validity leaf_client_cert_serial_number tls_verify_status
      conn_trace_id`),
    least: 'tls_verify_status',
    read: readConnection,
  },
  {
    product: 'Classic Load Balancer',
    // 2021-11-02T08:15:30.945958Z web-elb 198.51.100.23:2817 10.0.0.5:80 0.000073 0.001048 0.000057 200 200 0 29 "GET …
    begins: new RegExp(
      `^${STAMP}\\.\\d{1,9}Z [\\w-]{1,64} ${END} (?:${END}|-) (?:-1|[\\d.]{1,20}) (?:-1|[\\d.]{1,20}) (?:-1|[\\d.]{1,20}) (?:\\d{3}|-) (?:\\d{1,3}|-) \\d{1,18} \\d{1,18} "`,
    ),
    columns: words(`time elb client target request_processing_time backend_processing_time response_processing_time
      elb_status_code backend_status_code received_bytes sent_bytes request user_agent cipher protocol`),
    least: 'sent_bytes',
    read: readClassic,
  },
];

const MAPPED = new Set(
  words(`time elb client target destination request user_agent cipher protocol domain_name elb_status_code received_bytes
    sent_bytes trace_id client_ip client_port listener_port creation_time request_creation_time`),
);

const kindOf = (text: string): Kind | undefined => KINDS.find(({ begins }) => begins.test(text));
const claims = ({ text }: RawRecord): boolean => kindOf(text) !== undefined;

const open: Parser['open'] =
  (context) =>
  (record): Outcome => {
    const text = record.text.trimEnd();
    if (text === '') return BLANK;
    const kind = kindOf(text);
    if (kind === undefined) return rejected('not-this-format', 'no line of a load balancer of AWS');
    const { list, cut } = wordsOf(text);
    // the next column has begun
    if (list.length + (cut ? 1 : 0) < kind.columns.indexOf(kind.least) + 2)
      return rejected('truncated', `cut before the end of ${kind.least}`);
    const row = rowOf(kind.columns, list);
    const stamp = time(row.get('time'));
    if (stamp === undefined) return rejected('bad-time', 'the line begins with no time');
    const fields: Fields = {
      'observer.vendor': 'Amazon',
      'observer.product': kind.product,
      'observer.type': 'proxy',
      'cloud.provider': 'aws',
    };
    context.clock.stamp(fields, stamp);
    // app/web/50dc6c495c0c9188
    const elb = row.get('elb');
    put(fields, 'observer.name', elb?.split('/')[1] ?? elb);
    putEnds(fields, row);
    putTls(fields, row);
    const act = kind.read(fields, row, context);
    if (cut) warn(fields, 'truncated');
    keepVendor(
      fields,
      'aws.elb',
      [...row].filter(([name]) => !MAPPED.has(name)),
    );
    relateAddresses(fields, text.slice(0, 8192));
    return { kind: 'event', act, fields };
  };

export default {
  id: 'aws-load-balancer',
  title: 'AWS Elastic Load Balancing (Application, Network, Classic)',
  references: [
    {
      title: 'AWS: access logs of Application Load Balancers',
      url: 'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html',
    },
    {
      title: 'AWS: connection logs of Application Load Balancers',
      url: 'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-connection-logs.html',
    },
    {
      title: 'AWS: access logs of Network Load Balancers',
      url: 'https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-access-logs.html',
    },
    {
      title: 'AWS: access logs of Classic Load Balancers',
      url: 'https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/access-log-collection.html',
    },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'stated', resolution: 'us' },
  families: [
    'access and connection logs of Application Load Balancers, TLS listeners of Network ones, HTTP and TCP listeners of Classic ones; columns added to the format later by number',
    'the machine that was asked is destination.nat; the address that clients call is not logged',
  ],
  limits: [
    'behind a content delivery network or a proxy the client is that; the forwarded address is not logged',
    'Network Load Balancers log TLS listeners only',
  ],
  recognise: recogniseBy(claims, 'are of load balancers of AWS', 0.98),
  claims,
  open,
} satisfies Parser as Parser;
