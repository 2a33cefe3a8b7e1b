import type { Act } from '../../ecs/acts.ts';
import type { Fields } from '../../ecs/event.ts';
import { words } from './field-map.ts';
import { categorise, put, putIp, putNumber, putTransport } from './put.ts';

/** A message of IOS behind its tag, `%FACILITY-n-MNEMONIC: text`. */
export interface IosLine {
  readonly fields: Fields;
  readonly facility: string;
  readonly mnemonic: string;
  readonly text: string;
}

export type Outcomes = 'success' | 'failure';
/** Categorises and names the act. */
export const as = (act: Act, fields: Fields, category: string, types: string, outcome?: Outcomes): Act => {
  categorise(fields, words(category), words(types), outcome);
  return act;
};
export const orFailure = (failed: boolean): Outcomes => (failed ? 'failure' : 'success');

/** An address as it stands in a message; whether it is one is decided by reading it. */
export const ADDRESS = String.raw`([\da-fA-F.:]{3,45})`;
/** `list 102 denied tcp 192.0.2.1(3067) (Serial4/3 ) -> 192.0.2.2(139), 1 packet` · `… icmp A -> B (8/0), 5 packets` */
const ACCESS = new RegExp(
  String.raw`\blist (\S{1,64})(?:/\d{1,6})? (denied|permitted) (\w{1,16}) ${ADDRESS}(?:\((\d{1,5})\))?(?: \([^()]{0,64}\))? ?->\s{1,2}${ADDRESS}(?:\((\d{1,5})\))?`,
);
/** `list 5 denied 192.0.2.1 2 packets` */
const ACCESS_SOURCE = new RegExp(String.raw`\blist (\S{1,64}) (denied|permitted) ${ADDRESS} \d{1,10} packet`);

/** Access lists. */
export const access = ({ fields, text }: IosLine): Act => {
  const m = ACCESS.exec(text);
  const only = m === null ? ACCESS_SOURCE.exec(text) : null;
  put(fields, 'rule.name', m?.[1] ?? only?.[1]);
  putIp(fields, 'source.ip', m?.[4] ?? only?.[3]);
  putTransport(fields, m?.[3]);
  putNumber(fields, 'source.port', m?.[5]);
  putIp(fields, 'destination.ip', m?.[6]);
  putNumber(fields, 'destination.port', m?.[7]);
  putNumber(fields, 'network.packets', /\b(\d{1,10}) packets?\b/.exec(text)?.[1]);
  const action = m?.[2] ?? only?.[2] ?? '';
  put(fields, 'event.action', action);
  if (action === '') return as('other', fields, 'network', 'info');
  if (action === 'permitted') return as('flow', fields, 'network', 'connection allowed', 'success');
  return as('flow-denied', fields, 'network', 'connection denied', 'success');
};

/** `Stop tcp session: initiator (10.0.0.1:1024) sent 90 bytes -- responder (192.0.2.2:80) sent 800 bytes` */
const AUDIT = new RegExp(
  String.raw`(Start|Stop) (\S{1,32}) session: initiator \(${ADDRESS}:(\d{1,5})\)(?: sent (\d{1,16}) bytes)? -- responder \(${ADDRESS}:(\d{1,5})\)(?: sent (\d{1,16}) bytes)?`,
);
/**
 * `Dropping tcp session 192.0.2.1:40112 10.0.0.1:3389 on zone-pair …` · `Dropping tcp pkt from Gi1 192.0.2.1:40112 => …` ·
 * `3 tcp packets were dropped from Gi1 192.0.2.1:40112 => …`
 */
const DROP = new RegExp(
  String.raw`(?:Dropping|\d{1,10}) (\S{1,16}) (?:session|pkt|packets?)(?: were dropped)? (?:from )?(?:[A-Z][\w/.-]{2,40} )?${ADDRESS}:(\d{1,5}) (?:=> |-> |to )?${ADDRESS}:(\d{1,5})`,
);

/** The zone-based firewall and its predecessor: sessions, drops, alerts. */
export const inspection = ({ fields, mnemonic, text }: IosLine): Act => {
  const m = AUDIT.exec(text);
  const dropped = m === null ? DROP.exec(text) : null;
  const ends = m === null ? [dropped?.[2], dropped?.[3], dropped?.[4], dropped?.[5]] : [m[3], m[4], m[6], m[7]];
  putIp(fields, 'source.ip', ends[0]);
  putNumber(fields, 'source.port', ends[1]);
  putIp(fields, 'destination.ip', ends[2]);
  putNumber(fields, 'destination.port', ends[3]);
  putTransport(fields, /^(?:tcp|udp|icmp)$/i.exec(m?.[2] ?? dropped?.[1] ?? '')?.[0]);
  if (m?.[1] === 'Start') return as('flow-start', fields, 'network', 'connection start allowed', 'success');
  if (m !== null) {
    putNumber(fields, 'source.bytes', m[5]);
    putNumber(fields, 'destination.bytes', m[8]);
    return as('flow', fields, 'network', 'connection end allowed', 'success');
  }
  put(fields, 'event.reason', /\bdue to (.{1,120}?)(?: with ip ident|$)/.exec(text)?.[1]);
  if (dropped !== null) return as('flow-denied', fields, 'network', 'connection denied', 'success');
  if (/ALERT|FLOOD|BLOCK_HOST/.test(mnemonic)) {
    fields['event.kind'] = 'alert';
    return as('threat', fields, 'intrusion_detection network', 'info');
  }
  return as('other', fields, 'network', 'info');
};

const SIGNATURE = new RegExp(
  String.raw`Sig:(\d{1,8}) Subsig:(\d{1,4}).{0,20}? Sev:\S{1,16} (.{1,200}?) ?\[${ADDRESS}:(\d{1,5}) -> ${ADDRESS}:(\d{1,5})`,
);

/** `Sig:3051 Subsig:1 Sev:4 TCP Window Size DoS [192.0.2.1:51654 -> 192.0.2.2:4444]` */
export const signature = ({ fields, text }: IosLine): Act => {
  fields['event.kind'] = 'alert';
  const m = SIGNATURE.exec(text);
  if (m !== null) {
    put(fields, 'rule.id', `${m[1]}:${m[2]}`);
    put(fields, 'threat.indicator.name', m[3]);
    putIp(fields, 'source.ip', m[4]);
    putNumber(fields, 'source.port', m[5]);
    putIp(fields, 'destination.ip', m[6]);
    putNumber(fields, 'destination.port', m[7]);
  }
  return as('threat', fields, 'intrusion_detection network', 'info');
};

/** `Created tcp 10.0.0.1:1024 203.0.113.4:61024 192.0.2.2:80 192.0.2.2:80`: inside local, inside global, outside local, outside global. */
export const translation = ({ fields, text }: IosLine): Act => {
  const m = /\b(\w{2,8}) ([\d.]{7,15}):(\d{1,5}) ([\d.]{7,15}):(\d{1,5}) ([\d.]{7,15}):(\d{1,5})/.exec(text);
  putTransport(fields, m?.[1]);
  for (const [name, at] of [
    ['source', 2],
    ['source.nat', 4],
    ['destination', 6],
  ] as const) {
    putIp(fields, `${name}.ip`, m?.[at]);
    putNumber(fields, `${name}.port`, m?.[at + 1]);
  }
  return as('nat', fields, 'network', 'info', 'success');
};
