import type { Act } from '../../ecs/acts.ts';
import { isObject, type Json, listAt, readObject, textAt } from './json.ts';

/** Values of an event's parameters; those of messages within under `outer.inner`. */
export type Values = ReadonlyMap<string, readonly string[]>;

/** One of the events of an activity. */
export interface Doing {
  readonly type: string;
  readonly name: string;
  readonly values: Values;
}

/** An activity, whichever of Google's services wrote it down. */
export interface Activity {
  readonly time: string | undefined;
  /** `login`, `admin`, `drive`, `token`, … */
  readonly app: string;
  readonly id: string | undefined;
  readonly customer: string | undefined;
  readonly actor: string | undefined;
  readonly actorId: string | undefined;
  /** The application that acted for the user. */
  readonly onBehalf: string | undefined;
  readonly ip: string | undefined;
  readonly asn: string | undefined;
  readonly country: string | undefined;
  readonly doings: readonly Doing[];
}

// ---------------------------------------------------------------- parameters

/** Messages within messages that are looked into, and values of one event that are kept. */
const DEEP = 4;
const VALUES_MAX = 2000;

const SINGLE = ['value', 'intValue', 'boolValue'];
const SEVERAL = ['multiValue', 'multiIntValue', 'multiStrValue', 'multiBoolValue'];

class Collected {
  readonly values = new Map<string, string[]>();
  #count = 0;

  add(name: string, value: string | undefined): void {
    if (value === undefined || this.#count >= VALUES_MAX) return;
    this.#count += 1;
    const list = this.values.get(name);
    if (list === undefined) this.values.set(name, [value]);
    else list.push(value);
  }

  /** `[{"name":…,"value":…}]`; exactly one of its members holds the value. */
  parameters(list: readonly unknown[], prefix: string, depth: number): void {
    for (const one of list) {
      const name = textAt(one, 'name');
      if (name === undefined || name.length > 128) continue;
      const full = prefix === '' ? name : `${prefix}.${name}`;
      this.add(full, textAt(one, ...SINGLE));
      for (const value of SEVERAL.flatMap((member) => listAt(one, member)))
        if (typeof value !== 'object') this.add(full, String(value));
      if (depth === 0) continue;
      for (const message of ['messageValue', 'multiMessageValue'].flatMap((member) => listAt(one, member)))
        this.parameters(listAt(message, 'parameter'), full, depth - 1);
    }
  }

  /** An object with the values under their names, as BigQuery and some collectors have it. */
  object(object: Json, prefix: string, depth: number): void {
    for (const [name, value] of Object.entries(object)) {
      const full = prefix === '' ? name : `${prefix}.${name}`;
      for (const one of Array.isArray(value) ? value : [value]) {
        if (isObject(one)) depth > 0 && this.object(one, full, depth - 1);
        else if (one !== null && typeof one !== 'object' && one !== '') this.add(full, String(one));
      }
    }
  }
}

const valuesOf = (parameters: unknown): Values => {
  const collected = new Collected();
  if (isObject(parameters)) collected.object(parameters, '', DEEP);
  else if (Array.isArray(parameters)) collected.parameters(parameters, '', DEEP);
  return collected.values;
};

// ---------------------------------------------------------------- forms

/** `{"kind":"admin#reports#activity","id":{"time":…,"applicationName":"login"},"actor":{…},"events":[…]}` */
const ofReports = (object: Json): Activity | undefined => {
  const app = textAt(object, 'id.applicationName');
  const time = textAt(object, 'id.time');
  if (app === undefined || time === undefined || !isObject(object['id'])) return undefined;
  if (textAt(object, 'kind') !== 'admin#reports#activity' && textAt(object, 'id.uniqueQualifier') === undefined)
    return undefined;
  // a collector may give each event a record of its own, or lay it open
  const listed = listAt(object, 'events', 'event').filter(isObject).slice(0, 100);
  const events = listed.length > 0 ? listed : [object];
  return {
    time,
    app,
    id: textAt(object, 'id.uniqueQualifier'),
    customer: textAt(object, 'id.customerId'),
    actor: textAt(object, 'actor.email', 'actor.key'),
    actorId: textAt(object, 'actor.profileId'),
    onBehalf: textAt(object, 'actor.applicationInfo.applicationName', 'actor.applicationInfo.oauthClientId'),
    ip: textAt(object, 'ipAddress'),
    asn: textAt(listAt(object, 'networkInfo.ipAsn').map((asn) => ({ asn }))[0], 'asn'),
    country: textAt(object, 'networkInfo.regionCode'),
    doings: events.map((event) => ({
      type: textAt(event, 'type') ?? '',
      name: textAt(event, 'name') ?? '',
      values: valuesOf(event['parameters']),
    })),
  };
};

/** Cloud Logging: `{"protoPayload":{"serviceName":"login.googleapis.com","metadata":{"@type":"…ActivityProto","event":[…]}}}` */
const ofCloudLogging = (object: Json): Activity | undefined => {
  const payload = object['protoPayload'];
  const metadata = isObject(payload) ? payload['metadata'] : undefined;
  if (!isObject(payload) || !isObject(metadata)) return undefined;
  if (!/ActivityProto$/.test(textAt(metadata, '@type') ?? '')) return undefined;
  const events = listAt(metadata, 'event').filter(isObject).slice(0, 100);
  if (events.length === 0) return undefined;
  return {
    time: textAt(metadata, 'activityId.timeUsec') ?? textAt(object, 'timestamp'),
    app: (textAt(payload, 'serviceName') ?? '').replace(/\.googleapis\.com$/, ''),
    id: textAt(metadata, 'activityId.uniqQualifier') ?? textAt(object, 'insertId'),
    customer: textAt(payload, 'resourceName'),
    actor: textAt(payload, 'authenticationInfo.principalEmail'),
    actorId: undefined,
    onBehalf: undefined,
    ip: textAt(payload, 'requestMetadata.callerIp'),
    asn: undefined,
    country: undefined,
    doings: events.map((event) => ({
      type: textAt(event, 'eventType') ?? '',
      name: textAt(event, 'eventName') ?? '',
      values: valuesOf(event['parameter']),
    })),
  };
};

/** BigQuery: `{"gmail":{"event_info":{"timestamp_usec":…,"mail_event_type":2},"message_info":{…}}}`, in old tables without `gmail`. */
const ofGmail = (object: Json): Activity | undefined => {
  const gmail = isObject(object['gmail']) ? object['gmail'] : object;
  if (!isObject(gmail['event_info']) || !isObject(gmail['message_info'])) return undefined;
  const collected = new Collected();
  collected.object({ event_info: gmail['event_info'], message_info: gmail['message_info'] }, '', DEEP);
  return {
    time: textAt(gmail, 'event_info.timestamp_usec') ?? textAt(object, 'time_usec'),
    app: 'gmail',
    id: textAt(object, 'unique_identifier'),
    customer: textAt(object, 'record_metadata.customer_id'),
    actor: textAt(object, 'email'),
    actorId: undefined,
    onBehalf: undefined,
    ip: textAt(object, 'ip_address'),
    asn: undefined,
    country: undefined,
    doings: [{ type: 'delivery_type', name: textAt(object, 'event_name') ?? 'delivery', values: collected.values }],
  };
};

/** The activity in a record, perhaps within what a collector put around it. */
export const readActivity = (text: string): Activity | undefined => {
  if (!/"(?:applicationName|protoPayload|message_info)"/.test(text)) return undefined;
  const object = readObject(text);
  for (const one of [object, object?.['json'], object?.['data'], object?.['google_workspace'], object?.['event']]) {
    if (!isObject(one)) continue;
    const found = ofReports(one) ?? ofCloudLogging(one) ?? ofGmail(one);
    if (found !== undefined) return found;
  }
  return undefined;
};

/** What an answer says behind its list: `"nextPageToken": "…"`. */
export const isAnswerEnd = (text: string): boolean =>
  text.length < 2000 && /^[\s,\]]*"(?:nextPageToken|etag|kind)"\s*:/.test(text);

// ---------------------------------------------------------------- meaning

export interface Meaning {
  readonly act: Act;
  readonly category: string;
  readonly type: string;
  readonly outcome?: 'success' | 'failure' | undefined;
}

/** `application.type.name` of an event; the first that fits. */
// biome-ignore format: a table
const MEANINGS: readonly (readonly [RegExp, Act, category: string, type: string, outcome?: 'success' | 'failure'])[] = [
  // login, saml, user accounts
  [/^(?:login|saml)\.\w+\.login_success$/, 'login', 'authentication', 'start', 'success'],
  [/^(?:login|saml)\.\w+\.login_failure$/, 'login', 'authentication', 'start', 'failure'],
  [/^login\.\w+\.logout$/, 'logout', 'session', 'end', 'success'],
  [/^login\.\w+\.risky_sensitive_action_blocked$/, 'threat', 'threat', 'indicator', 'failure'],
  [/^login\.\w+\.risky_sensitive_action_allowed$/, 'threat', 'threat', 'indicator'],
  [/^login\.\w+\.(?:suspicious_\w+|gov_attack_warning|user_signed_out_due_to_suspicious_session_cookie)$/, 'threat', 'threat', 'indicator'],
  [/^login\.\w+\.account_disabled_\w+$/, 'account-locked', 'iam', 'user', 'success'],
  [/^(?:login|user_accounts)\.\w+\.email_forwarding_out_of_domain$/, 'mail-access', 'email', 'change', 'success'],
  [/^(?:login|user_accounts)\.\w+\.(?:2sv_(?:disable|enroll)|password_edit|recovery_\w+_edit|titanium_\w+|passkey_\w+)$/, 'account-changed', 'iam', 'change', 'success'],
  // token: OAuth
  [/^token\.\w+\.(?:authorize|revoke)$/, 'config-change', 'iam', 'change', 'success'],
  [/^token\.\w+\.deny$/, 'config-change', 'iam', 'change', 'failure'],
  // what leaves whole: the data export of the organisation, Takeout of a user, Vault, Gmail by administrators
  [/^(?:admin\.CUSTOMER_TAKEOUT\.|takeout\.)/, 'share-access', 'file', 'access'],
  [/^vault\.\w+\..*(?:export|search|view|download)/i, 'mail-access', 'email', 'access'],
  [/^admin\.\w+\.(?:REQUEST_MAILBOX_DUMP|CREATE_EMAIL_MONITOR|EMAIL_LOG_SEARCH|REQUEST_ACCOUNT_INFO)$/, 'mail-access', 'email', 'access'],
  [/^admin\.\w+\.(?:DELETE_MAILBOX_DUMP|DELETE_EMAIL_MONITOR|DELETE_ACCOUNT_INFO_DUMP)$/, 'mail-access', 'email', 'deletion'],
  // administrators
  [/^admin\.USER_SETTINGS\.(?:CREATE_USER|UNDELETE_USER|BULK_UPLOAD\w*|USER_INVITE)$/, 'account-created', 'iam', 'creation', 'success'],
  [/^admin\.USER_SETTINGS\.(?:GRANT|REVOKE)_\w*ADMIN_PRIVILEGES?$/, 'group-changed', 'iam', 'change', 'success'],
  [/^admin\.(?:DELEGATED_ADMIN_SETTINGS|GROUP_SETTINGS)\./, 'group-changed', 'iam', 'change', 'success'],
  [/^admin\.USER_SETTINGS\.DELETE_USER$/, 'account-changed', 'iam', 'deletion', 'success'],
  [/^admin\.USER_SETTINGS\./, 'account-changed', 'iam', 'change', 'success'],
  [/^admin\.ALERT_CENTER\.|^admin\.\w+\.(?:DOWNLOAD_|VIEW_|ALERT_CENTER_VIEW)/, 'other', 'configuration', 'access'],
  [/^admin\./, 'config-change', 'configuration', 'change', 'success'],
  [/^groups(?:_enterprise)?\.\w+\.\w*(?:member|user|owner|manager|role|moderator|permission|setting)\w*$/, 'group-changed', 'iam', 'change', 'success'],
  [/^gcp\.\w+\.IMPORT_SSH_PUBLIC_KEY$/, 'account-changed', 'iam', 'change', 'success'],
  // drive
  [/^drive\.\w+\.(?:create|upload|copy)$/, 'share-access', 'file', 'creation', 'success'],
  [/^drive\.\w+\.(?:delete|trash)$/, 'share-access', 'file', 'deletion', 'success'],
  [/^drive\.acl_change\.|^drive\.\w+\.(?:edit|rename|move|untrash|add_lock|unlock\w*)$/, 'share-access', 'file', 'change', 'success'],
  [/^drive\./, 'share-access', 'file', 'access', 'success'],
  [/^(?:rules\.|mobile\.\w+\.(?:DEVICE_COMPROMISED_EVENT|SUSPICIOUS_ACTIVITY_EVENT))/, 'threat', 'threat', 'indicator'],
  [/^context_aware_access\.\w+\.ACCESS_DENY/, 'other', 'authentication', 'denied', 'failure'],
];

/** What the Gmail log calls `mail_event_type`. */
const gmail = (type: string | undefined): Meaning => {
  if (type === '1' || type === '2')
    return { act: 'mail-received', category: 'email', type: 'info', outcome: 'success' };
  if (type === '10' || type === '11')
    return { act: 'mail-delivery', category: 'email', type: 'info', outcome: 'success' };
  if (type === '5') return { act: 'mail-filter', category: 'email', type: 'info' };
  if (/^(?:7|15|17|31|33)$/.test(type ?? '')) return { act: 'mail-access', category: 'email', type: 'access' };
  return { act: 'other', category: 'email', type: 'info' };
};

/** `Challenge Passed.`, `Challenge Failed.`, in old records `passed`, `incorrect_answer_entered`; or neither. */
const challenge = (status: string | undefined): 'success' | 'failure' | undefined => {
  if (/pass|success/i.test(status ?? '')) return 'success';
  return /fail|incorrect/i.test(status ?? '') ? 'failure' : undefined;
};

/** A call that an application makes for a user. */
const apiCall = (values: Values): Meaning => {
  const api = values.get('api_name')?.[0] ?? values.get('product_bucket')?.[0] ?? '';
  if (/^gmail$/i.test(api)) return { act: 'mail-access', category: 'email', type: 'access' };
  if (/^drive$/i.test(api)) return { act: 'share-access', category: 'file', type: 'access' };
  return { act: 'other', category: 'api', type: 'access' };
};

/** What an event of an application means. */
export const actOf = (app: string, { type, name, values }: Doing): Meaning => {
  if (app === 'gmail') return gmail(values.get('event_info.mail_event_type')?.[0]);
  if (app === 'token' && name === 'activity') return apiCall(values);
  if (app === 'login' && /^login_(?:challenge|verification)$/.test(name)) {
    const second = name === 'login_challenge' || values.get('is_second_factor')?.[0] === 'true';
    const outcome = challenge(values.get('login_challenge_status')?.[0]);
    return { act: second ? 'mfa-challenge' : 'other', category: 'authentication', type: 'info', outcome };
  }
  const path = `${app}.${type}.${name}`;
  const found = MEANINGS.find(([pattern]) => pattern.test(path));
  if (found === undefined) return { act: 'other', category: 'web', type: 'info' };
  const [, act, category, kind, outcome] = found;
  return { act, category, type: kind, outcome };
};
