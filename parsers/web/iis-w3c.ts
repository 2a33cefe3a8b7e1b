import { addressClass, canonicalIp } from '../../src/core/net.ts';
import { own } from '../../src/core/own.ts';
import { DAY, daysOf, SECOND } from '../../src/core/time.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { type Civil, readIso, readSlashed } from '../../src/parse/kit/civil.ts';
import { fieldMap, table, words } from '../../src/parse/kit/field-map.ts';
import { openLogins, type ReadLogin } from '../../src/parse/kit/iis-login.ts';
import { add, categorise, put, putNumber, putUser, warn } from '../../src/parse/kit/put.ts';
import { putUrl } from '../../src/parse/kit/url.ts';
import {
  BLANK,
  type Outcome,
  type Parser,
  type RawRecord,
  type Recognition,
  rejected,
  type Sample,
} from '../../src/parse/parser.ts';

// ------------------------------------------------------------------------------------------------------------- rows

type Row = ReadonlyMap<string, string>;

const ADDRESS = /^[0-9a-fA-F.:%]{2,60}$/;
/** What the columns that are told apart by their form hold; `-` stands for nothing. */
const FORMS: Readonly<Record<string, RegExp>> = {
  date: /^\d{4}-\d\d-\d\d$/,
  time: /^\d\d:\d\d:\d\d$/,
  's-ip': ADDRESS,
  'c-ip': ADDRESS,
  's-port': /^\d{1,5}$/,
  'c-port': /^\d{1,5}$/,
  'cs-method': /^[A-Za-z][\w-]{0,31}$/,
  'cs-uri-stem': /^(?:[/*]|https?:)/i,
  'cs-version': /^(?:HTTP|FTP|SMTP)\b/i,
  'sc-status': /^\d{1,3}$/,
  'sc-substatus': /^\d{1,5}$/,
  'sc-win32-status': /^\d{1,10}$/,
  'sc-bytes': /^\d{1,15}$/,
  'cs-bytes': /^\d{1,15}$/,
  'time-taken': /^\d{1,12}$/,
  's-sitename': /^[\w.-]{1,64}$/,
  'X-Forwarded-For': /^(?=[^.:]{1,5}[.:])[0-9a-fA-F.:,+[\]]{3,400}$/,
};
/** Forms that a header's rows are held against: the others vary with the site. */
const STRICT = new Set(['date', 'time', 's-port', 'sc-status', 'sc-win32-status', 'time-taken']);

/** Columns that every row without header fills. */
const NEEDED = new Set(['date', 'time', 's-ip', 'cs-method', 'cs-uri-stem', 'c-ip', 'sc-status', 'sc-win32-status']);

const fits = (name: string, cell: string): boolean => cell === '-' || (own(FORMS, name)?.test(cell) ?? true);

const rowUnder = (names: readonly string[], cells: readonly string[]): Row =>
  new Map(cells.map((cell, n): [string, string] => [names[n] ?? `column_${n + 1}`, cell]));

/** A row whose header is not in the file, when it has one of the orders IIS writes of itself. */
const guessed = (cells: readonly string[]): Row | undefined => {
  const names = LAYOUTS.find(
    (list) =>
      list.length === cells.length &&
      cells.every((cell, n) => fits(list[n] as string, cell) && (cell !== '-' || !NEEDED.has(list[n] as string))),
  );
  return names && rowUnder(names, cells);
};

const cellsOf = (text: string): string[] => text.trimEnd().split(' ');

/** `cut`: the row ends before its header does. */
const rowOf = (text: string, header: readonly string[] | undefined): { row: Row; cut: boolean } | undefined => {
  const cells = cellsOf(text);
  const declared = header !== undefined && cells.length <= header.length && cells.length > 4;
  if (declared && cells.every((cell, n) => !STRICT.has(header[n] as string) || fits(header[n] as string, cell)))
    return { row: rowUnder(header, cells), cut: cells.length < header.length };
  const row = guessed(cells);
  return row && { row, cut: false };
};

// ------------------------------------------------------------------------------------------------------------- native format

// 198.51.100.7, -, 11/20/2023, 15:44:03, W3SVC1, WEB1, 192.0.2.5, 2, 769, 143, 304, 0, GET, /, -,
const NATIVE =
  /^([0-9a-fA-F.:%]{2,60}), ([^,]{0,255}), (\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}, \d{1,2}:\d\d:\d\d), ([A-Z0-9]{3,32}), ([^,]{1,255}), ([0-9a-fA-F.:%-]{1,60}), (\d{1,12}), (\d{1,15}), (\d{1,15}), (\d{1,3}), (\d{1,10}), ([A-Za-z]{1,32}), (.{0,16384}?), ([^,]{0,16384}),?$/;

const nativeRow = (text: string): Row | undefined => {
  const m = NATIVE.exec(text.trimEnd());
  return m === null ? undefined : new Map(NATIVE_COLUMNS.map((name, n) => [name, m[n + 1] as string]));
};

// ------------------------------------------------------------------------------------------------------------- fields

/** IIS writes a plus for a blank; in an address before an at sign it is a plus. */
const blanked = (text: string): string => text.replaceAll('+', ' ');

const putForwarded = (fields: Fields, text: string): void => {
  const list = text.split(/[,+ ]{1,3}/).flatMap((part) => canonicalIp(part.replace(/^([\d.]+):\d+$/, '$1')) ?? []);
  const outside = list.filter((ip) => addressClass(ip) === 'public');
  // what stands last was added by the nearest proxy, the rest is the client's word
  const client = outside.at(-1) ?? list.at(-1);
  if (client === undefined) return;
  fields['client.ip'] = client;
  for (const ip of list.slice(0, 20)) add(fields, 'related.ip', ip);
  fields['microsoft.iis.x_forwarded_for'] = blanked(text);
};

const putColumns = fieldMap(
  'microsoft.iis',
  {
    text: `cs-method=http.request.method s-computername=host.name s-sitename=microsoft.iis.site s-siteid=microsoft.iis.site
      cs-version=microsoft.iis.protocol s-reason=event.reason x-session=session.id`,
    ip: 's-ip=destination.ip c-ip=source.ip',
    number: `s-port=destination.port c-port=source.port sc-status=http.response.status_code
      sc-substatus=microsoft.iis.sub_status sc-win32-status=microsoft.iis.win32_status
      sc-bytes=http.response.bytes cs-bytes=http.request.bytes`,
    lower: 'cs-host=url.domain cs(Host)=url.domain',
  },
  {
    'cs-username': (fields, value) => putUser(fields, 'user', value.includes('@') ? value : blanked(value)),
    'cs(User-Agent)': (fields, value) => put(fields, 'user_agent.original', blanked(value)),
    'cs(Referer)': (fields, value) => put(fields, 'http.request.referrer', value),
    'cs(Cookie)': (fields, value) => put(fields, 'microsoft.iis.cookie', blanked(value)),
    'X-Forwarded-For x-forwarded-for OriginalIP cs(X-Forwarded-For) X-FORWARDED-FOR c-X-Forwarded-For': putForwarded,
    'time-taken': (fields, value) => putNumber(fields, 'event.duration', Number(value) * 1e6),
    // read with others
    'date time cs-uri-stem cs-uri-query cs-uri': () => true,
  },
);

// /path/page.aspx → aspx
const EXTENSION = /\.([A-Za-z0-9]{1,12})$/;

// ${jndi:ldap://192.0.2.92:1389/a}   an address that the request points to
const LINKED = /\/\/(\d{1,3}(?:\.\d{1,3}){3})(?![\w.])/g;
const LINKED_MAX = 16_384;

/** The stem stands decoded in the log: a `#` or `?` in it is part of the path. */
const putTarget = (fields: Fields, row: Row): void => {
  putUrl(fields, row.get('cs-uri'));
  const [stem, query] = [row.get('cs-uri-stem') ?? '-', row.get('cs-uri-query') ?? '-'];
  for (const [, address] of [...`${stem} ${query}`.slice(0, LINKED_MAX).matchAll(LINKED)].slice(0, 50))
    add(fields, 'related.ip', canonicalIp(address as string));
  if (stem === '-') return;
  put(fields, 'url.path', stem);
  put(fields, 'url.query', query);
  put(fields, 'url.original', query === '-' || query === '' ? stem : `${stem}?${query}`);
  put(fields, 'url.extension', EXTENSION.exec(stem.slice(-64))?.[1]?.toLowerCase());
};

// /owa/auth.owa · /Microsoft-Server-ActiveSync/default.eas · /autodiscover/autodiscover.xml
const FRONT = /^\/([A-Za-z-]{2,32})(?:\/|$)/;

/** Which Exchange front end a path belongs to; what ActiveSync and Autodiscover tell of the device and its user. */
const putExchange = (fields: Fields, row: Row): void => {
  const service = FRONT_ENDS.get(FRONT.exec(row.get('cs-uri-stem') ?? '')?.[1]?.toLowerCase() ?? '');
  if (service === undefined) return;
  fields['service.name'] = service;
  for (const pair of (row.get('cs-uri-query') ?? '').slice(0, 4096).split(/[&;]/, 50)) {
    const [key, value = ''] = pair.split('=', 2) as [string, string?];
    const name = value === '' ? undefined : DEVICE.get(key.toLowerCase());
    if (name === 'device') put(fields, 'device.id', value);
    // claimed, not proven: cs-username says who was let in
    else if (name === 'user')
      add(fields, 'related.user', value.replaceAll(/%40/g, '@').replace(/^.*(?:\\|%5[Cc])/, ''));
    if (name !== undefined) put(fields, `microsoft.iis.exchange.${name}`, value);
  }
};

// PASS · [12]PASS   (old FTP service: number of the session in front)
const FTP_METHOD =
  /^(?:\[\d{1,10}\])?(?:USER|PASS|RETR|STOR|APPE|DELE|QUIT|MKD|RMD|RNFR|RNTO|LIST|NLST|CWD|PASV|EPSV|PORT|TYPE|SITE|AUTH|PBSZ|PROT|OPTS|SYST|FEAT|PWD|CDUP|closed|created|sent|ControlChannel\w+|DataChannel\w+)$/;

const isFtp = (row: Row): boolean =>
  /FTP/i.test(row.get('s-sitename') ?? '') ||
  (FTP_METHOD.test(row.get('cs-method') ?? '') &&
    row.get('cs(User-Agent)') === undefined &&
    !/^HTTP/.test(row.get('cs-version') ?? ''));

const readFtp = (fields: Fields, row: Row): Act => {
  const method = (row.get('cs-method') ?? '').replace(/^\[\d+\]/, '');
  const status = row.get('sc-status') ?? '-';
  fields['service.type'] = 'ftp';
  fields['event.action'] = method.toLowerCase();
  delete fields['http.request.method'];
  delete fields['http.response.status_code'];
  put(fields, 'microsoft.iis.ftp_status', status);
  put(fields, 'microsoft.iis.ftp_argument', row.get('cs-uri-stem'));
  const file = /^(?:RETR|STOR|APPE|DELE|created|sent)$/.test(method);
  if (method === 'PASS' && /^(?:230|530|1326)$/.test(status)) {
    if (status === '230') fields['einfallstor.login.method'] = 'password';
    categorise(
      fields,
      ['authentication'],
      [status === '230' ? 'start' : 'info'],
      status === '230' ? 'success' : 'failure',
    );
    return 'login';
  }
  if (file) put(fields, 'file.path', row.get('x-fullpath') ?? row.get('cs-uri-stem'));
  categorise(
    fields,
    [file ? 'file' : 'network'],
    [file ? 'access' : 'info'],
    Number(status) >= 400 ? 'failure' : 'success',
  );
  return 'other';
};

const readRow = (fields: Fields, row: Row, readLogin: ReadLogin): Act => {
  putColumns(fields, row);
  // behind a proxy of the house the proxy's word for the client is what counts
  const [peer, client] = [fields['source.ip'], fields['client.ip']];
  if (
    typeof peer === 'string' &&
    typeof client === 'string' &&
    INSIDE.has(addressClass(peer) ?? '') &&
    peer !== client
  ) {
    fields['microsoft.iis.proxy_ip'] = peer;
    add(fields, 'related.ip', peer);
    fields['source.ip'] = client;
    warn(fields, 'source-forwarded');
  }
  if (isFtp(row)) return readFtp(fields, row);
  putTarget(fields, row);
  put(fields, 'http.version', /^HTTP\/([\d.]{1,3})$/.exec(row.get('cs-version') ?? '')?.[1]);
  putExchange(fields, row);
  if (readLogin(fields, row)) return 'login';
  const status = Number(row.get('sc-status'));
  categorise(fields, ['web'], ['access'], status >= 100 ? (status < 400 ? 'success' : 'failure') : 'unknown');
  return 'http-request';
};

// ------------------------------------------------------------------------------------------------------------- headers

/** State of one stream: headers repeat at every start of the service, with other columns when the site was changed. */
interface Heading {
  names?: readonly string[];
  /** Day of `#Date:`, for rows that have only a time; µs. */
  day?: number | undefined;
  /** Time of day of the last such row, µs: when it falls back, a day has passed. */
  last: number;
}

// #Fields: date time s-ip cs-method · #Date: 2021-11-02 00:00:00
const readHeading = (heading: Heading, text: string): void => {
  const m = /^#(\w{1,32}): ?(.*)$/.exec(text);
  if (m?.[1] === 'Fields') heading.names = words(m[2] as string);
  if (m?.[1] !== 'Date') return;
  const civil = readIso(m[2] as string)?.civil;
  heading.day = civil?.year === undefined ? undefined : daysOf(civil.year, civil.month, civil.day) * DAY;
  heading.last = 0;
};

const timeOf = (row: Row, heading: Heading): Civil | number | undefined => {
  const [date, time = ''] = [row.get('date'), row.get('time')];
  // the format states UTC
  if (date !== undefined) return readIso(`${date} ${time}Z`)?.civil;
  const m = /^(\d\d):(\d\d):(\d\d)$/.exec(time);
  if (m === null || heading.day === undefined) return undefined;
  const inDay = ((Number(m[1]) * 60 + Number(m[2])) * 60 + Number(m[3])) * SECOND;
  if (inDay < heading.last - DAY / 2) heading.day += DAY;
  heading.last = inDay;
  return heading.day + inDay;
};

const open: Parser['open'] = ({ clock }) => {
  const heading: Heading = { last: 0 };
  const readLogin = openLogins();
  return (record): Outcome => {
    const texts = [record.text.replace(/^\uFEFF/, ''), record.envelope.message];
    const text = texts[0] as string;
    if (text.trim() === '') return BLANK;
    if (text.startsWith('#')) {
      readHeading(heading, text);
      return { kind: 'skipped', reason: 'header' };
    }
    const fields: Fields = {};
    const native = texts.map(nativeRow).find((row) => row !== undefined);
    const read = native
      ? { row: native, cut: false }
      : texts.map((t) => rowOf(t, heading.names)).find((r) => r !== undefined);
    if (read === undefined)
      return rejected('not-this-format', 'no row of an IIS log under its header or a standard one');
    const time = native
      ? readSlashed((native.get('time') as string).replace(', ', ' '), 0, 'month')?.civil
      : timeOf(read.row, heading);
    clock.stamp(fields, time ?? record.envelope.civil);
    if (time === undefined) warn(fields, 'time-missing');
    else if (typeof time === 'number') warn(fields, 'date-from-header');
    if (!/^\d/.test(text)) put(fields, 'host.name', record.envelope.host);
    if (read.cut) warn(fields, 'truncated');
    return { kind: 'event', act: readRow(fields, read.row, readLogin), fields };
  };
};

const claims = (record: RawRecord): boolean =>
  [record.text, record.envelope.message].some(
    (text) =>
      (/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d /.test(text) && guessed(cellsOf(text)) !== undefined) ||
      nativeRow(text) !== undefined,
  );

// #Software: Microsoft Internet Information Services 10.0 · #Software: Microsoft HTTP API 2.0
const SOFTWARE = /^\uFEFF?#Software: Microsoft (?:Internet Information S|HTTP (?:Server )?API)/;
// #Fields: date time s-ip cs-method cs-uri-stem …   with blanks between
const FIELDS = /^\uFEFF?#Fields: (?=.*\bc-ip\b)(?=.*\bcs-(?:method|uri-stem)\b)(?!.*\t)/;

const recognise = ({ records }: Sample): Recognition => {
  if (records.some(({ text }) => SOFTWARE.test(text))) return { certainty: 0.98, reason: 'its header names IIS' };
  // other products name themselves
  const foreign = records.some(({ text }) => /^#(?:Software|Log-type):/.test(text));
  if (!foreign && records.some(({ text }) => FIELDS.test(text)))
    return { certainty: 0.95, reason: 'its header names columns of IIS' };
  const rows = records.filter(({ text }) => text.trim() !== '' && !text.startsWith('#'));
  const fitting = rows.filter(claims).length;
  return {
    certainty: rows.length === 0 ? 0 : (0.93 * fitting) / rows.length,
    reason: `${fitting} of ${rows.length} rows fit a standard order of IIS`,
  };
};

// ------------------------------------------------------------------------------------------------------------- tables

const INSIDE = new Set(['private', 'loopback', 'shared', 'link-local']);

const NATIVE_COLUMNS = words(
  'c-ip cs-username time s-sitename s-computername s-ip time-taken cs-bytes sc-bytes sc-status sc-win32-status cs-method cs-uri-stem cs-uri-query',
);

const FRONT_ENDS = new Map(
  table(`owa=owa ecp=ecp ews=ews microsoft-server-activesync=activesync autodiscover=autodiscover powershell=powershell
    oab=oab rpc=outlook-anywhere mapi=mapi rpcwithcert=outlook-anywhere`),
);
/** Parameters of ActiveSync and Autodiscover. */
const DEVICE = new Map(table('user=user deviceid=device devicetype=device_type cmd=command email=user'));

const REQUEST = 's-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip';
const RESULT = 'sc-status sc-substatus sc-win32-status';
/** Column orders of rows without header: IIS 7 and later, with referrer (8.5 and later), IIS 6, all columns. */
const LAYOUTS: readonly (readonly string[])[] = [
  `date time ${REQUEST} cs(User-Agent) ${RESULT} time-taken`,
  `date time ${REQUEST} cs(User-Agent) cs(Referer) ${RESULT} time-taken`,
  `date time s-sitename ${REQUEST} cs(User-Agent) ${RESULT}`,
  `date time s-sitename s-computername ${REQUEST} cs-version cs(User-Agent) cs(Cookie) cs(Referer) cs-host ${RESULT} sc-bytes cs-bytes time-taken`,
  `date time ${REQUEST} cs(User-Agent) ${RESULT}`,
  `date time ${REQUEST} cs(User-Agent) cs(Referer) cs-host ${RESULT} time-taken`,
  `date time ${REQUEST} cs(User-Agent) cs(Referer) ${RESULT} sc-bytes cs-bytes time-taken`,
  `date time ${REQUEST} cs(User-Agent) cs(Referer) cs-host ${RESULT} sc-bytes cs-bytes time-taken`,
  `date time s-computername ${REQUEST} cs(User-Agent) cs(Referer) ${RESULT} time-taken`,
  `date time s-sitename s-computername ${REQUEST} cs(User-Agent) cs(Referer) ${RESULT} time-taken`,
  `date time c-ip cs-username s-sitename s-computername s-ip s-port cs-method cs-uri-stem cs-uri-query sc-status sc-win32-status sc-bytes cs-bytes time-taken cs-version cs-host cs(User-Agent) cs(Cookie) cs(Referer)`,
].flatMap((line) => [words(line), [...words(line), 'X-Forwarded-For']]);

export default {
  id: 'iis-w3c',
  title: 'Microsoft IIS: W3C extended, HTTP.sys errors, IIS format; Exchange front ends',
  references: [
    { title: 'W3C: Extended Log File Format', url: 'https://www.w3.org/TR/WD-logfile.html' },
    { title: 'Microsoft: W3C Logging', url: 'https://learn.microsoft.com/windows/win32/http/w3c-logging' },
    { title: 'Microsoft: IIS Logging', url: 'https://learn.microsoft.com/windows/win32/http/iis-logging' },
    {
      title: 'Microsoft: Error logging in HTTP APIs',
      url: 'https://learn.microsoft.com/troubleshoot/developer/webapps/aspnet/site-behavior-performance/error-logging-http-apis',
    },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'stated', resolution: 's' },
  families: [
    'requests under any #Fields line, also one that changes in the middle; without header in the orders IIS writes of itself',
    'Exchange: OWA, ECP, EWS, ActiveSync (device, user), Autodiscover, PowerShell, MAPI, Outlook Anywhere',
    'logins refused with a Windows status (401); at Outlook on the web, refused and accepted ones, with the account that was tried',
    'IIS (comma-separated) format, HTTP.sys error log, FTP service with its logins',
  ],
  limits: [
    'the IIS format writes local time in the order month, day, year of an English server',
    'a failed FTP login names no user: the name stands in the USER line before it',
    'a login to Outlook on the web is known by the request that follows: a program that follows no redirect leaves only its tries',
  ],
  recognise,
  claims,
  open,
} satisfies Parser as Parser;
