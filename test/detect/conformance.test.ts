import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type RuleTestLine, testRules } from '../../src/detect/test-rules.ts';
import type { StoredEvent } from '../../src/ecs/event.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { openElasticsearch, SERVER } from '../store/elasticsearch.ts';
import { openDuckdb } from './duckdb.ts';

interface Case {
  readonly id: string;
  readonly kind: 'event' | 'filter' | 'correlation';
  readonly detection?: object;
  readonly rule?: object;
  readonly filter?: object;
  readonly rules?: object[];
  readonly correlations?: Record<string, unknown>[];
  readonly event?: object;
  readonly events?: { t: number }[];
  readonly expect: boolean | 'reject' | number;
  readonly note?: string;
}

const FILE = path.resolve(import.meta.dirname, '../../../shared/sigma-cases.json');
const cases: Case[] = existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as { cases: Case[] }).cases : [];

const documentsOf = (one: Case): object[] => {
  if (one.kind === 'event') {
    return [{ title: 'out', logsource: { category: 'test' }, detection: one.detection }];
  }
  if (one.kind === 'filter') return [{ ...one.rule, name: 'out' }, one.filter as object];
  const correlations = (one.correlations ?? []).map(({ name, ...correlation }) => ({ title: name, name, correlation }));
  return [...(one.rules ?? []), ...correlations];
};

const eventsOf = (one: Case): object[] =>
  one.event === undefined ? (one.events ?? []).map(({ t, ...rest }) => ({ ...rest, '@timestamp': t })) : [one.event];

const outcomeOf = (line: RuleTestLine | undefined): Case['expect'] | undefined => {
  if (line === undefined) return undefined;
  if ('error' in line) return 'reject';
  return 'matches' in line ? line.matches.length > 0 : line.groups.length;
};

/** A JSON document is a YAML document. */
const yamlOf = (documents: readonly object[]): string =>
  documents.map((document) => JSON.stringify(document)).join('\n---\n');

const STORES = {
  memory: async (events: readonly StoredEvent[]) => memoryStore(events),
  duckdb: openDuckdb,
  elasticsearch: openElasticsearch,
};

// the cases belong to the workshop this was written in, not to the project
describe.skipIf(cases.length === 0)('Sigma conformance cases', () => {
  it('has all cases', () => expect(cases.length).toBe(70));
  // Elasticsearch is left out without a server; see test/store/elasticsearch.ts
  describe.each(['memory', 'duckdb', ...(SERVER === undefined ? [] : ['elasticsearch' as const])] as const)(
    '%s',
    (store) => {
      it.each(cases)('$id $note', async (one) => {
        const lines = await testRules({
          file: `${one.id}.yml`,
          text: yamlOf(documentsOf(one)),
          events: eventsOf(one),
          openStore: STORES[store],
        });
        expect(outcomeOf(lines.find(({ rule }) => rule === 'out'))).toBe(one.expect);
      });
    },
  );
});
