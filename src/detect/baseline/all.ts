import type { Baseline } from './baseline.ts';
import { concurrentSessions } from './concurrent.ts';
import { distributedGuessing } from './distributed.ts';
import { dormantAccounts } from './dormant.ts';
import { newAdminEdges } from './edges.ts';
import { egress } from './egress.ts';
import { leaverLogins } from './leavers.ts';
import { newAdminSources, newNetworks } from './novelty.ts';
import { rareScripts } from './scripts.ts';
import { slowSprays } from './sprays.ts';
import { impossibleTravel } from './travel.ts';

export const BASELINES: readonly Baseline[] = [
  newNetworks,
  newAdminSources,
  leaverLogins,
  dormantAccounts,
  slowSprays,
  distributedGuessing,
  impossibleTravel,
  concurrentSessions,
  newAdminEdges,
  egress,
  rareScripts,
];
