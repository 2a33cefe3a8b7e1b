import { describe, expect, it } from 'vitest';
import type { Fields } from '../../../src/ecs/event.ts';
import { turnAnswer } from '../../../src/parse/kit/flow.ts';

const turned = (source: number, destination: number, answers?: boolean): Fields => {
  const fields: Fields = {
    'source.ip': '203.0.113.9',
    'source.port': source,
    'source.bytes': 5,
    'destination.ip': '10.0.0.5',
    'destination.port': destination,
    'network.bytes': 5,
  };
  turnAnswer(fields, answers);
  return fields;
};

describe('turnAnswer', () => {
  it("turns a record round whose first end alone has a service's port", () => {
    expect(turned(443, 50112)).toEqual({
      'source.ip': '10.0.0.5',
      'source.port': 50112,
      'source.bytes': 0,
      'destination.ip': '203.0.113.9',
      'destination.port': 443,
      'destination.bytes': 5,
      'network.bytes': 5,
      'einfallstor.warnings': ['direction-inferred:ports'],
    });
    expect(turned(3389, 5021)['source.ip']).toBe('10.0.0.5');
  });

  it('leaves alone what the ports do not tell', () => {
    for (const [from, to] of [
      [50112, 443],
      [443, 3389],
      [53, 53],
      [50112, 50051],
    ] as const)
      expect(turned(from, to)).toMatchObject({ 'source.ip': '203.0.113.9', 'source.bytes': 5 });
  });

  it('believes the source before the ports', () => {
    expect(turned(443, 50112, false)['source.ip']).toBe('203.0.113.9');
    const told = turned(50051, 50112, true);
    expect(told).toMatchObject({ 'source.ip': '10.0.0.5', 'destination.bytes': 5 });
    expect(told['einfallstor.warnings']).toBeUndefined();
  });
});
