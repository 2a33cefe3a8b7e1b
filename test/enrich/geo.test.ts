import { describe, expect, it } from 'vitest';
import { EinfallstorError } from '../../src/core/errors.ts';
import { openGeo } from '../../src/enrich/geo.ts';

describe('the country data base that comes along', async () => {
  const geo = await openGeo();

  it('knows the countries of public addresses', () => {
    expect(geo.countryOf('193.0.6.139')).toBe('NL'); // RIPE NCC
    expect(geo.countryOf('2001:67c:2e8::1')).toBe('NL');
  });

  it('knows none of private and invalid addresses', () => {
    for (const address of ['10.0.0.1', '127.0.0.1', 'fe80::1', 'no address'])
      expect(geo.countryOf(address)).toBeUndefined();
  });

  it('says what it is', () => {
    expect(geo.database.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(geo.database.built).toMatch(/^20\d\d-/);
    expect(geo.database.name).not.toBe('');
  });
});

it('refuses what is no data base', async () => {
  await expect(openGeo(import.meta.filename)).rejects.toThrow(EinfallstorError);
  await expect(openGeo('/nowhere/x.mmdb')).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
