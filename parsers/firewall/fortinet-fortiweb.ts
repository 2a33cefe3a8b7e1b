import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, readIso } from '../../src/parse/kit/civil.ts';
import { fieldMap, words } from '../../src/parse/kit/field-map.ts';
import { type FortinetPairs as Pairs, putFortinetAdmin, readFortinetPairs } from '../../src/parse/kit/fortinet.ts';
import { once } from '../../src/parse/kit/once.ts';
import { add, categorise, put, putIp, putNumber, putTransport, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { putUrl } from '../../src/parse/kit/url.ts';
import { type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

/** FortiWeb numbers its messages (`msg_id`) beside `log_id`; FortiMail, FortiGate and FortiManager do not. */
const readPairs = once(({ text }): Pairs | undefined => {
  if (!/\bmsg_id="?\d/.test(text) || !/\blog_id="?\d/.test(text)) return undefined;
  const pairs = readFortinetPairs(text.replace(/^<\d{1,3}>\s*/, ''));
  return /^(?:attack|traffic|event)$/i.test(pairs.get('type') ?? '') ? pairs : undefined;
});

const claims = (record: RawRecord): boolean => readPairs(record) !== undefined;

const MINUTES = 60;

/**
 * `timezone="(GMT+1:00)Brussels,…"` is the zone without its summer time; `timezone_dayst="GMTc-2"` what holds at that time,
 * in POSIX notation (west of Greenwich is positive).
 */
const offsetIn = (pairs: Pairs): { readonly offset: number; readonly summer: boolean } | undefined => {
  const now = /^GMT[a-z]?([+-]\d{1,2})(?::(\d\d))?$/i.exec(pairs.get('timezone_dayst') ?? '');
  const fixed = /^\(GMT([+-]\d{1,2}):?(\d\d)?\)/.exec(pairs.get('timezone') ?? '');
  const found = now ?? fixed;
  if (found === null) return undefined;
  const hours = Number(found[1]);
  const size = Math.abs(hours) * MINUTES + Number(found[2] ?? 0);
  const offset = hours < 0 ? -size : size;
  return { offset: now === null ? offset : -offset || 0, summer: now !== null };
};

const timeOf = (pairs: Pairs, fields: Fields): Civil | undefined => {
  const read = readIso(`${pairs.get('date')} ${pairs.get('time')}`)?.civil;
  const zone = offsetIn(pairs);
  if (read === undefined || zone === undefined) return read;
  if (!zone.summer) warn(fields, 'summer-time-unstated');
  return { ...read, offset: zone.offset };
};

const as = (act: Act, fields: Fields, category: string, types: string, outcome?: 'success' | 'failure'): Act => {
  categorise(fields, words(category), words(types), outcome);
  return act;
};
const lower = (pairs: Pairs, key: string): string => pairs.get(key)?.toLowerCase() ?? '';
const FAILED = /fail|den[iy]|error/;
// Alert_Deny · Deny (no log) · Redirect · Period_Block · Client_ID_Block · Erase, no Alert
const BLOCKED = /den[iy]|block|redirect|403|close|remove|erase/;

/** What the web firewall found in a request, and what it did about it. */
const attack = (fields: Fields, pairs: Pairs): Act => {
  fields['event.kind'] = 'alert';
  const blocked = BLOCKED.test(lower(pairs, 'action'));
  const named = ['signature_subclass', 'sub_type', 'main_type', 'subtype'].map((key) => pairs.get(key)).find(Boolean);
  put(fields, 'threat.indicator.name', named);
  for (const cve of `${pairs.get('signature_cve_id') ?? ''} ${pairs.get('msg') ?? ''}`
    .slice(0, 2000)
    .match(/CVE-\d{4}-\d{4,7}/g) ?? [])
    add(fields, 'vulnerability.id', cve);
  const types = `access ${blocked ? 'denied' : 'allowed'}`;
  return as('threat', fields, 'intrusion_detection web', types, blocked ? 'failure' : 'success');
};

const traffic = (fields: Fields, pairs: Pairs): Act =>
  as('http-request', fields, 'web network', 'access', FAILED.test(lower(pairs, 'status')) ? 'failure' : 'success');

/** Administrators, configuration and the device itself. */
const event = (fields: Fields, pairs: Pairs): Act => {
  putFortinetAdmin(fields, pairs);
  // … successfully from GUI(192.0.2.77), while ui says GUI alone
  const from = /\bfrom \w{0,16}\(?([\da-fA-F.:]{2,45})\)?/.exec(pairs.get('msg') ?? '')?.[1];
  if (fields['source.ip'] === undefined) putIp(fields, 'source.ip', from);
  const action = lower(pairs, 'action');
  const message = lower(pairs, 'msg');
  const failed = FAILED.test(lower(pairs, 'status'));
  const outcome = failed ? 'failure' : 'success';
  if (action === 'login' || /\blog(?:ged|s)? ?in\b|\blogin\b/.test(message)) {
    if (failed) put(fields, 'event.reason', pairs.get('reason') ?? pairs.get('msg'));
    return as('admin-login', fields, 'authentication', failed ? 'info' : 'start admin', outcome);
  }
  if (action === 'logout' || /\blog(?:ged|s)? ?out\b/.test(message))
    return as('logout', fields, 'authentication session', 'end', 'success');
  if (/^(?:add|edit|delete|create|modify|change|set|import|restore|upload|move|clone|rename|update)$/.test(action)) {
    put(fields, 'einfallstor.change.object', pairs.get('cfgpath') ?? pairs.get('msg'));
    put(fields, 'einfallstor.change.attributes', pairs.get('cfgattr') ?? pairs.get('msg'));
    const type = /^(?:add|create|import|clone)$/.test(action)
      ? 'creation'
      : action === 'delete'
        ? 'deletion'
        : 'change';
    return as('config-change', fields, 'configuration', type, outcome);
  }
  if (/logs? (?:was |were )?(?:deleted|cleared)|clear(?:ed)? .{0,20}\blogs?\b/.test(message))
    return as('log-cleared', fields, 'configuration', 'deletion', 'success');
  return as('source-state', fields, 'host', 'info', outcome);
};

const open: Parser['open'] =
  ({ clock }) =>
  (record) => {
    const pairs = readPairs(record);
    if (pairs === undefined) return rejected('not-this-format', 'no log_id=, msg_id= and type= of a FortiWeb');
    const fields: Fields = {
      'observer.vendor': 'Fortinet',
      'observer.product': 'FortiWeb',
      'observer.type': 'firewall',
    };
    const time = timeOf(pairs, fields) ?? record.envelope.civil;
    clock.stamp(fields, time);
    if (time === undefined) warn(fields, 'time-missing');
    put(fields, 'event.timezone', pairs.get('timezone'));
    putValues(fields, pairs);
    if (fields['observer.name'] === undefined) put(fields, 'observer.name', record.envelope.host);
    put(
      fields,
      'url.domain',
      pairs
        .get('http_host')
        ?.toLowerCase()
        .replace(/:\d{1,5}$/, ''),
    );
    const type = lower(pairs, 'type');
    const act =
      type === 'attack' ? attack(fields, pairs) : type === 'traffic' ? traffic(fields, pairs) : event(fields, pairs);
    relateAddresses(fields, record.text.slice(0, 16_384));
    if (/="[^"]*$/.test(record.text.slice(-500))) warn(fields, 'truncated');
    return { kind: 'event', act, fields };
  };

/** What FortiWeb writes where nobody logged in to the web application. */
const nobody = (value: string): boolean => /^(?:unknown|none|n\/a)$/i.test(value);
const user = (fields: Fields, value: string): unknown => (nobody(value) ? undefined : putUser(fields, 'user', value));

const putValues = fieldMap(
  'fortinet.fortiweb',
  {
    text: `devname=observer.name device_id=observer.serial_number log_id=event.code msg=message action=event.action
      policy=rule.ruleset signature_id=rule.id sigid=rule.id http_agent=user_agent.original user_agent=user_agent.original
      http_refer=http.request.referrer http_referer=http.request.referrer http_session_id=session.id pri=log.level
      cipher_suite=tls.cipher owasp_top10=rule.category`,
    number: `src_port=source.port dst_port=destination.port http_retcode=http.response.status_code
      http_request_bytes=source.bytes http_response_bytes=destination.bytes ibytes=source.bytes obytes=destination.bytes`,
    side: 'src=source dst=destination',
    given: 'trans_src=source.nat.ip trans_dst=destination.nat.ip',
    givenPort: 'trans_src_port=source.nat.port trans_dst_port=destination.nat.port',
    ip: 'original_src=client.ip',
    lower: 'srccountry=fortinet.fortiweb.srccountry',
  },
  {
    'date time timezone timezone_dayst': () => undefined, // stamped apart
    'http_host+ status+ subtype+ type+ signature_subclass+ ui+': () => undefined,
    'user user_name': user,
    proto: putTransport,
    // https/tls1.2
    service: (fields, value) => {
      const [name, version] = value.toLowerCase().split('/');
      put(fields, 'network.protocol', name);
      put(fields, 'tls.version', version?.replace(/^(?:tls|ssl)v?/, ''));
    },
    http_method: (fields, value) => put(fields, 'http.request.method', value.toUpperCase()),
    http_url: putUrl,
    http_version: (fields, value) => put(fields, 'http.version', /^\d(?:\.\d)?$/.exec(value)?.[0]),
    severity_level: (fields, value) => put(fields, 'fortinet.fortiweb.severity', value.toLowerCase()),
    duration: (fields, value) => putNumber(fields, 'event.duration', Number(value) * 1e6),
    reason: (fields, value) => (nobody(value) ? undefined : put(fields, 'event.reason', value)),
  },
);

const DOCS = 'https://docs.fortinet.com/document/fortiweb';

export default {
  id: 'fortinet-fortiweb',
  title: 'Fortinet FortiWeb (also FortiADC)',
  references: [
    {
      title: 'FortiWeb Log Message Reference, Header and body fields',
      url: `${DOCS}/7.2.2/log-message-reference/578387`,
    },
    {
      title: 'FortiWeb Log Message Reference, 10000016 administrators',
      url: `${DOCS}/7.0.0/log-message-reference/155828`,
    },
  ],
  appliance: true,
  framing: 'line',
  states: { zone: 'stated', year: 'stated', resolution: 's' },
  families: ['attack, traffic, event (administrators, configuration, system) as key=value'],
  limits: [
    'A zone without timezone_dayst is the standard one: times in summer may be an hour late, and say so.',
    'ibytes and obytes are read as request and response.',
  ],
  recognise: recogniseBy(claims, 'are FortiWeb messages (log_id, msg_id)'),
  claims,
  open,
} satisfies Parser as Parser;
