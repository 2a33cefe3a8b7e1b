import { describe, expect, it } from 'vitest';
import { timeSettings, zoneOf } from '../../src/app/time-settings.ts';

describe('time settings', () => {
  const settings = timeSettings({
    timezone: 'UTC',
    sourceTimezone: ['fw/**=Europe/Berlin', '*.gz=+02:00', 'mail/?x.log=CEST'],
  });

  it.each([
    ['logs/fw/a/b.log', 'Europe/Berlin'],
    ['logs/other/x.log.gz', '+02:00'],
    ['logs/mail/mx.log', 'CEST'],
    ['logs/mail/imx.log', 'UTC'],
    ['logs/fwx/a.log', 'UTC'],
    ['case.zip!fw/a.log', 'UTC'],
    ['case.zip!b.gz', '+02:00'],
  ])('%s → %s', (path, zone) => expect(zoneOf(settings, path)).toBe(zone));

  it('refuses what is no zone, no assignment, no year', () => {
    expect(() => timeSettings({ timezone: 'Mitteleuropa' })).toThrow(/unknown time zone: Mitteleuropa/);
    expect(() => timeSettings({ sourceTimezone: ['fw'] })).toThrow(/no GLOB=ZONE/);
    expect(() => timeSettings({ year: 21 })).toThrow(/not a year/);
  });
});
