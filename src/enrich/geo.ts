import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { type CountryResponse, Reader } from 'mmdb-lib';
import { EinfallstorError } from '../core/errors.ts';
import { addressClass } from '../core/net.ts';
import { isoOf } from '../core/time.ts';

/** What a statement about a country rests on. */
export interface GeoDatabase {
  readonly name: string;
  /** ISO 8601 UTC. */
  readonly built: string;
  readonly sha256: string;
}

/** Countries of addresses from one data base. Only public addresses have one. */
export interface Geo {
  readonly database: GeoDatabase;
  /** ISO 3166-1 alpha-2. */
  countryOf(address: string): string | undefined;
}

/** What the data bases in use hold: MaxMind's shape, or the flat one of ip-location-db. */
type Found = CountryResponse & { readonly country_code?: string };

/** The data base that comes along as a package: countries of networks as the registries' records tell. */
const SHIPPED = '@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb';

const ISO_COUNTRY = /^[A-Z]{2}$/;

const read = async (path: string): Promise<Buffer> => {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new EinfallstorError(
      'NOT_FOUND',
      `country data base ${path} cannot be read`,
      'Name a .mmdb file, or leave the option out.',
      { cause },
    );
  }
};

/** Opens a data base: the one at `path`, else the one that comes along. It is read into memory once. */
export const openGeo = async (path?: string): Promise<Geo> => {
  const location = path ?? createRequire(import.meta.url).resolve(SHIPPED);
  const bytes = await read(location);
  let reader: Reader<Found>;
  try {
    reader = new Reader<Found>(bytes);
  } catch (cause) {
    throw new EinfallstorError(
      'UNREADABLE',
      `${location} is no MaxMind data base`,
      'Name a .mmdb file with countries.',
      { cause },
    );
  }
  const { databaseType, buildEpoch } = reader.metadata;
  const known = new Map<string, string | undefined>();
  const look = (address: string): string | undefined => {
    if (addressClass(address) !== 'public') return undefined;
    const found = reader.get(address);
    const code = found?.country_code ?? found?.country?.iso_code;
    return code !== undefined && ISO_COUNTRY.test(code) ? code : undefined;
  };
  return {
    database: {
      name: databaseType === '' ? basename(location) : databaseType,
      built: isoOf(buildEpoch.getTime() * 1000),
      sha256: createHash('sha256').update(bytes).digest('hex'),
    },
    countryOf: (address) => {
      if (!known.has(address) && known.size < 100_000) known.set(address, look(address));
      return known.has(address) ? known.get(address) : look(address);
    },
  };
};
