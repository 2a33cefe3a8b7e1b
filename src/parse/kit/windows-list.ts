import { table } from './field-map.ts';

/** Properties of Get-WinEvent and Get-EventLog, as Format-List prints them, in every language of the system alike. */
const PROPERTIES = new Map(
  table(`TimeCreated=time TimeGenerated=time ProviderName=provider Source=provider Id=code EventID=code InstanceId=instance
    LogName=channel MachineName=computer RecordId=record Index=record KeywordsDisplayNames=keywords EntryType=keywords
    UserId=account UserName=account Message=message`),
);
/** The name is filled up with blanks to the longest one's length; further lines of a value are indented as far. */
const PROPERTY = /^([A-Z][A-Za-z]{1,30}) {0,30}: ?(.*)$/;

/**
 * The first property of an event: `TimeCreated  : ` of Get-WinEvent (names filled up to 12 characters), `Message` of the same
 * with all properties (20 characters), `Index` of Get-EventLog (18).
 */
export const LIST_START = String.raw`TimeCreated {1,4}: \d|Message {14}: |Index {14}: \d`;
/** The line in it that tells the number. */
export const LIST_CODE = /^(?:Id|EventID|InstanceId) {1,30}: \d/;

/** Properties by what they are of the event; the text of several lines without its indentation. */
export const readWindowsList = (lines: readonly string[]): Map<string, string> => {
  const values = new Map<string, string>();
  let open: string | undefined;
  for (const line of lines.slice(0, 500)) {
    const found = PROPERTY.exec(line.slice(0, 32_768));
    if (found !== null) {
      open = PROPERTIES.get(found[1] as string);
      if (open !== undefined && values.has(open)) open = undefined;
      if (open !== undefined) values.set(open, (found[2] as string).trim());
    } else if (open !== undefined) values.set(open, `${values.get(open)}\n${line.trim()}`);
  }
  // severity bits stand above the number
  const instance = values.get('instance');
  if (!values.has('code') && instance !== undefined && /^\d{1,10}\s*$/.test(instance))
    values.set('code', String(Number(instance) % 65_536));
  return new Map([...values].map(([name, value]) => [name, value.trim()]));
};
