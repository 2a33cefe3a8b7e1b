import { networkOf } from '../core/net.ts';
import { type Said, say } from '../core/said.ts';
import { DAY } from '../core/time.ts';
import type { StoredEvent } from '../ecs/event.ts';
import { textOf } from '../ecs/event.ts';
import { and, not } from '../query/ast.ts';
import type { StoreReader } from '../store/store.ts';
import type { Clocks } from './clocks.ts';
import type { Hands, HandsOf } from './hands.ts';
import type { Act } from './model.ts';
import { accountOf, acts, exists, inner, isPublic, timeOf } from './read.ts';

/**
 * Mailboxes and files read from outside by an account in a stranger's hands, far beyond its own measure. The audit of a
 * provider counts accesses, not bytes.
 */

/** Accesses in a day below which nobody's reading is remarkable. */
const FEWEST = 20;
/** So many times what the account read on any day before, from anywhere outside. */
const TIMES = 3;
/** Nats. The owner reads everything anew on a new device, too. */
const WEIGHTS: Readonly<Record<Hands, number>> = { own: 0, strange: 0.8, taken: 1.5 };
const MOST_READERS = 100_000;
const KEPT = 20;
const FIELDS = ['einfallstor.act', 'einfallstor.stream', 'user.name', 'user.email', 'source.ip'];

/** What one account read in a day from one network. */
interface Reading {
  readonly account: string;
  readonly kind: 'mail-access' | 'share-access';
  readonly day: number;
  readonly network: string;
  readonly remote: string;
  readonly from: number;
  to: number;
  count: number;
  readonly events: string[];
  readonly stream: string;
}

const readings = async (store: StoreReader, clocks: Clocks): Promise<Reading[]> => {
  const found = new Map<string, Reading>();
  const query = and(acts('mail-access', 'share-access'), exists('source.ip'), not(inner('source.ip')));
  for await (const event of store.scan(query, { order: 'time', fields: FIELDS })) {
    const reading = readingOf(event, clocks);
    if (reading === undefined) continue;
    const key = [reading.account, reading.kind, reading.day, reading.network].join('\n');
    const known = found.get(key);
    if (known === undefined) {
      if (found.size < MOST_READERS) found.set(key, reading);
      continue;
    }
    known.count += 1;
    known.to = reading.to;
    if (known.events.length < KEPT) known.events.push(event.id);
  }
  return [...found.values()].sort((a, b) => a.from - b.from || (a.account < b.account ? -1 : 1));
};

const readingOf = (event: StoredEvent, clocks: Clocks): Reading | undefined => {
  const account = accountOf(event.fields);
  const remote = textOf(event.fields, 'source.ip');
  const raw = timeOf(event);
  if (account === undefined || raw === undefined || remote === undefined || !isPublic(remote)) return undefined;
  const stream = textOf(event.fields, 'einfallstor.stream') ?? '';
  const time = raw - clocks.offsetOf(stream);
  const kind = textOf(event.fields, 'einfallstor.act') === 'mail-access' ? 'mail-access' : 'share-access';
  const [day, network] = [Math.floor(time / DAY), networkOf(remote) ?? remote];
  return { account, kind, day, network, remote, from: time, to: time, count: 1, events: [event.id], stream };
};

const sentence = ({ account, kind, remote, count }: Reading, before: number): Said => {
  const [what, was] = kind === 'mail-access' ? ['the mailbox', 'das Postfach'] : ['files', 'Dateien'];
  const [most, meist] =
    before === 0
      ? ['never before', 'zuvor nie']
      : [`at most ${before} a day before`, `zuvor höchstens ${before} am Tag`];
  return say(
    `${what} of ${account} accessed ${count} times in a day from ${remote}, ${most}`,
    `auf ${was} von ${account} ${count}-mal an einem Tag von ${remote} zugegriffen, ${meist}`,
  );
};

export const strangeReads = async (store: StoreReader, clocks: Clocks, handsOf: HandsOf): Promise<Act[]> => {
  const all = await readings(store, clocks);
  const most = new Map<string, number>();
  return all.flatMap((reading): Act[] => {
    const { account, kind, remote, from, to, count, events, stream } = reading;
    const key = `${account}\n${kind}`;
    const before = most.get(key) ?? 0;
    const nats = count < FEWEST || count < before * TIMES ? 0 : WEIGHTS[handsOf(account, remote, from)];
    most.set(key, Math.max(before, count));
    if (nats === 0) return [];
    const summary = sentence(reading, before);
    // files that a stranger's address got have left the house
    const stage = kind === 'mail-access' ? 'collection' : 'exfiltration';
    return [
      {
        key: `reads:${kind}:${events[0]}`,
        kind: 'impact',
        stage,
        technique: kind === 'mail-access' ? 'T1114.002' : 'T1530',
        from,
        to,
        slack: clocks.slackOf(stream),
        account,
        remote,
        targets: [],
        events,
        count,
        summary,
        marks: [{ family: stage, nats, because: summary, events }],
        labels: [],
      },
    ];
  });
};
