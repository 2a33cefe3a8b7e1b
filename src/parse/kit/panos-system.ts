import { addressClass } from '../../core/net.ts';
import type { Act } from '../../ecs/acts.ts';
import type { Fields } from '../../ecs/event.ts';
import { words } from './field-map.ts';
import type { PanosValues } from './panos.ts';
import { categorise, put, putIp, putNumber, putUser } from './put.ts';

/** The SYSTEM log of PAN-OS: what happened stands in its description. */
export type PanosFamily = (fields: Fields, values: PanosValues) => Act;

export type Outcomes = 'success' | 'failure' | 'unknown';

/** Categorises and names the act. */
export const as = (act: Act, fields: Fields, category: string, types: string, outcome?: Outcomes): Act => {
  categorise(fields, words(category), words(types), outcome);
  return act;
};
export const orFailure = (failed: boolean): Outcomes => (failed ? 'failure' : 'success');
export const lower = (values: PanosValues, name: string): string => values.get(name)?.toLowerCase() ?? '';

/** A step of a GlobalProtect session. */
export const vpn = (act: Act, fields: Fields, failed: boolean): Act => {
  fields['einfallstor.vpn.type'] ??= 'globalprotect';
  if (act === 'vpn-login')
    return as(act, fields, 'authentication network', failed ? 'info' : 'start', orFailure(failed));
  const types =
    act === 'vpn-session-start' ? 'start connection' : act === 'vpn-session-end' ? 'end connection' : 'info';
  return as(act, fields, 'session network', types, orFailure(failed));
};

/** `Login from: 192.0.2.1, Source region: DE, User name: k.maier, Auth type: profile`: SYSTEM events before PAN-OS 9.1. */
const oldGlobalProtect: PanosFamily = (fields, values) => {
  const event = lower(values, 'eventid');
  const text = values.get('opaque') ?? '';
  for (const [pattern, name] of GP_WORDS) {
    const found = pattern.exec(text)?.[1]?.replace(/\.$/, '');
    if (name === 'user') putUser(fields, 'user', found);
    else if (!name.endsWith('ip')) put(fields, name, found);
    else if (addressClass(found ?? '') !== 'unspecified') putIp(fields, name, found);
  }
  const version = /\bClient version: ([^,]{1,40})/.exec(text)?.[1];
  if (version !== undefined) put(fields, 'user_agent.original', `GlobalProtect ${version}`);
  const failed = /-fail/.test(event) || /\bfailed\b/.test(text);
  if (/-auth-|clientlessvpn-login/.test(event) || / user authentication /.test(text))
    return vpn('vpn-login', fields, failed);
  if (failed) return vpn('vpn-negotiation', fields, true);
  if (/gateway-regist-succ/.test(event)) return vpn('vpn-session-start', fields, false);
  if (/gateway-config-succ/.test(event)) return vpn('vpn-address-assigned', fields, false);
  if (/logout-succ|clientlessvpn-logout/.test(event)) return vpn('vpn-session-end', fields, false);
  return vpn('vpn-negotiation', fields, false);
};

/** `failed authentication for user 'x'. Reason: … auth profile 'GP', vsys …, server address '192.0.2.1', From: 192.0.2.2.` */
const authDaemon = (fields: Fields, text: string, user: string): Act => {
  putUser(fields, 'user', user);
  putIp(fields, 'source.ip', /\b[Ff]rom:? '?([\da-fA-F.:]{2,45}?)'?(?:[.,\s]{0,2}$|\.?[, ])/.exec(text)?.[1]);
  const server = /\bserver address '?([\w.:-]{1,255}?)'?(?:[,]|$)/.exec(text)?.[1];
  if (!putIp(fields, 'destination.ip', server)) put(fields, 'destination.domain', server);
  put(fields, 'panw.panos.auth_profile', /\bauth profile '?([^',]{1,128})/.exec(text)?.[1]);
  put(fields, 'event.reason', /\bReason: (.{1,300}?)\.?(?: +auth profile| +From:|$)/.exec(text)?.[1]);
  const failed = /\bfail|\bdenied\b|\bnot authenticated/i.test(text);
  put(fields, 'host.name', fields['observer.name'] as string | undefined);
  return as('login', fields, 'authentication', failed ? 'info' : 'start', orFailure(failed));
};

/** `User admin logged in via Web from 192.0.2.9 using https`: way in, address. */
const administrator = (fields: Fields, m: RegExpExecArray): Act => {
  const [, user, what, way, address] = m as unknown as readonly string[];
  putUser(fields, 'user', user);
  putIp(fields, 'source.ip', address?.replace(/[.,]$/, ''));
  const client = /\busing (\w{1,16})/.exec(m.input)?.[1] ?? way ?? '';
  put(fields, 'service.type', /^(?:web|gui)$/i.test(client) ? 'https' : client.toLowerCase());
  if (what !== 'logged in') return as('logout', fields, 'authentication session', 'end', 'success');
  return as('admin-login', fields, 'authentication', 'start admin', 'success');
};

const generalEvent = (fields: Fields, text: string): Act => {
  const user = ADMIN.exec(text) ?? TIMED_OUT.exec(text);
  if (user !== null) return administrator(fields, user);
  putUser(fields, 'user', BY_USER.exec(text)?.[1]);
  if (
    /\blogs? (?:was |were |are |has been )?(?:cleared|deleted)\b|\b(?:clear|delete)(?:ed)? [\w ]{0,20}\blogs?\b/i.test(
      text,
    )
  )
    return as('log-cleared', fields, 'configuration', 'deletion', 'success');
  if (/^(?:commit job|configuration committed)/i.test(text)) {
    put(fields, 'einfallstor.change.object', 'commit');
    return as('config-change', fields, 'configuration', 'change', orFailure(/fail/i.test(text)));
  }
  return as('other', fields, 'host', 'info');
};

/** `… Established SA: 198.51.100.1[500]-192.0.2.1[500] …`: the device first, its peer second. */
const ike = (fields: Fields, text: string): Act => {
  const m = /\b([\da-fA-F.:]{3,45})\[(\d{1,5})\]-([\da-fA-F.:]{3,45})\[(\d{1,5})\]/.exec(text);
  if (m !== null && putIp(fields, 'destination.ip', m[1]) && putIp(fields, 'source.ip', m[3])) {
    putNumber(fields, 'destination.port', m[2]);
    putNumber(fields, 'source.port', m[4]);
  }
  fields['einfallstor.vpn.type'] = 'ipsec';
  return as('vpn-negotiation', fields, 'network', 'connection protocol', orFailure(/\bfail/i.test(text)));
};

// DHCP lease started ip 10.1.1.5 --> mac 00:00:5e:00:53:01 - hostname nb-1, interface ethernet1/2
// DHCP RENEW: interface eth0, ip 192.0.2.4 netmask 255.255.255.0 dhcp server: 192.0.2.1 (the device's own lease)
const OWN_LEASE = /^DHCP (?:RENEW|REBIND|BOUND)\b.{0,80}?\bip ([\d.]{7,15})(?:.{0,80}?\bserver:? ([\d.]{7,15}))?/;
// Installed WildFire package: panupv3-all-wildfire-512001-514777.tgz
const PACKAGE = /[\s:]([\w.-]{1,200}\.(?:tgz|zip|pkg))\b/;
// … registered to Public Cloud wildfire.paloaltonetworks.com · … with WildFire Cloud wildfire.paloaltonetworks.com
const CLOUD = /\b(?:Cloud|server) ((?:[a-z\d-]{1,63}\.){1,8}[a-z]{2,24})\b/i;
const LEASE = /\bip ([\d.]{7,15}) --> mac ([\da-fA-F:]{17})(?: - hostname ([^\s,]{1,255}))?/;

// User 'k.maier' is locked out of auth profile 'GP-Auth' · Account admin2 is locked for 30 minutes
const LOCKED = /\b(?:user|account|admin(?:istrator)?) '?([^\s']{1,256})'? (?:is|was|has been) locked\b/i;
/** Some releases write `\'` for the quotes of a description. */
const plainQuotes = (text: string): string => text.replaceAll("\\'", "'");

export const system: PanosFamily = (fields, values) => {
  const [subtype, event, text] = [
    lower(values, 'subtype'),
    lower(values, 'eventid'),
    plainQuotes(values.get('opaque') ?? ''),
  ];
  put(fields, 'event.action', values.get('eventid'));
  if (/^(?:globalprotect|clientlessvpn)/.test(subtype) || event.startsWith('globalprotect'))
    return oldGlobalProtect(fields, values);
  const locked = LOCKED.exec(text);
  if (locked !== null) {
    putUser(fields, 'user', locked[1]);
    return as('account-locked', fields, 'authentication', 'info denied', 'failure');
  }
  const user = AUTHENTICATED.exec(text);
  if (user !== null) return authDaemon(fields, text, (user[1] ?? user[2] ?? user[3]) as string);
  const lease = LEASE.exec(text);
  if (lease !== null) {
    putIp(fields, 'source.ip', lease[1]);
    put(fields, 'source.mac', lease[2]?.toUpperCase().replaceAll(':', '-'));
    put(fields, 'source.domain', lease[3]?.toLowerCase());
    return as('dhcp-lease', fields, 'network', 'protocol info', 'success');
  }
  const own = OWN_LEASE.exec(text);
  if (own !== null) {
    putIp(fields, 'source.ip', own[1]);
    putIp(fields, 'destination.ip', own[2]);
    return as('dhcp-lease', fields, 'network', 'protocol info', 'success');
  }
  put(fields, 'file.name', PACKAGE.exec(text.slice(0, 2000))?.[1]);
  put(fields, 'destination.domain', CLOUD.exec(text.slice(0, 2000))?.[1]?.toLowerCase());
  if (subtype === 'vpn') return ike(fields, text);
  const state = /^(?:ha|ntpd)$/.test(subtype) || /shutdown|reboot|startup/.test(event);
  if (state) return as('source-state', fields, 'host', 'info');
  if (/^(?:general|auth|userid|)$/.test(subtype)) {
    // Connection to Update server closed: x, source: 192.0.2.7 · … completed successfully, initiated by 192.0.2.7
    putIp(fields, 'source.ip', /\b(?:source:|initiated by:?) ([\da-fA-F.:]{3,45})/.exec(text)?.[1]);
    // Successfully connect to address: 192.0.2.7 port: 3978
    const to = /\baddress: ([\d.]{7,15}) port: (\d{1,5})/.exec(text);
    if (to !== null && putIp(fields, 'destination.ip', to[1])) putNumber(fields, 'destination.port', to[2]);
    // ldap cfg x connected to server 192.0.2.7:389, initiated by: 10.0.0.1
    const link = /\bserver:? ([\d.]{7,15}):(\d{1,5}), initiated by:? ([\d.]{7,15})/.exec(text);
    if (link !== null && putIp(fields, 'destination.ip', link[1])) {
      putNumber(fields, 'destination.port', link[2]);
      putIp(fields, 'source.ip', link[3]);
    }
    return generalEvent(fields, text);
  }
  return as('other', fields, 'host', 'info');
};

const GP_WORDS: readonly (readonly [RegExp, string])[] = [
  [/\bLogin from: ([\da-fA-F.:]{2,45})/, 'source.ip'],
  [/\bUser name: ([^,]{1,256})/, 'user'],
  [/\bPrivate IP(?:v6)?: ([\da-fA-F.:]{2,45})/, 'einfallstor.vpn.assigned_ip'],
  [/\bAuth type: ([^,]{1,64})/, 'einfallstor.vpn.auth_method'],
  [/\bDevice name: ([^,]{1,255})/, 'host.name'],
  [/\bClient OS version: ([^,]{1,128})/, 'host.os.full'],
  [/\bSource region: ([^,]{1,64})/, 'panw.panos.srcregion'],
  [/\bReason: (.{1,300}?)(?:, Auth type|, Client|$)/, 'event.reason'],
];
// User admin logged in via Web from 192.0.2.9 using https
const ADMIN =
  /^User '?([^\s']{1,128}?)'? (logged (?:in|out)) via (\w{1,16})(?: from (?:Console|([\da-fA-F.:]{2,45})))?/;
// Session for user admin via Web from 192.0.2.9 timed out
const TIMED_OUT = /^Session for user '?([^\s']{1,128}?)'? (via) (\w{1,16}) from ([\da-fA-F.:]{2,45}) timed out/;
// authenticated for user 'x' · failed authentication for user x. · User 'x' failed authentication. · When authenticating user 'x' from …
const AUTHENTICATED =
  /\b(?:authenticat(?:ed|ion)|logon failure|authenticating)(?: succeeded| failed)?(?: for| of)? (?:user|admin):? (?:'([^']{1,256})'|([^\s',]{1,256}?)[.,]?(?:\s|$))|^User '?([^\s']{1,256}?)'? (?:failed authentication|authenticated)/i;
// Commit job enqueued by user admin · Content package upgraded from version 1 to 2 by admin
const BY_USER = /\b(?:(?:for|by) user '?|by (?=[^\s',]{1,128}$))([^\s',]{1,128}?)[.']?(?:[\s,]|$)/;
