/**
 * The act an event records, in `einfallstor.act`: the vendor-neutral word that rules, sessions and the trace work with.
 * ECS categorisation (`event.category/type/action/outcome`) stays beside it; `event.action` keeps the vendor's word.
 *
 * Success or failure is always `event.outcome` (success | failure), never part of the word, except that a flow the
 * firewall refused is `flow-denied` (it is a different fact: nothing passed).
 */
export const ACTS = {
  // firewall
  flow: 'firewall', // a connection that passed, with bytes where the device counted them (its end or its only record)
  'flow-start': 'firewall', // a connection that opened; a `flow` follows when it ends
  'flow-denied': 'firewall',
  // IPS, antivirus, web filter, application control verdict. Cloud services and file stores write such too: a verdict shows no
  // path out, so that a source of nothing else covers none
  threat: 'system',
  nat: 'firewall', // an address translation made or removed
  // VPN
  'vpn-login': 'vpn', // authentication of a remote user, outcome success | failure
  'vpn-session-start': 'vpn', // tunnel up; carries einfallstor.vpn.assigned_ip when the log tells it
  'vpn-address-assigned': 'vpn', // only the assignment, where it is a record of its own
  'vpn-session-end': 'vpn', // tunnel down, with bytes where counted
  'vpn-negotiation': 'vpn', // IKE/TLS handshake, renegotiation, keep-alive trouble
  // accounts and hosts
  login: 'auth', // any other logon: ssh, imap, smtp, windows, web form; service.type says where
  logout: 'auth',
  'mfa-challenge': 'auth', // a second factor asked, denied or approved
  'explicit-credentials': 'auth', // Windows 4648, su, sudo to another user
  'kerberos-ticket': 'auth', // Windows 4768, 4769
  'privileges-assigned': 'auth', // Windows 4672
  'account-created': 'auth',
  'account-changed': 'auth', // enabled, password reset, attributes, deleted (event.type tells)
  'account-locked': 'auth',
  'group-changed': 'auth',
  'process-start': 'auth',
  'service-installed': 'auth',
  'task-created': 'auth',
  'share-access': 'auth',
  'directory-access': 'auth', // Windows 4662 and the like
  'log-cleared': 'auth',
  // appliances
  'admin-login': 'auth', // login to the management of a firewall, gateway or mail appliance
  'config-change': 'auth',
  // mail
  'mail-received': 'mail', // accepted into this system: a queue, a mailbox store
  'mail-delivery': 'mail', // one delivery attempt to one recipient, outcome success | failure | unknown (deferred)
  'mail-rejected': 'mail', // refused or discarded before or instead of acceptance
  'mail-filter': 'mail', // a content, spam or authentication verdict
  'mail-connection': 'mail', // connect, disconnect, TLS, lost connection
  'mail-access': 'mail', // a mailbox read, fetched, exported, its rules changed
  // web and network services
  'http-request': 'web',
  'dns-query': 'network',
  'dhcp-lease': 'network',
  // the source itself
  'source-state': 'system', // started, stopped, rotated, disk full, clock set
  other: 'system',
} as const;

export type Act = keyof typeof ACTS;

/** What a log records, for coverage: which class of acts a source would have shown. */
export type LogClass = 'firewall' | 'vpn' | 'mail' | 'auth' | 'web' | 'network' | 'system';

export const classOf = (act: Act): LogClass => ACTS[act];
