import { eventId } from '../../src/core/locator.ts';
import { asIs } from '../../src/core/said.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../src/core/time.ts';
import type { CaseContext } from '../../src/detect/context.ts';
import { NO_CONTEXT } from '../../src/detect/context.ts';
import type { Finding } from '../../src/detect/finding.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields, StoredEvent } from '../../src/ecs/event.ts';
import { numberOf, textOf } from '../../src/ecs/event.ts';
import { memoryStore } from '../../src/store/memory.ts';
import type { EventReference, TraceResult } from '../../src/trace/result.ts';
import { trace } from '../../src/trace/trace.ts';

export { DAY, HOUR, MINUTE, SECOND };

/** The impact of every scene: 4 Mar 2031 22:00 UTC. Times are written relative to it, as `-4 * DAY`. */
export const IMPACT = Date.UTC(2031, 2, 4, 22) * 1000;

export const referenceOf = (event: StoredEvent): EventReference => ({
  id: event.id,
  evidence: {
    path: textOf(event.fields, 'log.file.path') ?? '',
    line: numberOf(event.fields, 'einfallstor.record.line') ?? null,
    offset: numberOf(event.fields, 'log.offset') ?? 0,
    length: 100,
    sha256: '0'.repeat(64),
    memberSha256: '0'.repeat(64),
  },
});

/** A set of events written by hand, one stream per source. */
export class Scene {
  readonly events: StoredEvent[] = [];
  readonly findings: Finding[] = [];
  readonly #lines = new Map<string, number>();

  /** Adds one event of a source (`fw`, `vpn`, …) at a time relative to the impact; returns its id. */
  add(source: string, at: number, act: Act, fields: Fields = {}): string {
    const line = (this.#lines.get(source) ?? 0) + 1;
    this.#lines.set(source, line);
    const offset = line * 100;
    const id = eventId(source.padEnd(12, '0'), offset);
    this.events.push({
      id,
      fields: {
        '@timestamp': IMPACT + at,
        'einfallstor.act': act,
        'einfallstor.stream': source.padEnd(12, '0'),
        'log.file.path': `case/${source}.log`,
        'log.offset': offset,
        'einfallstor.record.line': line,
        'event.kind': 'event',
        ...fields,
      },
    });
    return id;
  }

  /** An instant of the scene as events state it, epoch µs. */
  at(at: number): number {
    return IMPACT + at;
  }

  vpn(
    at: number,
    user: string,
    remote: string,
    address: string,
    options: { minutes?: number; client?: string; source?: string; id?: string; ended?: boolean } = {},
  ): string {
    const source = options.source ?? 'vpn';
    const common: Fields = {
      'user.name': user,
      'source.ip': remote,
      'einfallstor.vpn.assigned_ip': address,
      'observer.name': 'gw1',
      'user_agent.original': options.client ?? 'client 5.1',
      ...(options.id === undefined ? {} : { 'einfallstor.vpn.session_id': options.id }),
    };
    const id = this.add(source, at, 'vpn-session-start', { ...common, 'event.outcome': 'success' });
    if (options.ended !== false) this.add(source, at + (options.minutes ?? 480) * MINUTE, 'vpn-session-end', common);
    return id;
  }

  vpnFailure(at: number, user: string, remote: string): string {
    return this.add('vpn', at, 'vpn-login', {
      'user.name': user,
      'source.ip': remote,
      'event.outcome': 'failure',
      'observer.name': 'gw1',
    });
  }

  flow(at: number, from: string, to: string, port: number, out = 4_000, fields: Fields = {}): string {
    return this.add('fw', at, 'flow', {
      'source.ip': from,
      'destination.ip': to,
      'destination.port': port,
      'network.transport': 'tcp',
      'source.bytes': out,
      'destination.bytes': 9_000,
      'event.type': ['connection', 'allowed'],
      'observer.name': 'gw1',
      ...fields,
    });
  }

  /** Windows 4624. */
  logon(at: number, host: string, user: string, from: string, type = '10', source = 'win'): string {
    return this.add(source, at, 'login', {
      'host.name': host,
      'user.name': user,
      'source.ip': from,
      'event.outcome': 'success',
      'winlog.logon.type': type,
      'service.type': type === '10' ? 'rdp' : 'windows',
      'event.code': '4624',
    });
  }

  service(at: number, host: string, name = 'svcupd', path = 'C:\\Windows\\Temp\\svcupd.exe'): string {
    return this.add('win', at, 'service-installed', {
      'host.name': host,
      'service.name': name,
      'process.executable': path,
      'event.code': '7045',
    });
  }

  /** Each employee connects on working days from home, 30 days long: what is usual. */
  office(users: readonly string[], days = 30): void {
    for (let day = days; day >= 1; day -= 1) {
      for (const [i, user] of users.entries()) {
        const start = -day * DAY - 14 * HOUR + i * 7 * MINUTE;
        this.vpn(start, user, `192.0.2.${10 + i}`, `10.9.1.${10 + i}`, { minutes: 500 });
        for (let n = 0; n < 6; n += 1) this.flow(start + (n + 1) * HOUR, `10.9.1.${10 + i}`, '10.0.0.5', 443);
      }
    }
  }

  /** The firewall is never silent for long. */
  chatter(days = 31, every = 20 * MINUTE): void {
    for (let at = -days * DAY; at < 2 * HOUR; at += every) this.flow(at, '10.0.0.77', '203.0.113.200', 443, 3_000);
  }

  /** Logons to a server go on before and after: what the logs of the machines do not show did not happen. */
  logons(days = 31): void {
    for (let at = -days * DAY; at < 2 * HOUR; at += 2 * HOUR) this.logon(at, 'FS01', 'svc-scan', '10.0.0.78', '3');
  }

  finding(
    rule: string,
    technique: string,
    stage: string,
    weight: number,
    events: readonly string[],
    entities: Record<string, string>,
    vector?: string,
  ): Finding {
    const own = this.events
      .filter((e) => events.includes(e.id))
      .map((e) => Number(e.fields['@timestamp']))
      .sort((a, b) => a - b);
    const finding: Finding = {
      id: `${rule}-${events[0]}`,
      rule,
      title: rule,
      level: 'high',
      techniques: [technique],
      fact: asIs(`${rule} (${events.length})`),
      from: own[0] ?? IMPACT,
      to: own[own.length - 1] ?? IMPACT,
      at: own[own.length - 1] ?? IMPACT,
      events,
      count: events.length,
      entities,
      chain: { stage, requires: [], provides: [], weight, ...(vector === undefined ? {} : { vector }) },
      context: [],
    };
    this.findings.push(finding);
    return finding;
  }

  run(options: { context?: Partial<CaseContext>; anchor?: string } = {}): Promise<TraceResult> {
    return trace({
      store: memoryStore(this.events),
      findings: this.findings,
      context: { ...NO_CONTEXT, ...options.context },
      anchor: options.anchor,
      reference: referenceOf,
    });
  }
}

/** Ids of the entry's records of the leading hypothesis. */
export const entryIds = (result: TraceResult): string[] => (result.hypotheses[0]?.entry.events ?? []).map((e) => e.id);

/** For a failing test: the reckoning, one line each. */
export const told = (result: TraceResult): string =>
  [
    `${result.verdict}; not in these logs ${result.notInTheseLogs.probability.toFixed(3)}: ${result.notInTheseLogs.score.map((t) => `${t.term} ${t.nats}`).join(', ')}`,
    `anchor ${result.anchor?.summary.en}; data ${result.exfiltration.grade} ${result.exfiltration.bytesUpperBound}: ${result.exfiltration.because.en}`,
    ...result.hypotheses
      .slice(0, 6)
      .map(
        (h) =>
          `${h.rank} ${h.probability.toFixed(3)} ${h.vector} ${h.title.en}\n   ${h.score.map((t) => `${t.term} ${t.nats}`).join(', ')}\n   ${h.chain.map((c) => c.summary.en).join(' → ')}`,
      ),
  ].join('\n');
