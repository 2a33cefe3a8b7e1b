import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { EinfallstorError } from '../core/errors.ts';
import type { RuleSource } from './sigma/load.ts';

const isRule = (name: string): boolean => /\.ya?ml$/i.test(name);

const filesBelow = async (location: string): Promise<string[]> => {
  const info = await stat(location).catch((cause: unknown) => {
    throw new EinfallstorError('NOT_FOUND', `no rules at ${location}`, 'Name a rule file or a folder of rules.', {
      cause,
    });
  });
  if (!info.isDirectory()) return [location];
  const entries = await readdir(location, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && isRule(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name));
};

/** Rule files, and all below folders, in the order of their names. `file` is relative to the path that was given. */
export const readRuleFiles = async (locations: readonly string[]): Promise<RuleSource[]> => {
  const sources: RuleSource[] = [];
  for (const location of locations) {
    const files = (await filesBelow(location)).sort();
    for (const file of files) {
      const name = path.relative(path.dirname(path.resolve(location)), path.resolve(file)).replaceAll(path.sep, '/');
      sources.push({ file: name, text: await readFile(file, 'utf8') });
    }
  }
  return sources;
};
