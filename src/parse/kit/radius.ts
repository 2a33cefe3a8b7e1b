import type { Act } from '../../ecs/acts.ts';
import type { Fields } from '../../ecs/event.ts';
import { table } from './field-map.ts';
import type { Kind } from './phrases.ts';
import { putMac, putNumber } from './put.ts';

const GIGAWORD = 2 ** 32;

/** Octets as the access device counts them (RFC 2866 §5.3, RFC 2869 §5.1): a counter of 32 bits and how often it wrapped. */
export const putOctets = (fields: Fields, name: string, low: string | undefined, wraps = '0'): void => {
  if (low !== undefined && /^\d{1,12}$/.test(low) && /^\d{1,7}$/.test(wraps))
    putNumber(fields, name, Number(low) + Number(wraps) * GIGAWORD);
};

/** Acct-Session-Time, seconds. */
export const putSessionTime = (fields: Fields, seconds: string | undefined): void => {
  if (seconds !== undefined && /^\d{1,9}$/.test(seconds)) fields['event.duration'] = Number(seconds) * 1_000_000_000;
};

/** `00-00-5E-00-53-01`, behind which an access point may name its network: `00-00-5E-00-53-01:staff`; `0000.5e00.5301` */
export const putStation = (fields: Fields, name: string, value: string | undefined): void =>
  putMac(
    fields,
    name,
    /^(?:[\da-fA-F]{2}[-:.]?){5}[\da-fA-F]{2}|^(?:[\da-fA-F]{4}\.){2}[\da-fA-F]{4}/.exec(value ?? '')?.[0],
  );

type Meaning = readonly [act: Act, kind: Kind];
interface Accounting {
  readonly action: string;
  /** Of remote access, and of a port or an access point of the house. */
  readonly vpn: Meaning;
  readonly local: Meaning;
}

const STATUSES: readonly (readonly [words: string, accounting: Accounting])[] = [
  ['1 start', { action: 'accounting-start', vpn: ['vpn-session-start', 'up'], local: ['other', 'up'] }],
  ['2 stop', { action: 'accounting-stop', vpn: ['vpn-session-end', 'down'], local: ['logout', 'down'] }],
  [
    '3 interim-update alive watchdog',
    { action: 'accounting-interim', vpn: ['vpn-negotiation', 'session'], local: ['other', 'session'] },
  ],
  ['7 accounting-on', { action: 'accounting-on', vpn: ['source-state', 'state'], local: ['source-state', 'state'] }],
  ['8 accounting-off', { action: 'accounting-off', vpn: ['source-state', 'state'], local: ['source-state', 'state'] }],
];
const ACCOUNTING = new Map(STATUSES.flatMap(([words, one]) => words.split(' ').map((word) => [word, one] as const)));

/** What an Acct-Status-Type means, by number or name. */
export const accountingOf = (status: string | undefined): Accounting | undefined =>
  ACCOUNTING.get((status ?? '').toLowerCase());

/** Names of attribute numbers (RFC 2865 to 2869), and of those that IAS and NPS add. */
export const ATTRIBUTES: ReadonlyMap<string, string> = new Map(
  table(`1=User-Name 4=NAS-IP-Address 5=NAS-Port 6=Service-Type 7=Framed-Protocol 8=Framed-IP-Address 25=Class
    27=Session-Timeout 28=Idle-Timeout 29=Termination-Action 30=Called-Station-ID 31=Calling-Station-ID 32=NAS-Identifier
    40=Acct-Status-Type 41=Acct-Delay-Time 42=Acct-Input-Octets 43=Acct-Output-Octets 44=Acct-Session-Id 45=Acct-Authentic
    46=Acct-Session-Time 47=Acct-Input-Packets 48=Acct-Output-Packets 49=Acct-Terminate-Cause 50=Acct-Multi-Ssn-ID
    51=Acct-Link-Count 52=Acct-Input-Gigawords 53=Acct-Output-Gigawords 55=Event-Timestamp 61=NAS-Port-Type 64=Tunnel-Type
    65=Tunnel-Medium-Type 66=Tunnel-Client-Endpt 67=Tunnel-Server-Endpt 77=Connect-Info 87=NAS-Port-Id
    95=NAS-IPv6-Address 97=Framed-IPv6-Prefix 168=Framed-IPv6-Address
    4108=Client-IP-Address 4116=Client-Vendor 4127=Authentication-Type 4128=Client-Friendly-Name 4129=SAM-Account-Name
    4130=Fully-Qualified-Distinguished-Name 4132=EAP-Friendly-Name 4136=Packet-Type 4142=Reason-Code 4149=Policy-Name
    4154=Proxy-Policy-Name 4155=Provider-Type 4157=Remote-Server-Address`),
);
