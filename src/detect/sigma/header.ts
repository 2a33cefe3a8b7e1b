import { type Said, say } from '../../core/said.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../core/time.ts';
import type { ChainMeaning, Level } from '../finding.ts';
import { type Burstiness, type Header, type Logsource, RuleError } from './model.ts';

export type Block = Readonly<Record<string, unknown>>;

export const isBlock = (value: unknown): value is Block =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const LEVELS: readonly string[] = ['informational', 'low', 'medium', 'high', 'critical'];

export const textAt = (block: Block, key: string): string | undefined => {
  const value = block[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  throw new RuleError(`${key} must be text`, [key]);
};

/** A list of texts, or one text. */
export const textsAt = (block: Block, key: string): readonly string[] => {
  const value = block[key];
  if (value === undefined || value === null) return [];
  const list = Array.isArray(value) ? value : [value];
  if (!list.every((item) => typeof item === 'string')) throw new RuleError(`${key} must be a list of texts`, [key]);
  return list as string[];
};

export const logsourceAt = (block: Block): Logsource => {
  const { logsource } = block;
  if (logsource === undefined || logsource === null) return {};
  if (!isBlock(logsource)) throw new RuleError('logsource must be a map', ['logsource']);
  const part = (key: string): Record<string, string> => {
    const value = textAt(logsource, key);
    return value === undefined ? {} : { [key]: value.toLowerCase() };
  };
  return { ...part('category'), ...part('product'), ...part('service') };
};

/** A capability bound to a field: `credential(user.name)` */
const CAPABILITY = /^(?:credential|network-access|foothold|device-admin|mailbox|domain-admin|data)\([\w@.-]+\)$/;

const capabilities = (custom: Block, key: string): readonly string[] => {
  const list = textsAt(custom, key);
  for (const text of list) if (!CAPABILITY.test(text)) throw new RuleError(`"${text}" is no capability`, [key]);
  return list;
};

const UNITS: Readonly<Record<string, number>> = { s: SECOND, m: MINUTE, h: HOUR, d: DAY };

/** `timespan: 10m`, µs. */
export const timespanAt = (block: Block): number => {
  const text = textAt(block, 'timespan');
  // `10m`, `24h`
  const found = /^(\d{1,9})([smhd])$/.exec(text ?? '');
  if (found === null) throw new RuleError('timespan must be a number and s, m, h or d, such as 10m', ['timespan']);
  return Number(found[1]) * (UNITS[found[2] as string] as number);
};

const burstOf = (custom: Block): Burstiness | undefined => {
  const { burst } = custom;
  if (burst === undefined) return undefined;
  if (!isBlock(burst)) throw new RuleError('burst must be a map of by and timespan', ['custom', 'burst']);
  return { by: textsAt(burst, 'by'), timespan: timespanAt(burst) };
};

/** The chain meaning of a `custom` block; undefined when it states no stage. */
const chainOf = (custom: Block): ChainMeaning | undefined => {
  const stage = textAt(custom, 'stage');
  if (stage === undefined) return undefined;
  const vector = textAt(custom, 'vector');
  const weight = custom['weight'] ?? 0;
  if (typeof weight !== 'number') throw new RuleError('weight must be a number (nats)', ['weight']);
  return {
    stage,
    ...(vector === undefined ? {} : { vector }),
    requires: capabilities(custom, 'requires'),
    provides: capabilities(custom, 'provides'),
    weight,
  };
};

/** A tag that names a technique: `attack.t1110.001` */
const TECHNIQUE = /^attack\.(t\d{4}(?:\.\d{3})?)$/i;

/** A rule without a German sentence says the English one. */
const factAt = (custom: Block): Said | undefined => {
  const fact = textAt(custom, 'fact');
  return fact === undefined ? undefined : say(fact, textAt(custom, 'fact_de') ?? fact);
};

export const labelOf = (block: Block): string => {
  for (const key of ['name', 'id', 'title']) {
    const value = block[key];
    if (typeof value === 'string' && value !== '') return value;
  }
  return 'unnamed';
};

/** What rules and correlations have in common. */
export const headerOf = (block: Block, file: string, line: number): Header => {
  const level = textAt(block, 'level') ?? 'medium';
  if (!LEVELS.includes(level)) throw new RuleError(`level "${level}" is none of ${LEVELS.join(', ')}`, ['level']);
  const custom = block['custom'] ?? {};
  if (!isBlock(custom)) throw new RuleError('custom must be a map', ['custom']);
  const label = labelOf(block);
  const names = [textAt(block, 'name'), textAt(block, 'id')].filter((name) => name !== undefined);
  return {
    file,
    line,
    label,
    names: names.length === 0 ? [label] : names,
    id: textAt(block, 'id') ?? label,
    title: textAt(block, 'title') ?? label,
    description: textAt(block, 'description') ?? '',
    level: level as Level,
    techniques: textsAt(block, 'tags').flatMap((tag) => TECHNIQUE.exec(tag)?.[1]?.toUpperCase() ?? []),
    falsePositives: textsAt(block, 'falsepositives'),
    fields: textsAt(block, 'fields'),
    fact: factAt(custom),
    burst: burstOf(custom),
    part: custom['part'] === true,
    chain: chainOf(custom),
  };
};
