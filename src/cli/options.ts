import type { Argv } from 'yargs';

/** No argument holds a NUL: it marks what begins with `-` and is none the less a path. */
const MARK = '\0';

/** Arguments as yargs can take them: it drops a lone `-`, and misses paths that stand behind `--`. */
export const shielded = (args: readonly string[]): string[] => {
  const end = args.includes('--') ? args.indexOf('--') : args.length;
  const before = args.slice(0, end).map((arg) => (arg === '-' ? `${MARK}${arg}` : arg));
  const behind = args.slice(end + 1).map((arg) => (arg.startsWith('-') ? `${MARK}${arg}` : arg));
  return [...before, ...behind];
};

const unshielded = (path: string): string => (path.startsWith(MARK) ? path.slice(1) : path);

/** Options that several commands share, worded once. */

export const withCase = <T>(y: Argv<T>) =>
  y.option('case', { type: 'string', demandOption: true, describe: 'case directory', requiresArg: true });

export const withJson = <T>(y: Argv<T>) =>
  y.option('json', { type: 'boolean', default: false, describe: 'JSON on stdout' });

export const withLanguage = <T>(y: Argv<T>) =>
  y.option('lang', { choices: ['en', 'de'] as const, default: 'en' as const, describe: 'language of what is printed' });

export const withStore = <T>(y: Argv<T>) =>
  y.option('store', {
    type: 'string',
    requiresArg: true,
    describe: 'Elasticsearch server (https://host:9200) of a team, or duckdb; a case stays where it is (case move)',
  });

/** What the operator says of the store: the environment may name the server that new cases go to. */
export const storeWish = (given: string | undefined): { given: string | undefined; env: NodeJS.ProcessEnv } => ({
  given,
  env: process.env,
});

/** Time settings for logs that do not state zone or year. */
export const withTimes = <T>(y: Argv<T>) =>
  y
    .option('timezone', {
      type: 'string',
      requiresArg: true,
      describe:
        'zone of lines that state none: Europe/Berlin, +02:00, CEST. Without it they are taken as UTC and marked',
    })
    .option('source-timezone', {
      type: 'string',
      array: true,
      requiresArg: true,
      describe: "zone by path, GLOB=ZONE: 'fw/**=Europe/Berlin'; the first match counts",
    })
    .option('year', { type: 'number', requiresArg: true, describe: 'year of the first line in logs that state none' });

export const withContext = <T>(y: Argv<T>) =>
  y.option('context', {
    type: 'string',
    requiresArg: true,
    describe: 'YAML or JSON: own networks, VPN pools, partners, scanners, pentests, travel …',
  });

export const withRules = <T>(y: Argv<T>) =>
  y.option('rules', {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'Sigma rules beside the shipped ones: files or folders',
  });

export const withIndicators = <T>(y: Argv<T>) =>
  y.option('indicators', {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'lists of indicators: plain text, CSV, STIX 2.1 bundle, MISP event',
  });

export const withPaths = <T>(y: Argv<T>) =>
  y.positional('paths', {
    type: 'string',
    array: true,
    demandOption: true,
    describe: 'files, folders, archives; - for standard input',
    coerce: (paths: readonly string[]) => paths.map(unshielded),
  });

export const withGeo = <T>(y: Argv<T>) =>
  y.option('geo', {
    type: 'string',
    requiresArg: true,
    describe: 'country data base (.mmdb) instead of the shipped one, or none',
  });
