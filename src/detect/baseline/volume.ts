import { networkOf } from '../../core/net.ts';
import { asIs, type Said, say } from '../../core/said.ts';
import { DAY, SECOND } from '../../core/time.ts';
import { findingOf, type Meaning } from '../build.ts';
import type { Finding, Level } from '../finding.ts';
import { bytesText, durationText } from '../words.ts';
import type { Egress } from './egress.ts';
import { SETTINGS } from './settings.ts';

const MEANING: Omit<Meaning, 'chain' | 'level'> = {
  id: 'baseline-large-outbound',
  title: 'Much data to a destination that is new for the host',
  techniques: ['T1048'],
};

/** 100 MB are an upload, 100 GB a theft: nats by order of magnitude. */
const weightOf = (bytes: number, isYoung: boolean): number =>
  Number((Math.min(2, 0.3 + 0.5 * Math.log10(bytes / SETTINGS.volumeLeast)) * (isYoung ? 0.5 : 1)).toFixed(2));

const levelOf = (bytes: number): Level => (bytes < 1e9 ? 'informational' : bytes < 1e10 ? 'medium' : 'high');

/** Flows kept per destination and day: the largest. */
const KEPT = 50;

interface Day {
  readonly day: number;
  bytes: number;
  /** When the first of its connections opened, µs: one long connection is told of at its end only. */
  opened: number;
  from: number;
  to: number;
  count: number;
  flows: { id: string; bytes: number; time: number }[];
}

interface Destination {
  readonly address: string;
  readonly days: Map<number, Day>;
}

interface Host {
  first: number;
  readonly perDay: Map<number, number>;
  readonly destinations: Map<string, Destination>;
}

const keepLargest = (day: Day, flow: { id: string; bytes: number; time: number }): void => {
  day.flows.push(flow);
  if (day.flows.length > 2 * KEPT) day.flows = day.flows.sort((a, b) => b.bytes - a.bytes).slice(0, KEPT);
};

/** Bytes that hosts sent out, by day and destination network, against what each host sent before. */
export class Volumes {
  readonly #hosts = new Map<string, Host>();

  add({ id, time, opened, source, destination, bytes }: Egress): void {
    if (bytes <= 0) return;
    let host = this.#hosts.get(source);
    if (host === undefined) {
      host = { first: time, perDay: new Map(), destinations: new Map() };
      this.#hosts.set(source, host);
    }
    const number = Math.floor(time / DAY);
    host.perDay.set(number, (host.perDay.get(number) ?? 0) + bytes);
    const network = networkOf(destination) ?? destination;
    let target = host.destinations.get(network);
    if (target === undefined) {
      target = { address: destination, days: new Map() };
      host.destinations.set(network, target);
    }
    let day = target.days.get(number);
    if (day === undefined) {
      day = { day: number, bytes: 0, opened, from: time, to: time, count: 0, flows: [] };
      target.days.set(number, day);
    }
    day.bytes += bytes;
    day.opened = Math.min(day.opened, opened);
    day.to = time;
    day.count += 1;
    keepLargest(day, { id, bytes, time });
  }

  findings(): Finding[] {
    return [...this.#hosts].flatMap(([source, host]) =>
      [...host.destinations.values()].flatMap((destination) => episodes(source, host, destination)),
    );
  }
}

/** Consecutive days on which a destination that was new got more than the host ever sent before. */
const episodes = (source: string, host: Host, destination: Destination): Finding[] => {
  const days = [...destination.days.values()].sort((a, b) => a.day - b.day);
  const start = days.findIndex((day) => day.bytes >= SETTINGS.volumeLeast);
  const first = days[start];
  if (first === undefined) return [];
  const before = days.slice(0, start).reduce((sum, day) => sum + day.bytes, 0);
  if (before > SETTINGS.volumeKnown) return [];
  const earlier = [...host.perDay].filter(([day]) => day < first.day).map(([, bytes]) => bytes);
  const largest = earlier.length === 0 ? 0 : Math.max(...earlier);
  const age = first.from - host.first;
  const isYoung = age < SETTINGS.volumeHistory;
  const needed = isYoung
    ? Math.max(SETTINGS.volumeYoung, SETTINGS.volumeFactor * largest)
    : SETTINGS.volumeFactor * largest;
  const wave = days.slice(start).filter((day, i) => day.day <= first.day + i && day.bytes >= SETTINGS.volumeKnown);
  const total = wave.reduce((sum, day) => sum + day.bytes, 0);
  if (total < Math.max(needed, SETTINGS.volumeLeast)) return [];
  if (isYoung && wave.length > SETTINGS.volumeYoungDays) return [];
  return [findingFor(source, destination.address, wave, total, { largest, age, isYoung })];
};

interface Against {
  readonly largest: number;
  readonly age: number;
  readonly isYoung: boolean;
}

/** Devices that do not say how long a connection took leave one record without a length of time. */
const spanText = (micros: number): Said => {
  if (micros < SECOND) return asIs('');
  const span = durationText(micros);
  return say(`, in ${span.en}`, `, in ${span.de}`);
};

const findingFor = (
  source: string,
  address: string,
  wave: readonly Day[],
  total: number,
  { largest, age, isYoung }: Against,
): Finding => {
  const flows = wave
    .flatMap((day) => day.flows)
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, 2 * KEPT);
  const ids = flows.sort((a, b) => a.time - b.time).map(({ id }) => id);
  const [from, to] = [(wave[0] as Day).from, (wave.at(-1) as Day).to];
  const count = wave.reduce((sum, day) => sum + day.count, 0);
  const before = durationText(age);
  const history = isYoung
    ? say(
        `only ${before.en} of earlier flows: insufficient history`,
        `frühere Verbindungen nur aus ${before.de}: zu wenig Vorgeschichte`,
      )
    : say(
        `its largest day in ${before.en} before was ${bytesText(largest)}`,
        `sein größter Tag in ${before.de} davor waren ${bytesText(largest)}`,
      );
  const span = spanText(to - Math.min(...wave.map(({ opened }) => opened)));
  const fact = say(
    `${source} sent ${bytesText(total)} to ${address}, a destination it had not sent to before${span.en}; ${history.en}`,
    `${source} sandte ${bytesText(total)} an ${address}, ein Ziel, an das es zuvor nicht gesandt hatte${span.de}; ${history.de}`,
  );
  const chain = {
    stage: 'exfiltration',
    requires: ['network-access(source.ip)'],
    provides: [],
    weight: weightOf(total, isYoung),
  };
  const entities = { 'source.ip': source, 'destination.ip': address };
  return findingOf(
    { ...MEANING, level: levelOf(total), chain },
    { from, to, at: from, ids, count },
    entities,
    entities,
    fact,
  );
};
