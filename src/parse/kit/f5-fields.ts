import type { Fields } from '../../ecs/event.ts';
import { relateAddresses } from './addresses.ts';
import { cefFields } from './cef-fields.ts';
import { fieldMap, type Step } from './field-map.ts';
import { add, put, putIp, putNumber, putTransport } from './put.ts';
import { putUrl } from './url.ts';

const PREFIX = 'f5.bigip';

/** A whole HTTP request, its line breaks real, escaped (`\r\n`) or cut: host and client of it. */
const putRequestText = (fields: Fields, text: string): void => {
  const request = text.slice(0, 8192).replaceAll('\\r\\n', '\n');
  put(fields, 'user_agent.original', /^User-Agent: (.{1,2000})/im.exec(request)?.[1]);
  put(fields, 'url.domain', /^Host: ([\w.-]{1,255})/im.exec(request)?.[1]?.toLowerCase());
  const target = /^[A-Z]{3,10} (\S{1,4000}) HTTP\//.exec(request)?.[1];
  if (fields['url.original'] === undefined) putUrl(fields, target);
};

const request: Step = (fields, value) => {
  putRequestText(fields, value);
  return false;
};
/** 0: the request never reached a server. */
const status: Step = (fields, value) => putNumber(fields, 'http.response.status_code', /^[1-5]\d\d$/.exec(value)?.[0]);
const related: Step = (fields, value) => relateAddresses(fields, value);
/** The other address family's field of a side, filled where the first is empty. */
const side =
  (name: string): Step =>
  (fields, value) =>
    fields[name] === undefined && putIp(fields, name, value);

/** CEF of ASM and AFM: the labels of the custom fields name what they hold. */
export const putF5Cef = cefFields(
  PREFIX,
  {
    text: `attack_type=rule.category virtual_name=service.name query_type=dns.question.type query_name=dns.question.name
      vlan=observer.ingress.interface.name acl_rule_name=rule.name acl_policy_name=rule.ruleset http_code=http.response.status_code`,
    lower: 'host=url.domain',
  },
  {
    source_address: side('source.ip'),
    destination_address: side('destination.ip'),
    'x_forwarded_for_header_value+ device_address+': related,
    full_request: request,
    response_code: status,
    policy_apply_date: () => false,
    geo_location: (fields, value) => put(fields, 'source.geo.country_iso_code', /^[A-Z]{2}$/.exec(value)?.[0]),
    externalId: () => false,
    suid: (fields, value) => put(fields, 'session.id', value),
  },
);

/** Pairs of ASM ("Reporting server", Splunk) and AFM, and structured data of high-speed logging. */
export const putF5Pairs = fieldMap(
  PREFIX,
  {
    text: `unit_hostname=observer.name unit_host=observer.name hostname=observer.name http_class_name=rule.name http_class=rule.name
      policy_name=rule.ruleset acl_policy_name=rule.ruleset acl_rule_name=rule.name
      virtual_server_name=service.name context_name=service.name method=http.request.method query_string=url.query
      query_str=url.query severity=log.level attack_type=rule.category sig_ids=rule.id vlan=observer.ingress.interface.name
      drop_reason=event.reason src_fqdn=source.domain session_id=session.id Session_ID=session.id
      device_version=observer.version Client_Hostname=source.domain`,
    lower: 'protocol=network.protocol',
    number: `src_port=source.port
      source_port=source.port dest_port=destination.port`,
    side: 'ip_client=source source_ip=source src_ip=source Client_IP=source dest_ip=destination',
    user: 'username=user source_user=user Username=user',
    given: 'translated_source_ip=source.nat.ip translated_dest_ip=destination.nat.ip',
    givenPort: 'translated_source_port=source.nat.port translated_dest_port=destination.nat.port',
  },
  {
    'date_time f5_asm': () => undefined, // stamped apart
    'management_ip_address manage_ip_addr bigip_mgmt_ip': (fields, value) => {
      add(fields, 'observer.ip', value);
      related(fields, value);
    },
    'violations+ sig_names+ virus_name+ attack_name+': (fields, value) => put(fields, 'threat.indicator.name', value),
    'request req headers': request,
    uri: putUrl,
    // 01490500:5:
    errdefs_msgno: (fields, value) => put(fields, 'event.code', /^[0-9a-f]{8}/.exec(value)?.[0]),
    'response_code resp_code': status,
    ip_protocol: putTransport,
    'x_forwarded_for_header_value+ x_fwd_hdr_val+ ip_with_route_domain+ VIP+': related,
    'geo_location geo_info': (fields, value) =>
      put(fields, 'source.geo.country_iso_code', /^[A-Z]{2}$/.exec(value)?.[0]),
  },
);
