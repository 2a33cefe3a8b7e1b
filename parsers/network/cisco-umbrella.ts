import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { readIso } from '../../src/parse/kit/civil.ts';
import { readCsv } from '../../src/parse/kit/csv.ts';
import { putQuestion, putResponse } from '../../src/parse/kit/dns.ts';
import { once } from '../../src/parse/kit/once.ts';
import { categorise, put, putIp, putNumber, putUser } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { putUrl } from '../../src/parse/kit/url.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

type Row = Readonly<Record<string, string>>;
type Feed = 'dns' | 'web';

/** Columns in their order; later versions put more behind them. */
// biome-ignore format: a table
const COLUMNS: Readonly<Record<Feed, readonly string[]>> = {
  dns: ['timestamp', 'identity', 'identities', 'internal', 'external', 'action', 'type', 'code', 'domain', 'categories', 'identityType', 'identityTypes', 'blocked', 'ruleId'],
  web: [
    'timestamp', 'identity', 'internal', 'external', 'destination', 'contentType', 'action', 'url', 'referer', 'agent', 'status', 'requestSize', 'responseSize',
    'bodySize', 'sha256', 'categories', 'av', 'puas', 'disposition', 'malware', 'score', 'identityType', 'blocked', 'identities', 'identityTypes', 'method',
    'dlp', 'certificate', 'file', 'rulesetId', 'ruleId',
  ],
};
/** Columns of the first versions. */
const LEAST: Readonly<Record<Feed, number>> = { dns: 10, web: 21 };

const START = /^"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d",/;
const ACTION = /^(?:Allowed|Blocked|Proxied|Isolated|Warned)$/i;
// 1 (A) · 28 (AAAA)
const QUERY = /^\d{1,5}(?: \(([A-Z0-9-]{1,16})\))?$/;
const ADDRESS = /^(?:[\da-fA-F.:]{2,45})?$/;

const isDns = (cells: readonly string[]): boolean =>
  ADDRESS.test(cells[3] ?? '-') &&
  ADDRESS.test(cells[4] ?? '-') &&
  ACTION.test(cells[5] ?? '') &&
  QUERY.test(cells[6] ?? '');
const isWeb = (cells: readonly string[]): boolean =>
  [2, 3, 4].every((n) => ADDRESS.test(cells[n] ?? '-')) &&
  ACTION.test(cells[6] ?? '') &&
  /^[a-z]{2,8}:\/\//i.test(cells[7] ?? '');

const read = once(({ text }: RawRecord): { feed: Feed; row: Row } | undefined => {
  if (!START.test(text)) return undefined;
  const cells = readCsv(text)?.map((cell) => cell.trim());
  if (cells === undefined) return undefined;
  const feed = isDns(cells) ? 'dns' : isWeb(cells) ? 'web' : undefined;
  if (feed === undefined || cells.length < LEAST[feed]) return undefined;
  return { feed, row: Object.fromEntries(COLUMNS[feed].map((name, n) => [name, cells[n] ?? ''])) };
});

const claims = (record: RawRecord): boolean => read(record) !== undefined;

/** `Kim Maier (kim@werft.example)`, as a directory's accounts are called. */
const ACCOUNT = /^(.{0,256}?) ?\(([^()\s]{1,256})\)$/;

/** Who asked: an account of the directory, a computer, or only a network. */
const putIdentity = (fields: Fields, identity: string, type: string): void => {
  put(fields, 'cisco.umbrella.identity', identity);
  put(fields, 'cisco.umbrella.identity_type', type);
  if (/\bUsers?$/i.test(type)) {
    const [, full, account] = ACCOUNT.exec(identity) ?? [];
    putUser(fields, 'user', account ?? identity);
    put(fields, 'user.full_name', full);
  } else if (/Computers?$|Client$|Device/i.test(type) && /^[\w.-]{1,255}$/.test(identity)) {
    put(fields, 'source.domain', identity.toLowerCase());
  }
};

/** The client's own address, translated to that of its network; without it the network's is all that is known. */
const putClient = (fields: Fields, internal: string, external: string): void => {
  if (!putIp(fields, 'source.ip', internal)) putIp(fields, 'source.ip', external);
  else if (internal !== external) putIp(fields, 'source.nat.ip', external);
};

const isRefused = (action: string): boolean => /^blocked$/i.test(action);

const readDns = (fields: Fields, row: Row): Act => {
  const refused = isRefused(row['action'] as string);
  putQuestion(fields, row['domain'], QUERY.exec(row['type'] as string)?.[1]);
  putResponse(fields, row['code']);
  if (refused) categorise(fields, ['network'], ['protocol', 'denied'], 'failure');
  return 'dns-query';
};

const readWeb = (fields: Fields, row: Row): Act => {
  const refused = isRefused(row['action'] as string);
  const status = Number(row['status']);
  putUrl(fields, row['url']);
  putIp(fields, 'destination.ip', row['destination']);
  put(fields, 'http.request.method', row['method']);
  put(fields, 'http.request.referrer', row['referer']);
  put(fields, 'http.response.mime_type', row['contentType']);
  put(fields, 'user_agent.original', row['agent']);
  putNumber(fields, 'http.response.status_code', row['status']);
  putNumber(fields, 'source.bytes', row['requestSize']);
  putNumber(fields, 'destination.bytes', row['responseSize']);
  put(fields, 'file.hash.sha256', row['sha256']?.toLowerCase());
  put(fields, 'file.name', row['file']);
  const threat = row['malware'] || row['av'];
  const failed = refused || status >= 400;
  categorise(fields, ['web', 'network'], refused ? ['access', 'denied'] : ['access'], failed ? 'failure' : 'success');
  if (threat === undefined || threat === '') return 'http-request';
  put(fields, 'threat.indicator.name', threat);
  categorise(fields, ['web', 'threat'], refused ? ['denied'] : ['indicator'], refused ? 'failure' : 'success');
  return 'threat';
};

const open: Parser['open'] =
  ({ clock }) =>
  (record) => {
    if (record.text.trim() === '') return BLANK;
    // schema versions may be exported with their columns' names
    if (/^"?timestamp"?,/i.test(record.text)) return { kind: 'skipped', reason: 'header' };
    const found = read(record);
    if (found === undefined) return rejected('not-this-format', 'no row of the DNS or web log');
    const { feed, row } = found;
    const fields: Fields = { 'observer.vendor': 'Cisco', 'observer.product': 'Umbrella', 'event.dataset': feed };
    const civil = readIso(row['timestamp'] as string)?.civil;
    clock.stamp(fields, civil === undefined ? undefined : { ...civil, offset: 0 }); // UTC, without saying so
    put(fields, 'event.action', row['action']?.toLowerCase());
    putIdentity(fields, row['identity'] as string, row['identityType'] as string);
    putClient(fields, row['internal'] as string, row['external'] as string);
    put(fields, 'rule.category', row['blocked'] || row['categories']);
    put(fields, 'rule.id', row['ruleId']);
    const act = feed === 'dns' ? readDns(fields, row) : readWeb(fields, row);
    return { kind: 'event', act, fields };
  };

export default {
  id: 'cisco-umbrella',
  title: 'Cisco Umbrella: DNS and web (proxy) logs as CSV',
  references: [
    {
      title: 'Cisco Umbrella: Web log formats',
      url: 'https://docs.umbrella.com/umbrella-user-guide/docs/web-log-formats',
    },
    {
      title: 'Cisco Umbrella: DNS log formats',
      url: 'https://docs.umbrella.com/umbrella-user-guide/docs/dns-log-formats',
    },
  ],
  framing: 'csv',
  states: { zone: 'stated', year: 'stated', resolution: 's' },
  versions: ['schema 1–11'],
  families: ['DNS questions and web requests, allowed and blocked, with who asked; malware found'],
  limits: ['firewall, IPS and audit logs, and what the dashboard exports of a search, are not read'],
  recognise: recogniseBy(claims, 'are rows of Umbrella', 0.97),
  claims,
  open,
} satisfies Parser as Parser;
