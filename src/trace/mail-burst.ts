import { networkOf } from '../core/net.ts';
import { say } from '../core/said.ts';
import { DAY } from '../core/time.ts';
import type { StoredEvent } from '../ecs/event.ts';
import { numberOf, textOf, valuesOf } from '../ecs/event.ts';
import { and, is, not, or } from '../query/ast.ts';
import type { StoreReader } from '../store/store.ts';
import type { Clocks } from './clocks.ts';
import type { Hands, HandsOf } from './hands.ts';
import type { Act } from './model.ts';
import { accountKey, acts, exists, isInner, isPublic, timeOf } from './read.ts';

/** Mail that one account hands in, by day: a taken mailbox is used to send. */
interface Sender {
  readonly account: string;
  /** By kind of log, as several may tell of the same messages, and by the address they came from. */
  readonly days: Map<number, Map<string, Sending>>;
}

interface Sending {
  recipients: number;
  readonly events: string[];
  readonly from: number;
  to: number;
  messages: number;
  readonly module: string;
  readonly source: string | undefined;
  readonly stream: string;
}

/** A whole day's sending, and from how many networks outside. */
interface SendingDay extends Sending {
  readonly networks: number;
}

const FIELDS = [
  'einfallstor.act',
  'event.module',
  'einfallstor.email.auth_user',
  'email.from.address',
  'einfallstor.email.recipients',
  'email.to.address',
  'email.local_id',
  'email.message_id',
  'source.ip',
  'einfallstor.stream',
];
const MOST_OPEN = 100_000;
/** Records that are shown of a day's sending. */
const KEPT = 20;

/** Recipients in a day below which nobody's sending is remarkable. */
const FEWEST = 300;
/** In a stranger's hands a smaller sending shows what they were after. */
const FEWEST_STRANGE = 50;
/** Nats. A traveller may write to many, too; where it is known how somebody got in, hardly. */
const WEIGHTS: Readonly<Record<Hands, number>> = { own: 0, strange: 1.5, taken: 2 };
/** Nats. A newsletter is sent from within, too, and by an account that did not send one before in the logs. */
const MASS: Readonly<Record<Hands, number>> = { own: 1, strange: 3, taken: 3.5 };
/** A person hands in mail from a place or two a day; a list of stolen passwords is used from many. */
const MANY_NETWORKS = 4;
/** So many times the account's own busiest day before. */
const TIMES = 8;
const MOST_SENDERS = 50_000;

/**
 * Messages handed in: whoever received them names whom it had authenticated. A message trace names only the sender and the
 * address it came from: what came from none outside was handed in within, and so was what a sender of such a domain sent to
 * another house, wherever he was. Mail that only pretends to come from the house goes to the house.
 */
const SUBMISSIONS = or(
  and(acts('mail-received'), or(exists('einfallstor.email.auth_user'), exists('einfallstor.email.recipients'))),
  and(acts('mail-delivery'), is('event.module', 'exchange-online-trace'), is('event.outcome', 'success')),
);

/**
 * Messages written in a web mail: its own log knows the writer and where he was; the mail transfer agent, which knows the
 * recipients, got them from the web mail's server, often without a login, and has them under its own queue id.
 */
const WRITTEN = and(
  acts('mail-received'),
  exists('einfallstor.email.auth_user'),
  exists('email.message_id'),
  not(exists('email.local_id')),
);
const QUEUED = and(acts('mail-received'), exists('email.message_id'), exists('email.local_id'));
const MOST_WRITTEN = 500_000;

/** Writers by message id. */
const writtenIn = async (store: StoreReader): Promise<ReadonlyMap<string, string>> => {
  const writers = new Map<string, string>();
  for await (const { fields } of store.scan(WRITTEN, { order: 'locator', fields: FIELDS })) {
    const account = accountKey(textOf(fields, 'einfallstor.email.auth_user'));
    if (account !== undefined && writers.size < MOST_WRITTEN)
      writers.set(textOf(fields, 'email.message_id') as string, account);
  }
  return writers;
};

const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1).toLowerCase();

/** The sender of a traced message; `house` collects the domains that messages from within bear. */
const tracedSender = ({ fields }: StoredEvent, house: Set<string>): string | undefined => {
  const from = textOf(fields, 'email.from.address');
  if (from === undefined) return undefined;
  if (!isPublic(textOf(fields, 'source.ip'))) {
    house.add(domainOf(from));
    return accountKey(from);
  }
  const to = valuesOf(fields, 'email.to.address').map(String);
  const outward = to.length > 0 && to.every((address) => !house.has(domainOf(address)));
  return outward && house.has(domainOf(from)) ? accountKey(from) : undefined;
};

const senderOf = (event: StoredEvent, house: Set<string>, writers: ReadonlyMap<string, string>): string | undefined =>
  textOf(event.fields, 'einfallstor.act') === 'mail-delivery'
    ? tracedSender(event, house)
    : (accountKey(textOf(event.fields, 'einfallstor.email.auth_user')) ??
      writers.get(textOf(event.fields, 'email.message_id') ?? ''));

/**
 * A day's sending: as many recipients as the fullest log tells, from where most of the messages came. Of as many from within
 * and from outside, those from within are the same, handed on by the server that their writer was logged in to.
 */
const dayOf = (sendings: Iterable<Sending>): SendingDay => {
  const all = [...sendings].sort(
    (a, b) =>
      Number(b.source !== undefined) - Number(a.source !== undefined) ||
      b.messages - a.messages ||
      Number(isPublic(b.source)) - Number(isPublic(a.source)) ||
      a.from - b.from ||
      (a.module < b.module ? -1 : 1),
  );
  const byLog = new Map<string, number>();
  for (const { module, recipients } of all) byLog.set(module, (byLog.get(module) ?? 0) + recipients);
  const main = all[0] as Sending;
  const networks = new Set(all.flatMap(({ source }) => (isPublic(source) ? (networkOf(source as string) ?? []) : [])));
  return {
    ...main,
    networks: networks.size,
    recipients: Math.max(...byLog.values()),
    to: Math.max(...all.map((s) => s.to)),
    events: all.flatMap((s) => s.events).slice(0, KEPT),
  };
};

/** Days on which an account sent far beyond its own measure. A house's bulk mailer has its measure too. */
export const mailBursts = async (store: StoreReader, clocks: Clocks, handsOf: HandsOf): Promise<Act[]> => {
  const senders = new Map<string, Sender>();
  /** Queue ids of messages whose recipients are told by a later line. */
  const open = new Map<string, Sending>();
  const house = new Set<string>();
  const writers = await writtenIn(store);
  const query = writers.size === 0 ? SUBMISSIONS : or(SUBMISSIONS, QUEUED);
  let first: number | undefined;
  for await (const event of store.scan(query, { order: 'time', fields: FIELDS })) {
    const raw = timeOf(event);
    if (raw === undefined) continue;
    const account = senderOf(event, house, writers);
    const named = valuesOf(event.fields, 'email.to.address').length;
    const recipients = numberOf(event.fields, 'einfallstor.email.recipients') ?? (named === 0 ? undefined : named);
    const localId = textOf(event.fields, 'email.local_id');
    const queue = localId ?? event.id;
    const stream = textOf(event.fields, 'einfallstor.stream') ?? '';
    const time = raw - clocks.offsetOf(stream);
    first ??= time;
    const known = open.get(queue);
    if (known !== undefined && account === undefined && recipients !== undefined) {
      known.recipients += recipients - 1;
      open.delete(queue);
    }
    if (known !== undefined && account !== undefined) continue; // a second copy of the same line
    if (account === undefined || (!senders.has(account) && senders.size >= MOST_SENDERS)) continue;
    const sender = senders.get(account) ?? { account, days: new Map<number, Map<string, Sending>>() };
    const day = Math.floor(time / DAY);
    const logs = sender.days.get(day) ?? new Map<string, Sending>();
    const module = textOf(event.fields, 'event.module') ?? '';
    const source = textOf(event.fields, 'source.ip');
    const key = `${module}\n${source ?? ''}`;
    const own = logs.get(key) ?? {
      recipients: 0,
      messages: 0,
      events: [],
      from: time,
      to: time,
      module,
      source,
      stream,
    };
    own.recipients += recipients ?? 1;
    own.messages += 1;
    own.to = time;
    if (own.events.length < KEPT) own.events.push(event.id);
    if (localId !== undefined && recipients === undefined && open.size < MOST_OPEN) open.set(queue, own);
    logs.set(key, own);
    sender.days.set(day, logs);
    senders.set(account, sender);
  }
  const begin = Math.floor((first ?? 0) / DAY);
  return [...senders.values()]
    .flatMap((s) => burstOf(s, begin, clocks, handsOf))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
};

const burstOf = (sender: Sender, begin: number, clocks: Clocks, handsOf: HandsOf): Act[] => {
  const days = [...sender.days]
    .map(([day, logs]): [number, SendingDay] => [day, dayOf(logs.values())])
    .sort(([a], [b]) => a - b);
  for (const [i, [day, own]] of days.entries()) {
    const before = Math.max(0, ...days.slice(0, i).map(([, d]) => d.recipients));
    // on the first days of a log nothing is known of anybody's measure
    if (day - begin < 2 || own.recipients < FEWEST_STRANGE || own.recipients < before * TIMES) continue;
    const weights = own.recipients >= FEWEST ? MASS : WEIGHTS;
    const spread = own.networks >= MANY_NETWORKS;
    const nats = weights[spread ? 'taken' : handsOf(sender.account, own.source, own.from)];
    if (nats === 0) continue;
    const [from, aus] = spread ? [` from ${own.networks} networks`, ` aus ${own.networks} Netzen`] : ['', ''];
    const summary = say(
      `${own.recipients} recipients in one day written to by ${sender.account}${from}, ${before === 0 ? 'who had not sent before' : `at most ${before} a day before`}`,
      `${own.recipients} Empfänger an einem Tag angeschrieben von ${sender.account}${aus}, ${before === 0 ? 'zuvor keine Sendungen' : `zuvor höchstens ${before} am Tag`}`,
    );
    return [
      {
        key: `burst:${sender.account}:${day}`,
        kind: 'impact',
        stage: 'impact',
        technique: 'T1534',
        from: own.from,
        to: own.to,
        slack: clocks.slackOf(own.stream),
        account: sender.account,
        remote: isPublic(own.source) ? own.source : undefined,
        address: isInner(own.source) ? own.source : undefined,
        targets: [],
        events: own.events,
        count: own.events.length,
        summary,
        marks: [{ family: 'mail-abuse', nats, because: summary, events: own.events }],
        labels: [],
      },
    ];
  }
  return [];
};
