import type { Case } from '../case/case.ts';
import type { Finding } from '../detect/finding.ts';

/** What an analyst decided about a finding; the last word counts. */
export interface Judgement {
  readonly finding: string;
  readonly kind: 'mute' | 'confirm';
  readonly reason: string;
  readonly author: string;
  /** UTC, ISO 8601. */
  readonly ts: string;
}

export const judgementsOf = async (opened: Case): Promise<readonly Judgement[]> => {
  const last = new Map<string, Judgement>();
  for (const { kind, findings, text, author, ts } of await opened.annotations()) {
    if (kind !== 'mute' && kind !== 'confirm') continue;
    for (const finding of findings ?? []) last.set(finding, { finding, kind, reason: text, author, ts });
  }
  return [...last.values()];
};

/** The findings that weigh: muted ones stay in the case and in reports, but say nothing about the entry. */
export const unmuted = async (opened: Case, findings: readonly Finding[]): Promise<readonly Finding[]> => {
  const muted = new Set(
    (await judgementsOf(opened)).flatMap(({ kind, finding }) => (kind === 'mute' ? [finding] : [])),
  );
  return findings.filter(({ id }) => !muted.has(id));
};
