/**
 * Services that are asked by DNS for what their names carry: hashes of files, of addresses and of links, keys of customers.
 * Their names are long, random and never the same twice, as a tunnel's are, and a mail server or a resolver asks them for
 * everybody. Registered domains, as the makers' manuals name them; whoever owns one of them needs no tunnel.
 */
const SERVICES: readonly string[] = [
  // virus scanners and what they think of a file, a site or an address
  'mcafee.com', // Global Threat Intelligence: avqs.mcafee.com, avts.mcafee.com
  'trellix.com',
  'sophosxl.net', // Sophos Extensible List
  'sophos.com',
  'trendmicro.com', // Smart Protection, Email Reputation Services
  'e5.sk', // ESET LiveGrid
  'eset.com',
  'bitdefender.net',
  'f-secure.com', // Object Reputation Service
  'avast.com',
  'avg.com',
  'avira.com',
  'webrootcloudav.com',
  'symantec.com',
  'norton.com',
  'kaspersky-labs.com',
  'cymru.com', // Malware Hash Registry
  'cloudmark.com',
  'ctmail.com', // Commtouch, Cyren
  'fortiguard.net',
  'opendns.com',
  'umbrella.com',
  'senderbase.org', // Cisco SenderBase
  'ironport.com',
  'barracudabrts.com', // Barracuda Real-Time System
  // lists of senders, sites and messages that mail servers ask
  'barracudacentral.org',
  'spamhaus.net', // Data Query Service: the customer's key stands in the name
  'spamhaus.org',
  'surbl.org',
  'uribl.com',
  'abusix.zone',
  'msbl.org',
  'dnswl.org',
  'mailspike.net',
  'mailspike.org',
  'sorbs.net',
  'spamcop.net',
  'rspamd.com',
  'spfbl.net',
  'invaluement.com',
  'senderscore.com',
  'junkemailfilter.com',
  // policies of senders that are asked with the address and the domain in the name (macros of RFC 7208, section 7)
  'pphosted.com',
  'vali.email',
  'agari.com',
  'ondmarc.com',
  'easydmarc.com',
  'powerspf.com',
  'salesforce.com',
  // a name of its own for each frame or file
  'googlesyndication.com',
  'googleusercontent.com',
];
const KNOWN = new Set(SERVICES);

/** The 32 digits of an IPv6 address backwards, as lists of senders are asked for it. */
const REVERSED = /^(?:[0-9a-f]\.){32}/;

/** Whether a name carries data by its trade. `below` is what stands before the registered domain: `4f2c….avqs` */
export const carriesByTrade = (domain: string, below: string): boolean =>
  KNOWN.has(domain) || REVERSED.test(`${below}.`);
