import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { EinfallstorError } from '../core/errors.ts';
import type { Indicator } from '../detect/indicators/indicator.ts';
import { readIndicators } from '../detect/indicators/lists.ts';
import { sha256Of } from '../evidence/digest.ts';

export interface IndicatorFiles {
  readonly indicators: readonly Indicator[];
  /** For the custody log: what was compared with. */
  readonly files: readonly { readonly path: string; readonly sha256: string; readonly indicators: number }[];
  /** Entries that could not be used, in words. */
  readonly problems: readonly string[];
}

/** Reads the lists behind `--indicators`. A list without a single indicator is the operator's mistake. */
export const indicatorsOf = (paths: readonly string[]): IndicatorFiles => {
  const read = paths.map((path) => {
    let content: string;
    try {
      content = readFileSync(path, 'utf8');
    } catch (cause) {
      throw new EinfallstorError(
        'NOT_FOUND',
        `indicator list ${path} cannot be read`,
        'Check the path behind --indicators.',
        {
          cause,
        },
      );
    }
    const list = readIndicators(content, basename(path));
    if (list.indicators.length === 0)
      throw new EinfallstorError(
        'UNREADABLE',
        `indicator list ${path} has no indicator`,
        'Give one value to a line, CSV, a STIX 2.1 bundle or a MISP event; `docs/indicators.md` shows each.',
      );
    return { path, sha256: sha256Of(content), ...list };
  });
  return {
    indicators: read.flatMap(({ indicators }) => indicators),
    files: read.map(({ path, sha256, indicators }) => ({
      path: basename(path),
      sha256,
      indicators: indicators.length,
    })),
    problems: read.flatMap(({ path, skipped }) =>
      skipped === 0
        ? []
        : [`${path}: ${skipped} entries are no single address, domain, URL, hash or mail address and were left out`],
    ),
  };
};
