import { type Json, textAt, valueAt } from '../kit/json.ts';
import { jsonPeel, type Peel, readStamp, type Wrapper } from './wrapper.ts';

/** An event with its payload, as the log activity exports it (`payloadAsUTF`) or AQL's `UTF8(payload)` names it. */
export const qradarEvent = (event: Json): Peel => {
  const text = textAt(event, 'payloadAsUTF', 'utf8_payload');
  const time = readStamp(valueAt(event, 'devicetime', 'deviceTime', 'starttime', 'startTime', 'startDateTime'));
  if (text === undefined || time === undefined) return undefined;
  return {
    text: text.replace(/[\r\n]+$/, ''),
    time,
    path: textAt(event, 'logSourceIdentifier', 'logsourceidentifier'),
    sourcetype: textAt(event, 'logsourcename', 'logSourceName', 'logSource', 'deviceTypeName'),
  };
};

// {"starttime":1635718447000,"logsourcename":"fgt01","utf8_payload":"<189>date=2021-10-31 time=…"}
export const qradar: Wrapper = {
  id: 'qradar',
  title: 'IBM QRadar: events with their payload as JSON',
  reference: {
    title: 'IBM QRadar: Ariel Query Language, UTF8 function',
    url: 'https://www.ibm.com/docs/en/qsip/7.5?topic=functions-aql-data-retrieval',
  },
  framing: 'json',
  knows: 'collection',
  open: jsonPeel(/"(?:payloadAsUTF|utf8_payload)"/, qradarEvent),
};
