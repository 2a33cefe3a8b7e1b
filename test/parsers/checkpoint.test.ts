import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import checkpoint from '../../parsers/firewall/checkpoint.ts';
import { eventOf, expectRobust, readLines, recordsOf } from './lines.ts';

const PAIRS: readonly (readonly [string, string])[] = [
  ['time', '1635837330'],
  ['action', 'Drop'],
  ['loguid', '{0x0,0x0,0x0,0x1}'],
  ['origin', '10.0.0.1'],
  ['product', 'VPN-1 & FireWall-1'],
  ['src', '192.0.2.66'],
  ['s_port', '40112'],
  ['dst', '203.0.113.20'],
  ['service', '3389'],
  ['proto', '6'],
  ['rule_name', 'Rest'],
];
const join5424 = (separator: string, quote: (key: string, value: string) => string): string =>
  PAIRS.map(([key, value]) => quote(key, value)).join(separator);
const syslog = (...pairs: string[]): string =>
  `<134>1 2021-11-02T07:15:30Z mgmt CheckPoint 1 - [origin:"10.0.0.1"; loguid:"{0x1,0x2,0x3,0x4}"; time:"1635837330"; ${pairs.map((pair) => pair.replace('=', ':"')).join('"; ')}"; ]`;

describe('checkpoint: forms', () => {
  it.each([
    ['syslog', `<134>1 2021-11-02T07:15:31Z m CheckPoint 1 - [${join5424('; ', (k, v) => `${k}:"${v}"`)}; ]`],
    ['syslog with blanks', `1 2021-11-02T07:15:31Z m CheckPoint 1 - [${join5424('; ', (k, v) => `${k}: "${v}"`)}]`],
    ['structured data', `<134>1 2021-11-02T07:15:31Z m CheckPoint 1 - [x@1 ${join5424(' ', (k, v) => `${k}="${v}"`)}]`],
    ['generic', join5424('|', (k, v) => `${k}=${v}`)],
    ['json', `{${join5424(',', (k, v) => `"${k}":"${v}"`)}}`],
    [
      'cef',
      'CEF:0|Check Point|VPN-1 & FireWall-1|Check Point|Log|x|Unknown|act=Drop rt=1635837330000 spt=40112 dpt=3389 cs2Label=Rule Name cs2=Rest origin=10.0.0.1 src=192.0.2.66 dst=203.0.113.20 proto=6',
    ],
    [
      'leef',
      'LEEF:2.0|Check Point|VPN-1 & FireWall-1|1.0|Drop|devTime=1635837330\tsrcPort=40112\tdstPort=3389\tsrc=192.0.2.66\tdst=203.0.113.20\tproto=6\trule_name=Rest\torigin=10.0.0.1',
    ],
  ])('%s', (_, line) => {
    const { act, fields } = eventOf(checkpoint, line);
    expect(act).toBe('flow-denied');
    expect(fields).toMatchObject({
      '@timestamp': 1_635_837_330_000_000,
      'source.ip': '192.0.2.66',
      'source.port': 40112,
      'destination.ip': '203.0.113.20',
      'destination.port': 3389,
      'network.transport': 'tcp',
      'rule.name': 'Rest',
      'observer.name': '10.0.0.1',
    });
  });
});

describe('checkpoint: acts', () => {
  it.each([
    [['action=Accept', 'src=10.1.1.1', 'product=VPN-1 & FireWall-1'], 'flow', 'success'],
    [['action=Reject', 'src=10.1.1.1', 'product=VPN-1 & FireWall-1'], 'flow-denied', 'success'],
    [['action=Reject', 'ike=Failed', 'scheme=IKE', 'src=10.1.1.1'], 'vpn-negotiation', 'failure'],
    [['action=Log In', 'product=Mobile Access', 'user=b.lang', 'src=192.0.2.7'], 'vpn-login', 'success'],
    [['action=Failed Log In', 'product=Mobile Access', 'user=b.lang', 'src=192.0.2.7'], 'vpn-login', 'failure'],
    [['action=Log Out', 'product=Mobile Access', 'user=b.lang', 'src=192.0.2.7'], 'vpn-session-end', 'success'],
    [['action=Log In', 'product=Identity Awareness', 'user=b.lang', 'src=10.1.1.1'], 'login', 'success'],
    [['action=Detect', 'product=IPS', 'attack=x', 'src=192.0.2.7'], 'threat', 'success'],
    [['operation=Log In', 'administrator=b.lang', 'subject=Administrator Login'], 'admin-login', 'success'],
    [['operation=Modify Rule', 'administrator=b.lang', 'objectname=x'], 'config-change', 'success'],
  ])('%s', (pairs, act, outcome) => {
    const event = eventOf(checkpoint, syslog(...pairs));
    expect([event.act, event.fields['event.outcome']]).toEqual([act, outcome]);
  });

  it('tells the login name from the display name', () => {
    const { fields } = eventOf(
      checkpoint,
      syslog('action=Log In', 'product=Mobile Access', 'user=Lang, Berta (b.lang)'),
    );
    expect([fields['user.name'], fields['user.full_name']]).toEqual(['b.lang', 'Lang, Berta']);
  });

  it('takes no translated address from 0.0.0.0', () => {
    const { fields } = eventOf(checkpoint, syslog('action=Accept', 'src=10.1.1.1', 'xlatesrc=0.0.0.0', 'xlatesport=0'));
    expect(Object.keys(fields).filter((name) => name.includes('.nat.'))).toEqual([]);
  });

  it('leaves other lines alone', () => {
    const lines = ['time=1|x=2', '[action:"Drop"; src:"192.0.2.1"]', 'CEF:0|Other|VPN-1|1|1|x|1|src=192.0.2.1'];
    expect(readLines(checkpoint, lines).map((o) => o.kind)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(checkpoint.recognise({ records: recordsOf(lines) }).certainty).toBe(0);
  });
});

it('checkpoint is robust', () => {
  const folder = join(import.meta.dirname, '../../fixtures/parsers/checkpoint');
  const lines = ['syslog', 'other-forms'].flatMap((name) =>
    readFileSync(join(folder, name, 'input.log'), 'utf8')
      .trim()
      .split('\n'),
  );
  expectRobust(checkpoint, lines);
});
