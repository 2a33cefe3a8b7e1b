import { describe, expect, it } from 'vitest';
import { type Civil, readBsd, readIso } from '../../../src/parse/kit/civil.ts';
import { completedBy } from '../../../src/parse/kit/two-stamps.ts';

const civil = (text: string): Civil => (readIso(text) ?? readBsd(text))?.civil as Civil;

describe('completedBy', () => {
  it.each([
    ['Oct 31 23:14:07', '2021-10-31T22:14:06Z', 2021, 60],
    ['Jan  1 00:10:00', '2021-12-31T23:09:59Z', 2022, 60],
    ['Dec 31 18:00:00', '2022-01-01T00:00:00Z', 2021, -360],
    ['Oct 31 23:14:07', '2021-10-31T17:44:06Z', 2021, 330],
  ])('%s with %s', (header, inner, year, offset) => {
    expect(completedBy(civil(header), civil(inner))).toMatchObject({ year, offset, minute: civil(header).minute });
  });

  it('takes no zone from a stamp that states none', () => {
    const time = completedBy(civil('Oct 31 23:14:07'), civil('2021-10-31 23:14:06'));
    expect([time?.year, time?.offset]).toEqual([2021, undefined]);
  });

  it('gives nothing when the stamps contradict each other', () => {
    expect(completedBy(civil('Oct 31 23:14:07'), civil('2021-05-01T22:14:06Z'))).toBeUndefined();
    expect(completedBy(civil('Oct 31 23:14:07'), civil('2021-10-31T22:07:06Z'))).toBeUndefined();
  });
});
