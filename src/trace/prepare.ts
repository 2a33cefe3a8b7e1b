import { HOUR, MINUTE } from '../core/time.ts';
import type { CaseContext } from '../detect/context.ts';
import type { Finding } from '../detect/finding.ts';
import { numberOf, textOf } from '../ecs/event.ts';
import { openedAt } from '../ecs/opened.ts';
import { and, isAny } from '../query/ast.ts';
import type { StoreReader } from '../store/store.ts';
import { approachesOf } from './approaches.ts';
import { actOfFinding, boardOf } from './board.ts';
import { readChanges } from './changes.ts';
import type { Clocks } from './clocks.ts';
import { estimateClocks } from './clocks.ts';
import { completed } from './completed.ts';
import type { Covered } from './coverage.ts';
import { coverageOf } from './coverage.ts';
import type { Egress } from './egress.ts';
import { egressActs, largeEgress, strikingEgress } from './egress.ts';
import { successfulExploits } from './exploits.ts';
import { withFlowAddresses } from './flow-users.ts';
import { type HandsOf, handsIn } from './hands.ts';
import { type Arrival, hostNames } from './hosts.ts';
import { leasesOf } from './leases.ts';
import type { Logons } from './logons.ts';
import { logonsOf } from './logons.ts';
import { machineLogs } from './machine-logs.ts';
import { mailBursts } from './mail-burst.ts';
import { resetMails, visitedHosts, visitsTo } from './mail-evidence.ts';
import { mailboxReads } from './mailbox-read.ts';
import { deliveries } from './mails.ts';
import type { Act, World } from './model.ts';
import { movementsOf, readMovements } from './movements.ts';
import { payloadsRun } from './payload-ran.ts';
import { pullActs, readPulls } from './pulls.ts';
import { acts, collect, hostKey, isInner } from './read.ts';
import { readRelays, relayedArrivals } from './relayed.ts';
import { shifted, vpnSessions } from './sessions.ts';
import { signals } from './signals.ts';
import { type Sources, sourcesOf } from './sources.ts';
import { stagings } from './staging.ts';
import { strangeMails } from './strange-mail.ts';
import { strangeReads } from './strange-reads.ts';
import { takenActs } from './taken-acts.ts';
import { strangeStays, triedAccounts } from './tried-accounts.ts';
import { withFlowBytes } from './tunnel-flows.ts';
import { tunnelTakes } from './tunnel-takes.ts';
import { shellUses } from './web-shell-use.ts';

/** Everything that is read once, before the search. */
export interface Prepared {
  readonly world: World;
  readonly egress: readonly Egress[];
  readonly coverage: readonly Covered[];
  readonly sources: Sources;
}

/** Hosts that issue Kerberos tickets. */
const domainControllers = async (store: StoreReader): Promise<ReadonlySet<string>> =>
  new Set(
    (await store.top(acts('kerberos-ticket', 'directory-access'), 'host.name', 20)).flatMap(
      (t) => hostKey(t.value) ?? [],
    ),
  );

/** A login is written within this time of the connection that carried it. */
const AT_ONCE = 2 * MINUTE;
/** A client takes a port anew after longer. */
const SAME_PORT = HOUR;

/** Connections of foreign addresses about the time of their logins: they tell which address a host has. */
const foreignArrivals = async (store: StoreReader, logons: Logons, clocks: Clocks): Promise<Arrival[]> => {
  const logins = logons.remote.filter((l) => l.kind === 'remote-login' && l.host !== undefined).slice(0, 300);
  if (logins.length === 0) return [];
  const query = and(acts('flow', 'flow-start'), isAny('source.ip', [...new Set(logins.map((l) => l.remote))]));
  const flows = await collect(store, query, {
    limit: 50_000,
    fields: [
      'einfallstor.stream',
      'einfallstor.act',
      'source.ip',
      'source.port',
      'destination.ip',
      'destination.nat.ip',
      'event.duration',
      'event.start',
    ],
  });
  const seen = flows.map((f) => ({
    source: textOf(f.fields, 'source.ip'),
    port: numberOf(f.fields, 'source.port'),
    time: (openedAt(f) ?? 0) - clocks.offsetOf(textOf(f.fields, 'einfallstor.stream') ?? ''),
    to: [textOf(f.fields, 'destination.nat.ip'), textOf(f.fields, 'destination.ip')].find(isInner),
  }));
  return logins.map((l) => {
    const near = (f: (typeof seen)[number], reach: number): boolean =>
      f.source === l.remote && Math.abs(f.time - l.first) <= reach;
    // the port tells the connection, however the devices of one syslog file stand to each other
    const same = seen.filter((f) => l.port !== undefined && f.port === l.port && near(f, SAME_PORT));
    const found = same.length > 0 ? same : seen.filter((f) => near(f, AT_ONCE));
    return {
      source: l.remote,
      place: l.host as string,
      time: l.first,
      to: [...new Set(found.flatMap((f) => f.to ?? []))],
      sure: same.length > 0,
    };
  });
};

/** Findings as acts: exploitation only where it was answered, late stages with what their records add. */
const statedActs = async (findings: readonly Finding[], store: StoreReader, clocks: Clocks): Promise<Act[]> => {
  const all = findings.map((f) => actOfFinding(f, clocks));
  return completed(await successfulExploits(all, store, clocks), store);
};

/** Late-stage acts that need no rule. */
const readLate = async (
  striking: readonly Egress[],
  store: StoreReader,
  clocks: Clocks,
  handsOf: HandsOf,
): Promise<Act[]> => [
  ...(await signals(store, clocks)),
  ...(await mailBursts(store, clocks, handsOf)),
  ...(await mailboxReads(store, clocks)),
  ...egressActs(striking, clocks),
  ...(await stagings(striking, store, clocks)),
];

/** Reads what the search will ask for, on one clock. */
export const prepare = async (
  store: StoreReader,
  findings: readonly Finding[],
  context: CaseContext,
): Promise<Prepared> => {
  const span = (await store.span()) ?? { first: 0, last: 0 };
  const sources = await sourcesOf(store);
  const rawSessions = await vpnSessions(store);
  const rawMovements = await readMovements(store);
  const clocks = await estimateClocks(store, rawSessions, rawMovements, sources);
  const lent = await withFlowAddresses(shifted(rawSessions, clocks.offsetOf), store, clocks.offsetOf);
  const sessions = await withFlowBytes(lent, store, clocks.offsetOf);
  const movements = movementsOf(rawMovements, clocks.offsetOf);
  const stated = await statedActs(findings, store, clocks);
  const egress = await largeEgress(store, clocks);
  const pulls = await readPulls(store, clocks);
  const logons = await logonsOf(store, sessions, sources, clocks.offsetOf);
  const handsOf = handsIn(stated, logons);
  const strangers = strangeStays(sessions, handsOf);
  const late = [
    ...(await readLate(strikingEgress(egress, context, span), store, clocks, handsOf)),
    ...(await strangeReads(strangers, sessions, store, clocks, handsOf)),
    ...(await triedAccounts(strangers, store, clocks)),
    ...(await shellUses(stated, store, clocks)),
    ...(await payloadsRun(stated, store, clocks)),
    ...tunnelTakes(sessions, clocks, span),
    ...(await takenActs(logons, store, clocks, handsOf)),
    ...pullActs(pulls, clocks, span),
  ];
  const relayed = await readRelays(store, clocks);
  const arrivals = [...(await foreignArrivals(store, logons, clocks)), ...relayedArrivals(relayed, movements)];
  const hosts = await visitedHosts(store);
  const mails = await deliveries([...stated, ...(await strangeMails(store, clocks, hosts))], store, clocks);
  const world: World = {
    store,
    context,
    span,
    clocks,
    sessions,
    movements,
    relayed,
    logons,
    leases: leasesOf(sessions),
    hosts: await hostNames(store, movements, arrivals),
    machines: await machineLogs(store, clocks.offsetOf),
    controllers: await domainControllers(store),
    changes: await readChanges(store, clocks),
    board: boardOf([...stated, ...late]),
    deliveries: mails,
    visits: await visitsTo(mails, hosts, store, clocks),
    resets: await resetMails(store, clocks),
    pulls,
    approaches: await approachesOf(store),
  };
  return { world, egress, coverage: await coverageOf(store, sources, clocks), sources };
};
