import { isoOf } from '../core/time.ts';
import { type Fields, numberOf, type StoredEvent } from '../ecs/event.ts';
import { instantOf } from '../query/calendar.ts';
import { predicateOf } from '../query/evaluate.ts';
import type { StoreReader } from '../store/store.ts';
import { loadRules } from './sigma/load.ts';
import type { SigmaRule } from './sigma/model.ts';
import { CorrelationNetwork, eventInput } from './sigma/network.ts';

/** What one rule of a file did on the given events: one line of `rules test --json`. */
export type RuleTestLine =
  | { readonly rule: string; readonly matches: readonly number[] }
  | { readonly rule: string; readonly groups: readonly FiredGroup[] }
  | { readonly rule: string; readonly error: string };

export interface FiredGroup {
  readonly by: Readonly<Record<string, string>>;
  /** 0-based event numbers. */
  readonly events: readonly number[];
  /** When the condition was first fulfilled, ISO 8601 UTC. */
  readonly at: string;
}

export interface RuleTest {
  readonly file: string;
  readonly text: string;
  /** Any JSON objects; `@timestamp` in ISO 8601 or epoch seconds. */
  readonly events: readonly unknown[];
  readonly openStore: (events: readonly StoredEvent[]) => Promise<StoreReader>;
}

const flattened = (value: unknown, name: string, out: Record<string, unknown>): void => {
  if (Array.isArray(value) && value.some((item) => typeof item === 'object' && item !== null)) {
    for (const item of value) flattened(item, name, out);
  } else if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    for (const [key, below] of Object.entries(value)) flattened(below, name === '' ? key : `${name}.${key}`, out);
  } else if (name !== '') {
    const before = out[name];
    out[name] = before === undefined ? value : [before, value].flat();
  }
};

/** Epoch µs of a `@timestamp` in ISO 8601 or epoch seconds. */
const timeOf = (value: unknown): number | undefined => {
  if (typeof value === 'number') return Math.round(value * 1_000_000);
  if (typeof value !== 'string') return undefined;
  return /^\d{1,12}(?:\.\d{1,9})?$/.test(value) ? Math.round(Number(value) * 1_000_000) : instantOf(value);
};

/** An event id that sorts by number. */
const idOf = (number: number): string => `${'0'.repeat(12)}-${number.toString(36)}`;
const numberOfId = (id: string): number => Number.parseInt(id.slice(id.lastIndexOf('-') + 1), 36);

/** Unlike events of evidence, these keep null and empty text: rules ask for both. */
const eventOf = (object: unknown, number: number): StoredEvent => {
  const fields: Record<string, unknown> = {};
  flattened(object, '', fields);
  const time = timeOf(fields['@timestamp']);
  if (time === undefined) delete fields['@timestamp'];
  else fields['@timestamp'] = time;
  return { id: idOf(number), fields: fields as Fields };
};

const matchesOf = async (store: StoreReader, rule: SigmaRule): Promise<number[]> => {
  const passes = predicateOf(rule.query);
  const numbers: number[] = [];
  for await (const event of store.scan(rule.query, { order: 'locator' })) {
    if (passes(event.fields)) numbers.push(numberOfId(event.id));
  }
  return numbers.sort((a, b) => a - b);
};

/** Runs the rules of one file on events: one line per rule, in the order of the file. */
export const testRules = async ({ file, text, events, openStore }: RuleTest): Promise<RuleTestLine[]> => {
  const set = loadRules([{ file, text }], { names: 'as-is' });
  const stored = events.map(eventOf);
  const store = await openStore(stored);
  const lines: { at: number; line: RuleTestLine }[] = [];
  const matched = stored.map(() => new Set<string>());
  for (const rule of set.rules) {
    const matches = await matchesOf(store, rule);
    for (const number of matches) matched[number]?.add(rule.label);
    lines.push({ at: rule.line, line: { rule: rule.label, matches } });
  }
  await store.close();

  const groups = new Map<string, Map<string, FiredGroup>>(set.correlations.map(({ label }) => [label, new Map()]));
  const network = new CorrelationNetwork(set.correlations, [], ({ label }, burst) => {
    const fired = groups.get(label) as Map<string, FiredGroup>;
    const key = JSON.stringify(burst.by).toLowerCase();
    const before = fired.get(key);
    const numbers = new Set([...(before?.events ?? []), ...burst.ids().map(numberOfId)]);
    fired.set(key, { by: burst.by, events: [...numbers].sort((a, b) => a - b), at: before?.at ?? isoOf(burst.at) });
  });
  const timeline = stored
    .flatMap((event, number) => {
      const time = numberOf(event.fields, '@timestamp');
      return time === undefined ? [] : [{ event, number, time }];
    })
    .sort((a, b) => a.time - b.time || a.number - b.number);
  for (const { event, number, time } of timeline) {
    const rules = matched[number] as Set<string>;
    if (rules.size > 0) network.deliver(rules, eventInput(event.id, time, event.fields));
  }
  network.finish();
  for (const { label, line } of set.correlations) {
    lines.push({
      at: line,
      line: { rule: label, groups: [...(groups.get(label) as Map<string, FiredGroup>).values()] },
    });
  }
  for (const { rule, reason, line, severity } of set.problems) {
    if (severity === 'refused') lines.push({ at: line, line: { rule: rule ?? `line ${line}`, error: reason } });
  }
  return lines.sort((a, b) => a.at - b.at).map(({ line }) => line);
};
