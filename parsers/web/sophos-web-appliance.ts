import { own } from '../../src/core/own.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { epochMicros } from '../../src/parse/kit/civil.ts';
import { fieldMap } from '../../src/parse/kit/field-map.ts';
import { readKeyValues } from '../../src/parse/kit/key-value.ts';
import { categorise, put, putNumber, putTransport, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { putRequestLine } from '../../src/parse/kit/url.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// h=10.20.4.31 u="EXAMPLE\\k.maier" s=200 X=- t=1635840001 T=284453 Ts=0 act=1 cat="0x220000002a" …   (ep=1, sxl=y may stand first)
const START =
  /(?:^|\s)(?:ep=\S{0,8} )?(?:sxl=\S{0,8} )?h=\S{0,255} u="?(?:[^"\\]|\\.){0,255}"? s=\S{0,8} X=\S{0,8} t=\d{1,12} /;

/** What `act` says became of the request; a refusal is below zero. */
const ACTIONS: Readonly<Record<string, string>> = {
  '-7': 'sandbox-page',
  '-6': 'blocked-on-quota-page',
  '-5': 'quota-exceeded',
  '-4': 'quota-warning',
  '-3': 'proceeded-but-blocked',
  '-2': 'warned',
  '-1': 'blocked',
  '1': 'allowed',
  '2': 'warned-and-proceeded',
  '3': 'proceeded',
  '4': 'quota-accepted',
  '5': 'proceeded-on-quota',
};

const claims = ({ text }: RawRecord): boolean => START.test(text.slice(0, 2000));

/** UTF-8 bytes as the appliance escapes them: `t\xc3\xb5m` (a backslash itself is doubled in quotes). */
const unescaped = (value: string): string => {
  if (!value.includes('\\')) return value;
  const bytes = value.replaceAll(/(?:\\{1,2}x[\da-f]{2}){1,64}/gi, (run) =>
    Buffer.from(run.replaceAll(/\\{1,2}x/gi, ''), 'hex').toString('utf8'),
  );
  return bytes.replaceAll('\\\\', '\\');
};

const judge = (fields: Fields, pairs: ReadonlyMap<string, string>): Act => {
  const act = pairs.get('act') ?? '';
  put(fields, 'event.action', own(ACTIONS, act) ?? act);
  const refused = act.startsWith('-');
  const threat = fields['threat.indicator.name'] !== undefined;
  const status = Number(pairs.get('s'));
  if (threat) fields['event.kind'] = 'alert';
  const outcome = refused ? 'failure' : status >= 100 ? (status < 400 ? 'success' : 'failure') : 'unknown';
  categorise(fields, ['web', 'network'], refused ? ['access', 'denied'] : ['access', 'allowed'], outcome);
  return threat ? 'threat' : 'http-request';
};

const open: Parser['open'] =
  ({ clock }) =>
  (record) => {
    if (record.text.trim() === '') return BLANK;
    const start = START.exec(record.text.slice(0, 2000));
    if (start === null) return rejected('not-this-format', 'no entry of sophos_log');
    const pairs = readKeyValues(record.text, start.index);
    const fields: Fields = {
      'observer.vendor': 'Sophos',
      'observer.product': 'Web Appliance',
      'observer.type': 'proxy',
    };
    // when the request came in
    clock.stamp(fields, epochMicros(pairs.get('t') ?? '') ?? record.envelope.civil);
    put(fields, 'observer.name', record.envelope.host);
    putTransport(fields, 'tcp');
    putValues(fields, pairs);
    const act = judge(fields, pairs);
    if (/="[^"]*$/.test(record.text.slice(-500))) warn(fields, 'truncated');
    return { kind: 'event', act, fields };
  };

const putValues = fieldMap(
  'sophos.web_appliance',
  {
    text: `threat=threat.indicator.name ua=user_agent.original ref=http.request.referrer type=file.mime_type
      ctype=http.response.mime_type rsn=event.reason auth_by=einfallstor.login.method app=network.application`,
    lower: 'dom=url.registered_domain',
    number: 's=http.response.status_code in=http.request.bytes out=http.response.bytes filesize=file.size',
    ip: 'target_ip=destination.ip',
    side: 'h=source',
  },
  {
    t: () => undefined,
    rule: (fields, value) => value === '0' || put(fields, 'rule.id', value),
    'act+': () => undefined,
    u: (fields, value) => putUser(fields, 'user', unescaped(value)),
    req: (fields, value) => putRequestLine(fields, value) || put(fields, 'url.original', value),
    meth: (fields, value) => put(fields, 'http.request.method', value),
    // microseconds
    T: (fields, value) => putNumber(fields, 'event.duration', Number(value) * 1000),
  },
);

export default {
  id: 'sophos-web-appliance',
  title: 'Sophos Web Appliance (sophos_log)',
  references: [
    {
      title: 'Sophos Web Appliance, Interpreting Log Files',
      url: 'https://docs.sophos.com/nsg/swa/help/en-us/nsg/swa/concepts/InterpretingLogFiles.html',
    },
  ],
  appliance: true,
  framing: 'line',
  states: { zone: 'stated', year: 'stated', resolution: 's' },
  families: ['requests through the proxy: allowed, warned, blocked, quotas, malware, sandbox'],
  limits: ['Logs that are backed up in Squid’s format are read by squid.'],
  recognise: recogniseBy(claims, 'are entries of sophos_log'),
  claims,
  open,
} satisfies Parser as Parser;
