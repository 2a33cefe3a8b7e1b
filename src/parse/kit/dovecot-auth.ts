import { own } from '../../core/own.ts';
import type { Act } from '../../ecs/acts.ts';
import type { Fields } from '../../ecs/event.ts';
import { categorise, put, putIp, putUser, warn } from './put.ts';

const PROTOCOLS: Readonly<Record<string, string>> = {
  submission: 'smtp',
  managesieve: 'sieve',
  sieve: 'sieve',
  imap: 'imap',
  pop3: 'pop3',
};
export const protocolOf = (service: string): string => own(PROTOCOLS, service.replace(/-login$/, '')) ?? 'mail';

/** A mailbox login is the name as typed. Dovecot replaces only control characters: anything else can stand in it. */
export const putLoginName = (fields: Fields, name: string | undefined): void => putUser(fields, 'user', name, true);

export const login = (fields: Fields, service: string, outcome: 'success' | 'failure', reason?: string): Act => {
  fields['service.type'] = protocolOf(service);
  fields['event.action'] = outcome === 'success' ? 'login' : 'login-failed';
  put(fields, 'event.reason', reason);
  categorise(fields, ['authentication'], [outcome === 'success' ? 'start' : 'info'], outcome);
  return 'login';
};

// sql(kim,192.0.2.1,<session>): Password mismatch; the name may hold commas and parentheses, so the last address counts
const PASSDB =
  /\b(pam|sql|ldap|passwd-file|passwd|shadow|static|dict|lua|oauth2|vpopmail|bsdauth|checkpassword|imap|policy|plain|login|cram-md5|digest-md5|scram-sha-\d{1,3}(?:-plus)?|ntlm|apop|xoauth2|oauthbearer|external|gssapi|anonymous|otp)\((.*),([0-9a-fA-F.:]{2,45})(?:,<([^<>]{0,64})>)?(?:,[^()]{0,64})?\): (.*)$/s;
const REFUSED =
  /unknown user|mismatch|failed|denied|invalid credentials|not allowed|disabled|expired|no such user|authentication failure|disallowed character|invalid input/i;
// pam_unix(dovecot:auth): authentication failure; logname= uid=0 euid=0 tty=dovecot ruser=kim rhost=192.0.2.1  user=kim
const PAM = /^pam_\w{1,32}\(dovecot:\w{1,32}\): (.{1,200}?); logname=.* rhost=(\S{0,255})(?: {1,2}user=(.*))?$/s;

const readPam = (fields: Fields, m: RegExpExecArray): Act => {
  const [text, reason, host, user] = m as unknown as [string, string, string, string | undefined];
  const typed = / ruser=(.*?) rhost=/s.exec(text)?.[1];
  putLoginName(fields, user ?? typed);
  if (!putIp(fields, 'source.ip', host)) put(fields, 'source.domain', host);
  if (/ rhost=.* rhost=| ruser=rhost=/s.test(text)) warn(fields, 'key-repeated:rhost');
  put(fields, 'dovecot.passdb', 'pam');
  return login(fields, 'auth', 'failure', reason);
};

// since 2.4 in front: auth(kim,192.0.2.1,sasl:plain)<session>: sql: Password mismatch
const ASKED = /^(.*),([0-9a-fA-F.:]{2,45})(?:,sasl:[\w-]{1,32})?$/s;

interface AuthLine {
  readonly service: string;
  readonly argument: string | undefined;
  readonly text: string;
}

/** What the auth process writes of a password it checked; undefined: it speaks of something else. */
export const readAuth = (fields: Fields, line: AuthLine): Act | undefined => {
  const asked = ASKED.exec(line.argument ?? '');
  if (asked !== null && REFUSED.test(line.text)) {
    putLoginName(fields, asked[1]);
    putIp(fields, 'source.ip', asked[2]);
    put(fields, 'dovecot.passdb', /^([a-z][\w-]{1,24}): /.exec(line.text)?.[1]);
    return login(fields, line.service, 'failure', line.text);
  }
  const pam = PAM.exec(line.text);
  if (pam !== null) return readPam(fields, pam);
  const m = PASSDB.exec(line.text);
  if (m === null) return undefined;
  const [, passdb, user, remote, session, text] = m as unknown as [
    string,
    string,
    string,
    string,
    string | undefined,
    string,
  ];
  putLoginName(fields, user === '?' ? undefined : user);
  putIp(fields, 'source.ip', remote);
  put(fields, 'session.id', session);
  put(fields, 'dovecot.passdb', passdb);
  if (/,[0-9a-fA-F.:]{7,45}(?:,<[^<>]{0,64}>)?\): /.test(user)) warn(fields, 'key-repeated:user');
  if (REFUSED.test(text)) return login(fields, line.service, 'failure', text);
  fields['event.action'] = 'auth';
  put(fields, 'event.reason', text);
  categorise(fields, ['authentication'], ['info']);
  return 'other';
};

/** Whether a line of a process called `auth` is Dovecot's. */
export const isAuthText = ({ argument, text }: AuthLine): boolean =>
  PAM.test(text) || PASSDB.test(text) || ASKED.test(argument ?? '');
