import { type Civil, readBsd } from './civil.ts';

/** What stands before the tag of a message of IOS. */
export interface CiscoHead {
  readonly civil?: Civil;
  /** `*` the clock was never set, `.` it lost its server. */
  readonly mark?: string;
  readonly host?: string;
  readonly sequence?: string;
}

const MONTH = /([*.])?(?=(?:\d{4} )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) {1,2}\d)/g;

/** `<189>4711: sw-1: *Oct 31 23:14:07.123 CET: `: what the device wrote stands behind what relays wrote. */
export const readCiscoHead = (head: string): CiscoHead => {
  let read: { civil: Civil; at: number; end: number; mark: string | undefined } | undefined;
  for (const m of head.slice(-400).matchAll(MONTH)) {
    const at = Math.max(0, head.length - 400) + m.index;
    if (read !== undefined && at < read.end) continue;
    const time = readBsd(head, at + m[0].length);
    if (time !== undefined) read = { civil: time.civil, at, end: time.end, mark: m[1] };
  }
  const before = head.slice(0, read?.at ?? head.length).replace(/^\s*<\d{1,3}>/, '');
  const sequence = /(?:^|\s)(\d{1,10}): /.exec(before)?.[1];
  // behind it the number of the message, `12: sw-1: 004711: `, or the processor of IOS XR, `12: xr-1 RP/0/RSP0/CPU0:`
  const host = /(?:^|\s)([A-Za-z_][\w.-]{0,254})(?:: ?(?:\d{1,10}: )?| RP\/\S{1,24}:)$/.exec(before)?.[1];
  const rest = { ...(sequence && { sequence }), ...(host && { host }) };
  if (read === undefined) return rest;
  const zone = /^ ([A-Za-z][\w+-]{1,7})(?=:)/.exec(head.slice(read.end))?.[1]?.toUpperCase();
  const stated = read.civil.offset !== undefined || read.civil.zone !== undefined || zone === undefined;
  const civil = stated
    ? read.civil
    : { ...read.civil, ...(zone === 'GMT' || zone === 'UTC' ? { offset: 0 } : { zone }) };
  return { civil, ...(read.mark && { mark: read.mark }), ...rest };
};
