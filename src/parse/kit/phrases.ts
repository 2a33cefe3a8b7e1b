import { canonicalIp } from '../../core/net.ts';
import type { Act } from '../../ecs/acts.ts';
import type { Fields } from '../../ecs/event.ts';
import { addMailAddress, putMessageId } from './mail.ts';
import { add, categorise, put, putIp, putMac, putNumber, putUser } from './put.ts';

/** ECS categorisation by the kind of fact that a message states. */
export const KINDS = {
  passed: [['authentication'], ['start'], 'success'],
  refused: [['authentication'], ['info'], 'failure'],
  asked: [['authentication'], ['info'], undefined],
  left: [['authentication', 'session'], ['end'], 'success'],
  up: [['session'], ['start'], 'success'],
  down: [['session'], ['end'], undefined],
  session: [['session'], ['info'], undefined],
  broken: [['session', 'network'], ['info'], 'failure'],
  opened: [['network'], ['connection', 'start', 'allowed'], 'success'],
  closed: [['network'], ['connection', 'end', 'allowed'], 'success'],
  // the device did what it is there for (ECS, Using the categorization fields: a successfully blocked connection)
  denied: [['network'], ['connection', 'denied'], 'success'],
  // an attack that was stopped did not succeed
  stopped: [['network'], ['connection', 'denied'], 'failure'],
  web: [['web'], ['access'], undefined],
  account: [['iam'], ['user', 'change'], 'success'],
  changed: [['configuration'], ['change'], 'success'],
  state: [['process'], ['info'], undefined],
  mail: [['email'], ['info'], undefined],
  info: [['network'], ['info'], undefined],
} as const;
export type Kind = keyof typeof KINDS;

/** A message a product writes and what it means. Named groups of the pattern say where the values are. */
export type Phrase = readonly [pattern: RegExp, action: string, act: Act, kind: Kind];
export type Groups = Readonly<Record<string, string | undefined>>;

/** The first phrase that fits, and its groups. */
export const phraseOf = (
  phrases: readonly Phrase[],
  text: string,
): { readonly phrase: Phrase; readonly groups: Groups } | undefined => {
  for (const phrase of phrases) {
    const m = phrase[0].exec(text);
    if (m !== null) return { phrase, groups: m.groups ?? {} };
  }
  return undefined;
};

export const putKind = (fields: Fields, kind: Kind): void => {
  const [category, type, outcome] = KINDS[kind];
  categorise(fields, category, type, outcome);
};

const SECOND = 1_000_000_000; // ns

/** An address, perhaps at the end of a sentence, or a name. */
const putSide = (fields: Fields, side: string, value: string): void => {
  const text = value.replace(/\.$/, '');
  if (!putIp(fields, `${side}.ip`, text)) put(fields, `${side}.domain`, text.toLowerCase());
};

/** What the groups of phrases are called, and where their values go. */
const PLACES: Readonly<Record<string, (fields: Fields, value: string) => unknown>> = {
  user: (fields, value) => putUser(fields, 'user', value),
  target: (fields, value) => putUser(fields, 'user.target', value),
  ip: (fields, value) => putSide(fields, 'source', value),
  port: (fields, value) => putNumber(fields, 'source.port', value),
  to: (fields, value) => putSide(fields, 'destination', value),
  toPort: (fields, value) => putNumber(fields, 'destination.port', value),
  inner: (fields, value) => putIp(fields, 'einfallstor.vpn.assigned_ip', value),
  session: (fields, value) => put(fields, 'einfallstor.vpn.session_id', value),
  group: (fields, value) => put(fields, 'einfallstor.vpn.group', value),
  method: (fields, value) => put(fields, 'einfallstor.vpn.auth_method', value),
  reason: (fields, value) => put(fields, 'event.reason', value),
  auth: (fields, value) => put(fields, 'einfallstor.login.method', value),
  via: (fields, value) => put(fields, 'service.type', value.toLowerCase()),
  agent: (fields, value) => put(fields, 'user_agent.original', value),
  device: (fields, value) => canonicalIp(value) ?? put(fields, 'source.domain', value.toLowerCase()),
  mac: (fields, value) => putMac(fields, 'source.mac', value),
  received: (fields, value) => putNumber(fields, 'source.bytes', value),
  sent: (fields, value) => putNumber(fields, 'destination.bytes', value),
  seconds: (fields, value) => putNumber(fields, 'event.duration', Math.round(Number(value) * SECOND)),
  object: (fields, value) => put(fields, 'einfallstor.change.object', value),
  rule: (fields, value) => put(fields, 'rule.name', value),
  // mail: envelope, message, files
  sender: (fields, value) => addMailAddress(fields, 'email.from.address', value),
  recipient: (fields, value) => addMailAddress(fields, 'email.to.address', value),
  subject: (fields, value) => put(fields, 'email.subject', value),
  messageId: (fields, value) => putMessageId(fields, value),
  size: (fields, value) => putNumber(fields, 'einfallstor.email.size', value),
  file: (fields, value) => add(fields, 'email.attachments.file.name', value),
  sha256: (fields, value) => add(fields, 'email.attachments.file.hash.sha256', value.toLowerCase()),
};

/** Puts a phrase's action, categories and values into an event; `received` is what the client sent. */
export const putPhrase = (fields: Fields, phrase: Phrase, groups: Groups): void => {
  put(fields, 'event.action', phrase[1]);
  putKind(fields, phrase[3]);
  for (const name in groups) {
    const value = groups[name];
    if (value !== undefined && value !== '') PLACES[name]?.(fields, value);
  }
};

/** Puts what the first fitting phrase tells into an event; its act, or undefined when none fits. */
export const readPhrase = (fields: Fields, phrases: readonly Phrase[], text: string): Act | undefined => {
  const found = phraseOf(phrases, text);
  if (found === undefined) return undefined;
  putPhrase(fields, found.phrase, found.groups);
  return found.phrase[2];
};
