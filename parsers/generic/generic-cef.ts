import type { Fields } from '../../src/ecs/event.ts';
import { type Cef, RECORD_BEGINS, readCef } from '../../src/parse/kit/cef.ts';
import { cefFields, putCefHeader, readLabels, relateValues, stampCef } from '../../src/parse/kit/cef-fields.ts';
import { plainMeaning } from '../../src/parse/kit/plain-meaning.ts';
import { put, putIp, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

/** High enough to be no guess; product parsers are asked before any fallback. */
const CERTAINTY = 0.6;
/** Severity from which ArcSight calls an event high (0–10). */
const HIGH = 7;

const claims = ({ text }: RawRecord): boolean => /CEF: ?\d{1,2}\|/.test(text) && readCef(text) !== undefined;

const putValues = cefFields('cef');

/** An address where the product wrote it as a host's name, and who logged in where only the target account is told. */
const putRest = (fields: Fields, pairs: ReadonlyMap<string, string>): void => {
  for (const [side, key] of [
    ['source', 'shost'],
    ['destination', 'dhost'],
  ] as const) {
    if (fields[`${side}.ip`] === undefined) putIp(fields, `${side}.ip`, pairs.get(key));
  }
  if (fields['user.name'] === undefined)
    putUser(fields, 'user', pairs.get('duser') ?? pairs.get('destinationUserName'));
};

/** Vendors differ in what `in` and `out` are seen from: the standard's reading stands in the event, with a doubt. */
const doubtBytes = (fields: Fields, cef: Cef): void => {
  if (cef.extension.has('in') || cef.extension.has('out')) warn(fields, 'direction-of-bytes-by-standard');
};

const open: Parser['open'] =
  ({ clock }) =>
  (record) => {
    const cef = readCef(record.text);
    if (cef === undefined) return rejected('not-this-format', 'no CEF header of seven parts');
    const fields: Fields = {};
    putCefHeader(fields, cef);
    put(fields, 'event.action', cef.name);
    put(fields, 'rule.id', cef.classId);
    const pairs = readLabels(cef.extension);
    if (!stampCef(clock, fields, pairs, record.envelope.civil)) warn(fields, 'time-missing');
    put(fields, 'observer.name', record.envelope.host);
    putValues(fields, pairs);
    put(fields, 'cef.name', cef.name);
    putRest(fields, pairs);
    doubtBytes(fields, cef);
    relateValues(fields, pairs);
    const act = plainMeaning(fields, [
      cef.name,
      cef.classId,
      pairs.get('cat'),
      fields['event.action'] as string | undefined,
    ]);
    // senders are no accounts
    if (act.startsWith('mail-')) for (const part of ['name', 'domain', 'email']) delete fields[`user.${part}`];
    if (Number(cef.severity) >= HIGH || /^(?:very-)?high$/i.test(cef.severity)) fields['event.kind'] = 'alert';
    return { kind: 'event', act, fields };
  };

export default {
  id: 'generic-cef',
  title: 'Common Event Format of any product',
  references: [
    {
      title: 'ArcSight Common Event Format (CEF) Implementation Standard, revision 27',
      url: 'https://www.microfocus.com/documentation/arcsight/arcsight-smartconnectors-8.4/cef-implementation-standard/',
    },
  ],
  framing: { startsWith: RECORD_BEGINS },
  states: { zone: 'varies', year: 'varies', resolution: 'ms' },
  families: ['any CEF record, behind any header: all keys of the standard, custom strings under their labels'],
  limits: [
    'What happened is read from plain words of name, category and action; where they do not say it, the act is other.',
    '`in` and `out` are taken as the standard defines them (in: from source to destination); products differ.',
  ],
  recognise: recogniseBy(claims, 'are CEF', CERTAINTY),
  claims,
  open,
} satisfies Parser as Parser;
