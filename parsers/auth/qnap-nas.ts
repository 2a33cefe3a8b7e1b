import { own } from '../../src/core/own.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { putHead } from '../../src/parse/kit/head.ts';
import { type Kind, putKind } from '../../src/parse/kit/phrases.ts';
import { put, putIp, putUser } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// conn log: Users: admin, Source IP: 203.0.113.9, Computer name: ---, Connection type: HTTPS, Accessed resources: Administration, Action: Login Fail
const CONNECTION =
  /^conn log: Users: (.{0,255}?), Source IP: (\S{1,64}), Computer name: (.{0,255}?), Connection type: (.{0,64}?), Accessed resources: (.{0,4000}), Action: (.{1,64}?)\.?$/s;
// event log: Users: admin, Source IP: 203.0.113.9, Computer name: ---, Application: Users, Category: General, Content: [Users] Created user "support".
const EVENT =
  /^event log: Users: (.{0,255}?), Source IP: (\S{1,64}), Computer name: (.{0,255}?)(?:, Application: (.{0,120}?), Category: (.{0,120}?))?, Content: (.{0,8000})$/s;

const said = (text: string | undefined): string | undefined => (text === '---' || text === '' ? undefined : text);

const putWho = (
  fields: Fields,
  user: string | undefined,
  ip: string | undefined,
  computer: string | undefined,
): void => {
  putUser(fields, 'user', said(user));
  // 127.0.0.1: the system itself
  if (ip !== '127.0.0.1') putIp(fields, 'source.ip', said(ip));
  put(fields, 'source.domain', said(computer)?.toLowerCase());
};

const FILE_TYPES: Readonly<Record<string, string>> = {
  read: 'access', write: 'change', add: 'creation', 'create directory': 'creation', rename: 'change', move: 'change', copy: 'creation', delete: 'deletion',
}; // biome-ignore format: a table

const readConnection = (fields: Fields, m: readonly string[]): Act => {
  const [, user, ip, computer, type, resource, action = ''] = m as unknown as (string | undefined)[];
  putWho(fields, user, ip, computer);
  put(fields, 'event.action', action.toLowerCase().replaceAll(' ', '-'));
  put(fields, 'service.type', type?.toLowerCase());
  put(fields, 'qnap.nas.resource', said(resource));
  const web = /^https?\b/i.test(type ?? '');
  if (/^login (?:fail|ok|success)/i.test(action)) {
    putKind(fields, /fail/i.test(action) ? 'refused' : 'passed');
    return web && /^(?:administration|---)$/i.test(resource ?? '') ? 'admin-login' : 'login';
  }
  if (/^logout/i.test(action)) {
    putKind(fields, 'left');
    return 'logout';
  }
  const path = said(resource)?.replace(/^\[[^\]]{1,60}\] /, '');
  const [from, to] = (path ?? '').split(' -> ', 2);
  put(fields, 'file.path', from);
  put(fields, 'qnap.nas.new_path', to);
  fields['event.kind'] = 'event';
  fields['event.category'] = ['file'];
  fields['event.type'] = [own(FILE_TYPES, action.toLowerCase()) ?? 'info'];
  return 'share-access';
};

/** First match wins. */
const CONTENTS: readonly (readonly [RegExp, Act])[] = [
  [/\bCreated user "([^"]{1,255})"/, 'account-created'],
  [/\b(?:Deleted|Enabled|Disabled|Edited .{0,40}|Changed .{0,60}) (?:of )?user "([^"]{1,255})"/, 'account-changed'],
  [/\b(?:Created|Deleted|Edited|Added .{0,80}) (?:to )?(?:the )?user group "([^"]{1,255})"/, 'group-changed'],
  [/\bFailed to log in(?: via user account "([^"]{1,255})")?/i, 'login'],
  [/\bmalware|\bvirus|\binfected/i, 'threat'],
  [
    /\b(?:Created|Deleted|Removed|Added|Changed|Edited|Enabled|Disabled|Installed|Uninstalled|Stopped|Started|Updated)\b/,
    'config-change',
  ],
];

const ENDS: Readonly<Partial<Record<Act, Kind>>> = {
  login: 'refused',
  'config-change': 'changed',
  threat: 'stopped',
  other: 'state',
};

const readEvent = (fields: Fields, m: readonly string[]): Act => {
  const [, user, ip, computer, application, category, content = ''] = m as unknown as (string | undefined)[];
  putWho(fields, user, ip, computer);
  put(fields, 'event.provider', application);
  put(fields, 'event.code', category);
  put(
    fields,
    'event.action',
    /\] (\w{2,30} \w{2,30}(?: \w{2,30})?)/.exec(content)?.[1]?.toLowerCase().replaceAll(' ', '-'),
  );
  const [pattern, told] = CONTENTS.find(([one]) => one.test(content)) ?? [undefined, 'other' as const];
  // what nobody did is the system's own work
  const act = told === 'config-change' && said(user) === undefined ? 'other' : told;
  const name = pattern?.exec(content)?.[1];
  if (act === 'group-changed') put(fields, 'group.name', name);
  else if (act === 'login') {
    putUser(fields, 'user', name);
    putIp(fields, 'source.ip', /Source IP address: ([\da-fA-F.:]{2,45}?)\.?(?:\s|$)/.exec(content)?.[1]);
  } else if (act.startsWith('account')) putUser(fields, 'user.target', name);
  else if (act === 'config-change')
    put(fields, 'einfallstor.change.object', /"([^"]{1,255})"/.exec(content)?.[1] ?? application);
  putKind(fields, ENDS[act] ?? 'account');
  return act;
};

const claims = ({ envelope }: RawRecord): boolean => /^(?:conn|event) log: Users: /.test(envelope.message);

const open: Parser['open'] =
  ({ clock }) =>
  (record) => {
    if (record.text.trim() === '') return BLANK;
    const text = record.envelope.message.slice(0, 16_384).trimEnd();
    const [connection, event] = [CONNECTION.exec(text), EVENT.exec(text)];
    if (!claims(record)) return rejected('not-this-format', 'no line of a QNAP NAS');
    const fields: Fields = { 'observer.vendor': 'QNAP', 'observer.product': 'NAS' };
    putHead(fields, clock, record.envelope, text);
    if (connection !== null) return { kind: 'event', act: readConnection(fields, connection), fields };
    if (event !== null) return { kind: 'event', act: readEvent(fields, event), fields };
    putKind(fields, 'info');
    return { kind: 'event', act: 'other', fields, warnings: ['truncated'] };
  };

export default {
  id: 'qnap-nas',
  title: 'QNAP NAS (QTS, QuTS hero): connection and event logs',
  references: [
    {
      title: 'QNAP: system logs, sending to a syslog server',
      url: 'https://docs.qnap.com/nas-outdated/4.1/SMB/en/index.html?system_logs.htm',
    },
    { title: 'Elastic: QNAP NAS integration', url: 'https://www.elastic.co/docs/reference/integrations/qnap_nas' },
  ],
  framing: 'line',
  states: { zone: 'unstated', year: 'unstated', resolution: 's' },
  families: [
    'logins by HTTP, Samba, SSH, FTP and others, files touched, accounts, groups, settings, as qulogd sends them (QTS 4.5 and 5)',
  ],
  recognise: recogniseBy(claims, 'are lines of a QNAP NAS', 0.98),
  claims,
  open,
} satisfies Parser as Parser;
