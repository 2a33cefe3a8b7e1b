/**
 * The one field catalogue: type of every field this project writes.
 * ECS 8/9 names and types; `einfallstor.*` is ours. Vendor fields (`fortinet.firewall.*`, …) are not listed: they keep
 * the type of their JavaScript value.
 */
export type FieldType = 'keyword' | 'text' | 'ip' | 'date' | 'long' | 'double' | 'boolean';

export interface Field {
  readonly name: string;
  readonly type: FieldType;
  /** Always an array when present. */
  readonly array: boolean;
}

/** Names by type. `[]` after a name: always an array. */
const DECLARATIONS: Readonly<Record<FieldType, string>> = {
  date: `@timestamp event.start event.end event.created event.ingested einfallstor.wrapper.time file.created file.mtime
    email.origination_timestamp email.delivery_timestamp x509.not_after x509.not_before tls.server.not_after`,
  ip: `source.ip destination.ip source.nat.ip destination.nat.ip client.ip server.ip client.nat.ip server.nat.ip
    host.ip[] observer.ip[] related.ip[] einfallstor.vpn.assigned_ip dns.resolved_ip[]`,
  long: `source.port destination.port source.bytes destination.bytes network.bytes source.packets
    destination.packets network.packets source.nat.port destination.nat.port client.port server.port client.bytes
    server.bytes event.duration event.severity event.sequence http.response.status_code http.request.bytes
    http.request.body.bytes http.response.bytes http.response.body.bytes log.offset log.syslog.priority
    log.syslog.facility.code log.syslog.severity.code process.pid process.parent.pid process.thread.id url.port
    file.size email.attachments.file.size[] source.as.number destination.as.number rule.version
    einfallstor.record.length einfallstor.record.line einfallstor.record.number einfallstor.email.size einfallstor.email.recipients
    einfallstor.time.local einfallstor.time.uncorrected winlog.record_id winlog.process.pid`,
  double: `event.risk_score source.geo.location.lat source.geo.location.lon destination.geo.location.lat
    destination.geo.location.lon einfallstor.email.delay`,
  boolean: `tls.established tls.resumed einfallstor.mfa`,
  text: `message event.original error.message error.stack_trace`,
  keyword: `event.kind event.category[] event.type[] event.action event.outcome event.code event.module
    event.dataset event.provider event.reason event.id event.hash event.timezone event.url event.reference
    einfallstor.act einfallstor.stream einfallstor.warnings[] einfallstor.reject_code einfallstor.joined[]
    einfallstor.wrapper.id[] einfallstor.wrapper.host einfallstor.wrapper.path einfallstor.wrapper.sourcetype
    einfallstor.time.basis einfallstor.time.differs[] einfallstor.vpn.session_id einfallstor.vpn.group einfallstor.vpn.auth_method
    einfallstor.vpn.type einfallstor.change.object einfallstor.change.attributes einfallstor.login.method
    einfallstor.email.relay einfallstor.email.auth_user einfallstor.email.status einfallstor.email.spf
    einfallstor.email.dkim einfallstor.email.dmarc einfallstor.ssh.key_fingerprint einfallstor.target.host
    source.address source.domain source.mac source.geo.country_iso_code source.as.organization.name
    source.user.name source.user.domain source.user.email source.registered_domain
    destination.address destination.domain destination.mac destination.geo.country_iso_code
    destination.as.organization.name destination.user.name destination.user.domain destination.user.email
    client.address client.domain client.mac client.user.name server.address server.domain server.mac
    network.transport network.protocol network.application network.direction network.iana_number network.type
    network.community_id network.name network.vlan.id network.inner.vlan.id
    user.name user.domain user.email user.full_name user.id user.roles[] user.group.name user.group.id
    user.group.domain user.target.name user.target.domain user.target.id user.target.group.name user.effective.name user.effective.domain
    user.effective.id user.changes.name host.name host.hostname host.id host.mac[] host.domain host.os.name
    host.os.version host.os.type host.os.full host.type host.architecture
    observer.name observer.hostname observer.vendor observer.product observer.type observer.version
    observer.serial_number observer.ingress.interface.name observer.ingress.interface.alias observer.ingress.zone
    observer.ingress.vlan.id observer.egress.interface.name observer.egress.interface.alias observer.egress.zone
    observer.egress.vlan.id observer.os.version
    rule.name rule.id rule.uuid rule.category rule.description rule.ruleset rule.reference rule.license
    rule.author[] threat.indicator.name threat.technique.id[] threat.tactic.id[] vulnerability.id[]
    vulnerability.severity device.id device.manufacturer device.model.name device.model.identifier
    email.from.address[] email.to.address[] email.cc.address[] email.bcc.address[] email.sender.address
    email.reply_to.address[] email.subject email.message_id email.local_id email.direction email.x_mailer
    email.content_type email.attachments.file.name[] email.attachments.file.extension[]
    email.attachments.file.mime_type[] email.attachments.file.hash.sha256[] email.attachments.file.hash.md5[]
    url.original url.full url.domain url.path url.query url.scheme url.fragment url.extension url.username url.password
    url.registered_domain url.top_level_domain url.subdomain
    http.request.method http.request.referrer http.request.id http.version http.request.mime_type
    http.response.mime_type user_agent.original user_agent.name user_agent.version user_agent.os.name
    user_agent.os.full user_agent.device.name
    dns.question.name dns.question.type dns.question.class dns.answers.data[] dns.response_code dns.id dns.type
    dns.question.registered_domain dns.question.subdomain dns.header_flags[] dns.op_code
    file.name file.path file.directory file.extension file.type file.mime_type file.hash.md5 file.hash.sha1
    file.hash.sha256 file.owner process.name process.executable process.command_line process.args[]
    process.hash.md5 process.hash.sha256 process.hash.sha1 process.entity_id process.title process.working_directory process.user.name
    process.parent.name process.parent.executable process.parent.command_line process.parent.user.name
    service.name service.type service.state service.id service.version service.address registry.path
    registry.value registry.data.strings[] group.name group.id group.domain
    session.id log.level log.logger log.file.path log.syslog.appname log.syslog.hostname log.syslog.procid
    log.syslog.msgid log.syslog.facility.name log.syslog.severity.name log.syslog.version
    tls.version tls.cipher tls.client.ja3 tls.server.ja3s tls.client.server_name tls.client.subject
    tls.client.issuer tls.server.subject tls.server.issuer tls.version_protocol tls.curve
    x509.serial_number x509.subject.common_name x509.issuer.common_name
    related.user[] related.hosts[] related.hash[] organization.name organization.id cloud.provider
    cloud.account.id cloud.region container.id error.code error.type labels.note tags[]
    winlog.event_id winlog.channel winlog.provider_name winlog.computer_name winlog.logon.type
    winlog.logon.id winlog.logon.failure.reason winlog.logon.failure.status winlog.logon.failure.sub_status
    winlog.task winlog.opcode winlog.keywords[] winlog.version winlog.activity_id`,
};

const declared = (type: FieldType, list: string): Field[] =>
  list
    .trim()
    .split(/\s+/)
    .map((word) => ({
      name: word.replace(/\[\]$/, ''),
      type,
      array: word.includes('[]'),
    }));

export const FIELDS: readonly Field[] = (Object.entries(DECLARATIONS) as [FieldType, string][]).flatMap(
  ([type, list]) => declared(type, list),
);

const BY_NAME: ReadonlyMap<string, Field> = new Map(FIELDS.map((field) => [field.name, field]));

export const fieldOf = (name: string): Field | undefined => BY_NAME.get(name);
