import { medicalSoftware } from './scenarios/medical-software.ts';
import { s01 } from './scenarios/s01.ts';
import { s02 } from './scenarios/s02.ts';
import { s04 } from './scenarios/s04.ts';
import { s05 } from './scenarios/s05.ts';
import { s07 } from './scenarios/s07.ts';
import { s08 } from './scenarios/s08.ts';
import { s10 } from './scenarios/s10.ts';
import { s11 } from './scenarios/s11.ts';
import { s12 } from './scenarios/s12.ts';
import { s16 } from './scenarios/s16.ts';
import { s17 } from './scenarios/s17.ts';
import { s18 } from './scenarios/s18.ts';
import { z01 } from './scenarios/z01.ts';
import { z02 } from './scenarios/z02.ts';
import { z03 } from './scenarios/z03.ts';
import { z04 } from './scenarios/z04.ts';
import type { Scenario } from './story.ts';

/** Every incident, and every clean control, that can be simulated. */
export const CATALOGUE: readonly Scenario[] = [
  medicalSoftware,
  s01,
  s02,
  s04,
  s05,
  s07,
  s08,
  s10,
  s11,
  s12,
  s16,
  s17,
  s18,
  z01,
  z02,
  z03,
  z04,
];

export const scenarioOf = (id: string): Scenario | undefined =>
  CATALOGUE.find((s) => s.id.toLowerCase() === id.toLowerCase());
