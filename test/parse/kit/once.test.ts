import { describe, expect, it } from 'vitest';
import { once } from '../../../src/parse/kit/once.ts';
import { recordOf } from '../../../src/parse/record.ts';

const record = (text: string) => recordOf({ text, offset: 0, length: text.length, line: 1 });

describe('once', () => {
  const counted = () => {
    let reads = 0;
    const read = once(({ text }) => {
      reads += 1;
      return { text };
    });
    return { read, reads: () => reads };
  };

  it('reads a record once, however often it is asked', () => {
    const { read, reads } = counted();
    const one = record('a');
    expect(read(one)).toBe(read(one));
    expect(reads()).toBe(1);
  });

  it('gives each record a result of its own, of the same text too', () => {
    const { read, reads } = counted();
    const [one, other] = [read(record('a')), read(record('a'))];
    expect(one).toEqual(other);
    expect(one).not.toBe(other);
    expect(reads()).toBe(2);
  });

  it('keeps that nothing was read, and only the last', () => {
    let reads = 0;
    const read = once((): undefined => {
      reads += 1;
    });
    const [one, other] = [record('a'), record('b')];
    for (const asked of [one, one, other, one]) read(asked);
    expect(reads).toBe(3);
  });
});
