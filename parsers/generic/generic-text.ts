import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import {
  type Civil,
  epochMicros,
  readBsd,
  readClf,
  readCtime,
  readIso,
  readSlashed,
} from '../../src/parse/kit/civil.ts';
import { readPlainText } from '../../src/parse/kit/plain-text.ts';
import { categorise, put } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { isZone } from '../../src/parse/kit/zones.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

/** The last to be asked. */
const CERTAINTY = 0.1;
/** How far into a line its time may begin: behind a level, a weekday, a thread, a bracket. */
const TIME_WITHIN = 64;
/** Characters of a line in which addresses are looked for. */
const SEARCHED = 8192;

interface Timed {
  readonly time: Civil | number;
  /** Where the text behind the time begins. */
  readonly end: number;
}

const readAt = (text: string, index: number): Timed | undefined => {
  const read =
    readIso(text, index) ??
    readBsd(text, index) ??
    readCtime(text, index) ??
    readClf(text, index) ??
    readSlashed(text, index, /[AP]\.?M\b/.test(text.slice(index, index + 32)) ? 'month' : 'day');
  if (read !== undefined) {
    const { zone, ...civil } = read.civil;
    // a word in capitals behind the time: 12.11.21 08:14:22 VPN connection …
    if (zone !== undefined && !isZone(zone)) return { time: civil, end: read.end - zone.length };
    return { time: read.civil, end: read.end };
  }
  const epoch = /^(?:\d{10}(?:\.\d{1,9})?|\d{13})(?=[\s\]),;|])/.exec(text.slice(index, index + 24))?.[0];
  const instant = epoch === undefined ? undefined : epochMicros(epoch);
  return instant === undefined || epoch === undefined ? undefined : { time: instant, end: index + epoch.length };
};

/** The first time of day with its date near the beginning of a line. */
const timeIn = (text: string): Timed | undefined => {
  const begins = /(?<![\w.:/-])[A-Za-z\d]/g;
  for (let m = begins.exec(text); m !== null && m.index < TIME_WITHIN; m = begins.exec(text)) {
    const read = readAt(text, m.index);
    if (read !== undefined) return read;
  }
  return undefined;
};

const open: Parser['open'] = ({ clock }) => {
  let begun = false;
  return (record: RawRecord) => {
    if (record.text.trim() === '') return BLANK;
    const timed = timeIn(record.text);
    if (timed === undefined)
      return begun ? { kind: 'joined' } : rejected('not-this-format', 'no line with a time before it');
    begun = true;
    const fields: Fields = {};
    clock.stamp(fields, timed.time);
    const message = record.text.slice(timed.end).replace(/^[\s\]),;:|"'-]{1,16}/, '');
    put(fields, 'message', message);
    categorise(fields, ['host'], ['info']);
    relateAddresses(fields, message.slice(0, SEARCHED));
    return { kind: 'event', act: readPlainText(fields, message, undefined), fields };
  };
};

export default {
  id: 'generic-text',
  title: 'Text with a time in each line, of any program',
  references: [{ title: 'ISO 8601, Date and time', url: 'https://www.iso.org/iso-8601-date-and-time-format.html' }],
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 'us' },
  families: ['lines that begin with a date and a time in any common form; lines without one continue the line before'],
  limits: [
    'Who did what from where is read only where the text says it in plain English or German words (marked read-by-words).',
    '1/2/2021 is read with the day first unless AM or PM stands behind it.',
  ],
  alone: true,
  recognise: recogniseBy(({ text }) => timeIn(text) !== undefined, 'begin with a time', CERTAINTY),
  open,
} satisfies Parser as Parser;
