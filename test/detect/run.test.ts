import { describe, expect, it } from 'vitest';
import { HOUR, MINUTE, SECOND } from '../../src/core/time.ts';
import { NO_CONTEXT } from '../../src/detect/context.ts';
import { type Detection, detect } from '../../src/detect/run.ts';
import { loadRules } from '../../src/detect/sigma/load.ts';
import type { StoredEvent } from '../../src/ecs/event.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { event, START, vpnLogin } from './events.ts';

const FAILURE = `
title: Failure
id: failure
taxonomy: ecs
logsource: {category: vpn}
detection:
  s: {event.outcome: failure}
  condition: s
tags: [attack.t1110.001, attack.credential-access]
level: low
fields: [user.name, source.ip]
custom:
  fact: '{count} failures of {user.name}[ on {host.name}] in {duration}'
  stage: credential-access
  requires: []
  provides: [credential(user.name)]
  weight: 0.5
`;

const run = async (rules: string, events: readonly StoredEvent[]): Promise<Detection> =>
  detect({
    store: memoryStore(events),
    rules: loadRules([{ file: 'r.yml', text: rules }], { names: 'taxonomy' }),
    baselines: [],
    context: NO_CONTEXT,
  });

const failures = (count: number, gap: number, user = 'kim'): StoredEvent[] =>
  Array.from({ length: count }, (_, i) => vpnLogin(i * gap, user, '198.51.100.7', 'failure'));

describe('single events', () => {
  it('become one finding per burst, with its numbers', async () => {
    const { findings, problems } = await run(FAILURE, [...failures(3, MINUTE), ...failures(2, MINUTE, 'lou')]);
    expect(problems).toEqual([]);
    expect(findings.map(({ fact, count }) => [fact.en, count])).toEqual([
      ['3 failures of kim in 2 min', 3],
      ['2 failures of lou in 60 s', 2],
    ]);
    expect(findings[0]).toMatchObject({
      rule: 'failure',
      level: 'low',
      techniques: ['T1110.001'],
      from: START,
      to: START + 2 * MINUTE,
      at: START,
      entities: { 'user.name': 'kim', 'source.ip': '198.51.100.7' },
      chain: { stage: 'credential-access', provides: ['credential(user.name)'], weight: 0.5 },
    });
  });

  it('are apart when more than ten minutes are between them', async () => {
    const { findings } = await run(FAILURE, failures(3, 11 * MINUTE));
    expect(findings).toHaveLength(3);
    expect(new Set(findings.map(({ id }) => id)).size).toBe(3);
  });

  it('are one campaign where the rule says what makes one', async () => {
    const rule = FAILURE.replace('custom:', 'custom:\n  burst: {by: [host.name], timespan: 1d}');
    expect(rule).not.toBe(FAILURE);
    const { findings } = await run(rule, [...failures(3, 11 * HOUR), ...failures(2, 13 * HOUR, 'lou')]);
    expect(findings.map(({ count, entities }) => [count, entities])).toEqual([[5, { 'source.ip': '198.51.100.7' }]]);
    const apart = await run(rule, failures(2, 25 * HOUR));
    expect(apart.findings).toHaveLength(2);
  });

  it('keep the first and the last events of very many', async () => {
    const events = failures(5000, SECOND / 10);
    const [finding] = (await run(FAILURE, events)).findings;
    expect(finding?.count).toBe(5000);
    expect(finding?.events).toHaveLength(200);
    expect(finding?.events[0]).toBe(events[0]?.id);
    expect(finding?.events.at(-1)).toBe(events.at(-1)?.id);
  });

  it('are not found in acts that the logsource is not about', async () => {
    const mail = event(0, { 'einfallstor.act': 'login', 'event.outcome': 'failure', 'user.name': 'kim' });
    expect((await run(FAILURE, [mail])).findings).toEqual([]);
  });

  it('without time are counted as a problem', async () => {
    const { id, fields } = vpnLogin(0, 'kim', '198.51.100.7', 'failure');
    const { '@timestamp': _, ...rest } = fields;
    const { findings, problems } = await run(FAILURE, [{ id, fields: rest }]);
    expect(findings).toEqual([]);
    expect(problems).toMatchObject([{ reason: expect.stringContaining('no time'), severity: 'doubtful' }]);
  });
});

const CHAIN = `${FAILURE}
---
title: Guessing
id: guessing
taxonomy: ecs
correlation:
  type: event_count
  rules: [failure]
  group-by: [user.name]
  timespan: 10m
  condition: {gte: 3}
level: medium
---
title: Success
id: success
taxonomy: ecs
logsource: {category: vpn}
detection:
  s: {event.outcome: success}
  condition: s
custom: {part: true}
---
title: Guessed
id: guessed
taxonomy: ecs
correlation:
  type: temporal_ordered
  rules: [guessing, success]
  group-by: [user.name]
  timespan: 1h
generate: true
level: high
custom:
  fact: '{user.name} from {source.ip} after {before} failures'
`;

describe('correlations', () => {
  it('make findings of their own and of what they build on, but for parts', async () => {
    const { findings } = await run(CHAIN, [...failures(5, MINUTE), vpnLogin(9 * MINUTE, 'KIM', '203.0.113.4')]);
    expect(findings.map(({ rule }) => rule)).toEqual(['guessing', 'guessed']);
    expect(findings[0]).toMatchObject({
      count: 5,
      at: START + 2 * MINUTE,
      entities: { 'user.name': 'kim', 'source.ip': '198.51.100.7' },
    });
    expect(findings[1]).toMatchObject({
      count: 6,
      fact: { en: 'kim from 203.0.113.4 after 5 failures' },
      level: 'high',
    });
    expect(findings[1]?.events).toHaveLength(6);
  });

  it('give the same findings whatever the order in which events are stored', async () => {
    const events = [...failures(5, MINUTE), vpnLogin(9 * MINUTE, 'kim', '203.0.113.4')];
    const forward = await run(CHAIN, events);
    const backward = await run(CHAIN, [...events].reverse());
    expect(backward).toEqual(forward);
  });
});

describe('rules for other logs', () => {
  it('are mapped by their logsource', async () => {
    const rule = `title: web\nlogsource: {category: webserver}\ndetection:\n  s:\n    cs-uri-stem|endswith: .php\n    sc-status: 200\n  condition: s\n`;
    const request = event(0, {
      'einfallstor.act': 'http-request',
      'url.path': '/a.php',
      'http.response.status_code': 200,
    });
    expect((await run(rule, [request])).findings).toHaveLength(1);
  });

  it('are not run when no such log is read here, and said so', async () => {
    const rule = `title: aws\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n  s:\n    a: 1\n  condition: s\n`;
    const { problems } = await run(rule, [vpnLogin(0, 'kim', '198.51.100.7')]);
    expect(problems).toMatchObject([{ reason: expect.stringContaining('aws/cloudtrail'), severity: 'not run' }]);
  });
});
