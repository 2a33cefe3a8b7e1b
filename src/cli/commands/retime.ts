import type { CommandModule } from 'yargs';
import type { Retimed, RetimedStream } from '../../app/retime.ts';
import { jsonText } from '../../core/json.ts';
import { storeWish, withCase, withJson, withStore } from '../options.ts';
import { showProgress } from '../progress.ts';
import { print, safe, say } from '../terminal.ts';

interface Options {
  store: string | undefined;
  case: string;
  source: string;
  timezone: string | undefined;
  year: number | undefined;
  shift: string | undefined;
  reason: string;
  'dry-run': boolean;
  json: boolean;
}

const second = (iso: string): string => iso.slice(0, 19).replace('T', ' ');
const span = (times: RetimedStream['from']): string =>
  times === null ? 'no times' : `${second(times.first)} – ${second(times.last)} UTC`;
const words = (assumed: readonly string[]): string => (assumed.length === 0 ? 'nothing' : assumed.join(', '));

const told = ({ path, events, moved, from, to, assumed }: RetimedStream): string =>
  [
    `${safe(path)}: ${moved} of ${events} events move`,
    ...(moved === 0 ? [] : [`  from ${span(from)}`, `  to   ${span(to)}`]),
    `  assumed: ${safe(words(assumed.from))} → ${safe(words(assumed.to))}`,
    '',
  ].join('\n');

const RESULTS: Readonly<Record<Retimed['result'], string>> = {
  changed: 'changed; the custody log says what, by whom and why',
  unchanged:
    'nothing changes: this is assumed already, or the records state it (only --shift corrects what they state)',
  'would-change': 'nothing was changed (--dry-run)',
};
const VERDICTS: Readonly<Record<Retimed['verdict'], string | undefined>> = {
  renewed: 'findings and verdict were made anew from the new times: case info, trace, export',
  none: undefined,
  stale:
    'findings and verdict were of the old times and no longer count: run detect with its --rules, --indicators and --geo, then trace',
};

/** `case retime` */
export const retimeCommand: CommandModule<object, Options> = {
  command: 'retime',
  describe: 'change what was assumed of the times of a source (zone, year, clock), without reading it again; audited',
  builder: (y) =>
    withStore(withJson(withCase(y)))
      .option('source', {
        type: 'string',
        demandOption: true,
        requiresArg: true,
        describe: "glob of its paths, as case info shows them: 'fw/**', mail.log",
      })
      .option('timezone', {
        type: 'string',
        requiresArg: true,
        describe: 'zone of its lines that state none: Europe/Berlin, +02:00, CEST; none: taken as UTC and marked',
      })
      .option('year', { type: 'number', requiresArg: true, describe: 'year of its first line that states none' })
      .option('shift', {
        type: 'string',
        requiresArg: true,
        describe:
          'correction of its clock, added to all its times, stated ones too: --shift=-00:09:00, +9m; replaces an earlier one, 0 takes it back',
      })
      .option('reason', {
        type: 'string',
        demandOption: true,
        requiresArg: true,
        describe: 'why; stands in the custody log',
      })
      .option('dry-run', { type: 'boolean', default: false, describe: 'only tell what would move' })
      .example(
        "$0 case retime --case c.case --source mail.log --timezone Europe/Berlin --reason 'configuration of mx-a'",
        'a zone that was taken for UTC',
      )
      .example(
        "$0 case retime --case c.case --source 'fw/**' --shift=-00:09:00 --reason 'photograph of its clock' --dry-run",
        'what a clock that was 9 minutes fast would change',
      ),
  handler: async (args) => {
    const { retimeCase } = await import('../../app/retime.ts');
    const { onProgress, stop } = showProgress();
    const retimed = await retimeCase({
      caseDir: args.case,
      source: args.source,
      timezone: args.timezone,
      year: args.year,
      shift: args.shift,
      reason: args.reason,
      dryRun: args['dry-run'],
      store: storeWish(args.store),
      onProgress,
    }).finally(stop);
    if (args.json) await print(`${jsonText(retimed)}\n`);
    else await print(retimed.streams.map(told).join(''));
    say(RESULTS[retimed.result]);
    const verdict = VERDICTS[retimed.verdict];
    if (verdict !== undefined) say(verdict);
  },
};
