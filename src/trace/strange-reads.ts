import { networkOf } from '../core/net.ts';
import { type Said, say } from '../core/said.ts';
import { DAY, SECOND } from '../core/time.ts';
import { bytesText } from '../detect/words.ts';
import type { StoredEvent } from '../ecs/event.ts';
import { numberOf, textOf } from '../ecs/event.ts';
import { and, isAny, not, or } from '../query/ast.ts';
import type { StoreReader } from '../store/store.ts';
import type { Clocks } from './clocks.ts';
import { MASSIVE } from './egress.ts';
import type { Hands, HandsOf } from './hands.ts';
import type { Act } from './model.ts';
import { accountOf, acts, atLeast, exists, inner, isInner, isPublic, timeOf } from './read.ts';
import type { VpnSession } from './sessions.ts';
import { lentTo } from './tried-accounts.ts';
import { answeredBytes } from './web-fetches.ts';

/**
 * Mailboxes and files read by an account in a stranger's hands, far beyond its own measure: from outside, or from the address
 * that a gateway lent to him. The audit of a provider counts accesses; servers of files count bytes, and so do web servers.
 */

/** Accesses in a day below which nobody's reading is remarkable. */
const FEWEST = 20;
/** Bytes in a day below which nobody's fetching is. */
const LARGE = 10_000_000;
/** So many times what the account read on any day before. */
const TIMES = 3;
/** Nats. The owner reads everything anew on a new device, too. */
const WEIGHTS: Readonly<Record<Hands, number>> = { own: 0, strange: 0.8, taken: 1.5 };
/** Files of a house fetched by the gigabyte, many times what the account ever had from outside: whoever did it is to be asked for. */
const MASSIVE_NATS = 1.6;
const TIMES_MASSIVE = 10;
/** What is no more than usual shows no stranger; where he is known by other signs, it tells what he got. */
const ORDINARY = 0.3;
const KEY = 'reads:';
const MOST_READERS = 100_000;
const KEPT = 20;
const FIELDS = [
  'einfallstor.act',
  'einfallstor.stream',
  'user.name',
  'user.email',
  'source.ip',
  'destination.bytes',
  'url.path',
  'http.response.body.bytes',
  'http.response.bytes',
];
/** Answers smaller than this are pages. */
const ANSWER = 100_000;
/** A proxy and the server behind it write the same answer within this time. */
const COPIED = 2 * SECOND;
const MOST_ANSWERS = 1_000_000;

type Kind = 'mail-access' | 'share-access' | 'http-request';

/** What one account read in a day from one network. */
interface Reading {
  readonly account: string;
  readonly kind: Kind;
  readonly day: number;
  readonly source: string;
  readonly from: number;
  to: number;
  count: number;
  bytes: number;
  readonly events: string[];
  readonly stream: string;
}

const readings = async (lent: readonly string[], store: StoreReader, clocks: Clocks): Promise<Reading[]> => {
  const found = new Map<string, Reading>();
  const outside = and(exists('source.ip'), not(inner('source.ip')));
  const from = lent.length === 0 ? outside : or(outside, isAny('source.ip', lent));
  const answers = and(
    acts('http-request'),
    exists('user.name'),
    or(
      ...['http.response.body.bytes', 'http.response.bytes', 'destination.bytes'].map((name) => atLeast(name, ANSWER)),
    ),
  );
  const query = and(or(acts('mail-access', 'share-access'), answers), from);
  const isCopy = copies();
  for await (const event of store.scan(query, { order: 'time', fields: FIELDS })) {
    const reading = readingOf(event, clocks);
    if (reading === undefined || (reading.kind === 'http-request' && isCopy(reading, event))) continue;
    const key = [reading.account, reading.kind, reading.day, networkOf(reading.source)].join('\n');
    const known = found.get(key);
    if (known === undefined) {
      if (found.size < MOST_READERS) found.set(key, reading);
      continue;
    }
    known.count += 1;
    known.bytes += reading.bytes;
    known.to = reading.to;
    if (known.events.length < KEPT) known.events.push(event.id);
  }
  return [...found.values()].sort((a, b) => a.from - b.from || (a.account < b.account ? -1 : 1));
};

/** Whether another log has just told of the same answer. */
const copies = (): ((reading: Reading, event: StoredEvent) => boolean) => {
  const told = new Map<string, Reading>();
  return (reading, event) => {
    const key = `${reading.source} ${textOf(event.fields, 'url.path') ?? ''} ${reading.bytes}`;
    const before = told.get(key);
    if (before !== undefined && before.stream !== reading.stream && reading.from - before.from <= COPIED) return true;
    if (told.size < MOST_ANSWERS) told.set(key, reading);
    return false;
  };
};

const readingOf = (event: StoredEvent, clocks: Clocks): Reading | undefined => {
  const account = accountOf(event.fields);
  const source = textOf(event.fields, 'source.ip');
  const raw = timeOf(event);
  if (account === undefined || raw === undefined || source === undefined) return undefined;
  const stream = textOf(event.fields, 'einfallstor.stream') ?? '';
  const time = raw - clocks.offsetOf(stream);
  const kind = textOf(event.fields, 'einfallstor.act') as Kind;
  const bytes = (kind === 'http-request' ? answeredBytes(event) : numberOf(event.fields, 'destination.bytes')) ?? 0;
  const day = Math.floor(time / DAY);
  return { account, kind, day, source, from: time, to: time, count: 1, bytes, events: [event.id], stream };
};

/** What a reading amounts to beside the busiest day before. */
interface Amount {
  readonly what: 'bytes' | 'count';
  readonly amount: number;
  readonly before: number;
  /** Far more than on any day before. */
  readonly unusual: boolean;
}

const amountOf = ({ kind, count, bytes, source }: Reading, before: Measure): Amount | undefined => {
  if (bytes >= LARGE)
    return { what: 'bytes', amount: bytes, before: before.bytes, unusual: bytes >= before.bytes * TIMES };
  // inside, programs open files by the hundred; from outside, each is a download
  return kind !== 'http-request' && isPublic(source) && count >= FEWEST && count >= before.count * TIMES
    ? { what: 'count', amount: count, before: before.count, unusual: true }
    : undefined;
};

/** A mailbox is fetched anew by every new device of its owner. */
const isMassive = ({ kind }: Reading, { what, amount, before }: Amount): boolean =>
  kind !== 'mail-access' && what === 'bytes' && amount >= MASSIVE && amount >= before * TIMES_MASSIVE;

interface Measure {
  readonly count: number;
  readonly bytes: number;
}

const THINGS: Readonly<Record<Kind, readonly [string, string]>> = {
  'mail-access': ['the mailbox', 'das Postfach'],
  'share-access': ['files', 'Dateien'],
  'http-request': ['a web service', 'einen Webdienst'],
};

const sentence = ({ account, kind, source }: Reading, { what, amount, before }: Amount): Said => {
  const [thing, ding] = THINGS[kind];
  const told = (n: number): string => (what === 'bytes' ? bytesText(n) : `${n}`);
  const [most, meist] =
    before === 0
      ? ['never before from outside', 'zuvor nie von außen']
      : [`at most ${told(before)} a day before from outside`, `zuvor von außen höchstens ${told(before)} am Tag`];
  return what === 'bytes'
    ? say(
        kind === 'http-request'
          ? `${told(amount)} fetched over ${thing} as ${account} in a day from ${source}, ${most}`
          : `${told(amount)} of ${thing} of ${account} fetched in a day from ${source}, ${most}`,
        `${told(amount)} an einem Tag von ${source} über das Konto ${account} abgeholt (${ding}), ${meist}`,
      )
    : say(
        `${thing} of ${account} accessed ${amount} times in a day from ${source}, ${most}`,
        `auf ${ding} von ${account} ${amount}-mal an einem Tag von ${source} zugegriffen, ${meist}`,
      );
};

/** Whose hands an inner address was in: those of whoever came by the stay that it was lent to. */
const handsAt = ({ source, account, from }: Reading, strangers: readonly VpnSession[], handsOf: HandsOf): Hands => {
  if (isPublic(source)) return handsOf(account, source, from);
  const stay = strangers.find((s) => s.begin <= from && from <= s.end && s.addresses.some((a) => a.ip === source));
  return stay === undefined ? 'own' : handsOf(stay.account, stay.remote, stay.begin);
};

/** All stays of the accounts that strangers used: by them the owner's own measure is known, too. */
const staysOfTheirs = (strangers: readonly VpnSession[], sessions: readonly VpnSession[]): VpnSession[] => {
  const accounts = new Set(strangers.map((s) => s.account));
  return sessions.filter((s) => accounts.has(s.account));
};

export const strangeReads = async (
  strangers: readonly VpnSession[],
  sessions: readonly VpnSession[],
  store: StoreReader,
  clocks: Clocks,
  handsOf: HandsOf,
): Promise<Act[]> => {
  const all = await readings(lentTo(staysOfTheirs(strangers, sessions)), store, clocks);
  const most = new Map<string, Measure>();
  return all.flatMap((reading): Act[] => {
    const { account, kind, source, from, to, count, bytes, events, stream } = reading;
    const key = `${account}\n${kind}`;
    const before = most.get(key) ?? { count: 0, bytes: 0 };
    most.set(key, { count: Math.max(before.count, count), bytes: Math.max(before.bytes, bytes) });
    const read = amountOf(reading, before);
    if (read === undefined) return [];
    const hands = handsAt(reading, strangers, handsOf);
    const usual = read.unusual ? WEIGHTS[hands] : hands === 'taken' ? ORDINARY : 0;
    if (usual === 0) return [];
    const nats = isMassive(reading, read) ? Math.max(MASSIVE_NATS, usual) : usual;
    const summary = sentence(reading, read);
    // files that a stranger's address got have left the house
    const stage = kind === 'mail-access' ? 'collection' : 'exfiltration';
    return [
      {
        key: `${KEY}${kind}:${events[0]}`,
        kind: 'impact',
        stage,
        technique: kind === 'mail-access' ? 'T1114.002' : isPublic(source) ? 'T1530' : 'T1048',
        from,
        to,
        slack: clocks.slackOf(stream),
        account,
        remote: isPublic(source) ? source : undefined,
        address: isInner(source) ? source : undefined,
        targets: [],
        events,
        count,
        summary,
        marks: [{ family: stage, nats, because: summary, events }],
        labels: [],
        ...(bytes === 0 ? {} : { bytes }),
      },
    ];
  });
};

export const isRead = (act: Act): boolean => act.key.startsWith(KEY);
