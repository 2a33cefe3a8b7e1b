import type { Act } from '../../ecs/acts.ts';
import type { Fields } from '../../ecs/event.ts';
import { addMailAddress, nameClient, putMessageId } from './mail.ts';
import type { Groups } from './phrases.ts';
import { categorise, put, putEndpoint, putIp, putNumber, putUser } from './put.ts';

type Reading = readonly [
  act: Act,
  category: readonly string[],
  type: readonly string[],
  outcome?: 'success' | 'failure' | 'unknown',
];

/** What a line of a mail product can state: act and ECS categorisation. */
const MEANINGS = {
  passed: ['login', ['authentication'], ['start'], 'success'],
  refused: ['login', ['authentication'], ['info'], 'failure'],
  left: ['logout', ['authentication'], ['end'], 'success'],
  locked: ['account-locked', ['authentication', 'iam'], ['info'], 'success'],
  admin: ['admin-login', ['authentication'], ['start'], 'success'],
  'admin-refused': ['admin-login', ['authentication'], ['info'], 'failure'],
  changed: ['config-change', ['configuration'], ['change'], 'success'],
  created: ['account-created', ['iam'], ['user', 'creation'], 'success'],
  account: ['account-changed', ['iam'], ['user', 'change'], 'success'],
  group: ['group-changed', ['iam'], ['group', 'change'], 'success'],
  received: ['mail-received', ['email'], ['info'], 'success'],
  sent: ['mail-delivery', ['email'], ['info'], 'success'],
  deferred: ['mail-delivery', ['email'], ['info'], 'unknown'],
  bounced: ['mail-delivery', ['email'], ['info'], 'failure'],
  rejected: ['mail-rejected', ['email'], ['denied'], 'failure'],
  verdict: ['mail-filter', ['email'], ['info'], 'success'],
  access: ['mail-access', ['email'], ['info'], 'success'],
  removed: ['mail-access', ['email'], ['deletion'], 'success'],
  connect: ['mail-connection', ['email', 'network'], ['connection', 'start']],
  disconnect: ['mail-connection', ['email', 'network'], ['connection', 'end']],
  connection: ['mail-connection', ['email', 'network'], ['connection', 'info']],
  broken: ['mail-connection', ['email', 'network'], ['connection', 'info'], 'failure'],
  state: ['source-state', ['process'], ['info']],
  note: ['other', ['email'], ['info']],
  error: ['other', ['email'], ['error']],
} as const satisfies Readonly<Record<string, Reading>>;
export type Meaning = keyof typeof MEANINGS;

/** An address in a phrase; its port may follow the colon behind it. */
export const ADDRESS = String.raw`(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F.:]{0,43}[0-9a-fA-F](?:::)?|::)(?:%\w{1,16})?`;

/** A text a mail product writes, its name in `event.action`, and what it means. Named groups say where the values are. */
export type MailPhrase = readonly [pattern: RegExp, action: string, meaning: Meaning];

/** Statuses that deliveries of all products have in common. */
const STATUSES: Partial<Record<Meaning, string>> = { sent: 'sent', deferred: 'deferred', bounced: 'bounced' };

/** Sets act, categories and what follows from them. */
export const mean = (fields: Fields, action: string, meaning: Meaning): Act => {
  const [act, category, type, outcome]: Reading = MEANINGS[meaning];
  fields['event.action'] = action;
  categorise(fields, category, type, outcome);
  if (act === 'login') fields['einfallstor.login.method'] ??= 'password';
  const status = STATUSES[meaning];
  if (status !== undefined) fields['einfallstor.email.status'] ??= status;
  return act;
};

/** The client's address, as logs write it: `IPv6:2001:db8::7`, `[192.0.2.7]`, `::ffff:192.0.2.7`. */
export const putClient = (fields: Fields, value: string | undefined): boolean => {
  const text = value?.trim().replace(/^\[?(?:IPv6:)?|\]$/gi, '');
  if (!putIp(fields, 'source.ip', text)) return false;
  fields['source.address'] ??= fields['source.ip'] as string;
  return true;
};

const RECIPIENTS_MAX = 500;

/** What the groups of phrases are called, and where their values go. Others stay under the vendor's name. */
const PLACES: Readonly<Record<string, (fields: Fields, value: string) => unknown>> = {
  user: (fields, value) => putUser(fields, 'user', value, true),
  target: (fields, value) => putUser(fields, 'user.target', value, true),
  ip: putClient,
  port: (fields, value) => putNumber(fields, 'source.port', value),
  host: (fields, value) => /^\[?unknown\]?$/i.test(value) || putEndpoint(fields, 'source', value),
  toIp: (fields, value) => putIp(fields, 'destination.ip', value),
  toPort: (fields, value) => putNumber(fields, 'destination.port', value),
  toHost: (fields, value) => putEndpoint(fields, 'destination', value),
  helo: nameClient,
  from: (fields, value) => addMailAddress(fields, 'email.from.address', value),
  rcpt: (fields, value) => {
    for (const to of value.split(/[,;\s]+/, RECIPIENTS_MAX)) addMailAddress(fields, 'email.to.address', to);
  },
  subject: (fields, value) => put(fields, 'email.subject', value),
  id: putMessageId,
  queue: (fields, value) => put(fields, 'email.local_id', value),
  size: (fields, value) => putNumber(fields, 'einfallstor.email.size', value),
  count: (fields, value) => putNumber(fields, 'einfallstor.email.recipients', value),
  relay: (fields, value) => put(fields, 'einfallstor.email.relay', value),
  seconds: (fields, value) => putNumber(fields, 'einfallstor.email.delay', value),
  service: (fields, value) => put(fields, 'service.type', value.toLowerCase()),
  session: (fields, value) => put(fields, 'session.id', value),
  reason: (fields, value) => put(fields, 'event.reason', value),
  code: (fields, value) => put(fields, 'event.code', value),
  rule: (fields, value) => put(fields, 'rule.name', value),
  agent: (fields, value) => put(fields, 'user_agent.original', value),
  file: (fields, value) => put(fields, 'file.name', value),
  object: (fields, value) => put(fields, 'einfallstor.change.object', value),
  received: (fields, value) => putNumber(fields, 'source.bytes', value),
  sent: (fields, value) => putNumber(fields, 'destination.bytes', value),
};

/** The values of named groups, or of pairs whose keys are translated to their names. */
export const putMailGroups = (fields: Fields, prefix: string, groups: Groups): void => {
  for (const name in groups) {
    const value = groups[name];
    if (value === undefined || value === '') continue;
    const place = PLACES[name];
    if (place === undefined) put(fields, `${prefix}.${name}`, value);
    else place(fields, value);
  }
};

/** Reads a text by the first phrase that fits; what no place is known for stays under `prefix`. */
export const mailPhrases =
  (prefix: string, phrases: readonly MailPhrase[]): ((fields: Fields, text: string) => Act | undefined) =>
  (fields, text) => {
    for (const [pattern, action, meaning] of phrases) {
      const m = pattern.exec(text);
      if (m === null) continue;
      putMailGroups(fields, prefix, m.groups ?? {});
      return mean(fields, action, meaning);
    }
    return undefined;
  };
