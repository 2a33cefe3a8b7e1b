import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, readIso } from '../../src/parse/kit/civil.ts';
import { putCloudIp } from '../../src/parse/kit/microsoft.ts';
import { once } from '../../src/parse/kit/once.ts';
import { categorise, keepVendor, put, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// ---------------------------------------------------------------- record

// 1 2025-11-23T15:24:04.456842+02:00 VBRSRV01 Veeam_MP - - [origin enterpriseId="31023"] [categoryId=0 instanceId=23090 JobID="…" …]
// Mar 20 14:06:09 VBRSRV01 Veeam_MP: [origin enterpriseId="31023"] [categoryId=0 instanceId=41600 …]
const ELEMENT = /\[categoryId=(\d{1,6}) instanceId=(\d{1,7})(?=[ \]])/;
const HEAD = /^(?:<\d{1,3}>)?(?:1 )?(\d{4}-\d{2}-\d{2}T\S{8,30}) (\S{1,255}) /;
const PROGRAM = /\bVeeam_(?:MP|Backup)\b/;

interface Entry {
  readonly code: string;
  readonly time: Civil | undefined;
  readonly host: string | undefined;
  readonly values: ReadonlyMap<string, string>;
  readonly cut: boolean;
}

/** Where an element may begin that a value is followed by. */
const NAME = /\s{1,4}([A-Za-z]\w{0,63})=/y;
const END = /\s{0,4}(?:\]|$)/y;

/**
 * `Name="value"` one behind the other. Quotes within a value are not escaped: it ends at a quote before the next name or the
 * bracket; one that is XML (`<ModifiedUserInfo fullName="…" loginType="0" />`) at the quote behind its last bracket.
 */
const readElements = (text: string, from: number): { readonly values: Map<string, string>; readonly cut: boolean } => {
  const values = new Map<string, string>();
  let at = from;
  for (;;) {
    NAME.lastIndex = at;
    const name = NAME.exec(text)?.[1];
    if (name === undefined) return { values, cut: text.indexOf(']', at) < 0 };
    const start = NAME.lastIndex;
    if (text[start] !== '"') {
      const stop = /[\s\]]/g;
      stop.lastIndex = start;
      const end = stop.exec(text)?.index ?? text.length;
      values.set(name, text.slice(start, end));
      at = end;
      continue;
    }
    const isXml = text[start + 1] === '<';
    let close = text.indexOf('"', start + 1);
    while (close >= 0 && !(isXml ? text[close - 1] === '>' : isFollowed(text, close + 1)))
      close = text.indexOf('"', close + 1);
    values.set(name, text.slice(start + 1, close < 0 ? text.length : close));
    if (close < 0) return { values, cut: true };
    at = close + 1;
  }
};

const isFollowed = (text: string, at: number): boolean => {
  NAME.lastIndex = at;
  END.lastIndex = at;
  return NAME.test(text) || END.test(text);
};

const readEntry = once(({ text, envelope }: RawRecord): Entry | undefined => {
  const m = ELEMENT.exec(text.slice(0, 4096));
  if (m === null || !PROGRAM.test(text.slice(0, m.index))) return undefined;
  const head = HEAD.exec(text);
  return {
    code: m[2] as string,
    time: head === null ? envelope.civil : readIso(head[1] as string)?.civil,
    host: head?.[2] ?? envelope.host,
    ...readElements(text, m.index + m[0].length),
  };
});

// ---------------------------------------------------------------- meaning

type Meaning = readonly [action: string, act: Act, category: string, type: string, outcome?: 'success' | 'failure'];

/** https://helpcenter.veeam.com/docs/vbr/events/ */
// biome-ignore format: a table
const CODES: Readonly<Record<string, Meaning>> = {
  110: ['job-started', 'other', 'process', 'start'],
  190: ['job-finished', 'other', 'process', 'end'],
  10010: ['restore-point-created', 'other', 'file', 'creation'],
  10050: ['restore-point-deleted', 'config-change', 'file', 'deletion', 'success'],
  23010: ['job-created', 'config-change', 'configuration', 'creation', 'success'],
  23050: ['job-modified', 'config-change', 'configuration', 'change', 'success'],
  23090: ['job-deleted', 'config-change', 'configuration', 'deletion', 'success'],
  23631: ['tape-vault-deleted', 'config-change', 'configuration', 'deletion', 'success'],
  28200: ['repository-deleted', 'config-change', 'configuration', 'deletion', 'success'],
  31400: ['user-or-group-deleted', 'group-changed', 'iam', 'deletion', 'success'],
  41600: ['malware-activity', 'threat', 'malware', 'indicator'],
  42401: ['four-eyes-disabled', 'config-change', 'configuration', 'change', 'success'],
  42402: ['four-eyes-requested', 'other', 'configuration', 'info'],
  42404: ['four-eyes-rejected', 'other', 'configuration', 'denied', 'failure'],
  44002: ['authorization-denied', 'admin-login', 'authentication', 'info', 'failure'],
  44003: ['authorization-granted', 'admin-login', 'authentication', 'start', 'success'],
};

/** Every other event by the words of its description; the first that fits. */
// biome-ignore format: a table
const WORDS: readonly (readonly [RegExp, ...Meaning])[] = [
  [/four-eyes authorization has been enabled/i, 'four-eyes-enabled', 'config-change', 'configuration', 'change', 'success'],
  [/requires an additional approval|has been approved by/i, 'four-eyes', 'other', 'configuration', 'info'],
  [/malware|infected|suspicious|indicators? of compromise/i, 'malware', 'threat', 'malware', 'indicator'],
  [/(?:log ?[io]n|login|authenticat\w+|authorization)\b.{0,80}\b(?:fail|denied|invalid|incorrect)/i, 'login-failed', 'admin-login', 'authentication', 'info', 'failure'],
  [/multi-factor authentication.{0,80}\bhas been\b/i, 'mfa-changed', 'config-change', 'configuration', 'change', 'success'],
  [/^(?:user or group|user|role)\b.{0,300}\bhas been (?:added|created)/i, 'user-or-group-added', 'group-changed', 'iam', 'creation', 'success'],
  [/^(?:user or group|user|role)\b.{0,300}\bhas been (?:deleted|removed)/i, 'user-or-group-deleted', 'group-changed', 'iam', 'deletion', 'success'],
  [/^(?:user or group|user|role)\b.{0,300}\bhas been (?:modified|updated|changed)/i, 'user-or-group-changed', 'group-changed', 'iam', 'change', 'success'],
  [/credential|recovery token/i, 'credentials-changed', 'account-changed', 'iam', 'change', 'success'],
  [/(?:encryption|password|key).{0,200}\bhas been (?:deleted|removed|modified|updated|changed|created|added|disabled)/i, 'encryption-changed', 'config-change', 'configuration', 'change', 'success'],
  [/^(?:(?:log|configuration) )?(?:backups?|restore points?|snapshots?)\b(?! (?:job|proxy|repository|server|copy)\b).{0,300}\bha(?:s|ve) been (?:deleted|removed)/i, 'backup-deleted', 'config-change', 'file', 'deletion', 'success'],
  [/\b(?:has|have) been (?:deleted|removed|detached|decreased)/i, 'deleted', 'config-change', 'configuration', 'deletion', 'success'],
  [/\b(?:has|have) been (?:created|added)/i, 'created', 'config-change', 'configuration', 'creation', 'success'],
  [/\b(?:has|have) been (?:modified|updated|changed|edited|enabled|disabled|increased)/i, 'changed', 'config-change', 'configuration', 'change', 'success'],
];

/** Windows' own name of the service: retention removes what is old. */
const BY_ITSELF = /^(?:NT AUTHORITY\\)?SYSTEM$|^$/i;

const userOf = (values: ReadonlyMap<string, string>): string | undefined => {
  const info = ['UserFullInfo', 'InitiatorFullInfo', 'ModifiedUserFullInfo'].map((name) => values.get(name) ?? '');
  const full = info.map((xml) => /fullName="([^"]{1,255})"/.exec(xml)?.[1]).find((name) => name !== undefined);
  return values.get('UserName') ?? full ?? values.get('FriendlyName') ?? values.get('InitiatorName');
};

/** What it was about, by the names that the events give it. */
const OBJECTS = [
  'VmName',
  'JobName',
  'RepositoryName',
  'Name',
  'ObjectName',
  'ProxyName',
  'TapeObjectName',
  'GroupName',
  'HostName',
  'Operation',
];

const SKIPPED = new Set('Description UserName VbrVersion Version'.split(' '));
const claims = (record: RawRecord): boolean => readEntry(record) !== undefined;

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    const entry = readEntry(record);
    if (entry === undefined) return rejected('not-this-format', 'no event of Veeam Backup & Replication');
    const { code, values } = entry;
    const fields: Fields = { 'observer.vendor': 'Veeam', 'observer.product': 'Backup & Replication' };
    if (entry.time === undefined) warn(fields, 'time-missing');
    clock.stamp(fields, entry.time);
    if (entry.cut) warn(fields, 'truncated');
    const description = values.get('Description') ?? '';
    const named = CODES[code] ?? WORDS.find(([pattern]) => pattern.test(description.slice(0, 2000)))?.slice(1);
    const [action, act, category, type, outcome] = (named as Meaning | undefined) ?? [
      'event',
      'other',
      'process',
      'info',
    ];
    const user = userOf(values);
    putUser(fields, 'user', user);
    put(fields, 'event.code', code);
    put(fields, 'event.action', action);
    put(fields, 'message', description);
    put(fields, 'host.name', entry.host);
    put(fields, 'observer.name', values.get('VbrHostName'));
    put(fields, 'observer.version', values.get('VbrVersion'));
    putCloudIp(fields, 'source', values.get('SourceIpAddress') ?? values.get('ClientIpAddress'));
    put(
      fields,
      'einfallstor.change.object',
      OBJECTS.map((name) => values.get(name)).find((name) => name !== undefined),
    );
    if (act === 'group-changed') putUser(fields, 'user.target', values.get('Name'));
    if (act === 'threat') put(fields, 'rule.name', values.get('ActivityType') ?? action);
    put(fields, 'event.reason', values.get('Reason'));
    categorise(fields, [category], [type], outcome);
    keepVendor(
      fields,
      'veeam.backup',
      [...values].filter(([name]) => !SKIPPED.has(name)),
    );
    relateAddresses(fields, record.text.slice(0, 16_384));
    const retention = code === '10050' && BY_ITSELF.test(user ?? '');
    return { kind: 'event', act: retention ? 'other' : act, fields };
  };

export default {
  id: 'veeam-backup',
  title: 'Veeam Backup & Replication (syslog)',
  references: [
    { title: 'Veeam: event reference', url: 'https://helpcenter.veeam.com/docs/vbr/events/' },
    { title: 'Veeam: job deleted', url: 'https://helpcenter.veeam.com/docs/vbr/events/event_23090.html' },
    {
      title: 'Veeam: four-eyes authorization disabled',
      url: 'https://helpcenter.veeam.com/docs/vbr/events/event_42401.html',
    },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 'us' },
  versions: ['12.1 to 13'],
  families: [
    'events sent by syslog: logons, jobs, restore points, repositories, users, four-eyes authorization, malware; any other by its description',
  ],
  limits: [
    'the same events in the Windows log (channel Veeam Backup) are read by the parsers of Windows events',
    'without a user a restore point counts as removed by retention',
  ],
  recognise: recogniseBy(claims, 'are events of Veeam Backup & Replication', 0.98),
  claims,
  open,
} satisfies Parser as Parser;
