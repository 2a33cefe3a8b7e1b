import { canonicalIp } from '../../core/net.ts';
import { own } from '../../core/own.ts';
import type { Act } from '../../ecs/acts.ts';
import type { Fields } from '../../ecs/event.ts';
import { isObject, type Json, keepJson, textAt } from './json.ts';
import { type Kind, putKind } from './phrases.ts';
import { categorise, put, putIp, putNumber } from './put.ts';

/** `ipv4:192.0.2.7:50000`, `ipv6:2001:db8::7:50000`; `unix:`, `NULL` are no addresses. */
const putSide = (fields: Fields, side: 'source' | 'destination', text: string | undefined): void => {
  const m = /^ipv[46]:([\da-fA-F.:]{2,45}):(\d{1,5})$/.exec(text ?? '');
  if (m === null || !putIp(fields, `${side}.ip`, m[1])) return;
  if (m[2] !== '0') putNumber(fields, `${side}.port`, m[2]);
};

/** `kim@WERFT.EXAMPLE` is how Kerberos names one; a domain that stands beside the name is not put into it. */
const putAccount = (fields: Fields, domain: string | undefined, name: string | undefined): void => {
  const m = /^([^@]{1,256})@([^@]{1,255})$/.exec(name ?? '');
  put(fields, 'user.name', m?.[1] ?? name);
  put(fields, 'user.domain', m?.[2] ?? domain);
};

interface Attempt {
  readonly service: string | undefined;
  readonly status: string | undefined;
  readonly password: string | undefined;
}

const SERVICES: readonly (readonly [RegExp, string])[] = [
  [/^SMB/, 'smb'],
  [/^Kerberos KDC/, 'kerberos'],
  [/^LDAP/, 'ldap'],
];

/** A ticket is asked for before the login that it is for. */
const putAttempt = (fields: Fields, { service, status, password }: Attempt): Act => {
  const passed = status === 'NT_STATUS_OK';
  putKind(fields, passed ? 'passed' : 'refused');
  put(fields, 'event.action', 'authentication');
  put(fields, 'samba.status', status);
  if (!passed) put(fields, 'event.reason', status);
  put(
    fields,
    'service.type',
    SERVICES.find(([pattern]) => pattern.test(service ?? ''))?.[1] ?? service?.toLowerCase().replaceAll(' ', '-'),
  );
  put(fields, 'einfallstor.login.method', password);
  return service?.startsWith('Kerberos KDC') === true ? 'kerberos-ticket' : 'login';
};

// Auth: [SMB2,(null)] user [WERFT]\[kim] at [Fri, 27 Nov 2026 04:46:58.242989 UTC] with [NTLMv2] status [NT_STATUS_WRONG_PASSWORD] workstation [PC7] remote host [ipv4:192.0.2.7:50000] …
const AUTH =
  /^Auth: \[([^,\]]{1,64}),([^\]]{0,64})\] user \[([^\]]{0,255})\]\\\[(.{0,512})\] at \[\w{3}, [^\]]{10,60}\] with \[([^\]]{0,64})\] status \[(\w{1,64})\](?: server \[[^\]]{0,255}\])? workstation \[(.{0,255})\] remote host \[([^\]]{0,80})\](?: became \[[^\]]{0,255}\]\\\[.{0,512}?\] \[(S-[\d-]{3,180})\])?.{0,700} local host \[([^\]]{0,80})\]/s;
// Successful AuthZ: [SMB2,krb5] user [WERFT]\[kim] [S-1-5-21-…] at [Fri, …] Remote host [ipv4:192.0.2.7:50000] local host [ipv4:192.0.2.25:445]
const AUTHZ =
  /^Successful AuthZ: \[([^,\]]{1,64}),([^\]]{0,64})\] user \[([^\]]{0,255})\]\\\[(.{0,512})\] \[(S-[\d-]{3,180})\] at \[[^\]]{10,60}\] Remote host \[([^\]]{0,80})\] local host \[([^\]]{0,80})\]/;

/** A session by a ticket: the domain controller authenticated, here it is the login. One by password was logged before. */
const putAuthorization = (fields: Fields, service: string | undefined, method: string | undefined): Act => {
  if (/krb5|kerberos/i.test(method ?? ''))
    return putAttempt(fields, { service, status: 'NT_STATUS_OK', password: method });
  putKind(fields, 'up');
  put(fields, 'event.action', 'authorization');
  return 'other';
};

/** What auth_audit says in words of an authentication or authorisation. */
export const readAuthentication = (fields: Fields, text: string): Act | undefined => {
  const auth = AUTH.exec(text);
  if (auth !== null) {
    const [, service, , domain, user, password, status, workstation, remote, sid, local] = auth;
    putAccount(fields, domain, user);
    put(fields, 'user.id', sid);
    put(fields, 'source.domain', workstation?.replace(/^\\\\/, '').toLowerCase());
    putSide(fields, 'source', remote);
    putSide(fields, 'destination', local);
    return putAttempt(fields, { service, status, password });
  }
  const authz = AUTHZ.exec(text);
  if (authz === null) return undefined;
  const [, service, method, domain, user, sid, remote, local] = authz;
  putAccount(fields, domain, user);
  put(fields, 'user.id', sid);
  putSide(fields, 'source', remote);
  putSide(fields, 'destination', local);
  return putAuthorization(fields, service, method);
};

const CHANGES: Readonly<Record<string, readonly [Act, Kind, string]>> = {
  passwordChange: ['account-changed', 'account', 'password-change'],
  groupChange: ['group-changed', 'account', 'group-change'],
  dsdbChange: ['directory-access', 'changed', 'directory-change'],
  replicatedUpdate: ['directory-access', 'changed', 'replicated-update'],
};

/** `CN=Kim Maier,CN=Users,DC=werft,DC=example`: the object's own name. */
const commonName = (dn: string | undefined): string | undefined =>
  /^CN=((?:\\.|[^,\\]){1,256})/i.exec(dn ?? '')?.[1] ?? dn;

const putChange = (fields: Fields, type: string, body: Json): Act => {
  const [act, kind, action] = own(CHANGES, type) ?? ['other', 'info', type];
  putKind(fields, kind);
  const what = textAt(body, 'action', 'operation');
  put(fields, 'event.action', what === undefined ? action : `${action}-${what.toLowerCase()}`);
  put(fields, 'user.id', textAt(body, 'userSid'));
  put(fields, 'einfallstor.change.object', textAt(body, 'dn', 'group'));
  put(fields, 'group.name', commonName(textAt(body, 'group')));
  put(fields, 'user.target.name', act === 'directory-access' ? undefined : commonName(textAt(body, 'user', 'dn')));
  const status = textAt(body, 'status');
  if (status !== undefined && status !== 'Success') {
    fields['event.outcome'] = 'failure';
    put(fields, 'event.reason', status);
  }
  return act;
};

/** What one of the `*_json_audit` logs says; the member that has the name of its type holds the values. */
export const readSambaJson = (fields: Fields, json: Json): Act => {
  const type = textAt(json, 'type') ?? '';
  const body = json[type];
  if (!isObject(body)) {
    putKind(fields, 'info');
    return 'other';
  }
  keepJson(fields, 'samba', body, new Set(['version', 'status', 'remoteAddress', 'localAddress', 'eventId']));
  put(fields, 'event.code', textAt(body, 'eventId'));
  putSide(fields, 'source', textAt(body, 'remoteAddress'));
  putSide(fields, 'destination', textAt(body, 'localAddress'));
  const service = textAt(body, 'serviceDescription');
  if (type === 'Authentication') {
    putAccount(fields, textAt(body, 'clientDomain'), textAt(body, 'clientAccount'));
    put(fields, 'user.id', textAt(body, 'becameSid'));
    put(fields, 'source.domain', textAt(body, 'workstation')?.replace(/^\\\\/, '').toLowerCase());
    return putAttempt(fields, { service, status: textAt(body, 'status'), password: textAt(body, 'passwordType') });
  }
  if (type === 'Authorization' || type === 'KDC Authorization') {
    putAccount(fields, textAt(body, 'domain'), textAt(body, 'account'));
    put(fields, 'user.id', textAt(body, 'sid'));
    return putAuthorization(fields, service, textAt(body, 'authType'));
  }
  return putChange(fields, type, body);
};

/** ECS type of an operation of the file system, by its name without `at`: `mkdirat`, `unlinkat`. */
const OPERATIONS: readonly (readonly [RegExp, type: string])[] = [
  [/^(?:mkdir|mknod|symlink|link|create_file)/, 'creation'],
  [/^(?:unlink|rmdir)/, 'deletion'],
  [
    /^(?:rename|pwrite|write|fallocate|ftruncate|chmod|fchmod|chown|fchown|setxattr|fsetxattr|removexattr|fset_nt_acl|ntimes)/,
    'change',
  ],
];

/**
 * vfs_full_audit: `kim|192.0.2.7|openat|ok|r|/srv/plans/a.dwg`, `kim|192.0.2.7|mkdirat|fail (Permission denied)|/srv/x`.
 * In front stands the administrator's prefix, by default user and address.
 */
export const readFileAudit = (fields: Fields, text: string): Act | undefined => {
  const parts = text.split('|', 64);
  const at = parts.findIndex((part, i) => i > 0 && /^(?:ok|fail \(.{0,200}\))$/.test(part));
  const operation = parts[at - 1];
  if (at < 2 || operation === undefined || !/^[a-z][a-z_0-9]{2,32}$/.test(operation)) return undefined;
  const [prefix, rest] = [parts.slice(0, at - 1), parts.slice(at + 1)];
  put(fields, 'user.name', prefix[0]?.replace(/^.*\\/, ''));
  putIp(
    fields,
    'source.ip',
    prefix.find((part) => canonicalIp(part) !== undefined),
  );
  put(fields, 'samba.prefix', prefix.join('|'));
  put(fields, 'event.action', operation);
  const mode = /^open/.test(operation) && /^[rw]$/.test(rest[0] ?? '') ? rest.shift() : undefined;
  const ok = parts[at] === 'ok';
  if (!ok) put(fields, 'event.reason', /\((.{0,200})\)/.exec(parts[at] as string)?.[1]);
  if (operation === 'connect' || operation === 'disconnect') {
    put(fields, 'einfallstor.change.object', rest[0]);
    categorise(
      fields,
      ['network'],
      ['connection', ok && operation === 'connect' ? 'start' : 'end'],
      ok ? 'success' : 'failure',
    );
    return operation === 'connect' ? 'share-access' : 'other';
  }
  const renamed = operation.startsWith('rename');
  const path = renamed ? rest[0] : rest.join('|');
  put(fields, 'file.path', path);
  put(fields, 'file.name', path?.slice(path.lastIndexOf('/') + 1));
  if (renamed) put(fields, 'samba.renamed_to', rest[1]);
  const type = mode === 'w' ? 'change' : (OPERATIONS.find(([pattern]) => pattern.test(operation))?.[1] ?? 'access');
  categorise(fields, ['file'], [type], ok ? 'success' : 'failure');
  return 'share-access';
};
