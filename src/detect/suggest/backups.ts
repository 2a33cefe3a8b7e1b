import { say } from '../../core/said.ts';
import { hourOf } from '../../core/time.ts';
import { bytesText } from '../words.ts';
import type { FlowLearner, SeenFlow } from './flows.ts';
import { Seen, SeenBy } from './seen.ts';
import { type Suggestion, USUAL } from './suggestion.ts';
import type { Trust } from './trust.ts';

/** Hours of the day, UTC, that are night or evening somewhere in Europe: 18 to 6. */
const isNight = (time: number): boolean => {
  const hour = hourOf(time);
  return hour >= 18 || hour < 6;
};

/** Destinations outside that the same hosts send much to, night after night. */
export class Backups implements FlowLearner {
  readonly #trust: Trust;
  readonly #destinations: SeenBy<{ seen: Seen; sources: Set<string>; bytes: number }>;

  constructor(trust: Trust) {
    this.#trust = trust;
    this.#destinations = new SeenBy(() => ({ seen: new Seen(trust.until), sources: new Set(), bytes: 0 }));
  }

  add({ id, time, passed, source, sourceClass, destination, destinationClass, bytes }: SeenFlow): void {
    if (!passed || sourceClass !== 'private' || destinationClass !== 'public') return;
    if (bytes < USUAL.backup || !isNight(time)) return;
    const target = this.#destinations.of(destination);
    if (!target.seen.add(time, id)) return;
    target.sources.add(source);
    target.bytes += bytes;
  }

  suggestions(): Suggestion[] {
    return this.#destinations.sorted().flatMap(([destination, { seen, sources, bytes }]): Suggestion[] => {
      // what was large but rarely is no backup, and no news either
      if (seen.count > 0 && seen.days < USUAL.scanDays) return [];
      const rare =
        seen.days < this.#trust.days * USUAL.backupShare
          ? say(
              `only on ${seen.days} of ${this.#trust.days} nights`,
              `nur in ${seen.days} von ${this.#trust.days} Nächten`,
            )
          : undefined;
      const [who, mean] = [[...sources].sort().join(', '), bytesText(Math.round(bytes / Math.max(1, seen.days)))];
      const because = say(
        `${who} sent ${mean} a night in large flows`,
        `${who} sandte ${mean} je Nacht in großen Verbindungen`,
      );
      const doubt = this.#trust.doubt(seen) ?? this.#trust.findingTowards(destination) ?? rare;
      return [{ key: 'backups', entry: { destination }, because, doubt, seen }];
    });
  }
}
