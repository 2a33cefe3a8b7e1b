import { addressClass, networkOf } from '../../core/net.ts';
import { asIs, say } from '../../core/said.ts';
import { type Fields, numberOf, textOf } from '../../ecs/event.ts';
import { openedAt } from '../../ecs/opened.ts';
import { and, field, isAny, or, type Query } from '../../query/ast.ts';
import { findingOf, type Meaning } from '../build.ts';
import type { Finding } from '../finding.ts';
import { durationText } from '../words.ts';
import type { Baseline } from './baseline.ts';
import { SETTINGS } from './settings.ts';
import { accountOf } from './uses.ts';

const TITLE = 'Session that went on from another network';

/** The second network of a session, unknown for its account. */
interface Move {
  readonly id: string;
  readonly time: number;
  readonly address: string;
  readonly network: string;
  /** How long the account had been seen before. */
  readonly age: number;
  /** The country of the new network, where the account never came from it. */
  readonly abroad: string | undefined;
  /** The first record of the session, or of a connection opened before, from the old network after the move: both are there at once. */
  back: { readonly id: string; readonly time: number } | undefined;
}

interface Session {
  readonly user: string;
  readonly session: string;
  readonly id: string;
  readonly address: string;
  readonly network: string;
  readonly fields: Readonly<Fields>;
  readonly moves: Move[];
}

interface Known {
  readonly first: number;
  readonly networks: Set<string>;
  readonly countries: Set<string>;
}

/** Sessions kept at once: enough for a year of a large gateway. */
const MOST_SESSIONS = 500_000;

const IDS = ['einfallstor.vpn.session_id', 'session.id'];
const present = (name: string): Query => field(name, { op: 'exists' });
/** Acts whose session is that of a login, not that of a connection; a tunnel may roam while it is negotiated. */
const ACTS = ['vpn-login', 'vpn-session-start', 'vpn-session-end', 'login', 'http-request', 'flow', 'mail-access'];
/** What a record that names no session says of how long its connection was there. */
const SPANS = ['event.start', 'event.duration'];
const QUERY = and(
  isAny('einfallstor.act', ACTS),
  or(...[...IDS, ...SPANS].map(present)),
  present('user.name'),
  present('source.ip'),
);
const FIELDS = [
  ...IDS,
  ...SPANS,
  'einfallstor.act',
  'user.name',
  'source.ip',
  'observer.name',
  'einfallstor.vpn.assigned_ip',
];

const findingFor = (session: Session, move: Move): Finding => {
  const isYoung = move.age < SETTINGS.learning;
  const isShared = move.back !== undefined;
  // whoever is in two countries at once is two; no past of the account is needed to know it
  const isAbroad = move.abroad !== undefined && (isShared || move.age >= SETTINGS.movedAbroadLearning);
  const plain = (isShared ? SETTINGS.sharedSessionWeight : SETTINGS.movedSessionWeight) * (isYoung ? 0.5 : 1);
  const weight = isAbroad ? Math.max(plain, SETTINGS.movedAbroadWeight) : plain;
  const isVpn = textOf(session.fields, 'einfallstor.vpn.session_id') !== undefined;
  const meaning: Meaning = {
    id: 'baseline-session-moved',
    title: TITLE,
    level: isAbroad || (isShared && !isYoung) ? 'high' : 'low',
    techniques: ['T1539', 'T1550.004'],
    chain: {
      stage: 'initial-access',
      vector: 'session-theft',
      requires: [],
      provides: isVpn
        ? ['credential(user.name)', 'network-access(einfallstor.vpn.assigned_ip)']
        : ['credential(user.name)', 'mailbox(user.name)'],
      weight,
    },
  };
  const { back } = move;
  const after = back === undefined ? asIs('') : durationText(back.time - move.time);
  const shared =
    back === undefined
      ? asIs('')
      : say(
          `, and ${after.en} later from ${session.address} again`,
          `, und nach ${after.de} wieder von ${session.address}`,
        );
  const [country, land] =
    move.abroad === undefined
      ? ['', '']
      : [
          `, and from a country (${move.abroad}) new for it`,
          ` und aus einem Land (${move.abroad}), das für es neu ist`,
        ];
  const doubt = isYoung
    ? say('; insufficient history to call the network new', '; zu wenig Vorgeschichte, um das Netz neu zu nennen')
    : asIs('');
  const fact = say(
    `session ${session.session} of ${session.user}, begun from ${session.address}, went on from ${move.address}, a network the account had not come from${country}${shared.en}${doubt.en}`,
    `Sitzung ${session.session} von ${session.user}, begonnen von ${session.address}, ging von ${move.address} weiter, einem Netz, aus dem das Konto nicht gekommen war${land}${shared.de}${doubt.de}`,
  );
  const ids = [session.id, move.id, ...(back === undefined ? [] : [back.id])];
  const span = { from: move.time, to: back?.time ?? move.time, at: move.time, ids, count: ids.length };
  const entities: Record<string, string> = { 'user.name': session.user, 'source.ip': move.address };
  for (const name of ['observer.name', 'einfallstor.vpn.assigned_ip']) {
    const value = textOf(session.fields, name);
    if (value !== undefined) entities[name] = value;
  }
  return findingOf(meaning, span, { session: session.session, network: move.network }, entities, fact);
};

/** A stolen session: its number is used from a network its owner never came from, at best while the owner still uses it. */
export const movedSessions: Baseline = {
  title: TITLE,
  run: async ({ store, countries }) => {
    const sessions = new Map<string, Session>();
    const accounts = new Map<string, Known>();
    const note = (known: Known, network: string, address: string): void => {
      known.networks.add(network);
      const country = countries?.countryOf(address);
      if (country !== undefined) known.countries.add(country);
    };
    const moved = new Map<string, Session[]>();
    for await (const event of store.scan(QUERY, { order: 'time', fields: FIELDS })) {
      const { id, fields } = event;
      const time = numberOf(fields, '@timestamp');
      const [user, address] = [textOf(fields, 'user.name') as string, textOf(fields, 'source.ip') as string];
      const network = networkOf(address);
      const session = IDS.map((name) => textOf(fields, name)).find((value) => value !== undefined);
      if (time === undefined || network === undefined || addressClass(address) !== 'public') continue;
      const account = accountOf(user);
      const opened = openedAt(event) ?? time;
      for (const { network: old, moves } of moved.get(account) ?? [])
        for (const move of moves) if (old === network && opened < move.time) move.back ??= { id, time };
      if (session === undefined) continue;
      const known: Known = accounts.get(account) ?? { first: time, networks: new Set(), countries: new Set() };
      accounts.set(account, known);
      const key = `${account} ${session} ${textOf(fields, 'observer.name') ?? ''}`;
      const open = sessions.get(key);
      if (open === undefined) {
        if (sessions.size < MOST_SESSIONS)
          sessions.set(key, { user, session, id, address, network, fields, moves: [] });
        note(known, network, address);
        continue;
      }
      if (network === open.network) {
        for (const move of open.moves) move.back ??= { id, time };
      } else if (!known.networks.has(network)) {
        const country = countries?.countryOf(address);
        const abroad = country !== undefined && known.countries.has(country) ? undefined : country;
        if (open.moves.length === 0) moved.set(account, [...(moved.get(account) ?? []), open]);
        open.moves.push({ id, time, address, network, age: time - known.first, abroad, back: undefined });
        note(known, network, address);
      }
    }
    return [...sessions.values()].flatMap((session) => session.moves.map((move) => findingFor(session, move)));
  },
};
