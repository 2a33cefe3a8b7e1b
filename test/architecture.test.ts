import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import { parseSync } from 'oxc-parser';
import { expect, it } from 'vitest';

/** Which layer may import which; the same layer always may. Left to right along the flow (docs/architecture.md). */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  'src/core': [],
  'src/ecs': ['src/core'],
  'src/evidence': ['src/core'],
  'src/read': ['src/core', 'src/evidence'],
  'src/parse': ['src/core', 'src/ecs', 'src/read'],
  parsers: ['src/core', 'src/ecs', 'src/parse'],
  'src/enrich': ['src/core', 'src/ecs'],
  'src/query': ['src/core', 'src/ecs'],
  'src/store': ['src/core', 'src/ecs', 'src/query'],
  'src/detect': ['src/core', 'src/ecs', 'src/enrich', 'src/query', 'src/store/store.ts'],
  'src/trace': ['src/core', 'src/ecs', 'src/enrich', 'src/query', 'src/store/store.ts', 'src/detect'],
  'src/harden': ['src/core', 'src/ecs', 'src/trace', 'src/detect'],
  'src/report': ['src/core', 'src/ecs', 'src/trace', 'src/detect', 'src/harden'],
  'src/case': ['src/core', 'src/evidence', 'src/store/store.ts'],
  'src/export': ['src/core', 'src/ecs', 'src/evidence', 'src/case', 'src/store/store.ts', 'src/query', 'src/detect', 'src/trace', 'src/report', 'src/harden'],
  'src/simulate': ['src/core'],
  'src/app': [
    'src/core', 'src/ecs', 'src/evidence', 'src/read', 'src/parse', 'parsers', 'src/enrich', 'src/query', 'src/store',
    'src/detect', 'src/trace', 'src/harden', 'src/report', 'src/case', 'src/export', 'src/simulate',
  ],
  'src/cli': ['src/core', 'src/ecs', 'src/app', 'src/tui'],
  'src/tui': ['src/core', 'src/ecs', 'src/app'],
}; // biome-ignore format: a table

const root = join(import.meta.dirname, '..');

const files = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return files(path);
    return /\.tsx?$/.test(name) ? [relative(root, path).split(sep).join('/')] : [];
  });

const sources = [...files(join(root, 'src')), ...files(join(root, 'parsers'))];

const layerOf = (path: string): string =>
  path.startsWith('parsers/') ? 'parsers' : path.split('/').slice(0, 2).join('/');

const importsOf = (path: string): string[] => {
  const parsed = parseSync(path, readFileSync(join(root, path), 'utf8'));
  const { staticImports, staticExports, dynamicImports } = parsed.module;
  const text = readFileSync(join(root, path), 'utf8');
  return [
    ...staticImports.map((i) => i.moduleRequest.value),
    ...staticExports.flatMap((e) =>
      e.entries.flatMap((entry) => (entry.moduleRequest ? [entry.moduleRequest.value] : [])),
    ),
    ...dynamicImports.map((i) =>
      text.slice(i.moduleRequest.start, i.moduleRequest.end).replaceAll(/^['"`]|['"`]$/g, ''),
    ),
  ];
};

const targetOf = (from: string, specifier: string): string =>
  posix.normalize(posix.join(posix.dirname(from), specifier));

it('sees the source', () => {
  expect(sources.length).toBeGreaterThan(100);
  expect(new Set(sources.map(layerOf)).size).toBe(Object.keys(ALLOWED).length);
});

it('imports only leftwards along the flow', () => {
  const wrong = sources.flatMap((from) => {
    const layer = layerOf(from);
    const allowed = ALLOWED[layer] ?? [];
    return importsOf(from)
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => targetOf(from, specifier))
      .filter((to) => layerOf(to) !== layer && !allowed.some((prefix) => to === prefix || to.startsWith(`${prefix}/`)))
      .map((to) => `${from} → ${to}`);
  });
  expect(wrong).toEqual([]);
});

it('keeps parsers pure: no Node modules, no packages, never each other', () => {
  const wrong = sources
    .filter((path) => path.startsWith('parsers/') && path !== 'parsers/registry.ts')
    .flatMap((from) =>
      importsOf(from)
        .filter((specifier) => !specifier.startsWith('.') || targetOf(from, specifier).startsWith('parsers/'))
        .map((specifier) => `${from} → ${specifier}`),
    );
  expect(wrong).toEqual([]);
});

it('keeps the stores apart', () => {
  const wrong = sources
    .filter((path) => /^src\/store\/[^/]+\//.test(path))
    .flatMap((from) => {
      const own = from.split('/').slice(0, 3).join('/');
      return importsOf(from)
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => targetOf(from, specifier))
        .filter((to) => /^src\/store\/[^/]+\//.test(to) && !to.startsWith(`${own}/`));
    });
  expect(wrong).toEqual([]);
});
