import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CaseInfo } from '../../src/app/case-info.ts';
import { openWithStore } from '../../src/app/case-view.ts';
import { openCaseExplorer } from '../../src/app/open-explorer.ts';
import type { Retimed } from '../../src/app/retime.ts';
import type { StorePlace } from '../../src/app/stores.ts';
import { indicesOf } from '../../src/store/elasticsearch/index-names.ts';
import { ended, json, type Ran, run, start } from '../cli/program.ts';
import { NO_SERVER, remove, SERVER } from '../store/elasticsearch.ts';
import { type Front, front } from '../store/front.ts';
import { folder } from './cases.ts';
import { fortigateFlow, lines, postfixLine, sshdLine, text } from './logs.ts';

const FROM = '2021-10-30T00:00:00Z';
const LINES = 4000;
const KEY = 'dGVhbTpzM2NyZXQtb2YtdGhlLXRlYW0=';

describe.skipIf(SERVER === undefined)(`a case on the server (left out: ${NO_SERVER})`, () => {
  const root = folder();
  const logs = join(root, 'logs');
  const [local, remote] = [join(root, 'local.case'), join(root, 'remote.case')];
  let secure: Front;
  let keys: Record<string, string>;
  const made = new Set<string>();

  beforeAll(async () => {
    mkdirSync(logs);
    writeFileSync(join(logs, 'a-fw.log'), text(lines(fortigateFlow, LINES, FROM)));
    writeFileSync(join(logs, 'b-auth.log'), text(lines(sshdLine, LINES, FROM)));
    writeFileSync(join(logs, 'c-mail.log'), text(lines(postfixLine, LINES, FROM)));
    writeFileSync(join(logs, 'empty.log'), '');
    const [key, cert] = [join(root, 'key.pem'), join(root, 'cert.pem')];
    spawnSync('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
      ...['-subj', '/CN=team', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert],
    ]);
    // the server core has no security: TLS and keys are played before it
    secure = await front(
      SERVER as string,
      ({ headers }) =>
        headers.authorization === `ApiKey ${KEY}` ? 'pass' : { status: 401, type: 'security_exception', reason: 'no' },
      { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') },
    );
    keys = { ELASTICSEARCH_API_KEY: KEY, ELASTICSEARCH_CA_FILE: cert };
    expect((await run(['ingest', logs, '--case', local])).code).toBe(0);
  });
  afterAll(async () => {
    for (const index of made) await remove(indicesOf(index));
    await secure.close();
  });

  const place = (caseDir: string): StorePlace & { kind: 'elasticsearch' } =>
    JSON.parse(readFileSync(join(caseDir, 'store.json'), 'utf8')) as StorePlace & { kind: 'elasticsearch' };

  /** How many documents the server has taken for the case since it was made there. */
  const written = async (): Promise<number> => {
    const found = await fetch(`${SERVER}/einfallstor-remote-*-1/_stats/indexing`);
    const { _all } = (await found.json()) as { _all: { primaries: { indexing?: { index_total: number } } } };
    return _all.primaries.indexing?.index_total ?? 0;
  };

  /** Runs the program and kills it in the middle of writing to the server. */
  const killed = async (args: readonly string[]): Promise<Ran> => {
    const before = await written();
    const child = start(args, { env: keys });
    const end = ended(child);
    while ((await written()) === before && child.exitCode === null) await pause(20);
    child.kill('SIGKILL');
    const ran = await end;
    expect(ran.code, `killed before it was done: ${ran.stderr}`).toBe(null);
    return ran;
  };

  const info = async (caseDir: string, env = {}): Promise<CaseInfo> => {
    const { code, stdout, stderr } = await run(['case', 'info', '--case', caseDir, '--json'], { env });
    expect(code, stderr).toBe(0);
    return JSON.parse(stdout) as CaseInfo;
  };

  test('killed while it is read in and finished later, it equals the one in DuckDB; no secret is kept or told', {
    timeout: 600_000,
  }, async () => {
    const args = ['ingest', logs, '--case', remote, '--store', secure.url];
    const said: Ran[] = [];
    for (let kills = 0; kills < 2; kills += 1) said.push(await killed(args));
    said.push(await run(args, { env: keys }));
    expect(said.at(-1)).toMatchObject({ code: 0 });
    made.add(place(remote).index);
    expect(place(remote)).toEqual({
      kind: 'elasticsearch',
      url: secure.url,
      index: expect.stringMatching(/^einfallstor-remote-[0-9a-f]{8}$/),
    });
    const [here, there] = [await info(local), await info(remote, keys)];
    expect(there.store).toMatchObject({ events: here.store.events, sha256: here.store.sha256 });
    expect(there.streams).toEqual(here.streams);
    expect(here.store.kind).toBe('duckdb');

    const kept = readdirSync(remote, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
    expect(kept.length).toBeGreaterThan(3);
    for (const words of [...kept, ...said.flatMap(({ stdout, stderr }) => [stdout, stderr])])
      expect(words).not.toContain(KEY);
    const { code, stderr } = await run(['search', '--case', remote, 'user.name: anna']);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/is not trusted.*ELASTICSEARCH_CA_FILE/s)]);
  });

  test('detect and trace give the same findings and verdict', { timeout: 300_000 }, async () => {
    const answers = await Promise.all(
      [local, remote].map(async (caseDir) => {
        const env = caseDir === remote ? keys : {};
        const detected = await run(['detect', '--case', caseDir, '--json'], { env });
        const traced = await run(['trace', '--case', caseDir, '--json'], { env });
        return [detected.code, detected.stdout, traced.code, traced.stdout];
      }),
    );
    expect(answers[1]).toEqual(answers[0]);
    expect([answers[0]?.[0], answers[0]?.[2], answers[0]?.[3]]).toEqual([0, 0, expect.stringContaining('"verdict":')]);
    // findings and verdict are kept beside the events, with who found them
    const { state } = indicesOf(place(remote).index);
    for (const name of ['findings.json', 'trace.json']) {
      const kept = await fetch(`${SERVER}/${state}/_doc/${name}-1`);
      expect(await kept.json()).toMatchObject({
        _source: { entry: { content: readFileSync(join(remote, name), 'utf8'), author: expect.stringMatching(/./) } },
      });
    }
  });

  test('two analysts see what the other has written, without starting again', { timeout: 300_000 }, async () => {
    Object.assign(process.env, keys);
    try {
      const copy = join(root, 'copy', 'remote.case');
      cpSync(remote, copy, { recursive: true });
      const [anna, ben] = [await openCaseExplorer(remote, {}), await openWithStore(copy, {})];
      const { events } = await anna.page('user.name: anna', undefined, undefined, 'down', 3);
      const ids = events.map(({ id }) => id);
      expect(ids).toHaveLength(3);
      // both at once: each takes a number of its own
      await Promise.all([
        ...ids.map((id) => anna.annotate(id, 'comment', `anna on ${id}`)),
        ...ids.map((id) =>
          ben.opened.annotate({ ts: '2024-01-01T00:00:00Z', author: 'ben', events: [id], kind: 'star', text: '' }),
        ),
      ]);
      const notes = await ben.opened.annotations();
      expect(notes.map(({ id }) => id)).toEqual(['a1', 'a2', 'a3', 'a4', 'a5', 'a6']);
      expect(new Set(notes.map(({ text, author }) => `${text}${author === 'ben' ? 'ben' : ''}`)).size).toBe(4);
      await ben.opened.write('context.json', '{"scanners":["192.0.2.1"]}\n');
      expect((await info(remote, keys)).annotations).toEqual(notes);
      const again = await openWithStore(remote, {});
      expect(await again.opened.read('context.json')).toBe('{"scanners":["192.0.2.1"]}\n');
      await Promise.all([again.close(), ben.close(), anna.close()]);
    } finally {
      for (const name of Object.keys(keys)) delete process.env[name];
    }
  });

  test('moves to DuckDB and back with everything, and proves it', { timeout: 600_000 }, async () => {
    const before = await info(remote, keys);
    expect(before.annotations).toHaveLength(6);
    const digest = { events: before.store.events, sha256: before.store.sha256 };
    const there = await run(['case', 'move', '--case', remote, '--to', 'duckdb', '--json'], { env: keys });
    expect(there.code, there.stderr).toBe(0);
    expect(JSON.parse(there.stdout)).toMatchObject({ to: { kind: 'duckdb' }, ...digest });
    expect(await info(remote)).toEqual({ ...before, store: { kind: 'duckdb', ...digest } });
    for (const index of made) {
      if (!index.startsWith('einfallstor-remote-')) continue;
      expect((await fetch(`${SERVER}/${indicesOf(index).state}/_count`)).status).toBe(404);
    }

    await killed(['case', 'move', '--case', remote, '--to', secure.url]);
    expect((await info(remote)).store, 'a move that was killed leaves the case where it was').toEqual({
      kind: 'duckdb',
      ...digest,
    });
    const back = await run(['case', 'move', '--case', remote, '--to', secure.url], { env: keys });
    expect(back.code, back.stderr).toBe(0);
    expect(back.stdout).toContain(digest.sha256);
    expect(await info(remote, keys)).toEqual(before);
    expect(readdirSync(remote)).not.toContain('store');
    // what it has already is not read again
    const again = await run(['ingest', logs, '--case', remote], { env: keys });
    expect(again.code, again.stderr).toBe(0);
    expect(await info(remote, keys)).toEqual(before);
  });

  test('its times change as those in DuckDB do; killed meanwhile, they are the old or the new', {
    timeout: 600_000,
  }, async () => {
    const [here, there] = [join(root, 'times.case'), join(root, 'times-remote.case')];
    expect((await run(['ingest', logs, '--case', here])).code).toBe(0);
    const taken = await run(['ingest', logs, '--case', there, '--store', SERVER as string]);
    expect(taken.code, taken.stderr).toBe(0);
    made.add(place(there).index);
    const args = (caseDir: string, zone: string): string[] => [
      ...['case', 'retime', '--case', caseDir, '--source', 'c-mail.log'],
      ...['--timezone', zone, '--reason', 'a test', '--json'],
    ];
    const before = await info(there);
    const local = await json<Retimed>(args(here, 'Europe/Berlin'));
    expect(local).toMatchObject({ result: 'changed', streams: [{ moved: LINES }] });
    const after = await info(here);
    const began = performance.now();
    const child = start(args(there, 'Europe/Berlin'));
    const end = ended(child);
    await pause(2500);
    child.kill('SIGKILL');
    await end;
    const half = await info(there);
    const said = `killed after ${Math.round(performance.now() - began)} ms`;
    const states = [before, after].map(({ store, streams }) => [store.sha256, streams]);
    expect(states, said).toContainEqual([half.store.sha256, half.streams]);
    const last = await run(args(there, 'Europe/Berlin'));
    expect(last.code, last.stderr).toBe(0);
    const changed = await info(there);
    expect([changed.store.sha256, changed.streams]).toEqual([after.store.sha256, after.streams]);
    // the alias has moved on, and nothing is left of what it stood for
    const index = indicesOf(place(there).index).eventsIndex;
    expect((await fetch(`${SERVER}/${index}/_count`)).status).toBe(404);
    const back = await json<Retimed>(args(there, 'none'));
    expect(back).toMatchObject({ result: 'changed', streams: [{ moved: LINES }] });
    expect((await info(there)).store.sha256).toBe(before.store.sha256);
    // it is written to as before
    const more = join(root, 'more');
    mkdirSync(more);
    writeFileSync(join(more, 'd-auth.log'), text(lines(sshdLine, 10, FROM)));
    expect((await run(['ingest', more, '--case', there])).code).toBe(0);
    expect((await info(there)).store.events).toBe(before.store.events + 10);
  });

  test('stays where it is, whatever is asked for', { timeout: 120_000 }, async () => {
    const refused = await run(['ingest', logs, '--case', local, '--store', SERVER as string]);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('case move')]);
    // the environment speaks of new cases only
    expect(
      (await run(['search', '--case', local, '--limit', '1'], { env: { ELASTICSEARCH_URL: SERVER as string } })).code,
    ).toBe(0);
    const fresh = join(root, 'fresh.case');
    const taken = await run(['ingest', join(logs, 'empty.log'), '--case', fresh], {
      env: { ELASTICSEARCH_URL: SERVER as string },
    });
    expect(taken.code, taken.stderr).toBe(0);
    made.add(place(fresh).index);
    const out = join(root, 'kibana.ndjson');
    const shown = await run(['export', '--case', fresh, '--format', 'kibana', '--out', out]);
    expect(shown.code, shown.stderr).toBe(0);
    expect(readFileSync(out, 'utf8')).toContain(`"title":"${place(fresh).index}"`);
    const unshown = await run(['export', '--case', local, '--format', 'kibana', '--out', `${out}.2`]);
    expect([unshown.code, unshown.stderr]).toEqual([2, expect.stringContaining('case move')]);
    expect((await json<CaseInfo>(['case', 'info', '--case', fresh, '--json'])).store).toMatchObject({
      kind: 'elasticsearch',
      events: 0,
    });
  });
});
