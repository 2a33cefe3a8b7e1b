import { type Said, say } from '../core/said.ts';
import { DAY, HOUR } from '../core/time.ts';
import type { StoredEvent } from '../ecs/event.ts';
import { textOf, valuesOf } from '../ecs/event.ts';
import { and, isAny, or } from '../query/ast.ts';
import type { StoreReader } from '../store/store.ts';
import type { Clocks } from './clocks.ts';
import type { Act } from './model.ts';
import { accountKey, acts, eventsOf, timeOf } from './read.ts';

/** A suspicious message that reached a mailbox: all lines of its transaction are one act. */
export interface Delivery {
  readonly act: Act;
  readonly recipients: readonly string[];
  /** Domains the message names: of its sender and of what it links to. */
  readonly domains: readonly string[];
}

/** Most suspicious messages looked at; forty or four thousand of a wave share one prior anyway. */
const MOST = 300;
const MOST_LINES = 30_000;
const FIELDS = [
  'einfallstor.act',
  'einfallstor.stream',
  'event.outcome',
  'email.local_id',
  'email.message_id',
  'email.from.address',
  'email.to.address',
  'email.subject',
  'url.domain',
  'url.original',
  'event.action',
] as const;

export const isMailFinding = (act: Act): boolean =>
  act.vector === 'mail-phishing' || act.technique.startsWith('T1566') || act.technique.startsWith('T1656');

const domainOf = (address: string): string | undefined => {
  const at = address.lastIndexOf('@');
  return at < 0
    ? undefined
    : address
        .slice(at + 1)
        .toLowerCase()
        .replace(/[>\s]+$/, '');
};

const linkDomain = (url: string): string | undefined =>
  /^[a-z]{2,8}:\/\/([^/?#:\s]{1,255})/i.exec(url)?.[1]?.toLowerCase();

/** Queue ids are used again after a while. */
const ONE_TRANSACTION = DAY;

interface Lines {
  /** All lines of the messages that a set of records belongs to. */
  of(own: readonly StoredEvent[]): StoredEvent[];
}

/** Names of messages that a store is asked for. */
const MOST_ASKED = 2_000;
const IDS = ['email.local_id', 'email.message_id'];

const valuesIn = (events: readonly StoredEvent[], name: string): string[] => [
  ...new Set(events.flatMap((e) => valuesOf(e.fields, name).map(String))),
];

const idsOf = (e: StoredEvent): string[] => IDS.flatMap((n) => valuesOf(e.fields, n).map((v) => `${n} ${v}`));

/** All lines of all suspicious messages: one question to the store. */
const transactions = async (store: StoreReader, own: readonly StoredEvent[]): Promise<Lines> => {
  const wanted = new Set(own.flatMap(idsOf));
  const times = own.map((e) => timeOf(e) ?? 0);
  const range = { from: Math.min(...times) - ONE_TRANSACTION, to: Math.max(...times) + ONE_TRANSACTION + 1 };
  const lines: StoredEvent[] = [];
  if (wanted.size > 0) {
    const mail = acts('mail-received', 'mail-delivery', 'mail-rejected', 'mail-filter');
    // more alternatives cost a store more than one pass over all mail costs us
    const query = wanted.size > MOST_ASKED ? mail : and(mail, or(...IDS.map((n) => isAny(n, valuesIn(own, n)))));
    for await (const e of store.scan(query, { ...range, fields: FIELDS })) {
      if (idsOf(e).some((id) => wanted.has(id)) && lines.length < MOST_LINES) lines.push(e);
    }
  }
  const byId = new Map<string, StoredEvent[]>();
  for (const line of lines) for (const id of idsOf(line)) byId.set(id, [...(byId.get(id) ?? []), line]);
  return {
    of: (records) => {
      const found = new Map(records.map((e) => [e.id, e]));
      for (const record of records) {
        for (const line of idsOf(record).flatMap((id) => byId.get(id) ?? [])) {
          if (Math.abs((timeOf(line) ?? 0) - (timeOf(record) ?? 0)) <= ONE_TRANSACTION && found.size < 60)
            found.set(line.id, line);
        }
      }
      return [...found.values()];
    },
  };
};

const wasDelivered = (events: readonly StoredEvent[]): boolean => {
  const words = events.map((e) => ({
    act: textOf(e.fields, 'einfallstor.act'),
    outcome: textOf(e.fields, 'event.outcome'),
    action: textOf(e.fields, 'event.action') ?? '',
  }));
  if (words.some((w) => w.act === 'mail-delivery' && w.outcome === 'success')) return true;
  return (
    words.some((w) => w.act === 'mail-received') &&
    !words.some((w) => w.act === 'mail-rejected' || /quarantin|reject|discard|drop|block/i.test(w.action))
  );
};

const RANK: Readonly<Record<string, number>> = { 'mail-delivery': 0, 'mail-received': 1, 'mail-filter': 2 };
const rankOf = (e: StoredEvent): number => RANK[textOf(e.fields, 'einfallstor.act') ?? ''] ?? 3;

const summaryOf = (recipients: readonly string[], sender: string | undefined, subject: string | undefined): Said => {
  const quoted = subject === undefined ? '' : `, “${subject}”`;
  const many = recipients.length > 2;
  const [to, an] = many
    ? [`${recipients.length} recipients`, `${recipients.length} Empfänger`]
    : [recipients.join(' and ') || 'an unknown recipient', recipients.join(' und ') || 'unbekannten Empfänger'];
  return say(
    `mail to ${to} from ${sender ?? 'an unknown sender'}${quoted}, delivered`,
    `Mail an ${an} von ${sender ?? 'unbekanntem Absender'}${quoted}, zugestellt`,
  );
};

const deliveryOf = (finding: Act, own: readonly StoredEvent[], lines: Lines, clocks: Clocks): Delivery | undefined => {
  if (own.length === 0) return undefined;
  const events = lines.of(own);
  if (!wasDelivered(events)) return undefined;
  const ordered = [...events].sort(
    (a, b) => rankOf(a) - rankOf(b) || (timeOf(a) ?? 0) - (timeOf(b) ?? 0) || (a.id < b.id ? -1 : 1),
  );
  const all = (name: string): string[] => [
    ...new Set([...events, ...own].flatMap((e) => valuesOf(e.fields, name).map(String))),
  ];
  const recipients = [...new Set(all('email.to.address').flatMap((a) => accountKey(a.replace(/[<>]/g, '')) ?? []))];
  const senders = all('email.from.address');
  const domains = [
    ...senders.flatMap((s) => domainOf(s) ?? []),
    ...all('url.domain').map((d) => d.toLowerCase()),
    ...all('url.original').flatMap((u) => linkDomain(u) ?? []),
  ];
  const first = ordered[0] as StoredEvent;
  const time = (timeOf(first) ?? finding.from) - clocks.offsetOf(textOf(first.fields, 'einfallstor.stream') ?? '');
  const subject = all('email.subject')[0];
  const act: Act = {
    ...finding,
    key: `mail:${first.id}`,
    kind: 'mail-delivery',
    stage: 'initial-access',
    technique: finding.technique.startsWith('T1566') ? finding.technique : 'T1566',
    from: time,
    to: time + HOUR,
    slack: finding.slack + clocks.doubtOf(textOf(first.fields, 'einfallstor.stream') ?? ''),
    account: recipients.length === 1 ? recipients[0] : undefined,
    targets: recipients.slice(0, 50),
    events: ordered.slice(0, 20).map((e) => e.id),
    count: ordered.length,
    summary: summaryOf(recipients, senders[0], subject),
    vector: 'mail-phishing',
  };
  return { act, recipients, domains: [...new Set(domains)] };
};

/** Suspicious messages that were delivered, one per message. */
export const deliveries = async (findings: readonly Act[], store: StoreReader, clocks: Clocks): Promise<Delivery[]> => {
  const suspicious = findings
    .filter((f) => isMailFinding(f) && f.vector !== 'mail-account-takeover' && f.stage === 'initial-access')
    .sort((a, b) => (b.marks[0]?.nats ?? 0) - (a.marks[0]?.nats ?? 0) || a.from - b.from || (a.key < b.key ? -1 : 1))
    .slice(0, MOST);
  const byKey = new Map<string, Delivery>();
  const records = await eventsOf(
    suspicious.flatMap((f) => f.events.slice(0, 10)),
    store,
  );
  const lines = await transactions(store, [...records.values()]);
  for (const finding of suspicious) {
    const made = deliveryOf(
      finding,
      finding.events.slice(0, 10).flatMap((id) => records.get(id) ?? []),
      lines,
      clocks,
    );
    if (made === undefined) continue;
    const before = byKey.get(made.act.key);
    byKey.set(
      made.act.key,
      before === undefined
        ? made
        : { ...before, act: { ...before.act, marks: [...before.act.marks, ...finding.marks] } },
    );
  }
  return [...byKey.values()].sort((a, b) => a.act.from - b.act.from || (a.act.key < b.act.key ? -1 : 1));
};
