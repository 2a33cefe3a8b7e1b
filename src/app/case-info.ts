import { openCase } from '../case/case.ts';
import type { Annotation } from '../case/entries.ts';
import { EinfallstorError } from '../core/errors.ts';
import { isoOf } from '../core/time.ts';
import { agent, now } from './agent.ts';
import { type StreamView, streamView, withStore } from './case-view.ts';

export interface CaseInfo {
  readonly name: string;
  readonly items: readonly { readonly path: string; readonly bytes: number; readonly sha256: string }[];
  readonly streams: readonly StreamView[];
  readonly store: { readonly kind: 'duckdb'; readonly events: number; readonly sha256: string };
  readonly annotations: readonly Annotation[];
}

export const caseInfo = (caseDir: string): Promise<CaseInfo> =>
  withStore(caseDir, async (opened, store) => ({
    name: opened.name,
    items: (await opened.items()).map(({ path, bytes, sha256 }) => ({ path, bytes, sha256 })),
    streams: (await opened.streams()).map(streamView),
    store: { kind: 'duckdb', ...(await store.digest()) },
    annotations: await opened.annotations(),
  }));

/** Keeps what an analyst says of events, or of the case. Event ids are checked: a mark on nothing would mislead. */
export const annotateCase = async (
  caseDir: string,
  given: Pick<Annotation, 'events' | 'kind' | 'text'>,
): Promise<void> => {
  if (given.events !== null) {
    const { events } = given;
    const known = await withStore(caseDir, async (_, store) => new Set((await store.get(events)).map(({ id }) => id)));
    const unknown = events.filter((id) => !known.has(id));
    if (unknown.length > 0)
      throw new EinfallstorError(
        'NOT_FOUND',
        `no such event in this case: ${unknown.join(', ')}`,
        'Event ids stand in `search --format ndjson` as event.id.',
      );
  }
  const opened = await openCase(caseDir);
  await opened.annotate({ ts: isoOf(now()), author: agent().actor, ...given });
};
