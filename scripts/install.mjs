// Installs and builds what is missing or stale. Only Node's own modules: it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..');

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `einfallstor needs Node 20.19 or newer; this is ${process.version}. Install a newer Node and run the command again.`,
  );
  process.exit(1);
}

const changed = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);

/** Runs a program with its output on stderr (stdout is for data) and stops when it fails. */
const run = (command, args) => {
  const done = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  if (done.status !== 0) {
    console.error(`\`${command} ${args.join(' ')}\` failed${done.error ? `: ${done.error.message}` : ''}.`);
    process.exit(done.status ?? 1);
  }
};

/** `npm ci` when node_modules is absent or older than the lock file. */
export const install = () => {
  const marker = join(root, 'node_modules', '.package-lock.json');
  if (changed(marker) >= changed(join(root, 'package-lock.json')) && changed(marker) > 0) return;
  console.error('Installing what is missing (npm ci) …');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  const now = new Date();
  utimesSync(marker, now, now);
};

const newest = (folder) =>
  readdirSync(folder, { withFileTypes: true }).reduce((latest, entry) => {
    const path = join(folder, entry.name);
    return Math.max(latest, entry.isDirectory() ? newest(path) : changed(path));
  }, 0);

/** Compiles to dist/ when a source is newer than the last build. */
export const build = ({ always = false } = {}) => {
  const stamp = join(root, 'dist', '.built');
  const sources = ['src', 'parsers'].map((name) => newest(join(root, name)));
  const latest = Math.max(...sources, changed(join(root, 'tsconfig.json')), changed(join(root, 'package.json')));
  if (!always && changed(stamp) >= latest) return;
  console.error('Building …');
  run(process.execPath, [join(root, 'scripts', 'generate-registry.mjs')]);
  run(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', root]);
  writeFileSync(stamp, '');
};
