#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { EinfallstorError } from '../core/errors.ts';
import { COMMANDS } from './commands.ts';
import { EXIT } from './exit.ts';
import { shielded } from './options.ts';
import { safe } from './terminal.ts';

const version = (
  JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { version: string }
).version;

const EXAMPLES: readonly (readonly [string, string])[] = [
  ['$0 investigate logs/', 'from a folder of logs to a verdict'],
  [
    '$0 investigate logs.zip --timezone Europe/Berlin --explore',
    'name the zone of logs that state none, then look around',
  ],
  ["$0 search --case logs.case 'user.name: k.maier and event.outcome: success'", 'events that match a filter'],
  ['$0 parse vpn.log | head -1', 'what a line means, without a case'],
  ['$0 formats detect unknown.log', 'which parser takes a file, and why'],
];

/** A closed pipe (`| head`) or a terminal that is gone ends the program quietly, as other tools do. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE' || error.code === 'EIO') process.exit(EXIT.ok);
  throw error;
});

const report = (error: unknown): number => {
  if (!(error instanceof EinfallstorError)) throw error;
  process.stderr.write(`einfallstor: ${safe(error.message)}\n  ${safe(error.hint)}\n`);
  return error.code === 'USAGE' || error.code === 'BAD_FILTER' || error.code === 'BAD_CONTEXT'
    ? EXIT.usage
    : EXIT.failed;
};

const args = hideBin(process.argv);

const LISTS = new Set([
  '_',
  'paths',
  'rules',
  'indicators',
  'event',
  'finding',
  'without',
  'skew',
  'product',
  'source-timezone',
  'sourceTimezone',
]);

/** Of an option given twice one would be dropped; which one was meant is not ours to guess. */
const once = (given: Readonly<Record<string, unknown>>): true => {
  const twice = Object.keys(given).find((name) => Array.isArray(given[name]) && !LISTS.has(name));
  if (twice === undefined) return true;
  throw new EinfallstorError('USAGE', `--${twice} is given more than once`, 'Give it once.');
};

const parser = yargs(shielded(args))
  .scriptName('einfallstor')
  .usage('$0 <command>\n\nFinds the gate the attacker came in by, in firewall, VPN, mail, authentication and web logs.')
  .command([...COMMANDS])
  .demandCommand(1, 'Name a command; `einfallstor investigate PATH…` is the main one.')
  .strict()
  .parserConfiguration({ 'greedy-arrays': false })
  .example(EXAMPLES as [string, string][])
  .epilogue(
    'Data goes to stdout, progress and messages to stderr. Exit codes: 0 success, 1 failed, 2 wrong usage, 3 evidence problem.',
  )
  .version(version)
  .help()
  .wrap(Math.min(110, process.stdout.columns ?? 100))
  .exitProcess(false)
  .check(once, true)
  .fail((message, error) => {
    // yargs throws some of its complaints instead of telling them
    if (error && error.name !== 'YError') throw error;
    const named = COMMANDS.some(({ command }) => String(command).split(' ')[0] === args[0]);
    const help = ['einfallstor', ...(named ? [args[0]] : []), '--help'].join(' ');
    throw new EinfallstorError('USAGE', message ?? error?.message ?? 'wrong usage', `${help} shows how it is used.`);
  });

try {
  await parser.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
