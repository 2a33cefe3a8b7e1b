import { textAt, valueAt } from '../kit/json.ts';
import { jsonPeel, readStamp, type Wrapper } from './wrapper.ts';

// {"insertId":"…","logName":"projects/p/logs/syslog","textPayload":"Oct 31 23:14:07 mx1 sshd[7]: …","timestamp":"2021-10-31T22:14:07Z"}
export const googleLogging: Wrapper = {
  id: 'google-logging',
  title: 'Google Cloud Logging: entries with a text',
  reference: {
    title: 'Google Cloud Logging: LogEntry',
    url: 'https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry',
  },
  framing: 'json',
  knows: 'collection',
  open: jsonPeel(/"textPayload"/, (entry) => {
    const text = textAt(entry, 'textPayload');
    if (text === undefined || valueAt(entry, 'logName') === undefined) return undefined;
    return { text, time: readStamp(valueAt(entry, 'timestamp', 'receiveTimestamp')), path: textAt(entry, 'logName') };
  }),
};

// {"logStreamName":"i-0a1b","timestamp":1635718447000,"message":"Oct 31 23:14:07 mx1 sshd[7]: …","ingestionTime":1635718449000}
export const cloudwatch: Wrapper = {
  id: 'cloudwatch',
  title: 'Amazon CloudWatch Logs: events of a log stream',
  reference: {
    title: 'Amazon CloudWatch Logs: FilteredLogEvent',
    url: 'https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilteredLogEvent.html',
  },
  framing: 'json',
  knows: 'collection',
  open: jsonPeel(/"ingestionTime"/, (event) => {
    const text = textAt(event, 'message');
    if (text === undefined || valueAt(event, 'ingestionTime') === undefined) return undefined;
    return { text, time: readStamp(valueAt(event, 'timestamp')), path: textAt(event, 'logStreamName') };
  }),
};
