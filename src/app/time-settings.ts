import { EinfallstorError } from '../core/errors.ts';
import { isZone } from '../parse/kit/zones.ts';

/** What the operator says about time, checked. */
export interface TimeSettings {
  readonly timezone: string | undefined;
  /** Zone by path; the first glob that matches counts. */
  readonly bySource: readonly { readonly glob: string; readonly zone: string }[];
  readonly year: number | undefined;
}

const checkZone = (zone: string): string => {
  if (!isZone(zone)) {
    throw new EinfallstorError(
      'USAGE',
      `unknown time zone: ${zone}`,
      'Use an IANA name (Europe/Berlin), an offset (+02:00) or an abbreviation (CEST).',
    );
  }
  return zone;
};

/** Checks and splits `--timezone`, `--source-timezone GLOB=ZONE` and `--year`; throws USAGE. */
export const timeSettings = (given: {
  readonly timezone?: string | undefined;
  readonly sourceTimezone?: readonly string[] | undefined;
  readonly year?: number | undefined;
}): TimeSettings => {
  const bySource = (given.sourceTimezone ?? []).map((text) => {
    const equals = text.lastIndexOf('=');
    if (equals < 1)
      throw new EinfallstorError(
        'USAGE',
        `--source-timezone ${text}: no GLOB=ZONE`,
        "For example --source-timezone 'fw/**=Europe/Berlin'.",
      );
    return { glob: text.slice(0, equals), zone: checkZone(text.slice(equals + 1)) };
  });
  if (given.year !== undefined && !(Number.isInteger(given.year) && given.year >= 1980 && given.year <= 2254)) {
    throw new EinfallstorError(
      'USAGE',
      `--year ${given.year}: not a year of logs`,
      'Give a year from 1980 on, for example --year 2021.',
    );
  }
  return { timezone: given.timezone === undefined ? undefined : checkZone(given.timezone), bySource, year: given.year };
};

/** `*` within a folder, `**` across folders, `?` one character; a glob without `/` is matched against any part's end. */
const globPattern = (glob: string): RegExp => {
  const source = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*\*\/?|\*|\?/g, (token) =>
      token === '**/' ? '(?:[^/]+/)*' : token === '**' ? '.*' : token === '*' ? '[^/]*' : '[^/]',
    );
  return new RegExp(glob.includes('/') ? `(?:^|/)${source}$` : `(?:^|[/!])${source}$`);
};

/** The configured zone of a stream's path, if any. */
export const zoneOf = (settings: TimeSettings, path: string): string | undefined =>
  settings.bySource.find(({ glob }) => globPattern(glob).test(path))?.zone ?? settings.timezone;
