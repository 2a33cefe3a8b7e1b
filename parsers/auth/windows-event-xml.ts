import type { Fields } from '../../src/ecs/event.ts';
import { epochMicros, readIso } from '../../src/parse/kit/civil.ts';
import { once } from '../../src/parse/kit/once.ts';
import { warn } from '../../src/parse/kit/put.ts';
import { putWindowsEvent, type WindowsEvent } from '../../src/parse/kit/windows-event.ts';
import {
  BLANK,
  type Outcome,
  type ParseContext,
  type Parser,
  type RawRecord,
  type Recognition,
  rejected,
  type Sample,
} from '../../src/parse/parser.ts';

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** `&lt;`, `&#xD;`, `&#10;`; the five names of XML 1.0 and numbers, nothing else. */
const decoded = (text: string): string =>
  text.includes('&')
    ? text.replace(/&(?:(lt|gt|amp|quot|apos)|#(\d{1,7})|#x([0-9a-fA-F]{1,6}));/g, (whole, name, decimal, hex) => {
        if (name !== undefined) return ENTITIES[name as string] as string;
        const code = decimal === undefined ? Number.parseInt(hex as string, 16) : Number(decimal);
        return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
      })
    : text;

/** The text of the first `<name …>` element without children. */
const element = (xml: string, name: string): string | undefined => {
  const m = new RegExp(`<${name}(?: [^<>]{0,500})?>([^<]*)</${name}>`).exec(xml);
  return m === null ? undefined : decoded(m[1] as string).trim();
};

/** `<TimeCreated SystemTime='…'/>`: an attribute of the first such element. */
const attribute = (xml: string, name: string, key: string): string | undefined => {
  const m = new RegExp(`<${name}(?: [^<>]{0,500}?)? ${key}=(?:"([^"<]{0,400})"|'([^'<]{0,400})')`).exec(xml);
  return m === null ? undefined : decoded((m[1] ?? m[2]) as string);
};

const DATA = /<Data(?: Name=(?:"([^"<]{0,200})"|'([^'<]{0,200})'))?\s*(?:\/>|>([^<]*)<\/Data>)/g;
// <SubjectUserName>kim</SubjectUserName> below <UserData><LogFileCleared>
const LEAF = /<([A-Za-z_][\w.-]{0,100})(?: [^<>]{0,300})?>([^<]*)<\//g;

const readData = (xml: string): Map<string, string> => {
  const data = new Map<string, string>();
  for (const m of xml.matchAll(DATA)) {
    if (data.size >= 500) break;
    const name = m[1] ?? m[2] ?? `param${data.size + 1}`;
    if (!data.has(name)) data.set(name, decoded(m[3] ?? ''));
  }
  const user = xml.indexOf('<UserData');
  if (user < 0) return data;
  for (const m of xml.slice(user, xml.indexOf('</UserData>', user) + 1 || undefined).matchAll(LEAF)) {
    if (data.size >= 500) break;
    if (!data.has(m[1] as string)) data.set(m[1] as string, decoded(m[2] as string));
  }
  return data;
};

const START = /<Event(?: xmlns=| [^<>]{0,200}>|>)/;

/** The event in the text, or undefined; only what stands in `<System>` is asked for the event's own marks. */
const readEvent = once(({ text }): { event: WindowsEvent; time: string | undefined } | undefined => {
  const start = START.exec(text)?.index;
  if (start === undefined) return undefined;
  const xml = text.slice(start);
  const systemEnd = xml.indexOf('</System>');
  const system = systemEnd < 0 ? xml.slice(0, 8192) : xml.slice(0, systemEnd);
  const code = element(system, 'EventID');
  if (code === undefined || !/^\d{1,5}$/.test(code)) return undefined;
  const message = xml.indexOf('<Message>');
  const event: WindowsEvent = {
    code,
    provider: attribute(system, 'Provider', 'Name'),
    channel: element(system, 'Channel'),
    computer: element(system, 'Computer'),
    recordId: element(system, 'EventRecordID'),
    keywords: element(system, 'Keywords'),
    pid: attribute(system, 'Execution', 'ProcessID'),
    account: attribute(system, 'Security', 'UserID'),
    message: message < 0 ? undefined : element(xml.slice(message), 'Message'),
    data: readData(systemEnd < 0 ? '' : xml.slice(systemEnd)),
  };
  return { event, time: attribute(system, 'TimeCreated', 'SystemTime') };
});

// <!--EVTX chunk, events 1 to 91-->   what the binary log has beside events
const NOTE = /^<!--EVTX [^<>]{1,200}-->$/;

const read = (context: ParseContext, record: RawRecord): Outcome => {
  const text = record.text.trim();
  if (text === '') return BLANK;
  if (NOTE.test(text)) return { kind: 'skipped', reason: 'header' };
  if (text.startsWith('EVTX: ')) return rejected('undecodable', text.slice(0, 200));
  if (/^\uFEFF?(?:<\?xml[^<>]{0,200}\?>)?\s*(?:<Events>|<\/Events>)?$/.test(text))
    return { kind: 'skipped', reason: 'header' };
  const found = readEvent(record);
  if (found === undefined) return rejected('not-this-format', 'no Windows event in XML');
  const fields: Fields = {};
  const time = found.time === undefined ? undefined : (readIso(found.time)?.civil ?? epochMicros(found.time));
  if (time === undefined) warn(fields, 'time-missing');
  context.clock.stamp(fields, time ?? record.envelope.civil);
  const act = putWindowsEvent(fields, found.event);
  if (!text.includes('</Event>')) warn(fields, 'truncated');
  return { kind: 'event', act, fields };
};

const SCHEMA = /<Event [^<>]{0,100}schemas\.microsoft\.com\/win\/2004\/08\/events/;

/** Indented XML is spread over lines: the schema must be named, and the lines be markup. */
const recognise = (sample: Sample): Recognition => {
  const lines = sample.records.map((record) => record.text).filter((text) => text.trim() !== '');
  const ofBinary = lines.filter((text) => NOTE.test(text) || /^(?:EVTX: |<Event )/.test(text)).length;
  if (NOTE.test(lines[0] ?? ''))
    return { certainty: (0.99 * ofBinary) / lines.length, reason: 'an event log in binary form (EVTX)' };
  const markup = lines.filter((text) => /^\uFEFF?\s*<|<Event[ >]/.test(text)).length;
  if (markup === 0 || !lines.some((text) => SCHEMA.test(text)))
    return { certainty: 0, reason: 'no event of the Windows schema' };
  return {
    certainty: (0.98 * markup) / lines.length,
    reason: `the Windows event schema, ${markup} of ${lines.length} lines are XML`,
  };
};

const claims = (record: RawRecord): boolean => START.test(record.text) && readEvent(record) !== undefined;

export default {
  id: 'windows-event-xml',
  title: 'Windows event log: EVTX files, and events as XML',
  references: [
    { title: 'Microsoft: Event schema', url: 'https://learn.microsoft.com/windows/win32/wes/eventschema-schema' },
    {
      title: 'Microsoft: MS-EVEN6, binary XML',
      url: 'https://learn.microsoft.com/openspecs/windows_protocols/ms-even6/',
    },
    {
      title: 'libevtx: Windows XML Event Log (EVTX) format',
      url: 'https://github.com/libyal/libevtx/blob/main/documentation/Windows%20XML%20Event%20Log%20(EVTX).asciidoc',
    },
    {
      title: 'Microsoft: wevtutil',
      url: 'https://learn.microsoft.com/windows-server/administration/windows-commands/wevtutil',
    },
  ],
  framing: { startsWith: /<Event[ >]/, endsBehind: '</Event>' },
  states: { zone: 'stated', year: 'stated', resolution: 'us' },
  families: [
    'binary logs of Vista and later (.evtx), damaged and unclosed ones too',
    'every channel that windows-security knows; wevtutil, Event Viewer (all events on one line, one a line, or indented), collectors that forward XML',
  ],
  limits: [
    'EVTX holds the values of an event, not its message: the text that the event viewer shows is in the provider of the machine',
  ],
  recognise,
  claims,
  open: (context) => (record) => read(context, record),
} satisfies Parser as Parser;
