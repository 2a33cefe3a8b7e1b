import { type Said, say } from '../core/said.ts';
import { DAY, MINUTE, timeText } from '../core/time.ts';
import { textOf } from '../ecs/event.ts';
import { type Covered, EXPECTED } from './coverage.ts';
import { LOG_NAMES } from './log-names.ts';
import type { World } from './model.ts';
import type { Prepared } from './prepare.ts';
import { acts, collect, timeOf } from './read.ts';
import type { Coverage } from './result.ts';
import type { Sources } from './sources.ts';

/** Logs that begin where they were emptied, or long after the others do: what was before is a hole that no gap shows. */

/** A log begins with its clearing when nothing older than this stands before it. */
const AT_ONCE = MINUTE;
/** Quiet logs begin after a weekend. */
const LATE = 3 * DAY;
/** … and late in what all logs span. */
const LATE_SHARE = 0.2;
const MOST = 10_000;
const MOST_NAMED = 6;

const named = (names: readonly string[]): Said => {
  const [some, more] = [names.slice(0, MOST_NAMED).join(', '), names.length - MOST_NAMED];
  return more <= 0 ? say(some, some) : say(`${some} and ${more} more`, `${some} und ${more} weitere`);
};

/** Sources whose log of a machine begins with the record of its clearing. */
const clearedAtFirst = async (
  coverage: readonly Covered[],
  { store, clocks }: World,
  sources: Sources,
): Promise<Covered[]> => {
  const fields = ['einfallstor.stream'];
  const cleared = await collect(store, acts('log-cleared'), { order: 'time', limit: MOST, fields });
  const at = new Map<string, number>();
  for (const event of cleared) {
    const stream = textOf(event.fields, 'einfallstor.stream') ?? '';
    const [source, time] = [sources.of(stream), timeOf(event)];
    if (time !== undefined && !at.has(source)) at.set(source, time - clocks.offsetOf(stream));
  }
  return coverage.filter((c) => c.class === 'auth' && Math.abs((at.get(c.source) ?? Number.NaN) - c.from) <= AT_ONCE);
};

const spokenCleared = (all: readonly Covered[]): Said => {
  const [from, to] = [Math.min(...all.map((c) => c.from)), Math.max(...all.map((c) => c.from))];
  const { en, de } = named(all.map((c) => c.source));
  const [when, wann] =
    to - from <= AT_ONCE
      ? [timeText(from), timeText(from)]
      : [`${timeText(from)} to ${timeText(to)}`, `${timeText(from)} bis ${timeText(to)}`];
  return say(
    `Open: what was done there before. ${en}: begin${all.length === 1 ? 's' : ''} ${when} with the clearing of the log; its backup, or what a collector kept of it, would tell.`,
    `Offen: was dort zuvor getan wurde. ${de}: beginnt ${wann} mit dem Löschen des Protokolls; eine Sicherung davon oder was ein Sammler davon behielt, würde es zeigen.`,
  );
};

interface Kind {
  readonly from: number;
  readonly to: number;
  readonly events: number;
}

const together = (a: Kind | undefined, b: Kind): Kind =>
  a === undefined ? b : { from: Math.min(a.from, b.from), to: Math.max(a.to, b.to), events: a.events + b.events };

/** A few records are no log that began: it has a rhythm by which records were to be expected before. */
const isMissed = ({ from, to, events }: Kind, begun: number): boolean =>
  to - from >= DAY && events >= EXPECTED && (events / (to - from)) * (from - begun) >= EXPECTED;

/** Kinds of log of which none reaches as far back as the others do. */
const lateKinds = (coverage: readonly Covered[], { span }: World): Said[] => {
  const kinds = new Map<Coverage['class'], Kind>();
  for (const c of coverage) kinds.set(c.class, together(kinds.get(c.class), c));
  const begun = Math.min(...[...kinds.values()].map(({ from }) => from));
  return [...kinds]
    .filter(
      ([, kind]) => kind.from - begun >= Math.max(LATE, LATE_SHARE * (span.last - begun)) && isMissed(kind, begun),
    )
    .map(([kind, { from }]) => {
      const [log, since, others] = [LOG_NAMES[kind], timeText(from), timeText(begun)];
      return say(
        `No ${log.en} reaches back before ${since}, though other logs begin ${others}: what it would have shown until then is open.`,
        `Kein ${log.de} reicht vor ${since} zurück, obwohl andere Protokolle ${others} beginnen: was es bis dahin gezeigt hätte, ist offen.`,
      );
    });
};

export const lateLogs = async ({
  coverage,
  world,
  sources,
}: Pick<Prepared, 'coverage' | 'world' | 'sources'>): Promise<Said[]> => {
  const cleared = await clearedAtFirst(coverage, world, sources);
  const others = lateKinds(
    coverage.filter((c) => !cleared.includes(c)),
    world,
  );
  return [...(cleared.length === 0 ? [] : [spokenCleared(cleared)]), ...others];
};
