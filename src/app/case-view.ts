import type { Case } from '../case/case.ts';
import { openCase } from '../case/case.ts';
import type { StreamEntry } from '../case/entries.ts';
import { shiftText } from '../parse/assumptions.ts';
import type { EvidenceTotals } from '../report/screen.ts';
import type { StoreReader } from '../store/store.ts';
import { settleAlone } from './retime-pending.ts';
import { openShared, type StorePlace, type StoreWish, storeOf } from './stores.ts';

/** Opens a case with its store for reading, and closes the store afterwards. */
export const withStore = async <T>(
  caseDir: string,
  use: (opened: Case, store: StoreReader, place: StorePlace) => Promise<T>,
  wish: StoreWish = {},
): Promise<T> => {
  const { opened, store, place, close } = await openWithStore(caseDir, wish);
  try {
    return await use(opened, store, place);
  } finally {
    await close();
  }
};

/** A case with its store, and with what its analysts share. */
export const openWithStore = async (
  caseDir: string,
  wish: StoreWish,
): Promise<{ opened: Case; store: StoreReader; place: StorePlace; close(): Promise<void> }> => {
  const opened = await openCase(caseDir);
  const { place, reader } = await storeOf(opened, wish);
  const store = await reader();
  const common = await openShared(place).catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  opened.share(common?.shared);
  await settleAlone(opened, store);
  return {
    opened,
    store,
    place,
    close: async () => {
      await store.close();
      await common?.close();
    },
  };
};

export const totalsOf = (items: number, streams: readonly StreamEntry[]): EvidenceTotals => {
  const sum = (name: keyof StreamEntry['accounting']): number =>
    streams.reduce((n, stream) => n + stream.accounting[name], 0);
  return {
    items,
    records: sum('records'),
    events: sum('events'),
    joined: sum('joined'),
    skipped: sum('skipped'),
    rejected: sum('rejected'),
  };
};

const mostFirst = (counts: Readonly<Record<string, number>>): string[] =>
  Object.entries(counts)
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .map(([name]) => name);

/** A stream in words: for the list on stderr, `case info` and the report. */
export interface StreamView extends Omit<EvidenceTotals, 'items'> {
  readonly path: string;
  readonly parsers: readonly string[];
  readonly doubt: string;
  readonly assumptions: readonly string[];
}

/** Zone, year and clock a stream was read with; what a parser states itself is not assumed. */
export const assumptionsOf = ({ timing, speaksOf, accounting, zoneless }: StreamEntry): string[] => {
  if (accounting.events === 0) return [];
  const zone = [
    ...(timing.shift === undefined || timing.shift === 0 ? [] : [`clock corrected by ${shiftText(timing.shift)}`]),
    ...(zoneless ? [`zone ${timing.zone ?? 'UTC'} where none is stated`] : []),
  ];
  if (speaksOf !== undefined) return zone;
  if (timing.year !== undefined) return [...zone, `year from ${timing.year} on`];
  if (timing.reference === undefined) return zone;
  const day = new Date(timing.reference.instant / 1000).toISOString().slice(0, 10);
  return [...zone, `year inferred: ${timing.reference.kind === 'near' ? 'near' : 'not after'} ${day}`];
};

export const streamView = (stream: StreamEntry): StreamView => ({
  path: stream.path,
  parsers: mostFirst(stream.parsers),
  doubt: stream.doubt ?? 'none',
  ...stream.accounting,
  assumptions: assumptionsOf(stream),
});
