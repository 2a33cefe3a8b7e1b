import type { CommandModule } from 'yargs';
import { jsonText } from '../../core/json.ts';
import {
  storeWish,
  withCase,
  withContext,
  withGeo,
  withIndicators,
  withJson,
  withRules,
  withStore,
} from '../options.ts';
import { showProgress } from '../progress.ts';
import { print, safe, say } from '../terminal.ts';

interface Options {
  store: string | undefined;
  case: string;
  rules: string[] | undefined;
  indicators: string[] | undefined;
  context: string | undefined;
  geo: string | undefined;
  json: boolean;
}

export const detectCommand: CommandModule<object, Options> = {
  command: 'detect',
  describe: 'run Sigma rules and baselines over a case: findings state facts and point to their events',
  builder: (y) =>
    withStore(withGeo(withJson(withContext(withIndicators(withRules(withCase(y))))))).example(
      '$0 detect --case c.case --rules ./mine',
      'own rules beside the shipped ones',
    ),
  handler: async (args) => {
    const { runDetection } = await import('../../app/detect.ts');
    const { onProgress, stop } = showProgress();
    const { findings, problems } = await runDetection({
      caseDir: args.case,
      rules: args.rules ?? [],
      indicators: args.indicators ?? [],
      context: args.context,
      geo: args.geo,
      store: storeWish(args.store),
      onProgress,
    }).finally(stop);
    for (const problem of problems) say(safe(problem));
    for (const finding of findings) {
      if (args.json) await print(`${jsonText(finding)}\n`);
      else
        await print(
          `${new Date(finding.from / 1000).toISOString().slice(0, 19)}Z  ${finding.level.padEnd(13)} ${safe(finding.title)}: ${safe(finding.fact)}${finding.context.length > 0 ? ` [${safe(finding.context.join(', '))}]` : ''}\n`,
        );
    }
    say(`${findings.length} findings`);
  },
};
