import type { CommandModule } from 'yargs';
import { caseCommand } from './commands/case.ts';
import { contextCommand } from './commands/context.ts';
import { detectCommand } from './commands/detect.ts';
import { exploreCommand } from './commands/explore.ts';
import { exportCommand } from './commands/export.ts';
import { formatsCommand } from './commands/formats.ts';
import { hardenCommand } from './commands/harden.ts';
import { ingestCommand } from './commands/ingest.ts';
import { investigateCommand } from './commands/investigate.ts';
import { parseCommand } from './commands/parse.ts';
import { rulesCommand } from './commands/rules.ts';
import { searchCommand } from './commands/search.ts';
import { simulateCommand } from './commands/simulate.ts';
import { traceCommand } from './commands/trace.ts';
import { verifyCommand } from './commands/verify.ts';

/** Every command, the main one first; what is heavy they import when they run. */
export const COMMANDS = [
  investigateCommand,
  ingestCommand,
  detectCommand,
  traceCommand,
  exploreCommand,
  searchCommand,
  exportCommand,
  verifyCommand,
  hardenCommand,
  parseCommand,
  formatsCommand,
  rulesCommand,
  simulateCommand,
  caseCommand,
  contextCommand,
] as readonly CommandModule[];
