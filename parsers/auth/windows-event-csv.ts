import type { Fields } from '../../src/ecs/event.ts';
import { type Civil, readIso, readSlashed } from '../../src/parse/kit/civil.ts';
import { readCsv } from '../../src/parse/kit/csv.ts';
import { table } from '../../src/parse/kit/field-map.ts';
import { isObject, parseJson } from '../../src/parse/kit/json.ts';
import { azureColumn } from '../../src/parse/kit/microsoft.ts';
import { keepVendor, warn } from '../../src/parse/kit/put.ts';
import { putWindowsEvent } from '../../src/parse/kit/windows-event.ts';
import { readWindowsData } from '../../src/parse/kit/windows-json.ts';
import { BLANK, type Outcome, type Parser, type Recognition, rejected, type Sample } from '../../src/parse/parser.ts';

/**
 * Names of columns, lower case without blanks: Event Viewer's (English, German, French), Get-WinEvent, Get-EventLog,
 * EvtxECmd, Log Parser. A column of another name is event data under its own.
 */
const COLUMNS = new Map(
  table(`eventid=code id=code ereignis-id=code iddel'événement=code idd'événement=code instanceid=instance
    dateandtime=time datumunduhrzeit=time dateetheure=time timecreated=time timegenerated=time timewritten=written
    source=provider quelle=provider providername=provider provider=provider sourcename=provider eventsourcename=provider
    logname=channel channel=channel eventlog=channel log=channel
    computer=computer computername=computer machinename=computer
    keywords=keywords schlüsselwörter=keywords motsclés=keywords keywordsdisplaynames=keywords entrytype=keywords
    eventtypename=keywords level=level ebene=level niveau=level leveldisplayname=level
    taskcategory=task aufgabenkategorie=task catégoriedelatâche=task taskdisplayname=task
    message=message meldung=message recordid=record eventrecordid=record recordnumber=line index=record
    processid=pid userid=account sid=account payload=payload strings=strings`),
);

interface Header {
  readonly delimiter: string;
  readonly names: readonly string[];
  /** The names as written, for columns that are event data. */
  readonly own: readonly string[];
  /** EvtxECmd and Sentinel (`TimeGenerated [UTC]`) write UTC. */
  readonly utc: boolean;
  /** Of EvtxECmd: the other columns are its own words. */
  readonly payload: boolean;
  readonly dayFirst: boolean;
}

const DELIMITERS = [',', ';', '\t'];

const headerOf = (line: string): Header | undefined => {
  const text = line.replace(/^\uFEFF/, '').trim();
  if (text.length > 4096 || !/\bID\b|EventID|EventId|"Id"/i.test(text)) return undefined;
  const delimiter = DELIMITERS.find((one) => text.includes(one));
  const own = delimiter === undefined ? undefined : readCsv(text, delimiter)?.map((cell) => cell.trim());
  if (own === undefined || delimiter === undefined) return undefined;
  const utc = own.some((name) => name.endsWith(' [UTC]'));
  const plain = own.map((name) => azureColumn(name).toLowerCase().replaceAll('’', "'").replaceAll(/\s/g, ''));
  const names = plain.map((name) => COLUMNS.get(name) ?? 'data');
  const has = (name: string): boolean => names.includes(name);
  if (!has('code') || !has('time') || !(has('provider') || has('channel') || has('message'))) return undefined;
  return {
    delimiter,
    names,
    own,
    utc: utc || has('payload'),
    payload: has('payload'),
    dayFirst: plain.includes('dateetheure'),
  };
};

/** A slashed date without AM or PM is no American one. */
const timeOf = (text: string | undefined, header: Header): { civil: Civil | undefined; doubt: boolean } => {
  const iso = readIso(text ?? '')?.civil;
  if (iso !== undefined)
    return { civil: header.utc && iso.offset === undefined ? { ...iso, offset: 0 } : iso, doubt: false };
  const american = !header.dayFirst && /[AP]\.?M\b/i.test(text ?? '');
  const civil = readSlashed(text ?? '', 0, american ? 'month' : 'day')?.civil;
  return {
    civil: civil !== undefined && header.utc ? { ...civil, offset: 0 } : civil,
    doubt: civil !== undefined && !american && !header.dayFirst && /^\d\d?\/(?:\d|1[0-2])\//.test(text ?? ''),
  };
};

const readRow = (cells: readonly string[], header: Header): { row: Map<string, string>; data: Map<string, string> } => {
  const row = new Map<string, string>();
  const data = new Map<string, string>();
  cells.forEach((cell, n) => {
    const value = cell.trim();
    if (value === '') return;
    const name = header.names[n] ?? 'message'; // Event Viewer names no column for the text
    if (name === 'data') data.set(header.own[n] as string, value);
    else if (!row.has(name)) row.set(name, value);
  });
  const payload = parseJson(row.get('payload') ?? '');
  if (isObject(payload))
    for (const part of ['EventData', 'UserData'])
      for (const [name, value] of readWindowsData(payload[part])) if (!data.has(name)) data.set(name, value);
  for (const [n, value] of (row.get('strings') ?? '').split('|', 100).entries())
    if (value !== '') data.set(`param${n + 1}`, value);
  return { row, data };
};

const open: Parser['open'] = ({ clock }) => {
  let header: Header | undefined;
  return (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    if (record.text.startsWith('#TYPE ')) return { kind: 'skipped', reason: 'header' };
    const next = record.text.length > 4096 ? undefined : headerOf(record.text);
    if (next !== undefined) {
      header = next;
      return { kind: 'skipped', reason: 'header' };
    }
    if (header === undefined) return rejected('not-this-format', 'no header of an event log export before this row');
    const cells = readCsv(record.text, header.delimiter);
    if (cells === undefined) return rejected('truncated', 'a quote is not closed');
    const { row, data } = readRow(cells, header);
    const code = row.get('code') ?? '';
    if (!/^\d{1,10}$/.test(code)) return rejected('bad-value', 'no event id');
    const fields: Fields = {};
    const { civil, doubt } = timeOf(row.get('time'), header);
    if (civil === undefined) warn(fields, 'time-missing');
    else if (doubt) warn(fields, 'date-order-assumed:day');
    clock.stamp(fields, civil);
    // MapDescription, PayloadData1 and the like are the exporter's words; an event's data come from its payload
    const exported = header.payload ? new Map([...data].filter(([name]) => !header?.own.includes(name))) : data;
    const act = putWindowsEvent(fields, {
      code: String(Number(code) % 65_536), // InstanceId carries severity bits above the number
      provider: row.get('provider'),
      channel: row.get('channel'),
      computer: row.get('computer'),
      recordId: row.get('record'),
      keywords: row.get('keywords'),
      pid: row.get('pid'),
      account: row.get('account'),
      message: row.get('message'),
      data: exported,
    });
    keepVendor(
      fields,
      'windows.export',
      [...row, ...(header.utc ? data : [])].filter(([name]) =>
        /^(?:level|task|keywords|written)$|^PayloadData|^MapDesc|^RemoteHost|^UserName$/.test(name),
      ),
    );
    return { kind: 'event', act, fields };
  };
};

const recognise = (sample: Sample): Recognition => {
  const first = sample.records
    .map(({ text }) => text)
    .filter((text) => text.trim() !== '' && !text.startsWith('#TYPE '))[0];
  return first !== undefined && headerOf(first) !== undefined
    ? { certainty: 0.97, reason: 'the header of an event log export' }
    : { certainty: 0, reason: 'no header of an event log export' };
};

export default {
  id: 'windows-event-csv',
  title: 'Windows event log, exported as CSV',
  references: [
    {
      title: 'Microsoft: Get-WinEvent',
      url: 'https://learn.microsoft.com/powershell/module/microsoft.powershell.diagnostics/get-winevent',
    },
    { title: 'E. Zimmerman: EvtxECmd', url: 'https://github.com/EricZimmerman/evtx' },
  ],
  framing: 'csv',
  states: { zone: 'varies', year: 'stated', resolution: 'us' },
  families: [
    'Event Viewer (English, German, French), Get-WinEvent, Get-EventLog, EvtxECmd, Log Parser; comma, semicolon, tab',
    'every channel that windows-security knows',
  ],
  limits: [
    'Where only the rendered text was exported the data are read from it, in English, German or French.',
    'A slashed date without AM or PM is read day first.',
  ],
  recognise,
  open,
} satisfies Parser as Parser;
