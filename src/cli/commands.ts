import type { CommandModule } from 'yargs';
import { formatsCommand } from './commands/formats.ts';
import { parseCommand } from './commands/parse.ts';
import { rulesCommand } from './commands/rules.ts';
import { simulateCommand } from './commands/simulate.ts';

/** Every command; what is heavy they import when they run. */
export const COMMANDS: readonly CommandModule[] = [
  parseCommand as CommandModule,
  formatsCommand,
  rulesCommand,
  simulateCommand as CommandModule,
];
