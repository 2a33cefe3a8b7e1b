import { beforeAll, describe, expect, it } from 'vitest';
import { eventId } from '../../src/core/locator.ts';
import type { StoredEvent } from '../../src/ecs/event.ts';
import { textOf } from '../../src/ecs/event.ts';
import type { Hypothesis, TraceResult } from '../../src/trace/result.ts';
import { DAY, HOUR, MINUTE, Scene, told } from './scene.ts';
import { guessing, mailbox, stolen } from './scenes.ts';

const sumOf = (h: Hypothesis | undefined): number => (h?.score ?? []).reduce((sum, t) => sum + t.nats, 0);
const nats = (h: Hypothesis | undefined, term: string): number => h?.score.find((t) => t.term === term)?.nats ?? 0;

const withEvents = (scene: Scene, events: readonly StoredEvent[]): Scene => {
  const other = new Scene();
  other.events.push(...events);
  other.findings.push(...scene.findings);
  return other;
};

/** The same record as another stream holds it. */
const copyOf = (event: StoredEvent): StoredEvent => {
  const stream = `${(textOf(event.fields, 'einfallstor.stream') ?? '').slice(0, 8)}copy`;
  const offset = Number(event.fields['log.offset']);
  return {
    id: eventId(stream, offset),
    fields: { ...event.fields, 'einfallstor.stream': stream, 'log.file.path': 'case/copy.log' },
  };
};

describe('what must hold for every trace', () => {
  let result: TraceResult;
  beforeAll(async () => {
    result = await guessing().scene.run();
  });

  it('probabilities sum to 1', () => {
    const sum = result.hypotheses.reduce((total, h) => total + h.probability, result.notInTheseLogs.probability);
    expect(sum).toBeCloseTo(1, 9);
  });

  it('every term is printed: the scores give the probabilities', () => {
    const scores = [...result.hypotheses.map(sumOf), result.notInTheseLogs.score.reduce((sum, t) => sum + t.nats, 0)];
    const powers = scores.map(Math.exp);
    const total = powers.reduce((a, b) => a + b, 0);
    for (const [i, h] of result.hypotheses.entries()) expect(h.probability).toBeCloseTo((powers[i] ?? 0) / total, 6);
  });

  it('ranks follow probabilities, and one act is one hypothesis', () => {
    const probabilities = result.hypotheses.map((h) => h.probability);
    expect(probabilities).toEqual([...probabilities].sort((a, b) => b - a));
    const firsts = result.hypotheses.map((h) => h.entry.events[0]?.id);
    expect(new Set(firsts).size).toBe(firsts.length);
  });

  it('every statement for the leading hypothesis but the prior points to records', () => {
    const top = result.hypotheses[0];
    expect(top?.for.length).toBeGreaterThan(2);
    for (const statement of top?.for ?? []) expect(statement.events.length, statement.text.en).toBeGreaterThan(0);
  });

  it('the order in which events and findings arrive changes nothing', async () => {
    const { scene } = stolen();
    const straight = await scene.run();
    const other = withEvents(scene, [...scene.events].reverse());
    other.findings.reverse();
    expect(await other.run()).toEqual(straight);
  });

  it('records that were exported twice raise no score', async () => {
    const { scene } = guessing();
    const doubled = withEvents(scene, [...scene.events, ...scene.events.map(copyOf)]);
    const twice = await doubled.run();
    expect(twice.hypotheses[0]?.entry.timestamp).toBe(result.hypotheses[0]?.entry.timestamp);
    expect(sumOf(twice.hypotheses[0]), told(twice)).toBeLessThanOrEqual(sumOf(result.hypotheses[0]) + 1e-9);
    expect(nats(twice.hypotheses[0], 'guessing')).toBe(nats(result.hypotheses[0], 'guessing'));
  });

  it.each([
    ['failed logins', 'guessing'],
    ['scan', 'discovery'],
  ] as const)('without the %s that it cites the score falls', async (_, term) => {
    const { scene } = guessing();
    const cited = result.hypotheses[0]?.score.find((t) => t.term === term);
    expect(cited?.nats).toBeGreaterThan(0);
    const gone =
      term === 'guessing'
        ? (e: StoredEvent) => e.fields['event.outcome'] === 'failure' && e.fields['user.name'] === 'k.lindner'
        : (e: StoredEvent) => e.fields['source.ip'] === '10.9.0.14' && e.fields['destination.port'] !== 3389;
    const less = await withEvents(
      scene,
      scene.events.filter((e) => !gone(e)),
    ).run();
    const same = less.hypotheses.find((h) => h.entry.events[0]?.id === result.hypotheses[0]?.entry.events[0]?.id);
    expect(sumOf(same), told(less)).toBeLessThan(sumOf(result.hypotheses[0]));
  });

  it('without the entry itself nothing else is declared the entry', async () => {
    const { scene, entry } = guessing();
    const session = scene.events.find((e) => e.id === entry[0]);
    const rest = scene.events.filter((e) => e.fields['source.ip'] !== session?.fields['source.ip']);
    const less = await withEvents(scene, rest).run();
    expect(less.verdict, told(less)).toBe('undetermined');
  });
});

/** Messages to many people, all alike, of which a rule says that they are suspicious. */
const wave = (scene: Scene, number: number): void => {
  for (let i = 0; i < number; i += 1) {
    const at = -9 * DAY + i * 20 * MINUTE;
    const fields = {
      'email.local_id': `W${i}`,
      'email.from.address': ['billing@lure.example'],
      'email.to.address': [`staff${i}@house.example`],
    };
    const received = scene.add('mta', at, 'mail-received', { ...fields, 'source.ip': '203.0.113.222' });
    scene.add('mta', at + 2_000_000, 'mail-delivery', { ...fields, 'event.outcome': 'success' });
    scene.finding(
      'suspicious-mail',
      'T1566.001',
      'initial-access',
      1.5,
      [received],
      { 'email.to.address': `staff${i}@house.example` },
      'mail-phishing',
    );
  }
};

describe('rivals', () => {
  it('forty suspicious mails lift nobody', async () => {
    const { scene } = stolen();
    const before = await scene.run();
    wave(scene, 40);
    const after = await scene.run();
    expect(after.hypotheses[0]?.entry.events[0]?.id).toBe(before.hypotheses[0]?.entry.events[0]?.id);
    const mails = after.hypotheses.filter((h) => h.vector === 'mail-phishing');
    expect(mails.length).toBeGreaterThan(0);
    expect(
      mails.reduce((sum, h) => sum + h.probability, 0),
      told(after),
    ).toBeLessThan(0.05);
  });

  it('of a wave, the one message whose link was visited stands out', async () => {
    const scene = new Scene();
    scene.chatter();
    wave(scene, 40);
    const at = -9 * DAY + 7 * 20 * MINUTE;
    scene.add('proxy', at + HOUR, 'http-request', {
      'user.name': 'staff7',
      'source.ip': '10.0.0.107',
      'url.domain': 'lure.example',
      'http.response.status_code': 200,
    });
    const beacon = Array.from({ length: 30 }, (_, i) =>
      scene.flow(at + 2 * HOUR + i * MINUTE, '10.0.0.107', '198.51.100.31', 443, 700),
    );
    scene.finding('beacon', 'T1071.001', 'command-and-control', 2, beacon, {
      'source.ip': '10.0.0.107',
      'destination.ip': '198.51.100.31',
    });
    const moves = [20, 21, 22].map((n) => scene.flow(at + DAY + n * MINUTE, '10.0.0.107', `10.0.0.${n}`, 445, 90_000));
    scene.finding('new-admin-edges', 'T1021.002', 'lateral-movement', 2, moves, { 'source.ip': '10.0.0.107' });
    const result = await scene.run();
    expect(result.hypotheses[0]?.vector, told(result)).toBe('mail-phishing');
    expect(result.hypotheses[0]?.entry.summary.en).toContain('staff7');
    expect(result.hypotheses[0]?.probability).toBeGreaterThan(0.5);
  });

  it('the enabler is no entry, and the burst that follows is none either', async () => {
    const result = await mailbox().scene.run();
    expect(result.hypotheses.every((h) => !h.entry.summary.en.includes('recipients'))).toBe(true);
  });
});

describe('what the operator says beforehand', () => {
  it('an announced test is no intrusion', async () => {
    const scene = new Scene();
    scene.office(['a.berg']);
    scene.chatter();
    const ids = Array.from({ length: 60 }, (_, i) =>
      scene.flow(-DAY + i * 1_000_000, '10.0.9.9', `10.0.0.${i + 1}`, 445, 200),
    );
    const label = { context: ['pentest'] };
    scene.findings.push({
      ...scene.finding('scan', 'T1046', 'discovery', 3, ids, { 'source.ip': '10.0.9.9' }),
      ...label,
    });
    scene.findings.push({
      ...scene.finding('spread', 'T1021.002', 'lateral-movement', 3, ids, { 'source.ip': '10.0.9.9' }),
      ...label,
    });
    scene.findings.splice(0, 2);
    scene.findings.splice(0, scene.findings.length, ...scene.findings.filter((f) => f.context.includes('pentest')));
    const result = await scene.run();
    expect(result.verdict, told(result)).toBe('none');
  });

  it('an anchor that the analyst gives is followed although nothing else speaks of an intrusion', async () => {
    const scene = new Scene();
    scene.office(['a.berg', 'c.dorn']);
    scene.chatter();
    const entry = scene.vpn(-2 * DAY, 'c.dorn', '198.51.100.8', '10.9.7.7', { minutes: 600 });
    scene.flow(-2 * DAY + HOUR, '10.9.7.7', '10.0.0.20', 3389);
    scene.logon(-2 * DAY + HOUR + 1_000_000, 'FS01', 'adm-weber', '10.9.7.7');
    const mark = scene.add('win', -DAY, 'process-start', {
      'host.name': 'FS01',
      'user.name': 'adm-weber',
      'process.command_line': 'odd.exe',
    });
    expect((await scene.run()).verdict).toBe('none');
    const result = await scene.run({ anchor: mark });
    expect(result.hypotheses[0]?.entry.events[0]?.id, told(result)).toBe(entry);
    expect(result.anchor?.summary.en).toContain('marked by the analyst');
  });
});
