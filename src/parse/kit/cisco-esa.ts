import type { Act } from '../../ecs/acts.ts';
import type { Kind, Phrase } from './phrases.ts';

const IP = String.raw`[\da-fA-F.:]{2,45}`;
const HOST = String.raw`[^\s,)]{1,255}`;
const USER = String.raw`['"]?(?<user>[^\s'",:]{1,256})['"]?`;

/** Shorthands in patterns: `{ip}` an address of the other side, `{to}`, `{user}`, `{sender}` and `{recipient}` in brackets. */
const PARTS: Readonly<Record<string, string>> = {
  ip: `(?<ip>${IP})`,
  to: `(?<to>${IP})`,
  name: HOST,
  user: USER,
  sender: '<?(?<sender>[^>]{0,512})>?',
  recipient: '<?(?<recipient>[^>]{0,512})>?',
  ids: String.raw`(?:MID \d+ )?(?:\(?(?:[IDR]C)?ID:? ?\d+\)?:? )?(?:RID \[?[\d, ]{1,64}\]? )?`,
};

const said = (source: string, action: string, act: Act, kind: Kind): Phrase => [
  new RegExp(
    source.replaceAll(/\{([a-z]+)\}/g, (whole, name: string) => PARTS[name] ?? whole),
    's',
  ),
  action,
  act,
  kind,
];

/** Text mail logs (AsyncOS User Guide, "Using Text Mail Logs"), in the order they are tried. */
export const MAIL_PHRASES: readonly Phrase[] = [
  // New SMTP ICID 5 interface Management (192.0.2.1) address 198.51.100.7 reverse dns host mail.example.net verified yes
  said('^New SMTP ICID \\d+ interface (?:.{1,64}? )?\\(?{to}\\)? address {ip}(?: reverse dns host (?:unknown|(?<device>{name})))?', 'connect', 'mail-connection', 'opened'),
  // New SMTP DCID 8 interface 192.0.2.1 address 203.0.113.25 port 25
  said('^New SMTP DCID \\d+ interface {ip} address {to}(?: port (?<toPort>\\d{1,5}))?', 'deliver-connect', 'mail-connection', 'opened'),
  // Connection Error: DCID 2281 domain: example.net IP: 203.0.113.25 port: 25 details: … reason: network error
  said('^Connection Error: DCID \\d+ domain: ?\\S{1,255} IP: ?{to} port: ?(?<toPort>\\d{1,5})(?<reason>.{0,1024})', 'connect-error', 'mail-connection', 'broken'),
  // ICID 5 ACCEPT SG UNKNOWNLIST match sbrs[-1.0:10.0] SBRS 2.7 · ICID 7 REJECT SG BLOCKED_LIST match … · ICID 8 RELAY SG RELAYLIST
  said('^ICID \\d+ (?:REJECT|TCPREFUSE) SG (?<rule>\\S{1,128})(?<reason>.{0,512})', 'reject', 'mail-rejected', 'denied'),
  said('^ICID \\d+ (?:ACCEPT|RELAY|CONTINUE|THROTTLE|DELAY) SG (?<rule>\\S{1,128})(?<reason>.{0,512})', 'accept', 'mail-connection', 'opened'),
  // SMTP Auth: (ICID 450) succeeded for user: k.maier using AUTH mechanism: PLAIN with profile: relay
  said('^SMTP Auth: \\(ICID \\d+\\) succeeded for user: ?{user}', 'smtp-auth', 'login', 'passed'),
  said('^SMTP Auth: \\(ICID \\d+\\) failed for user: ?{user}', 'smtp-auth', 'login', 'refused'),
  // ICID 5 TLS success protocol TLSv1.3 cipher … · DCID 8 TLS failed: …
  said('^[ID]CID \\d+ TLS (?:success|was required|deferring)', 'tls', 'mail-connection', 'session'),
  said('^[ID]CID \\d+ TLS failed:? ?(?<reason>.{0,512})', 'tls', 'mail-connection', 'broken'),
  said('^(?:[IDR]CID \\d+ (?:close|lost|Receiving Failed.{0,256})|(?:ICID|DCID) \\d+ .{0,64}(?:timeout|idle))', 'close', 'mail-connection', 'closed'),
  // Address: <b@example.com> sender rejected, envelope sender domain could not be resolved · Rejected by RAT
  said('^{ids}(?:Address: )?<(?<recipient>[^>]{0,512})> (?:sender |receiver )?rejected(?<reason>.{0,512})', 'reject', 'mail-rejected', 'mail'),
  said('^{ids}To: {recipient} Rejected by (?<rule>.{1,128})', 'reject', 'mail-rejected', 'mail'),
  // Start MID 6 ICID 5 · MID 6 ICID 5 From: <a@example.net> · MID 6 ICID 5 RID 0 To: <b@example.com>
  said('^Start MID \\d+ ICID \\d+', 'start', 'mail-received', 'mail'),
  said('^MID \\d+ ICID \\d+ From: {sender}', 'from', 'mail-received', 'mail'),
  said('^MID \\d+ ICID \\d+ (?:Suppressed )?RID \\d+ To: {recipient}', 'to', 'mail-received', 'mail'),
  // MID 6 Message-ID '<20211031.1@example.net>' · MID 6 Subject 'Invoice' · MID 6 Subject "Invoice"
  said("^MID \\d+ Message-ID '?<?(?<messageId>[^>']{1,998})>?'?", 'message-id', 'mail-received', 'mail'),
  said('^MID \\d+ Subject:? [\'"]?(?<subject>.{0,1024}?)[\'"]?$', 'subject', 'mail-received', 'mail'),
  // MID 6 ready 100 bytes from <a@example.net>
  said('^MID \\d+ ready (?<size>\\d{1,15}) bytes from {sender}', 'ready', 'mail-received', 'mail'),
  // Delivery start DCID 8 MID 6 to RID [0] · Message done DCID 8 MID 6 to RID [0] [('X-IronPort', …)] · MID 6 RID [0] Response '2.0.0 Ok: queued'
  said('^Delivery start DCID \\d+', 'delivery-start', 'mail-connection', 'mail'),
  said('^(?:Message done DCID \\d+|MID \\d+ RID \\[[\\d, ]{1,64}\\] Response [\'"]?(?<reason>.{0,512}?)[\'"]?$)', 'delivered', 'mail-delivery', 'mail'),
  said('^(?:Bounced|Double bounce|Bounce):? (?:DCID \\d+ )?MID \\d+(?<reason>.{0,1024})', 'bounced', 'mail-delivery', 'mail'),
  said('^MID \\d+ (?:was generated for bounce|hard bounced|bounced)(?<reason>.{0,512})', 'bounced', 'mail-delivery', 'mail'),
  said('^(?:Delayed|Delay):? DCID \\d+ MID \\d+(?<reason>.{0,1024})', 'delayed', 'mail-delivery', 'mail'),
  // Message aborted MID 9 Dropped by antivirus · Message aborted MID 9 Receiving aborted by sender
  said('^Message (?:aborted|dropped) (?:MID \\d+ )?(?<reason>.{0,512})', 'dropped', 'mail-rejected', 'mail'),
  said('^MID \\d+ (?:Dropped by|dropped by|was too big|Rejected|rejected)(?<reason>.{0,512})', 'dropped', 'mail-rejected', 'mail'),
  // MID 6 matched all recipients for per-recipient policy DEFAULT in the inbound table
  said('^MID \\d+ matched all recipients for per-recipient policy (?<rule>.{1,128}?)(?: in the (?:in|out)bound table)?$', 'policy', 'mail-filter', 'mail'),
  // MID 6 interim AV verdict using Sophos VIRAL · MID 6 antivirus positive 'EICAR-AV-Test' · MID 6 using engine: CASE spam positive
  said("^MID \\d+ antivirus (?:\\S{1,32}) ?'?(?<rule>[^']{0,256})", 'antivirus', 'mail-filter', 'mail'),
  said('^MID \\d+ (?:interim (?:AV )?verdict(?<reason>.{0,256})|using engine: (?<rule>.{1,128}))', 'verdict', 'mail-filter', 'mail'),
  // MID 6 AMP file reputation verdict : MALICIOUS · MID 6 Outbreak Filters: verdict positive
  said('^MID \\d+ (?<rule>AMP file reputation|Outbreak Filters|DLP|DMARC|DKIM|SPF|SDR|Custom Log|Threat Level|Domains for which SDR)(?<reason>.{0,512})', 'verdict', 'mail-filter', 'mail'),
  // MID 6 attachment 'invoice.docm' · MID 6 URL http://bad.example/ has reputation -9.5 matched Condition: URL Reputation Rule
  said("^MID \\d+ attachment '?(?<file>.{1,512}?)'?$", 'attachment', 'mail-filter', 'mail'),
  said('^MID \\d+ (?:URL|Subject URL|having URL:?) ?\\S{1,2048}(?<reason>.{0,512})', 'url', 'mail-filter', 'mail'),
  // MID 6 quarantined to "Policy" (a/v verdict:VIRAL) · MID 6 enqueued for transfer to centralized quarantine · MID 6 released from all quarantines
  said('^MID \\d+ (?:quarantined to|enqueued for transfer to centralized quarantine|sent to .{0,64}quarantine) ?"?(?<rule>[^"(]{0,128})"?(?<reason>.{0,256})', 'quarantined', 'mail-filter', 'mail'),
  said('^(?:MID \\d+ .{0,64}quarantine|ISQ: )', 'quarantine', 'mail-filter', 'mail'),
  said('^MID \\d+ (?:rewritten to|queued for delivery|matched|was|generated|Message|message|enqueued|released|content)', 'processing', 'mail-filter', 'mail'),
  said('^Message finished', 'finished', 'mail-filter', 'mail'),
  // File reputation query initiating. File Name = 'a.pdf', MID = 12, File Size = 123 bytes, … · Response received for file reputation query from Cloud. …
  said("^.{0,120}?(?:[Ff]ile reputation|[Ff]ile [Aa]nalysis|[Rr]etrospective).{0,200}?File ?Name ?= ?'?(?<file>[^',]{1,512})", 'amp', 'mail-filter', 'mail'),
  said('^.{0,120}?(?:[Ff]ile reputation|[Ff]ile [Aa]nalysis|[Rr]etrospective)', 'amp', 'mail-filter', 'mail'),
]; // biome-ignore format: a table

/** Authentication, audit, CLI, GUI, FTP and system logs (AsyncOS User Guide, "Log Types"), in the order they are tried. */
export const ADMIN_PHRASES: readonly Phrase[] = [
  // User admin was authenticated successfully. · User dan failed authentication. · An authentication attempt by the user dan from 192.0.2.5 failed using an SSH connection.
  said('^User {user} was authenticated success', 'login', 'admin-login', 'passed'),
  said('^User {user} failed authentication', 'login', 'admin-login', 'refused'),
  said('^The user {user} success\\w* logged on from {ip}', 'login', 'admin-login', 'passed'),
  said('^A (?:publickey|password|keyboard-interactive) authentication attempt by the user {user} (?:from {ip} )?failed(?<reason>.{0,256})', 'login', 'admin-login', 'refused'),
  said('^(?:An )?authentication attempt by the user {user} (?:from {ip} )?failed(?<reason>.{0,256})', 'login', 'admin-login', 'refused'),
  said('^The user {user} (?:logged (?:off|out)|session .{0,64}expired).{0,128}', 'logout', 'logout', 'left'),
  // login:192.0.2.5 user:admin session:… · logout:192.0.2.5 user:admin session:… · req:192.0.2.5 user:admin id:… 200 GET /… HTTP/1.1 …
  said('^login:{ip} user:{user}', 'login', 'admin-login', 'passed'),
  said('^logout:{ip} user:{user}', 'logout', 'logout', 'left'),
  said('^(?:req|SourceIP):? ?{ip} (?:.{0,128}?)user(?:name)?:{user}', 'request', 'http-request', 'web'),
  said('^Session \\S{1,128} (?:user:{user} )?(?:from )?{ip} (?:expired|not found|timed out)', 'session', 'other', 'session'),
  // PID 16640: User admin login from 192.0.2.5 on 192.0.2.1 · PID 16640: User admin entered 'commit'; …
  said('^(?:PID|ID):? ?\\d+:? User {user} login (?:SUCCESS|from {ip})', 'login', 'admin-login', 'passed'),
  said('^(?:PID|ID):? ?\\d+:? User {user} login FAIL', 'login', 'admin-login', 'refused'),
  said('^(?:PID|ID):? ?\\d+:? (?:User {user} )?log(?:ged )?out', 'logout', 'logout', 'left'),
  said('^(?:(?:PID|ID):? ?\\d+:? )?User {user} commit(?:ted)? changes:? ?(?<object>.{0,512})', 'commit', 'config-change', 'changed'),
  said("^(?:(?:PID|ID):? ?\\d+:? )?User {user} (?:entered|executed) (?:batch command: ?)?'?(?<object>[^';]{0,512})", 'command', 'other', 'info'),
  said('^ID:? ?\\d+ Connection from {ip} on {to}', 'connect', 'other', 'opened'),
  // Appliance: esa01, Interaction Mode: GUI, User: admin, Source IP: 192.0.2.5, Destination IP: 192.0.2.1, Event: Successful login
  said('^Appliance: .{1,255}?, Interaction Mode: .{1,16}?, User: {user}, .{0,512}?Event: (?:Successful login|Session established)', 'login', 'admin-login', 'passed'),
  said('^Appliance: .{1,255}?, Interaction Mode: .{1,16}?, User: {user}, .{0,512}?Event: (?:.{0,64}(?:[Ff]ail|[Ii]nvalid|[Dd]enied))', 'login', 'admin-login', 'refused'),
  said('^Appliance: .{1,255}?, Interaction Mode: .{1,16}?, User: {user}, .{0,512}?Event: (?:User logged out|Session terminated|Session expired)', 'logout', 'logout', 'left'),
  said('^Appliance: .{1,255}?, Interaction Mode: .{1,16}?, User: {user}, .{0,1024}?Event: (?:.{0,256}(?:commit|[Aa]dded|[Dd]eleted|[Mm]odified|[Cc]hanged))', 'change', 'config-change', 'changed'),
  said('^Appliance: .{1,255}?, Interaction Mode: .{1,16}?, User: {user}', 'audit', 'other', 'info'),
  // Begin Logfile · End Logfile · Version: 6.5.0-262 SN: … · Time offset from UTC: 0 seconds · System is coming up · Status: …
  said('^(?:Begin Logfile|End Logfile|Logfile rolled over|Version: |Time offset from UTC|System is |Status: |Alert|Starting|Shutting down|Rebooting)', 'state', 'source-state', 'state'),
]; // biome-ignore format: a table
