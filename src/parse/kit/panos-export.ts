import { readCells } from './csv.ts';
import { table } from './field-map.ts';
import type { PanosLine, PanosValues } from './panos.ts';

/** A log exported as CSV from the web interface of PAN-OS or Panorama: a head of titles, then rows. */

/** Titles of columns, blanks as `_`, and what the documentation of the syslog fields calls them. */
const TITLES: ReadonlyMap<string, string> = new Map(
  table(`domain=_ receive_time=receive_time serial_#=serial type=type threat/content_type=subtype config_version=_
    generate_time=time_generated source_address=src destination_address=dst nat_source_ip=natsrc nat_destination_ip=natdst
    rule=rule source_user=srcuser destination_user=dstuser application=app virtual_system=vsys source_zone=from
    destination_zone=to inbound_interface=inbound_if outbound_interface=outbound_if log_action=logset time_logged=_
    session_id=sessionid repeat_count=repeatcnt source_port=sport destination_port=dport nat_source_port=natsport
    nat_destination_port=natdport flags=flags ip_protocol=proto action=action bytes=bytes bytes_sent=bytes_sent
    bytes_received=bytes_received packets=packets packets_sent=pkts_sent packets_received=pkts_received start_time=start
    elapsed_time_(sec)=elapsed category=category source_country=srcloc destination_country=dstloc tpadding=_ cpadding=_
    url/filename=misc threat/content_name=threatid severity=severity direction=direction content_type=contenttype
    file_digest=filedigest user_agent=user_agent file_type=filetype x-forwarded-for=xff referer=referer sender=sender
    subject=subject recipient=recipient device_name=device_name event_id=eventid event=eventid object=object fmt=_ id=_
    module=module description=opaque sequence_number=seqno action_flags=actionflags stage=stage
    authentication_method=auth_method auth_method=auth_method tunnel_type=tunnel_type source_region=srcregion
    machine_name=machinename public_ip=public_ip public_ipv6=public_ipv6 private_ip=private_ip private_ipv6=private_ipv6
    host_id=hostid serial_number=serialnumber client_version=client_ver client_os=client_os
    client_os_version=client_os_ver reason=reason error=error status=status location=location
    login_duration=login_duration connect_method=connect_method error_code=error_code portal=portal gateway=gateway
    host=host command=cmd admin=admin client=client result=result configuration_path=path
    before_change_detail=before_change_detail after_change_detail=after_change_detail
    high_resolution_timestamp=high_res_timestamp`),
);

// "Domain","Receive Time","Serial #","Type",… · Domain,Receive Time,Serial #,Type,…
const HEAD = /^\uFEFF?"?Domain"?,"?Receive Time"?,"?Serial #"?,"?Type"?,/;

/** The names of the columns, where the line is the head of an export. */
export const readPanosHead = (text: string): readonly string[] | undefined =>
  HEAD.test(text)
    ? readCells(text.replace(/^\uFEFF/, '')).cells.map((title) => {
        const plain = title.trim().toLowerCase().replaceAll(/\s+/g, '_');
        return TITLES.get(plain) ?? plain.replaceAll(/\W+/g, '_');
      })
    : undefined;

/** A row under that head. */
export const readPanosRow = (text: string, columns: readonly string[]): PanosLine | undefined => {
  const { cells, cut } = readCells(text);
  const type = cells[columns.indexOf('type')]?.replace('-', '') ?? '';
  if (!/^[A-Z]{3,20}$/.test(type)) return undefined;
  const values: PanosValues = new Map();
  columns.forEach((name, n) => {
    const value = cells[n]?.trim() ?? '';
    if (value !== '' && name !== '_' && !values.has(name)) values.set(name, value);
  });
  return { type, values, cut: cut || cells.length < columns.length };
};
