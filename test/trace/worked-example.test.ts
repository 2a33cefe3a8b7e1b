import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { guessing } from './scenes.ts';

const signed = (nats: number): string => `${nats < 0 ? '−' : '+'}${Math.abs(nats).toFixed(2)}`;

describe('docs/how-a-hypothesis-is-scored.md', () => {
  it('prints the numbers that the program computes', async () => {
    const page = readFileSync(new URL('../../docs/how-a-hypothesis-is-scored.md', import.meta.url), 'utf8');
    const result = await guessing().scene.run();
    const top = result.hypotheses[0];
    const example = page.slice(page.indexOf('## 4. A worked example'), page.indexOf('## 5.'));
    expect(top?.score.length).toBeGreaterThan(5);
    for (const term of top?.score ?? []) {
      const written = signed(term.nats).replace('+-', '−');
      expect(example, `${term.term} ${written}`).toContain(`| ${term.term} | ${written} |`);
    }
    const sum = (top?.score ?? []).reduce((total, t) => total + t.nats, 0);
    expect(example).toContain(`**${signed(sum)}**`);
    expect(top?.probability).toBeCloseTo(0.99, 3);
    expect(result.verdict).toBe('determined');
  });
});
