import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import clavister from '../../parsers/firewall/clavister.ts';
import { readBytes, readClavister } from '../../src/parse/kit/clavister.ts';
import { eventOf, expectRobust } from './lines.ts';

describe('clavister', () => {
  it('reads values with blanks, and those of the connection before others', () => {
    const pairs = readClavister(
      'id=1 event=x [message=Ended. App: a b. reason="a = [b]" origsent=3 ][rules rule=R ][conn [conn connsrcip=10.1.2.3 origsent=4.52 K termsent=1 ]]algmod=http',
    );
    expect(Object.fromEntries(pairs)).toEqual({
      id: '1',
      event: 'x',
      message: 'Ended. App: a b.',
      reason: 'a = [b]',
      rule: 'R',
      connsrcip: '10.1.2.3',
      origsent: '4.52 K',
      'origsent#2': '3',
      termsent: '1',
      algmod: 'http',
    });
  });

  it.each([
    ['695', { bytes: 695, rounded: false }],
    ['4.52 K', { bytes: 4628, rounded: true }],
    ['1.5 M', { bytes: 1_572_864, rounded: true }],
    ['x', undefined],
  ])('bytes %s', (text, read) => expect(readBytes(text)).toEqual(read));

  it('counts bytes where a connection ended, not where an application did', () => {
    const conn =
      '[conn [conn connsrcip=10.1.2.3 conndestip=198.51.100.9 connipproto=TCP origsent=20480 termsent=914301 ]]';
    const closed = eventOf(clavister, `id=600002 event=conn_close action=close [message=Connection closed ]${conn}`);
    expect([closed.act, closed.fields['source.bytes'], closed.fields['destination.bytes']]).toEqual([
      'flow',
      20_480,
      914_301,
    ]);
    const app = eventOf(clavister, `id=7200003 event=application_end [message=Application ended ]${conn}`);
    expect([app.act, app.fields['source.bytes']]).toEqual(['other', undefined]);
  });

  it.each([
    [
      'id=9000001 event=oneconnect_session_created [message=x ipaddr=192.0.2.7 username=k.maier client_ip=10.90.0.14 ]',
      'vpn-session-start',
      '192.0.2.7',
      '10.90.0.14',
    ],
    [
      'id=3203000 event=admin_login [message=x username=admin client_ip=192.0.2.77 client_port=5 ]',
      'admin-login',
      '192.0.2.77',
      undefined,
    ],
    [
      'EFW: USERAUTH: prio=2 id=03700102 event=user_login authagent=PPP username="k.maier" srcip=192.0.2.7',
      'vpn-login',
      '192.0.2.7',
      undefined,
    ],
    [
      'EFW: USERAUTH: prio=2 id=03700104 event=bad_user_credentials authagent=HTTP username="k" srcip=192.0.2.7',
      'login',
      '192.0.2.7',
      undefined,
    ],
    [
      'EFW: RULE: prio=3 id=06000051 event=ruleset_drop_packet action=drop srcip=192.0.2.7 destip=203.0.113.20 ipproto=TCP',
      'flow-denied',
      '192.0.2.7',
      undefined,
    ],
  ])('%s', (line, act, ip, inner) => {
    const event = eventOf(clavister, line);
    expect([event.act, event.fields['source.ip'], event.fields['einfallstor.vpn.assigned_ip']]).toEqual([
      act,
      ip,
      inner,
    ]);
  });

  it.each(['bracketed', 'flat'])('is robust: %s', (name) => {
    const file = join(import.meta.dirname, '../../fixtures/parsers/clavister', name, 'input.log');
    expectRobust(clavister, readFileSync(file, 'utf8').trim().split('\n'));
  });
});
