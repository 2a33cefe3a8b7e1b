import type { Fields, Value } from '../../src/ecs/event.ts';
import { flatten } from '../../src/ecs/nest.ts';
import { isObject, keepJson, readObject } from '../../src/parse/kit/json.ts';
import { type DateOrder, isTelling, namedValues, plainName, readNamed } from '../../src/parse/kit/named-values.ts';
import { put } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Parser, rejected } from '../../src/parse/parser.ts';

/** Below the fallbacks that know more than that it is JSON. */
const CERTAINTY = 0.2;
/** What everything has: at a path's end they say nothing of the event. */
const OF_ANYTHING = new Set(['id', 'name', 'type', 'level', 'group', 'text', 'description']);
/** Members of one object that are looked at for a telling name. */
const MEMBERS_MAX = 1000;

const textOf = (value: Value): string | undefined => {
  const one = Array.isArray(value) ? value[0] : value;
  return one === undefined || typeof one === 'object' ? undefined : String(one);
};

/**
 * Members by telling names: the whole path (`source.ip`, `srcIp`), else its end (`actor.user.name`, `data.client_ip`), the
 * outermost first.
 */
const valuesOf = (flat: Readonly<Fields>): Map<string, string> => {
  const members = Object.entries(flat).slice(0, MEMBERS_MAX);
  const values = new Map<string, string>();
  const take = (name: string, value: Value): void => {
    const text = textOf(value);
    if (text !== undefined && isTelling(name) && !values.has(name)) values.set(name, text);
  };
  for (const [path, value] of members) take(plainName(path), value);
  for (const parts of [2, 1])
    for (const [path, value] of members) {
      const end = plainName(path.split('.').slice(-parts).join('.'));
      if (!OF_ANYTHING.has(end)) take(end, value);
    }
  return values;
};

/** How it ended, where a member says nothing else: `"ConsoleLogin": "Failure"`. Failure has the word. */
const endOf = (flat: Readonly<Fields>): string | undefined => {
  const ends = Object.values(flat).filter((value) => typeof value === 'string' && END.test(value));
  return (ends.find((end) => !/^succ/i.test(end as string)) ?? ends[0]) as string | undefined;
};
const END = /^(?:success|successful|succeeded|failure|failed|denied|accessdenied|unauthorized)$/i;

/** All members are kept as they are. */
const putValues = namedValues(undefined);

const open: Parser['open'] = ({ clock }) => {
  const order: DateOrder = { first: undefined };
  return (record) => {
    if (record.text.trim() === '') return BLANK;
    const object = readObject(record.text);
    if (object === undefined) return rejected('not-this-format', 'no JSON object');
    const fields: Fields = {};
    const flat = flatten(object);
    const values = valuesOf(flat);
    const end = endOf(flat);
    if (end !== undefined && !values.has('outcome')) values.set('outcome', end);
    const act = readNamed(fields, values, { clock, envelope: record.envelope, order }, putValues);
    keepJson(fields, 'json', object, new Set());
    if (fields['message'] === undefined) put(fields, 'message', record.text.slice(0, 1000));
    return { kind: 'event', act, fields };
  };
};

export default {
  id: 'generic-json',
  title: 'JSON objects of any product',
  references: [
    { title: 'RFC 8259, The JavaScript Object Notation (JSON)', url: 'https://www.rfc-editor.org/rfc/rfc8259' },
  ],
  framing: 'json',
  states: { zone: 'varies', year: 'varies', resolution: 'us' },
  families: ['any JSON object: members under one of the common names for time, source, destination, user and action'],
  limits: ['Members are known by name only: what a product means by them is not known.'],
  alone: true,
  recognise: recogniseBy(({ text }) => isObject(readObject(text)), 'are JSON objects', CERTAINTY),
  open,
} satisfies Parser as Parser;
