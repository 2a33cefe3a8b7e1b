import type { CommandModule } from 'yargs';
import { storeWish, withCase, withStore } from '../options.ts';
import { print } from '../terminal.ts';

interface Options {
  store: string | undefined;
  filter: string;
  case: string;
  from: string | undefined;
  to: string | undefined;
  limit: number | undefined;
  format: 'table' | 'ndjson' | 'csv';
}

export const searchCommand: CommandModule<object, Options> = {
  command: 'search [filter]',
  describe: 'events that match a filter, in time order',
  builder: (y) =>
    withStore(
      withCase(y.positional('filter', { type: 'string', default: '', describe: 'KQL; nothing matches everything' })),
    )
      .option('from', { type: 'string', requiresArg: true, describe: 'ISO 8601 time, included' })
      .option('to', { type: 'string', requiresArg: true, describe: 'ISO 8601 time, not included' })
      .option('limit', { type: 'number', requiresArg: true, describe: 'at most so many' })
      .option('format', {
        choices: ['table', 'ndjson', 'csv'] as const,
        default: 'table' as const,
        describe: 'how they are written',
      })
      .example("$0 search --case c.case 'source.ip: 10.0.0.0/8 and event.outcome: failure and not user.name: svc*'", '')
      .example("$0 search --case c.case 'event.kind: pipeline_error' --format ndjson", 'the records nobody could read'),
  handler: async (args) => {
    const { search } = await import('../../app/search.ts');
    await search(
      {
        caseDir: args.case,
        filter: args.filter,
        from: args.from,
        to: args.to,
        limit: args.limit,
        format: args.format,
        store: storeWish(args.store),
      },
      print,
    );
  },
};
