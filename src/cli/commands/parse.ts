import type { CommandModule } from 'yargs';
import { withPaths, withTimes } from '../options.ts';
import { print, safe, say } from '../terminal.ts';

interface Options {
  paths: string[];
  parser: string | undefined;
  timezone: string | undefined;
  'source-timezone': string[] | undefined;
  year: number | undefined;
}

export const parseCommand: CommandModule<object, Options> = {
  command: 'parse <paths..>',
  describe: 'turn log lines into ECS documents, without a case: one JSON object per record on stdout',
  builder: (y) =>
    withTimes(withPaths(y))
      .option('parser', {
        type: 'string',
        requiresArg: true,
        describe: 'id of the parser to use, whatever the content',
      })
      .example(
        '$0 parse fw.log.gz',
        'blank, comment and header lines are left out, unread ones are marked pipeline_error',
      )
      .example('zcat fw.log.gz | $0 parse - --timezone Europe/Berlin', 'from standard input'),
  handler: async (args) => {
    const { parsePaths } = await import('../../app/parse.ts');
    const { timeSettings } = await import('../../app/time-settings.ts');
    const times = timeSettings({ timezone: args.timezone, sourceTimezone: args['source-timezone'], year: args.year });
    const problems = await parsePaths(
      { paths: args.paths, stdin: process.stdin, parser: args.parser, times },
      {
        write: print,
        stream: ({ path, parser, doubt, accounting }) => {
          const { records, events, joined, skipped, rejected, parsers } = accounting;
          const parts = Object.entries(parsers).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
          const split = parts.length < 2 ? '' : `; ${parts.map(([id, count]) => `${id} ${count}`).join(', ')}`;
          const doubtful = doubt === 'none' ? '' : ` (${doubt}: see \`einfallstor formats detect\`)`;
          say(
            `${safe(path)}: ${parser ?? 'no parser'}${doubtful}: ${records} records = ${events} events + ${joined} joined + ${skipped} skipped + ${rejected} rejected${split}`,
          );
        },
      },
    );
    for (const problem of problems) say(safe(`${problem.path}: ${problem.code}: ${problem.detail}`));
  },
};
