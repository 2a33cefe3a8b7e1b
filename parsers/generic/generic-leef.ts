import type { Fields } from '../../src/ecs/event.ts';
import { relateValues } from '../../src/parse/kit/cef-fields.ts';
import { fieldMap } from '../../src/parse/kit/field-map.ts';
import { readLeef } from '../../src/parse/kit/leef.ts';
import { LEEF_FIELDS, LEEF_STEPS, putLeefHeader, stampLeef } from '../../src/parse/kit/leef-fields.ts';
import { plainMeaning } from '../../src/parse/kit/plain-meaning.ts';
import { put, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

/** High enough to be no guess; product parsers are asked before any fallback. */
const CERTAINTY = 0.6;
/** Severity from which QRadar calls an event high (1–10). */
const HIGH = 7;

const claims = ({ text }: RawRecord): boolean => text.includes('LEEF:') && readLeef(text) !== undefined;

const putValues = fieldMap('leef', LEEF_FIELDS, LEEF_STEPS);

const open: Parser['open'] =
  ({ clock }) =>
  (record) => {
    const leef = readLeef(record.text);
    if (leef === undefined) return rejected('not-this-format', 'no LEEF header');
    const fields: Fields = {};
    putLeefHeader(fields, leef);
    put(fields, 'event.action', leef.eventId);
    if (!stampLeef(clock, fields, leef, record.envelope.civil)) warn(fields, 'time-missing');
    put(fields, 'observer.name', record.envelope.host);
    putValues(fields, leef.attributes);
    relateValues(fields, leef.attributes);
    const flag = leef.attributes.get('isLoginEvent') === 'true' ? 'login' : undefined;
    const over = leef.attributes.get('isLogoutEvent') === 'true' ? 'logout' : undefined;
    const act = plainMeaning(fields, [
      leef.eventId,
      leef.attributes.get('cat'),
      fields['event.action'] as string | undefined,
      flag ?? over,
    ]);
    if (Number(leef.attributes.get('sev')) >= HIGH) fields['event.kind'] = 'alert';
    return { kind: 'event', act, fields };
  };

export default {
  id: 'generic-leef',
  title: 'Log Event Extended Format of any product',
  references: [
    {
      title: 'IBM QRadar, Log Event Extended Format (LEEF): predefined event attributes',
      url: 'https://www.ibm.com/docs/en/dsm?topic=leef-predefined-event-attributes',
    },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 'ms' },
  families: ['any LEEF 1.0 and 2.0 record, behind any header: the predefined attributes; others under their own name'],
  limits: ['What happened is read from plain words of event id, category and action.'],
  recognise: recogniseBy(claims, 'are LEEF', CERTAINTY),
  claims,
  open,
} satisfies Parser as Parser;
