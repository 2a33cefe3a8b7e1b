import type { CommandModule } from 'yargs';
import { jsonText } from '../../core/json.ts';
import type { Language } from '../../core/said.ts';
import { storeWish, withCase, withJson, withLanguage, withStore } from '../options.ts';
import { showProgress } from '../progress.ts';
import { print } from '../terminal.ts';

interface Options {
  case: string;
  store: string | undefined;
  json: boolean;
  lang: Language;
}

const suggest: CommandModule<object, Options> = {
  command: 'suggest',
  describe: 'a first context file from the logs of a case, each entry with what it rests on; to be checked by you',
  builder: (y) =>
    withStore(withLanguage(withJson(withCase(y)))).example(
      '$0 context suggest --case c.case > context.yml',
      'check it, then --context context.yml',
    ),
  handler: async (args) => {
    const { suggestContextFile } = await import('../../app/suggest.ts');
    const { onProgress, stop } = showProgress();
    const { yaml, json } = await suggestContextFile({
      caseDir: args.case,
      language: args.lang,
      store: storeWish(args.store),
      onProgress,
    }).finally(stop);
    await print(args.json ? `${jsonText(json)}\n` : yaml);
  },
};

export const contextCommand: CommandModule = {
  command: 'context <action>',
  describe: 'what the logs cannot say: a first context file for a case',
  builder: (y) => y.command([suggest] as CommandModule[]).demandCommand(1, 'Name an action: suggest.'),
  handler: () => {},
};
