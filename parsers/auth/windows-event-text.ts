import type { Fields } from '../../src/ecs/event.ts';
import { type Civil, readIso, readSlashed } from '../../src/parse/kit/civil.ts';
import { table } from '../../src/parse/kit/field-map.ts';
import { warn } from '../../src/parse/kit/put.ts';
import { putWindowsEvent } from '../../src/parse/kit/windows-event.ts';
import { LIST_CODE, LIST_START, readWindowsList } from '../../src/parse/kit/windows-list.ts';
import { BLANK, type Parser, type RawRecord, type Recognition, rejected, type Sample } from '../../src/parse/parser.ts';

/** Labels of the head, lower case without blanks: wevtutil, Event Viewer's copy (English, German, French), Splunk. */
const LABELS = new Map(
  table(`logname=channel protokollname=channel nomdujournal=channel source=provider quelle=provider sourcename=provider
    date=time datum=time eventid=code ereignis-id=code iddel'événement=code eventcode=code computer=computer
    computername=computer ordinateur=computer keyword=keywords keywords=keywords schlüsselwörter=keywords motsclés=keywords
    user=account benutzer=account utilisateur=account recordnumber=record recordid=record eventrecordid=record`),
);
/** `  Log Name: Security` · `Ereignis-ID:   4624` · `Nom du journal : Security` · `EventCode=4624` */
const PAIR = /^ {0,4}([A-ZÀ-Ý][\p{L} '’-]{1,40}?)(?: ?: {0,12}|=)(.*)$/u;
/** What the text of the event stands behind. */
const DESCRIPTION = /^ {0,4}(?:Description|Beschreibung) ?: ?(.*)$|^Message=(.*)$/;
// Event[0]: · Log Name:      Security · 10/31/2021 11:14:07 PM
const START = new RegExp(
  String.raw`^\uFEFF?(?:Event ?\[\d{1,10}\]:?\s*$|(?:Log Name|Protokollname|Nom du journal) ?: |\d{1,2}\/\d{1,2}\/\d{4} \d{1,2}:\d\d:\d\d [AP]M\s*$|${LIST_START})`,
);
// TimeCreated  : 10/31/2021 11:14:07 PM   Format-List
const LIST = new RegExp(`^\\uFEFF?(?:${LIST_START})`);
/** Lines of a head; behind it the text begins, whatever it holds. */
const HEAD_LINES = 24;

interface Head {
  readonly values: ReadonlyMap<string, string>;
  readonly message: string | undefined;
}

const readHead = (text: string): Head | undefined => {
  const lines = text.split(/\r?\n/);
  if (!START.test(lines[0] as string)) return undefined;
  if (LIST.test(lines[0] as string)) {
    const values = readWindowsList([(lines[0] as string).replace('\uFEFF', ''), ...lines.slice(1)]);
    return { values, message: values.get('message') };
  }
  const values = new Map<string, string>();
  // Splunk: the time stands alone on the first line
  if (/^\uFEFF?\d/.test(lines[0] as string)) values.set('time', (lines[0] as string).replace('\uFEFF', '').trim());
  for (let n = 0; n < Math.min(lines.length, HEAD_LINES); n += 1) {
    const line = (lines[n] as string).slice(0, 2048);
    const text = DESCRIPTION.exec(line);
    if (text !== null)
      return { values, message: [text[1] ?? text[2] ?? '', ...lines.slice(n + 1)].join('\n').trim() || undefined };
    const pair = PAIR.exec(line);
    const name = LABELS.get((pair?.[1] ?? '').toLowerCase().replaceAll('’', "'").replaceAll(/\s/g, ''));
    if (name !== undefined && !values.has(name) && pair?.[2]?.trim()) values.set(name, pair[2].trim());
  }
  return { values, message: undefined };
};

/** A slashed date without AM or PM is no American one. */
const timeOf = (text: string): Civil | undefined =>
  (readIso(text) ?? readSlashed(text, 0, /[AP]\.?M\b/i.test(text) ? 'month' : 'day'))?.civil;

const open: Parser['open'] =
  ({ clock }) =>
  (record) => {
    if (record.text.trim() === '') return BLANK;
    const head = readHead(record.text);
    const code = head?.values.get('code');
    if (head === undefined || code === undefined || !/^\d{1,5}$/.test(code))
      return rejected(head === undefined ? 'not-this-format' : 'truncated', 'no head of a Windows event');
    const of = (name: string): string | undefined => head.values.get(name);
    const fields: Fields = {};
    const time = timeOf(of('time') ?? '');
    if (time === undefined) warn(fields, 'time-missing');
    clock.stamp(fields, time);
    const account = of('account');
    const act = putWindowsEvent(fields, {
      code,
      provider: of('provider'),
      channel: of('channel'),
      computer: of('computer'),
      recordId: of('record'),
      keywords: of('keywords'),
      account:
        account === undefined || /^(?:N\/A|Nicht zutreffend|NOT_TRANSLATED)$/i.test(account) ? undefined : account,
      message: head.message,
      data: new Map(),
    });
    return { kind: 'event', act, fields };
  };

/** By lines: heads begin, and behind each the number of an event is told. */
const recognise = (sample: Sample): Recognition => {
  const lines = sample.records.flatMap(({ text }) => text.split(/\r?\n/)).slice(0, 400);
  const starts = lines.filter((line) => START.test(line)).length;
  const codes = lines.filter(
    (line) =>
      /^ {0,4}(?:Event ID|Ereignis-ID|ID de l[’']événement) ?: {0,12}\d|^EventCode=\d/.test(line) ||
      LIST_CODE.test(line),
  ).length;
  return starts > 0 && codes > 0 && codes >= starts - 1
    ? { certainty: 0.96, reason: `${codes} heads of Windows events` }
    : { certainty: 0, reason: 'no head of a Windows event' };
};

const claims = (record: RawRecord): boolean => readHead(record.text)?.values.has('code') === true;

export default {
  id: 'windows-event-text',
  title: 'Windows event log, rendered as text of several lines',
  references: [
    {
      title: 'Microsoft: wevtutil',
      url: 'https://learn.microsoft.com/windows-server/administration/windows-commands/wevtutil',
    },
    {
      title: 'Splunk: monitor Windows event log data',
      url: 'https://docs.splunk.com/Documentation/Splunk/latest/Data/MonitorWindowseventlogdata',
    },
  ],
  framing: { startsWith: START },
  states: { zone: 'unstated', year: 'stated', resolution: 'ms' },
  families: [
    'wevtutil /f:text, Event Viewer’s copy as text (English, German, French), Splunk WinEventLog, Format-List of Get-WinEvent and Get-EventLog',
  ],
  limits: [
    'the data are read from the rendered text, in English, German or French',
    'what PowerShell broke at the width of its window, within a value, stays broken',
  ],
  recognise,
  claims,
  open,
} satisfies Parser as Parser;
