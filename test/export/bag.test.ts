import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Payload, verifyBag, writeBag } from '../../src/export/bag.ts';

async function* payloads(): AsyncGenerator<Payload> {
  yield { path: 'originals/EX-001/fw.log', content: 'line 1\nline 2\n' };
  yield {
    path: 'exports/events.ndjson',
    content: (async function* () {
      yield Buffer.from('{"a":');
      yield '1}\n';
    })(),
  };
}

const bag = async (): Promise<string> => {
  const root = join(mkdtempSync(join(tmpdir(), 'bag-')), 'CASE-1');
  await writeBag(root, payloads(), [
    ['Source-Organization', 'Example'],
    ['Bagging-Date', '2021-11-05'],
  ]);
  return root;
};

describe('a bag', () => {
  it('is checked by sha256sum and sha512sum alone', async () => {
    const root = await bag();
    for (const [tool, file] of [
      ['sha256sum', 'manifest-sha256.txt'],
      ['sha512sum', 'manifest-sha512.txt'],
      ['sha256sum', 'tagmanifest-sha256.txt'],
    ] as const) {
      const said = execFileSync(tool, ['-c', file], { cwd: root, encoding: 'utf8' });
      expect(
        said
          .trim()
          .split('\n')
          .every((line) => line.endsWith(': OK')),
      ).toBe(true);
    }
  });

  it('is whole as written', async () => expect(await verifyBag(await bag())).toEqual([]));

  it('never overwrites what is there', async () => {
    const root = await bag();
    await expect(writeBag(root, payloads(), [])).rejects.toThrow(/EEXIST/);
  });

  it.each<[string, (root: string) => void, RegExp]>([
    [
      'a changed payload',
      (root) => appendFileSync(join(root, 'data/originals/EX-001/fw.log'), ' '),
      /^data\/originals\/EX-001\/fw\.log: changed/,
    ],
    [
      'a missing payload',
      (root) => rmSync(join(root, 'data/exports/events.ndjson')),
      /^data\/exports\/events\.ndjson: missing/,
    ],
    ['an added payload', (root) => writeFileSync(join(root, 'data/planted.log'), 'x'), /^data\/planted\.log: added/],
    [
      'a changed manifest',
      (root) => appendFileSync(join(root, 'manifest-sha256.txt'), `${'0'.repeat(64)}  data/none\n`),
      /^data\/none: missing/,
    ],
    [
      'changed information',
      (root) => appendFileSync(join(root, 'bag-info.txt'), 'TLP: RED\n'),
      /^bag-info\.txt: changed/,
    ],
    [
      'a manifest that points outside',
      (root) => appendFileSync(join(root, 'manifest-sha512.txt'), `${'0'.repeat(128)}  ../../etc/hostname\n`),
      /outside the package/,
    ],
  ])('names %s', async (_, tamper, problem) => {
    const root = await bag();
    tamper(root);
    const problems = await verifyBag(root);
    expect(problems.some((text) => problem.test(text))).toBe(true);
  });
});
