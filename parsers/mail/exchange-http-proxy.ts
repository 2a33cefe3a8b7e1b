import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { readIso } from '../../src/parse/kit/civil.ts';
import { readCsv } from '../../src/parse/kit/csv.ts';
import { categorise, keepVendor, put, putEndpoint, putIp, putNumber, putUser } from '../../src/parse/kit/put.ts';
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

/** How the columns begin in Exchange 2013 to 2019; what follows the last of these differs by build. */
const COLUMNS = (
  'DateTime,RequestId,MajorVersion,MinorVersion,BuildVersion,RevisionVersion,ClientRequestId,Protocol,UrlHost,UrlStem,ProtocolAction,' +
  'AuthenticationType,IsAuthenticated,AuthenticatedUser,Organization,AnchorMailbox,UserAgent,ClientIpAddress,ServerHostName,HttpStatus,' +
  'BackEndStatus,ErrorCode,Method,ProxyAction,TargetServer,TargetServerVersion,RoutingType,RoutingHint,BackEndCookie,ServerLocatorHost,' +
  'ServerLocatorLatency,RequestBytes,ResponseBytes'
).split(',');

type Row = ReadonlyMap<string, string>;

/** Columns with an ECS field of the same meaning; the others stay under `microsoft.exchange.*`. */
const MAPPED = new Set([
  'DateTime',
  'UrlHost',
  'UrlStem',
  'UrlQuery',
  'Method',
  'HttpStatus',
  'UserAgent',
  'RequestBytes',
  'ResponseBytes',
]);

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const rowOf = (text: string, header: readonly string[] | undefined): Row | undefined => {
  const cells = readCsv(text);
  if (cells === undefined || cells.length < 25) return undefined;
  const names = header ?? COLUMNS;
  const row = new Map<string, string>();
  for (const [n, cell] of cells.entries()) if (cell !== '') row.set(names[n] ?? `column_${n + 1}`, cell);
  const fits =
    GUID.test(row.get('RequestId') ?? '') &&
    /^\d{1,4}$/.test(row.get('MajorVersion') ?? '') &&
    (row.get('UrlStem') ?? '/').startsWith('/');
  return fits && readIso(row.get('DateTime') ?? '') !== undefined ? row : undefined;
};

const putRequest = (fields: Fields, row: Row): void => {
  const stem = row.get('UrlStem');
  const query = row.get('UrlQuery')?.replace(/^\?/, '');
  put(fields, 'url.path', stem);
  put(fields, 'url.query', query);
  put(fields, 'url.domain', row.get('UrlHost')?.toLowerCase());
  put(fields, 'url.original', stem === undefined ? undefined : query === undefined ? stem : `${stem}?${query}`);
  put(fields, 'http.request.method', row.get('Method'));
  putNumber(fields, 'http.response.status_code', row.get('HttpStatus'));
  putNumber(fields, 'http.request.body.bytes', row.get('RequestBytes'));
  putNumber(fields, 'http.response.body.bytes', row.get('ResponseBytes'));
  put(fields, 'user_agent.original', row.get('UserAgent'));
};

const eventOf = (context: ParseContext, row: Row): Outcome => {
  const fields: Fields = {};
  context.clock.stamp(fields, readIso(row.get('DateTime') ?? '')?.civil);
  putRequest(fields, row);
  putIp(fields, 'source.ip', row.get('ClientIpAddress'));
  put(fields, 'host.name', row.get('ServerHostName'));
  putEndpoint(fields, 'destination', row.get('TargetServer'));
  putUser(fields, 'user', row.get('AuthenticatedUser'));
  put(fields, 'event.reason', row.get('ErrorCode'));
  put(fields, 'event.action', row.get('ProxyAction')?.toLowerCase() ?? 'request');
  const status = Number(row.get('HttpStatus') ?? Number.NaN);
  categorise(fields, ['web'], ['access'], Number.isNaN(status) ? undefined : status < 400 ? 'success' : 'failure');
  keepVendor(
    fields,
    'microsoft.exchange',
    [...row].filter(([name]) => !MAPPED.has(name)),
  );
  relateAddresses(fields, [...row.values()].join(' ').slice(0, 16_384));
  return { kind: 'event', act: 'http-request', fields };
};

const HEADER = /^\uFEFF?(?:#Fields: *)?DateTime,RequestId,MajorVersion,/i;

const open = (context: ParseContext): ((record: RawRecord) => Outcome) => {
  let header: readonly string[] | undefined;
  return (record) => {
    const text = record.text.replace(/^\uFEFF/, '').trim();
    if (text === '') return BLANK;
    if (HEADER.test(text))
      header = text
        .replace(/^#Fields: */i, '')
        .split(',')
        .map((name) => name.trim());
    if (text.startsWith('#') || HEADER.test(text)) return { kind: 'skipped', reason: 'header' };
    const row = rowOf(text, header);
    return row === undefined ? rejected('not-this-format', 'no row of an HttpProxy log') : eventOf(context, row);
  };
};

const claims = (record: RawRecord): boolean =>
  /^\d{4}-\d\d-\d\dT/.test(record.text) && rowOf(record.text, undefined) !== undefined;

const recognise = (sample: Sample): Recognition => {
  const rows = sample.records.filter(
    (record) => record.text.trim() !== '' && !/^\uFEFF?#/.test(record.text) && !HEADER.test(record.text),
  );
  const fitting = rows.filter(claims).length;
  if (sample.records.some((record) => HEADER.test(record.text)))
    return { certainty: 0.98, reason: 'its header names the columns of HttpProxy' };
  return {
    certainty: rows.length === 0 ? 0 : (0.95 * fitting) / rows.length,
    reason: `${fitting} of ${rows.length} rows are of an HttpProxy log`,
  };
};

export default {
  id: 'exchange-http-proxy',
  title: 'Microsoft Exchange Server HttpProxy log',
  references: [
    {
      title: 'Microsoft: HAFNIUM targeting Exchange Servers, hunting in HttpProxy logs',
      url: 'https://www.microsoft.com/en-us/security/blog/2021/03/02/hafnium-targeting-exchange-servers/',
    },
    {
      title: 'Microsoft: CSS-Exchange, Test-ProxyLogon.ps1',
      url: 'https://microsoft.github.io/CSS-Exchange/Security/Test-ProxyLogon/',
    },
  ],
  framing: 'csv',
  states: { zone: 'stated', year: 'stated', resolution: 'ms' },
  families: ['requests to owa, ecp, ews, mapi, autodiscover, eas, oab, powershell and rpchttp front ends'],
  limits: ['without a header, columns behind ResponseBytes are numbered: their order differs by build'],
  recognise,
  claims,
  open,
} satisfies Parser as Parser;
