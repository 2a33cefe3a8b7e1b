import { own } from '../../src/core/own.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Kind, putKind } from '../../src/parse/kit/phrases.ts';
import { categorise, put, putIp, putNumber, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// Nov 02 08:15:30 kdc1 krb5kdc[812](info): AS_REQ …: in the daemons' own files the level stands where the tag ends
const HEAD = /^(krb5kdc|kadmind)(?:\[(\d{1,10})\])?\((\w{1,10})\): /;

// AS_REQ (4 etypes {18 17 16 23}) 192.0.2.7: ISSUE: authtime 1635837330, etypes {rep=18 tkt=18 ses=18}, kim@EXAMPLE.ORG for krbtgt/EXAMPLE.ORG@EXAMPLE.ORG
// TGS_REQ (1 etypes {aes256-cts-hmac-sha1-96(18)}) 192.0.2.7: UNKNOWN_SERVER: authtime 0,  kim@EXAMPLE.ORG for HTTP/x@EXAMPLE.ORG, Server not found in Kerberos database
const REQUEST =
  /^(AS_REQ|TGS_REQ) (?:\(\d{1,4} etypes \{([^{}]{0,2048})\}\) )?(\S{2,64}): ([A-Z][A-Z0-9_ ]{2,40}): (?:authtime \d{1,20}, +)?(?:etypes \{([^{}]{0,512})\}, )?(.*)$/s;
// kim@EXAMPLE.ORG for krbtgt/EXAMPLE.ORG@EXAMPLE.ORG, Additional pre-authentication required; who asks chooses his name
const ENDS = /^(.{1,512}) for (.{1,512}?)(?:, ([A-Z][^,]{1,256}))?$/s;

// Request: kadm5_create_principal, bob@EXAMPLE.ORG, success, client=kim/admin@EXAMPLE.ORG, service=kadmin/admin@EXAMPLE.ORG, addr=192.0.2.7
const ADMIN =
  /^(Request|Unauthorized request): (kadm5_\w{2,40}), (.{0,512}?), (?:([^,=]{1,256}), )?client=(.{0,512}), service=(.{0,512}), addr=([\da-fA-F.:]{2,45})(?:,.{0,64})?$/s;
// chpw request from 192.0.2.7 for kim@EXAMPLE.ORG: success
const CHPW = /^(?:chpw|setpw) request from ([\da-fA-F.:]{2,45}) for (.{1,512}): (.{1,256})$/s;
// Authentication attempt failed: 192.0.2.7, GSS-API error strings are:
const ATTEMPT = /^Authentication attempt failed: ([\da-fA-F.:]{2,45}), (.{1,256})$/s;
const STATE = /^(?:commencing operation|starting|shutting down|set ?up \d|setting up network)/;

const ADMIN_ACTS: Readonly<Record<string, readonly [Act, Kind]>> = {
  kadm5_init: ['admin-login', 'passed'],
  kadm5_create_principal: ['account-created', 'account'],
  kadm5_delete_principal: ['account-changed', 'account'],
  kadm5_modify_principal: ['account-changed', 'account'],
  kadm5_rename_principal: ['account-changed', 'account'],
  kadm5_chpass_principal: ['account-changed', 'account'],
  kadm5_randkey_principal: ['account-changed', 'account'],
  kadm5_setkey_principal: ['account-changed', 'account'],
  kadm5_create_policy: ['config-change', 'changed'],
  kadm5_modify_policy: ['config-change', 'changed'],
  kadm5_delete_policy: ['config-change', 'changed'],
};

interface Line {
  readonly program: string;
  readonly pid: string | undefined;
  readonly level: string | undefined;
  readonly text: string;
}

const read = ({ envelope }: RawRecord): Line | undefined => {
  const m = HEAD.exec(envelope.message);
  if (m !== null)
    return { program: m[1] as string, pid: m[2], level: m[3], text: envelope.message.slice(m[0].length).trimEnd() };
  const { program, pid, message } = envelope;
  if (program !== 'krb5kdc' && program !== 'kadmind') return undefined;
  return { program, pid: pid?.toString(), level: undefined, text: message.trimEnd() };
};

const UNKNOWN = /^<unknown (?:client|server)>$/;

/** `kim/admin@EXAMPLE.ORG`: a principal is no mail address; an `@` of the name itself is escaped. */
const putPrincipal = (fields: Fields, prefix: string, text: string | undefined): void => {
  if (text === undefined || UNKNOWN.test(text)) return;
  const at = text.lastIndexOf('@');
  put(fields, `${prefix}.name`, at > 0 ? text.slice(0, at) : text);
  if (at > 0) put(fields, `${prefix}.domain`, text.slice(at + 1));
};

const readRequest = (fields: Fields, m: RegExpExecArray): Act => {
  const [, kind, offered, client, code = '', issued, rest = ''] = m;
  const [, who, service, reason] = ENDS.exec(rest) ?? [];
  putIp(fields, 'source.ip', client);
  putPrincipal(fields, 'user', who);
  put(fields, 'service.name', UNKNOWN.test(service ?? '') ? undefined : service);
  put(fields, 'event.action', kind?.toLowerCase());
  put(fields, 'event.code', code);
  put(fields, 'event.reason', reason);
  put(fields, 'kerberos.etypes_offered', offered);
  put(fields, 'kerberos.etypes', issued);
  // every logon begins with it
  if (code === 'NEEDED_PREAUTH') {
    putKind(fields, 'asked');
    return 'other';
  }
  putKind(fields, code === 'ISSUE' ? 'passed' : 'refused');
  return 'kerberos-ticket';
};

const readAdmin = (fields: Fields, m: RegExpExecArray): Act => {
  const [, word, request = '', target, end, client, , ip] = m;
  const passed = word === 'Request' && end === 'success';
  const [act, kind] = own(ADMIN_ACTS, request) ?? (['other', 'info'] as const);
  putKind(fields, kind === 'passed' && !passed ? 'refused' : kind);
  fields['event.outcome'] = passed ? 'success' : 'failure';
  putIp(fields, 'source.ip', ip);
  putPrincipal(fields, 'user', client);
  put(fields, 'event.action', request);
  if (!passed) put(fields, 'event.reason', end ?? 'unauthorized');
  if (act.startsWith('account-')) putPrincipal(fields, 'user.target', target);
  else if (act === 'config-change') put(fields, 'einfallstor.change.object', target);
  return act;
};

const readText = (fields: Fields, text: string): Act => {
  const request = REQUEST.exec(text);
  if (request !== null) return readRequest(fields, request);
  const admin = ADMIN.exec(text);
  if (admin !== null) return readAdmin(fields, admin);
  const chpw = CHPW.exec(text);
  if (chpw !== null) {
    const passed = chpw[3] === 'success';
    categorise(fields, ['iam'], ['user', 'change'], passed ? 'success' : 'failure');
    putIp(fields, 'source.ip', chpw[1]);
    putPrincipal(fields, 'user', chpw[2]);
    putPrincipal(fields, 'user.target', chpw[2]);
    put(fields, 'event.action', 'password-change');
    put(fields, 'event.reason', passed ? undefined : chpw[3]);
    return 'account-changed';
  }
  const attempt = ATTEMPT.exec(text);
  if (attempt !== null) {
    putKind(fields, 'refused');
    putIp(fields, 'source.ip', attempt[1]);
    put(fields, 'event.action', 'authentication-failed');
    return 'admin-login';
  }
  putKind(fields, STATE.test(text) ? 'state' : 'info');
  return STATE.test(text) ? 'source-state' : 'other';
};

const claims = (record: RawRecord): boolean => read(record) !== undefined;

const open: Parser['open'] =
  ({ clock }) =>
  (record) => {
    if (record.text.trim() === '') return BLANK;
    const line = read(record);
    if (line === undefined) return rejected('not-this-format', 'no line of krb5kdc or kadmind');
    const fields: Fields = { 'service.type': 'kerberos' };
    const { civil, host } = record.envelope;
    if (civil === undefined) warn(fields, 'time-missing');
    clock.stamp(fields, civil);
    put(fields, 'host.name', host);
    put(fields, 'process.name', line.program);
    putNumber(fields, 'process.pid', line.pid);
    put(fields, 'log.level', line.level?.toLowerCase());
    put(fields, 'message', line.text);
    const act = readText(fields, line.text.slice(0, 8192));
    relateAddresses(fields, line.text.slice(0, 4096));
    return { kind: 'event', act, fields };
  };

export default {
  id: 'mit-kerberos',
  title: 'MIT Kerberos: krb5kdc, kadmind (also FreeIPA)',
  references: [
    {
      title: 'MIT Kerberos: kdc.conf, logging',
      url: 'https://web.mit.edu/kerberos/krb5-latest/doc/admin/conf_files/kdc_conf.html',
    },
    { title: 'RFC 4120, The Kerberos Network Authentication Service', url: 'https://www.rfc-editor.org/rfc/rfc4120' },
  ],
  framing: 'line',
  states: { zone: 'unstated', year: 'unstated', resolution: 's' },
  families: ['tickets issued and refused, for logons (AS) and services (TGS); administration of principals, passwords'],
  limits: ['NEEDED_PREAUTH is the first half of a logon and counts as no failure', 'Heimdal is not read'],
  recognise: recogniseBy(claims, 'are lines of krb5kdc or kadmind'),
  claims,
  open,
} satisfies Parser as Parser;
