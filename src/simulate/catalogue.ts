import { medicalSoftware } from './scenarios/medical-software.ts';
import { s01 } from './scenarios/s01.ts';
import type { Scenario } from './story.ts';

/** Every incident (and every clean control) that can be simulated. */
export const CATALOGUE: readonly Scenario[] = [medicalSoftware, s01];

export const scenarioOf = (id: string): Scenario | undefined =>
  CATALOGUE.find((s) => s.id.toLowerCase() === id.toLowerCase());
