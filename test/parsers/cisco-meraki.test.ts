import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import meraki from '../../parsers/firewall/cisco-meraki.ts';
import { eventOf, expectRobust, readLines } from './lines.ts';

const AT = '<134>1 1635837330.834663913 MX84';
const ENDS = 'src=10.1.1.1 dst=198.51.100.7 protocol=tcp sport=50112 dport=443';

describe('cisco-meraki', () => {
  it.each([
    [`flows allow ${ENDS}`, 'flow-start'],
    [`flows deny ${ENDS}`, 'flow-denied'],
    [`flows ${ENDS} pattern: 0 all`, 'flow-start'],
    [`flows ${ENDS} pattern: 1 all`, 'flow-denied'],
    [`firewall ${ENDS} pattern: deny tcp && dst port 25`, 'flow-denied'],
    [`vpn_firewall ${ENDS} pattern: allow all`, 'flow-start'],
    [`ip_flow_end ${ENDS}`, 'flow'],
  ])('%s', (line, act) => {
    const event = eventOf(meraki, `${AT} ${line}`);
    expect(event.act).toBe(act);
    expect(event.fields).toMatchObject({
      '@timestamp': 1_635_837_330_834_663,
      'observer.name': 'MX84',
      'source.ip': '10.1.1.1',
      'destination.port': 443,
    });
  });

  it.each([
    ['192.0.2.7:443', '192.0.2.7', 443],
    ['192.0.2.7', '192.0.2.7', undefined],
    ['2001:db8:1:2:3:4:5:6:443', '2001:db8:1:2:3:4:5:6', 443],
    ['2001:db8::6', '2001:db8::6', undefined],
  ])('end point %s', (src, ip, port) => {
    const { fields } = eventOf(meraki, `${AT} urls src=${src} request: GET http://a.example/`);
    expect([fields['source.ip'], fields['source.port']]).toEqual([ip, port]);
  });

  it.each([
    ["type=anyconnect_vpn_auth_success msg= 'Peer IP=192.0.2.7 Peer port=5 User=b.lang: ok'", 'vpn-login', 'success'],
    ["type=anyconnect_vpn_auth_failure msg= 'Peer IP=192.0.2.7 Peer port=5 User=b.lang: no'", 'vpn-login', 'failure'],
    ["type=anyconnect_vpn_connect msg= 'Peer IP=192.0.2.7 User[b.lang@x.example]: ok'", 'vpn-session-start', 'success'],
    ["type=client_vpn_connect user_id='b.lang' local_ip='10.9.0.7'", 'vpn-session-start', 'success'],
    ["type=client_vpn_disconnect user_id='b.lang' local_ip='10.9.0.7'", 'vpn-session-end', 'success'],
  ])('%s', (line, act, outcome) => {
    const event = eventOf(meraki, `${AT} events ${line}`);
    expect([event.act, event.fields['event.outcome'], event.fields['user.name']]).toEqual([act, outcome, 'b.lang']);
  });

  it('leaves other epochs alone', () => {
    expect(readLines(meraki, ['1635837330.1 proxy TCP_MISS/200 GET http://a.example/'])[0]?.kind).toBe('rejected');
  });

  it('is robust', () => {
    const file = join(import.meta.dirname, '../../fixtures/parsers/cisco-meraki/syslog/input.log');
    expectRobust(meraki, readFileSync(file, 'utf8').trim().split('\n'));
  });
});
