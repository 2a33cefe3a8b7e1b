import { render } from 'ink-testing-library';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Explorer, openExplorer } from '../../src/app/explorer.ts';
import type { Annotation } from '../../src/case/entries.ts';
import { eventId } from '../../src/core/locator.ts';
import { isoOf } from '../../src/core/time.ts';
import type { Fields, StoredEvent } from '../../src/ecs/event.ts';
import { memoryStore } from '../../src/store/memory.ts';
import type { EventReference, ToldTrace } from '../../src/trace/result.ts';
import { ExplorerApp } from '../../src/tui/explorer.tsx';

const NOON = 1_635_681_600_000_000; // 2021-10-31T12:00:00Z
const SECOND = 1_000_000;

/** Clipboard (OSC 52), colour (CSI, 7 and 8 bit), right-to-left override, isolate, line break. */
const HOSTILE = 'e\u001b]52;c;aGk=\u0007\u001b[31mv\u009b31m\u202eil\u2066\nx';
const ACTING = /[\u0000-\u0009\u000b-\u001a\u001c-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;
/** Escape sequences that colour text: Ink's own, SGR only. */
const SGR = /\u001b\[[\d;]*m/g;

const login = (n: number, more: Fields): StoredEvent => ({
  id: eventId('abc', n * 100),
  fields: {
    '@timestamp': NOON + n * SECOND,
    'event.id': eventId('abc', n * 100),
    'einfallstor.act': 'vpn-login',
    'event.outcome': 'failure',
    'user.name': `user${n % 5}`,
    'source.ip': `198.51.100.${n + 1}`,
    'observer.name': 'fw-a',
    'log.file.path': 'logs/vpn.log',
    'event.original': `line ${n}`,
    ...more,
  },
});

const EVENTS: readonly StoredEvent[] = [
  ...Array.from({ length: 40 }, (_, n) => login(n, {})),
  login(40, { 'user.name': HOSTILE, 'event.outcome': 'success', [`vendor.${HOSTILE}`]: 'v' }),
  {
    id: eventId('abc', 9000),
    fields: { 'event.kind': 'pipeline_error', 'event.original': HOSTILE, 'error.message': 'unknown' },
  },
];

const reference = (n: number): EventReference => ({
  id: eventId('abc', n * 100),
  evidence: { path: 'logs/vpn.log', line: n + 1, offset: n * 100, length: 100, sha256: '00', memberSha256: '00' },
});

const TRACE: ToldTrace = {
  verdict: 'probable',
  anchor: null,
  hypotheses: [
    {
      rank: 1,
      probability: 0.8,
      vector: 'vpn-guessed-password',
      technique: 'T1133',
      origin: 'external',
      title: `VPN login as ${HOSTILE}`,
      entry: {
        timestamp: isoOf(NOON + 40 * SECOND),
        uncertaintySeconds: 1,
        summary: 'the login',
        events: [reference(40)],
      },
      chain: [
        {
          stage: 'discovery',
          technique: 'T1046',
          timestamp: isoOf(NOON + 20 * SECOND),
          summary: 'a look around',
          events: [reference(20)],
        },
      ],
      score: [{ term: 'guessing', nats: 1.5, because: 'many failures', events: [] }],
      for: [],
      against: [],
      missing: [{ text: 'the proxy log', events: [] }],
    },
  ],
  notInTheseLogs: { probability: 0.2, score: [] },
  exfiltration: { grade: 'excluded', bytesUpperBound: 0, events: [], because: 'nothing left' },
  coverage: [],
  otherChains: [],
};

const ENTER = '\r';
const ESCAPE = '\u001b';

describe('the explorer', () => {
  let annotations: Omit<Annotation, 'id'>[] = [];
  let app: ReturnType<typeof render>;
  let explorer: Explorer;

  const open = (events: readonly StoredEvent[], trace: ToldTrace | undefined): void => {
    annotations = [];
    const kept = { name: 'case-a', annotate: async (given: Omit<Annotation, 'id'>) => void annotations.push(given) };
    explorer = openExplorer(kept, memoryStore(events), trace, 'analyst', () => new Date('2022-01-01T00:00:00Z'));
    app = render(<ExplorerApp explorer={explorer} />);
  };

  const frame = (): string => (app.lastFrame() ?? '').replace(SGR, '');
  const chosen = (): string =>
    frame()
      .split('\n')
      .find((line) => line.startsWith('›')) ?? '';

  /** Waits until the screen shows something. */
  const shows = async (words: string | RegExp): Promise<void> => {
    await expect.poll(frame, { timeout: 10_000 }).toMatch(words);
    // whatever is shown, nothing of it acts on the terminal
    for (const drawn of app.frames) expect(ACTING.exec(drawn.replace(SGR, ''))?.[0]).toBeUndefined();
    for (const drawn of app.frames) expect(drawn.replace(SGR, '')).not.toContain('\u001b');
  };

  /** Types keys one after the other. */
  const press = async (...keys: readonly string[]): Promise<void> => {
    for (const key of keys) {
      app.stdin.write(key);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  };

  beforeEach(async () => {
    open(EVENTS, TRACE);
    await shows('42 events');
  });
  afterEach(() => app.unmount());

  it('shows the first events in time order, and what they say', async () => {
    expect(frame()).toContain('case-a  42 events  verdict: probable');
    expect(chosen()).toMatch(/^›2021-10-31 12:00:00 {2}fw-a {12}vpn-login failure user0 198\.51\.100\.1/);
    expect(frame()).toContain('filter: (everything)');
  });

  it('moves with keys and arrows, to the end and back', async () => {
    await press('j', 'j', 'k', '\u001b[B');
    expect(chosen()).toContain('12:00:02');
    await press('G');
    expect(chosen()).toContain('no time');
    await press('g');
    expect(chosen()).toContain('12:00:00');
    await press('jjj'); // held, or pasted
    expect(chosen()).toContain('12:00:03');
  });

  it('opens the fields and pivots on a value, narrows, and goes back', async () => {
    await press('j', ENTER);
    await shows(/user\.name +user1/);
    const names = Object.keys(EVENTS[1]?.fields ?? {}).sort();
    await press(...names.slice(0, names.indexOf('user.name')).map(() => 'j'), 'p');
    await shows('filter: user.name: user1');
    await shows(/ 8 events/);
    await press('u');
    await shows(/42 events/);
  });

  it('filters, and says what is wrong with a filter without losing it', async () => {
    await press('/', 'user.name: (', ENTER);
    await shows('filter: user.name: (▏');
    expect(frame().trimEnd().split('\n').at(-1)).not.toContain('/ filter');
    await press('\u0015', 'user.name: user3 and event.outcome: failure', ENTER);
    await shows(/ 8 events/);
    expect(chosen()).toContain('user3');
    await press('/', '\u0015', 'user.name: nobody', ENTER);
    await shows('no event matches');
    await press('u', '/', ESCAPE);
    await shows(/ 8 events/);
  });

  it('shows the chain and jumps to its events', async () => {
    await press('c');
    await shows('verdict: probable');
    expect(frame()).toContain('discovery            a look around');
    expect(frame()).toContain('missing: the proxy log');
    await press('j', 'j', ENTER);
    await shows(/› ?2021-10-31 12:00:20/);
    expect(frame()).toMatch(/filter: \(everything\) {3}2021-10-31T11:55:20 – 2021-10-31T12:05:20/);
  });

  it('keeps stars and comments', async () => {
    await press('j', 's', '#', 'seen before', ENTER);
    await shows('comment kept');
    expect(annotations).toEqual([
      { ts: '2022-01-01T00:00:00.000Z', author: 'analyst', events: [eventId('abc', 100)], kind: 'star', text: '' },
      {
        ts: '2022-01-01T00:00:00.000Z',
        author: 'analyst',
        events: [eventId('abc', 100)],
        kind: 'comment',
        text: 'seen before',
      },
    ]);
  });

  it('shows hostile text as what it is, in every view', async () => {
    await press('G', 'k');
    await shows(/›.*success e\\x1b\]52;c;aGk=\\x07\\x1b\[31mv\\x9b31m‹202e›il…/);
    await press(ENTER);
    await shows(/vendor\.e\\x1b/);
    await shows(/user\.name +e\\x1b.*‹2066›\\x0ax/);
    const names = Object.keys(EVENTS[40]?.fields ?? {}).sort();
    await press(...names.slice(0, names.indexOf('user.name')).map(() => 'j'), 'p');
    await shows(/ 1 events/);
    await press('c');
    await shows(/80 % {2}VPN login as e\\x1b/);
    await press('?');
    await shows('this page');
    await press('q', '/', '\u0015', 'x\u202e\u009b31m', ENTER);
    await shows(/filter: x‹202e›\\x9b31m/);
  });
});

it('opens an empty case without a verdict', async () => {
  const kept = { name: 'empty', annotate: async () => {} };
  const app = render(<ExplorerApp explorer={openExplorer(kept, memoryStore([]), undefined, 'a', () => new Date(0))} />);
  await expect.poll(() => app.lastFrame()).toContain('0 events');
  app.stdin.write('c');
  await expect.poll(() => app.lastFrame()).toContain('no verdict yet');
  app.unmount();
});
