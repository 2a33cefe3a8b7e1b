import type { RawRecord } from '../parser.ts';
import { type Civil, offsetOf, readIso } from './civil.ts';

/** A line of a CloudGen Firewall's log file, or of its stream, its head taken off. */
export interface BarracudaLine {
  /** `box_Firewall_Activity`, `srv_S1_VPN`: the log file the line is from; the stream's tag may be lost. */
  readonly file?: string;
  readonly level: string;
  readonly host?: string;
  readonly civil?: Civil;
  readonly message: string;
}

const LEVELS = 'Info|Notice|Warning|Security|Error|Fatal|Alert|Panic|Internal|Debug';
// "Info     fw01 …": padded to eight characters, then a blank; `+01:00` stands in front in a stream, behind in a file
const HEAD = new RegExp(
  String.raw`^\s*(?:(?<before>[+-]\d\d:\d\d)\s+)?(?<level>${LEVELS}) {1,5}(?:(?<behind>[+-]\d\d:\d\d) )?`,
);
/** Without its tag a line is known by the padding, and by the box's name or an action behind it. */
const PADDED = new RegExp(
  String.raw`^\s*(?:[+-]\d\d:\d\d\s+)?(?=.{8} \S)(?:${LEVELS}) {1,5}(?:[A-Za-z][\w.-]{0,63} \S|[A-Z][A-Za-z]{2,15}: \S)`,
);
// 2021 10 31 23:14:07 Security +01:00 Block: type=FWD|…
const FILE_TIME = /^(\d{4}) (\d\d) (\d\d) (\d\d:\d\d:\d\d) /;
// fw01/box_Firewall_Activity · box_Auth_access · srv_S1_VPN · cgf_box_…
const FILE = /(?:^|[/\\])((?:box|srv|cc|rng|cls)_\w{2,64})$/i;
const HOST = /^([A-Za-z][\w.-]{0,63}) (?=\S)/;
/** Words that begin a message where no host stands in front. */
const ACTION = /^(?:Local)?(?:Allow|Block|Deny|Drop|Fail|Remove|Detect|Scan|ARP)\w{0,12}: /;

const withZone = (civil: Civil | undefined, zone: string | undefined): Civil | undefined => {
  const offset = zone === undefined ? undefined : offsetOf(zone);
  return civil === undefined || offset === undefined ? civil : { ...civil, offset };
};

/** Reads the head; undefined where the line is of another product. */
export const readBarracuda = ({ text, envelope }: RawRecord): BarracudaLine | undefined => {
  const own = FILE_TIME.exec(text);
  const civil = own === null ? envelope.civil : readIso(`${own[1]}-${own[2]}-${own[3]} ${own[4]}`)?.civil;
  // the stream's name, where no header holds it
  const named = envelope.program === undefined ? /^((?:box|srv)_\w{2,64}): /.exec(envelope.message) : null;
  const body = own === null ? envelope.message.slice(named?.[0].length ?? 0) : text.slice(own[0].length);
  const file = FILE.exec(envelope.program ?? named?.[1] ?? '')?.[1];
  const head = HEAD.exec(body);
  if (head === null) return undefined;
  const bare = own === null && file === undefined;
  if (bare && (envelope.program !== undefined || !PADDED.test(body))) return undefined;
  const level = head.groups?.['level'] as string;
  const zone = head.groups?.['before'] ?? head.groups?.['behind'];
  let message = body.slice(head[0].length);
  // a file has no host in its lines: the first word there is the message's own
  const host = own === null && !ACTION.test(message) ? HOST.exec(message) : null;
  if (host !== null) message = message.slice(host[0].length).trimStart();
  const name = host?.[1] ?? envelope.host;
  const at = withZone(civil, zone);
  return {
    level,
    message,
    ...(file === undefined ? {} : { file }),
    ...(name === undefined ? {} : { host: name }),
    ...(at === undefined ? {} : { civil: at }),
  };
};

/** Firewall activity without keys: "Log-Pipe-Separated-Value-List", in this order. */
const COLUMNS =
  'type proto srcIF srcIP srcPort srcMAC dstIP dstPort dstService dstIF rule info srcNAT dstNAT duration count receivedBytes sentBytes receivedPackets sentPackets user protocol application target content urlcat'.split(
    ' ',
  );

/** `type=FWD|proto=TCP|…` or `FWD|TCP|eth0|…` as pairs. */
export const readActivity = (text: string): Map<string, string> | undefined => {
  const cells = text.split('|');
  if (cells.length < 8) return undefined;
  const keyed = /^\w{2,20}=/.test(cells[0] as string) && /^\w{2,20}=/.test(cells[1] as string);
  const out = new Map<string, string>();
  cells.slice(0, 100).forEach((cell, n) => {
    const equals = cell.indexOf('=');
    if (keyed && equals > 0) out.set(cell.slice(0, equals).trim(), cell.slice(equals + 1).trim());
    else if (!keyed) out.set(COLUMNS[n] ?? `column_${n}`, cell.trim());
  });
  return out;
};
