import { parseCidr } from '../../core/net.ts';
import { MINUTE } from '../../core/time.ts';
import { numberOf, textOf } from '../../ecs/event.ts';
import { and, field, isAny, not, or, type Query } from '../../query/ast.ts';
import { findingOf, type Meaning } from '../build.ts';
import type { Finding } from '../finding.ts';
import { EventSample } from '../sample.ts';
import { durationText } from '../words.ts';
import type { Baseline } from './baseline.ts';
import { SETTINGS } from './settings.ts';

const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'];

/** An address of the inside. */
export const inside = (name: string): Query =>
  or(...PRIVATE.flatMap((cidr) => parseCidr(cidr) ?? []).map((range) => field(name, { op: 'cidr', range })));
export const outside = (name: string): Query => and(field(name, { op: 'exists' }), not(inside(name)));

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
  inside('source.ip'),
  inside('destination.ip'),
  isAny('destination.port', SETTINGS.adminPorts),
);
const LOGONS = and(
  isAny('einfallstor.act', ['login']),
  isAny('service.type', ['rdp', 'ssh']),
  isAny('event.outcome', ['success']),
  inside('source.ip'),
  field('host.name', { op: 'exists' }),
);
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
  const named =
    targets.length <= 5 ? targets.join(', ') : `${targets.slice(0, 5).join(', ')} and ${targets.length - 5} more`;
  const fact = `${wave.source} opened ${[...wave.services].sort().join(', ')} for the first time in ${durationText(learned)} to ${targets.length} hosts within ${durationText(Math.max(wave.to - wave.from, MINUTE))}: ${named}`;
  const span = { from: wave.from, to: wave.to, at: wave.from, ids: wave.sample.ids(), count: wave.sample.count };
  const entities: Record<string, string> = { 'source.ip': wave.source };
  if (targets.length === 1) entities['destination.ip'] = targets[0] as string;
  return findingOf(meaning, span, { source: wave.source }, entities, fact);
};

/** Pairs of hosts that speak SSH, SMB, Remote Desktop or WinRM for the first time after the learning period. */
export const newAdminEdges: Baseline = {
  title: 'Administrative connections between hosts that had none',
  run: async ({ store }) => {
    const begin = (await store.span())?.first;
    if (begin === undefined) return [];
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
      if (time === undefined || source === undefined || target === undefined) continue;
      const service = SERVICES.get(port ?? 0) ?? (textOf(fields, 'service.type') === 'ssh' ? 'SSH' : 'Remote Desktop');
      const edge = `${source} ${target} ${service}`;
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
