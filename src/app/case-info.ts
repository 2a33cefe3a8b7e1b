import type { Case } from '../case/case.ts';
import type { Annotation } from '../case/entries.ts';
import { EinfallstorError } from '../core/errors.ts';
import { isoOf } from '../core/time.ts';
import { agent, now } from './agent.ts';
import { type StreamView, streamView, withStore } from './case-view.ts';
import { findingsOf } from './detect.ts';
import type { StorePlace } from './stores.ts';

export interface CaseInfo {
  readonly name: string;
  readonly items: readonly { readonly path: string; readonly bytes: number; readonly sha256: string }[];
  readonly streams: readonly StreamView[];
  readonly store: StorePlace & { readonly events: number; readonly sha256: string };
  readonly annotations: readonly Annotation[];
}

export const caseInfo = (caseDir: string): Promise<CaseInfo> =>
  withStore(caseDir, async (opened, store, place) => ({
    name: opened.name,
    items: (await opened.items()).map(({ path, bytes, sha256 }) => ({ path, bytes, sha256 })),
    streams: (await opened.streams()).map(streamView),
    store: { ...place, ...(await store.digest()) },
    annotations: await opened.annotations(),
  }));

/** A judgement needs findings that are there, and a reason: others will ask for it. */
const checkJudgement = async (
  opened: Case,
  { kind, text, findings }: Pick<Annotation, 'kind' | 'text' | 'findings'>,
): Promise<void> => {
  if (kind !== 'mute' && kind !== 'confirm')
    throw new EinfallstorError(
      'USAGE',
      `--finding does not go with --kind ${kind}`,
      'Findings are muted or confirmed.',
    );
  if (text.trim() === '')
    throw new EinfallstorError('USAGE', `a finding is ${kind}d for a reason`, 'Give the reason with --text.');
  const known = new Set((await findingsOf(opened)).map(({ id }) => id));
  const unknown = (findings ?? []).filter((id) => !known.has(id));
  if (unknown.length > 0)
    throw new EinfallstorError(
      'NOT_FOUND',
      `no such finding in this case: ${unknown.join(', ')}`,
      'Ids of findings stand in `detect --json` as id.',
    );
};

/** Keeps what an analyst says of events, findings or the case. Ids are checked: a mark on nothing would mislead. */
export const annotateCase = (
  caseDir: string,
  given: Pick<Annotation, 'events' | 'kind' | 'text' | 'findings'>,
): Promise<void> =>
  withStore(caseDir, async (opened, store) => {
    if (given.events !== null) {
      const known = new Set((await store.get(given.events)).map(({ id }) => id));
      const unknown = given.events.filter((id) => !known.has(id));
      if (unknown.length > 0)
        throw new EinfallstorError(
          'NOT_FOUND',
          `no such event in this case: ${unknown.join(', ')}`,
          'Event ids stand in `search --format ndjson` as event.id.',
        );
    }
    if (given.findings !== undefined) await checkJudgement(opened, given);
    await opened.annotate({ ts: isoOf(now()), author: agent().actor, ...given });
  });
