import { describe, expect, it } from 'vitest';
import awsWaf from '../../parsers/firewall/aws-waf.ts';
import { eventOf, expectRobust, linesOf } from './lines.ts';

const record = (action: string, counted: readonly string[] = []): string =>
  JSON.stringify({
    timestamp: 1635840930123,
    webaclId: 'arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/shop/0a1b',
    action,
    terminatingRuleId: 'r',
    nonTerminatingMatchingRules: counted.map((ruleId) => ({ ruleId, action: 'COUNT' })),
    httpRequest: { clientIp: '198.51.100.23', uri: '/', httpMethod: 'GET' },
  });

describe('aws-waf', () => {
  it('calls an attack what was blocked, and what was let in although a rule knew it', () => {
    expect(eventOf(awsWaf, record('BLOCK'))).toMatchObject({ act: 'threat', fields: { 'event.outcome': 'failure' } });
    expect(eventOf(awsWaf, record('ALLOW', ['NoUserAgent', 'Log4JRCE_HEADER']))).toMatchObject({
      act: 'threat',
      fields: { 'event.outcome': 'success', 'rule.name': 'Log4JRCE_HEADER' },
    });
  });

  it('calls a request a request, with an outcome only where it was refused', () => {
    for (const counted of [[], ['NoUserAgent_HEADER'], ['force-source-check']])
      expect(eventOf(awsWaf, record('ALLOW', counted))).toMatchObject({
        act: 'http-request',
        fields: { 'event.outcome': 'unknown' },
      });
    expect(eventOf(awsWaf, record('CAPTCHA'))).toMatchObject({
      act: 'http-request',
      fields: { 'event.outcome': 'failure' },
    });
  });

  it('survives hostile lines', () => expectRobust(awsWaf, linesOf('aws-waf/requests')));
});
