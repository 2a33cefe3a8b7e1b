import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PARSERS } from '../../parsers/registry.ts';
import { prepare, readStream } from '../../src/app/read-stream.ts';
import type { Fields } from '../../src/ecs/event.ts';
import type { Parser } from '../../src/parse/parser.ts';

const root = join(import.meta.dirname, '../..');
const doc = readFileSync(join(root, 'docs/add-a-parser.md'), 'utf8');
const block = /```ts\n([\s\S]*?)```/.exec(doc)?.[1] ?? '';

async function* once(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}

/** What the document tells to do, done: its parser in a folder of parsers beside this project's source. */
describe('the parser in docs/add-a-parser.md', () => {
  const folder = mkdtempSync(join(tmpdir(), 'einfallstor-doc-'));
  const file = join(folder, 'parsers', 'vpn', 'example-gate.ts');

  beforeAll(() => {
    mkdirSync(join(folder, 'parsers', 'vpn'), { recursive: true });
    writeFileSync(file, block);
    for (const name of ['src', 'node_modules', 'package.json']) symlinkSync(join(root, name), join(folder, name));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is the only TypeScript there', () => {
    expect(doc.match(/```ts\n/g)).toHaveLength(1);
    expect(doc).toContain(String(/^\/\/ (.*user=\S+ from=\S+ result=\w+)$/m.exec(block)?.[1]));
  });

  it('fits the contract as it is now', () => {
    const settings = {
      extends: join(root, 'tsconfig.json'),
      compilerOptions: { noEmit: true, rootDir: '/' },
      include: ['parsers'],
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings));
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const { stdout, status } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' });
    expect(stdout).toBe('');
    expect(status).toBe(0);
  }, 60_000);

  it('is chosen for its lines and reads them', async () => {
    const { default: gate } = (await import(pathToFileURL(file).href)) as { default: Parser };
    expect(doc).toContain(`parsers/<group>/<vendor-product>.ts`);
    expect(file.endsWith(`${gate.id}.ts`)).toBe(true);
    const example = /^\/\/ (.*user=\S+ from=\S+ result=\w+)$/m.exec(block)?.[1] as string;
    const lines = [example, example.replace('result=ok', 'result=denied'), example.replace(/ user=.*/, ' started'), ''];
    const parsers = [...PARSERS, gate];
    const prepared = await prepare(once(lines.join('\n')), parsers, undefined);
    const events: Fields[] = [];
    await readStream(prepared, {
      stream: 's',
      path: 'input.log',
      parsers,
      clock: {},
      emit: (event) => events.push(event.fields),
    });
    expect([prepared.choice.parser?.id, prepared.choice.doubt]).toEqual(['example-gate', 'none']);
    expect(events.slice(0, 2)).toMatchObject([
      {
        '@timestamp': Date.parse('2021-10-31T23:14:07+01:00') * 1000,
        'event.module': 'example-gate',
        'event.outcome': 'success',
        'einfallstor.act': 'vpn-login',
        'user.name': 'k.maier',
        'source.ip': '198.51.100.23',
        'related.ip': ['198.51.100.23'],
      },
      { 'event.outcome': 'failure' },
    ]);
    expect(events[2]?.['event.module']).not.toBe('example-gate');
  });
});
