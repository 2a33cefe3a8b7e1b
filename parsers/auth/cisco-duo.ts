import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, epochMicros } from '../../src/parse/kit/civil.ts';
import { readCsv } from '../../src/parse/kit/csv.ts';
import { isObject, type Json, keepJson, parseJson, readObject, textAt } from '../../src/parse/kit/json.ts';
import { putCloudIp, readCloudTime } from '../../src/parse/kit/microsoft.ts';
import { once } from '../../src/parse/kit/once.ts';
import { categorise, put, putUser } from '../../src/parse/kit/put.ts';
import { recogniseBy, recogniseTable } from '../../src/parse/kit/recognise.ts';
import {
  BLANK,
  type Outcome,
  type ParseContext,
  type Parser,
  type RawRecord,
  rejected,
} from '../../src/parse/parser.ts';

// ---------------------------------------------------------------- record

type Kind = 'authentication' | 'administrator' | 'activity' | 'telephony' | 'trust';

/** What administrators do, by the names' first word: `user_create`, `bypass_view`, `admin_login_error`, `o2fa_user_provisioned`. */
const ADMIN_ACTION =
  /^(?:admin|user|phone|hardtoken|u2ftoken|webauthncredential|integration|group|policy|bypass|customer|ad_sync|azure_sync|directory|regen|activation|log_export|deletedintegration|feature|edition|billing|credits|o2fa|passport|trustedendpoints)_?[a-z0-9_]*$/;

const isAuthentication = (object: Json): boolean => {
  const result = textAt(object, 'result');
  if (result === undefined || !/^(?:success|failure|denied|fraud|error|allow|deny)$/i.test(result)) return false;
  // v2: {"txid":…,"event_type":"authentication","access_device":{…},"auth_device":{…},"application":{…}}
  if (textAt(object, 'txid') !== undefined && textAt(object, 'event_type', 'eventtype') !== undefined)
    return isObject(object['access_device']) || isObject(object['auth_device']) || isObject(object['application']);
  // v1: {"integration":…,"new_enrollment":false,"factor":"Duo Push","ip":…,"username":…,"timestamp":…}
  return (
    Object.hasOwn(object, 'new_enrollment') && Object.hasOwn(object, 'integration') && Object.hasOwn(object, 'factor')
  );
};

const kindOf = (object: Json): Kind | undefined => {
  if (isAuthentication(object)) return 'authentication';
  if (textAt(object, 'activity_id') !== undefined && isObject(object['action']) && isObject(object['actor']))
    return 'activity';
  if (textAt(object, 'telephony_id') !== undefined && Object.hasOwn(object, 'credits')) return 'telephony';
  if (textAt(object, 'sekey') !== undefined && textAt(object, 'surfaced_timestamp') !== undefined) return 'trust';
  const action = textAt(object, 'action') ?? '';
  return ['description', 'username', 'timestamp'].every((name) => Object.hasOwn(object, name)) &&
    (Object.hasOwn(object, 'isotimestamp') || Object.hasOwn(object, 'object')) &&
    ADMIN_ACTION.test(action)
    ? 'administrator'
    : undefined;
};

interface Found {
  readonly kind: Kind;
  readonly object: Json;
}

const readRecord = once(({ text }: RawRecord): Found | undefined => {
  if (!/"(?:txid|new_enrollment|description|activity_id|telephony_id|sekey)"/.test(text)) return undefined;
  const object = readObject(text);
  for (const one of [object, object?.['json'], object?.['data'], object?.['event']]) {
    if (!isObject(one)) continue;
    const kind = kindOf(one);
    if (kind !== undefined) return { kind, object: one };
  }
  return undefined;
});

/** What the answer says behind its list. */
const isAnswerEnd = (text: string): boolean =>
  text.length < 2000 &&
  // "metadata": {"next_offset": ["1706999", "0f0e"], "total_objects": 5}, "stat": "OK"}, perhaps line by line
  /^[\s,\]}]*"(?:(?:metadata|next_offset|total_objects|stat|response)"\s*:|[\w,:.-]{1,100}"[\s,\]}]*$)/.test(text);

/** ISO 8601, `2023-01-17 16:47:54`, or epoch seconds; v1 writes the number alone. */
const timeOf = (object: Json): Civil | number | undefined => {
  for (const name of ['isotimestamp', 'ts', 'timestamp', 'surfaced_timestamp']) {
    const text = textAt(object, name);
    const read = readCloudTime(text) ?? epochMicros(text ?? '');
    if (read !== undefined) return read;
  }
  return undefined;
};

// ---------------------------------------------------------------- authentication

/** Let in without a factor. https://duo.com/docs/adminapi#authentication-logs, `reason` */
const UNASKED =
  /^(?:allow|bypass|remembered_device$|trusted_(?:location|network)$|verification_code_correct_remembered)/;
/** Refused before a factor was asked: the account, the place or the device did not meet the policy. */
const BARRED =
  /^(?:locked_out|user_disabled|deny|denied|user_not_in_permitted_group|location_restricted|factor_restricted|platform_restricted|version_restricted|software_restricted|out_of_date|rooted_device|no_screen_lock|no_disk_encryption|touchid_disabled|touch_id_disabled|endpoint_|could_not_determine|no_web_referer_match|no_referring_hostname|invalid_referring_hostname|no_duo_certificate|invalid_management_certificate|user_provided_invalid_certificate|frequent_attempts|no_activated_duo_mobile)/;

/** `Duo Push` of v1 and of the panel is `duo_push` of v2. */
const word = (text: string | undefined): string | undefined =>
  text
    ?.trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '_');

const putAuthentication = (fields: Fields, object: Json): Act => {
  const [reason, factor] = [word(textAt(object, 'reason')), word(textAt(object, 'factor'))];
  putUser(fields, 'user', textAt(object, 'user.name', 'username', 'alias'));
  put(fields, 'user.id', textAt(object, 'user.key'));
  const email = textAt(object, 'email');
  if (email?.includes('@') === true) put(fields, 'user.email', email);
  // where the login came from; the telephone's own address is auth_device.ip
  putCloudIp(fields, 'source', textAt(object, 'access_device.ip', 'ip'));
  if (fields['source.ip'] === '0.0.0.0') delete fields['source.ip'];
  put(fields, 'source.domain', textAt(object, 'access_device.hostname')?.toLowerCase());
  put(fields, 'user_agent.name', textAt(object, 'access_device.browser'));
  put(fields, 'user_agent.version', textAt(object, 'access_device.browser_version'));
  put(fields, 'user_agent.os.name', textAt(object, 'access_device.os'));
  put(fields, 'service.name', textAt(object, 'application.name', 'integration'));
  put(fields, 'service.id', textAt(object, 'application.key'));
  put(fields, 'einfallstor.login.method', factor === 'not_available' || factor === 'n/a' ? undefined : factor);
  put(fields, 'event.reason', reason);
  const kind = word(textAt(object, 'event_type', 'eventtype')) ?? 'authentication';
  put(fields, 'event.action', kind);
  const passed = /^(?:success|allow|granted)$/i.test(textAt(object, 'result') ?? '');
  const enrolled = kind === 'enrollment' || textAt(object, 'new_enrollment') === 'true';
  if (enrolled) {
    put(fields, 'event.action', 'enrollment');
    categorise(fields, ['iam'], ['user', 'change'], passed ? 'success' : 'failure');
    return 'account-changed';
  }
  categorise(fields, ['authentication'], [passed ? 'start' : 'info'], passed ? 'success' : 'failure');
  if (passed && UNASKED.test(reason ?? '')) {
    fields['einfallstor.mfa'] = false;
    return 'login';
  }
  if (!passed && BARRED.test(reason ?? '')) return 'login';
  if (passed) fields['einfallstor.mfa'] = true;
  return 'mfa-challenge';
};

// ---------------------------------------------------------------- administrators

/** Administrator and activity logs; the first that fits. */
// biome-ignore format: a table
const ACTIONS: readonly (readonly [RegExp, Act, category: string, type: string, outcome: 'success' | 'failure'])[] = [
  [/^admin_(?:login|single_factor_login)$|^admin_login_success$/, 'admin-login', 'authentication', 'start', 'success'],
  [/^admin_login_(?:error|failed|failure)$/, 'admin-login', 'authentication', 'info', 'failure'],
  [/^admin_2fa_(?:error|failed|failure)$/, 'mfa-challenge', 'authentication', 'info', 'failure'],
  [/^(?:admin|user)_(?:adminapi_)?lockout$/, 'account-locked', 'iam', 'user', 'success'],
  [/^(?:admin|user)_create$|^user_import$/, 'account-created', 'iam', 'creation', 'success'],
  [/^(?:admin|user|phone|hardtoken|u2ftoken|webauthncredential|bypass)_(?:\w*_)?(?:delete|remove)/, 'account-changed', 'iam', 'deletion', 'success'],
  [/^bypass_view$/, 'other', 'iam', 'info', 'success'],
  [/^(?:admin|user|phone|hardtoken|u2ftoken|webauthncredential|bypass|o2fa|activation|regen)_/, 'account-changed', 'iam', 'change', 'success'],
  [/^group_/, 'group-changed', 'iam', 'change', 'success'],
  [/^(?:ad_sync|azure_sync|directory)_(?:\w+_)?(?:begin|finish|by_user_begin|by_user_finish)$|^admin_sync_/, 'other', 'iam', 'info', 'success'],
  [/^\w+_sync_failed$/, 'other', 'iam', 'info', 'failure'],
  [/^log_export/, 'other', 'configuration', 'access', 'success'],
  [/^(?:integration|policy|customer|directory|ad_sync|azure_sync|deletedintegration|feature|trustedendpoints|passport)_/, 'config-change', 'configuration', 'change', 'success'],
];

const putAction = (fields: Fields, action: string): Act => {
  put(fields, 'event.action', action);
  const found = ACTIONS.find(([pattern]) => pattern.test(action));
  const [, act, category, type, outcome] = found ?? [/$/, 'other' as const, 'iam', 'info', 'success' as const];
  categorise(fields, [category], [type], outcome);
  return act;
};

/** Whose name the object is. */
const ABOUT_USER = /^(?:user|bypass|admin_(?:create|update|delete|reset))/;

/** `description` is a JSON text, or words. */
const putAdministrator = (fields: Fields, object: Json): Act => {
  const action = textAt(object, 'action') as string;
  const text = textAt(object, 'description');
  const parsed = parseJson(text ?? '');
  const description = isObject(parsed) ? parsed : undefined;
  const act = putAction(fields, action);
  // a login names the account in the description: the other name is the person's
  const self = /^admin_(?:login|2fa|lockout|single)/.test(action);
  const email = textAt(description, 'email');
  putUser(fields, 'user', self && email !== undefined ? email : textAt(object, 'username'));
  if (self) put(fields, 'user.full_name', textAt(object, 'username'));
  const target = textAt(object, 'object');
  const about = textAt(description, 'uname', 'username') ?? (ABOUT_USER.test(action) ? target : undefined);
  putUser(fields, 'user.target', about);
  put(fields, 'einfallstor.change.object', target);
  put(fields, 'group.name', action.startsWith('group_') ? target : undefined);
  putCloudIp(fields, 'source', textAt(description, 'ip_address', 'primary_auth_ip'));
  put(fields, 'einfallstor.login.method', word(textAt(description, 'factor')));
  put(fields, 'event.reason', textAt(description, 'error', 'message'));
  put(fields, 'einfallstor.change.attributes', text?.slice(0, 4000));
  put(fields, 'host.name', textAt(description, 'hostname')?.toLowerCase());
  return act;
};

const putActivity = (fields: Fields, object: Json): Act => {
  const act = putAction(fields, textAt(object, 'action.name') ?? 'activity');
  putUser(fields, 'user', textAt(object, 'actor.name'));
  put(fields, 'user.id', textAt(object, 'actor.key'));
  const target = textAt(object, 'target.name');
  if (/^(?:user|admin)$/i.test(textAt(object, 'target.type') ?? '')) putUser(fields, 'user.target', target);
  put(fields, 'einfallstor.change.object', target);
  put(fields, 'einfallstor.change.attributes', textAt(object, 'action.details')?.slice(0, 4000));
  putCloudIp(fields, 'source', textAt(object, 'access_device.ip', 'access_device.ip.address'));
  put(fields, 'user_agent.name', textAt(object, 'access_device.browser'));
  put(fields, 'service.name', textAt(object, 'application.name'));
  if (/^fail/i.test(textAt(object, 'outcome.result') ?? '')) put(fields, 'event.outcome', 'failure');
  return act;
};

const putOther = (fields: Fields, kind: 'telephony' | 'trust', object: Json): Act => {
  put(fields, 'event.action', kind === 'trust' ? 'trust-monitor' : 'telephony');
  if (kind === 'telephony') {
    categorise(fields, ['authentication'], ['info']);
    return 'other';
  }
  const seen = object['surfaced_auth'];
  if (isObject(seen)) putAuthentication(fields, seen);
  put(fields, 'event.action', 'trust-monitor');
  put(fields, 'rule.name', textAt(object, 'explanations.type', 'type'));
  delete fields['event.outcome'];
  categorise(fields, ['threat'], ['indicator']);
  return 'threat';
};

const MAPPED = new Set('isotimestamp timestamp ts description email'.split(' '));

const eventOf = (context: ParseContext, { kind, object }: Found, text: string): Outcome => {
  const time = timeOf(object);
  if (time === undefined) return rejected('bad-time', 'no isotimestamp, timestamp or ts');
  const fields: Fields = { 'observer.vendor': 'Cisco', 'observer.product': 'Duo' };
  context.clock.stamp(fields, time);
  const act =
    kind === 'authentication'
      ? putAuthentication(fields, object)
      : kind === 'administrator'
        ? putAdministrator(fields, object)
        : kind === 'activity'
          ? putActivity(fields, object)
          : putOther(fields, kind, object);
  put(fields, 'event.provider', kind);
  keepJson(fields, 'cisco.duo', object, MAPPED);
  relateAddresses(fields, text.slice(0, 65_536));
  return { kind: 'event', act, fields };
};

// ---------------------------------------------------------------- CSV of the panel

/** Columns, without case, blanks and units, as members of v1; its documentation does not list them. */
const COLUMNS: ReadonlyMap<string, string> = new Map([
  ['timestamp', 'timestamp'],
  ['isotimestamp', 'isotimestamp'],
  ['time', 'timestamp'],
  ['date', 'timestamp'],
  ['user', 'username'],
  ['username', 'username'],
  ['integration', 'integration'],
  ['application', 'integration'],
  ['applicationname', 'integration'],
  ['factor', 'factor'],
  ['authenticationmethod', 'factor'],
  ['secondfactor', 'factor'],
  ['result', 'result'],
  ['reason', 'reason'],
  ['email', 'email'],
  ['ip', 'ip'],
  ['ipaddress', 'ip'],
  ['accessip', 'ip'],
  ['accessdeviceip', 'ip'],
  ['newenrollment', 'new_enrollment'],
  ['eventtype', 'event_type'],
]);
const columnOf = (name: string): string | undefined =>
  COLUMNS.get(
    name
      .replace(/\([^()]{0,40}\)/g, '')
      .toLowerCase()
      .replaceAll(/[^a-z]/g, ''),
  );

const headerOf = (text: string): readonly string[] | undefined => {
  if (!/factor/i.test(text) || !/timestamp|time/i.test(text) || text.length > 4000) return undefined;
  const names = (readCsv(text.replace(/^\uFEFF/, '')) ?? []).map((name) => name.trim());
  const known = new Set(names.map(columnOf));
  return ['timestamp', 'username', 'integration', 'factor', 'result'].every(
    (name) => known.has(name) || (name === 'timestamp' && known.has('isotimestamp')),
  )
    ? names
    : undefined;
};

const csvEvent = (context: ParseContext, text: string, header: readonly string[]): Outcome => {
  const cells = readCsv(text);
  if (cells === undefined || cells.length < header.length - 1) return rejected('truncated', 'fewer cells than columns');
  const object: Record<string, string> = {};
  for (const [n, cell] of cells.entries()) {
    const name = header[n] ?? `column_${n}`;
    const value = cell.trim();
    if (value !== '') object[columnOf(name) ?? name] = value;
  }
  return eventOf(context, { kind: 'authentication', object }, text);
};

// ---------------------------------------------------------------- parser

const claims = (record: RawRecord): boolean => readRecord(record) !== undefined;

const open = (context: ParseContext): ((record: RawRecord) => Outcome) => {
  let header: readonly string[] | undefined;
  return (record) => {
    const text = record.text.trim();
    if (text === '') return BLANK;
    const found = readRecord(record);
    if (found !== undefined) return eventOf(context, found, text);
    const names = headerOf(text);
    if (names !== undefined) header = names;
    if (names !== undefined || isAnswerEnd(text)) return { kind: 'skipped', reason: 'header' };
    if (header !== undefined && !text.startsWith('{')) return csvEvent(context, text, header);
    return rejected('not-this-format', 'no record of Duo');
  };
};

const recognise = recogniseTable(
  ([first]) => first !== undefined && headerOf(first.text.trim()) !== undefined,
  { certainty: 0.93, reason: 'its header has the columns of the authentication log' },
  recogniseBy(claims, 'are of Duo', 0.97),
);

export default {
  id: 'cisco-duo',
  title: 'Cisco Duo authentication, administrator and activity logs',
  references: [
    { title: 'Duo: Admin API, authentication logs', url: 'https://duo.com/docs/adminapi#authentication-logs' },
    { title: 'Duo: Admin API, administrator logs', url: 'https://duo.com/docs/adminapi#administrator-logs' },
  ],
  framing: 'json',
  states: { zone: 'stated', year: 'stated', resolution: 's' },
  versions: ['Admin API v1, v2'],
  families: [
    'authentications (factor, reason, device, application) of v1 and v2, administrators, activity, telephony, Trust Monitor: one a line, in a list or in an answer',
    'the authentication log as CSV of the panel',
  ],
  limits: [
    'the columns of the panel’s CSV are not documented: any order with a time, user, application, factor and result is read',
  ],
  recognise,
  claims,
  open,
} satisfies Parser as Parser;
