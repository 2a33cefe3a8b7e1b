import { readCef } from './cef.ts';
import { readCells } from './csv.ts';
import { table, words } from './field-map.ts';
import { readLeef } from './leef.ts';
import type { Envelope } from './syslog.ts';

/** Check Point's own field names (sk144192) → value, whatever form the line had. A repeated field keeps its first value. */
export type CheckpointPairs = Map<string, string>;

const set = (pairs: CheckpointPairs, key: string, value: string): void => {
  if (value !== '' && !pairs.has(key)) pairs.set(key, value);
};

// action:"Drop"; · ike::"…"; · origin: "192.0.2.1"; · action="Detect" (structured data); \" \] \\ are escaped
const QUOTED = /(?<![\w/.-])([\w/.-]{1,64}):{0,2}[:=] ?"((?:[^"\\]|\\.)*)("?)/g;

const readQuoted = (text: string, from: number): CheckpointPairs => {
  const pairs: CheckpointPairs = new Map();
  for (const m of text.slice(from).matchAll(QUOTED)) {
    set(pairs, m[1] as string, (m[2] as string).replaceAll(/\\(["\]\\;=])/g, '$1').trim());
  }
  return pairs;
};

/** `time=1610705472|hostname=cp|product=Firewall|…` of the log exporter; a part without a name continues the one before. */
const readPiped = (text: string, from: number): CheckpointPairs => {
  const parts: [string, string][] = [];
  for (const part of text.slice(from).split(/(?<!\\)\|/)) {
    const m = /^([\w/. -]{1,64})=([\s\S]*)$/.exec(part);
    const last = parts.at(-1);
    if (m !== null) parts.push([m[1] as string, m[2] as string]);
    else if (last !== undefined && part !== '') last[1] += `|${part}`;
  }
  const pairs: CheckpointPairs = new Map();
  for (const [key, value] of parts) set(pairs, key, value.replaceAll(/\\([=|\\])/g, '$1').trim());
  return pairs;
};

/** `fw log -l`: `21Aug2007 12:00:00 accept …`, a relay's header in front of it or none. */
const DATED = /(?:^|\s)(\d{1,2}[A-Z][a-z]{2}\d{4}) {1,2}(\d{1,2}:\d\d:\d\d) {1,8}$/;
// 10:15:02 5 N/A 1 drop 192.0.2.1 >eth1 LogId: …; · accept 192.0.2.1 <eth0 product: …
const PLAIN_HEAD =
  /\b(accept|drop|reject|encrypt|decrypt|authcrypt|keyinst|ctl|monitor|detect|prevent|block|allow) +([\w.:-]{1,255}) +([<>])(\S{0,32}) +/i;

/** `src: 192.0.2.1; dst: 192.0.2.2; proto: tcp; product: VPN-1 & FireWall-1; …`, what `fw log` prints and relays of old releases send. */
const readPlain = (text: string): CheckpointPairs => {
  const pairs: CheckpointPairs = new Map();
  const head = PLAIN_HEAD.exec(text);
  if (head !== null) {
    set(pairs, 'action', head[1] as string);
    set(pairs, 'origin', head[2] as string);
    set(pairs, 'ifdir', head[3] === '>' ? 'inbound' : 'outbound');
    set(pairs, 'ifname', head[4] as string);
    set(pairs, 'clock', /^\s{0,8}(\d{1,2}:\d\d:\d\d) /.exec(text)?.[1] ?? '');
    const own = DATED.exec(text.slice(Math.max(0, head.index - 40), head.index));
    set(pairs, 'date', own?.[1] ?? '');
    set(pairs, 'clock', own?.[2] ?? '');
  }
  for (const part of text.slice(head === null ? 0 : head.index + head[0].length).split(';')) {
    const m = /(?:^|\s)([\w/]{1,64}): ?(.*)$/.exec(part.trim());
    if (m !== null && m[2] !== '<max_null>') set(pairs, m[1] as string, (m[2] as string).trim());
  }
  return pairs;
};

/** The default columns of an export from SmartView Tracker. */
const COLUMNS = words(`number date clock ifname origin_name type action service s_port src dst proto rule rule_name
  current_rule user information product src_machine_name src_user_name`);

const readExport = (text: string): CheckpointPairs => {
  const pairs: CheckpointPairs = new Map();
  const { cells } = readCells(text.replaceAll('" "', '","'));
  cells.forEach((cell, n) => {
    set(pairs, COLUMNS[n] ?? `column_${n}`, cell.trim());
  });
  for (const part of (pairs.get('information') ?? '').split('; ')) {
    const colon = part.indexOf(': ');
    if (colon > 0) set(pairs, part.slice(0, colon).trim().replaceAll(' ', '_'), part.slice(colon + 2));
  }
  return pairs;
};

const readCefForm = (text: string, at: number): CheckpointPairs => {
  const pairs: CheckpointPairs = new Map();
  const cef = readCef(text.startsWith('CEF:', at) ? text.slice(at) : `CEF:${text.slice(at)}`);
  if (cef === undefined) return pairs;
  for (const [key, value] of cef.extension) {
    if (key.endsWith('Label')) continue;
    const label = /^(?:c[sn]|c6a|flexString|flexNumber)\d$/.test(key) ? cef.extension.get(`${key}Label`) : undefined;
    set(pairs, label === undefined ? (CEF_KEYS.get(key) ?? key) : label.toLowerCase().replaceAll(' ', '_'), value);
  }
  set(pairs, 'product', cef.product);
  set(pairs, 'cef_class', cef.classId);
  set(pairs, 'cef_name', cef.name);
  if (/^\d$/.test(pairs.get('ifdir') ?? '')) pairs.set('ifdir', pairs.get('ifdir') === '0' ? 'inbound' : 'outbound');
  return pairs;
};

const readLeefForm = (text: string): CheckpointPairs => {
  const pairs: CheckpointPairs = new Map();
  const leef = readLeef(text);
  if (leef === undefined) return pairs;
  for (const [key, value] of leef.attributes) set(pairs, LEEF_KEYS.get(key) ?? key, value);
  set(pairs, 'product', leef.product);
  set(pairs, 'action', leef.eventId);
  return pairs;
};

const readJson = (text: string): CheckpointPairs => {
  const pairs: CheckpointPairs = new Map();
  try {
    const parsed: unknown = JSON.parse(text.slice(text.indexOf('{')));
    for (const [key, value] of Object.entries((parsed ?? {}) as Record<string, unknown>)) {
      if (typeof value === 'string' || typeof value === 'number') set(pairs, key, String(value));
    }
  } catch {
    return pairs; // evidence, not an error
  }
  return pairs;
};

// CEF:0|Check Point|… · CEF: 0|Check Point|… · 0|Check Point|…
const CEF_START = /(?:CEF: ?)?\b\d{1,2}\|Check Point\|/;
// [action:"Accept"; … · syslog[action:"Accept"; …
const BRACKET = /\[(?:[\w.@-]{1,64} )?(?=[\w-]{2,40}::?\s?"|[\w-]{2,40}=")/;
// time=1610705472|hostname=cp-mgmt|product=Firewall|…
const PIPED = /\btime=\d{9,16}\|(?:hostname|product|action|severity|ifdir|loguid|origin)=/;
// "22" "10Dec2019" "23:44:49" "eth1" …
const EXPORT = /^"\d{1,12}" "\d{1,2}[A-Z][a-z]{2}\d{4}" "\d{1,2}:\d\d:\d\d" "/;
// Action="accept" UUid="{0x0}" … product="VPN-1 & FireWall-1" …   (CPLogToSyslog of R77)
const PAIRS = /(?:^|\s)Action="[^"]{1,40}" /;
const PLAIN =
  /\bproduct: ?(?:VPN-1|SmartDefense|Application Control|URL Filtering|Identity Awareness|Mobile Access|Connectra|IPS|Anti)/;

/** A field that no other product writes together with the form. */
const OURS = /\b(?:loguid|originsicname|origin_sic_name|__policy_id_tag|Check ?Point|VPN-1 & FireWall-1)\b/i;

/** The record in a line, or undefined when it is none of Check Point's. */
export const readCheckpoint = (text: string, envelope: Envelope): CheckpointPairs | undefined => {
  if (/LEEF:\s?[12][^|]*\|Check Point\|/.test(text)) return filled(readLeefForm(text));
  const cef = CEF_START.exec(text);
  if (cef !== null) return filled(readCefForm(text, cef.index));
  if (EXPORT.test(text)) return filled(readExport(text));
  const piped = PIPED.exec(text);
  if (piped !== null) return filled(readPiped(text, piped.index));
  if (!OURS.test(text) && envelope.program !== 'CheckPoint')
    return PLAIN.test(text) ? filled(readPlain(text)) : undefined;
  const bracket = BRACKET.exec(text);
  if (bracket !== null) return filled(readQuoted(text, bracket.index + bracket[0].length));
  const pairs = PAIRS.exec(text);
  if (pairs !== null && text.includes(' product="'))
    return filled(readQuoted(text.replace('Action=', 'action='), pairs.index));
  if (text.includes('"loguid"') || text.includes('"originsicname"')) return filled(readJson(text));
  return PLAIN.test(text) ? filled(readPlain(text)) : undefined;
};

const filled = (pairs: CheckpointPairs): CheckpointPairs | undefined => {
  const known = pairs.has('action') || pairs.has('product') || pairs.has('origin');
  return known ? pairs : undefined;
};

export const isExportHeader = (text: string): boolean => /^"Number" "Date" "Time" "/.test(text);

/** The log exporter's mapping to CEF (R80.20 Logging and Monitoring, CEF mapping). */
const CEF_KEYS = new Map(
  table(`act=action deviceDirection=ifdir rt=time spt=s_port dpt=service suser=src_user_name duser=user
    shost=src_machine_name dhost=dst_machine_name request=resource requestMethod=method
    requestClientApplication=user_agent in=received_bytes out=sent_bytes fname=file_name fsize=file_size
    fileHash=file_md5 deviceInboundInterface=ifname app=appi_name cp_severity=severity msg=description
    sourceTranslatedAddress=xlatesrc sourceTranslatedPort=xlatesport destinationTranslatedAddress=xlatedst
    destinationTranslatedPort=xlatedport smac=mac_source_address dmac=mac_destination_address`),
);
const LEEF_KEYS = new Map(
  table(`devTime=time srcPort=s_port dstPort=service usrName=user sev=severity identSrc=src_user_name
    srcPostNAT=xlatesrc dstPostNAT=xlatedst srcPostNATPort=xlatesport dstPostNATPort=xlatedport srcBytes=sent_bytes
    dstBytes=received_bytes url=resource`),
);
