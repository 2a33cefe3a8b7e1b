import { canonicalIp } from '../../src/core/net.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { readKeyValues } from '../../src/parse/kit/key-value.ts';
import { type Kind, putKind } from '../../src/parse/kit/phrases.ts';
import { keepVendor, put, putIp, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// db[31013]: category="Event" subcategory="Authentication" typeid=20001 level="information" user="k" nas="192.0.2.1" action="Authentication" status="Failed" Remote RADIUS user …
const START = /\bcategory="[^"]{0,64}" subcategory="[^"]{0,64}" typeid=\d{1,8}\b/;
const PAIR = /^ ?([a-z_]{1,32})=(?:"((?:[^"\\]|\\.){0,4096})"|(\S{0,256}))(?= |$)/;

interface Line {
  readonly values: ReadonlyMap<string, string>;
  /** The sentence behind the values. */
  readonly text: string;
}

const read = (raw: string): Line | undefined => {
  const m = START.exec(raw);
  if (m === null) return undefined;
  let at = m.index;
  for (let n = 0; n < 40; n += 1) {
    const pair = PAIR.exec(raw.slice(at, at + 4400));
    if (pair === null) break;
    at += pair[0].length;
  }
  return { values: readKeyValues(raw.slice(m.index, at)), text: raw.slice(at).trim() };
};

type Meaning = readonly [act: Act, kind: Kind];

const failed = (text: string): boolean =>
  /fail|invalid|denied|reject|incorrect|locked|disabled|expired|not found|unsuccessful|error|timed? ?out/i.test(text);

const authentication = (action: string, status: string, text: string): Meaning => {
  // Administrator 'admin' logged out · Local administrator authentication from 192.0.2.9 with no token successful
  const admin = /\badministrator\b|\badmin login\b/i.test(text);
  if (/^logout$/i.test(action) || /\blogged (?:out|off)\b/i.test(text)) return ['logout', 'left'];
  if (/^pending$/i.test(status) || /\bpartially done\b|\bchallenge\b/i.test(text)) return ['mfa-challenge', 'asked'];
  // Account 'k.maier' locked out after 3 failed attempts
  if (/\b(?:account|user)\b.{0,200}\block(?:ed)?(?: ?out)?\b/i.test(text) && !/authenticat/i.test(text))
    return ['account-locked', 'account'];
  const attempt =
    /^(?:authentication|login)$/i.test(action) || /\bauthentication\b|\blogged in\b|\blog ?in\b/i.test(text);
  if (!attempt) return ['other', 'info'];
  const bad = status === '' ? failed(text) : !/^success/i.test(status);
  return [admin ? 'admin-login' : 'login', bad ? 'refused' : 'passed'];
};

/** Added Local User: k.maier · Edited RADIUS Client: fw-1 · Deleted … */
const configuration = (action: string, text: string): Meaning => {
  if (!/\buser\b(?! group)/i.test(text) || /radius|policy|ldap server/i.test(text)) return ['config-change', 'changed'];
  return [
    /^add|^create|^import/i.test(action) || /^(?:added|created|imported)/i.test(text)
      ? 'account-created'
      : 'account-changed',
    'account',
  ];
};

const meaningOf = (subcategory: string, action: string, status: string, text: string): Meaning => {
  if (/^(?:authentication|user portal|sso|fsso|web service)/i.test(subcategory))
    return authentication(action, status, text);
  if (/config/i.test(subcategory) || /^(?:add|edit|delete|create|update|import)/i.test(action))
    return configuration(action, text);
  const state = /\b(?:start|running|stopp|reboot|shut ?down|restor|upgrad|backup|disk|failover)/i.test(text);
  return state ? ['source-state', 'state'] : ['other', 'info'];
};

const open: Parser['open'] = (context) => (record) => {
  const raw = record.text.trim();
  if (raw === '') return BLANK;
  const line = read(raw);
  if (line === undefined) return rejected('not-this-format', 'no line of FortiAuthenticator');
  const { values, text } = line;
  const of = (name: string): string => values.get(name) ?? '';
  const fields: Fields = { 'observer.vendor': 'Fortinet', 'observer.product': 'FortiAuthenticator' };
  const { civil, host, program, pid } = record.envelope;
  if (civil === undefined) warn(fields, 'time-missing');
  context.clock.stamp(fields, civil);
  put(fields, 'observer.name', host);
  put(fields, 'process.name', program);
  if (pid !== undefined) fields['process.pid'] = pid;
  put(fields, 'message', text);
  put(fields, 'event.code', of('typeid'));
  put(fields, 'event.action', of('action').toLowerCase());
  put(fields, 'log.level', of('level').toLowerCase());
  const [act, kind] = meaningOf(of('subcategory'), of('action'), of('status'), text);
  putKind(fields, kind);
  putUser(fields, 'user', of('user'));
  // the access device that asked; the user's own address where it was told one
  const nas = of('nas');
  if (!putIp(fields, 'destination.ip', nas)) put(fields, 'destination.domain', nas.toLowerCase());
  const from = /\bfrom (?:host |ip )?([\da-fA-F.:]{3,45})\b/i.exec(text)?.[1];
  for (const address of [from, of('userip') || of('user_ip') || of('srcip')])
    if (canonicalIp(address ?? '') !== undefined) putIp(fields, 'source.ip', address);
  if (fields['event.outcome'] === 'failure') put(fields, 'event.reason', text);
  if (/token|push|otp\b/i.test(text) && !/\bno token\b/i.test(text)) fields['einfallstor.mfa'] = true;
  if (act === 'login' || act === 'admin-login' || act === 'mfa-challenge') {
    // Remote LDAP user authentication · 802.1x · Local user authentication(mschap)
    const method = /\b(radius|ldap|saml|802\.1x|kerberos|ntlm|oauth|mschap|eap)/i.exec(text)?.[1];
    put(fields, 'einfallstor.login.method', method?.toLowerCase());
    fields['service.type'] = act === 'admin-login' ? 'https' : 'radius';
  }
  if (act === 'config-change')
    put(fields, 'einfallstor.change.object', /: *(.{1,256})$/.exec(text.slice(-258))?.[1] ?? text);
  if (/^account-/.test(act)) put(fields, 'user.target.name', /(?:: *|')([^\s',]{1,256})/.exec(text)?.[1]);
  keepVendor(
    fields,
    'fortinet.fortiauthenticator',
    [...values].filter(([name]) => !/^(?:typeid|level|user|action)$/.test(name)),
  );
  relateAddresses(fields, raw.slice(0, 8192));
  return { kind: 'event', act, fields };
};

const claims = (record: RawRecord): boolean => START.test(record.text.slice(0, 1024));

export default {
  id: 'fortinet-fortiauthenticator',
  title: 'Fortinet FortiAuthenticator',
  references: [
    {
      title: 'FortiAuthenticator Administration Guide: Logging',
      url: 'https://docs.fortinet.com/document/fortiauthenticator/6.5.0/administration-guide/144012/logging',
    },
    {
      title: 'FortiSIEM: Fortinet FortiAuthenticator',
      url: 'https://docs.fortinet.com/document/fortisiem/6.1.0/external-systems-configuration-guide/296039',
    },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 's' },
  families: ['authentication (RADIUS, LDAP, SAML, tokens, administrators), configuration, single sign-on, system'],
  limits: ['The line does not say whether the access device asked for a VPN: a login.'],
  appliance: true,
  recognise: recogniseBy(claims, 'are lines of FortiAuthenticator'),
  claims,
  open,
} satisfies Parser as Parser;
