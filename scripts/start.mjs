// `npm start`: installs and builds what is missing, then investigates the shipped case, or the paths given behind `--`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build, install, root } from './install.mjs';

install();
build();

const given = process.argv.slice(2);
const main = join(root, 'dist', 'src', 'cli', 'main.js');
const cwd = process.env['INIT_CWD'] ?? process.cwd();
const args =
  given.length > 0
    ? ['investigate', ...given]
    : [
        'investigate',
        resolve(root, 'fixtures/cases/medical-software/logs'),
        '--case',
        join(mkdtempSync(join(tmpdir(), 'einfallstor-')), 'medical-software.case'),
      ];
if (given.length === 0)
  console.error('Investigating the shipped case, fixtures/cases/medical-software. Your own logs: npm start -- PATH…\n');
const done = spawnSync(process.execPath, [main, ...args], { cwd, stdio: 'inherit' });
process.exit(done.status ?? 1);
