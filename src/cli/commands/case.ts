import type { CommandModule } from 'yargs';
import { jsonText } from '../../core/json.ts';
import { withCase, withJson } from '../options.ts';
import { showProgress } from '../progress.ts';
import { reportStreams } from '../streams.ts';
import { print, safe, say } from '../terminal.ts';
import { retimeCommand } from './retime.ts';

const info: CommandModule<object, { case: string; json: boolean }> = {
  command: 'info',
  describe: 'evidence items, streams with their accounting, store, digest of the events',
  builder: (y) => withJson(withCase(y)).example('$0 case info --case c.case --json', 'for a program'),
  handler: async (args) => {
    const { caseInfo } = await import('../../app/case-info.ts');
    const { placeText } = await import('../../app/stores.ts');
    const found = await caseInfo(args.case);
    if (args.json) {
      await print(`${jsonText(found)}\n`);
      return;
    }
    for (const item of found.items)
      await print(`${item.sha256}  ${String(item.bytes).padStart(12)}  ${safe(item.path)}\n`);
    reportStreams(found.streams, []);
    await print(`store: ${safe(placeText(found.store))}\n`);
    await print(
      `${found.store.events} events and rejected records in the store, content SHA-256 ${found.store.sha256}\n`,
    );
  },
};

interface Annotate {
  case: string;
  event: string[] | undefined;
  finding: string[] | undefined;
  kind: 'comment' | 'tag' | 'star' | 'anchor' | 'mute' | 'confirm' | 'retract';
  text: string;
}

const annotate: CommandModule<object, Annotate> = {
  command: 'annotate',
  describe: 'comment, tag, star or mark events, mute or confirm findings; kept in the case with author and time',
  builder: (y) =>
    withCase(y)
      .option('event', { type: 'string', array: true, requiresArg: true, describe: 'event ids; none: the case' })
      .option('finding', {
        type: 'string',
        array: true,
        requiresArg: true,
        describe: 'ids of findings to mute or confirm; a muted one no longer weighs in trace',
      })
      .option('kind', {
        choices: ['comment', 'tag', 'star', 'anchor', 'mute', 'confirm', 'retract'] as const,
        default: 'comment' as const,
        describe: 'retract takes the id of an annotation as text; an anchor is where trace searches back from',
      })
      .option('text', { type: 'string', default: '', requiresArg: true, describe: 'the words' })
      .example("$0 case annotate --case c.case --event 9f3a52c01b7e-1s4k --text 'seen by k.maier'", 'a comment')
      .example(
        "$0 case annotate --case c.case --kind mute --finding f12 --text 'the announced pentest'",
        'a finding that no longer weighs',
      ),
  handler: async (args) => {
    const { annotateCase } = await import('../../app/case-info.ts');
    await annotateCase(args.case, {
      events: args.event ?? null,
      ...(args.finding === undefined ? {} : { findings: args.finding }),
      kind: args.kind,
      text: args.text,
    });
    say('kept');
  },
};

const move: CommandModule<object, { case: string; to: string; json: boolean }> = {
  command: 'move',
  describe: 'take the events to another store: copies them, proves that both are equal, removes them where they were',
  builder: (y) =>
    withJson(withCase(y))
      .option('to', {
        type: 'string',
        demandOption: true,
        requiresArg: true,
        describe: 'Elasticsearch server, https://host:9200, or duckdb',
      })
      .example('$0 case move --case c.case --to https://search.example:9200', 'for a team'),
  handler: async (args) => {
    const { moveCase } = await import('../../app/move.ts');
    const { placeText } = await import('../../app/stores.ts');
    const { onProgress, stop } = showProgress();
    const moved = await moveCase({ caseDir: args.case, to: args.to, onProgress }).finally(stop);
    if (args.json) await print(`${jsonText(moved)}\n`);
    else
      await print(
        `${moved.events} events and rejected records, content SHA-256 ${moved.sha256} in both stores\nnow in ${safe(placeText(moved.to))}\n`,
      );
  },
};

export const caseCommand: CommandModule = {
  command: 'case <action>',
  describe: 'what a case holds; correct its times; annotate it; move it to another store',
  builder: (y) =>
    y
      .command([info, retimeCommand, annotate, move] as CommandModule[])
      .demandCommand(1, 'Name an action: info, retime, annotate or move.')
      .example('$0 case info --case c.case', 'what was read, and what was assumed of its times')
      .example(
        "$0 case retime --case c.case --source 'fw/**' --timezone Europe/Berlin --reason 'told by the operator'",
        'another zone, without reading the evidence again',
      )
      .example("$0 case annotate --case c.case --event 9f3a52c01b7e-1s4k --text 'seen by k.maier'", 'a comment')
      .example('$0 case move --case c.case --to https://search.example:9200', 'for a team'),
  handler: () => {},
};
