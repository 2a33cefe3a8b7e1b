import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { asIs, say } from '../../src/core/said.ts';
import { MEASURES } from '../../src/harden/catalogue.ts';
import { harden } from '../../src/harden/harden.ts';
import type { EventReference, Hypothesis, TraceResult } from '../../src/trace/result.ts';

const event: EventReference = {
  id: 's-1',
  evidence: {
    path: 'logs/fw.log',
    line: 7,
    offset: 90,
    length: 40,
    sha256: 'a'.repeat(64),
    memberSha256: 'a'.repeat(64),
  },
};

const hypothesis = (rank: number, probability: number, technique: string, steps: readonly string[]): Hypothesis => ({
  rank,
  probability,
  vector: 'vpn-valid-account',
  technique,
  origin: 'external',
  title: asIs('a login'),
  entry: {
    timestamp: '2021-10-31T22:14:07.000Z',
    uncertaintySeconds: 1,
    summary: asIs(`entry ${rank}`),
    events: [event],
  },
  chain: steps.map((t) => ({
    stage: 'lateral-movement',
    technique: t,
    timestamp: '2021-11-01T00:00:00.000Z',
    summary: asIs(t),
    events: [event],
  })),
  score: [],
  for: [],
  against: [],
  missing: [],
});

const result = (...hypotheses: Hypothesis[]): TraceResult => ({
  verdict: 'probable',
  anchor: null,
  hypotheses,
  notInTheseLogs: { probability: 0.1, score: [] },
  exfiltration: { grade: 'cannot-be-excluded', bytesUpperBound: null, events: [], because: say('', '') },
  coverage: [],
  otherChains: [],
});

describe('harden', () => {
  it('names for each step what breaks it, with the step’s evidence, and says which step it cannot break', () => {
    const { steps, without } = harden(
      result(hypothesis(1, 0.7, 'T1133', ['T1021.001', 'T9999']), hypothesis(2, 0.1, 'T1190', [])),
      [],
    );
    expect(steps.map((s) => [s.technique, s.measures.map((m) => m.id)])).toEqual([
      ['T1133', ['vpn-second-factor', 'management-not-outside']],
      ['T1021.001', ['no-published-rdp']],
    ]);
    expect(steps[1]?.events).toEqual([event]);
    expect(without).toEqual([{ technique: 'T9999', summary: asIs('T9999') }]);
  });

  it('covers rivals that may as well be true', () => {
    const { steps } = harden(result(hypothesis(1, 0.45, 'T1133', []), hypothesis(2, 0.3, 'T1566.001', [])), []);
    expect(steps.map((s) => s.hypothesis)).toEqual([1, 2]);
  });

  it('uses the parent technique’s measure for an unlisted sub-technique', () => {
    const { steps } = harden(result(hypothesis(1, 0.7, 'T1110.002', [])), []);
    expect(steps[0]?.measures.map((m) => m.id)).toEqual(['guessing-limits']);
  });

  it('proposes to block only outside addresses that are nobody’s we know, and says why the others stay', () => {
    const { blockList } = harden(result(hypothesis(1, 0.7, 'T1133', [])), [
      { address: '203.0.113.9', events: [event] },
      { address: '10.0.0.1', events: [event] },
      { address: '198.51.100.4', events: [event], belongsTo: 'shared' },
    ]);
    expect(blockList.map((b) => [b.address, b.block])).toEqual([
      ['10.0.0.1', false],
      ['198.51.100.4', false],
      ['203.0.113.9', true],
    ]);
    expect(blockList[1]?.because.en).toContain('shared');
  });
});

const attack = join(import.meta.dirname, '../../../shared/schemas/attack/enterprise-18.1.json');

describe('catalogue', () => {
  it('has unique ids', () => expect(new Set(MEASURES.map((m) => m.id)).size).toBe(MEASURES.length));

  // The ATT&CK data lie beside a development checkout only; they are not ours to ship.
  it.skipIf(!existsSync(attack))('names mitigations and techniques that ATT&CK has', () => {
    const data = JSON.parse(readFileSync(attack, 'utf8')) as {
      mitigations: { id: string }[];
      techniques: { id: string; mitigations: string[] }[];
    };
    const known = new Set([...data.mitigations, ...data.techniques].map((x) => x.id));
    const unknown = MEASURES.flatMap((m) => [...m.mitigations, ...m.techniques].filter((id) => !known.has(id)));
    expect(unknown).toEqual([]);
    // every measure stands on at least one edge of ATT&CK: a mitigation that is recorded for one of its techniques
    const byTechnique = new Map(data.techniques.map((t) => [t.id, t.mitigations]));
    const loose = MEASURES.filter(
      (m) => !m.techniques.some((t) => byTechnique.get(t)?.some((id) => m.mitigations.includes(id))),
    );
    expect(loose.map((m) => m.id)).toEqual([]);
  });
});
