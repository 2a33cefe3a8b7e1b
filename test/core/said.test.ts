import { expect, it } from 'vitest';
import { list, say, told } from '../../src/core/said.ts';

const result = {
  title: say('login of kim', 'Anmeldung von kim'),
  steps: [{ at: 1, why: say('came before it', 'ging voraus') }],
  nothing: null,
  places: { en: 'Canterbury', de: 'Köln', fr: 'Reims' },
};

it('tells everything in one language and leaves the rest as it is', () => {
  expect(told(result, 'de')).toEqual({
    title: 'Anmeldung von kim',
    steps: [{ at: 1, why: 'ging voraus' }],
    nothing: null,
    places: result.places,
  });
  expect(told(result, 'en').title).toBe('login of kim');
});

it('lists in every language', () => {
  expect(list([say('one', 'eins'), say('two', 'zwei')], ', ')).toEqual(say('one, two', 'eins, zwei'));
});
