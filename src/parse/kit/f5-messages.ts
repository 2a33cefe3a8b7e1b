import { type Phrase, phraseOf } from './phrases.ts';

const IP = String.raw`[\da-fA-F.:]{2,45}?(?:%\d{1,5})?`;

/**
 * Messages of Access (APM), of the management's audit and of the traffic manager, first match wins. Success of the user's
 * authentication is told by the agent that asked for it; the module's line beside a failure gives the reason.
 */
// biome-ignore format: a table
const PHRASES: readonly Phrase[] = [
  // New session from client IP 192.0.2.7 (ST=Bavaria/CC=DE/C=EU) at VIP 203.0.113.20 Listener /Common/vpn_vs (Reputation=Unknown)
  [new RegExp(String.raw`^New session from client IP (?<ip>${IP})(?: \(.{0,120}?CC=(?<country>[A-Z]{2}).{0,60}?\))?(?: .{0,120}?at VIP (?<to>${IP}))?(?:[ ,]|$)`), 'new-session', 'vpn-negotiation', 'session'],
  // Username 'k.maier' · Retry Username 'k.maier'
  [/^(?:Retry )?Username '(?<user>[^']{1,255})'/, 'username', 'vpn-negotiation', 'asked'],
  // AD agent: Auth (logon attempt:0): authenticate with 'k.maier' successful
  [/\bagent: .{0,120}?authenticat\w{1,4} with '(?<user>[^']{1,255})' (?:was )?successful/i, 'authenticated', 'vpn-login', 'passed'],
  [/\bagent: .{0,120}?authenticat\w{1,4} with '(?<user>[^']{1,255})' failed(?:: (?<reason>.{1,200}))?/i, 'authentication-failed', 'vpn-login', 'refused'],
  // AD module: authentication with 'k.maier' failed: Preauthentication failed, principal name: k.maier@EXAMPLE. Invalid user credentials.
  [/\bmodule: (?:\S{1,40}: )?authentication with '(?<user>[^']{1,255})' failed(?: in [^:]{1,60})?(?:: (?<reason>.{1,300}))?/i, 'authentication-failed-reason', 'vpn-negotiation', 'refused'],
  [/\bmodule: (?:\S{1,40}: )?authentication with '(?<user>[^']{1,255})' successful/i, 'authentication-step', 'vpn-negotiation', 'passed'],
  [/^session\.logon\.last\.username is (?<user>\S{1,255})/, 'session-variable', 'vpn-negotiation', 'asked'],
  [/^session\.user\.clientip is (?<ip>[\da-fA-F.:]{2,45})/, 'session-variable', 'vpn-negotiation', 'session'],
  [/\busername: (?<user>[^\s,]{1,255})/, 'session-variable', 'vpn-negotiation', 'asked'],
  [/^Session variable 'session\.logon\.last\.username' set to '?(?<user>[^\s']{1,255})/, 'session-variable', 'vpn-negotiation', 'asked'],
  // Access policy result: Logon_Deny · Network_Access · LTM+APM_Mode · Full · Portal_Access
  [/^Access policy result: (?<reason>(?:Logon_)?Deny\w{0,20}|\w{0,20}[Dd]enied)/, 'access-policy-denied', 'vpn-negotiation', 'refused'],
  [/^Access policy result: (?<reason>[\w+.-]{1,64})/, 'access-policy-passed', 'vpn-session-start', 'up'],
  // Following rule 'fallback' from item 'AD Auth' to ending 'Allow'
  [/^Following rule '(?<rule>[^']{1,200})' from item .{1,200}? to (?:ending|terminalout) '?(?<reason>[^'\s]{1,64})/, 'policy-ending', 'vpn-negotiation', 'session'],
  [/^Following rule '(?<rule>[^']{1,200})' from item/, 'policy-rule', 'vpn-negotiation', 'session'],
  // Assigned PPP Dynamic IPv4: 10.90.0.14 Tunnel Type: VPN_TUNNELTYPE_TLS NA Resource: /Common/na Client IP: 192.0.2.7 - Reconnect
  [new RegExp(String.raw`^Assigned PPP (?:\w{1,16} )?IP(?:v[46])?: (?<inner>${IP}) (?:.{0,40}?IPv6: [\da-fA-F:]{2,45} )?(?:ID: \S{1,32} )?Tunnel Type: (?<method>\S{1,64})(?: NA Resource: (?<group>\S{1,200}))?(?: Client IP: (?<ip>${IP}))?(?: |$)`), 'address-assigned', 'vpn-address-assigned', 'session'],
  [/^PPP tunnel \S{1,40} (?:started|connected)/, 'tunnel-started', 'vpn-negotiation', 'session'],
  [/^PPP tunnel \S{1,40} closed/, 'tunnel-closed', 'vpn-negotiation', 'session'],
  // Session deleted due to user inactivity. · Session deleted due to user logout request.
  [/^Session deleted(?: due to (?<reason>.{1,120}?))?\.?$/, 'session-deleted', 'vpn-session-end', 'down'],
  [/^Session statistics - bytes in: ?(?<received>\d{1,16}), bytes out: ?(?<sent>\d{1,16})/, 'session-statistics', 'vpn-session-end', 'down'],
  [/^Received User-Agent header: (?<agent>.{1,2000})/, 'user-agent', 'vpn-negotiation', 'session'],
  [/^Received client info - (?:Hostname: (?<device>\S{0,255}) )?Type: /, 'client-info', 'vpn-negotiation', 'session'],
  // discard ACL: /VPN/ACL_DENY:0 packet: tcp 192.0.2.7:59407 -> 10.1.0.5:443
  [new RegExp(String.raw`^(?:discard|reject) ACL: (?<rule>\S{1,200}?):\d{1,6} packet: (?<transport>\w{1,12}) (?<ip>${IP})[:.](?<port>\d{1,5}) -> (?<to>${IP})[:.](?<toPort>\d{1,5})(?:\s|$)`), 'acl-discard', 'flow-denied', 'denied'],
  [new RegExp(String.raw`^(?:allow|continue) ACL: (?<rule>\S{1,200}?):\d{1,6} packet: (?<transport>\w{1,12}) (?<ip>${IP})[:.](?<port>\d{1,5}) -> (?<to>${IP})[:.](?<toPort>\d{1,5})(?:\s|$)`), 'acl-allow', 'flow-start', 'opened'],
  // AUDIT - user admin - RAW: httpd(mod_auth_pam): user=admin(admin) partition=[All] … host=192.0.2.77 attempts=1 start="…" end="…".
  [/\bUser=(?<user>[^\s(]{1,128})\S{0,130} .{0,200}?host=(?<ip>[\w.:-]{2,255}) failed to login after (?<attempts>\d{1,6}) attempts/i, 'admin-login-failed', 'admin-login', 'refused'],
  // sshd(pam_audit)[2742]: user=admin(admin) partition=[All] level=Administrator tty=ssh host=192.0.2.77 attempts=1 start="…".
  [/(?:\(\w{1,24}\): |^)user=(?<user>[^\s(]{1,128})\S{0,130} .{0,200}?host=(?<ip>[\w.:-]{2,255}) .{0,60}?start=".{5,40}?" end="/i, 'admin-logout', 'logout', 'left'],
  [/(?:\(\w{1,24}\): |^)user=(?<user>[^\s(]{1,128})\S{0,130} .{0,200}?host=(?<ip>[\w.:-]{2,255}) .{0,60}?start="/i, 'admin-login', 'admin-login', 'passed'],
  // AUDIT - pid=28791 user=root folder=/Common module=(tmos)# status=[Command OK] cmd_data=modify auth user admin …
  [/^AUDIT - pid=\d{1,10} user=(?<user>\S{1,128}) folder=\S{0,200} module=\S{0,60} status=\[(?<status>[^\]]{0,200})\] cmd_data=(?<command>.{0,4000})/s, 'command', 'config-change', 'changed'],
  // AUDIT - client tmui, user admin - transaction #2345-3 - object 0 - modify { user_role_partition { … } } [Status=Command OK]
  [/^AUDIT - (?:client (?<service>[\w.-]{1,64}), )?user (?<user>[^\s,]{1,128}) - (?:transaction \S{1,40} - )?(?:object \S{1,20} - )?(?<command>.{0,4000}?)(?: \[Status=(?<status>[^\]]{0,200})\])?$/s, 'transaction', 'config-change', 'changed'],
  [/^AUDIT - /, 'audit', 'other', 'state'],
  // Pool /Common/web member /Common/10.1.0.5:443 monitor status down. · Node … · Virtual server … became unavailable
  [/^(?:Pool|Node|Virtual|SNMP_TRAP: (?:Pool|Node|Virtual)|Monitor|No members) .{0,400}?(?:status|available|exceeded|up|down)\b/, 'monitor-status', 'source-state', 'state'],
  // Connection error: … · SSL Handshake failed for TCP 192.0.2.7:443 -> 203.0.113.20:2000
  [new RegExp(String.raw`^(?<ip>${IP})[:.](?<port>\d{1,5}) -> (?<to>${IP})[:.](?<toPort>\d{1,5}): (?<reason>(?:Connection|Client|Server) .{0,300})`), 'connection-error', 'other', 'broken'],
  [new RegExp(String.raw`^SSL Handshake failed for (?<transport>TCP|UDP) (?<ip>${IP})[:.](?<port>\d{1,5}) -> (?<to>${IP})[:.](?<toPort>\d{1,5})(?:\s|$)`), 'handshake-failed', 'other', 'broken'],
  [/\bSyncookie (?:SW|HW|counter)|\bBDoS:|\bDoS attack|exceeded vip threshold|configured rate limit/i, 'flood', 'threat', 'info'],
];

// modify · create · delete · save sys config · install · reboot: what changes something
const CHANGING =
  /^(?:modify|create|delete|cp|mv|rename|save|load|install|reboot|restart|stop|start|reset-stats|generate|edit|publish|run|obj_delete|user_role|set|import|import-key|bash|run util bash)\b/;
/** Whether a command of tmsh or of a transaction changes the device. */
export const isChange = (command: string): boolean => CHANGING.test(command.trim());

export const readF5Message = (text: string): ReturnType<typeof phraseOf> => phraseOf(PHRASES, text.slice(0, 8192));
