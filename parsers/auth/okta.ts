import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { isObject, type Json, keepJson, listAt, readObject, textAt } from '../../src/parse/kit/json.ts';
import { cloudOutcome, putCloudIp, readCloudTime } from '../../src/parse/kit/microsoft.ts';
import { categorise, put, putNumber, putUser } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { putUrl } from '../../src/parse/kit/url.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

/** A System Log event: `eventType` is a name with dots, `published` its time. Collectors wrap it. */
const readEvent = (text: string): Json | undefined => {
  if (!text.includes('eventType')) return undefined;
  const object = readObject(text);
  const wrapped = [object, object?.['data'], object?.['detail'], object?.['okta'], object?.['json'], object?.['event']];
  return wrapped
    .filter(isObject)
    .find(
      (inner) =>
        /^[a-z_]+(?:\.[\w-]+){1,6}$/.test(textAt(inner, 'eventType') ?? '') && textAt(inner, 'published') !== undefined,
    );
};

/** https://developer.okta.com/docs/reference/api/event-types/ */
// biome-ignore format: a table
const TYPES: readonly (readonly [RegExp, Act, category: string, type: string])[] = [
  [/^user\.session\.(?:start|impersonation\.initiate)$|^user\.authentication\.(?:sso|auth_via_(?:mfa_)?(?:radius|AD_agent|LDAP_agent|IDP|social|inbound_SAML|iwa|richclient))$|^app\.(?:ldap|radius|oauth2\.signon|ad\.login)/i, 'login', 'authentication', 'start'],
  [/^user\.session\.end$|^user\.authentication\.slo$/, 'logout', 'session', 'end'],
  [/^user\.session\.access_admin_app$/, 'admin-login', 'authentication', 'start'],
  [/^user\.authentication\.(?:auth_via_mfa|verify)$|^user\.mfa\.(?:okta_verify|attempt|challenge)|^system\.push\.|^system\.(?:sms|email|voice)\.send/i, 'mfa-challenge', 'authentication', 'info'],
  [/^user\.account\.lock$|^user\.account\.lock\./, 'account-locked', 'iam', 'user'],
  [/^user\.lifecycle\.create$/, 'account-created', 'iam', 'creation'],
  [/^user\.lifecycle\.delete/, 'account-changed', 'iam', 'deletion'],
  [/^user\.account\.privilege|^group\.privilege|^group\.(?:user_membership|application_assignment)|^iam\.|^user\.role/, 'group-changed', 'iam', 'change'],
  [/^user\.(?:lifecycle|account|mfa\.factor|credential)/, 'account-changed', 'iam', 'change'],
  [/^(?:policy|zone|network_zone|application\.(?:lifecycle|policy|provision|configuration|integration)|system\.(?:api_token|org|idp|agent)|core|oauth2\.(?:client|claim|scope|as)|security\.(?:authenticator|device)|group\.(?:lifecycle|profile))/, 'config-change', 'configuration', 'change'],
  [/^security\.|^threat\./, 'threat', 'threat', 'indicator'],
];

const putActor = (fields: Fields, event: Json): void => {
  putUser(fields, 'user', textAt(event, 'actor.alternateId', 'actor.displayName'));
  put(fields, 'user.full_name', textAt(event, 'actor.displayName'));
  put(fields, 'user.id', textAt(event, 'actor.id'));
  const targets = listAt(event, 'target').filter(isObject).slice(0, 100);
  const of = (type: RegExp): Json | undefined => targets.find((target) => type.test(textAt(target, 'type') ?? ''));
  const account = of(/^(?:User|AppUser)$/);
  if (account !== undefined) putUser(fields, 'user.target', textAt(account, 'alternateId', 'displayName'));
  put(fields, 'group.name', textAt(of(/Group$|^ROLE$/), 'displayName'));
  put(fields, 'service.name', textAt(of(/^AppInstance$/), 'displayName'));
  const object = of(/Rule|Policy|Zone|Token|AppInstance|Factor|Device/i);
  put(fields, 'einfallstor.change.object', textAt(object, 'displayName', 'alternateId'));
};

const putClient = (fields: Fields, event: Json): void => {
  const chain = listAt(event, 'request.ipChain');
  if (!putCloudIp(fields, 'source', textAt(event, 'client.ipAddress')))
    putCloudIp(fields, 'source', textAt(chain[0], 'ip'));
  put(fields, 'user_agent.original', textAt(event, 'client.userAgent.rawUserAgent'));
  put(fields, 'user_agent.name', textAt(event, 'client.userAgent.browser'));
  put(fields, 'user_agent.os.name', textAt(event, 'client.userAgent.os'));
  putNumber(fields, 'source.as.number', textAt(event, 'securityContext.asNumber'));
  put(fields, 'source.as.organization.name', textAt(event, 'securityContext.asOrg'));
  put(fields, 'session.id', textAt(event, 'authenticationContext.externalSessionId'));
  put(
    fields,
    'einfallstor.login.method',
    textAt(event, 'authenticationContext.credentialType', 'debugContext.debugData.factor'),
  );
  putUrl(fields, textAt(event, 'debugContext.debugData.requestUri', 'debugContext.debugData.url'));
};

const MAPPED = new Set('published eventType displayMessage'.split(' '));
const claims = (record: RawRecord): boolean => readEvent(record.text) !== undefined;

const open: Parser['open'] = (context) => (record) => {
  if (record.text.trim() === '') return BLANK;
  const event = readEvent(record.text);
  if (event === undefined) return rejected('not-this-format', 'no event of the System Log');
  const fields: Fields = {};
  const time = readCloudTime(textAt(event, 'published'));
  if (time === undefined) return rejected('bad-time', 'published is no time');
  context.clock.stamp(fields, time);
  const name = textAt(event, 'eventType') as string;
  const [, act, category, type] = TYPES.find(([pattern]) => pattern.test(name)) ?? [
    /$/,
    'other' as const,
    'web',
    'info',
  ];
  putActor(fields, event);
  putClient(fields, event);
  const outcome = cloudOutcome(textAt(event, 'outcome.result'));
  const failed = outcome === 'failure' && type === 'start';
  categorise(fields, [category], [failed ? 'info' : type], outcome);
  put(fields, 'event.action', name);
  put(fields, 'event.reason', textAt(event, 'outcome.reason'));
  put(fields, 'message', textAt(event, 'displayMessage'));
  put(fields, 'log.level', textAt(event, 'severity')?.toLowerCase());
  if (act === 'login' || act === 'admin-login') put(fields, 'service.type', 'web');
  keepJson(fields, 'okta.system', event, MAPPED);
  relateAddresses(fields, record.text.slice(0, 65_536));
  return { kind: 'event', act, fields };
};

export default {
  id: 'okta',
  title: 'Okta System Log',
  references: [
    { title: 'Okta: System Log API', url: 'https://developer.okta.com/docs/reference/api/system-log/' },
    { title: 'Okta: event types', url: 'https://developer.okta.com/docs/reference/api/event-types/' },
  ],
  framing: 'json',
  states: { zone: 'stated', year: 'stated', resolution: 'ms' },
  families: ['System Log events of all types, one a line, in a list, or wrapped by a collector'],
  recognise: recogniseBy(claims, 'are events of the Okta System Log', 0.98),
  claims,
  open,
} satisfies Parser as Parser;
