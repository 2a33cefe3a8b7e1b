import { type Document, isNode, LineCounter, parseAllDocuments } from 'yaml';
import { and, type Query } from '../../query/ast.ts';
import { correlationOf } from './correlation.ts';
import { type Block, headerOf, isBlock, labelOf, logsourceAt, textsAt } from './header.ts';
import { lowerBlock } from './lower.ts';
import {
  type Logsource,
  type Problem,
  RuleError,
  type SigmaCorrelation,
  type SigmaFilter,
  type SigmaRule,
} from './model.ts';
import { catalogueName, ecsName } from './taxonomy.ts';

export interface RuleSource {
  /** As problems show it. */
  readonly file: string;
  readonly text: string;
}

export interface LoadOptions {
  /** `as-is`: the events have the names the rules use. `taxonomy`: rules that are not `taxonomy: ecs` are mapped to ECS. */
  readonly names: 'as-is' | 'taxonomy';
  /** Values of `%name%` for the modifier `expand`. */
  readonly placeholders?: ReadonlyMap<string, readonly string[]>;
}

export interface RuleSet {
  readonly rules: readonly SigmaRule[];
  /** Each behind those it refers to. */
  readonly correlations: readonly SigmaCorrelation[];
  readonly problems: readonly Problem[];
}

interface Loaded {
  readonly rules: SigmaRule[];
  readonly correlations: SigmaCorrelation[];
  readonly filters: SigmaFilter[];
  readonly problems: Problem[];
}

/** Aliases can multiply a document beyond all bounds; rules need a few. */
const MAX_ALIASES = 100;

const filterOf = (
  block: Block,
  file: string,
  line: number,
  fieldName: (name: string) => string,
  options: LoadOptions,
): SigmaFilter => {
  const definition = block['filter'];
  if (!isBlock(definition)) throw new RuleError('filter must be a map', ['filter']);
  const rules = textsAt(definition, 'rules');
  if (rules.length === 0) throw new RuleError('filter names no rules', ['filter']);
  const context = { placeholders: options.placeholders ?? new Map(), fieldName };
  const everywhere = rules.length === 1 && rules[0] === 'any';
  return {
    file,
    line,
    title: labelOf(block),
    logsource: logsourceAt(block),
    rules: everywhere ? undefined : rules,
    query: lowerBlock(definition, ['rules'], context),
  };
};

const lineOf = (document: Document.Parsed, counter: LineCounter, path: readonly (string | number)[]): number => {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return counter.linePos(node.range[0]).line;
  }
  return counter.linePos(document.range[0]).line;
};

const loadDocument = (block: Block, file: string, line: number, into: Loaded, options: LoadOptions): void => {
  const logsource: Logsource = logsourceAt(block);
  const isEcs = block['taxonomy'] === 'ecs';
  const fieldName = (name: string): string => {
    if (options.names === 'as-is') return name;
    return catalogueName(isEcs ? name : ecsName(logsource, name));
  };
  if ('correlation' in block) {
    into.correlations.push(correlationOf(block, file, line, fieldName));
  } else if ('filter' in block) {
    const filter = filterOf(block, file, line, fieldName, options);
    into.filters.push(filter);
    const conditions = textsAt(block['filter'] as Block, 'condition').join(' ');
    if (!/\bnot\b/i.test(conditions)) {
      const reason = 'the condition of this filter has no "not": it keeps only what it selects';
      into.problems.push({ file, line, reason, rule: filter.title, severity: 'doubtful' });
    }
  } else {
    const header = headerOf(block, file, line);
    if (!('detection' in block)) throw new RuleError('neither detection, correlation nor filter');
    const context = { placeholders: options.placeholders ?? new Map(), fieldName };
    try {
      into.rules.push({
        ...header,
        kind: 'rule',
        logsource,
        isEcs,
        query: lowerBlock(block['detection'], ['timeframe'], context),
      });
    } catch (error) {
      if (error instanceof RuleError) throw new RuleError(error.message, ['detection', ...error.path]);
      throw error;
    }
  }
};

const loadSource = ({ file, text }: RuleSource, into: Loaded, options: LoadOptions): void => {
  const counter = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: counter });
  if ('empty' in documents) return;
  for (const document of documents) {
    const refuse = (line: number, reason: string, rule?: string): void => {
      into.problems.push({ file, line, reason, ...(rule === undefined ? {} : { rule }), severity: 'refused' });
    };
    const [bad] = document.errors;
    if (bad !== undefined) {
      refuse(counter.linePos(bad.pos[0]).line, `not YAML: ${bad.message.split('\n')[0]}`);
      continue;
    }
    if (document.contents === null) continue;
    let block: unknown;
    try {
      block = document.toJS({ maxAliasCount: MAX_ALIASES });
    } catch (cause) {
      refuse(lineOf(document, counter, []), cause instanceof Error ? cause.message : String(cause));
      continue;
    }
    if (!isBlock(block)) {
      refuse(lineOf(document, counter, []), 'a rule must be a map');
      continue;
    }
    try {
      loadDocument(block, file, lineOf(document, counter, []), into, options);
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      refuse(lineOf(document, counter, error.path), error.message, labelOf(block));
    }
  }
};

const covers = (filter: Logsource, rule: Logsource): boolean =>
  (Object.keys(filter) as (keyof Logsource)[]).every((key) => filter[key] === rule[key]);

const filtered = (rule: SigmaRule, filters: readonly SigmaFilter[]): SigmaRule => {
  const applying = filters.filter(
    (filter) =>
      covers(filter.logsource, rule.logsource) &&
      (filter.rules === undefined || filter.rules.some((name) => rule.names.includes(name))),
  );
  if (applying.length === 0) return rule;
  const queries: readonly Query[] = [rule.query, ...applying.map((filter) => filter.query)];
  return { ...rule, query: and(...queries) };
};

/** Drops later rules with a name that is taken. */
const unique = <T extends SigmaRule | SigmaCorrelation>(
  loaded: readonly T[],
  taken: Map<string, string>,
  problems: Problem[],
): T[] =>
  loaded.filter((one) => {
    const clash = one.names.find((name) => taken.has(name));
    if (clash === undefined) {
      for (const name of one.names) taken.set(name, one.label);
      return true;
    }
    problems.push({
      file: one.file,
      line: one.line,
      reason: `"${clash}" is the name of an earlier rule`,
      rule: one.label,
      severity: 'refused',
    });
    return false;
  });

/** Correlations with references resolved to labels, each behind those it refers to; others become problems. */
const ordered = (
  correlations: readonly SigmaCorrelation[],
  labels: ReadonlyMap<string, string>,
  rules: readonly SigmaRule[],
  problems: Problem[],
): SigmaCorrelation[] => {
  const known = new Set(rules.map((rule) => rule.label));
  const out: SigmaCorrelation[] = [];
  let waiting = [...correlations];
  for (;;) {
    const ready = waiting.filter((one) => one.rules.every((name) => known.has(labels.get(name) ?? '')));
    if (ready.length === 0) break;
    for (const one of ready) {
      out.push({ ...one, rules: one.rules.map((name) => labels.get(name) as string) });
      known.add(one.label);
    }
    waiting = waiting.filter((one) => !ready.includes(one));
  }
  for (const one of waiting) {
    const missing = one.rules.find((name) => !known.has(labels.get(name) ?? '')) as string;
    const reason = labels.has(missing)
      ? `refers to "${missing}", which refers back to it or cannot run`
      : `refers to "${missing}", which is no rule or was refused`;
    problems.push({ file: one.file, line: one.line, reason, rule: one.label, severity: 'refused' });
  }
  return out;
};

/** Loads rule, correlation and filter documents; whatever is wrong with one of them is a problem, the others run. */
export const loadRules = (sources: readonly RuleSource[], options: LoadOptions): RuleSet => {
  const loaded: Loaded = { rules: [], correlations: [], filters: [], problems: [] };
  for (const source of sources) loadSource(source, loaded, options);
  const labels = new Map<string, string>();
  const rules = unique(loaded.rules, labels, loaded.problems).map((rule) => filtered(rule, loaded.filters));
  const candidates = unique(loaded.correlations, labels, loaded.problems);
  const correlations = ordered(candidates, labels, rules, loaded.problems);
  return { rules, correlations, problems: loaded.problems };
};
