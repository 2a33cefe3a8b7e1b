import type { CommandModule } from 'yargs';
import { jsonText } from '../../core/json.ts';
import { EXIT } from '../exit.ts';
import { withJson } from '../options.ts';
import { showProgress } from '../progress.ts';
import { print, safe, say } from '../terminal.ts';

export const verifyCommand: CommandModule<object, { path: string; json: boolean }> = {
  command: 'verify <path>',
  describe: 'check a case or an evidence package: says ok, or names what was changed and exits 3',
  builder: (y) =>
    withJson(
      y.positional('path', { type: 'string', demandOption: true, describe: 'case directory or package' }),
    ).example('$0 verify CASE-2021-0001', 'offline, no case needed'),
  handler: async (args) => {
    const { verify } = await import('../../app/verify.ts');
    const { onProgress, stop } = showProgress();
    const { kind, problems } = await verify(args.path, onProgress).finally(stop);
    if (args.json) await print(`${jsonText({ kind, ok: problems.length === 0, problems })}\n`);
    else for (const problem of problems) await print(`${safe(problem)}\n`);
    if (problems.length === 0) {
      if (!args.json) await print(`ok: ${kind} ${safe(args.path)}\n`);
      return;
    }
    say(`${problems.length} problems: this ${kind} is not as it was`);
    process.exitCode = EXIT.evidence;
  },
};
