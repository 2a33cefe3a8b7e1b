import type { CommandModule } from 'yargs';
import { jsonText } from '../../core/json.ts';
import { EXIT } from '../exit.ts';
import { withContext, withJson, withRules } from '../options.ts';
import { print, safe, say } from '../terminal.ts';

const list: CommandModule<object, { rules: string[] | undefined; json: boolean }> = {
  command: 'list',
  describe: 'the shipped rules, and those given with --rules',
  builder: (y) => withJson(withRules(y)),
  handler: async ({ rules, json }) => {
    const { readRules } = await import('../../app/rules.ts');
    const set = readRules(rules ?? [], true);
    for (const rule of [...set.rules, ...set.correlations]) {
      const line = {
        id: rule.id,
        title: rule.title,
        level: rule.level,
        techniques: rule.techniques,
        stage: rule.chain?.stage ?? null,
      };
      await print(
        json
          ? `${jsonText(line)}\n`
          : `${line.level.padEnd(13)} ${safe(line.title).padEnd(64)} ${line.techniques.join(' ')}\n`,
      );
    }
  },
};

const check: CommandModule<object, { paths: string[]; context: string | undefined; json: boolean }> = {
  command: 'check <paths..>',
  describe: 'load rules and report, with file and line, what is refused, not run here or doubtful',
  builder: (y) =>
    withJson(
      withContext(
        y.positional('paths', { type: 'string', array: true, demandOption: true, describe: 'rule files or folders' }),
      ),
    ).epilogue('With --json a line per problem, then one with the numbers.'),
  handler: async ({ paths, context, json }) => {
    const { checkRules } = await import('../../app/rules.ts');
    const { rules, correlations, problems } = checkRules(paths, context);
    for (const problem of problems) {
      const { file, line, severity, reason } = problem;
      await print(json ? `${jsonText(problem)}\n` : `${safe(`${file}:${line}: ${severity}: ${reason}`)}\n`);
    }
    const number = (severity: string): number => problems.filter((problem) => problem.severity === severity).length;
    const counts = {
      rules: rules.length,
      correlations: correlations.length,
      refused: number('refused'),
      notRun: number('not run'),
      doubtful: number('doubtful'),
    };
    if (json) await print(`${jsonText(counts)}\n`);
    const loaded = `${counts.rules} rules and ${counts.correlations} correlations loaded, ${counts.refused} refused`;
    say(`${loaded}; of those loaded ${counts.notRun} are about logs not read here, ${counts.doubtful} are doubtful`);
    if (counts.refused > 0) process.exitCode = EXIT.failed;
  },
};

const test: CommandModule<object, { file: string; events: string; store: string; json: boolean }> = {
  command: 'test <file>',
  describe: 'run the rules of a file on events (one JSON object a line)',
  builder: (y) =>
    withJson(
      y
        .positional('file', { type: 'string', demandOption: true, describe: 'rule file, one or more YAML documents' })
        .option('events', { type: 'string', demandOption: true, requiresArg: true, describe: 'NDJSON file of events' })
        .option('store', { choices: ['memory', 'duckdb'], default: 'memory', describe: 'what evaluates the rules' }),
    ).example('$0 rules test my.yml --events events.ndjson --json', 'matches of each rule as event numbers'),
  handler: async ({ file, events, store, json }) => {
    const { testRuleFile } = await import('../../app/rules.ts');
    for (const line of await testRuleFile(file, events, store as 'memory' | 'duckdb')) {
      if (json) await print(`${jsonText(line)}\n`);
      else if ('error' in line) await print(`${safe(line.rule)}: refused: ${safe(line.error)}\n`);
      else if ('matches' in line)
        await print(
          `${safe(line.rule)}: ${line.matches.length === 0 ? 'no match' : `events ${line.matches.join(', ')}`}\n`,
        );
      else
        for (const group of line.groups)
          await print(
            `${safe(line.rule)}: ${safe(jsonText(group.by))} at ${group.at}, events ${group.events.join(', ')}\n`,
          );
    }
  },
};

export const rulesCommand: CommandModule = {
  command: 'rules <action>',
  describe: 'list, check and test Sigma rules',
  builder: (y) =>
    y.command([list, check, test] as CommandModule[]).demandCommand(1, 'Name an action: list, check or test.'),
  handler: () => {},
};
