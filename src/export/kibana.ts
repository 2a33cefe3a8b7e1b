import { isoOf } from '../core/time.ts';
import type { TraceResult } from '../trace/result.ts';

/** What Kibana is to show of a case on a server. */
export interface KibanaInput {
  readonly caseName: string;
  /** Alias of the index with the events. */
  readonly index: string;
  /** Epoch µs; undefined in a case without a time. */
  readonly span: { readonly first: number; readonly last: number } | undefined;
  readonly trace: TraceResult | undefined;
}

interface SavedObject {
  readonly type: string;
  readonly id: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly references: readonly Reference[];
  readonly coreMigrationVersion: string;
  readonly typeMigrationVersion: string;
}

interface Reference {
  readonly type: string;
  readonly id: string;
  readonly name: string;
}

/** Versions of the shapes written here; Kibana 8.9 and later, 9 too, bring them up to their own. An older one refuses them. */
const CORE = '8.8.0';
const SHAPES = { 'index-pattern': '8.0.0', search: '8.0.0', dashboard: '8.9.0' } as const;

/** Events that a search names by id, at most: Kibana sends the words of a search in an address. */
const MOST_IDS = 100;

const COLUMNS = ['einfallstor.act', 'event.outcome', 'user.name', 'source.ip', 'destination.ip', 'message'];

interface Search {
  readonly key: string;
  readonly title: string;
  readonly filter: string;
}

const chainFilter = (trace: TraceResult | undefined): string | undefined => {
  const first = trace?.hypotheses[0];
  if (first === undefined || trace?.verdict === 'none') return undefined;
  const ids = [first.entry.events, ...first.chain.map((step) => step.events)].flat().map(({ id }) => id);
  return `event.id: (${[...new Set(ids)].slice(0, MOST_IDS).join(' or ')})`;
};

const searchesOf = (trace: TraceResult | undefined): Search[] => {
  const chain = chainFilter(trace);
  return [
    ...(chain === undefined ? [] : [{ key: 'chain', title: 'access chain of the leading hypothesis', filter: chain }]),
    { key: 'all', title: 'all events', filter: '' },
    { key: 'logins', title: 'logins', filter: 'einfallstor.act: (login or vpn-login or admin-login)' },
    { key: 'vpn', title: 'VPN sessions', filter: 'einfallstor.act: vpn-*' },
    { key: 'mail', title: 'mail', filter: 'einfallstor.act: mail-*' },
    { key: 'changes', title: 'changes of accounts and configurations', filter: CHANGES },
    { key: 'rejected', title: 'records that nobody could read', filter: 'event.kind: pipeline_error' },
  ];
};

const CHANGES =
  'einfallstor.act: (config-change or account-created or account-changed or group-changed or service-installed or task-created or log-cleared)';

/** Saved objects for Kibana's import: a data view, searches, and a dashboard with the timeline. */
export const kibanaObjects = ({ caseName, index, span, trace }: KibanaInput): string => {
  const view = `${index}-view`;
  const searches = searchesOf(trace);
  const searchId = (key: string): string => `${index}-search-${key}`;
  const objects = [
    object('index-pattern', view, {
      title: index,
      name: `einfallstor: ${caseName}`,
      timeFieldName: '@timestamp',
    }),
    ...searches.map(({ key, title, filter }) =>
      object(
        'search',
        searchId(key),
        {
          title: `${caseName}: ${title}`,
          description: '',
          columns: COLUMNS,
          sort: [['@timestamp', 'asc']],
          kibanaSavedObjectMeta: {
            searchSourceJSON: JSON.stringify({
              query: { query: filter, language: 'kuery' },
              filter: [],
              indexRefName: SOURCE_INDEX,
            }),
          },
        },
        [{ type: 'index-pattern', id: view, name: SOURCE_INDEX }],
      ),
    ),
    dashboard(caseName, index, view, searches[0]?.key === 'chain' ? ['chain', 'all'] : ['all'], searchId, span),
  ];
  return objects.map((one) => `${JSON.stringify(one)}\n`).join('');
};

const SOURCE_INDEX = 'kibanaSavedObjectMeta.searchSourceJSON.index';

const object = (
  type: keyof typeof SHAPES,
  id: string,
  attributes: SavedObject['attributes'],
  references: readonly Reference[] = [],
): SavedObject => ({
  type,
  id,
  attributes,
  references,
  coreMigrationVersion: CORE,
  typeMigrationVersion: SHAPES[type],
});

const dashboard = (
  caseName: string,
  index: string,
  view: string,
  keys: readonly string[],
  searchId: (key: string) => string,
  span: KibanaInput['span'],
): SavedObject => {
  const height = 18;
  const place = (i: string, y: number, h: number) => ({ x: 0, y, w: 48, h, i });
  const panels = [
    {
      type: 'lens',
      panelIndex: 'timeline',
      gridData: place('timeline', 0, 12),
      embeddableConfig: { attributes: timeline(view), enhancements: {} },
    },
    ...keys.map((key, n) => ({
      type: 'search',
      panelIndex: key,
      gridData: place(key, 12 + n * height, height),
      panelRefName: `panel_${key}`,
      embeddableConfig: { enhancements: {} },
    })),
  ];
  return object(
    'dashboard',
    `${index}-dashboard`,
    {
      title: `${caseName}: timeline`,
      description: '',
      version: 1,
      panelsJSON: JSON.stringify(panels),
      optionsJSON: JSON.stringify({ useMargins: true, hidePanelTitles: false }),
      ...(span === undefined
        ? { timeRestore: false }
        : { timeRestore: true, timeFrom: isoOf(span.first), timeTo: isoOf(span.last + 1000) }),
      kibanaSavedObjectMeta: {
        searchSourceJSON: JSON.stringify({ query: { query: '', language: 'kuery' }, filter: [] }),
      },
    },
    [
      { type: 'index-pattern', id: view, name: `timeline:${LAYER_REFERENCE}` },
      ...keys.map((key) => ({ type: 'search', id: searchId(key), name: `${key}:panel_${key}` })),
    ],
  );
};

const LAYER = 'events';
const LAYER_REFERENCE = `indexpattern-datasource-layer-${LAYER}`;

/** Events over time, by act. */
const timeline = (view: string) => ({
  title: 'events by act',
  type: 'lens',
  visualizationType: 'lnsXY',
  references: [{ type: 'index-pattern', id: view, name: LAYER_REFERENCE }],
  state: {
    query: { query: '', language: 'kuery' },
    filters: [],
    visualization: {
      legend: { isVisible: true, position: 'right' },
      preferredSeriesType: 'bar_stacked',
      layers: [
        {
          layerId: LAYER,
          layerType: 'data',
          seriesType: 'bar_stacked',
          xAccessor: 'time',
          splitAccessor: 'act',
          accessors: ['count'],
        },
      ],
    },
    datasourceStates: {
      formBased: {
        layers: {
          [LAYER]: {
            columnOrder: ['act', 'time', 'count'],
            columns: {
              time: {
                label: '@timestamp',
                dataType: 'date',
                operationType: 'date_histogram',
                sourceField: '@timestamp',
                isBucketed: true,
                scale: 'interval',
                params: { interval: 'auto' },
              },
              act: {
                label: 'act',
                dataType: 'string',
                operationType: 'terms',
                sourceField: 'einfallstor.act',
                isBucketed: true,
                scale: 'ordinal',
                params: {
                  size: 9,
                  orderBy: { type: 'column', columnId: 'count' },
                  orderDirection: 'desc',
                  otherBucket: true,
                },
              },
              count: {
                label: 'events',
                dataType: 'number',
                operationType: 'count',
                sourceField: '___records___',
                isBucketed: false,
                scale: 'ratio',
              },
            },
          },
        },
      },
    },
  },
});
