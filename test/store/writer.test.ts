import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ALL, field } from '../../src/query/ast.ts';
import { readManifest } from '../../src/store/duckdb/manifest.ts';
import { openDuckdbReader } from '../../src/store/duckdb/reader.ts';
import { openDuckdbWriter } from '../../src/store/duckdb/writer.ts';
import { compareCursors, cursorOf } from '../../src/store/order.ts';
import type { Cursor } from '../../src/store/store.ts';
import { loadAll, madeEvent } from './loader.ts';

const root = mkdtempSync(join(tmpdir(), 'einfallstor-writer-'));
let directory = '';
let number = 0;
beforeEach(() => {
  number += 1;
  directory = join(root, `store-${number}`);
});
afterAll(() => rmSync(root, { recursive: true }));

const digestOf = async (of: string): Promise<string> => {
  const reader = await openDuckdbReader(of);
  const { events, sha256 } = await reader.digest();
  await reader.close();
  return `${events} ${sha256}`;
};

describe('the writer', () => {
  test('puts other events in the place of a stream’s, all at once; an open reader keeps what it saw', async () => {
    for (const sizes of [{ aa: 3, dd: 5 }, { cc: 3000 }]) {
      const load = await openDuckdbWriter(directory);
      for (const [stream, size] of Object.entries(sizes)) {
        await load.begin(stream);
        for (let i = 0; i < size; i += 1) await load.append(madeEvent(stream, i));
        await load.finish(stream);
      }
      await load.close();
    }
    const reader = await openDuckdbReader(directory);
    const before = await reader.digest();
    const writer = await openDuckdbWriter(directory);
    const late = 60_000_000;
    await writer.rewrite(new Set(['aa', 'cc']), ({ id, fields }) => {
      const time = fields['@timestamp'];
      return { id, fields: { ...fields, ...(time === undefined ? {} : { '@timestamp': (time as number) + late }) } };
    });
    await writer.close();
    expect(await reader.digest()).toEqual(before);
    await reader.refresh();
    const some: [string, number][] = [
      ['aa', 0],
      ['aa', 2],
      ['dd', 0],
      ['dd', 4],
    ];
    for (const [stream, i] of some) {
      const made = madeEvent(stream, i);
      const [found] = await reader.get([made.id]);
      expect((found?.fields['@timestamp'] as number) - (made.fields['@timestamp'] as number)).toBe(
        stream === 'aa' ? late : 0,
      );
    }
    const after = await reader.digest();
    expect(after.events).toBe(before.events);
    expect(after.sha256).not.toBe(before.sha256);
    expect((await reader.streams()).find(({ stream }) => stream === 'cc')?.events).toBe(3000);
    await reader.close();
    // what it was before lies there until the next writer comes
    const named = () => readManifest(directory).segments.map(({ file }) => file);
    expect(readdirSync(join(directory, 'segments')).length).toBeGreaterThan(named().length);
    await (await openDuckdbWriter(directory)).close();
    expect(readdirSync(join(directory, 'segments')).sort()).toEqual(named().sort());
  });

  test('knows finished streams when it is opened again, and adds further ones', async () => {
    const first = await openDuckdbWriter(directory);
    await first.begin('aa');
    await first.append(madeEvent('aa', 0));
    await first.finish('aa');
    await first.begin('empty');
    await first.finish('empty');
    await first.close();
    const second = await openDuckdbWriter(directory);
    expect([...second.finished()]).toEqual(['aa', 'empty']);
    await expect(second.begin('aa')).rejects.toThrow('finished');
    await second.begin('bb');
    await second.append({ id: 'bb-0', fields: { 'vendor.session': 7, 'new.field': 'x' } });
    await second.finish('bb');
    await second.close();
    const reader = await openDuckdbReader(directory);
    expect(await reader.get(['aa-0', 'bb-0'])).toEqual([
      madeEvent('aa', 0),
      { id: 'bb-0', fields: { 'vendor.session': 7, 'new.field': 'x' } },
    ]);
    await reader.close();
  });

  test('shows nothing before it is published, everything after', async () => {
    const writer = await openDuckdbWriter(directory);
    const [one, two] = [await openDuckdbReader(directory), await openDuckdbReader(directory)];
    await writer.begin('aa');
    await writer.append(madeEvent('aa', 0));
    await writer.flush();
    await one.refresh();
    expect(await one.count(ALL)).toBe(1);
    await writer.append(madeEvent('aa', 1));
    await one.refresh();
    expect(await one.count(ALL)).toBe(1);
    await writer.finish('aa');
    await writer.flush();
    expect([await one.count(ALL), await two.count(ALL)]).toEqual([1, 0]);
    await Promise.all([one.refresh(), two.refresh()]);
    expect([await one.count(ALL), await two.count(ALL)]).toEqual([2, 2]);
    await writer.close();
    await Promise.all([one.close(), two.close()]);
  });

  test('drops what an abandoned stream left, published or not, and nothing else', async () => {
    const writer = await openDuckdbWriter(directory);
    await writer.begin('aa');
    await writer.append(madeEvent('aa', 0));
    await writer.finish('aa');
    await writer.begin('bb');
    await writer.append(madeEvent('bb', 0));
    await writer.flush();
    await writer.append(madeEvent('bb', 1));
    await writer.abandon('bb');
    await writer.begin('bb');
    await writer.append(madeEvent('bb', 2));
    await writer.finish('bb');
    await writer.close();
    const reader = await openDuckdbReader(directory);
    expect((await reader.streams()).map(({ stream, events }) => [stream, events])).toEqual([
      ['aa', 1],
      ['bb', 1],
    ]);
    expect(await reader.get(['bb-0', 'bb-2s'])).toEqual([madeEvent('bb', 2)]);
    await reader.close();
  });

  test('removes what a killed run left: unknown files, temporary files, parts of unfinished streams', async () => {
    const writer = await openDuckdbWriter(directory);
    await writer.begin('aa');
    await writer.append(madeEvent('aa', 0));
    await writer.flush();
    expect(readManifest(directory).segments).toHaveLength(1);
    writeFileSync(join(directory, 'segments', '000099.parquet'), 'orphan');
    mkdirSync(join(directory, 'tmp', 'load'), { recursive: true });
    writeFileSync(join(directory, 'tmp', 'load', '000002.parquet'), 'half');
    mkdirSync(join(directory, 'tmp', 'read-999999999-1'));
    mkdirSync(join(directory, 'tmp', `read-${process.pid}-1`));
    // no close: the process is gone
    const next = await openDuckdbWriter(directory);
    expect(readManifest(directory).segments).toEqual([]);
    expect(readdirSync(join(directory, 'segments'))).toEqual([]);
    expect(readdirSync(join(directory, 'tmp', 'load'))).toEqual([]);
    expect(readdirSync(join(directory, 'tmp')).sort()).toEqual(['load', `read-${process.pid}-1`]);
    await next.close();
    expect(existsSync(join(directory, 'tmp', 'load'))).toBe(false);
  });

  test('a reader whose segment is gone says so', async () => {
    const writer = await openDuckdbWriter(directory);
    await writer.begin('aa');
    await writer.append(madeEvent('aa', 0));
    await writer.flush();
    const reader = await openDuckdbReader(directory);
    await writer.abandon('aa');
    await writer.close();
    await expect(reader.count(ALL)).rejects.toMatchObject({ name: 'EinfallstorError', code: 'STORE' });
    await expect(reader.get(['aa-0'])).rejects.toMatchObject({ code: 'STORE' });
    await reader.refresh();
    expect(await reader.count(ALL)).toBe(0);
    await reader.close();
  });

  test('keeps values of a megabyte', async () => {
    const long = `${'x😀"\\\n'.repeat(200_000)}end`;
    const event = { id: 'aa-0', fields: { 'event.original': long, 'vendor.long': long, 'vendor.texts': [long, 'b'] } };
    const writer = await openDuckdbWriter(directory);
    await writer.begin('aa');
    await writer.append(event);
    await writer.finish('aa');
    await writer.close();
    const reader = await openDuckdbReader(directory);
    expect(await reader.get(['aa-0'])).toEqual([event]);
    expect(await reader.count(field('vendor.texts', { op: 'regex', source: 'end$', flags: '' }))).toBe(1);
    await reader.close();
  });

  test('puts ever new field names aside when there are too many, and still finds them', async () => {
    const writer = await openDuckdbWriter(directory);
    await writer.begin('aa');
    for (let i = 0; i < 600; i += 1)
      await writer.append({ id: `aa-${i.toString(36)}`, fields: { [`vendor.f${i}`]: `v${i}` } });
    await writer.finish('aa');
    await writer.close();
    const reader = await openDuckdbReader(directory);
    expect(readManifest(directory).columns).toHaveLength(400);
    expect(await reader.count(field('VENDOR.f599', { op: 'like', pattern: ['V599'], cased: false }))).toBe(1);
    expect(await reader.count(field('vendor.f*', { op: 'exists' }))).toBe(600);
    await reader.close();
  });
});

describe('killed at any instant', () => {
  const compiled = join(root, 'compiled');
  let whole = '';

  beforeAll(async () => {
    const options =
      '--target es2023 --lib es2023 --module nodenext --strict --rewriteRelativeImportExtensions --skipLibCheck --types node';
    const made = spawnSync(
      'npx',
      ['tsc', '--ignoreConfig', 'test/store/loader.ts', ...options.split(' '), '--rootDir', '.', '--outDir', compiled],
      { encoding: 'utf8' },
    );
    expect(made.stdout).toBe('');
    writeFileSync(join(compiled, 'package.json'), '{"type":"module"}');
    symlinkSync(resolve('node_modules'), join(compiled, 'node_modules'));
    await loadAll(join(root, 'whole'));
    whole = await digestOf(join(root, 'whole'));
    expect(whole).toMatch(/^150708 /);
  });

  /** Runs the loader and kills it after some time; false when it was done before. */
  const killedAfter = async (milliseconds: number): Promise<boolean> => {
    const child = spawn(process.execPath, [join(compiled, 'test/store/loader.js'), directory], { stdio: 'inherit' });
    const timer = setTimeout(() => child.kill('SIGKILL'), milliseconds);
    const code = await new Promise((done) => child.once('exit', done));
    clearTimeout(timer);
    expect([null, 0]).toContain(code);
    return code === null;
  };

  test('a scan of everything keeps the order of time across its windows', async () => {
    const reader = await openDuckdbReader(join(root, 'whole'));
    for (const [order, sign] of [
      ['time', 1],
      ['time-desc', -1],
    ] as const) {
      let last: Cursor | undefined;
      let count = 0;
      for await (const event of reader.scan(ALL, { order })) {
        const cursor = cursorOf(event);
        if (last !== undefined && compareCursors(cursor, last) * sign <= 0) expect.fail(`${event.id} after ${last.id}`);
        last = cursor;
        count += 1;
      }
      expect(count).toBe(150_708);
    }
    await reader.close();
  });

  test('a second run gives the same content', async () => {
    let kills = 0;
    for (const milliseconds of [250, 400, 550, 700, 900, 1200]) if (await killedAfter(milliseconds)) kills += 1;
    expect(kills).toBeGreaterThan(0);
    await loadAll(directory);
    expect(await digestOf(directory)).toBe(whole);
    expect(readdirSync(join(directory, 'segments')).sort()).toEqual(
      readManifest(directory).segments.map(({ file }) => file),
    );
  });
});
