import { asIs, say } from '../../core/said.ts';
import { DAY } from '../../core/time.ts';
import { findingOf, type Meaning } from '../build.ts';
import type { Finding } from '../finding.ts';
import { EventSample } from '../sample.ts';
import { durationText } from '../words.ts';
import type { Egress } from './egress.ts';
import { SETTINGS } from './settings.ts';

const meaningOf = (isHabit: boolean): Meaning => ({
  id: 'baseline-beacon',
  title: 'Connections at regular intervals to a destination few hosts know',
  level: isHabit ? 'informational' : 'medium',
  techniques: ['T1071'],
  chain: {
    stage: 'command-and-control',
    requires: ['network-access(source.ip)'],
    provides: [],
    weight: isHabit ? SETTINGS.beaconHabitWeight : SETTINGS.beaconWeight,
  },
});

/** Gaps kept per pair: enough to judge, whatever the pair goes on for. */
const KEPT = 200;
/** Several connections at once, as browsers and agents make them, count as one call. */
const ONE_CALL = 2_000_000;

interface Pair {
  readonly source: string;
  readonly destination: string;
  readonly port: number;
  readonly first: number;
  last: number;
  gaps: number[];
  readonly sample: EventSample;
}

const median = (numbers: readonly number[]): number => {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
};

/** Deviation of the gaps over their median; nights without gaps do not spoil it. */
export const variation = (gaps: readonly number[]): number => {
  const middle = median(gaps);
  const deviation = 1.4826 * median(gaps.map((gap) => Math.abs(gap - middle))); // σ of a normal distribution
  return middle === 0 ? Number.POSITIVE_INFINITY : deviation / middle;
};

/** Hosts that call the same rare destination at regular intervals. */
export class Beacons {
  /** By destination; `common` once too many hosts talk to it. */
  readonly #destinations = new Map<string, Map<string, Pair> | 'common'>();
  /** When each host was first seen to go out, µs. */
  readonly #begun = new Map<string, number>();

  add({ id, time, source, destination, port }: Egress): void {
    if (!this.#begun.has(source)) this.#begun.set(source, time);
    if (SETTINGS.beaconIgnoredPorts.some((ignored) => ignored === port)) return;
    let pairs = this.#destinations.get(destination);
    if (pairs === 'common') return;
    if (pairs === undefined) {
      pairs = new Map();
      this.#destinations.set(destination, pairs);
    }
    const key = `${source} ${port}`;
    const pair = pairs.get(key);
    if (pair === undefined) {
      const sample = new EventSample();
      sample.add(id);
      pairs.set(key, { source, destination, port, first: time, last: time, gaps: [], sample });
      const hosts = new Set([...pairs.values()].map((one) => one.source));
      if (hosts.size > SETTINGS.beaconHosts) this.#destinations.set(destination, 'common');
      return;
    }
    const gap = time - pair.last;
    if (gap < ONE_CALL) return;
    pair.last = time;
    pair.sample.add(id);
    pair.gaps.push(gap);
    if (pair.gaps.length > 2 * KEPT) pair.gaps = pair.gaps.slice(-KEPT);
  }

  findings(): Finding[] {
    return [...this.#destinations.values()].flatMap((pairs) =>
      pairs === 'common'
        ? []
        : [...pairs.values()].flatMap((pair) => findingFor(pair, this.#begun.get(pair.source) as number) ?? []),
    );
  }
}

/** Backups and monitoring: there as long as the host itself. A beacon begins when the host was long known, or is soon over. */
const isHabit = ({ first, last }: Pair, begun: number): boolean =>
  first - begun < DAY && last - first >= SETTINGS.learning;

const findingFor = (pair: Pair, begun: number): Finding | undefined => {
  const middle = median(pair.gaps);
  if (pair.gaps.length < SETTINGS.beaconGaps || middle < SETTINGS.beaconShortest || middle > SETTINGS.beaconLongest)
    return undefined;
  if (variation(pair.gaps) >= SETTINGS.beaconVariation) return undefined;
  const pauses = pair.gaps.filter((gap) => gap > SETTINGS.beaconPause * middle).length;
  if (pauses > SETTINGS.beaconPauses * pair.gaps.length) return undefined;
  const { source, destination, port, first, last, sample } = pair;
  const span = { from: first, to: last, at: last, ids: sample.ids(), count: sample.count };
  const entities = { 'source.ip': source, 'destination.ip': destination };
  const [whole, each] = [durationText(last - first), durationText(middle)];
  const habit = isHabit(pair, begun);
  const since = habit
    ? say(', ever since the host is in the logs', ', seit der Rechner in den Protokollen vorkommt')
    : asIs('');
  const fact = say(
    `${source} called ${destination} port ${port} ${sample.count} times in ${whole.en}, every ${each.en}${since.en}`,
    `${source} rief ${destination} Port ${port} ${sample.count}-mal in ${whole.de}, alle ${each.de}${since.de}`,
  );
  return findingOf(meaningOf(habit), span, { ...entities, port: String(port) }, entities, fact);
};
