import { addressClass } from '../core/net.ts';
import { MINUTE } from '../core/time.ts';
import type { Finding } from '../detect/finding.ts';
import type { Clocks } from './clocks.ts';
import { type Act, byTime, type Mark } from './model.ts';
import { accountKey, hostKey, isInner, isPublic } from './read.ts';
import type { Vector } from './result.ts';
import { familyOf, stageOf } from './stages.ts';

/** Acts that findings and signals state, indexed by everything that can tie them to others. */
export interface Board {
  readonly acts: readonly Act[];
  /** Acts that name this account, address, host or device, by time. */
  naming(entity: string): readonly Act[];
}

const VECTORS: ReadonlySet<string> = new Set<Vector>([
  'vpn-valid-account',
  'vpn-guessed-password',
  'mail-phishing',
  'mail-account-takeover',
  'web-exploit',
  'appliance-exploit',
  'exposed-remote-service',
  'session-theft',
  'mfa-fatigue',
  'token-or-consent',
  'partner-access',
  'rogue-device',
  'insider-or-leaver',
  'physical-or-unknown',
]);

export const vectorOf = (word: string | undefined): Vector | undefined =>
  word !== undefined && VECTORS.has(word) ? (word as Vector) : undefined;

/** Weight of a rule that states none, by its level, in nats. */
const BY_LEVEL = { informational: 0, low: 0.3, medium: 0.7, high: 1.2, critical: 2 } as const;
/** No single rule may say more: one rule is one author's judgement. */
const MOST = 4;

export const weightOf = (finding: Finding): number => {
  const weight = finding.chain?.weight ?? BY_LEVEL[finding.level];
  const weakened = finding.context.some((label) => EXPLAINED.has(label)) ? Math.min(weight, 0) : weight;
  return Math.max(-MOST, Math.min(MOST, weakened));
};

/** Labels of the context that explain a finding away. */
const EXPLAINED = new Set(['pentest', 'scanner', 'backup', 'maintenance']);

const streamOf = (eventId: string): string => eventId.slice(0, Math.max(0, eventId.lastIndexOf('-')));

const entity = (finding: Finding, ...names: readonly string[]): string | undefined => {
  for (const name of names) if (finding.entities[name] !== undefined) return finding.entities[name];
  return undefined;
};

const stageOfFinding = (finding: Finding): string =>
  finding.chain?.stage ?? finding.techniques.map(stageOf).find((s) => s !== undefined) ?? 'unknown';

const targetsOf = (finding: Finding, host: string | undefined): string[] => {
  const names = [
    'destination.ip',
    'destination.domain',
    'user.target.name',
    'email.to.address',
    'einfallstor.target.host',
    'service.name',
    'einfallstor.change.object',
  ];
  const targets = names.flatMap((name) => finding.entities[name] ?? []);
  return [
    ...new Set([...targets, ...targets.flatMap((t) => accountKey(t) ?? []), ...(host === undefined ? [] : [host])]),
  ];
};

/** A login after guesses: valid accounts, brute force, remote services. */
const LOGGED_IN = /^T(?:1078|1110|1133)/;

/** Of guesses and the login that they led to, the login is the act: it comes last, when the rule is fulfilled. */
const endsInLogin = (finding: Finding, stage: string): boolean =>
  stage === 'initial-access' &&
  finding.at === finding.to &&
  finding.to > finding.from &&
  finding.techniques.some((technique) => LOGGED_IN.test(technique));

/** The act a finding states. Its own weight becomes a mark, so that it counts once in whatever it is attached to. */
export const actOfFinding = (finding: Finding, clocks: Clocks): Act => {
  const stage = stageOfFinding(finding);
  const last = endsInLogin(finding, stage) ? finding.events[finding.events.length - 1] : undefined;
  const stream = streamOf(last ?? finding.events[0] ?? '');
  const shift = clocks.offsetOf(stream);
  const source = entity(finding, 'source.ip', 'client.ip', 'source.nat.ip');
  const host = hostKey(entity(finding, 'host.name', 'host.hostname', 'winlog.computer_name'));
  const technique = finding.techniques[0] ?? '';
  const leased = entity(finding, 'einfallstor.vpn.assigned_ip');
  const mark: Mark = {
    family: familyOf(technique, stage),
    nats: weightOf(finding),
    because: finding.fact,
    events: finding.events,
    from: finding.from - shift,
  };
  return {
    key: `finding:${finding.id}`,
    kind: 'finding',
    stage,
    technique,
    from: (last === undefined ? finding.from : finding.to) - shift,
    to: finding.to - shift,
    slack: clocks.slackOf(stream),
    account: accountKey(entity(finding, 'user.name', 'user.email', 'source.user.name', 'einfallstor.email.auth_user')),
    remote: isPublic(source) ? source : undefined,
    address: isInner(source) ? source : isInner(leased) ? leased : undefined,
    host,
    device: entity(finding, 'observer.name'),
    targets: targetsOf(finding, host),
    events: last === undefined ? finding.events : [last],
    count: finding.count,
    summary: finding.fact,
    vector: vectorOf(finding.chain?.vector),
    marks: [mark],
    labels: finding.context,
  };
};

const entitiesOf = (act: Act): string[] => {
  const own = [act.account, act.remote, act.address, act.host, act.device, ...act.targets];
  return [...new Set(own.filter((e): e is string => e !== undefined && e !== '' && addressClass(e) !== 'loopback'))];
};

export const boardOf = (acts: readonly Act[]): Board => {
  const sorted = [...acts].sort(byTime);
  const index = new Map<string, Act[]>();
  for (const act of sorted) {
    for (const name of entitiesOf(act)) {
      const list = index.get(name);
      if (list === undefined) index.set(name, [act]);
      else list.push(act);
    }
  }
  return { acts: sorted, naming: (name) => index.get(name) ?? [] };
};

/** Whether a finding speaks of this act: a common record, or nothing contradicting and the same actor about the time. */
export const speaksOf = (finding: Act, act: Act): boolean => {
  if (finding.events.some((id) => act.events.includes(id))) return true;
  const near =
    act.from >= finding.from - 5 * MINUTE - finding.slack && act.from <= finding.to + 60 * MINUTE + finding.slack;
  if (!near) return false;
  const agree = (a: string | undefined, b: string | undefined): boolean => a === undefined || a === b;
  if (finding.account === undefined && finding.remote === undefined) return false;
  return agree(finding.account, act.account) && agree(finding.remote, act.remote) && agree(finding.device, act.device);
};
