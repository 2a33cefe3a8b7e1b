import { type Language, type Told, told } from '../core/said.ts';
import type { Hardening } from '../harden/harden.ts';
import { withStore } from './case-view.ts';
import { hardeningOf, requireTrace } from './report-input.ts';

/** `harden`: what would have broken each step of the leading hypotheses. */
export const hardenCase = (caseDir: string, language: Language): Promise<Told<Hardening>> =>
  withStore(caseDir, async (opened, store) =>
    told(await hardeningOf(opened, store, await requireTrace(opened, caseDir)), language),
  );
