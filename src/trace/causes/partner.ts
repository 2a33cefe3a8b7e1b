import { networkOf } from '../../core/net.ts';
import { type Said, say } from '../../core/said.ts';
import { DAY, HOUR, hourOf, MINUTE } from '../../core/time.ts';
import { textOf } from '../../ecs/event.ts';
import { openedAt } from '../../ecs/opened.ts';
import { and, is } from '../../query/ast.ts';
import { CONNECTIONS, ZONES, zonesOf } from '../approaches.ts';
import { partnerOf } from '../context.ts';
import type { Act, Cause, Mark, World } from '../model.ts';
import type { Movement } from '../movements.ts';
import { acts, collect, isInner } from '../read.ts';

const BY_NAME = 0.92;
/** A tunnel may as well lead to a branch of the own house: this settles nothing. */
const BY_APPROACH = 0.35;
const BEFORE = 14 * DAY;
const LONGEST = 12 * HOUR;
/** What a newcomer opens within this time is his first act. */
const ONE_ACT = 2 * MINUTE;

/** What a machine is asked about: where it was seen last. */
type Seen = Pick<Act, 'from' | 'to' | 'slack' | 'events'>;

/** By which way from another house the address comes in; `sure` where its name says so. */
const approachOf = async (
  address: string,
  act: Seen,
  world: World,
): Promise<{ name: string; sure: boolean } | undefined> => {
  const { named, unnamed, brings } = world.approaches;
  if (named.size === 0 && (unnamed.size === 0 || world.leases.mayLend(address))) return undefined;
  if (!brings(address)) return undefined;
  const flows = await collect(world.store, and(CONNECTIONS, is('source.ip', address)), {
    order: 'time-desc',
    // a connection is written down when it ends
    to: act.from + act.slack + LONGEST,
    limit: 3,
    fields: [...ZONES],
  });
  const zones = flows.flatMap(zonesOf);
  const sure = zones.find((zone) => named.has(zone));
  if (sure !== undefined) return { name: sure, sure: true };
  const name = world.leases.mayLend(address) ? undefined : zones.find((zone) => unnamed.has(zone));
  return name === undefined ? undefined : { name, sure: false };
};

/** Partner machines seen from the first days on are part of the routine; a newcomer is not. */
const OLD = 3 * DAY;
const NEW = 7 * DAY;
/** Share of the partner's acts about this hour below which it is an odd one. */
const ODD = 0.02;
const FEW = 50;

const regular = (address: string): Said =>
  say(`${address} has been seen since the logs begin`, `${address} ist seit Beginn der Protokolle zu sehen`);

const acquaintance = (address: string, first: number, events: readonly string[], world: World): Mark[] => {
  const known = Math.min(world.movements.from(address)[0]?.time ?? first, first) - world.span.first;
  const marks: Mark[] = [];
  if (known >= NEW)
    marks.push({
      family: 'partner',
      nats: 2,
      because: say(
        `${address} was never seen in the ${Math.floor(known / DAY)} days before`,
        `${address} war in den ${Math.floor(known / DAY)} Tagen davor nie zu sehen`,
      ),
      events,
    });
  else if (known < OLD) marks.push({ family: 'partner', nats: -1.5, because: regular(address), events: [] });
  const network = networkOf(address);
  const others = world.movements.all.filter((m) => m.source !== address && networkOf(m.source) === network);
  const near = others.filter((m) => [0, 1, 23].includes((hourOf(m.time) - hourOf(first) + 24) % 24)).length;
  if (others.length >= FEW && near / others.length < ODD) {
    marks.push({
      family: 'odd-hour',
      nats: 1,
      because: say(
        `at an hour at which the partner hardly ever works (${near} of ${others.length} acts)`,
        `zu einer Stunde, zu der der Partner fast nie arbeitet (${near} von ${others.length} Handlungen)`,
      ),
      events,
    });
  }
  return marks;
};

const strayed = (address: string, usual: number, events: readonly string[]): Mark => ({
  family: 'partner',
  nats: 1.5,
  because: say(
    `until then ${address} had gone to ${usual} ${usual === 1 ? 'place' : 'places'} only, and to none of the others`,
    `bis dahin hatte ${address} nur ${usual} ${usual === 1 ? 'Ziel' : 'Ziele'} und keines der anderen`,
  ),
  events,
});

/** What a machine did. */
interface Doing {
  readonly id: string;
  readonly time: number;
  readonly place: string | undefined;
}

const MOST_DOINGS = 20_000;

/** What a machine did before an instant, by when it began. */
const doingsOf = async (address: string, act: Seen, world: World): Promise<Doing[]> => {
  const events = await collect(world.store, and(acts('flow', 'flow-start', 'login'), is('source.ip', address)), {
    order: 'time',
    from: act.from - BEFORE - world.clocks.widest,
    // a connection is written down when it ends
    to: act.from + act.slack + world.clocks.widest + LONGEST,
    limit: MOST_DOINGS,
    fields: ['einfallstor.stream', 'einfallstor.act', 'event.duration', 'event.start', 'destination.ip', 'host.name'],
  });
  return events
    .map((e) => ({
      id: e.id,
      time: (openedAt(e) ?? act.from) - world.clocks.offsetOf(textOf(e.fields, 'einfallstor.stream') ?? ''),
      place: textOf(e.fields, 'destination.ip') ?? textOf(e.fields, 'host.name'),
    }))
    .filter((o) => o.time <= act.from + act.slack)
    .sort((a, b) => a.time - b.time || (a.id < b.id ? -1 : 1));
};

/** Of a machine that has its places, the first that it did at another in the day before: the partner's first abnormal act. */
const firstAbnormal = (doings: readonly Doing[], act: Seen): { doing: Doing; usual: number } | undefined => {
  const first = doings[0];
  if (first === undefined) return undefined;
  const usual = new Set<string>();
  for (const doing of doings) {
    if (doing.place === undefined || usual.has(doing.place)) continue;
    if (doing.time >= first.time + DAY && doing.time >= act.from - DAY) return { doing, usual: usual.size };
    usual.add(doing.place);
  }
  return undefined;
};

const partnerAct = async (
  address: string,
  who: string,
  stated: readonly Act[],
  act: Seen,
  world: World,
): Promise<Act> => {
  const doings = await doingsOf(address, act, world);
  const abnormal = firstAbnormal(doings, act);
  const time = Math.min((abnormal?.doing ?? doings[0])?.time ?? act.from, act.from);
  const own = doings.filter((o) => o.time >= time && o.time <= time + ONE_ACT).map((o) => o.id);
  const marks =
    abnormal === undefined ? acquaintance(address, time, own, world) : [strayed(address, abnormal.usual, own)];
  return {
    key: `partner:${address}`,
    kind: 'partner-act',
    stage: 'initial-access',
    technique: 'T1199',
    from: time,
    to: act.from,
    slack: act.slack,
    address,
    targets: [...new Set(doings.flatMap((o) => o.place ?? []))].slice(0, 20),
    events: own.length === 0 ? act.events.slice(0, 20) : own.slice(0, 12),
    count: Math.max(1, doings.length),
    summary:
      abnormal === undefined
        ? say(
            `first act of ${address}, reached through ${who}`,
            `erste Handlung von ${address}, angebunden über ${who}`,
          )
        : say(
            `first act of ${address}, reached through ${who}, beyond its usual places`,
            `erste Handlung von ${address}, angebunden über ${who}, außerhalb der üblichen Ziele`,
          ),
    vector: 'partner-access',
    marks: [...stated.flatMap((s) => s.marks), ...marks],
    labels: [],
  };
};

/** The inner address the act came from lies beyond a tunnel to somebody else: what he first did here is the way in. */
export const byPartner = async (act: Act, world: World): Promise<Cause[]> => {
  const { address } = act;
  if (address === undefined || !isInner(address) || act.kind === 'vpn-session' || act.vector === 'partner-access')
    return [];
  if (world.leases.isLeased(address)) return [];
  const named = partnerOf(world.context, address);
  const stated = world.board
    .naming(address)
    .filter((a) => a.vector === 'partner-access' && a.address === address && a.from <= act.from + act.slack);
  const known = named !== undefined || stated.length > 0;
  const approach = known ? undefined : await approachOf(address, act, world);
  if (!known && approach === undefined) return [];
  const who = named ?? approach?.name ?? 'a partner';
  const made = await partnerAct(address, who, stated, act, world);
  return [
    approach === undefined || approach.sure
      ? {
          act: made,
          strength: BY_NAME,
          because: say(`${address} lies in the network of ${who}`, `${address} liegt im Netz von ${who}`),
        }
      : {
          act: made,
          strength: BY_APPROACH,
          because: say(
            `${address} comes in by ${who}, as other houses do, and is no address that the gateway lends`,
            `${address} kommt über ${who} herein wie fremde Häuser und ist keine Adresse, die das Gateway vergibt`,
          ),
        },
  ];
};

/** Newcomers that are looked at, the latest ones: a house has few partners, and they few machines. */
const MOST_NEWCOMERS = 40;

/** Partners' machines that came late, each by its first act: no chain needs to lead to them. */
export const newcomers = async (world: World, until: number): Promise<Act[]> => {
  const { context, approaches, leases, movements } = world;
  if (context.partners.length === 0 && approaches.named.size === 0) return [];
  const first = new Map<string, Movement>();
  for (const m of movements.all) if (!first.has(m.source)) first.set(m.source, m);
  const late = [...first.values()].filter(
    ({ source, time }) => time >= world.span.first + NEW && time <= until && !leases.isLeased(source),
  );
  const found: Act[] = [];
  for (const m of late.slice(-MOST_NEWCOMERS)) {
    const seen = { from: m.time, to: m.time, slack: world.clocks.slackOf(m.stream), events: [m.id] };
    const named = partnerOf(context, m.source);
    const approach = named === undefined ? await approachOf(m.source, seen, world) : undefined;
    const who = named ?? (approach?.sure === true ? approach.name : undefined);
    if (who !== undefined) found.push(await partnerAct(m.source, who, [], seen, world));
  }
  return found;
};
