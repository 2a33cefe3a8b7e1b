import { say } from '../../core/said.ts';
import { findingOf, type Meaning } from '../build.ts';
import type { Finding } from '../finding.ts';
import { EventSample } from '../sample.ts';
import { durationText } from '../words.ts';
import type { Egress } from './egress.ts';
import { SETTINGS } from './settings.ts';

const MEANING: Meaning = {
  id: 'baseline-beacon',
  title: 'Connections at regular intervals to a destination few hosts know',
  level: 'medium',
  techniques: ['T1071'],
  chain: { stage: 'command-and-control', requires: ['network-access(source.ip)'], provides: [], weight: 1.5 },
};

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

  add({ id, time, source, destination, port }: Egress): void {
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
      pairs === 'common' ? [] : [...pairs.values()].flatMap((pair) => findingFor(pair) ?? []),
    );
  }
}

const findingFor = (pair: Pair): Finding | undefined => {
  const middle = median(pair.gaps);
  if (pair.gaps.length < SETTINGS.beaconGaps || middle < SETTINGS.beaconShortest || middle > SETTINGS.beaconLongest)
    return undefined;
  if (variation(pair.gaps) >= SETTINGS.beaconVariation) return undefined;
  const { source, destination, port, first, last, sample } = pair;
  const span = { from: first, to: last, at: last, ids: sample.ids(), count: sample.count };
  const entities = { 'source.ip': source, 'destination.ip': destination };
  const [whole, each] = [durationText(last - first), durationText(middle)];
  const fact = say(
    `${source} called ${destination} port ${port} ${sample.count} times in ${whole.en}, every ${each.en}`,
    `${source} rief ${destination} Port ${port} ${sample.count}-mal in ${whole.de}, alle ${each.de}`,
  );
  return findingOf(MEANING, span, { ...entities, port: String(port) }, entities, fact);
};
