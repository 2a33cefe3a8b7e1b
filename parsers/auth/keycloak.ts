import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, epochMicros, readIso } from '../../src/parse/kit/civil.ts';
import { isObject, type Json, parseJson, readObject, textAt } from '../../src/parse/kit/json.ts';
import { readKeyValues } from '../../src/parse/kit/key-value.ts';
import { putCloudIp } from '../../src/parse/kit/microsoft.ts';
import { once } from '../../src/parse/kit/once.ts';
import { categorise, keepVendor, put, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// ---------------------------------------------------------------- record

type Values = ReadonlyMap<string, string>;

interface Entry {
  readonly time: Civil | number | undefined;
  readonly level: string | undefined;
  readonly logger: string | undefined;
  readonly thread: string | undefined;
  readonly host: string | undefined;
  readonly text: string;
  /** An event of a user (`type`) or of an administrator (`operationType`). */
  readonly values: Values | undefined;
}

// type="LOGIN_ERROR", realmId="…" (since 22) · type=LOGIN_ERROR, realmId=…, · operationType=CREATE, realmId=…
const IS_EVENT = /^(?:type="?[A-Z][A-Z0-9_]{1,60}"?|operationType="?[A-Z]{3,12}"?), realm(?:Id|Name)=/;

const eventOf = (text: string): Values | undefined => {
  if (!IS_EVENT.test(text)) return undefined;
  const values = new Map<string, string>();
  // "null" is how an absent value is written
  for (const [key, value] of readKeyValues(text, 0, ',')) if (value !== 'null' && value !== '') values.set(key, value);
  return values;
};

// 2024-03-11 08:30:45,123 WARN  [org.keycloak.events] (executor-thread-1) type="LOGIN_ERROR", …
// 14:45:56,925 WARN  [org.keycloak.events] (default task-2) type=LOGIN_ERROR, …     the console of WildFly states no day
const LINE =
  /^(?:(\d{4}-\d{2}-\d{2}[ T])?(\d{2}:\d{2}:\d{2}[,.]\d{1,9}) {1,3})(?:([\w.-]{1,255}) [\w./-]{1,255}\[\d{1,10}\] )?([A-Z]{4,7}) {1,3}\[([\w.$/-]{1,255})\] \(([^()]{0,255}(?:\([^()]{0,100}\)[^()]{0,100})?)\) (.*)$/s;

const ofLine = (record: RawRecord): Entry | undefined => {
  // Docker, systemd or a relay may have put a header in front
  for (const text of [record.text, record.envelope.message]) {
    const m = LINE.exec(text);
    if (m === null) continue;
    const [, date, clock, host, level, logger, thread, rest] = m;
    return {
      time: date === undefined ? record.envelope.civil : readIso(`${date}${clock}`)?.civil,
      level,
      logger,
      thread,
      host: host ?? record.envelope.host,
      text: rest as string,
      values: eventOf(rest as string),
    };
  }
  return undefined;
};

/** Members of the events that the Admin REST API gives, as the log names them. */
const ofApi = (object: Json): Entry | undefined => {
  const [type, operation] = [textAt(object, 'type'), textAt(object, 'operationType')];
  const isUser = type !== undefined && /^[A-Z][A-Z0-9_]+$/.test(type) && Object.hasOwn(object, 'ipAddress');
  const isAdmin = operation !== undefined && isObject(object['authDetails']) && Object.hasOwn(object, 'resourceType');
  if (!Object.hasOwn(object, 'realmId') || !(isUser || isAdmin)) return undefined;
  const values = new Map<string, string>();
  for (const part of [object, object['details'], object['authDetails']]) {
    if (!isObject(part)) continue;
    for (const [key, value] of Object.entries(part).slice(0, 200))
      if (value !== null && typeof value !== 'object' && value !== '' && !values.has(key))
        values.set(key, String(value));
  }
  return {
    time: epochMicros(textAt(object, 'time') ?? '') ?? readIso(textAt(object, 'time', '@timestamp') ?? '')?.civil,
    level: undefined,
    logger: undefined,
    thread: undefined,
    host: undefined,
    text: '',
    values,
  };
};

/** `{"timestamp":"…","loggerName":"org.keycloak.events","level":"WARN","message":"type=…","threadName":…}` of Quarkus. */
const ofJson = (object: Json): Entry | undefined => {
  const logger = textAt(object, 'loggerName', 'logger');
  const text = textAt(object, 'message') ?? '';
  if (logger === undefined || textAt(object, 'timestamp') === undefined) return undefined;
  if (!/^org\.(?:keycloak|infinispan|jgroups)\b|^io\.quarkus\b/.test(logger) && eventOf(text) === undefined)
    return undefined;
  return {
    time: readIso(textAt(object, 'timestamp') ?? '')?.civil,
    level: textAt(object, 'level'),
    logger,
    thread: textAt(object, 'threadName'),
    host: textAt(object, 'hostName'),
    text,
    values: eventOf(text),
  };
};

const readEntry = once((record: RawRecord): Entry | undefined => {
  const line = ofLine(record);
  if (line !== undefined) return line;
  if (!/"(?:realmId|loggerName)"/.test(record.text)) return undefined;
  const object = readObject(record.text);
  return object && (ofApi(object) ?? ofJson(object));
});

/** Lines behind a message: a stack trace. */
const CONTINUES =
  /^(?:\s*at [\w.$<>@/-]{1,300}\(|\s*\.{3} \d+ more|\s*Caused by: |\s*Suppressed: |[\w.$]{3,200}(?:Exception|Error)\b)/;

// ---------------------------------------------------------------- meaning

/** https://www.keycloak.org/docs-api/latest/javadocs/org/keycloak/events/EventType.html; without `_ERROR`. */
// biome-ignore format: a table
const TYPES: readonly (readonly [RegExp, Act, category: string, type: string])[] = [
  [/^(?:LOGIN|CLIENT_LOGIN)$/, 'login', 'authentication', 'start'],
  [/^LOGOUT$/, 'logout', 'session', 'end'],
  [/^(?:IMPERSONATE|TOKEN_EXCHANGE|PERMISSION_TOKEN)$/, 'explicit-credentials', 'authentication', 'start'],
  [/^USER_DISABLED_BY_(?:PERMANENT|TEMPORARY)_LOCKOUT$/, 'account-locked', 'iam', 'user'],
  [/^REGISTER$/, 'account-created', 'iam', 'creation'],
  [/^DELETE_ACCOUNT$/, 'account-changed', 'iam', 'deletion'],
  [/^(?:UPDATE_(?:TOTP|CREDENTIAL|PASSWORD|PROFILE|EMAIL)|REMOVE_(?:TOTP|CREDENTIAL|FEDERATED_IDENTITY)|RESET_PASSWORD|FEDERATED_IDENTITY_\w+|USER_SESSION_DELETED)$/, 'account-changed', 'iam', 'change'],
  [/^(?:GRANT_CONSENT|UPDATE_CONSENT|REVOKE_GRANT)$/, 'config-change', 'iam', 'change'],
  [/^CLIENT_(?:REGISTER|UPDATE|DELETE)$/, 'config-change', 'configuration', 'change'],
];

/** A code, a token or a page on the way to a login, or after it. */
const OTHER: readonly [Act, string, string] = ['other', 'authentication', 'info'];

const putUserEvent = (fields: Fields, values: Values): Act => {
  const word = values.get('type') as string;
  const error = values.get('error');
  const failed = error !== undefined || word.endsWith('_ERROR');
  const name = word.replace(/_ERROR$/, '');
  const found = TYPES.find(([pattern]) => pattern.test(name));
  const [act, category, type] = found === undefined ? OTHER : [found[1], found[2], found[3]];
  putUser(fields, 'user', values.get('username'));
  put(fields, 'user.id', values.get('userId'));
  put(fields, 'event.action', word);
  const reason = [error?.replaceAll('_', ' '), values.get('reason')].filter((text) => text !== undefined);
  put(fields, 'event.reason', reason.join(': '));
  put(fields, 'session.id', values.get('sessionId') ?? values.get('code_id'));
  put(fields, 'einfallstor.login.method', values.get('auth_method') ?? values.get('grant_type'));
  if (name.startsWith('IMPERSONATE')) putUser(fields, 'user', values.get('impersonator'));
  if (act === 'login') put(fields, 'service.type', 'web');
  if (act === 'config-change') {
    put(fields, 'einfallstor.change.object', values.get('clientId'));
    put(fields, 'einfallstor.change.attributes', values.get('scope') ?? values.get('consent'));
  }
  const outcome = failed ? 'failure' : 'success';
  categorise(fields, [category], [failed && type === 'start' ? 'info' : type], outcome);
  // the password was right: a one-time code, told by its credential, was not
  return act === 'login' && failed && values.has('selected_credential_id') ? 'mfa-challenge' : act;
};

/** `users/e7ec…/role-mappings/realm` */
const PATH_ID = /^users\/([\w-]{1,64})/;

const putAdminEvent = (fields: Fields, values: Values): Act => {
  const operation = values.get('operationType') as string;
  const [resource, path] = [values.get('resourceType') ?? '', values.get('resourcePath') ?? ''];
  put(fields, 'event.action', `${operation} ${resource}`.trim());
  put(fields, 'user.id', values.get('userId'));
  putUser(fields, 'user', values.get('username'));
  put(fields, 'user.target.id', PATH_ID.exec(path)?.[1]);
  const shown = parseJson(values.get('representation')?.replaceAll('\\"', '"') ?? '');
  putUser(fields, 'user.target', textAt(shown, 'username'));
  put(fields, 'group.name', textAt(Array.isArray(shown) ? shown[0] : shown, 'name'));
  put(fields, 'einfallstor.change.object', path);
  put(fields, 'einfallstor.change.attributes', values.get('representation')?.slice(0, 4000));
  const error = values.get('error');
  put(fields, 'event.reason', error?.replaceAll('_', ' '));
  const outcome = error === undefined ? 'success' : 'failure';
  const type = operation === 'CREATE' ? 'creation' : operation === 'DELETE' ? 'deletion' : 'change';
  const isUser = resource === 'USER';
  categorise(fields, [isUser || /ROLE|GROUP/.test(resource) ? 'iam' : 'configuration'], [type], outcome);
  if (isUser && path.endsWith('/impersonation')) return 'explicit-credentials';
  if (isUser && operation === 'CREATE') return 'account-created';
  if (isUser || resource === 'USER_LOGIN_FAILURE' || resource === 'USER_PROFILE') return 'account-changed';
  return /ROLE|GROUP/.test(resource) ? 'group-changed' : 'config-change';
};

const SKIPPED = new Set('type operationType username userId ipAddress error representation time'.split(' '));

const claims = (record: RawRecord): boolean => {
  const entry = readEntry(record);
  return entry !== undefined && (entry.values !== undefined || /^org\.keycloak\b/.test(entry.logger ?? ''));
};

const open: Parser['open'] = ({ clock }) => {
  let before = false;
  return (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    const entry = readEntry(record);
    if (entry === undefined) {
      if (before && CONTINUES.test(record.text)) return { kind: 'joined' };
      return rejected('not-this-format', 'no line or event of Keycloak');
    }
    before = true;
    const fields: Fields = { 'service.name': 'Keycloak' };
    if (entry.time === undefined) warn(fields, 'time-missing');
    clock.stamp(fields, entry.time);
    put(fields, 'log.level', entry.level?.toLowerCase());
    put(fields, 'log.logger', entry.logger);
    put(fields, 'host.name', entry.host);
    put(fields, 'message', entry.text.slice(0, 32_000));
    relateAddresses(fields, record.text.slice(0, 8192));
    const { values } = entry;
    if (values === undefined) {
      categorise(fields, ['process'], ['info']);
      return { kind: 'event', act: /started in|stopped in/.test(entry.text) ? 'source-state' : 'other', fields };
    }
    putCloudIp(fields, 'source', values.get('ipAddress'));
    put(fields, 'service.id', values.get('clientId'));
    put(fields, 'organization.name', values.get('realmName') ?? values.get('realmId'));
    put(fields, 'url.original', values.get('redirect_uri'));
    const act = values.has('operationType') ? putAdminEvent(fields, values) : putUserEvent(fields, values);
    keepVendor(
      fields,
      'keycloak.event',
      [...values].filter(([name]) => !SKIPPED.has(name)),
    );
    return { kind: 'event', act, fields };
  };
};

export default {
  id: 'keycloak',
  title: 'Keycloak, Red Hat SSO',
  references: [
    {
      title: 'Keycloak: server administration, auditing events',
      url: 'https://www.keycloak.org/docs/latest/server_admin/#configuring-auditing-to-track-events',
    },
    {
      title: 'Keycloak: event types',
      url: 'https://www.keycloak.org/docs-api/latest/javadocs/org/keycloak/events/EventType.html',
    },
    { title: 'Keycloak: logging', url: 'https://www.keycloak.org/server/logging' },
  ],
  framing: 'json',
  states: { zone: 'varies', year: 'stated', resolution: 'ms' },
  versions: ['WildFly (to 16)', 'Quarkus (17 to 26)'],
  families: [
    'events of users and of administrators, as text of WildFly or Quarkus, as JSON of Quarkus, as answers of the Admin REST API; any other line with its logger',
  ],
  limits: [
    'a console of WildFly states no day: the event says so (time-missing)',
    'an administrator is told by id, unless the event has a name',
  ],
  recognise: recogniseBy(claims, 'are of Keycloak', 0.97),
  claims,
  open,
} satisfies Parser as Parser;
