import { say } from '../../core/said.ts';
import { numberOf, textOf } from '../../ecs/event.ts';
import { isAny } from '../../query/ast.ts';
import type { StoreReader } from '../../store/store.ts';
import { Seen, SeenBy } from './seen.ts';
import type { Suggestion } from './suggestion.ts';

const BASIS = 'einfallstor.time.basis';

/** `logs/fw/a.log` → `logs/fw/**`; a file that lies nowhere stays itself. Rotated files of one source share a folder. */
const globOf = (path: string): string => {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? path : `${path.slice(0, slash)}/**`;
};

/** Zones that the lines did not state: those the operator named, and where none was named. `zoneOf`: of a stream's path. */
export const zonesOf = async (
  store: StoreReader,
  zoneOf: (path: string) => string | undefined,
): Promise<readonly Suggestion[]> => {
  const found = new SeenBy(() => ({ seen: new Seen(Number.POSITIVE_INFINITY) }));
  const fields = [BASIS, 'log.file.path'];
  for await (const { id, fields: event } of store.scan(isAny(BASIS, ['configured', 'assumed']), {
    order: 'time',
    fields,
  })) {
    const [time, path] = [numberOf(event, '@timestamp'), textOf(event, 'log.file.path')];
    if (time === undefined || path === undefined) continue;
    const named = textOf(event, BASIS) === 'configured' ? zoneOf(path) : undefined;
    found.of(JSON.stringify([globOf(path), named ?? ''])).seen.add(time, id);
  }
  return found.sorted().map(([key, { seen }]) => {
    const [path, zone] = JSON.parse(key) as [string, string];
    if (zone !== '') {
      const because = say(
        'named when the logs were read; the lines state none',
        'beim Einlesen angegeben; die Zeilen nennen keine',
      );
      return { key: 'timezones', entry: { path, zone }, because, doubt: undefined, seen };
    }
    return {
      key: 'timezones',
      entry: { path, zone: 'UTC' },
      because: say(
        'the lines state no zone and none was named',
        'die Zeilen nennen keine Zone, und es wurde keine angegeben',
      ),
      doubt: say('taken as UTC, which nothing supports', 'als UTC gelesen, was nichts stützt'),
      seen,
    };
  });
};
