import { isObject, textAt, valueAt } from '../kit/json.ts';
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

// {"labels":{"host":"mx1","job":"auth"},"line":"Oct 31 23:14:07 mx1 sshd[7]: …","timestamp":"2021-10-31T22:14:09Z"}
export const loki: Wrapper = {
  id: 'loki',
  title: 'Grafana Loki: logcli -o jsonl',
  reference: { title: 'Grafana Loki: LogCLI', url: 'https://grafana.com/docs/loki/latest/query/logcli/' },
  framing: 'json',
  knows: 'collection',
  open: jsonPeel(/"labels"/, (entry) => {
    const text = textAt(entry, 'line');
    if (text === undefined || !isObject(entry['labels'])) return undefined;
    return {
      text,
      time: readStamp(entry['timestamp']),
      host: textAt(entry, 'labels.host', 'labels.hostname', 'labels.instance'),
      path: textAt(entry, 'labels.filename'),
      sourcetype: textAt(entry, 'labels.job'),
    };
  }),
};

// {"timestamp":"2021-10-31T23:14:09.1+0100","agent":{"name":"mx1"},"manager":{"name":"m"},"full_log":"Oct 31 23:14:07 mx1 …","location":"/var/log/auth.log"}
export const wazuh: Wrapper = {
  id: 'wazuh',
  title: 'Wazuh: alerts and archives with the line they are of',
  reference: {
    title: 'Wazuh: event logging',
    url: 'https://documentation.wazuh.com/current/user-manual/manager/event-logging.html',
  },
  framing: 'json',
  knows: 'collection',
  open: jsonPeel(/"full_log"/, (alert) => {
    const text = textAt(alert, 'full_log');
    // an event of Windows is in the alert itself, where its parser reads it
    if (text === undefined || !isObject(alert['agent']) || valueAt(alert, 'data.win') !== undefined) return undefined;
    return {
      text,
      time: readStamp(alert['timestamp']),
      host: textAt(alert, 'predecoder.hostname', 'agent.name'),
      path: textAt(alert, 'location'),
      sourcetype: textAt(alert, 'decoder.name'),
    };
  }),
};

const readDatadog = jsonPeel(/"attributes"/, (entry) => {
  const log = entry['type'] === 'log' && textAt(entry, 'id') !== undefined ? entry['attributes'] : entry;
  if (!isObject(log) || !isObject(entry['attributes']) || !Array.isArray(log['tags'])) return undefined;
  if (log === entry && textAt(entry, '_id') === undefined) return undefined;
  const [text, time] = [textAt(log, 'message'), readStamp(valueAt(log, 'timestamp', 'date'))];
  if (text === undefined || time === undefined) return undefined;
  return { text, time, host: textAt(log, 'host'), sourcetype: textAt(log, 'source', 'service') };
})();
/** What follows the list of logs in an answer of the interface. */
const DATADOG_TAIL = /^"(?:links|meta)"\s*:/;

// {"_id":"AQ…","date":"2021-10-31T22:14:07.123Z","service":"sshd","host":"mx1","source":"syslog","status":"info","message":"Oct 31 23:14:07 mx1 …","tags":[],"attributes":{}} of an archive
// {"id":"AQ…","type":"log","attributes":{"timestamp":"2021-10-31T22:14:07.123Z","host":"mx1","service":"sshd","message":"Oct 31 …","tags":[]}} of the interface
export const datadog: Wrapper = {
  id: 'datadog',
  title: 'Datadog: log archives and results of the logs interface',
  reference: { title: 'Datadog: Log archives', url: 'https://docs.datadoghq.com/logs/log_configuration/archives/' },
  framing: 'json',
  knows: 'collection',
  open: () => (text) => (DATADOG_TAIL.test(text) ? 'header' : readDatadog(text)),
};
