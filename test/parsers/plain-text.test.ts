import { expect, it } from 'vitest';
import type { Fields } from '../../src/ecs/event.ts';
import { readPlainText } from '../../src/parse/kit/plain-text.ts';

const read = (text: string): unknown[] => {
  const fields: Fields = {};
  const act = readPlainText(fields, text, undefined);
  return [act, fields['event.outcome'], fields['user.name'], fields['source.ip'], fields['destination.ip']];
};

it.each([
  ["Login of user 'k.maier' from 198.51.100.7 failed", 'login', 'failure', 'k.maier', '198.51.100.7', undefined],
  [
    '[SSL VPN][@203.0.113.44] User (k.maier) login success',
    'vpn-login',
    'success',
    'k.maier',
    '203.0.113.44',
    undefined,
  ],
  ['failed authentication for "k.maier" (192.0.2.7)', 'login', 'failure', 'k.maier', '192.0.2.7', undefined],
  ['k.maier logged out from 192.0.2.7', 'logout', 'success', 'k.maier', '192.0.2.7', undefined],
  [
    'VPN tunnel of user k.maier from 192.0.2.7 established',
    'vpn-session-start',
    'success',
    'k.maier',
    '192.0.2.7',
    undefined,
  ],
  ['Administrator console: user x9 logged in from 10.1.2.3', 'admin-login', 'success', 'x9', '10.1.2.3', undefined],
  // an account called admin is no console
  ['user admin logged in from 192.0.2.7', 'login', 'success', 'admin', '192.0.2.7', undefined],
  ['Die Anmeldung von „k.maier“ von 192.0.2.7 wurde verweigert', 'login', 'failure', 'k.maier', '192.0.2.7', undefined],
  ['DROP tcp 198.51.100.7:4432 -> 10.0.0.5:3389', 'flow-denied', 'success', undefined, '198.51.100.7', '10.0.0.5'],
  ['allowed [2001:db8::7]:51422 to [2001:db8:1::9]:443', 'flow', 'success', undefined, '2001:db8::7', '2001:db8:1::9'],
  // what does not say it plainly says nothing
  ['334 AUTH LOGIN', 'other', undefined, undefined, undefined, undefined],
  ['login attempt by k.maier from 192.0.2.7', 'other', undefined, undefined, undefined, undefined],
  ['listening for connections on 10.0.0.5, peer 10.0.0.6', 'other', undefined, undefined, undefined, undefined],
  ['link up, 1.2.3.4.5 is no address, from nowhere', 'other', undefined, undefined, undefined, undefined],
])('%s', (text, ...expected) => {
  expect(read(text)).toEqual(expected);
});

// no side where the words do not settle it: the server that answers, the address that was given, who fetched from where
it.each([
  ['RADIUS server 10.0.0.10 rejected login of user k.maier from 192.0.2.7', 'login', 'k.maier', '192.0.2.7', undefined],
  ['login of user k.maier was rejected by 10.0.0.10', 'login', 'k.maier', undefined, undefined],
  ['LDAP authentication via 10.0.0.10 failed for user k.maier', 'login', 'k.maier', undefined, undefined],
  ['authentication failed for user k.maier on host 10.0.0.10', 'login', 'k.maier', undefined, undefined],
  ['Access-Reject from 10.0.0.10: authentication failed for user k.maier', 'login', 'k.maier', undefined, undefined],
  ['authentication failed sent to 192.0.2.7 for user k.maier', 'login', 'k.maier', undefined, undefined],
  ['Die Anmeldung des Benutzers k.maier wurde von 10.0.0.10 abgelehnt', 'login', 'k.maier', undefined, undefined],
  ['VPN user k.maier connected, IP 10.8.0.6', 'vpn-session-start', 'k.maier', undefined, undefined],
  ['VPN user k.maier -> 10.8.0.6 connected', 'vpn-session-start', 'k.maier', undefined, undefined],
  ['VPN user k.maier connected, peer 192.0.2.7', 'vpn-session-start', 'k.maier', undefined, undefined],
  ['user k.maier failed to log in to remote 10.0.0.5', 'login', 'k.maier', undefined, '10.0.0.5'],
  ['ssh root@10.0.0.5: login of user root failed', 'login', 'root', undefined, undefined],
  ['configuration restored from 10.0.0.5', 'config-change', undefined, undefined, undefined],
  // and a side where they do
  ['login failed for user k.maier, IP 192.0.2.7', 'login', 'k.maier', '192.0.2.7', undefined],
  ['login failed for user k.maier, client ip: 192.0.2.7', 'login', 'k.maier', '192.0.2.7', undefined],
  ['k.maier@192.0.2.7: login failed', 'login', 'k.maier', '192.0.2.7', undefined],
  ['login failed from 192.0.2.7: invalid username or password', 'login', undefined, '192.0.2.7', undefined],
])('sides of: %s', (text, act, user, source, destination) => {
  const [isAct, , ...who] = read(text);
  expect([isAct, ...who]).toEqual([act, user, source, destination]);
});

it.each([
  ['SSL-VPN: user k.maier logged in from 192.0.2.7, assigned IP 10.8.0.6', '10.8.0.6'],
  ['VPN user k.maier connected, tunnel ip: 10.8.0.6', '10.8.0.6'],
  ['VPN tunnel 192.0.2.1 <-> 192.0.2.7 established for user k.maier', undefined],
  ['VPN user k.maier connected to virtual host 10.0.0.5', undefined],
])('address given: %s', (text, inner) => {
  const fields: Fields = {};
  readPlainText(fields, text, undefined);
  expect([fields['user.name'], fields['einfallstor.vpn.assigned_ip']]).toEqual(['k.maier', inner]);
});

it('says that it was read by words, and of nothing else', () => {
  const [told, silent]: Fields[] = [{}, {}];
  readPlainText(told as Fields, 'user k.maier logged in from 192.0.2.7', undefined);
  readPlainText(silent as Fields, 'started, peer 192.0.2.7', undefined);
  expect([told, silent].map((fields) => (fields as Fields)['einfallstor.warnings'])).toEqual([
    ['read-by-words'],
    undefined,
  ]);
});
