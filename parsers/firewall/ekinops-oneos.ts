import { canonicalIp } from '../../src/core/net.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { readCtime } from '../../src/parse/kit/civil.ts';
import { type Phrase, readPhrase } from '../../src/parse/kit/phrases.ts';
import { readPlainText } from '../../src/parse/kit/plain-text.ts';
import { add, categorise, put, putNumber, putTransport, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { completedBy } from '../../src/parse/kit/two-stamps.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// oneos : #NOTIFY# Logged out user:kim from a ssh session with client ip: 192.0.2.7 on Sun Oct 31 22:14:06 UTC 2021
const TAG = /(?:^|[\s:])#(EMERGENCY|ALERT|CRITICAL|CRIT|FATAL|ERROR|ERR|WARNING|WARN|NOTICE|NOTIFY|INFO|DEBUG)# {0,3}/;
/** The messages repeat their time, with year and zone. */
const STAMP = / on ((?:[A-Z][a-z]{2} ){2} ?\d{1,2} \d\d:\d\d:\d\d (?:[A-Z]{2,5} )?\d{4})\.?$/;

const claims = ({ text }: RawRecord): boolean => TAG.test(text.slice(0, 400));

const BY = String.raw`by user '?(?<user>[^'\s]{1,128})'?(?=\s|$)(?: from (?:a )?(?<via>ssh|telnet|web|http|https|Local Console|console|netconf)(?: session)?)?(?:.{0,30}?(?:client ip|ip)?[: ]{1,3}(?<ip>(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-fA-F]{0,4}:[\da-fA-F:]{2,40}))(?=\s|$))?`;

// biome-ignore format: a table
const PHRASES: readonly Phrase[] = [
  [/^(?:Logged in|Login success\w{0,3}(?: of| for)?|Successful login(?: of| for)?) ?(?:by )?user ?[: ]'?(?<user>[^'\s]{1,128})'?(?: from (?:a )?(?<via>\w{1,16}|Local Console)(?: session)?)?(?:.{0,30}?ip[: ]{1,3}(?<ip>(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-fA-F]{0,4}:[\da-fA-F:]{2,40})))?/i, 'logged-in', 'admin-login', 'passed'],
  [/^(?:Login fail\w{0,4}|Failed login|Authentication fail\w{0,4}|Bad login|Login refused)\b.{0,40}?user ?[: ]'?(?<user>[^'\s]{1,128})'?(?: from (?:a )?(?<via>\w{1,16}|Local Console)(?: session)?)?(?:.{0,30}?ip[: ]{1,3}(?<ip>(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-fA-F]{0,4}:[\da-fA-F:]{2,40})))?/i, 'login-failed', 'admin-login', 'refused'],
  [/^Logged out user ?[: ]'?(?<user>[^'\s]{1,128})'?(?: from (?:a )?(?<via>\w{1,16}|Local Console)(?: session)?)?(?:.{0,30}?ip[: ]{1,3}(?<ip>(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-fA-F]{0,4}:[\da-fA-F:]{2,40})))?/i, 'logged-out', 'logout', 'left'],
  [new RegExp(`^(?:Use of )?(?<object>.{1,300}?) ${BY}`), 'configuration-changed', 'config-change', 'changed'],
  [/\b(?:boot|reboot|restart|link (?:up|down)|is (?:up|down)|changed state|ZTP|CWMP|SNTP|NTP)\b/i, 'state', 'source-state', 'state'],
];

// list ACL-WAN-IN denied udp 192.0.2.7:547-> 203.0.113.1:546 3 matches
const END = String.raw`(\d{1,3}(?:\.\d{1,3}){3}|\[?[\da-fA-F]{0,4}:[\da-fA-F:]{1,40}\]?)(?::(\d{1,5}))?`;
const ACL = new RegExp(
  String.raw`^(?:access-)?list (\S{1,64}) (denied|permitted|deny|permit|dropped|accepted) ([\w-]{1,16}) ${END} ?-> ?${END}(?:,? (\d{1,9}) (?:match(?:es)?|packets?))?$`,
);

const readAcl = (fields: Fields, text: string): 'flow' | 'flow-denied' | undefined => {
  const m = ACL.exec(text);
  if (m === null) return undefined;
  const [, list, verdict = '', protocol, from = '', fromPort, to = '', toPort, matches] = m;
  put(fields, 'rule.name', list);
  put(fields, 'event.action', verdict);
  putTransport(fields, protocol);
  for (const [name, value] of [
    ['source.ip', from],
    ['destination.ip', to],
  ] as const) {
    const address = canonicalIp(value);
    if (address !== undefined) fields[name] = address;
  }
  putNumber(fields, 'source.port', fromPort);
  putNumber(fields, 'destination.port', toPort);
  // so many packets the record stands for
  putNumber(fields, 'source.packets', matches);
  const denied = /^(?:den|drop)/.test(verdict);
  categorise(fields, ['network'], ['connection', denied ? 'denied' : 'allowed'], 'success');
  return denied ? 'flow-denied' : 'flow';
};

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    const m = TAG.exec(record.text.slice(0, 400));
    if (m === null) return rejected('not-this-format', 'no #SEVERITY# of OneOS');
    const text = record.text
      .slice(m.index + m[0].length)
      .slice(0, 4096)
      .trim();
    const fields: Fields = { 'observer.vendor': 'Ekinops', 'observer.product': 'OneOS', 'observer.type': 'router' };
    const stamp = STAMP.exec(text);
    const inner = stamp === null ? undefined : readCtime(stamp[1] as string)?.civil;
    const { civil, host } = record.envelope;
    const time = civil === undefined ? inner : ((inner && completedBy(civil, inner)) ?? civil);
    if (time === undefined) warn(fields, 'time-missing');
    clock.stamp(fields, time);
    put(fields, 'observer.name', host);
    add(fields, 'observer.ip', canonicalIp(host ?? ''));
    put(fields, 'log.level', m[1]?.toLowerCase());
    put(fields, 'message', text);
    const said = stamp === null ? text : text.slice(0, stamp.index);
    let act = readAcl(fields, said) ?? readPhrase(fields, PHRASES, said.slice(0, 1000));
    if (act === undefined) {
      categorise(fields, ['host'], ['info']);
      act = readPlainText(fields, said, undefined);
    }
    relateAddresses(fields, said.replaceAll('->', ' '));
    return { kind: 'event', act, fields };
  };

export default {
  id: 'ekinops-oneos',
  title: 'Ekinops (OneAccess) OneOS routers',
  references: [
    {
      title: 'Ekinops OneOS6, logging and syslog',
      url: 'https://www.ekinops.com/products-services/products/compose/oneos6',
    },
  ],
  appliance: true,
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 's' },
  families: [
    'access lists, logins and logouts, commands and configuration changes; other messages by severity and text',
  ],
  limits: ['The vendor publishes no message catalogue: other sentences stay text with their addresses.'],
  recognise: recogniseBy(claims, 'carry the #SEVERITY# of OneOS'),
  claims,
  open,
} satisfies Parser as Parser;
