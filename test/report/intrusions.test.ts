import { expect, it } from 'vitest';
import { asIs, told } from '../../src/core/said.ts';
import { alternatives } from '../../src/report/hypotheses.ts';
import { WORDS } from '../../src/report/words.ts';
import type { Hypothesis, TraceResult } from '../../src/trace/result.ts';
import { chainLines } from '../../src/tui/chain.tsx';

const hypothesis = (title: string, probability: number): Hypothesis => ({
  rank: 1,
  probability,
  vector: 'web-exploit',
  technique: 'T1190',
  origin: 'external',
  title: asIs(title),
  entry: { timestamp: '2024-04-14T02:12:00.000Z', uncertaintySeconds: 2, summary: asIs(title), events: [] },
  chain: [
    {
      stage: 'execution',
      technique: 'T1059',
      timestamp: '2024-04-14T02:13:00.000Z',
      summary: asIs(`commands after: ${title}`),
      events: [],
    },
  ],
  score: [],
  for: [],
  against: [],
  missing: [],
});

const result: TraceResult = {
  verdict: 'probable',
  anchor: null,
  intrusion: 'shown',
  hypotheses: [hypothesis('VPN login', 0.9)],
  notInTheseLogs: { probability: 0.1, score: [] },
  exfiltration: { grade: 'excluded', bytesUpperBound: 0, events: [], because: asIs('covered') },
  coverage: [],
  otherChains: [{ hypotheses: [hypothesis('Web server exploited', 0.93)] }],
};

it('the report tells another intrusion with its chain', () => {
  const blocks = alternatives(told(result, 'en'), WORDS.en);
  const at = blocks.findIndex(
    (b) => b.kind === 'heading' && b.text.startsWith('Another intrusion, apart from this one'),
  );
  expect(blocks[at]).toMatchObject({ text: 'Another intrusion, apart from this one: Web server exploited – 93.0 %' });
  expect(blocks[at + 1]).toMatchObject({
    rows: [['2024-04-14 02:13:00Z', 'execution', 'T1059', 'commands after: Web server exploited', '']],
  });
});

it('the explorer tells another intrusion, and what stands out where one is only suspected', () => {
  const texts = (trace: TraceResult): string[] => chainLines(told(trace, 'en')).map(({ text }) => text);
  const shown = texts(result);
  expect(shown[0]).toBe('verdict: probable');
  expect(shown.slice(shown.indexOf('another intrusion, apart from this one:') + 1)[0]).toContain(
    'Web server exploited',
  );
  const act = result.otherChains[0]?.hypotheses[0]?.chain[0];
  const suspected = texts({
    ...result,
    verdict: 'undetermined',
    intrusion: 'suspected',
    standsOut: act === undefined ? [] : [act],
    otherChains: [],
  });
  const unanswered = texts({
    ...result,
    verdict: 'undetermined',
    intrusion: 'unanswered',
    unanswered: [asIs('no log')],
  });
  expect(unanswered.slice(0, 2)).toEqual([
    'verdict: undetermined (no intrusion is shown, but these logs leave open what came of it)',
    '     missing: no log',
  ]);
  expect(suspected.slice(0, 3)).toEqual([
    'verdict: undetermined (an intrusion is suspected, not shown)',
    'stands out:',
    '     2024-04-14 02:13:00  execution            commands after: Web server exploited',
  ]);
});
