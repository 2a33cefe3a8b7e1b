import { daysOf } from '../../core/time.ts';
import {
  type Civil,
  civilOfInstant,
  epochMicros,
  offsetOf,
  type ReadCivil,
  readBsd,
  readCtime,
  readIso,
} from './civil.ts';
import { readWordPriority } from './priority.ts';

/** A syslog header and what is behind it. Everything but `message` may be missing. */
export interface Envelope {
  readonly message: string;
  readonly priority?: number;
  readonly civil?: Civil;
  readonly host?: string;
  readonly program?: string;
  readonly pid?: number;
  readonly msgid?: string;
  /** RFC 5424 structured data: element id → parameter → value. */
  readonly structured?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Hosts of the relays whose headers stood in front of the device's own, outermost first. */
  readonly relays?: readonly string[];
}

const PRIORITY = /<(\d{1,3})>/y;
/** `postfix/smtpd[2034]: `, `sshd[71]:`, `%ASA-6-302013: `, `kernel: `; the tag ends at a colon. A second stamp is no tag. */
const TAG = /(?!\d{4}(?:-\d\d-\d\dT|:\d\d:\d\d-))([\w./()@+*\\-]{1,64})(?:\[(\d{1,10})\])?: ?/y;
/** Host names, addresses, and what devices put there: `fw-1`, `192.0.2.1`, `2001:db8::1`, `FG100[root]` */
const HOST = /([A-Za-z0-9_][\w.:\-/[\]@]{0,254}) +/y;

/** AIX `syslogd`, relaying: `Oct 31 23:14:07 Message forwarded from mx1: sshd[71]: ` */
const FORWARDED = /Message forwarded from ([\w.:-]{1,255}): ?/y;
/** busybox and OpenWrt `authpriv.info `, AIX `auth|security:info `, in front of the tag. */
const WORDS = /([a-z]{3,8}\d?(?:\|[a-z]{3,8})?[.:][a-z]{3,7}) +(?=\S)/y;
/** OpenWrt's `logger` gave no tag: `user.info : luci: failed login` */
const UNTAGGED = /: (?=[\w-]{2,32}: )/y;
/** `syslogd -v` of FreeBSD `<4.6> `, `-vv` `<auth.info> `, between time and host. */
const VERBOSE = /<(?:(\d{1,2})\.([0-7])|([a-z]{3,8}\d?\.[a-z]{3,7}))> +(?=\S)/y;
/** Solaris: `sshd[71]: [ID 800047 auth.info] message` */
const MESSAGE_ID = /^\[ID (\d{1,10}) ([a-z]{3,8}\d?\.[a-z]{3,7})\] /;
/** syslog-ng with chained host names: `src@fw1`, `s_net@fw1/relay2`; the device stands behind the first `@`. */
const CHAINED = /^[\w.-]{1,64}@([\w.:-]{1,255}?)((?:\/[\w.:-]{1,255})*)$/;
/** A host in front of its time: `fw1.example Oct 31 23:14:07 …`, `192.0.2.1 <134>…` */
const HOST_FIRST =
  /(?!\d+:? )(?=\S{0,254}[\d.:-])([A-Za-z0-9][\w.:-]{0,253}\w):? +(?=<\d{1,3}>|[A-Z][a-z]{2} [ \d]\d \d\d:|\d{4}-\d\d-\d\dT)/y;
/** RFC 6587 octet counting, left in front of the message: `312 <134>` */
const OCTETS = /\d{1,5} (?=<\d{1,3}>)/y;
/** `journalctl -o short-unix`: `1635718447.123456 mx1 sshd[71]: ` */
const UNIX = /(\d{10}\.\d{6}) (?=[\w.-]{1,255} [\w./()@-]{1,64}(?:\[\d{1,10}\])?: )/y;
/** `journalctl -o short-full`: `Sun 2021-10-31 23:14:07 CET mx1 sshd[71]: `, in German `So 2021-10-31 …` */
const WEEKDAY = /[A-Z][a-z]{1,2} (?=\d{4}-\d\d-\d\d )/y;
const ZONE = / ([A-Z]{3,5}|[+-]\d{2,4}) /y;

/** `filterlog[11]: …` where a collector cut time and host off, or a relay knew no name of the program. */
const BARE = /(?=[a-z][\w./-]{1,47}\[\d{1,10}\]: \S)/y;

const sticky = (pattern: RegExp, text: string, index: number): RegExpExecArray | null => {
  pattern.lastIndex = index;
  return pattern.exec(text);
};

/** RFC 5424 §6.3: `[id name="value" …][…]`, with `\"`, `\\`, `\]` escaped; undefined when it is not well-formed. */
const readStructured = (
  text: string,
  index: number,
): { data: Record<string, Record<string, string>>; end: number } | undefined => {
  const data: Record<string, Record<string, string>> = {};
  let i = index;
  while (text[i] === '[') {
    i += 1;
    const idEnd = i + (/^[^\s\]="]{1,64}/.exec(text.slice(i, i + 64))?.[0].length ?? 0);
    if (idEnd === i) return undefined;
    const params: Record<string, string> = {};
    data[text.slice(i, idEnd)] = params;
    i = idEnd;
    while (text[i] === ' ') {
      const equals = text.indexOf('="', i);
      if (equals < 0 || equals - i > 64) return undefined;
      const name = text.slice(i + 1, equals);
      let value = '';
      i = equals + 2;
      for (let from = i; ; i += 1) {
        const c = text[i];
        if (c === undefined) return undefined;
        if (c === '\\' && /["\\\]]/.test(text[i + 1] ?? '')) {
          value += text.slice(from, i);
          from = i + 1;
          i += 1;
        } else if (c === '"') {
          value += text.slice(from, i);
          break;
        }
      }
      params[name] = value;
      i += 1;
    }
    if (text[i] !== ']') return undefined;
    i += 1;
  }
  return { data, end: i };
};

const dashed = (text: string | undefined): string | undefined =>
  text === undefined || text === '-' ? undefined : text;

const RFC5424 = /(?:\d{1,2} )(\S+) (\S{1,255}) (\S{1,128}) (\S{1,128}) (\S{1,64}) /y;

const readRfc5424 = (text: string, index: number): Envelope | undefined => {
  const m = sticky(RFC5424, text, index);
  if (m === null) return undefined;
  const time = m[1] === '-' ? undefined : readIso(m[1] as string);
  if (m[1] !== '-' && time === undefined) return undefined;
  let at = RFC5424.lastIndex;
  let structured: Record<string, Record<string, string>> | undefined;
  if (text[at] === '-') at += 1;
  else if (text[at] === '[') {
    const read = readStructured(text, at);
    if (read !== undefined) {
      structured = read.data;
      at = read.end;
    }
  }
  if (text[at] === ' ') at += 1;
  if (text.charCodeAt(at) === 0xfeff) at += 1;
  // rsyslog keeps the blank that stood behind the tag of the line it was given
  if (text[at] === ' ') at += 1;
  const pid = Number(m[4]);
  const host = dashed(m[2]);
  const program = dashed(m[3]);
  const msgid = dashed(m[5]);
  return {
    message: text.slice(at),
    ...(time && { civil: time.civil }),
    ...(host === undefined ? {} : { host }),
    ...(program === undefined ? {} : { program }),
    ...(Number.isInteger(pid) ? { pid } : {}),
    ...(msgid === undefined ? {} : { msgid }),
    ...(structured && { structured }),
  };
};

/** OpenWrt's `logread` names no host: `Fri Dec  3 10:11:12 2021 daemon.err uhttpd[7662]: ` */
const readHostless = (text: string, index: number, time: ReadCivil): Envelope | undefined => {
  const words = sticky(WORDS, text, index + (text[index] === ' ' ? 1 : 0));
  const priority = words === null ? undefined : readWordPriority(words[1] as string);
  if (priority === undefined) return undefined;
  const end = WORDS.lastIndex;
  const at = sticky(UNTAGGED, text, end) === null ? end : UNTAGGED.lastIndex;
  const base = { civil: time.civil, priority };
  const tag = sticky(TAG, text, at);
  return tag === null ? { ...base, message: text.slice(at) } : tagged(text, base, tag);
};

const verbosePriority = ([, facility, severity, words]: RegExpExecArray): number | undefined =>
  words === undefined ? Number(facility) * 8 + Number(severity) : readWordPriority(words);

/** What follows a BSD or ISO time: `host tag[pid]: message`, `tag: message`, `host message`, `: message`. */
const readTail = (text: string, index: number, time: ReadCivil, hostCertain: boolean): Envelope => {
  let at = index;
  const hostless = hostCertain ? readHostless(text, index, time) : undefined;
  if (hostless !== undefined) return hostless;
  while (text[at] === ' ') at += 1;
  const verbose = sticky(VERBOSE, text, at);
  const stated = verbose === null ? undefined : verbosePriority(verbose);
  at = stated === undefined ? index : VERBOSE.lastIndex;
  const base = { civil: time.civil, ...(stated === undefined ? {} : { priority: stated }) };
  // Cisco: "Apr 15 2013 09:36:50: %ASA-…", "Jul 15 13:38:14 192.0.2.1 : %ASA-…"
  if (text[at] === ':') return { ...base, message: text.slice(at + 1).trimStart() };
  while (text[at] === ' ') at += 1;
  const forwarded = hostCertain ? sticky(FORWARDED, text, at) : null;
  if (forwarded !== null) {
    const known = { ...base, host: forwarded[1] as string };
    const tag = sticky(TAG, text, FORWARDED.lastIndex);
    return tag === null ? { ...known, message: text.slice(FORWARDED.lastIndex) } : tagged(text, known, tag);
  }
  // Behind a time that may be the program's own, a tag counts only with a process id: "TLS: …" is a message.
  const isTag = (m: RegExpExecArray | null): m is RegExpExecArray =>
    m !== null && (hostCertain || m[2] !== undefined || m[1] === 'kernel');
  const withoutHost = sticky(TAG, text, at);
  if (isTag(withoutHost) && !/^[\d.]+$|^[0-9a-fA-F:]*:[0-9a-fA-F:]*$/.test(withoutHost[1] as string)) {
    return tagged(text, base, withoutHost);
  }
  const host = sticky(HOST, text, at);
  if (host === null) return { ...base, message: text.slice(at) };
  let afterHost = HOST.lastIndex;
  const chained = CHAINED.exec(host[1] as string);
  const name = chained?.[1] ?? (host[1] as string).replace(/:$/, '');
  const relays = chained?.[2] ? { relays: chained[2].slice(1).split('/').reverse() } : {};
  if (text[afterHost] === ':') {
    return { ...base, ...relays, host: name, message: text.slice(afterHost + 1).trimStart() };
  }
  const words = hostCertain ? sticky(WORDS, text, afterHost) : null;
  const priority = words === null ? undefined : readWordPriority(words[1] as string);
  if (priority !== undefined) afterHost = WORDS.lastIndex;
  const known = { ...base, ...relays, ...(priority === undefined ? {} : { priority }), host: name };
  const tag = sticky(TAG, text, afterHost);
  if (isTag(tag) && (hostCertain || !name.includes(':'))) return tagged(text, known, tag);
  if (!hostCertain || name.includes('=')) return { ...base, message: text.slice(at) };
  return { ...known, message: text.slice(afterHost) };
};

/** The program in front of a message that has no header with one. */
const named = (envelope: Envelope): Envelope => {
  const { message, ...known } = envelope;
  const tag = envelope.program === undefined && sticky(BARE, message, 0) !== null ? sticky(TAG, message, 0) : null;
  return tag === null ? envelope : tagged(message, known, tag);
};

const tagged = (text: string, base: Omit<Envelope, 'message'>, tag: RegExpExecArray): Envelope => {
  const message = text.slice(TAG.lastIndex);
  const id = message.startsWith('[ID ') ? MESSAGE_ID.exec(message) : null;
  const priority = id === null ? undefined : readWordPriority(id[2] as string);
  return {
    ...base,
    program: tag[1] as string,
    ...(tag[2] === undefined ? {} : { pid: Number(tag[2]) }),
    ...(id === null || priority === undefined ? {} : { msgid: id[1] as string, priority }),
    message: id === null ? message : message.slice(id[0].length),
  };
};

/** Times that only `journalctl` writes in front of a host. */
const readJournalTime = (text: string, at: number): ReadCivil | undefined => {
  const unix = sticky(UNIX, text, at);
  if (unix !== null) return { civil: civilOfInstant(epochMicros(unix[1] as string) as number), end: UNIX.lastIndex };
  if (sticky(WEEKDAY, text, at) === null) return undefined;
  const iso = readIso(text, WEEKDAY.lastIndex);
  const zone = iso === undefined || iso.civil.offset !== undefined ? null : sticky(ZONE, text, iso.end);
  if (iso === undefined || zone === null) return iso;
  const offset = offsetOf(zone[1] as string);
  return {
    civil: { ...iso.civil, ...(offset === undefined ? { zone: zone[1] as string } : { offset }) },
    end: ZONE.lastIndex - 1,
  };
};

const readTimed = (text: string, at: number, priority: number | undefined): Envelope | undefined => {
  const first = text.charCodeAt(at);
  if (first >= 48 && first <= 57) {
    const modern = readRfc5424(text, at);
    if (modern !== undefined) return modern;
    const iso = readIso(text, at) ?? readBsd(text, at);
    // Only a time with `T` or behind a priority is surely a relay's stamp; "2021-10-31 23:14:07 word" may be the program's own.
    if (iso !== undefined) return readTail(text, iso.end, iso, text[at + 10] === 'T' || priority !== undefined);
  } else if ((first >= 65 && first <= 90) || (first >= 97 && first <= 122)) {
    const bsd = readBsd(text, at) ?? readCtime(text, at);
    if (bsd !== undefined) return readTail(text, bsd.end, bsd, true);
  } else return undefined;
  const journal = readJournalTime(text, at);
  return journal === undefined ? undefined : readTail(text, journal.end, journal, true);
};

const readOnce = (text: string): Envelope | undefined => {
  let at = 0;
  let priority: number | undefined;
  while (text[at] === ' ' || text.charCodeAt(at) === 0xfeff) at += 1;
  if (sticky(OCTETS, text, at) !== null) at = OCTETS.lastIndex;
  const before = sticky(HOST_FIRST, text, at);
  if (before !== null) at = HOST_FIRST.lastIndex;
  const pri = text[at] === '<' ? sticky(PRIORITY, text, at) : null;
  if (pri !== null && Number(pri[1]) <= 191) {
    priority = Number(pri[1]);
    at = PRIORITY.lastIndex;
    while (text[at] === ' ') at += 1;
  }
  const timed = readTimed(text, at, priority);
  if (timed === undefined && priority === undefined) return undefined;
  const envelope = { ...(priority === undefined ? {} : { priority }), ...(timed ?? { message: text.slice(at) }) };
  if (before === null) return envelope;
  const sender = before[1] as string;
  // auth.info Oct 31 23:14:07 mx1 …
  const words = readWordPriority(sender);
  if (words !== undefined) return { priority: words, ...envelope };
  if (envelope.host === undefined) return { ...envelope, host: sender };
  return envelope.host === sender ? envelope : { ...envelope, relays: [sender, ...(envelope.relays ?? [])] };
};

/** `1 2021-10-31T` is of RFC 5424 without its priority, `2021:10:31-23:14:07` Sophos UTM's. */
const SECOND = /^(?:<\d{1,3}>|(?:1 )?\d{4}-\d{2}-\d{2}T|[A-Z][a-z]{2} [ \d]\d |\d{4}:\d{2}:\d{2}-\d{2}:)/;

/**
 * The syslog header of a line (RFC 3164 and its dialects, RFC 5424), relays' headers in front of it taken off.
 * A line without one is all message. Linear in the length of the header.
 */
export const readEnvelope = (text: string): Envelope => {
  const outer = readOnce(text);
  if (outer === undefined) return named({ message: text });
  let envelope = outer;
  const relays = [...(outer.relays ?? [])];
  for (let depth = 0; depth < 3; depth += 1) {
    // a second header needs a priority, or a time directly behind the relay's host
    const again = SECOND.test(envelope.message);
    const inner = again && envelope.program === undefined ? readOnce(envelope.message) : undefined;
    if (inner === undefined || (inner.civil === undefined && inner.priority === undefined)) break;
    if (envelope.host !== undefined) relays.push(envelope.host);
    relays.push(...(inner.relays ?? []));
    envelope = { ...envelope, ...inner };
  }
  return named(relays.length === 0 ? envelope : { ...envelope, relays });
};

/** RFC 5424 §6.2.1: facility = pri ÷ 8, severity = pri mod 8. */
export const facilityOf = (priority: number): number => Math.floor(priority / 8);
export const severityOf = (priority: number): number => priority % 8;

/** The latest year in which a time without one is not after a full one, but for a day of clocks and zones that differ. */
export const latestYear = (time: Civil, until: Civil & { readonly year: number }): number => {
  const day = daysOf(until.year, until.month, until.day) + 1;
  return [until.year + 1, until.year].find((y) => daysOf(y, time.month, time.day) <= day) ?? until.year - 1;
};
