import type { CommandModule } from 'yargs';
import { storeWish, withCase, withContext, withPaths, withStore, withTimes } from '../options.ts';
import { showProgress } from '../progress.ts';
import { reportStreams } from '../streams.ts';
import { safe, say } from '../terminal.ts';

interface Options {
  store: string | undefined;
  paths: string[];
  case: string;
  timezone: string | undefined;
  'source-timezone': string[] | undefined;
  year: number | undefined;
  context: string | undefined;
}

export const ingestCommand: CommandModule<object, Options> = {
  command: 'ingest <paths..>',
  describe: 'take files, folders and archives into a case; what it has already is not read again',
  builder: (y) =>
    withStore(withCase(withContext(withTimes(withPaths(y)))))
      .example('$0 ingest logs.tar.gz --case c.case', 'makes the case if it is not there')
      .example('journalctl -o short-iso | $0 ingest - --case c.case', 'standard input is kept in the case'),
  handler: async (args) => {
    const { ingest } = await import('../../app/ingest.ts');
    const { streamView } = await import('../../app/case-view.ts');
    const { onProgress, stop } = showProgress();
    const { opened, problems } = await ingest({
      paths: args.paths,
      stdin: process.stdin,
      caseDir: args.case,
      timezone: args.timezone,
      sourceTimezone: args['source-timezone'],
      year: args.year,
      context: args.context,
      mayHoldMore: true,
      store: storeWish(args.store),
      onProgress,
    }).finally(stop);
    reportStreams(
      (await opened.streams()).map(streamView),
      problems.map((p) => `${p.path}: ${p.code}: ${p.detail}`),
    );
    say(`Next: einfallstor detect --case ${safe(args.case)}, then einfallstor trace --case ${safe(args.case)}`);
  },
};
