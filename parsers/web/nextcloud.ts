import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { epochMicros, readBsd, readIso } from '../../src/parse/kit/civil.ts';
import { type Json, keepJson, readObject, textAt } from '../../src/parse/kit/json.ts';
import { once } from '../../src/parse/kit/once.ts';
import { type Phrase, phraseOf, putKind } from '../../src/parse/kit/phrases.ts';
import { put, putIp, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { putUrl } from '../../src/parse/kit/url.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

/** `{"reqId":"…","level":2,"time":"…","remoteAddr":"…","user":"--","app":"core","method":"POST","url":"/login","message":"…"}` */
const readEntry = once(({ text }: RawRecord): Json | undefined => {
  if (!text.includes('"remoteAddr"')) return undefined;
  const object = readObject(text);
  return textAt(object, 'app') !== undefined &&
    textAt(object, 'time') !== undefined &&
    textAt(object, 'level') !== undefined
    ? object
    : undefined;
});

/** Sentences of the server and of admin_audit (Nextcloud 13 to 30, ownCloud 10), first match wins. */
// biome-ignore format: a table
const MESSAGES: readonly Phrase[] = [
  // Login failed: 'k.maier' (Remote IP: '203.0.113.9') · Login failed: k.maier (Remote IP: 203.0.113.9)
  [/^Login failed: ['"]?(?<user>.{1,255}?)['"]? \(Remote IP: ['"]?(?<ip>[\da-fA-F.:]{2,45})/, 'login-failed', 'login', 'refused'],
  [/^Login failed: ['"]?(?<user>.{1,255}?)['"]?$|^Failed login attempt|^Bruteforce attempt from "?(?<ip>[\da-fA-F.:]{2,45})/, 'login-failed', 'login', 'refused'],
  [/^Trusted domain error\. "(?<ip>[\da-fA-F.:]{2,45})"/, 'untrusted-domain', 'other', 'info'],
  [/^Login attempt: "(?<user>.{1,255}?)"/, 'login-asked', 'other', 'asked'],
  [/^Login successful: "(?<user>.{1,255}?)"|^User "?(?<user2>[^"\s]{1,255})"? logged in/, 'login', 'login', 'passed'],
  [/^(?:Logout occurred|User "?(?<user>[^"\s]{1,255})"? logged out)/, 'logout', 'logout', 'left'],
  [/two.?factor .{0,80}(?:fail|invalid|wrong)/i, 'second-factor-failed', 'mfa-challenge', 'refused'],
  [/two.?factor .{0,80}(?:success|passed|enabled)/i, 'second-factor', 'mfa-challenge', 'asked'],
  [/^User created: "(?<target>.{1,255}?)"/, 'user-created', 'account-created', 'account'],
  [/^(?:User (?:deleted|disabled|enabled)|Password of user|User password|Quota of user|Email of user)\W{0,3}"?(?<target>[^"\s]{1,255})?/, 'user-changed', 'account-changed', 'account'],
  [/^User "(?<target>.{1,255}?)" (?:added to|removed from) group "(?<group>.{1,255}?)"/, 'group-changed', 'group-changed', 'account'],
  [/^Group (?:created|deleted): "(?<group>.{1,255}?)"/, 'group-changed', 'group-changed', 'account'],
  [/^App "?(?<object>[^"\s]{1,120})"? (?:enabled|disabled|installed)|^(?:App enabled|App disabled): (?<object2>.{1,120})/, 'app-changed', 'config-change', 'changed'],
  [/^File (?<file>accessed|created|updated|written|deleted|copied|renamed|with id)/i, 'file', 'share-access', 'session'],
  [/\bhas been shared (?:via link|to|with)|^(?:Share|Link share|The (?:file|folder|calendar)) .{0,400}\bshared\b|The shared .{0,400}has been accessed|^(?:Preview accessed|Download)/i, 'shared', 'share-access', 'session'],
];
const FILE_TYPES: Readonly<Record<string, string>> = {
  accessed: 'access', created: 'creation', updated: 'change', written: 'change', deleted: 'deletion', copied: 'creation', renamed: 'change',
}; // biome-ignore format: a table

const LEVELS = ['debug', 'info', 'warning', 'error', 'fatal'];

/** ISO 8601; `October 31, 2021 22:14:07`, the example of logdateformat. An audit writes epoch seconds in old releases. */
const timeOf = (text: string | undefined) =>
  (readIso(text ?? '') ?? readBsd(text ?? ''))?.civil ??
  (/^\d{10}(?:\.\d+)?$/.test(text ?? '') ? epochMicros(text as string) : undefined);

const readMessage = (fields: Fields, text: string): Act => {
  const found = phraseOf(MESSAGES, text);
  if (found === undefined) {
    putKind(fields, 'info');
    return 'other';
  }
  const [, action, act, kind] = found.phrase;
  const { user, user2, ip, target, group, object, object2, file } = found.groups;
  put(fields, 'event.action', action);
  putKind(fields, kind);
  if (user !== undefined || user2 !== undefined) putUser(fields, 'user', user ?? user2);
  putIp(fields, 'source.ip', ip);
  putUser(fields, 'user.target', target);
  put(fields, 'group.name', group);
  put(fields, 'einfallstor.change.object', object ?? object2);
  if (act === 'login') put(fields, 'service.type', 'web');
  if (file !== undefined) {
    fields['event.category'] = ['file'];
    fields['event.type'] = [FILE_TYPES[file.toLowerCase()] ?? 'access'];
    put(fields, 'file.path', /"([^"]{1,2000})"/.exec(text)?.[1]);
  }
  return act;
};

const MAPPED = new Set('time message url remoteAddr user userAgent method level'.split(' '));
const claims = (record: RawRecord): boolean => readEntry(record) !== undefined;

const open: Parser['open'] =
  ({ clock }) =>
  (record) => {
    if (record.text.trim() === '') return BLANK;
    const entry = readEntry(record);
    if (entry === undefined) return rejected('not-this-format', 'no entry of a Nextcloud or ownCloud log');
    const fields: Fields = { 'service.name': 'Nextcloud' };
    const time = timeOf(textAt(entry, 'time'));
    if (time === undefined) warn(fields, 'time-missing');
    clock.stamp(fields, time);
    const user = textAt(entry, 'user');
    if (user !== '--') putUser(fields, 'user', user);
    putIp(fields, 'source.ip', textAt(entry, 'remoteAddr'));
    put(fields, 'http.request.method', textAt(entry, 'method'));
    const url = textAt(entry, 'url');
    if (url !== '--') putUrl(fields, url);
    put(fields, 'user_agent.original', textAt(entry, 'userAgent')?.replace(/^--$/, ''));
    put(fields, 'log.level', LEVELS[Number(textAt(entry, 'level'))]);
    put(fields, 'event.provider', textAt(entry, 'app'));
    // an exception is an object in old releases
    const message = textAt(entry, 'message') ?? textAt(entry, 'message.Message', 'exception.Message') ?? '';
    put(fields, 'message', message);
    const act = readMessage(fields, message.slice(0, 4000));
    keepJson(fields, 'nextcloud.log', entry, MAPPED);
    relateAddresses(fields, message.slice(0, 8192));
    return { kind: 'event', act, fields };
  };

export default {
  id: 'nextcloud',
  title: 'Nextcloud, ownCloud: nextcloud.log, audit.log',
  references: [
    {
      title: 'Nextcloud: logging, admin audit log',
      url: 'https://docs.nextcloud.com/server/latest/admin_manual/configuration_server/logging_configuration.html',
    },
    {
      title: 'Nextcloud: hardening, fail2ban filter',
      url: 'https://docs.nextcloud.com/server/latest/admin_manual/installation/harden_server.html',
    },
  ],
  framing: 'json',
  states: { zone: 'varies', year: 'stated', resolution: 's' },
  families: [
    'logins and refusals, files, shares, users, groups and apps of the audit log; any other entry with its request',
  ],
  limits: [
    "of times in a format of one's own (logdateformat) only the manual's example is read; others are marked time-missing",
  ],
  recognise: recogniseBy(claims, 'are entries of Nextcloud', 0.97),
  claims,
  open,
} satisfies Parser as Parser;
