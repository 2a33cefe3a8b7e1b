import { EinfallstorError } from '../core/errors.ts';
import { SECOND } from '../core/time.ts';
import { isZone } from '../parse/kit/zones.ts';

/** What the operator says about time, checked. */
export interface TimeSettings {
  readonly timezone: string | undefined;
  /** Zone by path; the first glob that matches counts. */
  readonly bySource: readonly { readonly glob: string; readonly zone: string }[];
  readonly year: number | undefined;
}

export const checkZone = (zone: string): string => {
  if (!isZone(zone)) {
    throw new EinfallstorError(
      'USAGE',
      `unknown time zone: ${zone}`,
      'Use an IANA name (Europe/Berlin), an offset (+02:00) or an abbreviation (CEST).',
    );
  }
  return zone;
};

export const checkYear = (year: number): number => {
  if (!(Number.isInteger(year) && year >= 1980 && year <= 2254)) {
    throw new EinfallstorError(
      'USAGE',
      `--year ${year}: not a year of logs`,
      'Give a year from 1980 on, for example --year 2021.',
    );
  }
  return year;
};

const CLOCK_TEXT = /^([+-]?)(\d{1,3}):(\d{2})(?::(\d{2}))?(?:\.(\d{1,6}))?$/;
const UNIT_TEXT = /^([+-]?)(?=\d)(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,6})s)?$/;

/** `+00:09:00`, `-9m`, `+1h30m`, `0` as µs; throws USAGE. */
export const checkShift = (text: string): number => {
  const m = (text === '0' ? CLOCK_TEXT.exec('0:00') : CLOCK_TEXT.exec(text)) ?? UNIT_TEXT.exec(text);
  if (m === null)
    throw new EinfallstorError(
      'USAGE',
      `--shift ${text}: no correction of a clock`,
      'Write --shift=+00:09:00 or --shift=-9m: what is added to the times of the source; 0 takes a correction back.',
    );
  const seconds = Number(m[2] ?? 0) * 3600 + Number(m[3] ?? 0) * 60 + Number(m[4] ?? 0);
  const micros = seconds * SECOND + Number((m[5] ?? '').padEnd(6, '0'));
  return m[1] === '-' && micros !== 0 ? -micros : micros;
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
  return {
    timezone: given.timezone === undefined ? undefined : checkZone(given.timezone),
    bySource,
    year: given.year === undefined ? undefined : checkYear(given.year),
  };
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

/** Whether a path is one that a glob speaks of. */
export const matchesPath = (glob: string, path: string): boolean => globPattern(glob).test(path);

/** The configured zone of a stream's path, if any. */
export const zoneOf = (settings: TimeSettings, path: string): string | undefined =>
  settings.bySource.find(({ glob }) => matchesPath(glob, path))?.zone ?? settings.timezone;
