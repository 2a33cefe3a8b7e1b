import { addressClass, inRange, parseCidr } from '../../core/net.ts';
import { asIs, type Said, say } from '../../core/said.ts';
import { hourOf, MINUTE } from '../../core/time.ts';
import { type Fields, numberOf, textOf } from '../../ecs/event.ts';
import { and, field, isAny, or, type Query } from '../../query/ast.ts';
import { containing } from '../../query/pattern.ts';
import { findingOf, type Meaning } from '../build.ts';
import type { CaseContext } from '../context.ts';
import type { Finding } from '../finding.ts';
import { EventSample } from '../sample.ts';
import { durationText, namedText } from '../words.ts';
import type { Baseline } from './baseline.ts';
import { SETTINGS } from './settings.ts';

/** Where inward connections are few and the same for months, so that a new one says something. */
interface Place {
  readonly key: string;
  readonly name: Said;
  readonly meaning: Omit<Meaning, 'level' | 'chain'>;
  readonly stage: string;
  readonly vector: string | undefined;
}

interface Wave {
  readonly place: Place;
  readonly source: string;
  readonly from: number;
  to: number;
  readonly targets: Set<string>;
  /** Begun at an hour of the day, UTC, at which nothing had ever come from there. */
  readonly isOddHour: boolean;
  readonly sample: EventSample;
}

const QUERY = and(
  isAny('einfallstor.act', ['flow', 'flow-start']),
  field('source.ip', { op: 'exists' }),
  field('destination.ip', { op: 'exists' }),
);
const INGRESS = ['observer.ingress.zone', 'observer.ingress.interface.alias', 'observer.ingress.interface.name'];
const EGRESS = ['observer.egress.zone', 'observer.egress.interface.alias', 'observer.egress.interface.name'];
const FIELDS = ['source.ip', 'destination.ip', 'destination.port', ...INGRESS, ...EGRESS];

// dmz  DMZ-Web  port3-dmz
const DMZ = /(^|[^a-z])dmz([^a-z]|$)/i;
const isDmz = (fields: Readonly<Fields>, names: readonly string[]): boolean =>
  names.some((name) => DMZ.test(textOf(fields, name) ?? ''));

const DMZ_PLACE: Place = {
  key: 'dmz',
  name: say('the DMZ', 'der DMZ'),
  meaning: { id: 'baseline-dmz-inward', title: 'New connections from the DMZ to the inside', techniques: ['T1210'] },
  stage: 'lateral-movement',
  vector: undefined,
};

/** Connections that can be from such a place, as far as a store tells: it passes over all the others. */
const isPlace = (context: CaseContext): Query =>
  or(
    ...INGRESS.map((name) => field(name, { op: 'like', pattern: containing('dmz'), cased: false })),
    ...context.partners.flatMap(({ source }): Query[] => {
      const range = parseCidr(source);
      return range === undefined ? [] : [field('source.ip', { op: 'cidr', range })];
    }),
  );

const placesOf = (context: CaseContext): ((fields: Readonly<Fields>, source: string) => Place | undefined) => {
  const partners = context.partners.flatMap(({ name, source }) => {
    const range = parseCidr(source);
    const meaning = {
      id: 'baseline-partner-edge',
      title: 'New connections from a partner',
      techniques: ['T1199'],
    };
    const place: Place = {
      key: `partner ${name}`,
      name: asIs(name),
      meaning,
      stage: 'initial-access',
      vector: 'partner-access',
    };
    return range === undefined ? [] : [{ range, place }];
  });
  return (fields, source) =>
    partners.find(({ range }) => inRange(range, source))?.place ??
    (isDmz(fields, INGRESS) && !isDmz(fields, EGRESS) ? DMZ_PLACE : undefined);
};

const findingFor = (wave: Wave, learned: number): Finding => {
  const { place, source, isOddHour } = wave;
  const weight = SETTINGS.watchedWeight * (isOddHour ? 1.5 : 1);
  const meaning: Meaning = {
    ...place.meaning,
    level: isOddHour ? 'medium' : 'low',
    chain: {
      stage: place.stage,
      ...(place.vector === undefined ? {} : { vector: place.vector }),
      requires: [],
      provides: ['network-access(source.ip)'],
      weight,
    },
  };
  const targets = [...wave.targets].sort();
  const named = namedText(targets);
  const [before, within] = [durationText(learned), durationText(Math.max(wave.to - wave.from, MINUTE))];
  const odd = isOddHour
    ? say(
        ', at an hour at which nothing had come from there',
        ', zu einer Stunde, zu der von dort nie etwas gekommen war',
      )
    : asIs('');
  const fact = say(
    `${source} (${place.name.en}) reached ${targets.length} targets for the first time in ${before.en}, within ${within.en}: ${named.en}${odd.en}`,
    `${source} (${place.name.de}) erreichte ${targets.length} Ziele erstmals seit ${before.de}, innerhalb von ${within.de}: ${named.de}${odd.de}`,
  );
  const span = { from: wave.from, to: wave.to, at: wave.from, ids: wave.sample.ids(), count: wave.sample.count };
  const entities: Record<string, string> = { 'source.ip': source };
  const only = targets.length === 1 ? targets[0]?.split(' ')[0] : undefined;
  if (only !== undefined) entities['destination.ip'] = only;
  return findingOf(meaning, span, { place: place.key, source }, entities, fact);
};

/** First-time connections from a DMZ to the inside, and from partners the context names, after the learning period. */
export const watchedEdges: Baseline = {
  title: 'New connections from the DMZ and from partners',
  run: async ({ store, context }) => {
    const placeOf = placesOf(context);
    const known = new Set<string>();
    const begun = new Map<string, number>();
    const changes = new Map<string, number>();
    const hours = new Map<string, Set<number>>();
    const waves = new Map<string, Wave>();
    const findings: Finding[] = [];
    const end = (wave: Wave): void => {
      findings.push(findingFor(wave, wave.from - (begun.get(wave.place.key) ?? wave.from)));
    };
    for await (const { id, fields } of store.scan(and(QUERY, isPlace(context)), { order: 'time', fields: FIELDS })) {
      const time = numberOf(fields, '@timestamp');
      const [source, target] = [textOf(fields, 'source.ip') as string, textOf(fields, 'destination.ip') as string];
      if (time === undefined || addressClass(target) === 'public') continue;
      const place = placeOf(fields, source);
      if (place === undefined) continue;
      const first = begun.get(place.key) ?? time;
      begun.set(place.key, first);
      const usual = hours.get(place.key) ?? new Set<number>();
      hours.set(place.key, usual);
      const port = numberOf(fields, 'destination.port');
      const edge = `${place.key} ${source} ${target} ${port ?? ''}`;
      const isOddHour = !usual.has(hourOf(time));
      usual.add(hourOf(time));
      if (known.has(edge)) continue;
      known.add(edge);
      if (time - first < SETTINGS.learning) {
        if (time - first >= SETTINGS.learning / 2) changes.set(place.key, (changes.get(place.key) ?? 0) + 1);
        continue;
      }
      // where new connections are daily work, one more is none of our business
      if ((changes.get(place.key) ?? 0) > SETTINGS.watchedChanges) continue;
      const key = `${place.key} ${source}`;
      let wave = waves.get(key);
      if (wave !== undefined && time - wave.from > SETTINGS.edgeWindow) {
        end(wave);
        wave = undefined;
      }
      if (wave === undefined) {
        wave = { place, source, from: time, to: time, targets: new Set(), isOddHour, sample: new EventSample() };
        waves.set(key, wave);
      }
      wave.to = time;
      wave.targets.add(port === undefined ? target : `${target} port ${port}`);
      wave.sample.add(id);
    }
    for (const wave of waves.values()) end(wave);
    return findings;
  },
};
