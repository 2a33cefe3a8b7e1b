import { list, say } from '../core/said.ts';
import { DAY } from '../core/time.ts';
import type { StoredEvent } from '../ecs/event.ts';
import { textOf, valuesOf } from '../ecs/event.ts';
import { and, is, or } from '../query/ast.ts';
import type { StoreReader } from '../store/store.ts';
import type { Clocks } from './clocks.ts';
import { firstCalls } from './mail-evidence.ts';
import type { Act, Mark } from './model.ts';
import { acts, exists, timeOf } from './read.ts';

/**
 * Accepted messages of senders nobody here had heard of, whose domain fails the sender's own policy or resembles one
 * that is known: read from the mail log itself, as most mail logs show no content for a rule to judge.
 */

/** In the first days of a log every sender is new. */
const LEARNING = 3 * DAY;
const MOST_DOMAINS = 200_000;
const MOST = 300;
const NEW_SENDER = 0.5;
const POLICY_FAILED = 0.7;
const RESEMBLES = 1;
/** A site of the sender's domain was called up from inside. */
const VISITED = 0.7;
/** Nobody had called up the site before the message came; somebody did so within this time after it. */
const CALLED_AFTER = 2 * DAY;
/** Shorter names resemble each other by chance. */
const SHORTEST_NAME = 5;
/** Lines that name a sender. A message trace of a provider tells of a message only that it was delivered. */
const ARRIVALS = and(
  exists('email.from.address'),
  or(
    acts('mail-received', 'mail-filter'),
    and(acts('mail-delivery'), is('event.module', 'exchange-online-trace'), is('event.outcome', 'success')),
  ),
);
const FIELDS = [
  'einfallstor.act',
  'einfallstor.stream',
  'email.from.address',
  'email.to.address',
  'email.local_id',
  'email.message_id',
  'einfallstor.email.spf',
  'einfallstor.email.dmarc',
];

interface Sender {
  readonly domain: string;
  readonly first: number;
  readonly events: { id: string; time: number; stream: string }[];
  days: number;
  lastDay: number;
  failed: boolean;
}

const domainOf = (event: StoredEvent): string | undefined => {
  const address = valuesOf(event.fields, 'email.from.address').map(String)[0];
  const at = address?.lastIndexOf('@') ?? -1;
  return address === undefined || at < 0
    ? undefined
    : address
        .slice(at + 1)
        .toLowerCase()
        .replace(/[>\s]+$/, '');
};

const FAILED = new Set(['fail', 'softfail', 'permerror']);
const failedPolicy = (event: StoredEvent): boolean =>
  FAILED.has(textOf(event.fields, 'einfallstor.email.spf') ?? '') ||
  FAILED.has(textOf(event.fields, 'einfallstor.email.dmarc') ?? '');

/** `quelle-gmbh.example` → `quelle-gmbh` */
const nameOf = (domain: string): string => {
  const parts = domain.split('.');
  return parts[parts.length - 2] ?? domain;
};

/** Whether one name is the other with an addition, or one letter away: `acme-gmbh` and `acme`, `acrne` and `acme`. */
const resembles = (a: string, b: string): boolean => {
  if (a === b || a.length < SHORTEST_NAME || b.length < SHORTEST_NAME) return false;
  if (a.startsWith(`${b}-`) || b.startsWith(`${a}-`) || a.endsWith(`-${b}`)) return true;
  if (Math.abs(a.length - b.length) > 1) return false;
  let i = 0;
  while (i < a.length && i < b.length && a[i] === b[i]) i += 1;
  return a.slice(i + 1) === b.slice(i + 1) || a.slice(i) === b.slice(i + 1) || a.slice(i + 1) === b.slice(i);
};

const readSenders = async (store: StoreReader, clocks: Clocks): Promise<{ senders: Sender[]; begin: number }> => {
  const senders = new Map<string, Sender>();
  let begin: number | undefined;
  for await (const event of store.scan(ARRIVALS, { order: 'time', fields: FIELDS })) {
    const domain = domainOf(event);
    const raw = timeOf(event);
    if (domain === undefined || domain === '' || raw === undefined) continue;
    const stream = textOf(event.fields, 'einfallstor.stream') ?? '';
    const time = raw - clocks.offsetOf(stream);
    begin ??= time;
    let sender = senders.get(domain);
    if (sender === undefined) {
      if (senders.size >= MOST_DOMAINS) continue;
      sender = { domain, first: time, events: [], days: 0, lastDay: -1, failed: false };
      senders.set(domain, sender);
    }
    const day = Math.floor(time / DAY);
    if (day !== sender.lastDay) sender.days += 1;
    sender.lastDay = day;
    if (failedPolicy(event)) sender.failed = true;
    if (textOf(event.fields, 'einfallstor.act') !== 'mail-filter' && sender.events.length < 5)
      sender.events.push({ id: event.id, time, stream });
  }
  return { senders: [...senders.values()], begin: begin ?? 0 };
};

/** A sender as judged: `young` where the log had just begun, `like` the known domain that its own resembles. */
interface Judged {
  readonly sender: Sender;
  readonly young: boolean;
  readonly like: string | undefined;
  readonly visited: boolean;
}

const actOf = ({ sender, young, like, visited }: Judged, clocks: Clocks): Act[] => {
  const because = list(
    [
      young
        ? say(`message from ${sender.domain}`, `Nachricht von ${sender.domain}`)
        : say(`first message ever from ${sender.domain}`, `erste Nachricht überhaupt von ${sender.domain}`),
      ...(sender.failed
        ? [say('which its own sender policy does not cover', 'von dessen eigener Absenderregel nicht gedeckt')]
        : []),
      ...(like === undefined ? [] : [say(`a name that resembles ${like}`, `ein Name, der ${like} ähnelt`)]),
      ...(visited ? [say('whose site was called up from inside', 'deren Seite von innen aufgerufen wurde')] : []),
    ],
    ', ',
  );
  const nats =
    (young ? 0 : NEW_SENDER) +
    (sender.failed ? POLICY_FAILED : 0) +
    (like === undefined ? 0 : RESEMBLES) +
    (visited ? VISITED : 0);
  return sender.events.slice(0, 3).map((e) => {
    const mark: Mark = { family: 'delivery', nats, because, events: [e.id] };
    return {
      key: `strange-mail:${e.id}`,
      kind: 'finding' as const,
      stage: 'initial-access',
      technique: 'T1566',
      from: e.time,
      to: e.time,
      slack: clocks.slackOf(e.stream),
      targets: [],
      events: [e.id],
      count: 1,
      summary: because,
      vector: 'mail-phishing' as const,
      marks: [mark],
      labels: [],
    };
  });
};

/** `hosts`: names that were called up from inside. */
export const strangeMails = async (store: StoreReader, clocks: Clocks, hosts: readonly string[]): Promise<Act[]> => {
  const called = new Set(hosts.flatMap((host) => host.split('.').map((_, i, parts) => parts.slice(i).join('.'))));
  const { senders, begin } = await readSenders(store, clocks);
  const known = senders.filter((s) => s.days >= 2 || s.first < begin + LEARNING);
  const isYoung = (sender: Sender): boolean => sender.first < begin + LEARNING;
  // where everybody is new, a site tells only that nobody had called it up before its one message came
  const once = senders.filter((s) => isYoung(s) && s.days === 1 && called.has(s.domain)).map((s) => s.domain);
  const firsts = await firstCalls(once, hosts, store, clocks);
  const isVisited = (sender: Sender): boolean => {
    if (!isYoung(sender)) return called.has(sender.domain);
    const after = (firsts.get(sender.domain) ?? Number.POSITIVE_INFINITY) - sender.first;
    return after >= 0 && after <= CALLED_AFTER;
  };
  const found = senders
    .filter((s) => s.days <= 3 && s.events.length > 0)
    .map((sender): Judged => {
      const young = isYoung(sender);
      // where everybody is new, only who writes oftener can be the one that is imitated
      const isModel = (k: Sender): boolean => (young ? k.days > sender.days : k.first < sender.first);
      const like = known.find((k) => isModel(k) && resembles(nameOf(sender.domain), nameOf(k.domain)))?.domain;
      return { sender, young, like, visited: isVisited(sender) };
    })
    .filter(({ sender, young, like, visited }) =>
      young ? visited || (sender.failed && like !== undefined) : sender.failed || like !== undefined || visited,
    )
    .sort(
      (a, b) =>
        Number(b.like !== undefined) - Number(a.like !== undefined) ||
        Number(b.sender.failed) - Number(a.sender.failed) ||
        a.sender.first - b.sender.first ||
        (a.sender.domain < b.sender.domain ? -1 : 1),
    );
  return found.slice(0, MOST).flatMap((judged) => actOf(judged, clocks));
};
