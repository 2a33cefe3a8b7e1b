import { expect, it } from 'vitest';
import { asIs, say } from '../../src/core/said.ts';
import type { Finding } from '../../src/detect/finding.ts';
import { verdictScreen } from '../../src/report/screen.ts';
import type { ChainStep, EventReference, Hypothesis, TraceResult } from '../../src/trace/result.ts';

const event: EventReference = {
  id: 's-1',
  evidence: {
    path: 'logs/fgt01.log.gz',
    line: 18231,
    offset: 90,
    length: 40,
    sha256: 'a'.repeat(64),
    memberSha256: 'b'.repeat(64),
  },
};
const term = (because: string, nats: number) => ({ term: because, nats, because: asIs(because), events: [] });
const hypothesis = (rank: number, probability: number, title: string): Hypothesis => ({
  rank,
  probability,
  vector: 'vpn-guessed-password',
  technique: 'T1133',
  origin: 'external',
  title: asIs(title),
  entry: { timestamp: '2021-10-31T22:14:07.000Z', uncertaintySeconds: 2, summary: asIs(title), events: [event] },
  chain: [
    {
      stage: 'discovery',
      technique: 'T1046',
      timestamp: '2021-10-31T22:20:00.000Z',
      summary: say('scan of 180 hosts', 'Suche nach 180 Rechnern'),
      events: [event],
    },
  ],
  score: [term('37 failures before', 3), term('no new device', -0.3), term('nothing', 0.01)],
  for: [],
  against: [{ text: say('not opened', 'nicht geöffnet'), events: [] }],
  missing: [{ text: asIs('proxy log 28 Oct'), events: [] }],
});
const totals = { items: 7, records: 30112, events: 30100, joined: 5, skipped: 4, rejected: 3 };
const base: TraceResult = {
  verdict: 'probable',
  anchor: null,
  hypotheses: [hypothesis(1, 0.71, 'VPN login as k.maier'), hypothesis(2, 0.12, 'mail to m.roth')],
  notInTheseLogs: { probability: 0.17, score: [] },
  exfiltration: { grade: 'shown', bytesUpperBound: 210e9, events: [], because: asIs('FS01 to 203.0.113.9') },
  coverage: [
    {
      source: 'fgt01',
      class: 'firewall',
      from: '',
      to: '',
      gaps: [{ from: '2021-10-29T02:00:00.000Z', to: '2021-10-29T04:10:00.000Z', because: asIs('silence') }],
    },
  ],
  otherChains: [],
};
const lines = (
  trace: TraceResult,
  language: 'en' | 'de' = 'en',
  findings: readonly Finding[] = [],
): Record<string, readonly string[]> =>
  Object.fromEntries(
    verdictScreen({ trace, findings, totals, language, caseDir: '/cases/k 1.case' }).map((block) => [
      block.label,
      block.lines,
    ]),
  );

it('says what, when, how sure, why, what else, what is missing, whether data left, on what evidence', () => {
  const screen = lines(base);
  expect(screen['ENTRY POINT']).toEqual([
    'probable, 71 % (next: 17 %)',
    'VPN login as k.maier',
    '2021-10-31 22:14:07 UTC ± 2 s    logs/fgt01.log.gz line 18231    T1133, T1046',
  ]);
  expect(screen['WHY']).toEqual(['+3.0  37 failures before', '−0.3  no new device']);
  expect(screen['OR ELSE']).toEqual(['2    17 %  not in these logs', '3    12 %  mail to m.roth (not opened)']);
  expect(screen['MISSING']).toEqual(['proxy log 28 Oct']);
  expect(screen['DATA LEFT?']).toEqual(['shown (at most 210.0 GB): FS01 to 203.0.113.9']);
  expect(screen['EVIDENCE']?.[0]).toBe('7 items, 30,112 records = 30,100 events + 5 joined + 4 skipped + 3 rejected');
  expect(screen['EVIDENCE']?.[1]).toContain('gap: fgt01 (firewall) 2021-10-29 02:00:00 UTC');
});

it('says nothing of an entry where there is no intrusion', () => {
  const screen = lines({ ...base, verdict: 'none', hypotheses: [] });
  expect(Object.keys(screen)).toEqual(['ENTRY POINT', 'MISSING', 'DATA LEFT?', 'EVIDENCE']);
  expect(screen.MISSING).toEqual([
    "Where something is known to have happened all the same, its time, machine or account tells more: einfallstor trace --case '/cases/k 1.case' --anchor TIME",
  ]);
});

it('tells what was found where no intrusion is shown, heaviest first, each rule once, nothing everyday or announced', () => {
  const none: TraceResult = { ...base, verdict: 'none', hypotheses: [] };
  const finding = (rule: string, weight: number, minute: number, context: readonly string[] = []): Finding => ({
    id: `${rule}${minute}`,
    rule,
    title: rule,
    level: 'high',
    techniques: ['T1505.003'],
    fact: say(`${rule} at ${minute}`, `${rule} um ${minute}`),
    from: Date.UTC(2026, 2, 15, 3, minute) * 1000,
    to: Date.UTC(2026, 2, 15, 3, minute) * 1000,
    at: Date.UTC(2026, 2, 15, 3, minute) * 1000,
    events: ['s-1'],
    count: 1,
    entities: {},
    chain: { stage: 'persistence', requires: [], provides: [], weight },
    context,
  });
  const found = [
    finding('everyday', 0.3, 1),
    finding('guessed', 1.5, 2),
    finding('shell', 3, 9),
    finding('shell', 3, 5),
    finding('announced', 4, 3, ['pentest']),
    ...Array.from({ length: 20 }, (_, n) => finding('everybody', 2.5, 20 + n)),
  ];
  const screen = lines(none, 'en', found);
  expect(screen['ENTRY POINT']?.[0]).toMatch(/^none shown: .*these logs show nothing that came of it$/);
  expect(screen['FOUND']).toEqual([
    '03-15 03:05  high                  shell at 5',
    '03-15 03:02  high                  guessed at 2',
  ]);
  expect(lines(none, 'de', found)['AUFFÄLLIG']?.[0]).toContain('shell um 5');
  expect(lines(none, 'en', [finding('everyday', 0.3, 1)])['ENTRY POINT']?.[0]).toMatch(/no sign of an intrusion/);
  expect(lines(base, 'en', found)['FOUND']).toBeUndefined();
});

it('tells acts that stand out before findings, and of one doing only once', () => {
  const event = { id: 's-9', evidence: base.hypotheses[0]?.entry.events[0]?.evidence } as EventReference;
  const act = (id: string, summary: string): ChainStep => ({
    stage: 'exfiltration',
    technique: 'T1048',
    timestamp: '2026-03-15T03:00:00.000Z',
    summary: say(summary, summary),
    events: [{ ...event, id }],
  });
  const suspected: TraceResult = {
    ...base,
    verdict: 'undetermined',
    intrusion: 'suspected',
    standsOut: [act('s-1', '50 GB to a new network')],
  };
  const finding = strikingFinding('s-1', 'the same 50 GB');
  const other = strikingFinding('s-2', 'a web shell');
  const screen = lines(suspected, 'en', [finding, { ...other, rule: 'shell' }]);
  expect(screen['ENTRY POINT']?.[1]).toMatch(/^an intrusion is suspected, not shown/);
  expect(screen['ENTRY POINT']?.[2]).toBe('VPN login as k.maier');
  expect(screen['FOUND']).toEqual([
    '03-15 03:00  exfiltration          50 GB to a new network',
    '03-15 03:05  high                  a web shell',
  ]);
  expect(lines({ ...suspected, hypotheses: [] })['ENTRY POINT']).toEqual([
    'undetermined; an intrusion is suspected, not shown, and nothing tells how it began',
  ]);
});

it('names the logs that would show what came of what stands out, where they are not there', () => {
  const open: TraceResult = {
    ...base,
    verdict: 'undetermined',
    intrusion: 'unanswered',
    unanswered: [say('Open: what came of it. No firewall log covers it.', 'Offen: was daraus wurde.')],
    notInTheseLogs: { probability: 0.9, score: [] },
    standsOut: [],
  };
  const unled = lines(open);
  expect(unled['ENTRY POINT']).toEqual([
    'undetermined; no intrusion is shown, but these logs leave open what came of the following',
  ]);
  expect(unled['MISSING']?.[0]).toBe('Open: what came of it. No firewall log covers it.');
  expect(unled['CHAIN']).toBeUndefined();
  expect(lines({ ...open, hypotheses: [] })['MISSING']).toEqual(['Open: what came of it. No firewall log covers it.']);
  const led = lines({ ...open, notInTheseLogs: { probability: 0.1, score: [] } });
  expect(led['ENTRY POINT']?.slice(1, 3)).toEqual([
    'no intrusion is shown, but these logs leave open what came of the following; if there was one, this is how it would have begun:',
    'VPN login as k.maier',
  ]);
});

it('tells of another intrusion that has its own beginning', () => {
  const [first] = base.hypotheses as [Hypothesis];
  const other: Hypothesis = {
    ...first,
    probability: 0.93,
    title: say('Web server exploited', 'Webserver angegriffen'),
  };
  const both: TraceResult = { ...base, otherChains: [{ hypotheses: [other] }] };
  expect(lines(both)['ALSO']).toEqual([
    'another intrusion, apart from this one, 93 %: Web server exploited',
    '2021-10-31 22:14:07 UTC ± 2 s    logs/fgt01.log.gz line 18231    T1133, T1046',
  ]);
  expect(lines(both, 'de')['AUSSERDEM']?.[0]).toBe(
    'ein weiterer Einbruch, von diesem getrennt, 93 %: Webserver angegriffen',
  );
  expect(lines(base)['ALSO']).toBeUndefined();
});

const strikingFinding = (event: string, fact: string): Finding => ({
  id: event,
  rule: 'volume',
  title: 'volume',
  level: 'high',
  techniques: [],
  fact: say(fact, fact),
  from: Date.UTC(2026, 2, 15, 3, 5) * 1000,
  to: Date.UTC(2026, 2, 15, 3, 5) * 1000,
  at: Date.UTC(2026, 2, 15, 3, 5) * 1000,
  events: [event],
  count: 1,
  entities: {},
  chain: { stage: 'exfiltration', requires: [], provides: [], weight: 3 },
  context: [],
});

it('speaks German', () => {
  const screen = lines(base, 'de');
  expect(screen['EINFALLSTOR']?.[0]).toBe('wahrscheinlich, 71 % (nächste: 17 %)');
  expect(screen['ABFLUSS?']?.[0]).toMatch(/^bestätigt/);
  expect(screen['ODER']?.[1]).toContain('(nicht geöffnet)');
});

it('leaves out repeated steps of a long chain, never the only one of a stage', () => {
  const [first] = base.hypotheses as [Hypothesis];
  const step = (n: number, stage: string) => ({
    stage,
    technique: 'T1021',
    timestamp: `2021-11-${String(n).padStart(2, '0')}T00:00:00.000Z`,
    summary: asIs(`step ${n}`),
    events: [],
  });
  const chain = [
    ...Array.from({ length: 12 }, (_, n) => step(n + 1, 'lateral-movement')),
    step(13, 'exfiltration'),
    ...[14, 15].map((n) => step(n, 'impact')),
  ];
  const told = lines({ ...base, hypotheses: [{ ...first, chain }] })['CHAIN'] ?? [];
  expect(told).toHaveLength(12);
  expect(told.filter((line) => line.includes('exfiltration'))).toHaveLength(1);
  expect(told).toContain('… 4 more');
  expect(told[0]).toContain('step 1');
  expect(told[told.length - 1]).toContain('step 15');
});

it('says what would lead without priors, and when that is something else', () => {
  const uniformPriors = {
    hypotheses: [
      { rank: 1, probability: 0.35 },
      { rank: 2, probability: 0.52 },
    ],
    notInTheseLogs: 0.13,
    flips: true,
  };
  expect(lines({ ...base, uniformPriors })['PRIORS']).toEqual([
    'were all ways in equally common: 1: 35 %, 2: 52 %, not in these logs: 13 %; ANOTHER LEADS: it is the prior that decides',
  ]);
  expect(lines({ ...base, uniformPriors: { ...uniformPriors, flips: false } })['PRIORS']?.[0]).toMatch(
    /the same leads$/,
  );
  expect(lines({ ...base, uniformPriors }, 'de')['VORANNAHMEN']?.[0]).toContain('EINE ANDERE FÜHRT');
});

it('gives the command that puts a wrong clock right, as a shell takes it', () => {
  const clocks = [
    {
      source: 'mx1',
      paths: ["logs/o'mail.log"],
      offsetSeconds: 3600,
      errorSeconds: 2,
      because: say('an hour ahead', 'eine Stunde vor'),
      events: [],
      retime: [['--source', "logs/o'mail.log", '--timezone', '+01:00']],
    },
  ];
  expect(lines({ ...base, clocks })['CLOCKS']).toEqual([
    'mx1: an hour ahead',
    String.raw`put right with: einfallstor case retime --case '/cases/k 1.case' --source 'logs/o'\''mail.log' --timezone +01:00 --reason 'why?'`,
  ]);
});
