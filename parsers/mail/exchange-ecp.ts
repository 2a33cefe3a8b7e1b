import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { readIso } from '../../src/parse/kit/civil.ts';
import { categorise, keepVendor, put, putNumber, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { putUrl } from '../../src/parse/kit/url.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// 2021-03-03T04:12:38.677Z,EX01,ECP.Request,"S:TIME=4365;S:SID=…;'S:CMD=Set-OabVirtualDirectory.ExternalUrl=''…''';S:URL=/ecp/DDI/…"
const ROW = /^(\d{4}-\d\d-\d\dT[\d:.]{8,15}Z?),([^,\s]{1,255}),(ECP\.[A-Za-z.]{1,64}),"?(.*)$/s;
// ;S:URL= · ;'S:CMD=
const KEY = /(?:^|;)'?[A-Z]:([A-Za-z][\w.]{0,31})=/g;

/** Pairs of the event's data; a value that holds quotes or commas stands in single quotes, inner ones doubled. */
const pairsOf = (data: string): Map<string, string> => {
  const starts = [...data.matchAll(KEY)].slice(0, 200);
  const pairs = new Map<string, string>();
  starts.forEach((m, n) => {
    const value = data.slice(m.index + m[0].length, starts[n + 1]?.index ?? data.length);
    const quoted = m[0].includes("'");
    const text = quoted ? value.replace(/'$/, '').replaceAll("''", "'") : value;
    if (!pairs.has(m[1] as string)) pairs.set(m[1] as string, text.trim());
  });
  return pairs;
};

/** What changes the configuration; the others only read it. */
const CHANGES = /^(?:New|Set|Remove|Add|Enable|Disable|Update|Install|Import|Export|Start|Stop|Grant|Revoke)-[A-Za-z]/;
const MAPPED = new Set(['CMD', 'URL', 'EX', 'SID', 'TIME']);

const eventOf = (fields: Fields, pairs: ReadonlyMap<string, string>, name: string): Outcome => {
  const command = pairs.get('CMD') ?? '';
  const cmdlet = /^[A-Za-z]{1,32}-[A-Za-z]{1,64}/.exec(command)?.[0];
  put(fields, 'event.code', name);
  put(fields, 'event.action', cmdlet?.toLowerCase() ?? 'request');
  putUrl(fields, pairs.get('URL'));
  put(fields, 'session.id', pairs.get('SID'));
  put(fields, 'event.reason', pairs.get('EX'));
  putUser(fields, 'user', pairs.get('PSA') ?? pairs.get('USER'));
  putNumber(fields, 'event.duration', Number(pairs.get('TIME') ?? Number.NaN) * 1_000_000); // ms
  keepVendor(
    fields,
    'microsoft.exchange.ecp',
    [...pairs].filter(([key]) => !MAPPED.has(key)),
  );
  const outcome = (pairs.get('EX') ?? '') === '' ? 'success' : 'failure';
  if (cmdlet === undefined || !CHANGES.test(cmdlet)) {
    categorise(fields, ['web'], ['access'], outcome);
    return { kind: 'event', act: 'http-request', fields };
  }
  put(fields, 'einfallstor.change.object', cmdlet);
  put(fields, 'einfallstor.change.attributes', command.slice(cmdlet.length + 1).slice(0, 4096));
  categorise(fields, ['configuration'], ['change'], outcome);
  return { kind: 'event', act: 'config-change', fields };
};

const HEADER = /^\uFEFF?(?:#|TimeStamp,ServerName,EventId,EventData)/i;

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    if (HEADER.test(record.text)) return { kind: 'skipped', reason: 'header' };
    const m = ROW.exec(record.text.trim());
    if (m === null) return rejected('not-this-format', 'no row of an ECP server log');
    const fields: Fields = {};
    const time = readIso(m[1] as string)?.civil;
    if (time === undefined) warn(fields, 'time-missing');
    clock.stamp(fields, time);
    put(fields, 'host.name', m[2]);
    const data = (m[4] as string).slice(0, 65_536);
    // a row that was cut has no closing quote
    if (!data.endsWith('"')) warn(fields, 'truncated');
    relateAddresses(fields, data.replace(/\bBLD=[\d.]{1,32}/, ''));
    return eventOf(fields, pairsOf(data.replace(/"$/, '').replaceAll('""', '"')), m[3] as string);
  };

const claims = (record: RawRecord): boolean => ROW.test(record.text.slice(0, 2048));

export default {
  id: 'exchange-ecp',
  title: 'Microsoft Exchange Server ECP log',
  references: [
    {
      title: 'Microsoft: HAFNIUM targeting Exchange Servers, CVE-2021-27065 in the ECP server log',
      url: 'https://www.microsoft.com/en-us/security/blog/2021/03/02/hafnium-targeting-exchange-servers/',
    },
    {
      title: 'Microsoft: CSS-Exchange, Test-ProxyLogon.ps1',
      url: 'https://microsoft.github.io/CSS-Exchange/Security/Test-ProxyLogon/',
    },
  ],
  framing: 'line',
  states: { zone: 'stated', year: 'stated', resolution: 'ms' },
  families: ['commands and requests of the Exchange Control Panel (Logging\\ECP\\Server)'],
  limits: ['the log names no client address: the HttpProxy log of the same time does'],
  recognise: recogniseBy(claims, 'are rows of an ECP server log', 0.96),
  claims,
  open,
} satisfies Parser as Parser;
