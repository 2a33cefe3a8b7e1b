import type { CheckpointPairs } from './checkpoint.ts';
import { readCsv } from './csv.ts';
import { table } from './field-map.ts';

/** Tables that Check Point's own tools write: what SmartConsole exports, and `fw logexport`; a head of titles, then rows. */

export interface CheckpointHead {
  readonly delimiter: ',' | ';';
  /** Check Point's own field names (sk144192), by column. */
  readonly names: readonly string[];
}

// Time,Blade,Action,Type,Interface,Origin,… in whichever order the view had · num;date;time;orig;type;action;…
const LOGEXPORT = /^num;date;time;orig;/;
const SMART = ['time', 'blade', 'action', 'origin'];

const LOGEXPORT_NAMES = new Map(
  table(
    'num=number time=clock orig=origin_name i/f_name=ifname i/f_dir=ifdir alert=_ logid=_ contextnum=_ assigned_ip=assigned_IP',
  ),
);
/** Titles of SmartConsole's columns, blanks as `_`. */
const TITLES = new Map(
  table(`blade=product origin=origin_name interface=ifname source=src source_user_name=src_user_name source_port=s_port
    source_machine_name=src_machine_name destination=dst destination_user_name=dst_user_name destination_port=service
    destination_machine_name=dst_machine_name ip_protocol=proto access_rule_number=rule access_rule_name=rule_name
    policy_rule_uid=rule_uid layer_name=layer_name id=_ log_id=_ xlate_(nat)_source_ip=xlatesrc
    xlate_(nat)_destination_ip=xlatedst xlate_(nat)_source_port=xlatesport xlate_(nat)_destination_port=xlatedport
    application_name=appi_name authentication_method=auth_method login_option=login_option office_mode_ip=office_mode_ip
    client_application=client_name client_name=client_name client_version=client_version object_name=objectname
    object_type=objecttype changes=fieldschanges user_name=user`),
);

/** `reason:`, `peer gateway`, `assigned_IP:` in fw logexport. */
const plain = (title: string): string => title.trim().toLowerCase().replace(/:$/, '').replaceAll(/\s+/g, '_');

/** The names of the columns, where the line is the head of such a table. */
export const readCheckpointHead = (line: string): CheckpointHead | undefined => {
  const text = line
    .slice(0, 8192)
    .replace(/^\uFEFF/, '')
    .trim();
  if (LOGEXPORT.test(text))
    return {
      delimiter: ';',
      names: text
        .split(';')
        .map(plain)
        .map((name) => LOGEXPORT_NAMES.get(name) ?? name),
    };
  if (!/\bBlade\b/.test(text) || !/\bOrigin\b/.test(text)) return undefined;
  const titles = readCsv(text)?.map(plain) ?? [];
  if (!SMART.every((title) => titles.includes(title))) return undefined;
  return { delimiter: ',', names: titles.map((title) => TITLES.get(title) ?? title.replaceAll(/[^\w/.-]+/g, '_')) };
};

/** `pc-7 (10.0.0.5)`: name and address. */
const NAMED = /^\S{1,255} \(([\da-fA-F.:]{3,45})\)$/;
/** `rdp (TCP/3389)`, `TCP/3389`: the service's name, protocol and port. */
const SERVICE = /^(?:(\S{1,64}) \()?(TCP|UDP|SCTP)\/(\d{1,5})\)?$/i;

/** A row under that head. */
export const readCheckpointRow = (text: string, head: CheckpointHead): CheckpointPairs | undefined => {
  const cells = readCsv(text, head.delimiter);
  if (cells === undefined || cells.length < 4) return undefined;
  const pairs: CheckpointPairs = new Map();
  head.names.forEach((name, n) => {
    const value = cells[n]?.trim() ?? '';
    if (value !== '' && name !== '_' && !pairs.has(name)) pairs.set(name, value);
  });
  for (const side of ['src', 'dst']) {
    const ip = NAMED.exec(pairs.get(side) ?? '')?.[1];
    if (ip !== undefined) pairs.set(side, ip);
  }
  const service = SERVICE.exec(pairs.get('service') ?? '');
  if (service !== null) {
    if (service[1] !== undefined && !pairs.has('service_id')) pairs.set('service_id', service[1]);
    pairs.set('proto', (service[2] as string).toLowerCase());
    pairs.set('service', service[3] as string);
  }
  return pairs.has('action') || pairs.has('product') ? pairs : undefined;
};

/** `Date: Feb 1, 2024`, which `fw log` prints before the records of a day: `1Feb2024`. */
export const readCheckpointDay = (text: string): string | undefined => {
  const m = /^\s{0,8}Date: ([A-Z][a-z]{2}) {1,2}(\d{1,2}), (\d{4})\s*$/.exec(text);
  return m === null ? undefined : `${m[2]}${m[1]}${m[3]}`;
};
