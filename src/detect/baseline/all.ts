import type { Baseline } from './baseline.ts';
import { newClients } from './clients.ts';
import { concurrentSessions } from './concurrent.ts';
import { newDevices } from './devices.ts';
import { distributedGuessing } from './distributed.ts';
import { dnsTunnels } from './dns-tunnels.ts';
import { dormantAccounts } from './dormant.ts';
import { newAdminEdges } from './edges.ts';
import { egress } from './egress.ts';
import { enrolments } from './enrolments.ts';
import { heldConnections } from './held-connections.ts';
import { leaverLogins } from './leavers.ts';
import { lookalikeDomains } from './lookalikes.ts';
import { namedServices } from './named-services.ts';
import { newAdminSources, newKeyNetworks, newNetworks } from './novelty.ts';
import { oddHours } from './odd-hours.ts';
import { rareScripts } from './scripts.ts';
import { serverDomains } from './server-domains.ts';
import { movedSessions } from './session-moves.ts';
import { slowSprays } from './sprays.ts';
import { threadStrangers } from './threads.ts';
import { impossibleTravel } from './travel.ts';
import { watchedEdges } from './watched-edges.ts';

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
  newKeyNetworks,
  movedSessions,
  enrolments,
  watchedEdges,
  newDevices,
  dnsTunnels,
  namedServices,
  lookalikeDomains,
  threadStrangers,
  newClients,
  oddHours,
  serverDomains,
  heldConnections,
];
