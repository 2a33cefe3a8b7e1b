import { type Block, headerOf, isBlock, textAt, textsAt, timespanAt } from './header.ts';
import { type Bound, type CorrelationType, RuleError, type SigmaCorrelation } from './model.ts';

const TYPES: readonly CorrelationType[] = [
  'event_count',
  'value_count',
  'value_sum',
  'value_avg',
  'value_percentile',
  'value_median', // pySigma's: the percentile 50
  'temporal',
  'temporal_ordered',
];
const BOUNDS: readonly Bound[] = ['gt', 'gte', 'lt', 'lte', 'eq', 'neq'];
const conditionOf = (
  block: Block,
  type: CorrelationType,
): Pick<SigmaCorrelation, 'bounds' | 'valueFields' | 'percentile'> => {
  const { condition } = block;
  const isTemporal = type === 'temporal' || type === 'temporal_ordered';
  if (condition === undefined && isTemporal) return { bounds: [], valueFields: [], percentile: 50 };
  if (!isBlock(condition)) throw new RuleError('condition must be a map such as gte: 10', ['condition']);
  const bounds: { bound: Bound; value: number }[] = [];
  for (const [key, value] of Object.entries(condition)) {
    if (key === 'field' || key === 'percentile') continue;
    if (!BOUNDS.includes(key as Bound))
      throw new RuleError(`condition has an unknown key "${key}"`, ['condition', key]);
    if (typeof value !== 'number') throw new RuleError(`${key} must be a number`, ['condition', key]);
    bounds.push({ bound: key as Bound, value });
  }
  if (bounds.length === 0 && !isTemporal) throw new RuleError('condition has no bound such as gte', ['condition']);
  const valueFields = textsAt(condition, 'field');
  if (type.startsWith('value_') && valueFields.length === 0)
    throw new RuleError(`${type} needs a field in its condition`, ['condition']);
  const percentile = condition['percentile'] ?? 50;
  if (typeof percentile !== 'number' || percentile < 0 || percentile > 100) {
    throw new RuleError('percentile must be between 0 and 100', ['condition', 'percentile']);
  }
  return { bounds, valueFields, percentile };
};

const groupByOf = (
  block: Block,
  rules: readonly string[],
  fieldName: (name: string) => string,
): SigmaCorrelation['groupBy'] => {
  const aliases = block['aliases'] ?? {};
  if (!isBlock(aliases)) throw new RuleError('aliases must be a map', ['aliases']);
  for (const [alias, mapping] of Object.entries(aliases)) {
    if (!isBlock(mapping)) throw new RuleError(`alias ${alias} must map rules to fields`, ['aliases', alias]);
    for (const rule of Object.keys(mapping)) {
      if (!rules.includes(rule))
        throw new RuleError(`alias ${alias} names "${rule}", which is not among the rules`, ['aliases', alias]);
      if (typeof mapping[rule] !== 'string')
        throw new RuleError(`alias ${alias} must name a field`, ['aliases', alias]);
    }
  }
  return textsAt(block, 'group-by').map((name) => {
    const alias = aliases[name];
    return {
      name,
      fields: rules.map((rule) =>
        fieldName((isBlock(alias) ? (alias[rule] as string | undefined) : undefined) ?? name),
      ),
    };
  });
};

/** A correlation document. `fieldName` maps its field names to those of the events. */
export const correlationOf = (
  document: Block,
  file: string,
  line: number,
  fieldName: (name: string) => string,
): SigmaCorrelation => {
  const header = headerOf(document, file, line);
  const block = document['correlation'];
  if (!isBlock(block)) throw new RuleError('correlation must be a map', ['correlation']);
  try {
    const type = textAt(block, 'type') as CorrelationType;
    if (!TYPES.includes(type)) throw new RuleError(`type "${type}" is no correlation type`, ['type']);
    const rules = textsAt(block, 'rules');
    if (rules.length === 0) throw new RuleError('rules are missing', ['rules']);
    const condition = conditionOf(block, type);
    const generate = document['generate'] === true || block['generate'] === true;
    return {
      ...header,
      kind: 'correlation',
      type,
      rules,
      groupBy: groupByOf(block, rules, fieldName),
      timespan: timespanAt(block),
      ...condition,
      valueFields: condition.valueFields.map(fieldName),
      generate,
    };
  } catch (error) {
    if (error instanceof RuleError) throw new RuleError(error.message, ['correlation', ...error.path]);
    throw error;
  }
};
