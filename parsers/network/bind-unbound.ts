import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, epochMicros, readBsd, readClf, readIso } from '../../src/parse/kit/civil.ts';
import { putQuestion, putResponse } from '../../src/parse/kit/dns.ts';
import { categorise, put, putIp, putNumber } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

interface Line {
  readonly server: 'bind' | 'unbound';
  readonly text: string;
  readonly time?: Civil | number | undefined;
  readonly pid?: string | undefined;
}

// 02-Nov-2021 09:15:30.123 queries: info: client … · 2021-11-02T09:15:30.123Z queries: info: …   BIND's own files
const BIND_FILE =
  /^(\d{2}-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d\.\d{3}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z?) (?=(?:[\w-]{2,24}: )?(?:(?:info|notice|warning|error|critical|debug \d{1,3}): )?)(.*)$/s;
// [1635840000] unbound[812:0] info: …   Unbound's own file
const UNBOUND_FILE = /^\[(\d{9,11})\] unbound\[(\d{1,10}):[0-9a-f]{1,4}\] (.*)$/s;
// Nov 27 04:54:55 unbound[362:0] info: …   log-time-ascii · 2024-11-27T04:54:55.123+01:00 unbound[362:0] info: …   log-time-iso
const UNBOUND_DATED =
  /^(?:[A-Z][a-z]{2} [ \d]\d [\d:]{8}|\d{4}-\d\d-\d\dT\S{8,24}) unbound\[(\d{1,10}):[0-9a-f]{1,4}\] (.*)$/s;
// queries: info: · query-errors: debug 1: · error: · security: client …   either may be switched off
const CATEGORY =
  /^(?:(?!(?:info|notice|warning|error|critical): )([\w-]{2,24}): (?=(?:info|notice|warning|error|critical|debug \d{1,3}): |client ))?(?:(info|notice|warning|error|critical|debug \d{1,3}): )?/;
// client @0x7f1c 10.0.0.5#53412 (mail.example.org): view internal: · client 10.0.0.5#53412:
const CLIENT =
  /^client (?:@0x[0-9a-f]{1,16} )?([0-9a-fA-F.:]{2,45})#(\d{1,5})(?:\/key \S{1,255})?(?: \((.{0,255}?)\))?: (?:view (\S{1,64}): )?/;

const stampOf = (file: RegExpExecArray | null): Civil | undefined =>
  file === null ? undefined : (readClf(file[1] as string) ?? readIso(file[1] as string))?.civil;

/** `surely`: not what only has a time such as BIND's own files have where neither category nor severity is printed. */
const lineOf = ({ text, envelope }: RawRecord, surely: boolean): Line | undefined => {
  const file = UNBOUND_FILE.exec(text);
  if (file !== null)
    return { server: 'unbound', time: epochMicros(file[1] as string), pid: file[2], text: file[3] as string };
  const dated = UNBOUND_DATED.exec(text);
  if (dated !== null)
    return {
      server: 'unbound',
      time: (readBsd(text) ?? readIso(text))?.civil,
      pid: dated[1],
      text: dated[2] as string,
    };
  const { program, message, civil } = envelope;
  const tagged = /^unbound\[(\d{1,10}):[0-9a-f]{1,4}\]:? (.*)$/s.exec(message);
  if (tagged !== null) return { server: 'unbound', time: civil, pid: tagged[1], text: tagged[2] as string };
  if (program === 'unbound') {
    const bare = /^\[(\d{1,10}):[0-9a-f]{1,4}\] /.exec(message);
    return { server: 'unbound', time: civil, pid: bare?.[1], text: message.slice(bare?.[0].length ?? 0) };
  }
  if (program !== undefined && /^named(?:-sdb|-pkcs11)?$/.test(program)) {
    const stamped = BIND_FILE.exec(message);
    return { server: 'bind', time: stampOf(stamped) ?? civil, text: stamped?.[2] ?? message };
  }
  const own = BIND_FILE.exec(text);
  if (own === null) return undefined;
  const rest = own[2] as string;
  const known = !surely || CATEGORY.exec(rest)?.[2] !== undefined || CLIENT.test(rest.replace(CATEGORY, ''));
  return known ? { server: 'bind', time: stampOf(own), text: rest } : undefined;
};

// query: mail.example.org IN A +E(0)K (10.0.0.53)
const QUERY =
  /^query: (\S{0,255}) (IN|CH|HS|ANY|CLASS\d{1,5}|NONE) ([\w-]{1,16}) ([-+][A-Z()\d]{0,24})?(?: \(([0-9a-fA-F.:]{2,45})\))?/;
// query (cache) 'mail.example.org/A/IN' denied · zone transfer 'example.org/AXFR/IN' denied · update 'example.org/IN' denied
const DENIED =
  /^(?<what>query(?: \([\w ]{1,24}\))?|zone transfer|update(?: forwarding)?|notify for zone|bad zone transfer request:?|recursion) ?(?:request )?'(?<name>[^'/]{0,255})(?:\/(?<type>[\w-]{1,16}))?(?:\/(?:IN|CH|ANY))?'.{0,64}?\b(?:denied|refused|non-authoritative)/;
// rpz QNAME NXDOMAIN rewrite evil.example/A/IN via evil.example.rpz.local
const RPZ =
  /^(?:disabled )?rpz ([\w-]{1,24}) ([\w-]{1,24}) rewrite (\S{1,255}?)(?:\/([\w-]{1,16})\/IN)? via (\S{1,255})/;
// query failed (SERVFAIL) for mail.example.org/IN/A at query.c:7375 · query failed (timed out) for … · transfer of 'example.org/IN': AXFR started
const FAILED = /^query failed \(([\w ]{3,32})\) for (\S{0,255})\/IN\/([\w-]{1,16})/;
const TRANSFER = /^(?:transfer of )'(\S{1,255}?)\/IN': (AXFR|IXFR)(?:-style IXFR)? (started|ended)/;

// request has invalid signature: TSIG k9: tsig verify failure (BADKEY) · rate limit drop NXDOMAIN response to 203.0.113.0/24 for …
const TROUBLE = /^(?:request has (?<signature>invalid signature): |(?:would )?rate limit (?<limit>drop|slip) )/;

const readTrouble = (fields: Fields, text: string): Act | undefined => {
  const groups = TROUBLE.exec(text)?.groups;
  if (groups === undefined) return undefined;
  put(fields, 'event.action', groups['limit'] === undefined ? 'invalid-signature' : `rate-limit-${groups['limit']}`);
  put(fields, 'event.reason', text);
  categorise(fields, ['network'], groups['limit'] === undefined ? ['denied'] : ['protocol', 'denied'], 'failure');
  return 'other';
};

const readClient = (fields: Fields, text: string): Act | undefined => {
  const query = QUERY.exec(text);
  if (query !== null) {
    putQuestion(fields, query[1], query[3], query[2]);
    put(fields, 'dns.flags', query[4]);
    putIp(fields, 'destination.ip', query[5]);
    fields['event.action'] = 'dns-query';
    fields['dns.type'] = 'query';
    categorise(fields, ['network'], ['protocol', 'start']);
    return 'dns-query';
  }
  const denied = DENIED.exec(text)?.groups;
  const rpz = RPZ.exec(text);
  const failed = FAILED.exec(text);
  const transfer = TRANSFER.exec(text);
  if (denied === undefined && rpz === null && failed === null && transfer === null) return undefined;
  putQuestion(
    fields,
    denied?.['name'] ?? rpz?.[3] ?? failed?.[2] ?? transfer?.[1],
    (denied?.['type'] === 'IN' ? undefined : denied?.['type']) ?? rpz?.[4] ?? failed?.[3] ?? transfer?.[2],
  );
  put(fields, 'rule.name', rpz?.[5]);
  put(
    fields,
    'event.action',
    rpz
      ? `rpz-${(rpz[2] as string).toLowerCase()}`
      : transfer
        ? `zone-transfer-${transfer[3]}`
        : failed
          ? 'dns-query-failed'
          : `${denied?.['what']?.replace(/ ?\(.*|:$/, '').replaceAll(' ', '-')}-denied`,
  );
  putResponse(
    fields,
    failed?.[1]?.replace(/^[^A-Z]+$/, 'SERVFAIL') ??
      (denied ? 'REFUSED' : rpz && /^[A-Z]{6,8}$/.test(rpz[2] as string) ? rpz[2] : undefined),
  );
  put(fields, 'event.reason', text);
  if (rpz !== null) fields['event.type'] = ['denied'];
  return rpz === null ? 'dns-query' : 'threat';
};

// info: 10.0.0.5 mail.example.org. A IN · query: 10.0.0.5 … · reply: 10.0.0.5 mail.example.org. A IN NOERROR 0.013 0 49
const UNBOUND =
  /^(?:(?:query|reply): )?([0-9a-fA-F.:]{2,45})(?:@(\d{1,5}))? (\S{1,255}) ([\w-]{1,16}) (IN|CH|HS|ANY|CLASS\d{1,5})(?: ([A-Z]{3,16}) ([\d.]{1,16}) ([01]) (\d{1,10}))?/;
// info: ads.example. redirect 10.0.0.5@4411 ads.example. A IN
const LOCAL = /^(\S{1,255}) (\w{3,32}) ([0-9a-fA-F.:]{2,45})@(\d{1,5}) (\S{1,255}) ([\w-]{1,16}) (IN|CH)/;

// rpz: applied [blocklist] evil.example. rpz-nxdomain 10.0.0.5@33595 evil.example. A IN
const UNBOUND_RPZ =
  /^rpz: applied (?:\[(.{1,255}?)\] )?(?:(?:\w{2,16} )?trigger )?(\S{1,255}) (rpz-[\w-]{2,32}) ([0-9a-fA-F.:]{2,45})@(\d{1,5}) (\S{1,255}) ([\w-]{1,16}) (IN|CH)/;

const readUnboundPolicy = (fields: Fields, text: string): Act | undefined => {
  const rpz = UNBOUND_RPZ.exec(text);
  if (rpz === null) return undefined;
  putQuestion(fields, rpz[6], rpz[7], rpz[8]);
  putIp(fields, 'source.ip', rpz[4]);
  putNumber(fields, 'source.port', rpz[5]);
  put(fields, 'rule.name', rpz[1] ?? rpz[2]);
  put(fields, 'event.action', rpz[3]);
  put(fields, 'event.reason', text);
  categorise(fields, ['network'], ['protocol', 'denied']);
  return 'threat';
};

const readUnbound = (fields: Fields, whole: string): Act | undefined => {
  const text = whole.replace(/^(?:info|notice|warning|error|debug): /, '');
  const policy = readUnboundPolicy(fields, text);
  if (policy !== undefined) return policy;
  const local = LOCAL.exec(text);
  if (local !== null) {
    putQuestion(fields, local[5], local[6], local[7]);
    putIp(fields, 'source.ip', local[3]);
    putNumber(fields, 'source.port', local[4]);
    put(fields, 'rule.name', local[1]);
    fields['event.action'] = `local-zone-${local[2]}`;
    categorise(fields, ['network'], ['protocol', 'denied']);
    return 'dns-query';
  }
  const m = UNBOUND.exec(text);
  if (m === null) return undefined;
  putIp(fields, 'source.ip', m[1]);
  putNumber(fields, 'source.port', m[2]);
  putQuestion(fields, m[3], m[4], m[5]);
  fields['event.action'] = m[6] === undefined ? 'dns-query' : 'dns-reply';
  fields['dns.type'] = m[6] === undefined ? 'query' : 'answer';
  putResponse(fields, m[6]);
  if (m[7] !== undefined) putNumber(fields, 'event.duration', Math.round(Number(m[7]) * 1e6) * 1000);
  put(fields, 'unbound.from_cache', m[8]);
  putNumber(fields, 'unbound.reply_bytes', m[9]);
  return 'dns-query';
};

const readBind = (fields: Fields, text: string): Act | undefined => {
  const category = CATEGORY.exec(text) as RegExpExecArray;
  put(fields, 'log.logger', category[1]);
  put(fields, 'log.level', category[2]);
  const rest = text.slice(category[0].length);
  const client = CLIENT.exec(rest);
  if (client !== null) {
    putIp(fields, 'source.ip', client[1]);
    putNumber(fields, 'source.port', client[2]);
    put(fields, 'bind.view', client[4]);
  }
  const said = rest.slice(client?.[0].length ?? 0);
  return readClient(fields, said) ?? readTrouble(fields, said);
};

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    const line = lineOf(record, false);
    if (line === undefined) return rejected('not-this-format', 'neither named nor unbound wrote it');
    const fields: Fields = {};
    clock.stamp(fields, line.time);
    const { host, program, pid, civil } = record.envelope;
    if (program !== undefined || line.time === civil) put(fields, 'observer.name', host);
    fields['process.name'] = line.server === 'bind' ? 'named' : 'unbound';
    putNumber(fields, 'process.pid', line.pid ?? pid);
    fields['message'] = line.text;
    const text = line.text.slice(0, 4096);
    const act = line.server === 'bind' ? readBind(fields, text) : readUnbound(fields, text);
    if (act === undefined) categorise(fields, ['network'], ['info']);
    // names of reverse look-ups are addresses the wrong way round
    if (act === undefined) relateAddresses(fields, text);
    const state =
      act === undefined &&
      /^(?:(?:info|notice): )?(?:starting BIND|running$|shutting down|exiting|start of service|service stopped)/.test(
        text,
      );
    return { kind: 'event', act: act ?? (state ? 'source-state' : 'other'), fields };
  };

const claims = (record: RawRecord): boolean => lineOf(record, true) !== undefined;

export default {
  id: 'bind-unbound',
  title: 'Name servers BIND and Unbound',
  references: [
    {
      title: 'BIND 9 Administrator Reference Manual, logging',
      url: 'https://bind9.readthedocs.io/en/latest/reference.html#logging-block-definition-and-usage',
    },
    {
      title: 'unbound.conf(5): log-queries, log-replies, log-local-actions',
      url: 'https://unbound.docs.nlnetlabs.nl/en/latest/manpages/unbound.conf.html',
    },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 'ms' },
  families: [
    'queries with client, name and type; replies of Unbound; refusals, failures, rewrites of response policy zones, zone transfers',
  ],
  limits: ['BIND’s query log names no answers'],
  recognise: recogniseBy(claims, 'are of named or unbound', 0.96),
  claims,
  open,
} satisfies Parser as Parser;
