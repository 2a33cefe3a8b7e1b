import { expect, test } from 'vitest';
import { kibanaObjects } from '../../src/export/kibana.ts';
import { parseKql } from '../../src/query/kql.ts';

interface Saved {
  type: string;
  id: string;
  attributes: Record<string, unknown>;
  references: { type: string; id: string; name: string }[];
}

const objectsOf = (text: string): Saved[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Saved);

const objects = objectsOf(
  kibanaObjects({
    caseName: 'acme',
    index: 'einfallstor-acme-12345678',
    span: { first: 1_635_681_600_000_000, last: 1_635_681_601_500_000 },
    trace: undefined,
  }),
);

test('every reference leads to an object of the file, and every name a panel uses to a reference', () => {
  const known = new Set(objects.map(({ type, id }) => `${type}/${id}`));
  expect(known.size).toBe(objects.length);
  const references = objects.flatMap((one) => one.references);
  expect(references.length).toBeGreaterThan(6);
  for (const { type, id } of references) expect(known).toContain(`${type}/${id}`);
  const dashboard = objects.find(({ type }) => type === 'dashboard');
  const panels = JSON.parse(dashboard?.attributes['panelsJSON'] as string) as {
    panelIndex: string;
    panelRefName?: string;
  }[];
  const names = dashboard?.references.map(({ name }) => name);
  const named = panels.filter(({ panelRefName }) => panelRefName !== undefined);
  expect(named).toHaveLength(1);
  for (const { panelIndex, panelRefName } of named) expect(names).toContain(`${panelIndex}:${panelRefName}`);
});

test('searches are filters that this program reads, too; the dashboard shows the time of the case', () => {
  const searches = objects.filter(({ type }) => type === 'search');
  expect(searches.map(({ attributes }) => attributes['title'])).toContain('acme: records that nobody could read');
  for (const { attributes } of searches) {
    const { searchSourceJSON } = attributes['kibanaSavedObjectMeta'] as { searchSourceJSON: string };
    const { query } = JSON.parse(searchSourceJSON) as { query: { query: string } };
    expect(() => parseKql(query.query)).not.toThrow();
  }
  expect(objects.find(({ type }) => type === 'dashboard')?.attributes).toMatchObject({
    timeFrom: '2021-10-31T12:00:00.000Z',
    timeTo: '2021-10-31T12:00:01.501Z',
  });
});

test('objects have the attributes that the schemas of Kibana 8.9 know, which refuse any other', () => {
  const KNOWN: Record<string, readonly string[]> = {
    'index-pattern': ['title', 'name', 'timeFieldName'],
    search: ['title', 'description', 'columns', 'sort', 'kibanaSavedObjectMeta'],
    dashboard: [
      ...['title', 'description', 'version', 'panelsJSON', 'optionsJSON', 'timeRestore', 'timeFrom', 'timeTo'],
      'kibanaSavedObjectMeta',
    ],
  };
  for (const { type, attributes } of objects)
    expect(Object.keys(attributes).sort()).toEqual([...(KNOWN[type] ?? [])].sort());
  for (const { attributes } of objects.filter(({ type }) => type === 'search'))
    for (const sort of attributes['sort'] as string[][]) expect(sort).toHaveLength(2);
});
