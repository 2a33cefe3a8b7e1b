import type { Act } from '../../ecs/acts.ts';
import type { Fields } from '../../ecs/event.ts';
import { type Phrase, phraseOf, putPhrase } from './phrases.ts';
import { put, putIp, putNumber, putUser } from './put.ts';

/**
 * Routing and Remote Access: what server (RemoteAccess) and client (RasClient) write into the log. Inserted strings have
 * numbers, not names: `CoId={…}`, user, then what the sentence says.
 */
const KINDS: Readonly<Record<string, Phrase>> = {
  20250: [/^/, 'user-authenticated', 'vpn-login', 'passed'],
  20271: [/^/, 'user-authentication-failed', 'vpn-login', 'refused'],
  20272: [/^/, 'user-disconnected', 'vpn-session-end', 'down'],
  20273: [/^/, 'user-disconnected', 'vpn-session-end', 'down'],
  20274: [/^/, 'address-assigned', 'vpn-session-start', 'up'],
  20275: [/^/, 'user-disconnected', 'vpn-session-end', 'down'],
  20209: [/^/, 'connection-incomplete', 'vpn-negotiation', 'broken'],
  20255: [/^/, 'ppp-error', 'vpn-negotiation', 'broken'],
  20221: [/^/, 'dialing', 'vpn-negotiation', 'session'],
  20222: [/^/, 'link-requested', 'vpn-negotiation', 'session'],
  20223: [/^/, 'link-established', 'vpn-negotiation', 'session'],
  20224: [/^/, 'link-established', 'vpn-negotiation', 'session'],
  20225: [/^/, 'connected', 'vpn-session-start', 'up'],
  20226: [/^/, 'terminated', 'vpn-session-end', 'down'],
  20227: [/^/, 'connection-failed', 'vpn-negotiation', 'broken'],
};

const REFUSED: Phrase = [/^/, 'connection-failed', 'vpn-login', 'refused'];

/** Numbers of the inserted strings (from 1) of events that the sentence may be lost of. */
const PLACES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  20250: { user: 2 },
  20271: { user: 2, ip: 3, reason: 4 },
  20272: { user: 2, minutes: 8, seconds: 9, sent: 10, received: 11, reason: 12 },
  20274: { user: 2, inner: 4 },
  20275: { inner: 2 },
  20221: { user: 2, group: 3 },
  20225: { user: 2, group: 3 },
  20226: { user: 2, group: 3, reason: 4 },
  20227: { user: 2, group: 3, reason: 4 },
};

/** Sentences, English; the values' order is the same in other languages. */
const SENTENCES: readonly RegExp[] = [
  // The user EXAMPLE\kim connected from 192.0.2.7 but failed an authentication attempt due to the following reason: …
  /The user (?<user>\S{1,256}) connected from (?<ip>[\da-fA-F.:]{3,45}) but failed an authentication attempt due to the following reason: (?<reason>.{1,300})/s,
  // The user EXAMPLE\kim connected on port VPN2-1 has been assigned address 10.9.0.14
  /The user (?<user>\S{1,256}) connected on port \S{1,64} has been assigned address (?<inner>[\da-fA-F.:]{3,45})/,
  // The user EXAMPLE\kim connected on port VPN2-1 on 10/31/2021 at 11:14 PM and disconnected on … The user was active for 146 minutes 2 seconds. 12 bytes were sent and 67 bytes were received. The reason for disconnecting was user request.
  /The user (?<user>\S{1,256}) connected on port \S{1,64} on .{1,200}? active for (?<minutes>\d{1,9}) minutes (?<seconds>\d{1,2}) seconds\. +(?<sent>\d{1,16}) bytes were sent and (?<received>\d{1,16}) bytes were received\. +The reason for disconnecting was (?<reason>[^.]{1,200})/s,
  // The user with ip address 10.9.0.14 has disconnected
  /The user with ip address (?<inner>[\da-fA-F.:]{3,45}) has disconnected/,
  // … the VPN client 192.0.2.7 has been established, but the VPN connection cannot be completed
  /VPN client (?<ip>[\da-fA-F.:]{3,45}) has been established/,
  // The user EXAMPLE\kim dialed a connection named Staff which has failed. The error code returned on failure is 691.
  /The user (?<user>\S{1,256}) (?:has )?dialed a connection named (?<group>.{1,128}?) (?:which has|to the Remote).{0,120}?(?:code returned on \w{1,16} is (?<reason>\d{1,6}))?(?:\.|$)/s,
  /The (?:user (?<user>\S{1,256})|link to the remote access server has been established by user (?<by>\S{1,256}))/i,
];

export const putRemoteAccess = (
  fields: Fields,
  code: string,
  get: (name: string) => string | undefined,
  text: string,
): Act | undefined => {
  const known = KINDS[code];
  if (known === undefined) return undefined;
  const groups: Record<string, string | undefined> = {};
  for (const [name, n] of Object.entries(PLACES[code] ?? {})) groups[name] = get(`param${n}`);
  const told = phraseOf(
    SENTENCES.map((sentence): Phrase => [sentence, '', 'other', 'info']),
    text.slice(0, 4000),
  )?.groups;
  for (const name in told) groups[name] ??= told[name];
  const { minutes, seconds, by, sent, received, user, ...rest } = groups;
  // 691: user name or password refused
  const phrase = code === '20227' && groups['reason'] === '691' ? REFUSED : known;
  putPhrase(fields, phrase, rest);
  putUser(fields, 'user', user ?? by);
  // as the server counts: what it received the user sent
  putNumber(fields, 'source.bytes', received);
  putNumber(fields, 'destination.bytes', sent);
  if (/^\d{1,9}$/.test(minutes ?? ''))
    putNumber(fields, 'event.duration', (Number(minutes) * 60 + Number(seconds ?? 0)) * 1e9);
  put(fields, 'einfallstor.vpn.session_id', /CoId=(\{[\dA-Fa-f-]{36}\})/.exec(`${get('param1') ?? ''} ${text}`)?.[1]);
  fields['einfallstor.vpn.type'] = 'rras';
  // TunnelIpAddress = 10.9.0.14 (the client's own log)
  const tunnel = /TunnelIpAddress = ([\d.]{7,15})/.exec(`${get('param4') ?? ''} ${text}`)?.[1];
  putIp(fields, 'einfallstor.vpn.assigned_ip', tunnel);
  return phrase[2];
};
