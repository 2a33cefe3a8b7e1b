import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** BagIt 1.0 (RFC 8493). Payload names are plain (`[A-Za-z0-9._-/]`), so that no tool differs about escaping. */

const ALGORITHMS = ['sha256', 'sha512'] as const;
type Algorithm = (typeof ALGORITHMS)[number];
type Digests = Readonly<Record<Algorithm, string>>;

export interface Payload {
  /** Below `data/`. */
  readonly path: string;
  readonly content: AsyncIterable<Buffer | string> | string;
}

interface Written extends Digests {
  readonly path: string;
  readonly bytes: number;
}

const digestsWhile = async (
  content: AsyncIterable<Buffer | string>,
  visit: (chunk: Buffer) => void,
): Promise<Digests> => {
  const hashes = ALGORITHMS.map((name) => createHash(name));
  for await (const piece of content) {
    const chunk = typeof piece === 'string' ? Buffer.from(piece) : piece;
    for (const hash of hashes) hash.update(chunk);
    visit(chunk);
  }
  const [sha256, sha512] = hashes.map((hash) => hash.digest('hex')) as [string, string];
  return { sha256, sha512 };
};

const writeHashed = async (root: string, path: string, content: Payload['content']): Promise<Written> => {
  const target = join(root, path);
  await mkdir(dirname(target), { recursive: true });
  const hashes = ALGORITHMS.map((name) => createHash(name));
  let bytes = 0;
  async function* hashed(): AsyncGenerator<Buffer> {
    for await (const piece of typeof content === 'string' ? [content] : content) {
      const chunk = typeof piece === 'string' ? Buffer.from(piece) : piece;
      bytes += chunk.length;
      for (const hash of hashes) hash.update(chunk);
      yield chunk;
    }
  }
  // `wx`: never over a file that is there
  await pipeline(Readable.from(hashed()), createWriteStream(target, { flags: 'wx' }));
  const [sha256, sha512] = hashes.map((hash) => hash.digest('hex')) as [string, string];
  return { path, bytes, sha256, sha512 };
};

const manifest = (files: readonly Written[], algorithm: Algorithm): string =>
  [...files]
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map((file) => `${file[algorithm]}  ${file.path}\n`)
    .join('');

/** Writes a bag into `root`, which must not exist or be empty; returns the SHA-256 of the tag manifest, which covers all. */
export const writeBag = async (
  root: string,
  payloads: AsyncIterable<Payload>,
  info: readonly (readonly [string, string])[],
): Promise<{ readonly tagManifestSha256: string; readonly files: number; readonly bytes: number }> => {
  await mkdir(root, { recursive: true });
  const files: Written[] = [];
  for await (const payload of payloads) files.push(await writeHashed(root, `data/${payload.path}`, payload.content));
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const bagInfo = [...info, ['Payload-Oxum', `${bytes}.${files.length}`] as const]
    .map(([name, value]) => `${name}: ${value.replaceAll(/[\r\n]+/g, ' ')}\n`)
    .join('');
  const tags: Written[] = [];
  tags.push(await writeHashed(root, 'bagit.txt', 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n'));
  tags.push(await writeHashed(root, 'bag-info.txt', bagInfo));
  for (const algorithm of ALGORITHMS)
    tags.push(await writeHashed(root, `manifest-${algorithm}.txt`, manifest(files, algorithm)));
  const tagManifest = manifest(tags, 'sha256');
  await writeFile(join(root, 'tagmanifest-sha256.txt'), tagManifest, { flag: 'wx' });
  return { tagManifestSha256: createHash('sha256').update(tagManifest).digest('hex'), files: files.length, bytes };
};

const filesBelow = async (root: string, folder: string): Promise<string[]> => {
  const found: string[] = [];
  for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) found.push(...(await filesBelow(root, path)));
    else found.push(path);
  }
  return found;
};

const readManifest = async (root: string, name: string): Promise<Map<string, string> | undefined> => {
  const text = await readFile(join(root, name), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  return new Map(
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const space = line.indexOf(' ');
        return [line.slice(space).trimStart().replace(/^\*/, ''), line.slice(0, space).toLowerCase()];
      }),
  );
};

const digestsOfFile = async (path: string): Promise<Digests | undefined> => {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true) return undefined;
  return digestsWhile(createReadStream(path), () => {});
};

type Known = Map<string, Promise<Digests | undefined>>;

/** Each file is read once, however many manifests list it. */
const digestsOnce = (known: Known, path: string): Promise<Digests | undefined> => {
  const before = known.get(path);
  if (before !== undefined) return before;
  const reading = digestsOfFile(path);
  known.set(path, reading);
  return reading;
};

interface Manifest {
  readonly name: string;
  readonly algorithm: Algorithm;
  /** Path → digest. */
  readonly expected: ReadonlyMap<string, string>;
}

const check = async (root: string, { name, algorithm, expected }: Manifest, known: Known): Promise<string[]> => {
  const problems: string[] = [];
  for (const [path, digest] of expected) {
    // a manifest from outside must not make us read elsewhere
    if (path.startsWith('/') || path.split('/').includes('..')) {
      problems.push(`${name}: names a path outside the package: ${path}`);
      continue;
    }
    const actual = await digestsOnce(known, join(root, path));
    if (actual === undefined) problems.push(`${path}: missing`);
    else if (actual[algorithm] !== digest)
      problems.push(`${path}: changed (${algorithm} is ${actual[algorithm]}, ${name} says ${digest})`);
  }
  return problems;
};

/** Whether a folder claims to be a bag. */
export const isBag = async (root: string): Promise<boolean> =>
  (await stat(join(root, 'bagit.txt')).catch(() => undefined)) !== undefined;

/** What is wrong with a bag, in words that name the file; empty when it is whole. */
export const verifyBag = async (root: string): Promise<string[]> => {
  const problems: string[] = [];
  const known: Known = new Map();
  const tagManifest = await readManifest(root, 'tagmanifest-sha256.txt');
  if (tagManifest === undefined) problems.push('tagmanifest-sha256.txt: missing');
  else
    problems.push(
      ...(await check(root, { name: 'tagmanifest-sha256.txt', algorithm: 'sha256', expected: tagManifest }, known)),
    );
  const present = await filesBelow(root, 'data').catch(() => [] as string[]);
  for (const algorithm of ALGORITHMS) {
    const name = `manifest-${algorithm}.txt`;
    const expected = await readManifest(root, name);
    if (expected === undefined) {
      problems.push(`${name}: missing`);
      continue;
    }
    problems.push(...(await check(root, { name, algorithm, expected }, known)));
    for (const path of present) if (!expected.has(path)) problems.push(`${path}: added (${name} does not list it)`);
  }
  return [...new Set(problems)].sort();
};
