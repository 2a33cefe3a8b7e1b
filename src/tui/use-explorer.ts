import { type Dispatch, useEffect, useReducer, useRef, useState } from 'react';
import type { Explorer, Range } from '../app/explorer.ts';
import { EinfallstorError } from '../core/errors.ts';
import { numberOf, type StoredEvent } from '../ecs/event.ts';
import { type Action, initial, reduce, type State } from './state.ts';

/** Events fetched at a time. */
const PAGE = 200;

const cursorOf = (event: StoredEvent): { time: number; id: string } | undefined => {
  const time = numberOf(event.fields, '@timestamp');
  return time === undefined ? undefined : { time, id: event.id };
};

const wordsOf = (error: unknown): string => {
  if (error instanceof EinfallstorError) return `${error.message} – ${error.hint}`;
  throw error;
};

export interface Histogram {
  readonly range: Range;
  readonly counts: readonly number[];
}

/** The explorer's state and what loads it: a new view loads page, count and histogram; standing near an end loads more. */
export const useExplorer = (
  explorer: Explorer,
  buckets: number,
): { state: State; dispatch: Dispatch<Action>; histogram: Histogram | undefined } => {
  const [state, dispatch] = useReducer(reduce, initial);
  const [histogram, setHistogram] = useState<Histogram | undefined>(undefined);
  /** The load whose answer still counts. */
  const current = useRef(0);
  const extending = useRef(false);
  const { view, reload, target } = state;

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new view or an asked reload loads; the target rides along
  useEffect(() => {
    current.current += 1;
    const mine = current.current;
    const load = async (): Promise<void> => {
      await explorer.refresh();
      const span = view.range ?? (await explorer.span());
      const [page, total, counts] = await Promise.all([
        explorer.page(view.filter, view.range, undefined, 'down', target === undefined ? PAGE : PAGE * 5),
        explorer.count(view.filter, view.range),
        span === undefined ? Promise.resolve([]) : explorer.histogram(view.filter, span, buckets),
      ]);
      if (mine !== current.current) return;
      dispatch({ type: 'loaded', page, total, before: false });
      setHistogram(span === undefined ? undefined : { range: span, counts: counts.map((bucket) => bucket.count) });
    };
    load().catch((error: unknown) => dispatch({ type: 'failed', message: wordsOf(error) }));
  }, [explorer, view, reload, buckets]);

  const { events, selected, more, loading } = state;
  useEffect(() => {
    const direction =
      more.down && selected > events.length - PAGE / 4 ? 'down' : more.up && selected < PAGE / 4 ? 'up' : undefined;
    const edge = direction === 'down' ? events.at(-1) : events[0];
    const after = edge === undefined ? undefined : cursorOf(edge);
    if (direction === undefined || after === undefined || loading || extending.current) return;
    extending.current = true;
    const mine = current.current;
    explorer
      .page(view.filter, view.range, after, direction, PAGE)
      .then((page) => {
        if (mine === current.current) dispatch({ type: 'extended', page, direction });
      })
      .catch((error: unknown) => dispatch({ type: 'failed', message: wordsOf(error) }))
      .finally(() => {
        extending.current = false;
      });
  }, [explorer, view, events, selected, more, loading]);

  const id = state.detailOpen ? events[selected]?.id : undefined;
  useEffect(() => {
    if (id === undefined) return;
    let stale = false;
    explorer
      .fields(id)
      .then((fields) => {
        if (!stale && fields !== undefined) dispatch({ type: 'detail', id, fields });
      })
      .catch((error: unknown) => dispatch({ type: 'failed', message: wordsOf(error) }));
    return () => {
      stale = true;
    };
  }, [explorer, id]);

  return { state, dispatch, histogram };
};
