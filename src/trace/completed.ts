import type { StoredEvent } from '../ecs/event.ts';
import { textOf } from '../ecs/event.ts';
import type { StoreReader } from '../store/store.ts';
import { lateActs } from './anchor.ts';
import type { Act } from './model.ts';
import { accountOf, eventsOf, hostOf, isInner, isPublic } from './read.ts';

/** Records that are looked at to learn what a finding's rule did not group by. */
const LOOKED_AT = 60;
const MOST_TARGETS = 50;
/** What is learned from. */
const FIELDS = [
  'source.ip',
  'destination.ip',
  'user.name',
  'user.email',
  'observer.name',
  'host.name',
  'host.hostname',
  'winlog.computer_name',
];

const single = (values: readonly (string | undefined)[]): string | undefined => {
  const set = [...new Set(values.filter((v): v is string => v !== undefined))];
  return set.length === 1 ? set[0] : undefined;
};

const completedBy = (act: Act, events: readonly StoredEvent[]): Act => {
  const hosts = [...new Set(events.flatMap((e) => hostOf(e.fields) ?? []))];
  const sources = events.map((e) => textOf(e.fields, 'source.ip'));
  const reached = events.flatMap((e) => textOf(e.fields, 'destination.ip') ?? []);
  const accounts = events
    .map((e) => accountOf(e.fields))
    .map((a) => (a === undefined || a.endsWith('$') || a === 'system' ? undefined : a));
  const source = single(sources);
  return {
    ...act,
    account: act.account ?? single(accounts),
    address: act.address ?? (isInner(source) ? source : undefined),
    remote: act.remote ?? (isPublic(source) ? source : undefined),
    host: act.host ?? (hosts.length === 1 ? hosts[0] : undefined),
    device: act.device ?? single(events.map((e) => textOf(e.fields, 'observer.name'))),
    // several hosts without one source: the act is theirs, and its causes are looked for at each
    kind: act.address === undefined && source === undefined && hosts.length > 1 ? 'impact' : act.kind,
    targets: [...new Set([...act.targets, ...hosts, ...reached])].slice(0, MOST_TARGETS),
  };
};

/** Findings of a late stage with what their records say of actor and place, where the rule did not. */
export const completed = async (findings: readonly Act[], store: StoreReader): Promise<Act[]> => {
  const late = new Map(lateActs(findings).map((a) => [a.key, a.events.slice(0, LOOKED_AT)]));
  const events = await eventsOf([...late.values()].flat(), store, FIELDS);
  return findings.map((act) => {
    const own = late.get(act.key);
    return own === undefined
      ? act
      : completedBy(
          act,
          own.flatMap((id) => events.get(id) ?? []),
        );
  });
};
