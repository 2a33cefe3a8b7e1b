import { expect, it } from 'vitest';
import { parseJson, readObject } from '../../../src/parse/kit/json.ts';

it('a text of brackets is no record, and is not handed to the engine', () => {
  expect(parseJson('['.repeat(1 << 20) + ']'.repeat(1 << 20))).toBeUndefined();
  expect(readObject(`{"a":${'{"b":'.repeat(20_000)}1${'}'.repeat(20_001)}`)).toBeUndefined();
});

it('brackets in strings, and as many lists side by side, are no depth', () => {
  const agent = `\\"${'[{'.repeat(40_000)}`;
  expect(readObject(`{"agent":"${agent}"}`)).toEqual({ agent: JSON.parse(`"${agent}"`) });
  const many = Array.from({ length: 20_000 }, () => [{ a: [] }]);
  expect(parseJson(JSON.stringify(many))).toEqual(many);
});
