import { basename, resolve } from 'node:path';
import type { CommandModule } from 'yargs';
import { jsonText } from '../../core/json.ts';
import {
  storeWish,
  withContext,
  withGeo,
  withIndicators,
  withJson,
  withLanguage,
  withPaths,
  withRules,
  withStore,
  withTimes,
} from '../options.ts';
import { showProgress } from '../progress.ts';
import { reportStreams } from '../streams.ts';
import { print, safe, say } from '../terminal.ts';
import { renderVerdict } from '../verdict.ts';

interface Options {
  store: string | undefined;
  paths: string[];
  case: string | undefined;
  timezone: string | undefined;
  'source-timezone': string[] | undefined;
  year: number | undefined;
  context: string | undefined;
  rules: string[] | undefined;
  indicators: string[] | undefined;
  geo: string | undefined;
  lang: 'en' | 'de';
  json: boolean;
  explore: boolean;
}

/** `./<input name>.case`, the last extension left off (design §8); `.` has the name of its folder. */
const defaultCase = (paths: readonly string[]): string => {
  const first = paths[0] === undefined || paths[0] === '-' ? 'stdin' : basename(resolve(paths[0])) || 'logs';
  return `${first.replace(/(?<=.)\.(?:zip|tar|tgz|tar\.\w+|gz|log|txt)$/i, '')}.case`;
};

export const investigateCommand: CommandModule<object, Options> = {
  command: 'investigate <paths..>',
  describe: 'the main job: read logs, find what is suspicious, trace the entry point, print the verdict',
  builder: (y) =>
    withStore(withGeo(withJson(withLanguage(withIndicators(withRules(withContext(withTimes(withPaths(y)))))))))
      .option('case', { type: 'string', requiresArg: true, describe: 'case directory; default ./<input name>.case' })
      .option('explore', { type: 'boolean', default: false, describe: 'open the terminal explorer afterwards' })
      .example('$0 investigate logs/', 'a folder, as it was handed over')
      .example(
        "$0 investigate logs.zip --timezone Europe/Berlin --source-timezone 'asa*=UTC'",
        'zones for logs that state none',
      ),
  handler: async (args) => {
    const { investigate } = await import('../../app/investigate.ts');
    const caseDir = args.case ?? defaultCase(args.paths);
    const { onProgress, stop } = showProgress();
    const result = await investigate({
      paths: args.paths,
      stdin: process.stdin,
      caseDir,
      timezone: args.timezone,
      sourceTimezone: args['source-timezone'],
      year: args.year,
      context: args.context,
      mayHoldMore: args.case !== undefined,
      rules: args.rules ?? [],
      indicators: args.indicators ?? [],
      geo: args.geo,
      language: args.lang,
      store: storeWish(args.store),
      onProgress,
    }).finally(stop);
    reportStreams(result.streams, result.problems);
    for (const problem of result.ruleProblems) say(safe(problem));
    if (args.json) await print(`${jsonText(result.trace)}\n`);
    else await print(`\n${renderVerdict(result.screen, process.stdout.columns ?? 120)}\n`);
    say(
      `Look around: einfallstor explore --case ${safe(caseDir)}   Report: einfallstor export --case ${safe(caseDir)} --format report --out report   Measures: einfallstor harden --case ${safe(caseDir)}`,
    );
    if (!args.explore) return;
    const { openCaseExplorer } = await import('../../app/open-explorer.ts');
    const { explore } = await import('../../tui/explore.tsx');
    await explore(await openCaseExplorer(caseDir, storeWish(args.store)));
  },
};
