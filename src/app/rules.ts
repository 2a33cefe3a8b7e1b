import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative, sep } from 'node:path';
import { EinfallstorError } from '../core/errors.ts';
import { compileRule } from '../detect/compiled.ts';
import { type CaseContext, NO_CONTEXT } from '../detect/context.ts';
import { loadRules, type RuleSet, type RuleSource } from '../detect/sigma/load.ts';
import { type RuleTestLine, testRules } from '../detect/test-rules.ts';
import type { StoredEvent } from '../ecs/event.ts';
import { openDuckdbReader } from '../store/duckdb/reader.ts';
import { openDuckdbWriter } from '../store/duckdb/writer.ts';
import { memoryStore } from '../store/memory.ts';
import type { StoreReader } from '../store/store.ts';
import { readContext } from './context.ts';
import { packageRoot } from './package.ts';

export type { RuleTestLine } from '../detect/test-rules.ts';

const yamlBelow = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return yamlBelow(path);
      return /\.ya?ml$/i.test(entry.name) ? [path] : [];
    })
    .sort();

const found = (path: string): string[] => {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined)
    throw new EinfallstorError('NOT_FOUND', `no such rule file or folder: ${path}`, 'Check the path behind --rules.');
  return stat.isDirectory() ? yamlBelow(path) : [path];
};

/** The shipped pack: labels are relative to it, so that messages are the same on every machine. */
const shipped = (): RuleSource[] => {
  const root = join(packageRoot, 'rules');
  return yamlBelow(root).map((path) => ({
    file: `rules/${relative(root, path).split(sep).join('/')}`,
    text: readFileSync(path, 'utf8'),
  }));
};

/** Reads rule files as they are; problems are values in the set. `pack`: the shipped rules too; `context`: values of placeholders. */
export const readRules = (paths: readonly string[], pack: boolean, context: CaseContext = NO_CONTEXT): RuleSet => {
  const given = paths.flatMap(found).map((path) => ({ file: path, text: readFileSync(path, 'utf8') }));
  return loadRules([...(pack ? shipped() : []), ...given], {
    names: 'taxonomy',
    placeholders: new Map(Object.entries(context.placeholders)),
  });
};

/** Rule files as `rules check` tells of them: also which rules load but are about logs that are not read here. */
export const checkRules = (paths: readonly string[], context?: string): RuleSet => {
  const set = readRules(paths, false, context === undefined ? NO_CONTEXT : readContext(context));
  const idle = set.rules.map(compileRule).flatMap((one) => ('reason' in one ? [one] : []));
  return { ...set, problems: [...set.problems, ...idle] };
};

const readNdjson = (path: string): unknown[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line, n) => {
      if (line.trim() === '') return [];
      try {
        return [JSON.parse(line) as unknown];
      } catch (cause) {
        throw new EinfallstorError(
          'USAGE',
          `${path} line ${n + 1} is no JSON: ${(cause as Error).message}`,
          'Give one JSON object a line.',
          { cause },
        );
      }
    });

/** A store of its own in a temporary folder, gone when it is closed. */
const openDuckdb = async (events: readonly StoredEvent[]): Promise<StoreReader> => {
  const folder = mkdtempSync(join(tmpdir(), 'einfallstor-rules-'));
  const writer = await openDuckdbWriter(folder);
  await writer.begin('000000000000');
  for (const event of events) await writer.append(event);
  await writer.finish('000000000000');
  await writer.close();
  const reader = await openDuckdbReader(folder);
  const close = reader.close.bind(reader);
  return Object.assign(reader, {
    close: async () => {
      await close();
      rmSync(folder, { recursive: true, force: true });
    },
  });
};

const OPEN = { memory: async (events: readonly StoredEvent[]) => memoryStore(events), duckdb: openDuckdb };

/** `rules test` (design §8): the rules of one file on the events of another. */
export const testRuleFile = async (
  rules: string,
  eventsPath: string,
  store: 'memory' | 'duckdb',
): Promise<RuleTestLine[]> => {
  for (const path of [rules, eventsPath]) {
    if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true)
      throw new EinfallstorError('NOT_FOUND', `no such file: ${path}`, 'Give a rule file and a file of events.');
  }
  return testRules({
    file: basename(rules),
    text: readFileSync(rules, 'utf8'),
    events: readNdjson(eventsPath),
    openStore: OPEN[store],
  });
};
