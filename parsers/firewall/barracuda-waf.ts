import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { readExtension } from '../../src/parse/kit/cef.ts';
import { cefFields, stampCef } from '../../src/parse/kit/cef-fields.ts';
import { categorise, put, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// src=192.0.2.7 spt=33217 dst=10.1.1.1 dpt=443 actionTaken=DENY attackDescription=… attackId=1111 logType=WF app=TLSv1.2 request=/ …
const START = /\blogType=(WF|TR|AL|AUDIT|SYS|NF)\b/;
const KEYS = /\b(?:actionTaken|attackDescription|attackId|adminName|unitName)=/;

const claims = ({ text }: RawRecord): boolean => START.test(text.slice(0, 8192)) && KEYS.test(text.slice(0, 8192));

const putValues = cefFields(
  'barracuda.waf',
  {
    text: `actionTaken=event.action attackDescription=threat.indicator.name attackGroup=rule.category attackId=rule.id
      userAgent=user_agent.original referer=http.request.referrer unitName=observer.name responseCode=http.response.status_code
      proxyIP=barracuda.waf.proxy_ip`,
    number: 'httpStatus=http.response.status_code bytesSent=destination.bytes bytesReceived=source.bytes',
    user: 'adminName=user loginId=user user=user',
  },
  {
    'logType+ attackDetails+': () => undefined,
    // TLSv1.2 · HTTPS
    app: (fields, value) => {
      const version = /^(?:TLS|SSL)v([\d.]{1,5})$/.exec(value)?.[1];
      put(fields, 'tls.version', version);
      put(fields, 'network.protocol', version === undefined ? value.toLowerCase() : 'https');
    },
  },
);

const as = (act: Act, fields: Fields, category: string[], types: string[], outcome: 'success' | 'failure'): Act => {
  categorise(fields, category, types, outcome);
  return act;
};

/** WF: what the firewall stopped or noticed; TR: a request; AUDIT: an administrator; NF: a packet. */
const meaning = (fields: Fields, kind: string, action: string): Act => {
  const denied = /den[iy]|block|drop|redirect|reset/i.test(action);
  if (kind === 'TR' || kind === 'AL') return as('http-request', fields, ['web'], ['access'], 'success');
  if (kind === 'AUDIT') {
    if (/log ?in/i.test(action)) return as('admin-login', fields, ['authentication'], ['start', 'admin'], 'success');
    if (/log ?out/i.test(action)) return as('logout', fields, ['authentication', 'session'], ['end'], 'success');
    return as('config-change', fields, ['configuration'], ['change'], 'success');
  }
  if (kind === 'NF' && denied) return as('flow-denied', fields, ['network'], ['connection', 'denied'], 'success');
  if (kind === 'NF') return as('flow-start', fields, ['network'], ['connection', 'start', 'allowed'], 'success');
  if (kind === 'SYS') return as('source-state', fields, ['host'], ['info'], 'success');
  fields['event.kind'] = 'alert';
  const types = ['access', denied ? 'denied' : 'allowed'];
  return as('threat', fields, ['intrusion_detection', 'web'], types, denied ? 'failure' : 'success');
};

const open: Parser['open'] =
  ({ clock }) =>
  (record) => {
    const kind = START.exec(record.text)?.[1];
    if (kind === undefined || !claims(record)) return rejected('not-this-format', 'no logType= of a Barracuda WAF');
    const { message, host, civil } = record.envelope;
    const pairs = new Map(
      [...readExtension(message)].map(([key, value]) => [key, value.replace(/^"(.*)"$/s, '$1')] as const),
    );
    const fields: Fields = { 'observer.vendor': 'Barracuda', 'observer.product': 'Web Application Firewall' };
    if (!stampCef(clock, fields, pairs, civil)) warn(fields, 'time-missing');
    put(fields, 'observer.name', host);
    putValues(fields, pairs);
    put(fields, 'event.reason', pairs.get('attackDetails'));
    relateAddresses(fields, message.slice(0, 16_384));
    return { kind: 'event', act: meaning(fields, kind, pairs.get('actionTaken') ?? ''), fields };
  };

export default {
  id: 'barracuda-waf',
  title: 'Barracuda Web Application Firewall',
  references: [
    {
      title: 'Barracuda Web Application Firewall: How to configure syslog and other logs (custom formats)',
      url: 'https://campus.barracuda.com/product/webapplicationfirewall/doc/4259935/how-to-configure-syslog-and-other-logs/',
    },
  ],
  appliance: true,
  framing: 'line',
  states: { zone: 'stated', year: 'stated', resolution: 'ms' },
  families: [
    'web firewall, access, audit, system and network firewall logs as key=value (format for Microsoft Sentinel and ArcSight)',
  ],
  limits: ['The positional default format has no keys and is not read.'],
  recognise: recogniseBy(claims, 'are key=value lines with logType'),
  claims,
  open,
} satisfies Parser as Parser;
