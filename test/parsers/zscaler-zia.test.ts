import { describe, expect, it } from 'vitest';
import zscaler from '../../parsers/web/zscaler-zia.ts';
import { eventOf, expectRobust, linesOf, readLines } from './lines.ts';

const json = (feed: string, event: object): string => JSON.stringify({ sourcetype: `zscalernss-${feed}`, event });
const WEB = {
  time: 'Tue Mar 12 11:00:00 2024',
  tz: 'GMT',
  cip: '10.1.1.1',
  url: 'a.example.net/x',
  threatname: 'None',
};
const FW = { datetime: 'Tue Mar 12 11:00:00 2024', csip: '10.1.1.1', cdip: '203.0.113.4', ssip: '198.51.100.1' };

describe('zscaler-zia', () => {
  it.each([
    ['web', { ...WEB, action: 'Allowed', respcode: '200' }, 'http-request', 'success'],
    ['web', { ...WEB, action: 'Blocked' }, 'http-request', 'failure'],
    ['web', { ...WEB, action: 'Blocked', threatname: 'Demo' }, 'threat', 'failure'],
    ['fw', { ...FW, action: 'Allow' }, 'flow', 'success'],
    ['fw', { ...FW, action: 'Drop' }, 'flow-denied', 'success'],
    ['dns', { ...WEB, dns_req: 'x.example.net', reqaction: 'REQ_BLOCK' }, 'dns-query', 'failure'],
    ['audit', { ...WEB, action: 'SIGN_IN', result: 'FAILURE' }, 'admin-login', 'failure'],
  ])('%s %j is %s', (feed, event, act, outcome) => {
    const read = eventOf(zscaler, json(feed, event));
    expect([read.act, read.fields['event.outcome'], read.fields['source.ip']]).toEqual([act, outcome, '10.1.1.1']);
  });

  it('counts both directions of a flow and keeps the translated address', () => {
    const event = { ...FW, action: 'Allow', inbytes: '10', outbytes: '5000', sdip: '203.0.113.4', durationms: '1500' };
    const { fields } = eventOf(zscaler, json('fw', event));
    expect(fields).toMatchObject({
      'source.bytes': 5000,
      'destination.bytes': 10,
      'source.nat.ip': '198.51.100.1',
      'event.duration': 1_500_000_000,
    });
    expect(fields['destination.nat.ip']).toBeUndefined();
  });

  it('reads the default order without names', () => {
    const [web] = linesOf('zscaler-zia/csv');
    expect(eventOf(zscaler, web as string).fields).toMatchObject({
      'source.ip': '10.20.3.7',
      'destination.ip': '198.51.100.80',
      'user.name': 'b.haas',
      'source.bytes': 812,
      'destination.bytes': 20311,
    });
    const foreign = '"Tue Mar 12 08:01:11 2024","a","b","c","d","e","f","g","h","i"';
    expect(readLines(zscaler, [foreign])[0]).toMatchObject({ kind: 'rejected' });
  });

  it('never throws, never takes long', () =>
    expectRobust(zscaler, linesOf('zscaler-zia/csv', 'zscaler-zia/pairs', 'zscaler-zia/json')));
});
