import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { epochMicros } from '../../src/parse/kit/civil.ts';
import { isObject, type Json, keepJson, listAt, readObject, textAt } from '../../src/parse/kit/json.ts';
import { once } from '../../src/parse/kit/once.ts';
import { add, categorise, put, putIp, putNumber } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { putUrl } from '../../src/parse/kit/url.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// {"timestamp":1635840930123,"formatVersion":1,"webaclId":"arn:aws:wafv2:…","terminatingRuleId":"…","action":"BLOCK",…,"httpRequest":{…}}
const readRecord = once(({ text }: RawRecord): Json | undefined => {
  if (!text.includes('"webaclId"')) return undefined;
  const object = readObject(text);
  for (const one of [object, object?.['event'], object?.['data'], object?.['json']])
    if (isObject(one) && isObject(one['httpRequest']) && ['webaclId', 'action'].every((name) => textAt(one, name)))
      return one;
  return undefined;
});

// arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/shop/0a1b2c3d-…
const ARN =
  /^arn:aws[a-z-]{0,12}:waf[a-z0-9-]{0,16}:([a-z0-9-]{0,20}):(\d{12}):(?:[a-z]{1,16}\/)?webacl\/([^/]{1,128})/;

const headersOf = (request: Json): Map<string, string> =>
  new Map(
    listAt(request, 'headers')
      .slice(0, 200)
      .map((header): [string, string] => [textAt(header, 'name')?.toLowerCase() ?? '', textAt(header, 'value') ?? '']),
  );

const putRequest = (fields: Fields, request: Json): void => {
  const headers = headersOf(request);
  putIp(fields, 'source.ip', textAt(request, 'clientIp'));
  const args = textAt(request, 'args');
  putUrl(fields, `${textAt(request, 'uri') ?? ''}${args === undefined ? '' : `?${args}`}`);
  put(fields, 'url.domain', (textAt(request, 'host') ?? headers.get('host'))?.toLowerCase().replace(/:\d{1,5}$/, ''));
  put(fields, 'url.scheme', textAt(request, 'scheme')?.toLowerCase());
  put(fields, 'http.request.method', textAt(request, 'httpMethod'));
  put(fields, 'http.version', textAt(request, 'httpVersion')?.replace(/^HTTP\//i, ''));
  put(fields, 'http.request.id', textAt(request, 'requestId'));
  put(fields, 'http.request.referrer', headers.get('referer'));
  put(fields, 'user_agent.original', headers.get('user-agent')?.slice(0, 4000));
};

/** Rules that matched and let the request go on: at the top, and within groups of rules. */
const countedOf = (record: Json): readonly Json[] => {
  const places = [record, ...listAt(record, 'ruleGroupList').slice(0, 100)];
  return places
    .flatMap((place) => [...listAt(place, 'nonTerminatingMatchingRules'), ...listAt(place, 'excludedRules')])
    .filter(isObject)
    .slice(0, 100);
};

/** Names of rules that know attacks, and not who may ask: SQLi_QUERYARGUMENTS · Log4JRCE_HEADER · GenericLFI_URIPATH · SQL_INJECTION */
const ATTACK =
  /RCE|LFI|RFI|SSRF|XSS|[Ss][Qq][Ll][Ii]|SQL_INJ|Log4[Jj]|CrossSite|Exploit|Deserial|Traversal|Shell|[Ii]njection|HighRisk/;

const conditionOf = (rule: unknown, name: string): string | undefined => textAt(listAt(rule, name)[0], 'conditionType');

const isAttack = (rule: Json): boolean =>
  ATTACK.test(`${textAt(rule, 'ruleId')} ${conditionOf(rule, 'ruleMatchDetails')}`.slice(0, 500));

/** The rule that decided: in a group of rules the group's own, whose name says more. */
const decidedBy = (record: Json): string | undefined => {
  for (const group of listAt(record, 'ruleGroupList').slice(0, 100)) {
    const rule = textAt(group, 'terminatingRule.ruleId');
    if (rule !== undefined) return rule;
  }
  return textAt(record, 'terminatingRuleId');
};

const threat = (fields: Fields, type: 'denied' | 'allowed'): Act => {
  fields['event.kind'] = 'alert';
  const outcome = type === 'denied' ? 'failure' : 'success';
  categorise(fields, ['intrusion_detection', 'web'], ['access', type], outcome);
  return 'threat';
};

/** What the web server behind answered is not logged. */
const request = (fields: Fields, type: 'denied' | 'allowed' | 'info'): Act => {
  categorise(fields, ['web'], ['access', type], type === 'denied' ? 'failure' : 'unknown');
  return 'http-request';
};

/** A request that was let in although a rule knew an attack in it went through; a puzzle that was set is no attack. */
const meaningOf = (fields: Fields, action: string, attack: Json | undefined): Act => {
  if (action === 'BLOCK') return threat(fields, 'denied');
  if (action === 'CAPTCHA' || action === 'CHALLENGE') return request(fields, 'denied');
  if (action !== 'ALLOW') return request(fields, 'info');
  return attack === undefined ? request(fields, 'allowed') : threat(fields, 'allowed');
};

const MAPPED = new Set(['timestamp', 'action', 'httpRequest']);

const claims = (record: RawRecord): boolean => readRecord(record) !== undefined;

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    const found = readRecord(record);
    if (found === undefined) return rejected('not-this-format', 'no record of AWS WAF');
    const time = epochMicros(textAt(found, 'timestamp') ?? '');
    if (time === undefined) return rejected('bad-time', 'timestamp is no time');
    const fields: Fields = {
      'observer.vendor': 'Amazon',
      'observer.product': 'WAF',
      'observer.type': 'firewall',
      'cloud.provider': 'aws',
    };
    clock.stamp(fields, time);
    const acl = ARN.exec(textAt(found, 'webaclId') ?? '');
    put(fields, 'cloud.region', acl?.[1]);
    put(fields, 'cloud.account.id', acl?.[2]);
    put(fields, 'observer.name', acl?.[3]);
    putRequest(fields, found['httpRequest'] as Json);
    const action = textAt(found, 'action')?.toUpperCase() ?? '';
    put(fields, 'event.action', action.toLowerCase());
    const counted = countedOf(found);
    const attack = action === 'ALLOW' ? counted.find(isAttack) : undefined;
    const act = meaningOf(fields, action, attack);
    put(fields, 'rule.name', attack === undefined ? decidedBy(found) : textAt(attack, 'ruleId'));
    put(fields, 'rule.id', textAt(found, 'terminatingRuleId'));
    const condition =
      attack === undefined
        ? conditionOf(found, 'terminatingRuleMatchDetails')
        : conditionOf(attack, 'ruleMatchDetails');
    put(fields, 'rule.category', condition?.toLowerCase());
    put(fields, 'event.reason', textAt(found, 'captchaResponse.failureReason', 'challengeResponse.failureReason'));
    putNumber(fields, 'http.response.status_code', textAt(found, 'responseCodeSent'));
    for (const rule of counted) add(fields, 'aws.waf.counted', textAt(rule, 'ruleId'));
    put(fields, 'aws.waf.country', textAt(found, 'httpRequest.country'));
    keepJson(fields, 'aws.waf', found, MAPPED);
    relateAddresses(fields, record.text.slice(0, 16_384));
    return { kind: 'event', act, fields };
  };

export default {
  id: 'aws-waf',
  title: 'AWS WAF',
  references: [
    {
      title: 'AWS WAF: log fields',
      url: 'https://docs.aws.amazon.com/waf/latest/developerguide/logging-fields.html',
    },
    {
      title: 'AWS WAF: managed rule groups',
      url: 'https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html',
    },
  ],
  framing: 'json',
  states: { zone: 'stated', year: 'stated', resolution: 'ms' },
  families: [
    'records of WAF and WAF Classic: requests blocked, allowed, or asked to solve a puzzle, with the rule that decided and those that only counted',
    'an allowed request in which a counting rule knew an attack is a threat that passed',
  ],
  limits: [
    'what the web server answered is not logged',
    'behind another content delivery network the client is that; forwarded addresses are in related.ip',
  ],
  recognise: recogniseBy(claims, 'are records of AWS WAF', 0.98),
  claims,
  open,
} satisfies Parser as Parser;
