import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { readIso } from '../../src/parse/kit/civil.ts';
import { readCells } from '../../src/parse/kit/csv.ts';
import { words } from '../../src/parse/kit/field-map.ts';
import { type Kind, putKind } from '../../src/parse/kit/phrases.ts';
import { keepVendor, put, putIp, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// 2021-10-31 23:14:07,116, am01.example.org, audit.runtime.com.rsa.ims.authn.impl.AuthenticationBrokerImpl, INFO, 9b03…,a2bc…,192.0.2.7,10.0.0.5,AUTHN_LOGIN_EVENT,13002,SUCCESS,…
const SYSLOG =
  /(?:(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3})|(?:^|[ >])\d\d:\d\d:\d\d,\d{3}), ?([\w.:-]{0,255}), ?((?:audit\.(?:runtime|admin)|system)\.com\.rsa\.[\w.$]{1,200}), ?([A-Z]{2,8}), ?/;
// the server's own files lack name, logger and level: 2021-10-31 23:14:07,116, 9b03…,a2bc…,192.0.2.7,10.0.0.5,AUTHN_LOGIN_EVENT,13002,SUCCESS,…
const FILE =
  /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}), ?(?=[\da-f]{32},[\da-f]{32},[\da-fA-F.:]{0,45},[\da-fA-F.:]{0,45},[A-Z][A-Z_]{3,60},\d{1,6},)/;

interface Line {
  readonly time: string | undefined;
  readonly host: string | undefined;
  readonly logger: string;
  readonly level: string | undefined;
  readonly cells: readonly string[];
  readonly cut: boolean;
}

const read = (raw: string): Line | undefined => {
  const m = SYSLOG.exec(raw.slice(0, 1024)) ?? FILE.exec(raw);
  if (m === null) return undefined;
  return {
    time: m[1],
    host: m[2],
    logger: m[3] ?? 'audit',
    level: m[4],
    ...readCells(raw.slice(m.index + m[0].length)),
  };
};

/** Columns all three logs begin with, and those of the kinds behind them (RSA Authentication Manager, log message layouts). */
const HEAD = words(
  'event_id server_node client_ip server_ip action action_id result reason session_id identity_source realm security_domain user first_name last_name',
);
const RUNTIME = words(
  'agent_id agent_security_domain agent_ip agent_name agent_type method_id method policy_id policy',
);
const ADMIN = words('object_type object_id object_identity_source object_security_domain object_name');
const SYSTEM = words(
  'event_id server_node client_ip server_ip action action_id result reason session_id user_id identity_source security_domain user first_name last_name object_name object_instance object_value',
);

const valuesOf = ({ logger, cells }: Line): Map<string, string> => {
  const names = logger.startsWith('system')
    ? SYSTEM
    : [...HEAD, ...(logger.startsWith('audit.admin') ? ADMIN : RUNTIME)];
  const out = new Map<string, string>();
  cells.forEach((cell, n) => {
    const value = cell.trim();
    if (value !== '' && value !== 'N/A') out.set(names[n] ?? `column_${n + 1}`, value);
  });
  // one that has no agent keeps the method further to the right
  const agent = out.get('agent_id');
  if (agent !== undefined && /^[A-Z][A-Za-z_]+$/.test(agent)) out.set('method', agent);
  return out;
};

type Meaning = readonly [act: Act, kind: Kind];

/** ASSIGN_TOKEN, CREATE_PRINCIPAL, UPDATE_GROUP_MEMBERSHIP, DELETE_AGENT: what is done, and to what. */
const administration = (action: string): Meaning => {
  if (/^(?:READ|LOOKUP|VIEW|SEARCH|GET|LIST|CONF_READ|EXPORT|RUN|DOWNLOAD)/.test(action)) return ['other', 'info'];
  if (/LOCKOUT|LOCKED/.test(action)) return ['account-locked', 'account'];
  if (/GROUP/.test(action)) return ['group-changed', 'account'];
  if (/PRINCIPAL|USER|TOKEN|PIN\b|PASSWORD|AUTHENTICATOR|EMERGENCY|ODA|RBA/.test(action))
    return [
      /^(?:CREATE|ADD|IMPORT)_(?:\w{1,20}_)?(?:PRINCIPAL|USER)/.test(action) ? 'account-created' : 'account-changed',
      'account',
    ];
  return ['config-change', 'changed'];
};

const meaningOf = (logger: string, action: string, good: boolean): Meaning => {
  if (action === '') return ['other', 'info']; // cut off
  if (/LOGOUT/.test(action)) return ['logout', 'left'];
  if (/^(?:OC_ADMIN_LOGIN|ADMIN_LOGIN)/.test(action)) return ['admin-login', good ? 'passed' : 'refused'];
  if (/LOGIN_EVENT|AUTHENTICATE/.test(action)) return ['login', good ? 'passed' : 'refused'];
  if (/LOCKOUT/.test(action)) return ['account-locked', 'account'];
  if (/NEW_?PIN|PIN_CHANGE|PASSWORD_CHANGE/.test(action)) return ['account-changed', 'account'];
  if (logger.startsWith('audit.admin')) return administration(action);
  if (/^CONF_|CONFIG|UPDATED$/.test(action) && !/READ/.test(action)) return ['config-change', 'changed'];
  return /START|STOP|SHUTDOWN|REPLICA|BACKUP/.test(action) ? ['source-state', 'state'] : ['other', 'info'];
};

const putValues = (fields: Fields, values: ReadonlyMap<string, string>): void => {
  const of = (name: string): string | undefined => values.get(name);
  put(fields, 'event.action', of('action')?.toLowerCase());
  put(fields, 'event.code', of('action_id'));
  put(fields, 'message', [of('action'), of('result'), of('reason')].filter((part) => part !== undefined).join(' '));
  putUser(fields, 'user', of('user'));
  put(fields, 'user.full_name', [of('first_name'), of('last_name')].filter((part) => part !== undefined).join(' '));
  putIp(fields, 'source.ip', of('client_ip'));
  putIp(fields, 'destination.ip', of('server_ip'));
  put(fields, 'session.id', of('session_id'));
  // the host whose agent asked: the VPN gateway, the server
  put(fields, 'einfallstor.target.host', of('agent_name') ?? of('agent_ip'));
  put(fields, 'einfallstor.login.method', of('method')?.toLowerCase());
  if (/securid|token|ondemand|oda\b/i.test(of('method') ?? '')) fields['einfallstor.mfa'] = true;
  keepVendor(fields, 'rsa.securid', values);
};

const open: Parser['open'] = (context) => (record) => {
  const raw = record.text.trim();
  if (raw === '') return BLANK;
  const line = read(raw);
  if (line === undefined) return rejected('not-this-format', 'no line of Authentication Manager');
  const fields: Fields = { 'observer.vendor': 'RSA', 'observer.product': 'Authentication Manager' };
  const time = readIso(line.time ?? '')?.civil ?? record.envelope.civil;
  if (time === undefined) warn(fields, 'time-missing');
  context.clock.stamp(fields, time);
  put(fields, 'observer.name', line.host || record.envelope.host);
  put(fields, 'log.level', line.level?.toLowerCase());
  put(fields, 'log.logger', line.logger === 'audit' ? undefined : line.logger);
  const values = valuesOf(line);
  putValues(fields, values);
  const good = values.get('result') === 'SUCCESS';
  const [act, kind] = meaningOf(line.logger, values.get('action') ?? '', good);
  putKind(fields, kind);
  if (values.has('result')) fields['event.outcome'] = good ? 'success' : 'failure';
  if (!good) put(fields, 'event.reason', values.get('reason'));
  if (act === 'login') fields['service.type'] = 'securid';
  const name = values.get('object_name');
  if (act === 'config-change') put(fields, 'einfallstor.change.object', name ?? values.get('object_type'));
  else if (/^account-|^group-/.test(act))
    put(fields, act === 'group-changed' ? 'group.name' : 'user.target.name', name);
  if (line.cut) warn(fields, 'truncated');
  relateAddresses(fields, raw.slice(0, 8192));
  return { kind: 'event', act, fields };
};

const claims = (record: RawRecord): boolean => SYSLOG.test(record.text.slice(0, 1024)) || FILE.test(record.text);

export default {
  id: 'rsa-securid',
  title: 'RSA Authentication Manager (SecurID)',
  references: [
    {
      title: 'RSA Authentication Manager: troubleshooting, log messages',
      url: 'https://community.rsa.com/s/article/RSA-Authentication-Manager-8-7-Administrators-Guide',
    },
  ],
  framing: 'line',
  states: { zone: 'unstated', year: 'varies', resolution: 'ms' },
  families: ['runtime, administration and system log, by syslog or as the server keeps them'],
  limits: [
    'The client address of an agent’s request is that of the agent; the user’s own stands in the log of the gateway.',
    'Columns behind the documented ones are kept by number.',
    'SecurID Access (cloud, identity router) is not read.',
  ],
  appliance: true,
  recognise: recogniseBy(claims, 'are lines of Authentication Manager'),
  claims,
  open,
} satisfies Parser as Parser;
