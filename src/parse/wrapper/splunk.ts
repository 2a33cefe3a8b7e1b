import { isObject, type Json } from '../kit/json.ts';
import { jsonPeel, type Peel, readStamp, textOf, type Wrapper } from './wrapper.ts';

/** `TRUNCATE` in props.conf: an event's line is cut at this many bytes unless told otherwise. */
const TRUNCATE = 10_000;

/** A result's fields, wherever they stand. */
export const splunkResult = (fields: Json): Peel => {
  const text = textOf(fields['_raw']);
  if (text === undefined) return undefined;
  return {
    text,
    time: readStamp(fields['_time']),
    host: textOf(fields['host']),
    path: textOf(fields['source']),
    sourcetype: textOf(fields['sourcetype']),
    truncated: Buffer.byteLength(text) === TRUNCATE,
  };
};

const isResult = (value: unknown): value is Json => typeof value === 'object' && value !== null && '_raw' in value;

const readResult = jsonPeel(/"_raw"/, (object) =>
  splunkResult(isResult(object['result']) ? object['result'] : object),
)();

/** What follows the list of results in the answer of the REST API. */
const TAIL = /^"highlighted"\s*:/;

// {"preview":false,"offset":0,"result":{"_raw":"<189>date=…","_time":"2021-10-31T23:14:07.000+01:00","host":"fgt01",…}}
export const splunkJson: Wrapper = {
  id: 'splunk-json',
  title: 'Splunk search results as JSON',
  reference: {
    title: 'Splunk: Export search results',
    url: 'https://docs.splunk.com/Documentation/Splunk/latest/Search/Exportsearchresults',
  },
  framing: 'json',
  knows: 'collection',
  open: () => (text) => (TAIL.test(text) ? 'header' : readResult(text)),
};

// {"time":1635718447.123,"host":"mx1","source":"/var/log/auth.log","sourcetype":"syslog","event":"Oct 31 23:14:07 mx1 …"}
export const splunkCollector: Wrapper = {
  id: 'splunk-collector',
  title: 'Splunk HTTP Event Collector: events as they are sent',
  reference: {
    title: 'Splunk: Format events for HTTP Event Collector',
    url: 'https://docs.splunk.com/Documentation/Splunk/latest/Data/FormateventsforHTTPEventCollector',
  },
  framing: 'json',
  knows: 'collection',
  open: jsonPeel(/"sourcetype"/, ({ event, time, host, source, sourcetype }) => {
    const text = isObject(event) ? JSON.stringify(event) : textOf(event);
    if (text === undefined || textOf(sourcetype) === undefined || textOf(time) === undefined) return undefined;
    return { text, time: readStamp(time), host: textOf(host), path: textOf(source), sourcetype: textOf(sourcetype) };
  }),
};
