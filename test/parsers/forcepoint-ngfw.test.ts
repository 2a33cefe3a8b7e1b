import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import forcepoint from '../../parsers/firewall/forcepoint-ngfw.ts';
import { eventOf, expectRobust, readLines } from './lines.ts';

const ends = 'src=10.1.2.3 dst=198.51.100.9 spt=50112 dpt=443 proto=6';

describe('forcepoint-ngfw', () => {
  it.each([
    ['Connection_Allowed', `${ends} act=Allow deviceFacility=Packet Filtering`, 'flow-start', 'success'],
    ['Connection_Closed', `${ends} in=2 out=1 act=Allow deviceFacility=Accounting`, 'flow', 'success'],
    ['Connection_Discarded', `${ends} act=Discard deviceFacility=Packet Filtering`, 'flow-denied', 'success'],
    ['HTTP_Exploit', `${ends} act=Terminate deviceFacility=Inspection`, 'threat', 'failure'],
    ['VPN_Client-Authentication-Failed', 'src=192.0.2.7 suser=k.maier deviceFacility=IPsec', 'vpn-login', 'failure'],
    ['audit.stonegate.admin.login', 'suser=admin src=192.0.2.77', 'admin-login', 'success'],
    ['stonegate.object.delete', 'suser=admin', 'config-change', 'success'],
  ])('%s %s', (name, rest, act, outcome) => {
    const event = eventOf(forcepoint, `CEF:0|FORCEPOINT|Firewall|6.10.4|1|${name}|0|${rest} rt=Nov 02 2021 08:15:30`);
    expect([event.act, event.fields['event.outcome']]).toEqual([act, outcome]);
  });

  it('counts what the source sent, in CEF, LEEF, pairs and columns alike', () => {
    const cef = `CEF:0|FORCEPOINT|Firewall|6|1|Connection_Closed|0|${ends} in=914301 out=20480`;
    const leef =
      'LEEF:1.0|FORCEPOINT|Firewall|6|Connection_Closed|src=10.1.2.3\tdst=198.51.100.9\tAccTxBytes=20480\tAccRxBytes=914301';
    const pairs =
      'Timestamp="2021-11-02 08:15:30",NodeId="192.0.2.1",Facility="Accounting",Event="Connection closed",Src="10.1.2.3",Dst="198.51.100.9",AccTxBytes="20480",AccRxBytes="914301"';
    for (const line of [cef, leef, pairs]) {
      const { act, fields } = eventOf(forcepoint, line);
      expect([act, fields['source.bytes'], fields['destination.bytes']]).toEqual(['flow', 20_480, 914_301]);
    }
    const columns = readLines(forcepoint, [
      'TIMESTAMP,LOG_ID,NODE_ID,FACILITY,EVENT,SRC,DST,ACC_TX_BYTES,ACC_RX_BYTES',
      '2021-11-02 08:15:30,1,192.0.2.1,Accounting,Connection closed,10.1.2.3,198.51.100.9,20480,914301',
    ])[1];
    expect(columns).toMatchObject({
      act: 'flow',
      fields: { 'source.bytes': 20_480, 'destination.bytes': 914_301, '@timestamp': 1_635_840_930_000_000 },
    });
  });

  it('leaves the vendor’s other products alone', () => {
    const line = 'CEF:0|Forcepoint|Email Security|8.5|Connection|x|5|src=192.0.2.5';
    expect(readLines(forcepoint, [line])[0]?.kind).toBe('rejected');
  });

  it.each(['cef-and-leef', 'pairs-and-csv'])('is robust: %s', (name) => {
    const file = join(import.meta.dirname, '../../fixtures/parsers/forcepoint-ngfw', name, 'input.log');
    expectRobust(forcepoint, readFileSync(file, 'utf8').trim().split('\n'));
  });
});
