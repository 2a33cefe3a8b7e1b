import { readCef } from './cef.ts';
import { readCells } from './csv.ts';
import { table, words } from './field-map.ts';
import { readLeef } from './leef.ts';

/** Name of a value (that of the PAN-OS documentation) → value, whatever form the line had. */
export type PanosValues = Map<string, string>;

export interface PanosLine {
  /** TRAFFIC, THREAT, SYSTEM, … */
  readonly type: string;
  readonly values: PanosValues;
  readonly cut: boolean;
}

// 1,2021/10/31 23:14:07,011901021137,TRAFFIC,end,2561,… · 10:11:12 instead of the date, as some collectors leave it
const CSV_START = /(?:^|[\s:>"'|])\d{1,2},([\d/: TZ.+-]{0,35}),([\w-]{0,40}),([A-Z][A-Z-]{2,19})(?:,|$)/;
// "1","2021/10/31 23:14:07","011901021137","TRAFFIC",…: exported from the web interface
const QUOTED_START = /^"\d{1,2}","([\d/: TZ.+-]{8,35})","([\w-]{6,40})","([A-Z][A-Z-]{2,19})",/;
// a type that is not known counts behind a whole date: tunnel inspection (START, END), AUDIT, what later versions add
const DATED = /^\d{2,4}[/-]\d\d?[/-]\d{2,4}[T ]\d/;

/** No log has a quarter as many columns; the whole text is in `event.original`. */
const COLUMNS_MAX = 1000;

/** The columns by position; `_` are those of no documented use. Longer lines of later versions keep theirs as `column_N`. */
const readColumns = (type: string, cells: readonly string[]): PanosValues => {
  const out: PanosValues = new Map();
  const names = layoutOf(type, cells);
  cells.slice(0, COLUMNS_MAX).forEach((cell, n) => {
    const value = cell.trim();
    const name = names[n] ?? `column_${n}`;
    if (value !== '' && name !== '_' && !out.has(name)) out.set(name, value);
  });
  // the one time with an offset: its column moved between versions
  const high = cells.find((cell, n) => n > 15 && HIGH_RESOLUTION.test(cell));
  if (high !== undefined) out.set('high_res_timestamp', high);
  return out;
};

// 2021-10-31T23:14:07.123+01:00
const HIGH_RESOLUTION = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

const layoutOf = (type: string, cells: readonly string[]): readonly string[] => {
  if (type !== 'CONFIG') return LAYOUTS.get(type) ?? HEAD;
  // before and after stand in front of the sequence number, when the device was told to send them
  const detailed = /^0x/.test(cells[17] ?? '') && !/^0x/.test(cells[15] ?? '');
  return detailed ? CONFIG_DETAILED : CONFIG;
};

const readCsvForm = (text: string): PanosLine | undefined => {
  const quoted = QUOTED_START.exec(text);
  const m = quoted ?? CSV_START.exec(text);
  if (m === null) return undefined;
  const start = m.index + (quoted !== null || /^\d/.test(m[0]) ? 0 : 1);
  // a collector may have escaped the quotes
  const body = /,\\"/.test(text) ? text.slice(start).replaceAll('\\"', '"') : text.slice(start);
  const { cells, cut } = readCells(body);
  const type = (m[3] as string).replace('-', '');
  if (type !== 'CONFIG' && !LAYOUTS.has(type) && !DATED.test(m[1] as string)) return undefined;
  return { type, values: readColumns(type, cells), cut: cut || cells.length < 9 };
};

/** CEF of the device's own template and of the logging service, and that service's JSON, under the names of the columns. */
const readPairs = (type: string, subtype: string, pairs: Iterable<readonly [string, string]>): PanosLine => {
  const values: PanosValues = new Map([
    ['type', type],
    ['subtype', subtype],
  ]);
  const special = NAMES_OF.get(type);
  for (const [key, value] of pairs) {
    if (value === '' || value === 'null' || key === 'LogType' || key === 'Subtype' || key === 'SubType') continue;
    const bare = key.replace(/^PanOS/, '');
    const name = special?.get(bare) ?? NAMES.get(bare) ?? bare;
    if (!values.has(name)) values.set(name, value);
  }
  return { type, values, cut: false };
};

const readCefForm = (text: string): PanosLine | undefined => {
  const cef = readCef(text);
  if (cef === undefined || !/^palo alto networks$/i.test(cef.vendor)) return undefined;
  const { extension } = cef;
  const pairs: [string, string][] = [];
  for (const [key, value] of extension) {
    if (key.endsWith('Label')) continue;
    const label = /^(?:c[sn]|c6a|flexString|flexNumber)\d$/.test(key) ? extension.get(`${key}Label`) : undefined;
    pairs.push([label?.replaceAll(/\s+/g, '') ?? key, value.replaceAll('\\\\', '\\')]);
  }
  const logging = cef.product === 'LF';
  // the device's template counts `in` and `out` as the firewall sees the client: in=$bytes_sent out=$bytes_received
  if (!logging)
    pairs.push(...pairs.splice(0).map(([key, value]): [string, string] => [TEMPLATE.get(key) ?? key, value]));
  // the device's own template: CEF:0|Palo Alto Networks|PAN-OS|10.0|<subtype>|<TYPE>|…
  const [type, subtype] = logging || /^[A-Z]+$/.test(cef.classId) ? [cef.classId, cef.name] : [cef.name, cef.classId];
  return readPairs(type.toUpperCase().replace('-', ''), subtype, pairs);
};

/** LEEF:1.0|Palo Alto Networks|PAN-OS Syslog Integration|10.0|allow|cat=TRAFFIC|Subtype=end|src=… (Panorama, log forwarding for QRadar) */
const readLeefForm = (text: string): PanosLine | undefined => {
  const leef = readLeef(text);
  if (leef === undefined || !/^palo alto networks$/i.test(leef.vendor)) return undefined;
  const { attributes } = leef;
  const type = (attributes.get('cat') ?? attributes.get('Type') ?? attributes.get('type') ?? '').toUpperCase();
  const pairs = [...attributes].filter(([key]) => !/^(?:cat|type)$/i.test(key));
  const line = readPairs(type.replace('-', ''), attributes.get('Subtype') ?? attributes.get('subtype') ?? '', pairs);
  if (type === 'SYSTEM' && !line.values.has('eventid')) line.values.set('eventid', leef.eventId);
  return line;
};

const readJsonForm = (text: string): PanosLine | undefined => {
  const start = text.indexOf('{');
  if (start < 0 || !/"LogType" ?:/.test(text)) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text.slice(start));
  } catch {
    return undefined; // evidence, not an error
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const pairs: [string, string][] = [];
  for (const [key, value] of Object.entries(parsed as Record<string, unknown>)) {
    if (value === null) continue;
    pairs.push([key, typeof value === 'object' ? JSON.stringify(value) : String(value)]);
  }
  const of = (name: string): string => pairs.find(([key]) => key === name)?.[1] ?? '';
  const known = of('DeviceSN') !== '' || of('LogSourceID') !== '' || of('TimeGenerated') !== '';
  return known ? readPairs(of('LogType').toUpperCase(), of('Subtype') || of('SubType'), pairs) : undefined;
};

/** A line of PAN-OS, Panorama or the logging service, or undefined. */
export const readPanos = (text: string): PanosLine | undefined =>
  readCsvForm(text) ??
  (text.includes('CEF:') ? readCefForm(text) : text.includes('LEEF:') ? readLeefForm(text) : readJsonForm(text));

// ---------------------------------------------------------------- columns (PAN-OS Administrator's Guide, syslog field descriptions)

const HEAD = words('_ receive_time serial type subtype _ time_generated');
const GROUPS = 'dg_hier_level_1 dg_hier_level_2 dg_hier_level_3 dg_hier_level_4 vsys_name device_name';
const DEVICES = `src_category src_profile src_model src_vendor src_osfamily src_osversion src_host src_mac
  dst_category dst_profile dst_model dst_vendor dst_osfamily dst_osversion dst_host dst_mac`;
const APPS = `subcategory_of_app category_of_app technology_of_app risk_of_app characteristic_of_app container_of_app
  tunneled_app is_saas_of_app sanctioned_state_of_app`;
const SESSION = `src dst natsrc natdst rule srcuser dstuser app vsys from to inbound_if outbound_if logset _ sessionid
  repeatcnt sport dport natsport natdport flags proto action`;

const TUNNEL = `${SESSION} severity seqno actionflags srcloc dstloc ${GROUPS} tunnelid monitortag parent_session_id
  parent_start_time tunnel bytes bytes_sent bytes_received packets pkts_sent pkts_received`;

const LAYOUTS: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    TRAFFIC: `${SESSION} bytes bytes_sent bytes_received packets start elapsed category _ seqno actionflags srcloc dstloc
      _ pkts_sent pkts_received session_end_reason ${GROUPS} action_source src_uuid dst_uuid tunnelid monitortag
      parent_session_id parent_start_time tunnel assoc_id chunks chunks_sent chunks_received rule_uuid http2_connection
      link_change_count policy_id link_switches sdwan_cluster sdwan_device_type sdwan_cluster_type sdwan_site
      dynusergroup_name xff_ip ${DEVICES} container_id pod_namespace pod_name src_edl dst_edl hostid serialnumber src_dag
      dst_dag session_owner high_res_timestamp nssai_sst nssai_sd ${APPS} offloaded flow_type cluster_name`,
    THREAT: `${SESSION} misc threatid category severity direction seqno actionflags srcloc dstloc _ contenttype pcap_id
      filedigest cloud url_idx user_agent filetype xff referer sender subject recipient reportid ${GROUPS} _ src_uuid
      dst_uuid http_method tunnelid monitortag parent_session_id parent_start_time tunnel thr_category contentver _
      assoc_id ppid http_headers url_category_list rule_uuid http2_connection dynusergroup_name xff_ip ${DEVICES}
      container_id pod_namespace pod_name src_edl dst_edl hostid serialnumber domain_edl src_dag dst_dag partial_hash
      high_res_timestamp reason justification nssai_sst ${APPS} cloud_reportid cluster_name flow_type`,
    SYSTEM: `vsys eventid object _ _ module severity opaque seqno actionflags ${GROUPS} _ _ high_res_timestamp`,
    GLOBALPROTECT: `vsys eventid stage auth_method tunnel_type srcuser srcregion machinename public_ip public_ipv6
      private_ip private_ipv6 hostid serialnumber client_ver client_os client_os_ver repeatcnt reason error opaque status
      location login_duration connect_method error_code portal seqno actionflags high_res_timestamp selection_type
      response_time priority attempted_gateways gateway ${GROUPS} vsys_id`,
    AUTHENTICATION: `vsys src user normalize_user object authpolicy repeatcnt authid vendor logset serverprofile opaque
      clienttype event factorno seqno actionflags ${GROUPS} vsys_id authproto rule_uuid high_res_timestamp src_category
      src_profile src_model src_vendor src_osfamily src_osversion src_host src_mac region _ user_agent session_id
      cluster_name`,
    USERID: `vsys src user datasourcename eventid repeatcnt timeout beginport endport datasource datasourcetype seqno
      actionflags ${GROUPS} vsys_id factortype factorcompletiontime factorno ugflags userbysource tag_name
      high_res_timestamp origindatasource _ cluster_name`,
    HIPMATCH: `srcuser vsys machinename os src matchname repeatcnt matchtype _ _ seqno actionflags ${GROUPS} vsys_id
      srcipv6 hostid serialnumber mac high_res_timestamp cluster_name`,
    DECRYPTION: `${SESSION} tunnel _ _ src_uuid dst_uuid rule_uuid hs_stage_c2f hs_stage_f2s tls_version tls_keyxchg
      tls_enc tls_auth policy_name ec_curve err_index root_status chain_status proxy_type cert_serial fingerprint
      notbefore notafter cert_ver cert_size cn_len issuer_len rootcn_len sni_len cert_flags cn issuer_cn root_cn sni error
      container_id pod_namespace pod_name src_edl dst_edl src_dag dst_dag high_res_timestamp ${DEVICES} seqno actionflags
      ${GROUPS} vsys_id ${APPS} cluster_name`,
    CORRELATION: `src srcuser vsys category severity ${GROUPS} vsys_id objectname object_id evidence`,
    IPTAG: `vsys src tag_name eventid repeatcnt timeout datasourcename datasource_type datasource_subtype seqno
      actionflags ${GROUPS} vsys_id high_res_timestamp`,
    ...Object.fromEntries(['START', 'END', 'TUNNEL'].map((type) => [type, TUNNEL])),
    GTP: 'src dst _ _ rule _ _ app vsys from to inbound_if outbound_if logset _ sessionid _ sport dport _ _ _ proto action',
    SCTP: 'src dst _ _ rule _ _ _ vsys from to inbound_if outbound_if logset _ sessionid repeatcnt sport dport _ _ _ _ proto action',
  }).map(([type, columns]) => [type, [...HEAD, ...words(columns)]]),
);
const CONFIG_HEAD = 'host vsys cmd admin client result path';
const CONFIG_TAIL = `seqno actionflags ${GROUPS} dg_id comment _ high_res_timestamp`;
const CONFIG = [...HEAD, ...words(`${CONFIG_HEAD} ${CONFIG_TAIL}`)];
const CONFIG_DETAILED = [...HEAD, ...words(`${CONFIG_HEAD} before_change_detail after_change_detail ${CONFIG_TAIL}`)];

// ---------------------------------------------------------------- names of CEF keys, CEF labels and JSON (Strata Logging Service log reference)

const NAMES = new Map(
  table(`rt=receive_time TimeReceived=receive_time LogTime=receive_time deviceExternalId=serial DeviceSN=serial
    LogSourceID=serial start=time_generated TimeGenerated=time_generated EventTime=time_generated
    TimeGeneratedHighResolution=high_res_timestamp SourceAddress=src DestinationAddress=dst SourceIPv6Address=src
    DestinationIPv6Address=dst sourceTranslatedAddress=natsrc destinationTranslatedAddress=natdst NATSource=natsrc
    NATDestination=natdst Rule=rule suser=srcuser SourceUser=srcuser duser=dstuser DestinationUser=dstuser
    Application=app VirtualLocation=vsys VirtualSystem=vsys FromZone=from ToZone=to SourceZone=from DestinationZone=to
    deviceInboundInterface=inbound_if deviceOutboundInterface=outbound_if InboundInterface=inbound_if
    OutboundInterface=outbound_if LogSetting=logset LogProfile=logset SessionID=sessionid cnt=repeatcnt
    RepeatCount=repeatcnt CountOfRepeat=repeatcnt spt=sport dpt=dport SourcePort=sport DestinationPort=dport
    sourceTranslatedPort=natsport destinationTranslatedPort=natdport NATSourcePort=natsport NATDestinationPort=natdport
    flexString1=flags Flags=flags Protocol=proto act=action Action=action Bytes=bytes flexNumber1=bytes
    Totalbytes=bytes out=bytes_sent in=bytes_received BytesSent=bytes_sent BytesReceived=bytes_received
    PacketsTotal=packets Packets=packets PacketsSent=pkts_sent PacketsReceived=pkts_received SessionStartTime=start
    SessionDuration=elapsed Elapsedtimeinseconds=elapsed TotalTimeElapsed=elapsed URLCategory=category
    SequenceNo=seqno externalId=seqno SessionEndReason=session_end_reason DeviceName=device_name dvchost=device_name
    LogSourceName=device_name ActionSource=action_source RuleUUID=rule_uuid URL=misc FileName=misc fname=misc filePath=misc
    request=misc ThreatID=threatid Threat/ContentType=threatid VendorSeverity=severity Severity=severity
    DirectionOfAttack=direction Direction=direction FileHash=filedigest fileHash=filedigest FileType=filetype
    requestClientApplication=user_agent UserAgent=user_agent requestMethod=http_method HTTPMethod=http_method
    requestContext=contenttype ContentType=contenttype Referer=referer SenderAddress=sender EmailSender=sender
    Sender=sender EmailSubject=subject Subject=subject EmailRecipient=recipient Recipient=recipient
    ThreatCategory=thr_category SourceDeviceHost=src_host SourceDeviceMac=src_mac DestinationDeviceHost=dst_host
    DestinationDeviceMac=dst_mac EventName=eventid EventID=eventid EventIDValue=eventid EventComponent=object
    EventDescription=opaque Description=opaque msg=opaque Module=module Stage=stage AuthMethod=auth_method
    TunnelType=tunnel_type SourceUserName=srcuser EndpointDeviceName=machinename PublicIPv4=public_ip
    PublicIPv6=public_ipv6 PrivateIPv4=private_ip PrivateIPv6=private_ipv6 HostID=hostid GlobalProtectClientVersion=client_ver
    EndpointOSType=client_os EndpointOSVersion=client_os_ver Reason=reason ConnectionError=error EventStatus=status
    Location=location LoginDuration=login_duration ConnectionMethod=connect_method Portal=portal Gateway=gateway
    HipMatchName=matchname HipMatchType=matchtype EventResult=result EventAction=cmd ConfigurationPath=path
    AuthenticationPolicy=authpolicy AuthEvent=event AuthFactorNo=factorno AuthServerProfile=serverprofile
    MappingDataSourceName=datasourcename MappingDataSource=datasource MappingDataSourceType=datasourcetype
    MappingTimeout=timeout ServerNameIndication=sni CommonName=cn IssuerCommonName=issuer_cn TLSVersion=tls_version
    ErrorMessage=error PolicyName=policy_name CertificateSerial=cert_serial
    ReceiveTime=receive_time SerialNumber=serial devTime=time_generated srcPostNAT=natsrc dstPostNAT=natdst
    RuleName=rule usrName=srcuser IngressInterface=inbound_if EgressInterface=outbound_if LogForwardingProfile=logset
    srcPort=sport dstPort=dport srcPostNATPort=natsport dstPostNATPort=natdport totalBytes=bytes srcBytes=bytes_sent
    dstBytes=bytes_received totalPackets=packets srcPackets=pkts_sent dstPackets=pkts_received StartTime=start
    ElapsedTime=elapsed sequence=seqno Miscellaneous=misc FileDigest=filedigest sev=severity`),
);
const TEMPLATE = new Map(table('in=bytes_sent out=bytes_received'));
const NAMES_OF: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map([
  ['DNS', new Map(table('DNSResolverIP=dst DNSResponse=dns_response RecordType=record_type FQDN=fqdn'))],
  ['SYSTEM', new Map(table('act=eventid cat=eventid fname=object reason=opaque'))],
  [
    'CONFIG',
    new Map(
      table(
        'act=cmd duser=admin suser=admin src=host shost=host BeforeChangeDetail=before_change_detail AfterChangeDetail=after_change_detail msg=path outcome=result destinationServiceName=client sourceServiceName=client reason=result AdminName=admin AdminUsername=admin SourceAddress=host ClientType=client UserName=admin',
      ),
    ),
  ],
  ['TRAFFIC', new Map(table('reason=session_end_reason cat=action_source'))],
  ['THREAT', new Map(table('cat=threatid'))],
  ['HIPMATCH', new Map(table('cat=matchname shost=machinename'))],
  ['USERID', new Map(table('duser=user_name duser0=user suser=user User=user cat=eventid'))],
  ['AUTHENTICATION', new Map(table('duser=user suser=user User=user SourceUser=user cat=object'))],
  ['GLOBALPROTECT', new Map(table('src=public_ip shost=machinename outcome=status reason=reason act=stage'))],
]);
