import { addressClass, networkOf } from '../../core/net.ts';
import { say } from '../../core/said.ts';
import { MINUTE } from '../../core/time.ts';
import { numberOf, textOf } from '../../ecs/event.ts';
import { and, field, is, isAny, or } from '../../query/ast.ts';
import type { StoreReader } from '../../store/store.ts';
import { findingOf, type Meaning } from '../build.ts';
import type { Finding } from '../finding.ts';
import { EventSample } from '../sample.ts';
import { durationText, namedText } from '../words.ts';
import type { Baseline } from './baseline.ts';
import { SETTINGS } from './settings.ts';

const SERVICES: ReadonlyMap<number, string> = new Map([
  [22, 'SSH'],
  [445, 'SMB'],
  [3389, 'Remote Desktop'],
  [5985, 'WinRM'],
  [5986, 'WinRM'],
]);

interface Wave {
  readonly source: string;
  readonly from: number;
  to: number;
  readonly targets: Set<string>;
  readonly services: Set<string>;
  readonly sample: EventSample;
}

const FLOWS = and(
  isAny('einfallstor.act', ['flow', 'flow-start']),
  is('network.direction', 'internal'),
  isAny('destination.port', SETTINGS.adminPorts),
);
const LOGONS = and(
  is('einfallstor.act', 'login'),
  isAny('service.type', ['rdp', 'ssh']),
  is('event.outcome', 'success'),
  field('source.ip', { op: 'exists' }),
  field('host.name', { op: 'exists' }),
);
const ASSIGNED = 'einfallstor.vpn.assigned_ip';
const FIELDS = ['einfallstor.act', 'source.ip', 'destination.ip', 'destination.port', 'host.name', 'service.type'];

const findingFor = (wave: Wave, learned: number): Finding | undefined => {
  const interactive = wave.services.has('SSH') || wave.services.has('Remote Desktop') || wave.services.has('WinRM');
  if (wave.targets.size < SETTINGS.edgeLeast && !interactive) return undefined;
  const weight = Number(Math.min(1.5, 0.5 + 0.3 * Math.log(wave.targets.size)).toFixed(2));
  const meaning: Meaning = {
    id: 'baseline-new-admin-edge',
    title: 'Administrative connections between hosts that had none',
    level: wave.targets.size >= 5 ? 'medium' : 'low',
    techniques: ['T1021'],
    chain: { stage: 'lateral-movement', requires: ['network-access(source.ip)'], provides: [], weight },
  };
  const targets = [...wave.targets].sort();
  const named = namedText(targets);
  const services = [...wave.services].sort().join(', ');
  const [before, within] = [durationText(learned), durationText(Math.max(wave.to - wave.from, MINUTE))];
  const fact = say(
    `${wave.source} opened ${services} for the first time in ${before.en} to ${targets.length} hosts within ${within.en}: ${named.en}`,
    `${wave.source} öffnete ${services} erstmals seit ${before.de} zu ${targets.length} Rechnern innerhalb von ${within.de}: ${named.de}`,
  );
  const span = { from: wave.from, to: wave.to, at: wave.from, ids: wave.sample.ids(), count: wave.sample.count };
  const entities: Record<string, string> = { 'source.ip': wave.source };
  if (targets.length === 1) entities['destination.ip'] = targets[0] as string;
  return findingOf(meaning, span, { source: wave.source }, entities, fact);
};

const MAX_LEASES = 5000;

/** Networks that VPN sessions get their addresses from: an address there is another person tomorrow. */
const poolsOf = async (store: StoreReader): Promise<ReadonlySet<string>> => {
  const leased = await store.top(field(ASSIGNED, { op: 'exists' }), ASSIGNED, MAX_LEASES);
  return new Set(leased.flatMap(({ value }) => networkOf(value) ?? []));
};

/** Pairs of hosts that speak SSH, SMB, Remote Desktop or WinRM for the first time after the learning period. */
export const newAdminEdges: Baseline = {
  title: 'Administrative connections between hosts that had none',
  run: async ({ store }) => {
    const begin = (await store.span())?.first;
    if (begin === undefined) return [];
    const pools = await poolsOf(store);
    const known = new Set<string>();
    const waves = new Map<string, Wave>();
    const findings: Finding[] = [];
    const end = (wave: Wave): void => {
      const finding = findingFor(wave, wave.from - begin);
      if (finding !== undefined) findings.push(finding);
    };
    for await (const { id, fields } of store.scan(or(FLOWS, LOGONS), { order: 'time', fields: FIELDS })) {
      const time = numberOf(fields, '@timestamp');
      const source = textOf(fields, 'source.ip');
      const port = numberOf(fields, 'destination.port');
      const target = textOf(fields, 'destination.ip') ?? textOf(fields, 'host.name');
      if (time === undefined || source === undefined || target === undefined || addressClass(source) === 'public')
        continue;
      const service = SERVICES.get(port ?? 0) ?? (textOf(fields, 'service.type') === 'ssh' ? 'SSH' : 'Remote Desktop');
      const network = networkOf(source) ?? source;
      // what colleagues reach by VPN is no news, whoever holds the address today
      const edge = `${pools.has(network) ? network : source} ${target} ${service}`;
      if (known.has(edge)) continue;
      known.add(edge);
      if (time - begin < SETTINGS.learning) continue;
      let wave = waves.get(source);
      if (wave !== undefined && time - wave.from > SETTINGS.edgeWindow) {
        end(wave);
        wave = undefined;
      }
      if (wave === undefined) {
        wave = { source, from: time, to: time, targets: new Set(), services: new Set(), sample: new EventSample() };
        waves.set(source, wave);
      }
      wave.to = time;
      wave.targets.add(target);
      wave.services.add(service);
      wave.sample.add(id);
    }
    for (const wave of waves.values()) end(wave);
    return findings;
  },
};
