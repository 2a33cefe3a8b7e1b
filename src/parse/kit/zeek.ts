import type { Act } from '../../ecs/acts.ts';
import type { Fields } from '../../ecs/event.ts';
import { putAnswer, putQuestion, putResponse } from './dns.ts';
import { type Declarations, fieldMap, type Step } from './field-map.ts';
import { addMailAddress, angled, putMessageId } from './mail.ts';
import { add, put, putIp, putNumber, putTransport, putUser } from './put.ts';
import { putRequest } from './url.ts';

/** One log of Zeek: what its records are, and where its columns go. */
export interface ZeekLog {
  readonly act: Act;
  readonly category: readonly string[];
  readonly type: readonly string[];
  readonly put: (fields: Fields, pairs: Iterable<readonly [string, string]>) => void;
}

/** ECS counts durations in ns. */
const putSeconds = (fields: Fields, name: string, seconds: string): void =>
  putNumber(fields, name, Math.round(Number(seconds) * 1e9));

/** Columns of many logs. */
const COMMON: Declarations = {
  ip: 'id.orig_h=source.ip id.resp_h=destination.ip',
  number: 'id.orig_p=source.port id.resp_p=destination.port',
  text: 'uid=zeek.uid community_id=network.community_id _system_name=observer.name',
};
const COMMON_STEPS: Readonly<Record<string, Step>> = {
  proto: (fields, value) => putTransport(fields, value),
  'ts _path _write_ts': () => true,
};

const log = (
  path: string,
  act: Act,
  category: readonly string[],
  type: readonly string[],
  declared: Declarations = {},
  special: Readonly<Record<string, Step>> = {},
): readonly [string, ZeekLog] => {
  const merged: Record<string, string> = { ...COMMON };
  for (const [kind, text] of Object.entries(declared)) merged[kind] = `${merged[kind] ?? ''} ${text}`;
  return [path, { act, category, type, put: fieldMap(`zeek.${path}`, merged, { ...COMMON_STEPS, ...special }) }];
};

/** `kmaier/EXAMPLE.ORG` of Kerberos; a service's realm follows its own slash: `krbtgt/EXAMPLE.ORG`. */
const putPrincipal: Step = (fields, value) => {
  const slash = value.indexOf('/');
  putUser(fields, 'user', slash < 0 ? value : value.slice(0, slash));
  if (slash >= 0) put(fields, 'user.domain', value.slice(slash + 1));
};

/** Logs by `#path`, as https://docs.zeek.org/en/current/script-reference/log-files.html lists them. */
const ZEEK_LOGS: ReadonlyMap<string, ZeekLog> = new Map([
  log(
    'conn',
    'flow',
    ['network'],
    ['connection', 'end'],
    {
      number:
        'orig_pkts=source.packets resp_pkts=destination.packets vlan=network.vlan.id inner_vlan=network.inner.vlan.id',
      lower: 'service=network.protocol',
      mac: 'orig_l2_addr=source.mac resp_l2_addr=destination.mac',
    },
    { duration: (fields, value) => putSeconds(fields, 'event.duration', value) },
  ),
  log(
    'dns',
    'dns-query',
    ['network'],
    ['protocol', 'info'],
    { text: 'trans_id=dns.id qtype_name=dns.question.type' },
    {
      query: (fields, value) => putQuestion(fields, value),
      rcode_name: (fields, value) => putResponse(fields, value),
      answers: (fields, value) => putAnswer(fields, value),
      qclass_name: (fields, value) => put(fields, 'dns.question.class', value === 'C_INTERNET' ? 'IN' : value),
    },
  ),
  log(
    'http',
    'http-request',
    ['web'],
    ['access'],
    {
      text: `version=http.version user_agent=user_agent.original referrer=http.request.referrer username=user.name
        method=http.request.method`,
      number: `status_code=http.response.status_code request_body_len=http.request.body.bytes
        response_body_len=http.response.body.bytes`,
      lower: 'resp_mime_types=http.response.mime_type orig_mime_types=http.request.mime_type host=url.domain',
    },
    { uri: (fields, value) => putRequest(fields, undefined, value) },
  ),
  log('ssl', 'other', ['network'], ['protocol', 'start'], {
    text: `version=tls.version_protocol+ cipher=tls.cipher curve=tls.curve subject=tls.server.subject
      issuer=tls.server.issuer client_subject=tls.client.subject client_issuer=tls.client.issuer ja3=tls.client.ja3
      ja3s=tls.server.ja3s`,
    lower: 'server_name=tls.client.server_name next_protocol=network.protocol',
  }),
  log(
    'smtp',
    'mail-connection',
    ['email'],
    ['info'],
    { text: 'subject=email.subject user_agent=email.x_mailer', ip: 'x_originating_ip=client.ip' },
    {
      'mailfrom+': (fields, value) => addMailAddress(fields, 'email.sender.address', value),
      from: (fields, value) => addMailAddress(fields, 'email.from.address', angled(value)),
      'rcptto to': (fields, value) => addMailAddress(fields, 'email.to.address', angled(value)),
      cc: (fields, value) => addMailAddress(fields, 'email.cc.address', angled(value)),
      reply_to: (fields, value) => addMailAddress(fields, 'email.reply_to.address', angled(value)),
      helo: (fields, value) => /^[\w.-]{1,255}$/.test(value) && put(fields, 'source.domain', value.toLowerCase()),
      msg_id: (fields, value) => putMessageId(fields, value),
      path: (fields, value) => (putIp({}, 'ip', value) ? add(fields, 'related.ip', value) : false),
    },
  ),
  log('rdp', 'flow-start', ['network'], ['connection', 'start'], {
    user: 'cookie=user',
    text: 'client_name=source.domain result=zeek.rdp.result security_protocol=einfallstor.login.method',
  }),
  log('ssh', 'flow-start', ['network'], ['connection', 'start'], {
    text: 'client=user_agent.original host_key=zeek.ssh.host_key',
  }),
  log('ntlm', 'login', ['authentication'], ['start'], {
    user: 'username=user',
    text: 'domainname=user.domain hostname=source.domain server_nb_computer_name=destination.domain',
  }),
  log(
    'kerberos',
    'kerberos-ticket',
    ['authentication'],
    ['start'],
    { text: 'service=service.name error_msg=event.reason cipher=tls.cipher+' },
    { client: putPrincipal },
  ),
  log('radius', 'login', ['authentication'], ['start'], {
    user: 'username=user',
    mac: 'mac=source.mac',
    ip: 'framed_addr=einfallstor.vpn.assigned_ip tunnel_client=client.ip',
    text: 'reply_msg=event.reason',
  }),
  log('ftp', 'other', ['network'], ['protocol', 'info'], {
    user: 'user=user',
    text: 'arg=file.path reply_msg=event.reason mime_type=file.mime_type',
    number: 'file_size=file.size',
  }),
  log('smb_files', 'share-access', ['file'], ['access'], {
    text: 'name=file.name path=zeek.smb_files.share prev_name=zeek.smb_files.previous_name',
    number: 'size=file.size',
  }),
  log('smb_mapping', 'share-access', ['network', 'file'], ['access'], { text: 'path=zeek.smb_mapping.share' }),
  log('dce_rpc', 'other', ['network'], ['protocol', 'info']),
  log(
    'dhcp',
    'dhcp-lease',
    ['network'],
    ['protocol', 'info'],
    {
      mac: 'mac=source.mac',
      lower: 'host_name=source.domain',
      ip: 'server_addr=server.ip assigned_addr=source.ip',
    },
    {
      'client_addr requested_addr': (fields, value) => {
        if (fields['source.ip'] === undefined) putIp(fields, 'source.ip', value);
        return false;
      },
    },
  ),
  log(
    'files',
    'other',
    ['file'],
    ['info'],
    {
      lower: 'md5=file.hash.md5 sha1=file.hash.sha1 sha256=file.hash.sha256 source=network.protocol',
      text: 'filename=file.name mime_type=file.mime_type extracted=zeek.files.extracted',
      number: 'total_bytes=file.size',
    },
    {
      // who sent the file, who got it; before Zeek 5 there are no id.* columns
      tx_hosts: (fields, value) => putIp(fields, 'source.ip', value),
      rx_hosts: (fields, value) => putIp(fields, 'destination.ip', value),
      duration: (fields, value) => putSeconds(fields, 'event.duration', value),
    },
  ),
  log('notice', 'threat', ['intrusion_detection'], ['info'], {
    ip: 'src=source.ip dst=destination.ip',
    number: 'p=destination.port',
    text: 'note=rule.name msg=message sub=rule.description file_mime_type=file.mime_type',
  }),
  log('intel', 'threat', ['threat'], ['indicator'], {
    text: 'seen.indicator=threat.indicator.name seen.where=zeek.intel.where file_mime_type=file.mime_type',
  }),
  log('signatures', 'threat', ['intrusion_detection'], ['info'], {
    ip: 'src_addr=source.ip dst_addr=destination.ip',
    number: 'src_port=source.port dst_port=destination.port',
    text: 'sig_id=rule.id note=rule.name event_msg=message',
  }),
  log('weird', 'other', ['network'], ['info'], { text: 'name=rule.name addl=event.reason' }),
  log('tunnel', 'other', ['network'], ['connection', 'info'], { lower: 'tunnel_type=network.protocol' }),
  log('socks', 'other', ['network'], ['protocol', 'info'], {
    user: 'user=user',
    lower: 'request.name=url.domain',
    ip: 'request.host=zeek.socks.request_ip',
  }),
  log('snmp', 'other', ['network'], ['protocol', 'info']),
  log('sip', 'other', ['network'], ['protocol', 'info'], { text: 'user_agent=user_agent.original' }),
  log('irc', 'other', ['network'], ['protocol', 'info'], { user: 'user=user' }),
  log('mysql', 'other', ['database'], ['access'], { text: 'arg=zeek.mysql.argument' }),
  log('rfb', 'login', ['authentication'], ['start'], { text: 'authentication_method=einfallstor.login.method' }),
  log('ldap', 'other', ['network'], ['protocol', 'info'], {
    user: 'object=user',
    text: 'diagnostic_message=event.reason',
  }),
  log('x509', 'other', ['network'], ['info'], {
    text: 'certificate.subject=tls.server.subject certificate.issuer=tls.server.issuer certificate.serial=x509.serial_number',
  }),
  log('software', 'other', ['host'], ['info'], { ip: 'host=source.ip' }),
  log('known_hosts', 'other', ['host'], ['info'], { ip: 'host=source.ip' }),
  log('known_services', 'other', ['host'], ['info'], { ip: 'host=source.ip', number: 'port_num=source.port' }),
  log('reporter', 'source-state', ['host'], ['info'], { lower: 'level=log.level', text: 'message=message' }),
  log('capture_loss', 'source-state', ['host'], ['info']),
]);

/** A log that this table does not know: its columns are kept. */
export const zeekLog = (path: string): ZeekLog => ZEEK_LOGS.get(path) ?? UNKNOWN;
const [, UNKNOWN] = log('other', 'other', ['network'], ['info']);

/** JSON logs do not always carry `_path`: columns that only one log has, most telling first. */
const SHAPES: readonly (readonly [path: string, ...names: string[]])[] = [
  ['conn', 'conn_state'],
  ['notice', 'note', 'actions'],
  ['signatures', 'sig_id', 'event_msg'],
  ['intel', 'seen.indicator'],
  ['dns', 'trans_id', 'query'],
  ['dns', 'qtype', 'rcode'],
  ['dns', 'trans_id', 'AA'],
  ['smtp', 'helo', 'trans_depth'],
  ['smtp', 'mailfrom'],
  ['smtp', 'last_reply'],
  ['sip', 'call_id'],
  ['http', 'trans_depth', 'status_code'],
  ['http', 'trans_depth', 'method'],
  ['http', 'request_body_len'],
  ['ntlm', 'server_nb_computer_name'],
  ['ntlm', 'domainname'],
  ['kerberos', 'request_type'],
  ['rdp', 'cookie'],
  ['rdp', 'security_protocol'],
  ['ssh', 'host_key'],
  ['ssh', 'auth_attempts'],
  ['ssh', 'hassh'],
  ['ssl', 'cipher'],
  ['ssl', 'ssl_history'],
  ['ssl', 'established', 'server_name'],
  ['ssl', 'resumed'],
  ['x509', 'certificate.subject'],
  ['dhcp', 'msg_types'],
  ['dhcp', 'assigned_addr'],
  ['smb_mapping', 'share_type'],
  ['smb_files', 'times.modified'],
  ['smb_files', 'action', 'path'],
  ['dce_rpc', 'endpoint', 'operation'],
  ['ftp', 'reply_code', 'command'],
  ['radius', 'framed_addr'],
  ['radius', 'reply_msg', 'result'],
  ['tunnel', 'tunnel_type'],
  ['software', 'software_type'],
  ['socks', 'request_p'],
  ['snmp', 'community'],
  ['ldap', 'message_id', 'opcode'],
  ['files', 'fuid', 'analyzers'],
  ['files', 'fuid', 'seen_bytes'],
  ['weird', 'notice', 'peer'],
  ['weird', 'name', 'peer'],
];

/** Columns that hold sets: each member is a value of its own. */
export const ZEEK_SETS: ReadonlySet<string> = new Set(
  'answers rcptto to cc path tx_hosts rx_hosts fuids orig_fuids resp_fuids'.split(' '),
);

export const zeekPathOf = (row: ReadonlyMap<string, unknown>): string | undefined =>
  SHAPES.find(([, ...names]) => names.every((name) => row.has(name)))?.[0];
