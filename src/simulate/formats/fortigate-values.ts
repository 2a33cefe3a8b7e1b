import type { Flow } from '../flow.ts';
import type { Side } from '../world.ts';

/** Interfaces, policies and services as the simulated FortiGates name them, and how FortiOS writes values. */

export const INTERFACES: Readonly<Record<Side, readonly [string, string]>> = {
  lan: ['internal', 'lan'],
  server: ['servers', 'lan'],
  dmz: ['dmz', 'dmz'],
  vpn: ['ssl.root', 'undefined'],
  partner: ['ipsec-msp', 'undefined'],
  wan: ['wan1', 'wan'],
};
export const POLICY: Readonly<Record<string, readonly [number, string]>> = {
  'lan>wan': [7, 'LAN-to-Internet'],
  'server>wan': [9, 'Server-to-Internet'],
  'dmz>wan': [11, 'DMZ-out'],
  'lan>server': [14, 'Clients-to-Servers'],
  'vpn>server': [21, 'SSLVPN-to-Servers'],
  'vpn>lan': [22, 'SSLVPN-to-Clients'],
  'vpn>wan': [23, 'SSLVPN-Internet'],
  'wan>dmz': [31, 'Inbound-DMZ'],
  'wan>server': [33, 'Inbound-Server'],
  'partner>server': [41, 'MSP-Management'],
  'dmz>server': [43, 'DMZ-to-Servers'],
};
export const SERVICES: Readonly<Record<string, string>> = {
  '22': 'SSH',
  '25': 'SMTP',
  '53': 'DNS',
  '80': 'HTTP',
  '88': 'KERBEROS',
  '123': 'NTP',
  '135': 'DCE-RPC',
  '389': 'LDAP',
  '443': 'HTTPS',
  '445': 'SMB',
  '465': 'SMTPS',
  '587': 'SMTP-SUBMISSION',
  '993': 'IMAPS',
  '1433': 'MS-SQL',
  '3389': 'RDP',
};

export type Pairs = readonly (readonly [string, string | number])[];

/** Values that FortiOS quotes are given as strings, those it leaves bare as numbers or with a leading `=`. */
export const render = (pairs: Pairs): string =>
  pairs
    .map(([k, v]) => (typeof v === 'number' ? `${k}=${v}` : v.startsWith('=') ? `${k}${v}` : `${k}="${v}"`))
    .join(' ');

/** A refused connection counts nothing and raises the client's reputation score. */
export const countsOf = (flow: Flow, accepted: boolean): Pairs => [
  ['duration', accepted ? Math.round(flow.seconds) : 0],
  ['sentbyte', accepted ? flow.sent : 0],
  ['rcvdbyte', accepted ? flow.received : 0],
  ['sentpkt', accepted ? 1 + Math.ceil(flow.sent / 1100) : 0],
  ['rcvdpkt', accepted ? 1 + Math.ceil(flow.received / 1250) : 0],
  ['appcat', 'unscanned'],
  ...(accepted
    ? []
    : ([
        ['crscore', 30],
        ['craction', 131072],
        ['crlevel', 'high'],
      ] as const)),
];
