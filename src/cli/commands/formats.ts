import type { CommandModule } from 'yargs';
import { jsonText } from '../../core/json.ts';
import { withJson, withPaths } from '../options.ts';
import { bold, print, safe, say } from '../terminal.ts';

const list: CommandModule<object, { json: boolean }> = {
  command: ['list', '$0'],
  describe: 'every format and what its timestamps state',
  builder: (y) => withJson(y),
  handler: async ({ json }) => {
    const { listFormats } = await import('../../app/formats.ts');
    for (const format of listFormats()) {
      if (json) await print(`${jsonText(format)}\n`);
      else
        await print(
          `${bold(format.id.padEnd(28))} ${format.title}\n${' '.repeat(29)}${format.families.join(', ')}\n${' '.repeat(29)}zone ${format.zone}, year ${format.year}, resolution ${format.resolution}\n`,
        );
    }
  },
};

const detect: CommandModule<object, { paths: string[]; json: boolean }> = {
  command: 'detect <paths..>',
  describe: 'which parser takes a file, how certain, and why',
  builder: (y) => withJson(withPaths(y)),
  handler: async ({ paths, json }) => {
    const { detectFormats } = await import('../../app/parse.ts');
    const problems = await detectFormats(paths, process.stdin, async (format) => {
      if (json) {
        await print(`${jsonText(format)}\n`);
        return;
      }
      const advice =
        format.doubt === 'mixed' ? 'each line goes to the product that claims it' : 'name it with --parser';
      const doubt = format.doubt === 'none' ? '' : `  (${format.doubt}: ${advice})`;
      const inside = format.wrappers
        .map((id) => `in ${id}`)
        .reverse()
        .join(' ');
      await print(
        `${bold(safe(format.path))}: ${format.parser ?? 'no parser'}${doubt}  ${[format.binary ?? format.charset, inside].filter(Boolean).join('  ')}\n`,
      );
      for (const { parser, certainty, reason } of format.ranking)
        await print(`  ${certainty.toFixed(3)}  ${parser.padEnd(28)} ${safe(reason)}\n`);
      if (format.split.length > 1)
        await print(`  claimed: ${format.split.map(({ parser, records }) => `${parser} ${records}`).join(', ')}\n`);
    });
    for (const problem of problems) say(safe(`${problem.path}: ${problem.code}: ${problem.detail}`));
  },
};

export const formatsCommand: CommandModule = {
  command: 'formats <action>',
  describe: 'list the formats, or tell which one a file has',
  builder: (y) => y.command([list, detect] as CommandModule[]).demandCommand(1, 'Name an action: list or detect.'),
  handler: () => {},
};
