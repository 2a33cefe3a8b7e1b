import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { epochMicros } from '../../src/parse/kit/civil.ts';
import { isObject, type Json, keepJson, listAt, readObject, textAt } from '../../src/parse/kit/json.ts';
import { putCloudIp, readCloudTime } from '../../src/parse/kit/microsoft.ts';
import { once } from '../../src/parse/kit/once.ts';
import { categorise, put, putUser } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { putUrl } from '../../src/parse/kit/url.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

/** https://docs.goauthentik.io/sys-mgmt/events/event-actions */
// biome-ignore format: a table
const ACTIONS: readonly (readonly [names: string, Act, category: string, type: string, outcome?: 'success' | 'failure'])[] = [
  ['login', 'login', 'authentication', 'start', 'success'],
  ['login_failed', 'login', 'authentication', 'info', 'failure'],
  ['logout', 'logout', 'session', 'end', 'success'],
  ['user_write password_set source_linked', 'account-changed', 'iam', 'change', 'success'],
  ['suspicious_request', 'threat', 'threat', 'indicator'],
  ['impersonation_started', 'explicit-credentials', 'authentication', 'start', 'success'],
  ['impersonation_ended', 'other', 'authentication', 'end', 'success'],
  ['authorize_application', 'other', 'authentication', 'access', 'success'],
  ['secret_view', 'other', 'iam', 'access', 'success'],
  ['secret_rotate', 'config-change', 'iam', 'change', 'success'],
  ['invitation_used', 'other', 'iam', 'info', 'success'],
  ['model_created', 'config-change', 'configuration', 'creation', 'success'],
  ['model_updated', 'config-change', 'configuration', 'change', 'success'],
  ['model_deleted', 'config-change', 'configuration', 'deletion', 'success'],
  ['policy_exception property_mapping_exception system_task_exception system_exception configuration_error configuration_warning', 'other', 'process', 'error', 'failure'],
  ['flow_execution policy_execution system_task_execution email_sent update_available export_ready review_initiated review_overdue review_attested review_completed', 'other', 'process', 'info'],
];
const MEANINGS = new Map(ACTIONS.flatMap(([names, ...meaning]) => names.split(' ').map((name) => [name, meaning])));

interface Entry {
  readonly object: Json;
  /** An event, or any other line of the server's log. */
  readonly isEvent: boolean;
}

/**
 * An event as the API gives it (`pk`, `action`, `client_ip`, `created`) or as the server logs it (`logger`, `event`:
 * `Created Event`); any other line of the log has a logger of authentik's.
 */
const readEntry = once(({ text }: RawRecord): Entry | undefined => {
  if (!/"(?:client_ip|logger)"/.test(text)) return undefined;
  const object = readObject(text);
  if (object === undefined) return undefined;
  const action = textAt(object, 'action') ?? '';
  const known = MEANINGS.has(action) || action.startsWith('custom_');
  if (known && isObject(object['context']) && Object.hasOwn(object, 'client_ip')) return { object, isEvent: true };
  const logger = textAt(object, 'logger') ?? '';
  return /^authentik\b/.test(logger) &&
    textAt(object, 'event') !== undefined &&
    textAt(object, 'timestamp') !== undefined
    ? { object, isEvent: false }
    : undefined;
});

/** A change of a model: an account, a group, a device for the second factor, or a setting. */
const modelAct = (model: string, type: string): Act => {
  if (model === 'user') return type === 'creation' ? 'account-created' : 'account-changed';
  if (model === 'group' || model === 'role') return 'group-changed';
  return /device$|^token$/.test(model) ? 'account-changed' : 'config-change';
};

const putEvent = (fields: Fields, object: Json): Act => {
  const action = textAt(object, 'action') as string;
  const [known, category, type, outcome] = MEANINGS.get(action) ?? ['other' as const, 'process', 'info', undefined];
  put(fields, 'event.action', action);
  categorise(fields, [category as string], [type as string], outcome as 'success' | undefined);
  // a login that failed is nobody's: the name that was given stands apart
  const given = textAt(object, 'context.username');
  putUser(fields, 'user', action === 'login_failed' ? given : textAt(object, 'user.username'));
  const email = textAt(object, 'user.email');
  if (action !== 'login_failed' && email?.includes('@') === true) put(fields, 'user.email', email);
  if (action !== 'login_failed') put(fields, 'user.id', textAt(object, 'user.pk'));
  const other = textAt(object, 'user.on_behalf_of.username');
  putUser(fields, 'user.target', action === 'impersonation_started' ? textAt(object, 'context.username') : undefined);
  putUser(fields, 'user.effective', other);
  put(fields, 'event.reason', textAt(object, 'context.reason', 'context.message')?.slice(0, 1000));
  if (known === 'login') {
    fields['service.type'] = 'web';
    put(fields, 'einfallstor.login.method', textAt(object, 'context.auth_method'));
    if (listAt(object, 'context.auth_method_args.mfa_devices').length > 0) fields['einfallstor.mfa'] = true;
    // the password was right, the factor was not
    if (/^authentik_stages_authenticator/.test(textAt(object, 'context.stage.app') ?? '')) return 'mfa-challenge';
    return known;
  }
  const model = textAt(object, 'context.model.model_name')?.toLowerCase();
  put(
    fields,
    'einfallstor.change.object',
    textAt(object, 'context.model.name', 'context.authorized_application.name', 'context.secret.name'),
  );
  put(fields, 'einfallstor.change.attributes', textAt(object, 'context.scopes'));
  if (model === 'user') putUser(fields, 'user.target', textAt(object, 'context.model.name'));
  if (model === 'group') put(fields, 'group.name', textAt(object, 'context.model.name'));
  if (model !== undefined && action.startsWith('model_')) {
    if (modelAct(model, type as string) !== 'config-change') fields['event.category'] = ['iam'];
    return modelAct(model, type as string);
  }
  return action === 'user_write' && textAt(object, 'context.created') === 'true' ? 'account-created' : (known as Act);
};

/** A name that the identification stage does not know: the server's log tells it, no event is made. */
const putUnknownName = (fields: Fields, object: Json): Act => {
  put(fields, 'event.action', 'invalid_login');
  put(fields, 'event.reason', textAt(object, 'action'));
  categorise(fields, ['authentication'], ['info'], 'failure');
  putUser(fields, 'user', textAt(object, 'identifier'));
  fields['service.type'] = 'web';
  return 'login';
};

const MAPPED = new Set('timestamp created expires client_ip event message'.split(' '));
const claims = (record: RawRecord): boolean => readEntry(record) !== undefined;

const open: Parser['open'] =
  ({ clock }) =>
  (record) => {
    if (record.text.trim() === '') return BLANK;
    const entry = readEntry(record);
    if (entry === undefined) return rejected('not-this-format', 'no event of authentik');
    const { object, isEvent } = entry;
    const told = textAt(object, 'created', 'timestamp');
    const time = readCloudTime(told) ?? epochMicros(told ?? '');
    if (time === undefined) return rejected('bad-time', 'neither created nor timestamp is a time');
    const fields: Fields = { 'service.name': 'authentik' };
    clock.stamp(fields, time);
    // an access line has remote, an outpost's client
    putCloudIp(fields, 'source', textAt(object, 'client_ip', 'remote', 'client'));
    putUrl(fields, textAt(object, 'context.http_request.path', 'path'));
    put(fields, 'http.request.method', textAt(object, 'context.http_request.method', 'method'));
    put(fields, 'user_agent.original', textAt(object, 'context.http_request.user_agent', 'user_agent')?.slice(0, 4000));
    put(fields, 'log.level', textAt(object, 'level'));
    put(fields, 'log.logger', textAt(object, 'logger'));
    put(fields, 'message', textAt(object, 'event')?.slice(0, 4000));
    let act: Act = 'other';
    if (isEvent) act = putEvent(fields, object);
    else if (textAt(object, 'event') === 'invalid_login') act = putUnknownName(fields, object);
    else categorise(fields, ['process'], ['info']);
    keepJson(fields, 'authentik.event', object, MAPPED);
    relateAddresses(fields, record.text.slice(0, 65_536));
    return { kind: 'event', act, fields };
  };

export default {
  id: 'authentik',
  title: 'authentik',
  references: [
    { title: 'authentik: event actions', url: 'https://docs.goauthentik.io/sys-mgmt/events/event-actions' },
    { title: 'authentik: logging events', url: 'https://docs.goauthentik.io/sys-mgmt/events/logging-events' },
  ],
  framing: 'json',
  states: { zone: 'stated', year: 'stated', resolution: 'us' },
  families: ['events of all actions, of the API or in the server’s log; any other line of that log'],
  recognise: recogniseBy(claims, 'are of authentik', 0.97),
  claims,
  open,
} satisfies Parser as Parser;
