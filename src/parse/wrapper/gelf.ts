import { type Json, textAt, valueAt } from '../kit/json.ts';
import { facilityCode } from '../kit/priority.ts';
import { integerOf, jsonPeel, type Peel, priorityOf, readStamp, textOf, type Wrapper } from './wrapper.ts';

/** Graylog's syslog input names the facility or gives its number. */
const facilityOf = (value: unknown): number | undefined =>
  integerOf(value) ?? (typeof value === 'string' ? facilityCode(value) : undefined);

// NXLog sends the fields of a Windows event as additional ones: "_EventID":4625,"_SourceName":"Microsoft-Windows-…"
const windowsEvent = (gelf: Json): string => {
  const fields = Object.entries(gelf).flatMap(([name, value]) =>
    name.startsWith('_') ? [[name.slice(1), value]] : [],
  );
  return JSON.stringify({
    EventTime: gelf['timestamp'],
    Hostname: gelf['host'],
    Message: gelf['full_message'] ?? gelf['short_message'],
    ...(Object.fromEntries(fields) as Json),
  });
};

// {"version":"1.1","host":"fw-1","short_message":"…","full_message":"<134>Oct 31 …","timestamp":1635718447.123,"level":6,"_facility":"local0"}
export const gelf: Wrapper = {
  id: 'gelf',
  title: 'Graylog Extended Log Format',
  reference: {
    title: 'Graylog: GELF',
    url: 'https://go2docs.graylog.org/current/getting_in_log_data/gelf.html',
  },
  framing: 'json',
  knows: 'stamp',
  open: jsonPeel(/"short_message"/, (object) => {
    const short = textOf(object['short_message']);
    if (short === undefined || textOf(object['version']) === undefined) return undefined;
    const isWindows = object['_EventID'] !== undefined && object['_SourceName'] !== undefined;
    return {
      text: isWindows ? windowsEvent(object) : (textOf(object['full_message']) ?? short),
      time: readStamp(object['timestamp']),
      host: textOf(object['host']),
      program: textAt(object, '_application_name', '_program', '_app_name', '_process_name'),
      pid: integerOf(valueAt(object, '_process_id', '_pid')),
      priority: priorityOf(
        facilityOf(valueAt(object, '_facility_num', '_facility', 'facility')),
        integerOf(object['level']),
      ),
      path: textAt(object, '_file', '_filename', '_path'),
    };
  }),
};

/** A message as Graylog stores it: `full_message` is kept where the input was told to store it. */
export const graylogMessage = (message: Json): Peel => {
  const text = textAt(message, 'full_message', 'message');
  if (text === undefined) return undefined;
  return {
    text,
    time: readStamp(message['timestamp']),
    host: textAt(message, 'source'),
    program: textAt(message, 'application_name'),
    pid: integerOf(message['process_id']),
    priority: priorityOf(facilityOf(valueAt(message, 'facility_num', 'facility')), integerOf(message['level'])),
    path: textAt(message, 'filebeat_log_file_path'),
  };
};

// {"message":{"gl2_source_input":"…","source":"fw-1","message":"%ASA-6-302013: …","timestamp":"2021-10-31T22:14:07.000Z"},"index":"graylog_0"}
export const graylog: Wrapper = {
  id: 'graylog',
  title: 'Graylog search results as JSON',
  reference: {
    title: 'Graylog: Search REST API',
    url: 'https://go2docs.graylog.org/current/setting_up_graylog/rest_api.html',
  },
  framing: 'json',
  knows: 'stamp',
  open: jsonPeel(/"gl2_/, (object) => {
    const inner = object['message'];
    return graylogMessage(typeof inner === 'object' && inner !== null ? (inner as Json) : object);
  }),
};
