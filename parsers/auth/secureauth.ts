import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Kind, putKind } from '../../src/parse/kit/phrases.ts';
import { keepVendor, put, putIp, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// <86>1 2021-10-31T23:14:07.693Z sso01 SecureAuth2 2928 ID52020 [SecureAuth@27389 UserHostAddress="192.0.2.7" Realm="SecureAuth2" UserID="k.maier" …] Found the user for …
const valuesOf = (record: RawRecord): Readonly<Record<string, string>> | undefined => {
  const { structured } = record.envelope;
  const id = Object.keys(structured ?? {}).find((name) => /^SecureAuth@\d{1,10}$/.test(name));
  return id === undefined ? undefined : structured?.[id];
};

/** What the sentences say: the first that fits. Second factors before passwords, failures before successes. */
const SENTENCES: readonly (readonly [RegExp, Act, Kind])[] = [
  [
    /\block(?:ed|out)\b.{0,80}\b(?:account|user)\b|\b(?:account|user)\b.{0,80}\block(?:ed|out)\b/i,
    'account-locked',
    'account',
  ],
  [
    /\b(?:otp|passcode|pass ?code|push|token|second factor|2fa|mfa|accept|fido|pin)\b.{0,120}\b(?:fail|invalid|incorrect|wrong|den(?:y|ied)|reject|not match|expired|timed? ?out)/i,
    'mfa-challenge',
    'refused',
  ],
  [
    /\b(?:fail|invalid|incorrect|wrong)\w{0,4}\b.{0,80}\b(?:otp|passcode|push|token|second factor|pin)\b/i,
    'mfa-challenge',
    'refused',
  ],
  [
    /\b(?:otp|passcode|push|token|second factor|2fa|mfa|fido|pin)\b.{0,120}\b(?:succe|valid|match|accept|approv|verified)/i,
    'mfa-challenge',
    'passed',
  ],
  [
    /\b(?:otp|passcode|push|token)\b.{0,120}\b(?:sent|send|deliver|request)|\b(?:sent|send|sending)\b.{0,80}\b(?:otp|passcode|push)\b/i,
    'mfa-challenge',
    'asked',
  ],
  [/\b(?:log ?out|logged out|log ?off|logged off|sign(?:ed)? ?out)\b/i, 'logout', 'left'],
  [
    /\b(?:password|credential|login|log ?on|authentication|sign-?in)\w{0,2}\b.{0,120}\b(?:fail|invalid|incorrect|wrong|den(?:y|ied)|reject|not match|expired)|\b(?:fail|invalid|incorrect|wrong)\w{0,4}\b.{0,80}\b(?:password|credential|login|log ?on|authenticat)|\bunable to find the user\b|\buser(?: ?id)? not found\b/i,
    'login',
    'refused',
  ],
  [/\bpassword\b.{0,60}\b(?:reset|changed|updated)\b/i, 'account-changed', 'account'],
  [
    /\b(?:password|credential|login|log ?on|authentication|authenticated|sign-?in)\w{0,2}\b.{0,120}\b(?:succe|valid|complete|match)|\bsuccessful(?:ly)?\b.{0,60}\b(?:log|auth|sign)/i,
    'login',
    'passed',
  ],
];

const open: Parser['open'] = (context) => (record) => {
  if (record.text.trim() === '') return BLANK;
  const values = valuesOf(record);
  if (values === undefined) return rejected('not-this-format', 'no event of SecureAuth');
  const { civil, host, program, pid, msgid, message } = record.envelope;
  const fields: Fields = { 'observer.vendor': 'SecureAuth', 'observer.product': 'Identity Platform' };
  if (civil === undefined) warn(fields, 'time-missing');
  context.clock.stamp(fields, civil);
  put(fields, 'observer.name', values['Appliance'] ?? host);
  put(fields, 'service.name', values['Realm'] ?? program);
  if (pid !== undefined) fields['process.pid'] = pid;
  put(fields, 'message', message);
  put(fields, 'event.code', values['EventID'] ?? msgid?.replace(/^ID/, ''));
  put(fields, 'event.action', message.slice(0, 200).toLowerCase());
  putUser(fields, 'user', values['UserID'] ?? values['UserName'] ?? values['User']);
  putIp(fields, 'source.ip', values['UserHostAddress'] ?? values['ClientIP']);
  put(fields, 'user_agent.original', values['UserAgent'] ?? values['BrowserSession']);
  put(fields, 'http.request.id', values['RequestID']);
  put(fields, 'organization.name', values['Company']);
  put(fields, 'observer.version', values['Version']);
  const [, act, kind] = SENTENCES.find(([pattern]) => pattern.test(message.slice(0, 1000))) ?? [
    undefined,
    'other' as Act,
    'web' as Kind,
  ];
  putKind(fields, kind);
  if (act === 'login') fields['service.type'] = 'sso';
  if (act === 'mfa-challenge') fields['einfallstor.mfa'] = true;
  if (fields['event.outcome'] === 'failure') put(fields, 'event.reason', message);
  const known = /^(?:UserHostAddress|UserAgent|UserID|EventID|Version|Company|RequestID)$/;
  keepVendor(
    fields,
    'secureauth.idp',
    Object.entries(values).filter(([name]) => !known.test(name)),
  );
  relateAddresses(fields, record.text.slice(0, 8192));
  return { kind: 'event', act, fields };
};

const claims = (record: RawRecord): boolean => record.text.includes('[SecureAuth@') && valuesOf(record) !== undefined;

export default {
  id: 'secureauth',
  title: 'SecureAuth Identity Platform (IdP)',
  references: [
    {
      title: 'SecureAuth: syslog logging',
      url: 'https://docs.secureauth.com/0903/en/logs-tab-configuration.html',
    },
  ],
  framing: 'line',
  states: { zone: 'stated', year: 'stated', resolution: 'ms' },
  families: [
    'audit, debug and error events by syslog (RFC 5424): logins, second factors, resets; others by their text',
  ],
  limits: ['what an event says is taken from its sentence: the numbers are not documented'],
  recognise: recogniseBy(claims, 'are events of SecureAuth'),
  claims,
  open,
} satisfies Parser as Parser;
