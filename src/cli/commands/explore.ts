import type { CommandModule } from 'yargs';
import { EinfallstorError } from '../../core/errors.ts';
import { storeWish, withCase, withStore } from '../options.ts';

export const exploreCommand: CommandModule<object, { case: string; store: string | undefined }> = {
  command: 'explore',
  describe: 'look through a case in the terminal: timeline, filter, pivot, chains (? shows the keys)',
  builder: (y) => withStore(withCase(y)),
  handler: async (args) => {
    if (process.stdin.isTTY !== true || process.stdout.isTTY !== true) {
      throw new EinfallstorError(
        'USAGE',
        'the explorer needs a terminal',
        'Run it in one, or use `einfallstor search --case DIR FILTER`.',
      );
    }
    const { openCaseExplorer } = await import('../../app/open-explorer.ts');
    const { explore } = await import('../../tui/explore.tsx');
    await explore(await openCaseExplorer(args.case, storeWish(args.store)));
  },
};
