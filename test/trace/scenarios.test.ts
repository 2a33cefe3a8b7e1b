import { describe, expect, it } from 'vitest';
import { entryIds, told } from './scene.ts';
import {
  bypass,
  exposed,
  guessing,
  hidden,
  mailbox,
  partner,
  patchDay,
  quiet,
  reused,
  type Staged,
  stolen,
  stolenKey,
} from './scenes.ts';

const cases: readonly (readonly [string, () => Staged, string])[] = [
  ['guessing at the VPN', guessing, 'vpn-guessed-password'],
  ['stolen VPN credentials', stolen, 'vpn-valid-account'],
  ['bypassed appliance management', bypass, 'appliance-exploit'],
  ['RDP published for a supplier', exposed, 'exposed-remote-service'],
  ['a stolen SSH key', stolenKey, 'exposed-remote-service'],
  ['a mailbox taken by a slow spray', mailbox, 'mail-account-takeover'],
  ['an inner address lent twice', reused, 'vpn-valid-account'],
];

describe('entry point', () => {
  it.each(cases)('%s', async (_, build, vector) => {
    const { scene, entry } = build();
    const result = await scene.run();
    expect(entryIds(result), told(result)).toEqual(expect.arrayContaining([...entry]));
    expect(result.hypotheses[0]?.vector).toBe(vector);
    expect(['probable', 'determined'], told(result)).toContain(result.verdict);
  });

  it('a partner is named as one, and nothing beyond him', async () => {
    const { scene, entry } = partner();
    const result = await scene.run({
      context: { partners: [{ name: 'the service provider', source: '172.20.8.0/24' }] },
    });
    expect(entryIds(result), told(result)).toEqual(expect.arrayContaining([...entry]));
    expect(result.hypotheses[0]).toMatchObject({ vector: 'partner-access', origin: 'partner' });
  });

  it('an entry in a silence of the logs stays undetermined', async () => {
    const result = await hidden().scene.run();
    expect(result.verdict, told(result)).toBe('undetermined');
    expect(result.notInTheseLogs.probability).toBeGreaterThan(result.hypotheses[0]?.probability ?? 0);
    expect(result.coverage.some((c) => c.gaps.length > 0)).toBe(true);
  });
});

describe('clean logs', () => {
  it.each([
    ['patch day', patchDay],
    ['scanning and a traveller', quiet],
  ] as const)('%s: no intrusion', async (_, build) => {
    const result = await build().run();
    expect(result.verdict, told(result)).toBe('none');
    expect(result.anchor).toBeNull();
    expect(result.hypotheses).toEqual([]);
    expect(result.notInTheseLogs.probability).toBe(1);
  });
});
