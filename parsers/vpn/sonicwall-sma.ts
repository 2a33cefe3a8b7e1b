import { canonicalIp } from '../../src/core/net.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { readIso } from '../../src/parse/kit/civil.ts';
import { fieldMap, words } from '../../src/parse/kit/field-map.ts';
import { readKeyValues } from '../../src/parse/kit/key-value.ts';
import { add, categorise, put, putIp, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// id=sslvpn sn=0017C5000001 time="2021-10-31 23:14:07" vp_time="2021-10-31 22:14:07 UTC" fw=203.0.113.20 pri=5 m=1 …
const START = /(?:^|[\s>])id=sslvpn sn=\w{0,32} /;
const claims = ({ text }: RawRecord): boolean => START.test(text);

const as = (act: Act, fields: Fields, category: string, types: string, failed: boolean): Act => {
  categorise(fields, words(category), words(types), failed ? 'failure' : 'success');
  return act;
};

/** By the words of the message. */
const actOf = (fields: Fields, text: string): Act => {
  const failed = /\b(?:fail(?:ed|ure)?|denied|invalid|incorrect|locked|rejected|refused)\b/i.test(text);
  if (failed) put(fields, 'event.reason', text);
  const assigned = /\b(?:assigned(?: IP(?: address)?)?|client IP(?: address)?|tunnel IP)[: ]{1,2}([\d.]{7,15})/i.exec(
    text,
  )?.[1];
  putIp(fields, 'einfallstor.vpn.assigned_ip', assigned);
  if (/\badministrator\b.*\blog ?in|\blog ?in\b.*\badministrator\b/i.test(text))
    return as('admin-login', fields, 'authentication', failed ? 'info' : 'start admin', failed);
  if (/\blogged out\b|\blog ?out\b|session (?:terminated|expired|closed|timed out)|disconnected/i.test(text))
    return as('vpn-session-end', fields, 'session network', 'end connection', false);
  if (/one-time|\bOTP\b|TOTP|second factor|RADIUS challenge/i.test(text))
    return as('mfa-challenge', fields, 'authentication', 'info', failed);
  if (/\blog(?:ged)? ?-?in\b|authenticat/i.test(text))
    return as('vpn-login', fields, 'authentication network', failed ? 'info' : 'start', failed);
  if (/(?:NetExtender|Mobile Connect|tunnel|client)\b.*\b(?:connected|established|started)/i.test(text) && !failed)
    return as('vpn-session-start', fields, 'session network', 'start connection', false);
  if (assigned !== undefined) return as('vpn-address-assigned', fields, 'session network', 'info', false);
  if (
    /\b(?:settings|configuration|policy|bookmark|portal|user|domain) .*\b(?:added|deleted|changed|modified|updated|created)\b/i.test(
      text,
    )
  )
    return as('config-change', fields, 'configuration', 'change', failed);
  if (/\bWAF\b|\bthreat (?:prevented|detected)|\battack\b|botnet|GEO ?IP .*block/i.test(text)) {
    fields['event.kind'] = 'alert';
    const blocked = /prevent|block|den(?:y|ied)|drop/i.test(text);
    return as('threat', fields, 'intrusion_detection web', `info ${blocked ? 'denied' : 'allowed'}`, blocked);
  }
  if (/\b(?:started|restart|reboot|shut ?down|time (?:set|changed))/i.test(text))
    return as('source-state', fields, 'host', 'info', failed);
  return as('other', fields, 'network', 'info', failed);
};

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    const start = START.exec(record.text);
    if (start === null) return rejected('not-this-format', 'no id=sslvpn tags');
    const pairs = readKeyValues(record.text, start.index);
    const fields: Fields = { 'observer.vendor': 'SonicWall', 'observer.product': 'SMA', 'observer.type': 'vpn' };
    // vp_time is the same moment as time, in UTC
    const civil =
      readIso(pairs.get('vp_time') ?? '')?.civil ?? readIso(pairs.get('time') ?? '')?.civil ?? record.envelope.civil;
    if (civil === undefined) warn(fields, 'time-missing');
    clock.stamp(fields, civil);
    put(fields, 'observer.name', record.envelope.host ?? pairs.get('portal'));
    putValues(fields, pairs);
    fields['einfallstor.vpn.type'] = 'ssl';
    const text = pairs.get('msg') ?? '';
    relateAddresses(fields, text);
    const act = actOf(fields, text);
    if (/="[^"]*$/.test(record.text.slice(-500))) warn(fields, 'truncated');
    return { kind: 'event', act, fields };
  };

const putValues = fieldMap(
  'sonicwall.sma',
  {
    text: `sn=observer.serial_number m=event.code pri=log.level msg=message agent=user_agent.original
      domain=einfallstor.vpn.group`,
    number: 'sent=source.bytes rcvd=destination.bytes',
    ip: 'src=source.ip',
    side: 'dst=destination',
    user: 'usr=user user=user',
  },
  {
    'time vp_time id': () => undefined,
    fw: (fields, value) => canonicalIp(value) !== undefined && add(fields, 'observer.ip', canonicalIp(value)),
  },
);

export default {
  id: 'sonicwall-sma',
  title: 'SonicWall Secure Mobile Access (SMA 100 series)',
  references: [
    {
      title: 'SMA 100 10.2 Administration Guide, Log',
      url: 'https://www.sonicwall.com/support/technical-documentation/docs/sma_100-10-2-administration_guide',
    },
  ],
  appliance: true,
  framing: 'line',
  states: { zone: 'varies', year: 'stated', resolution: 's' },
  families: ['logins, one-time passwords, sessions, NetExtender addresses, configuration'],
  limits: ['What happened is read from the words of the message.'],
  recognise: recogniseBy(claims, 'are SMA tags (id=sslvpn)'),
  claims,
  open,
} satisfies Parser as Parser;
