import { say } from '../../core/said.ts';
import { HOUR } from '../../core/time.ts';
import { SETTINGS } from '../baseline/settings.ts';
import type { FlowLearner, SeenFlow } from './flows.ts';
import { Seen, SeenBy } from './seen.ts';
import { type Suggestion, USUAL } from './suggestion.ts';
import type { Trust } from './trust.ts';

/** SMB is everybody's; the others are administration. */
const INTERACTIVE: ReadonlySet<number> = new Set(SETTINGS.adminPorts.filter((port) => port !== 445));

/** Inner hosts that administer others, and those that try many hosts or ports. */
export class Hosts implements FlowLearner {
  readonly #trust: Trust;
  readonly #isPool: (address: string) => boolean;
  readonly #administering: SeenBy<{ seen: Seen; targets: Set<string> }>;
  readonly #scanning: SeenBy<{ seen: Seen; most: number }>;
  readonly #hour = new Map<string, Set<string>>();
  #hourNumber = Number.NEGATIVE_INFINITY;

  constructor(trust: Trust, isPool: (address: string) => boolean) {
    this.#trust = trust;
    this.#isPool = isPool;
    this.#administering = new SeenBy(() => ({ seen: new Seen(trust.until), targets: new Set() }));
    this.#scanning = new SeenBy(() => ({ seen: new Seen(trust.until), most: 0 }));
  }

  add({ id, time, passed, source, sourceClass, destination, destinationClass, port }: SeenFlow): void {
    // an address of the pool is another person tomorrow
    if (sourceClass !== 'private' || destinationClass !== 'private' || this.#isPool(source)) return;
    if (passed && INTERACTIVE.has(port)) {
      const host = this.#administering.of(source);
      if (host.seen.add(time, id)) host.targets.add(destination);
    }
    this.#count(source, `${destination} ${port}`, time, id);
  }

  /** Different targets of each source in the hour of the day that is running. */
  #count(source: string, target: string, time: number, id: string): void {
    const hour = Math.floor(time / HOUR);
    if (hour !== this.#hourNumber) {
      this.#hourNumber = hour;
      this.#hour.clear();
    }
    let targets = this.#hour.get(source);
    if (targets === undefined) {
      targets = new Set();
      this.#hour.set(source, targets);
    }
    targets.add(target);
    if (targets.size < USUAL.scanned) return;
    const host = this.#scanning.of(source);
    host.seen.add(time, id);
    host.most = Math.max(host.most, targets.size);
  }

  suggestions(): Suggestion[] {
    const jumpHosts = this.#administering.sorted().flatMap(([source, { seen, targets }]): Suggestion[] => {
      if (targets.size < USUAL.administered) return [];
      const because = say(
        `it opened SSH, Remote Desktop or WinRM to ${targets.size} inner hosts`,
        `er öffnete SSH, Remote Desktop oder WinRM zu ${targets.size} inneren Rechnern`,
      );
      const doubt = this.#trust.doubt(seen) ?? this.#trust.findingAbout([source]);
      return [{ key: 'jumpHosts', entry: source, because, doubt, seen }];
    });
    const scanners = this.#scanning.sorted().map(([source, { seen, most }]): Suggestion => {
      const because = say(
        `it tried up to ${most} inner hosts and ports within an hour`,
        `er versuchte bis zu ${most} innere Rechner und Ports innerhalb einer Stunde`,
      );
      const doubt = this.#trust.doubt(seen, USUAL.scanDays) ?? this.#trust.findingAbout([source]);
      return { key: 'scanners', entry: source, because, doubt, seen };
    });
    return [...jumpHosts, ...scanners];
  }
}
