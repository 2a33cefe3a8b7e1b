import { canonicalIp } from '../core/net.ts';
import { say } from '../core/said.ts';
import { HOUR, isoOf, SECOND, timeText } from '../core/time.ts';
import type { StoredEvent } from '../ecs/event.ts';
import { textOf } from '../ecs/event.ts';
import { ALL, is } from '../query/ast.ts';
import { parseIso } from '../query/calendar.ts';
import { lateActs } from './anchor.ts';
import { strikingEntries } from './candidates.ts';
import type { Act, World } from './model.ts';
import { accountKey, accountOf, collect, hostKey, hostOf, isInner, isPublic, timeOf } from './read.ts';

/** A moment that the analyst marks stands for what happened within this time of it. */
const ABOUT = HOUR;

const actOfEvent = (event: StoredEvent, world: World): Act => {
  const stream = textOf(event.fields, 'einfallstor.stream') ?? '';
  const time = (timeOf(event) ?? world.span.last) - world.clocks.offsetOf(stream);
  const source = textOf(event.fields, 'source.ip');
  const what = (textOf(event.fields, 'einfallstor.act') ?? 'event').replaceAll('-', ' ');
  const host = hostOf(event.fields);
  return {
    key: `marked:${event.id}`,
    kind: 'impact',
    stage: 'impact',
    technique: '',
    from: time,
    to: time,
    slack: world.clocks.slackOf(stream),
    account: accountOf(event.fields),
    remote: isPublic(source) ? source : undefined,
    address: isInner(source) ? source : undefined,
    host,
    device: host === undefined ? textOf(event.fields, 'observer.name') : undefined,
    targets: [host, textOf(event.fields, 'destination.ip')].filter((t): t is string => t !== undefined),
    events: [event.id],
    count: 1,
    summary: say(
      `the event marked by the analyst (${what}${host === undefined ? '' : ` on ${host}`})`,
      `das von Hand markierte Ereignis (${what}${host === undefined ? '' : ` auf ${host}`})`,
    ),
    marks: [
      { family: 'impact', nats: 4, because: say('marked by the analyst', 'von Hand markiert'), events: [event.id] },
    ],
    labels: [],
  };
};

/** An instant of which no record tells: what the customer knows, and no log. */
const actOfMoment = (time: number): Act => ({
  key: `marked:${isoOf(time)}`,
  kind: 'impact',
  stage: 'impact',
  technique: '',
  from: time,
  to: time,
  slack: 0,
  targets: [],
  events: [],
  count: 1,
  summary: say(
    `what happened at ${timeText(time)}, named by the analyst`,
    `was um ${timeText(time)} geschah, vom Bearbeiter genannt`,
  ),
  marks: [],
  labels: [],
});

/** Whether an analyst's mark is a mere instant: nothing can be tied to it. */
export const isMoment = (act: Act): boolean => act.events.length === 0;

const about = (acts: readonly Act[], time: number): Act[] =>
  acts.filter((a) => a.from <= time + ABOUT && a.to >= time - ABOUT);

/** The late acts that the analyst's mark stands for: never none, where the mark is in the store or an instant. */
export const anchoredBy = async (anchor: string, world: World): Promise<Act[]> => {
  const [event] = await world.store.get([anchor]);
  if (event !== undefined) return [actOfEvent(event, world)];
  const time = parseIso(anchor);
  if (time !== undefined) {
    const near = about(lateActs(world.board.acts), time);
    if (near.length > 0) return near;
    // one record alone in that second is what an instant copied from it means
    const [only, another] = await collect(world.store, ALL, { from: time, to: time + SECOND, limit: 2 });
    return only === undefined || another !== undefined ? [actOfMoment(time)] : [actOfEvent(only, world)];
  }
  const key = canonicalIp(anchor) ?? anchor;
  const named = [
    ...new Set(
      [key, accountKey(anchor), hostKey(anchor)].flatMap((name) =>
        name === undefined ? [] : world.board.naming(name),
      ),
    ),
  ];
  const late = lateActs(named);
  if (late.length > 0) return late;
  const account = accountKey(anchor);
  const ways = strikingEntries(world, new Set(), world.span.last).filter(
    (a) => (account !== undefined && a.account === account) || a.remote === key,
  );
  if (ways.length > 0) return ways;
  const fields = ['destination.ip', 'source.ip', 'user.name', 'host.name', 'einfallstor.vpn.assigned_ip'];
  for (const name of fields) {
    const [last] = await collect(world.store, is(name, key), { order: 'time-desc', limit: 1 });
    if (last !== undefined) return [actOfEvent(last, world)];
  }
  return [];
};
