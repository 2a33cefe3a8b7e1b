import type { estypes } from '@elastic/elasticsearch';
import { FIELDS, type FieldType } from '../../ecs/fields.ts';

/** Longer values are not indexed, only kept: questions about them are answered from the document. */
export const IGNORE_ABOVE = 1024;

/** What the store itself needs of an event; no name of evidence begins like this at the top of a document. */
export const OWN = {
  /** `@timestamp`, µs, `TIMELESS` without one: the order of the timeline, and ranges of time. */
  time: 'einfallstor.store.time',
  /** The event's id, as `_id` cannot be sorted by. */
  id: 'einfallstor.store.id',
  stream: 'einfallstor.store.stream',
  offset: 'einfallstor.store.offset',
  /** Names of fields with a value that is not indexed as it is: too long, not of the field's type, an odd letter. */
  odd: 'einfallstor.store.odd',
  /** Names of fields with capitals beyond ASCII, which Elasticsearch's `case_insensitive` does not fold. */
  folded: 'einfallstor.store.folded',
  /** Fields that fit no other place, as JSON; not indexed. */
  rest: 'einfallstor.store.rest',
} as const;

/** Fields beyond the catalogue: each is a key of one `flattened` field, so that evidence makes no mappings. */
export const VENDOR = 'vendor';

/** Stands behind every time there is. */
export const TIMELESS = Number.MAX_SAFE_INTEGER;

const KEYWORD = { type: 'keyword', ignore_above: IGNORE_ABOVE } as const;

/** Addresses have their text beside them: patterns ask for it. */
const TYPES: Readonly<Record<FieldType, estypes.MappingProperty>> = {
  keyword: KEYWORD,
  text: { type: 'text', analyzer: 'standard', norms: false },
  ip: { type: 'ip', fields: { text: KEYWORD } },
  date: { type: 'date_nanos', format: 'epoch_millis||strict_date_optional_time_nanos' },
  long: { type: 'long' },
  double: { type: 'double' },
  boolean: { type: 'boolean' },
};

const OWN_TYPES: Readonly<Record<keyof typeof OWN, estypes.MappingProperty>> = {
  time: { type: 'long' },
  id: { type: 'keyword' },
  stream: { type: 'keyword' },
  offset: { type: 'long' },
  odd: { type: 'keyword' },
  folded: { type: 'keyword' },
  rest: { type: 'object', enabled: false },
};

/** Mapping of the events of a case, from the field catalogue; a name it does not have is an error, never a new mapping. */
export const eventMappings = (): estypes.MappingTypeMapping => ({
  dynamic: 'strict',
  properties: {
    ...Object.fromEntries(FIELDS.map(({ name, type }) => [name, TYPES[type]])),
    [VENDOR]: { type: 'flattened', ignore_above: IGNORE_ABOVE },
    ...Object.fromEntries((Object.keys(OWN) as (keyof typeof OWN)[]).map((key) => [OWN[key], OWN_TYPES[key]])),
  },
});

/** Mapping of what a team shares and of what the writer must remember: journals, never searched by content. */
export const stateMappings = (): estypes.MappingTypeMapping => ({
  dynamic: 'strict',
  properties: {
    journal: { type: 'keyword' },
    number: { type: 'long' },
    entry: { type: 'object', enabled: false },
  },
});

export interface Layout {
  readonly shards: number;
  readonly replicas: number | undefined;
}

/** Nothing is refreshed unasked: what the writer publishes becomes visible at once. */
export const eventSettings = ({ shards, replicas }: Layout): estypes.IndicesIndexSettings => ({
  number_of_shards: shards,
  ...(replicas === undefined ? { auto_expand_replicas: '0-1' } : { number_of_replicas: replicas }),
  refresh_interval: '-1',
});
