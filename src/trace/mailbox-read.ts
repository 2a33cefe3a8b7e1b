import { say } from '../core/said.ts';
import { DAY } from '../core/time.ts';
import { bytesText } from '../detect/words.ts';
import type { StoredEvent } from '../ecs/event.ts';
import { numberOf, textOf } from '../ecs/event.ts';
import { and, is, isAny } from '../query/ast.ts';
import type { StoreReader } from '../store/store.ts';
import type { Clocks } from './clocks.ts';
import type { Act } from './model.ts';
import { accountOf, acts, atLeast, collect, isInner, isPublic, timeOf } from './read.ts';

/** A mail session that fetched less is everyday reading. */
const LARGE = 20_000_000;
/** So many times the account's largest session before: a whole mailbox, not the day's mail. */
const TIMES = 5;
/** A new device of the owner fetches everything once, too: more weight would accuse it. */
const WEIGHT = 1.5;
const MOST = 20_000;

interface Reading {
  readonly event: StoredEvent;
  readonly account: string;
  readonly bytes: number;
  readonly time: number;
}

/** The address a session came from: servers tell it at the login, and the bytes at the end. */
const originsOf = async (store: StoreReader, readings: readonly Reading[]): Promise<Map<string, string>> => {
  const ids = [...new Set(readings.flatMap((r) => textOf(r.event.fields, 'session.id') ?? []))];
  const origins = new Map<string, string>();
  for (let i = 0; i < ids.length; i += 200) {
    const query = and(acts('login'), isAny('session.id', ids.slice(i, i + 200)), is('event.outcome', 'success'));
    for (const login of await collect(store, query, { limit: 1_000, fields: ['session.id', 'source.ip'] })) {
      const ip = textOf(login.fields, 'source.ip');
      if (ip !== undefined) origins.set(textOf(login.fields, 'session.id') ?? '', ip);
    }
  }
  return origins;
};

const actOf = (readings: readonly Reading[], ip: string | undefined, usual: number, clocks: Clocks): Act => {
  const first = readings[0] as Reading;
  const bytes = readings.reduce((sum, r) => sum + r.bytes, 0);
  const summary = say(
    `${bytesText(bytes)} read from the mailbox of ${first.account}${ip === undefined ? '' : ` by ${ip}`}, ${usual === 0 ? 'where nothing of the kind was read before' : `at most ${bytesText(usual)} at once before`}`,
    `${bytesText(bytes)} aus dem Postfach von ${first.account} gelesen${ip === undefined ? '' : ` von ${ip}`}, ${usual === 0 ? 'zuvor wurde dergleichen nicht gelesen' : `zuvor höchstens ${bytesText(usual)} auf einmal`}`,
  );
  const events = readings.map((r) => r.event.id).slice(0, 20);
  return {
    key: `mailbox:${first.event.id}`,
    kind: 'impact',
    stage: 'collection',
    technique: 'T1114.002',
    from: first.time,
    to: (readings[readings.length - 1] as Reading).time,
    slack: clocks.slackOf(textOf(first.event.fields, 'einfallstor.stream') ?? ''),
    account: first.account,
    remote: isPublic(ip) ? ip : undefined,
    address: isInner(ip) ? ip : undefined,
    targets: [],
    events,
    count: readings.length,
    summary,
    marks: [{ family: 'collection', nats: WEIGHT, because: summary, events }],
    labels: [],
    bytes,
  };
};

/** Mailboxes of which far more was read at once than ever before. */
export const mailboxReads = async (store: StoreReader, clocks: Clocks): Promise<Act[]> => {
  const query = and(acts('logout', 'mail-access'), atLeast('destination.bytes', LARGE / 20));
  const fields = ['einfallstor.stream', 'user.name', 'user.email', 'source.ip', 'session.id', 'destination.bytes'];
  const all = (await collect(store, query, { order: 'time-desc', limit: MOST, fields })).flatMap((event): Reading[] => {
    const account = accountOf(event.fields);
    const raw = timeOf(event);
    const bytes = numberOf(event.fields, 'destination.bytes') ?? 0;
    return account === undefined || raw === undefined
      ? []
      : [{ event, account, bytes, time: raw - clocks.offsetOf(textOf(event.fields, 'einfallstor.stream') ?? '') }];
  });
  const byAccount = new Map<string, Reading[]>();
  for (const r of all.reverse()) byAccount.set(r.account, [...(byAccount.get(r.account) ?? []), r]);
  const large: { group: Reading[]; usual: number }[] = [];
  for (const readings of byAccount.values()) {
    let usual = 0;
    for (const [i, r] of readings.entries()) {
      if (r.bytes >= LARGE && r.bytes >= usual * TIMES) {
        large.push({ group: readings.slice(i).filter((x) => x.time <= r.time + DAY && x.bytes >= r.bytes / 4), usual });
        break;
      }
      usual = Math.max(usual, r.bytes);
    }
  }
  const origins = await originsOf(
    store,
    large.flatMap((l) => l.group),
  );
  return large.map(({ group, usual }) => {
    const first = group[0] as Reading;
    return actOf(
      group,
      textOf(first.event.fields, 'source.ip') ?? origins.get(textOf(first.event.fields, 'session.id') ?? ''),
      usual,
      clocks,
    );
  });
};
