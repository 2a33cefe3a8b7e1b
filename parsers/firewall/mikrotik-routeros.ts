import { canonicalIp } from '../../src/core/net.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { readCef } from '../../src/parse/kit/cef.ts';
import { type Civil, monthOf, readIso } from '../../src/parse/kit/civil.ts';
import { readRouterText, readTopics } from '../../src/parse/kit/mikrotik.ts';
import { isFirewallText, readFirewallText } from '../../src/parse/kit/mikrotik-firewall.ts';
import { add, keepVendor, put, putIp, putNumber, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

interface Line {
  readonly topics: readonly string[];
  readonly text: string;
  readonly time?: Civil | undefined;
  readonly host?: string | undefined;
  readonly cef?: ReadonlyMap<string, string>;
  readonly model?: string;
  readonly version?: string;
}

// sep/15 09:54:33 · sep/15/2021 09:54:33 (/log print) · Oct/02/2026 16:49:36 (disk file); a day's own entries have the time alone
const PRINTED = /^([A-Za-z]{3})\/(\d{2})(?:\/(\d{4}))? (\d{2}):(\d{2}):(\d{2}) /;
const CLOCK = /^\d{2}:\d{2}:\d{2} /;

const readPrinted = (text: string): { civil: Civil | undefined; rest: string } | undefined => {
  const m = PRINTED.exec(text);
  const month = m === null ? undefined : monthOf(m[1] as string);
  if (m === null || month === undefined) {
    const clock = CLOCK.exec(text);
    return clock === null ? undefined : { civil: undefined, rest: text.slice(clock[0].length) };
  }
  const [day, hour, minute, second] = [m[2], m[4], m[5], m[6]].map(Number) as [number, number, number, number];
  const valid = day >= 1 && day <= 31 && hour < 24 && minute < 60 && second < 61;
  const year = m[3] === undefined ? {} : { year: Number(m[3]) };
  return {
    civil: valid ? { ...year, month, day, hour, minute, second, micros: 0 } : undefined,
    rest: text.slice(m[0].length),
  };
};

// CEF:0|MikroTik|hAP ax^2|7.25|10|system,error,critical|High|dvchost=gw dvc=10.0.0.1 msg=login failure for … app=ssh duser=kim outcome=failure src=…
const CEF = /CEF: ?\d\|MikroTik\|/i;

const readCefForm = (record: RawRecord): Line | undefined => {
  const cef = CEF.test(record.text) ? readCef(record.text) : undefined;
  if (cef === undefined) return undefined;
  const time = record.envelope.civil ?? readIso(record.text)?.civil;
  const topics = cef.name.split(',').map((topic) => topic.trim());
  const { extension } = cef;
  const host = extension.get('dvchost') ?? record.envelope.host;
  return {
    topics,
    text: (extension.get('msg') ?? '').trim(),
    time,
    host,
    cef: extension,
    model: cef.product,
    version: cef.version,
  };
};

/** Sentences no other product writes, for the format without topics. */
const SENTENCE =
  /^(?:[\w .-]{1,32}: )?(?:login failure for user .{0,256} from \S{2,45} via [a-z-]{2,16}$|user .{1,256} logged (?:in|out) from \S{2,45} via (?:winbox|web|webfig|telnet|api|local|ssh|ftp|mac-telnet)$)/;

const read = (record: RawRecord): Line | undefined => {
  const cef = readCefForm(record);
  if (cef !== undefined) return cef;
  const { message, civil, host, program } = record.envelope;
  // a prefix of the logging rule stands where others have a tag: `MikroTik: user …`
  const tagged = readTopics(message.trimStart());
  if (tagged !== undefined) return { topics: tagged.topics, text: withoutPrefix(tagged.text), time: civil, host };
  const printed = civil === undefined ? readPrinted(record.text.trimStart()) : undefined;
  const local = printed === undefined ? undefined : readTopics(printed.rest);
  if (printed !== undefined && local !== undefined)
    return { topics: local.topics, text: local.text, time: printed.civil };
  const iso = readIso(record.text);
  const dated = iso === undefined ? undefined : readTopics(record.text.slice(iso.end).trimStart());
  if (iso !== undefined && dated !== undefined) return { topics: dated.topics, text: dated.text, time: iso.civil };
  const isSentence = SENTENCE.test(message) || isFirewallText(message.slice(0, 1000));
  const chain = program === undefined ? '' : `${program}: `;
  if (isSentence) return { topics: [], text: withoutPrefix(message), time: civil, host };
  // `input: in:ether1 …` looks like a tag
  return isFirewallText(`${chain}${message}`.slice(0, 1000))
    ? { topics: ['firewall'], text: `${chain}${message}`, time: civil, host }
    : undefined;
};

/** `MikroTik: user kim logged in …`: the prefix that a logging rule adds. */
function withoutPrefix(text: string): string {
  return text.replace(
    /^[\w.-]{1,32}: (?=(?:login failure for |user )|[\w. <>-]{1,128} logged (?:in|out)|\S{1,64} (?:de)?assigned )/,
    '',
  );
}

const claims = (record: RawRecord): boolean => {
  const line = read(record);
  if (line === undefined) return false;
  // one topic alone may be any word
  return line.cef !== undefined || line.topics.length !== 1 || isFirewallText(line.text.slice(0, 1000));
};

/** Fields that newer versions state beside the message. */
const putExtension = (fields: Fields, extension: ReadonlyMap<string, string>): void => {
  add(fields, 'observer.ip', canonicalIp(extension.get('dvc') ?? ''));
  if (fields['source.ip'] === undefined) putIp(fields, 'source.ip', extension.get('src'));
  if (fields['destination.ip'] === undefined) putIp(fields, 'destination.ip', extension.get('dst'));
  if (fields['source.port'] === undefined) putNumber(fields, 'source.port', extension.get('spt'));
  if (fields['destination.port'] === undefined) putNumber(fields, 'destination.port', extension.get('dpt'));
  if (fields['user.name'] === undefined) putUser(fields, 'user', extension.get('duser') ?? extension.get('suser'));
  const rest = [...extension].filter(([key]) => !/^(?:dvchost|dvc|msg|src|dst|spt|dpt|duser|suser)$/.test(key));
  keepVendor(fields, 'mikrotik.routeros', rest);
};

const SEVERITIES = ['critical', 'error', 'warning', 'info', 'debug'];

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    const line = read(record);
    if (line === undefined) return rejected('not-this-format', 'no topics of RouterOS and none of its sentences');
    const fields: Fields = {
      'observer.vendor': 'MikroTik',
      'observer.product': 'RouterOS',
      'observer.type': 'firewall',
    };
    if (line.time === undefined) warn(fields, 'time-missing');
    clock.stamp(fields, line.time);
    put(fields, 'observer.name', line.host);
    add(fields, 'observer.ip', canonicalIp(line.host ?? ''));
    put(fields, 'device.model.name', line.model);
    put(fields, 'observer.version', line.version);
    put(fields, 'message', line.text);
    put(fields, 'mikrotik.routeros.topics', line.topics.join(','));
    put(
      fields,
      'log.level',
      SEVERITIES.find((severity) => line.topics.includes(severity)),
    );
    const text = line.text.slice(0, 2000);
    const packet: Act | undefined =
      line.topics.length === 0 || line.topics.includes('firewall') ? readFirewallText(fields, text) : undefined;
    const act = packet ?? readRouterText(fields, line.topics, text);
    if (line.cef !== undefined) putExtension(fields, line.cef);
    relateAddresses(fields, text.replaceAll(/->|\[\d{1,5}\]|<=>|(?<=\d)-(?=\d)|[()]/g, ' '));
    return { kind: 'event', act, fields };
  };

const MANUAL = 'https://help.mikrotik.com/docs/spaces/ROS/pages';

export default {
  id: 'mikrotik-routeros',
  title: 'MikroTik RouterOS',
  references: [
    { title: 'RouterOS, Log: formats, topics, CEF', url: `${MANUAL}/328094/Log` },
    { title: 'RouterOS, Filter: log and log-prefix', url: `${MANUAL}/48660574/Filter` },
    { title: 'RouterOS, PPP AAA', url: `${MANUAL}/132350014/PPP+AAA` },
  ],
  appliance: true,
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 'ms' },
  families: [
    'formats: topics in front (behind syslog headers, /log print, disk files), BSD syslog without topics, CEF of 7.18 and later',
    'firewall packets with interfaces, NAT, MAC addresses; logins and logouts by any service; who changed what',
    'PPP, L2TP, PPTP, SSTP, OpenVPN and IPsec: authentication, sessions with inner address and bytes; HotSpot, DHCP leases, DNS, web proxy',
  ],
  limits: [
    'what became of a packet is told by the words of the rule’s log prefix only',
    'without topics (BSD syslog) only logins, sessions, leases and packets are known from other text',
  ],
  recognise: recogniseBy(claims, 'have topics of RouterOS or its sentences'),
  claims,
  open,
} satisfies Parser as Parser;
