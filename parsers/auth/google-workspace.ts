import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, epochMicros } from '../../src/parse/kit/civil.ts';
import {
  type Activity,
  actOf,
  type Doing,
  isAnswerEnd,
  readActivity,
  type Values,
} from '../../src/parse/kit/google-workspace.ts';
import { addMailAddress, putMessageId } from '../../src/parse/kit/mail.ts';
import { putCloudIp, readCloudTime } from '../../src/parse/kit/microsoft.ts';
import { once } from '../../src/parse/kit/once.ts';
import { add, categorise, keepVendor, put, putNumber, putUser } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

const readRecord = once(({ text }: RawRecord): Activity | undefined => readActivity(text));

/** The time of an activity: RFC 3339, or, of Cloud Logging and BigQuery, microseconds. */
const timeOf = (text: string | undefined): Civil | number | undefined => readCloudTime(text) ?? epochMicros(text ?? '');

const first = (values: Values, ...names: readonly string[]): string | undefined =>
  names.map((name) => values.get(name)?.[0]).find((value) => value !== undefined && value !== '');

/** Second factors among the values of `login_challenge_method`; the others are the password, a redirect or a question. */
const FACTOR =
  /^(?:google_prompt|google_authenticator|security_key|passkey|backup_code|offline_otp|internal_two_factor|idv_\w+|outdated_app_version|security_key_otp|assistant_approval)$/;

const putLogin = (fields: Fields, values: Values): void => {
  const methods = values.get('login_challenge_method') ?? [];
  const method = [first(values, 'login_type'), ...methods].filter((one) => one !== undefined && one !== 'none');
  put(fields, 'einfallstor.login.method', method.join(', '));
  if (methods.some((one) => FACTOR.test(one))) fields['einfallstor.mfa'] = true;
  const reason = first(values, 'login_failure_type', 'login_challenge_status', 'failure_type');
  put(fields, 'event.reason', first(values, 'is_suspicious') === 'true' ? 'is_suspicious' : reason);
};

/** Who else it was about: the account of a warning or of an administrator's act, the one a file was shared with. */
const putTarget = (fields: Fields, values: Values): void => {
  const target = first(values, 'USER_EMAIL', 'target_user', 'target', 'user_email', 'member_id');
  putUser(fields, 'user.target', target);
  put(fields, 'group.name', first(values, 'ROLE_NAME', 'GROUP_EMAIL', 'group_email', 'group_id'));
};

/** What was changed, and to what. */
const putChange = (fields: Fields, values: Values): void => {
  const object = first(
    values,
    'app_name',
    'application_name',
    'APP_NAME',
    'OAUTH2_APP_NAME',
    'SETTING_NAME',
    'API_CLIENT_NAME',
  );
  put(fields, 'einfallstor.change.object', object ?? first(values, 'DOMAIN_NAME', 'GROUP_EMAIL', 'ROLE_NAME'));
  const told = [
    'client_id',
    'scope',
    'API_SCOPES',
    'OLD_VALUE',
    'NEW_VALUE',
    'old_value',
    'new_value',
    'visibility_change',
  ];
  const attributes = told.filter((name) => values.has(name)).map((name) => `${name}=${values.get(name)?.join(' ')}`);
  put(fields, 'einfallstor.change.attributes', attributes.join('; ').slice(0, 4000));
};

/** A file of Drive, and a message of Gmail (BigQuery's schema has the names). */
const putThing = (fields: Fields, app: string, act: Act, values: Values): void => {
  put(fields, 'file.name', app === 'drive' ? first(values, 'doc_title') : undefined);
  if (app === 'drive') put(fields, 'file.owner', first(values, 'owner'));
  const forwarded = first(values, 'email_forwarding_destination_address', 'EMAIL_MONITOR_DEST_EMAIL');
  addMailAddress(fields, 'email.to.address', forwarded);
  if (!values.has('message_info.rfc2822_message_id') && !values.has('message_info.subject')) return;
  putMessageId(fields, first(values, 'message_info.rfc2822_message_id'));
  put(fields, 'email.subject', first(values, 'message_info.subject'));
  addMailAddress(
    fields,
    'email.from.address',
    first(values, 'message_info.source.from_header_address', 'message_info.source.address'),
  );
  for (const to of (values.get('message_info.destination.address') ?? []).slice(0, 500))
    addMailAddress(fields, 'email.to.address', to);
  // who brought the message, not who read it
  if (act !== 'mail-access') putCloudIp(fields, 'source', first(values, 'message_info.connection_info.client_ip'));
  for (const name of values.get('message_info.attachment.file_name') ?? [])
    add(fields, 'email.attachments.file.name', name);
  for (const hash of values.get('message_info.attachment.sha256') ?? [])
    if (/^[0-9a-f]{64}$/i.test(hash)) add(fields, 'email.attachments.file.hash.sha256', hash.toLowerCase());
};

const putActor = (fields: Fields, activity: Activity, values: Values): void => {
  // of a warning the account is told apart; nobody acted
  putUser(fields, 'user', first(values, 'affected_email_address') ?? activity.actor);
  put(fields, 'user.id', activity.actorId);
  put(fields, 'service.name', activity.onBehalf);
  if (!putCloudIp(fields, 'source', activity.ip))
    putCloudIp(fields, 'source', first(values, 'ip_address', 'IP_ADDRESS'));
  putNumber(fields, 'source.as.number', activity.asn);
  put(fields, 'source.geo.country_iso_code', activity.country?.toUpperCase());
};

/** Of several events in one activity, the first that says something to an investigation. */
const tellingOf = (activity: Activity): { readonly doing: Doing; readonly meaning: ReturnType<typeof actOf> } => {
  const read = activity.doings.map((doing) => ({ doing, meaning: actOf(activity.app, doing) }));
  return read.find(({ meaning }) => meaning.act !== 'other') ?? (read[0] as (typeof read)[number]);
};

const claims = (record: RawRecord): boolean => readRecord(record) !== undefined;

const open: Parser['open'] =
  ({ clock }) =>
  (record) => {
    if (record.text.trim() === '') return BLANK;
    const activity = readRecord(record);
    if (activity === undefined)
      return isAnswerEnd(record.text)
        ? { kind: 'skipped', reason: 'header' }
        : rejected('not-this-format', 'no activity of Google Workspace');
    const time = timeOf(activity.time);
    if (time === undefined) return rejected('bad-time', 'the activity has no time');
    const fields: Fields = {};
    clock.stamp(fields, time);
    const { doing, meaning } = tellingOf(activity);
    const { values } = doing;
    const act: Act = meaning.act;
    putActor(fields, activity, values);
    putTarget(fields, values);
    putChange(fields, values);
    putThing(fields, activity.app, act, values);
    if (act === 'login' || act === 'mfa-challenge') putLogin(fields, values);
    if (act === 'login') fields['service.type'] = 'web';
    const started = meaning.type === 'start' && meaning.outcome === 'failure' ? 'info' : meaning.type;
    categorise(fields, [meaning.category], [started], meaning.outcome);
    put(fields, 'event.action', doing.name);
    put(fields, 'event.code', doing.type);
    put(fields, 'event.provider', activity.app);
    put(fields, 'google.workspace.id', activity.id);
    put(fields, 'organization.id', activity.customer);
    put(fields, 'cloud.provider', 'gcp');
    for (const { name } of activity.doings) add(fields, 'google.workspace.events', name);
    keepVendor(
      fields,
      'google.workspace.parameter',
      [...values].map(([name, list]): [string, string] => [name.replaceAll('.', '_'), list.join(', ').slice(0, 8000)]),
    );
    relateAddresses(fields, record.text.slice(0, 65_536));
    return { kind: 'event', act, fields };
  };

export default {
  id: 'google-workspace',
  title: 'Google Workspace audit logs (Admin SDK Reports API)',
  references: [
    {
      title: 'Google: Reports API, activities.list',
      url: 'https://developers.google.com/workspace/admin/reports/reference/rest/v1/activities/list',
    },
    {
      title: 'Google: login audit activity events (and, beside it, user accounts, token, drive, admin, gmail, takeout)',
      url: 'https://developers.google.com/workspace/admin/reports/v1/appendix/activity/login',
    },
    {
      title: 'Google: schema for Gmail logs in BigQuery',
      url: 'https://knowledge.workspace.google.com/admin/reports/schema-for-gmail-logs-in-bigquery',
    },
    {
      title: 'Google: audit logs of Workspace in Cloud Logging',
      url: 'https://cloud.google.com/logging/docs/audit/gsuite-audit-logging',
    },
  ],
  framing: 'json',
  states: { zone: 'stated', year: 'stated', resolution: 'ms' },
  families: [
    'activities of the Reports API, one a line, in a list or in an answer (items); the same in Cloud Logging',
    'sign-ins, challenges, warnings, 2-step verification, forwarding, OAuth grants, Drive, administrators, exports; any other by name',
    'rows of Gmail logs in BigQuery',
  ],
  limits: [
    'an activity of several events gives one event: the first that says something; the others are named beside it',
    'how the Reports API nests message_info of Gmail is not documented: names are taken as BigQuery has them',
  ],
  recognise: recogniseBy(claims, 'are activities of Google Workspace', 0.98),
  claims,
  open,
} satisfies Parser as Parser;
