import { say } from '../core/said.ts';
import { DAY } from '../core/time.ts';
import { numberOf, textOf, valuesOf } from '../ecs/event.ts';
import { and, or } from '../query/ast.ts';
import type { StoreReader } from '../store/store.ts';
import type { Clocks } from './clocks.ts';
import type { Act } from './model.ts';
import { accountKey, acts, exists, isInner, isPublic, timeOf } from './read.ts';

/** Mail that one account hands in, by day: a taken mailbox is used to send. */
interface Sender {
  readonly account: string;
  readonly days: Map<number, Sending>;
}

interface Sending {
  recipients: number;
  readonly events: string[];
  readonly from: number;
  to: number;
  readonly source: string | undefined;
  readonly stream: string;
}

const FIELDS = [
  'einfallstor.email.auth_user',
  'einfallstor.email.recipients',
  'email.to.address',
  'email.local_id',
  'source.ip',
  'einfallstor.stream',
];
const MOST_OPEN = 100_000;

/** Recipients in a day below which nobody's sending is remarkable. */
const FEWEST = 300;
/** So many times the account's own busiest day before. */
const TIMES = 8;
const MOST_SENDERS = 50_000;

/** Days on which an account sent far beyond its own measure. A house's bulk mailer has its measure too. */
export const mailBursts = async (store: StoreReader, clocks: Clocks): Promise<Act[]> => {
  const senders = new Map<string, Sender>();
  /** Queue ids of messages whose recipients are told by a later line. */
  const open = new Map<string, Sending>();
  let first: number | undefined;
  const query = and(
    acts('mail-received'),
    or(exists('einfallstor.email.auth_user'), exists('einfallstor.email.recipients')),
  );
  for await (const event of store.scan(query, { order: 'time', fields: FIELDS })) {
    const raw = timeOf(event);
    if (raw === undefined) continue;
    const account = accountKey(textOf(event.fields, 'einfallstor.email.auth_user'));
    const named = valuesOf(event.fields, 'email.to.address').length;
    const recipients = numberOf(event.fields, 'einfallstor.email.recipients') ?? (named === 0 ? undefined : named);
    const queue = textOf(event.fields, 'email.local_id') ?? event.id;
    const stream = textOf(event.fields, 'einfallstor.stream') ?? '';
    const time = raw - clocks.offsetOf(stream);
    first ??= time;
    const known = open.get(queue);
    if (known !== undefined && account === undefined) {
      known.recipients += (recipients ?? 1) - 1;
      open.delete(queue);
    }
    if (known !== undefined && account !== undefined) continue; // a second copy of the same line
    if (account === undefined || (!senders.has(account) && senders.size >= MOST_SENDERS)) continue;
    const sender = senders.get(account) ?? { account, days: new Map<number, Sending>() };
    const day = Math.floor(time / DAY);
    const own = sender.days.get(day) ?? {
      recipients: 0,
      events: [],
      from: time,
      to: time,
      source: textOf(event.fields, 'source.ip'),
      stream,
    };
    own.recipients += recipients ?? 1;
    own.to = time;
    if (own.events.length < 20) own.events.push(event.id);
    if (recipients === undefined && open.size < MOST_OPEN) open.set(queue, own);
    sender.days.set(day, own);
    senders.set(account, sender);
  }
  const begin = Math.floor((first ?? 0) / DAY);
  return [...senders.values()].flatMap((s) => burstOf(s, begin, clocks)).sort((a, b) => (a.key < b.key ? -1 : 1));
};

const burstOf = (sender: Sender, begin: number, clocks: Clocks): Act[] => {
  const days = [...sender.days.entries()].sort(([a], [b]) => a - b);
  for (const [i, [day, own]] of days.entries()) {
    const before = Math.max(0, ...days.slice(0, i).map(([, d]) => d.recipients));
    // on the first days of a log nothing is known of anybody's measure
    if (day - begin < 2 || own.recipients < FEWEST || own.recipients < before * TIMES) continue;
    const summary = say(
      `${own.recipients} recipients in one day written to by ${sender.account}, ${before === 0 ? 'who had not sent before' : `at most ${before} a day before`}`,
      `${own.recipients} Empfänger an einem Tag angeschrieben von ${sender.account}, ${before === 0 ? 'zuvor keine Sendungen' : `zuvor höchstens ${before} am Tag`}`,
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
        marks: [{ family: 'mail-abuse', nats: 2.5, because: summary, events: own.events }],
        labels: [],
      },
    ];
  }
  return [];
};
