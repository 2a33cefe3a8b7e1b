import { describe, expect, it } from 'vitest';
import { isoOf } from '../../../src/core/time.ts';
import type { Fields } from '../../../src/ecs/event.ts';
import { epochMicros, readBsd, readClf, readCtime, readIso, readSlashed } from '../../../src/parse/kit/civil.ts';
import { type ClockSettings, openClock } from '../../../src/parse/kit/clock.ts';

const micros = (iso: string): number => Date.parse(iso) * 1000;

const stamps = (settings: ClockSettings, lines: readonly string[]): Fields[] => {
  const clock = openClock(settings);
  return lines.map((line) => {
    const fields: Fields = {};
    clock.stamp(fields, (readBsd(line) ?? readIso(line))?.civil);
    return fields;
  });
};
const times = (settings: ClockSettings, lines: readonly string[]): string[] =>
  stamps(settings, lines).map((fields) => isoOf(fields['@timestamp'] as number));

describe('reading times', () => {
  it.each([
    ['2021-10-31T23:14:07.123456+01:00', '2021-10-31T22:14:07.123456Z'],
    ['2021-10-31 23:14:07,5Z', '2021-10-31T23:14:07.500Z'],
    ['2021-10-31T23:14:07-0330', '2021-11-01T02:44:07.000Z'],
    ['2023:04:28-00:50:54', '2023-04-28T00:50:54.000Z'],
  ])('ISO %s', (text, iso) => {
    const read = readIso(text);
    expect(read?.end).toBe(text.length);
    expect(isoOf(openClock({}).instant(read?.civil) as number)).toBe(iso);
  });

  it.each([
    ['Oct  1 2021 23:14:07', '2021-10-01T23:14:07.000Z'],
    ['Oct 31 2021 23:14:07.25 CET', '2021-10-31T22:14:07.250Z'],
    ['Mai 02 2021 10:00:00', '2021-05-02T10:00:00.000Z'],
  ])('BSD %s', (text, iso) => expect(isoOf(openClock({}).instant(readBsd(text)?.civil) as number)).toBe(iso));

  it('reads ctime, CLF and numeric dates', () => {
    const at = (civil: Parameters<ReturnType<typeof openClock>['instant']>[0]): string =>
      isoOf(openClock({}).instant(civil) as number);
    expect(at(readCtime('Sun Oct 31 23:14:07 2021')?.civil)).toBe('2021-10-31T23:14:07.000Z');
    expect(at(readClf('31/Oct/2021:23:14:07 +0100')?.civil)).toBe('2021-10-31T22:14:07.000Z');
    expect(at(readSlashed('10/31/2021:23:14:07 GMT', 0, 'month')?.civil)).toBe('2021-10-31T23:14:07.000Z');
    expect(at(readSlashed('31.10.2021 23:14:07', 0, 'month')?.civil)).toBe('2021-10-31T23:14:07.000Z');
    expect(at(readSlashed('10/31/21 12:14:07 AM', 0, 'month')?.civil)).toBe('2021-10-31T00:14:07.000Z');
  });

  it('refuses days that no calendar has', () => {
    expect(readIso('2021-02-29T00:00:00Z')).toBeUndefined();
    expect(readBsd('Feb 30 10:00:00')).toBeUndefined();
    expect(readBsd('Foo 10 10:00:00')).toBeUndefined();
    expect(readIso('2021-10-31T25:00:00Z')).toBeUndefined();
  });

  it.each([
    ['1635718447', '2021-10-31T22:14:07.000Z'],
    ['1635718447.123', '2021-10-31T22:14:07.123Z'],
    ['1635718447123', '2021-10-31T22:14:07.123Z'],
    ['1635718447123456', '2021-10-31T22:14:07.123456Z'],
    ['1635718447123456789', '2021-10-31T22:14:07.123456Z'],
  ])('epoch %s by magnitude', (text, iso) => expect(isoOf(epochMicros(text) as number)).toBe(iso));

  it('takes small numbers for no time', () => expect(epochMicros('123456789')).toBeUndefined());
});

describe('zones', () => {
  it('says when it assumed UTC, and keeps the local time', () => {
    const [fields] = stamps({}, ['2021-10-31 23:14:07']);
    expect(fields).toEqual({
      '@timestamp': micros('2021-10-31T23:14:07Z'),
      'einfallstor.time.basis': 'assumed',
      'einfallstor.time.local': micros('2021-10-31T23:14:07Z'),
      'einfallstor.warnings': ['zone-assumed:UTC'],
    });
  });

  it('uses the configured zone on both sides of a change to winter time', () => {
    expect(times({ zone: 'Europe/Berlin' }, ['2021-10-31 01:59:59', '2021-10-31 03:00:00'])).toEqual([
      '2021-10-30T23:59:59.000Z',
      '2021-10-31T02:00:00.000Z',
    ]);
  });

  it('marks local times that happened twice or never', () => {
    const [twice, never] = stamps({ zone: 'Europe/Berlin' }, ['2021-10-31 02:30:00', '2021-03-28 02:30:00']);
    expect(twice?.['einfallstor.warnings']).toEqual(['time-doubtful:dst']);
    expect(never?.['einfallstor.warnings']).toEqual(['time-doubtful:dst']);
  });

  it('prefers a stated zone to the configured one', () => {
    const [fields] = stamps({ zone: 'Asia/Tokyo' }, ['Oct 31 2021 23:14:07 CEST']);
    expect(isoOf(fields?.['@timestamp'] as number)).toBe('2021-10-31T21:14:07.000Z');
    expect(fields?.['einfallstor.time.basis']).toBe('stated');
  });

  it('marks an abbreviation that several zones share', () => {
    const [fields] = stamps({}, ['Oct 31 2021 23:14:07 IST']);
    expect(fields?.['einfallstor.warnings']).toEqual(['zone-ambiguous:IST']);
  });
});

describe('missing years', () => {
  const latest = (iso: string): ClockSettings => ({ zone: 'UTC', reference: { instant: micros(iso), kind: 'latest' } });

  it('rolls over at the turn of the year', () => {
    expect(times(latest('2022-01-02T00:00:00Z'), ['Dec 31 23:59:59', 'Jan  1 00:00:01', 'Dec 31 23:59:58'])).toEqual([
      '2021-12-31T23:59:59.000Z',
      '2022-01-01T00:00:01.000Z',
      '2021-12-31T23:59:58.000Z',
    ]);
  });

  it('never ends after the last change of the file', () => {
    expect(times(latest('2021-03-01T00:00:00Z'), ['Nov 30 10:00:00'])).toEqual(['2020-11-30T10:00:00.000Z']);
  });

  it('tells when a log of more than a year ran past its file, so that it is read again', () => {
    const settings = latest('2021-04-30T00:00:00Z');
    const lines = ['Mar  1 10:00:00', 'Nov  1 10:00:00', 'Jan  1 10:00:00', 'Apr  1 10:00:00'];
    const clock = openClock(settings);
    for (const line of lines) clock.stamp({}, readBsd(line)?.civil);
    expect(clock.yearsOver).toBe(1);
    expect(times({ ...settings, yearsBack: clock.yearsOver }, lines)[0]).toBe('2020-03-01T10:00:00.000Z');
  });

  it('ends near what the other sources speak of, however long the log is', () => {
    const near: ClockSettings = { zone: 'UTC', reference: { instant: micros('2021-11-05T00:00:00Z'), kind: 'near' } };
    const lines = ['Nov  1 10:00:00', 'Mar  1 10:00:00', 'Nov  1 10:00:00'];
    const clock = openClock(near);
    for (const line of lines) clock.stamp({}, readBsd(line)?.civil);
    expect(clock.yearsOver).toBe(1);
    expect(times({ ...near, yearsBack: clock.yearsOver }, lines)).toEqual([
      '2020-11-01T10:00:00.000Z',
      '2021-03-01T10:00:00.000Z',
      '2021-11-01T10:00:00.000Z',
    ]);
  });

  it('lies near what the other sources speak of', () => {
    const near: ClockSettings = { zone: 'UTC', reference: { instant: micros('2021-01-05T00:00:00Z'), kind: 'near' } };
    expect(times(near, ['Dec 20 10:00:00'])).toEqual(['2020-12-20T10:00:00.000Z']);
    expect(times(near, ['Jan 20 10:00:00'])).toEqual(['2021-01-20T10:00:00.000Z']);
  });

  it('obeys the operator and marks the inference', () => {
    const [fields] = stamps({ zone: 'UTC', year: 2019 }, ['Feb 28 10:00:00']);
    expect(isoOf(fields?.['@timestamp'] as number)).toBe('2019-02-28T10:00:00.000Z');
    expect(fields?.['einfallstor.warnings']).toEqual(['year-inferred:2019']);
  });
});
