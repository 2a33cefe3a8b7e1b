import { execFileSync } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** Compiles a source file and what it imports, for tests that kill a process that runs it. Returns the path to import. */
export const compile = (source: string, folder: string): string => {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const options = [
    '--module',
    'nodenext',
    '--target',
    'es2023',
    '--rewriteRelativeImportExtensions',
    '--types',
    'node',
    '--skipLibCheck',
  ];
  execFileSync(process.execPath, [tsc, '--ignoreConfig', '--rootDir', root, '--outDir', folder, ...options, source], {
    cwd: root,
  });
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return join(folder, source.replace(/\.ts$/, '.js'));
};
