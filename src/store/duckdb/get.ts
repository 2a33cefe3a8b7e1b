import type { StoredEvent } from '../../ecs/event.ts';
import { ALL } from '../../query/ast.ts';
import { locatorOf } from '../order.ts';
import type { Engine } from './engine.ts';
import type { Manifest } from './manifest.ts';
import { planOf } from './plan.ts';
import type { Wanted } from './rows.ts';
import { eventsOf } from './scan.ts';

/** Ids in one statement. */
const MOST = 500;

/** Events by id, in the order of the ids. */
export const getEvents = async (
  engine: Engine,
  home: string,
  manifest: Manifest,
  ids: readonly string[],
  wanted: Wanted,
): Promise<StoredEvent[]> => {
  const unique = [...new Set(ids)];
  const found = new Map<string, StoredEvent>();
  for (let i = 0; i < unique.length; i += MOST) {
    const some = new Set(unique.slice(i, i + MOST));
    for await (const event of candidates(engine, home, manifest, some, wanted)) {
      if (some.has(event.id)) found.set(event.id, event);
    }
  }
  return unique.flatMap((id) => found.get(id) ?? []);
};

/** Events at one of the offsets in one of the streams: conditions that Parquet's statistics answer for most segments. */
const candidates = (
  engine: Engine,
  home: string,
  manifest: Manifest,
  ids: ReadonlySet<string>,
  wanted: Wanted,
): AsyncIterable<StoredEvent> => {
  const locators = [...ids].map(locatorOf).filter(({ offset }) => Number.isSafeInteger(offset));
  const streams = new Set(locators.map(({ stream }) => stream));
  const offsets = new Set(locators.map(({ offset }) => offset));
  const isTheirs = (segment: { readonly streams: readonly string[] }): boolean =>
    segment.streams.some((stream) => streams.has(stream));
  const { parts, exact, bound } = planOf(home, manifest, ALL, { segments: isTheirs });
  const names = [...streams].map((stream) => bound.add(stream));
  const places = [...offsets].map((offset) => bound.add(BigInt(offset)));
  const where = `stream IN (${names.join(', ')}) AND off IN (${places.join(', ')})`;
  const plan = { parts: parts.map((part) => ({ ...part, where })), exact, bound };
  return eventsOf(engine, plan, ALL, { order: 'none', wanted });
};
