import type { CommandModule } from 'yargs';
import { jsonText } from '../../core/json.ts';
import { storeWish, withCase, withContext, withJson, withLanguage, withStore } from '../options.ts';
import { showProgress } from '../progress.ts';
import { print } from '../terminal.ts';
import { renderVerdict } from '../verdict.ts';

interface Options {
  store: string | undefined;
  case: string;
  anchor: string | undefined;
  context: string | undefined;
  lang: 'en' | 'de';
  json: boolean;
}

export const traceCommand: CommandModule<object, Options> = {
  command: 'trace',
  describe: 'rank the hypotheses about the entry point, with every term of their scores',
  builder: (y) =>
    withStore(withJson(withLanguage(withContext(withCase(y)))))
      .option('anchor', {
        type: 'string',
        requiresArg: true,
        describe: 'where to search back from: event id, ISO time, account, address or host',
      })
      .example('$0 trace --case c.case --anchor 2021-11-04T05:20:00Z', 'from an impact the analyst knows of'),
  handler: async (args) => {
    const { runTrace } = await import('../../app/trace.ts');
    const { onProgress, stop } = showProgress();
    const { trace, screen } = await runTrace({
      caseDir: args.case,
      anchor: args.anchor,
      context: args.context,
      language: args.lang,
      store: storeWish(args.store),
      onProgress,
    }).finally(stop);
    await print(args.json ? `${jsonText(trace)}\n` : `${renderVerdict(screen, process.stdout.columns ?? 120)}\n`);
  },
};
