import type { CommandModule } from 'yargs';
import { storeWish, withCase, withStore } from '../options.ts';
import { showProgress } from '../progress.ts';
import { safe, say } from '../terminal.ts';

interface Options {
  store: string | undefined;
  case: string;
  format: 'package' | 'report' | 'kibana' | 'ndjson' | 'csv';
  out: string;
  'as-of': string | undefined;
}

export const exportCommand: CommandModule<object, Options> = {
  command: 'export',
  describe: 'write an evidence package, reports, saved objects for Kibana, or the events',
  builder: (y) =>
    withStore(withCase(y))
      .option('format', {
        choices: ['package', 'report', 'kibana', 'ndjson', 'csv'] as const,
        demandOption: true,
        describe:
          'package: a BagIt folder with originals, events, reports, custody log; report: Markdown and HTML in English and German; kibana: saved objects for a case on a server',
      })
      .option('out', {
        type: 'string',
        demandOption: true,
        requiresArg: true,
        describe: 'file or folder, not there yet',
      })
      .option('as-of', {
        type: 'string',
        requiresArg: true,
        describe: 'date the report and the package speak of, 2021-11-05',
      })
      .example(
        '$0 export --case c.case --format package --out CASE-2021-0001',
        'sha256sum -c checks it, and einfallstor verify',
      ),
  handler: async (args) => {
    const { exportCase } = await import('../../app/export.ts');
    const { onProgress, stop } = showProgress();
    const written = await exportCase({
      caseDir: args.case,
      format: args.format,
      out: args.out,
      asOf: args['as-of'],
      store: storeWish(args.store),
      onProgress,
    }).finally(stop);
    for (const line of written) say(safe(line));
  },
};
