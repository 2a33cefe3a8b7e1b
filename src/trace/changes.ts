import { say } from '../core/said.ts';
import type { StoredEvent } from '../ecs/event.ts';
import { textOf } from '../ecs/event.ts';
import type { StoreReader } from '../store/store.ts';
import type { Clocks } from './clocks.ts';
import type { Act } from './model.ts';
import { accountKey, accountOf, acts, collect, deviceOf, hostOf, isInner, isPublic, timeOf } from './read.ts';

/** An account made or altered, or a setting changed, by whoever did it. */
export interface Change {
  readonly act: Act;
  /** The account it concerns, where one is named. */
  readonly target: string | undefined;
  /** What a configuration change says it touched, lower case. */
  readonly object: string;
  /** How surely an account that is used afterwards could be used because of this. */
  readonly enables: number;
}

const MOST = 50_000;
const FIELDS = [
  'einfallstor.act',
  'einfallstor.stream',
  'user.name',
  'user.email',
  'user.target.name',
  'source.ip',
  'event.action',
  'event.type',
  'host.name',
  'host.hostname',
  'winlog.computer_name',
  'observer.name',
  'observer.serial_number',
  'einfallstor.change.object',
  'einfallstor.change.attributes',
  'group.name',
];

const enablesOf = (event: StoredEvent): number => {
  const act = textOf(event.fields, 'einfallstor.act');
  if (act === 'account-created') return 0.95;
  if (act === 'config-change')
    return /add|create|new|set/i.test(textOf(event.fields, 'event.action') ?? '') ? 0.95 : 0.6;
  return act === 'account-changed' ? 0.45 : 0.35;
};

const changeOf = (event: StoredEvent, clocks: Clocks): Change | undefined => {
  const raw = timeOf(event);
  if (raw === undefined) return undefined;
  const stream = textOf(event.fields, 'einfallstor.stream') ?? '';
  const time = raw - clocks.offsetOf(stream);
  const word = textOf(event.fields, 'einfallstor.act') ?? '';
  const config = word === 'config-change';
  const who = accountOf(event.fields);
  const target = accountKey(textOf(event.fields, 'user.target.name'));
  const object = textOf(event.fields, 'einfallstor.change.object') ?? '';
  const host = config ? undefined : hostOf(event.fields);
  // accounts of an appliance are its own
  const device = host === undefined ? deviceOf(event.fields) : undefined;
  const where = host ?? device;
  const source = textOf(event.fields, 'source.ip');
  const verb = config ? (textOf(event.fields, 'event.action') ?? 'change') : word.replace('-', ' ');
  const act: Act = {
    key: `change:${event.id}`,
    kind: config ? 'config-change' : 'account-change',
    stage: 'persistence',
    technique: word === 'account-created' || config ? 'T1136' : 'T1098',
    from: time,
    to: time,
    slack: clocks.slackOf(stream),
    account: who,
    remote: isPublic(source) ? source : undefined,
    address: isInner(source) ? source : undefined,
    host,
    device,
    targets: target === undefined ? [] : [target],
    events: [event.id],
    count: 1,
    summary: say(
      `${verb} of ${target ?? object}${where === undefined ? '' : ` on ${where}`}${who === undefined ? '' : ` by ${who}`}`,
      `${verb}: ${target ?? object}${where === undefined ? '' : ` auf ${where}`}${who === undefined ? '' : ` durch ${who}`}`,
    ),
    marks: [],
    labels: [],
  };
  return {
    act,
    target,
    object: `${object} ${textOf(event.fields, 'einfallstor.change.attributes') ?? ''}`.toLowerCase(),
    enables: enablesOf(event),
  };
};

export const readChanges = async (store: StoreReader, clocks: Clocks): Promise<Change[]> => {
  const query = acts('account-created', 'account-changed', 'group-changed', 'config-change');
  const events = await collect(store, query, { order: 'time-desc', limit: MOST, fields: FIELDS });
  return events
    .flatMap((e) => changeOf(e, clocks) ?? [])
    .sort((a, b) => a.act.from - b.act.from || (a.act.key < b.act.key ? -1 : 1));
};

/** Whether a word stands in a text by itself: `fgsupp` in `user.local fgsupp`, not `adm` in `administrator`. */
export const namesWord = (text: string, word: string): boolean => {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const before = text[at - 1] ?? ' ';
    const after = text[at + word.length] ?? ' ';
    if (!/[a-z0-9_.-]/.test(before) && !/[a-z0-9_-]/.test(after)) return true;
  }
  return false;
};
