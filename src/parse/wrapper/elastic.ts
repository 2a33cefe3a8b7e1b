import { isObject, type Json, textAt, valueAt } from '../kit/json.ts';
import { integerOf, jsonPeel, type Peel, priorityOf, readStamp, type Wrapper } from './wrapper.ts';

/** Documents that are no line in a wrapper but a product's own record, which its parser reads whole. */
const NATIVE = /^(?:winlog|event_data|log_name|o365)(?:\.|$)/;

const NOT_SAID = '-';
const first = (document: Json, ...names: readonly string[]): string | undefined => {
  const text = textAt(document, ...names);
  return text === NOT_SAID ? undefined : text;
};

/**
 * A document of Filebeat, Elastic Agent, Logstash or Vector: the line as it came is `event.original` (`log.original` in
 * early ECS), else `message`, from which a pipeline may have taken the syslog header apart.
 */
export const elasticDocument = (document: Json): Peel => {
  const original = textAt(document, 'event.original', 'log.original');
  const text = original ?? textAt(document, 'message');
  if (text === undefined || valueAt(document, '@timestamp') === undefined) return undefined;
  if (Object.keys(document).some((name) => NATIVE.test(name))) return undefined;
  const flags = valueAt(document, 'log.flags');
  return {
    text: text.replace(/\r?\n$/, ''),
    time: readStamp(valueAt(document, '@timestamp')),
    // a host that took part in the line's header, then the sender of a network input, then the collector's own machine
    host: first(
      document,
      'log.syslog.hostname',
      'system.syslog.hostname',
      'logsource',
      'log.source.address',
      'observer.hostname',
      'host.hostname',
      'host.name',
      'host',
      'hostname',
    )?.replace(/^([\d.]+):\d+$/, '$1'),
    program: original === undefined ? first(document, 'log.syslog.appname', 'process.name', 'program') : undefined,
    pid: integerOf(valueAt(document, 'log.syslog.procid', 'process.pid', 'pid')),
    priority:
      integerOf(valueAt(document, 'log.syslog.priority', 'syslog.priority')) ??
      priorityOf(
        integerOf(valueAt(document, 'log.syslog.facility.code', 'facility')),
        integerOf(valueAt(document, 'log.syslog.severity.code', 'severity')),
      ),
    path: first(document, 'log.file.path', 'source', 'path'),
    sourcetype: first(document, 'event.dataset', 'event.module', 'fileset.module', 'type'),
    truncated: Array.isArray(flags) && flags.includes('truncated'),
  };
};

const readDocument = jsonPeel(/"@timestamp"/, elasticDocument)();
/** Winlogbeat's documents are many and large: they are passed over unread. Quotes inside a message are escaped. */
const WINLOG = /"winlog(?:\.\w{1,64})?" ?: ?[{"]/;

// {"@timestamp":"2021-10-31T22:14:09.000Z","message":"Oct 31 23:14:07 mx1 …","log":{"file":{"path":"/var/log/mail.log"}},…}
export const elastic: Wrapper = {
  id: 'elastic',
  title: 'Filebeat, Elastic Agent, Logstash: documents',
  reference: {
    title: 'Elastic: Filebeat log input, exported fields',
    url: 'https://www.elastic.co/docs/reference/beats/filebeat/exported-fields-log',
  },
  framing: 'json',
  knows: 'collection',
  open: () => (text) => (WINLOG.test(text) ? undefined : readDocument(text)),
};

/** The values of `fields` of a search are lists: one of a single value is that value. */
const single = (value: unknown): unknown => (Array.isArray(value) && value.length === 1 ? value[0] : value);

// {"_index":"filebeat-7.17","_id":"…","_source":{"@timestamp":…,"message":…}}
export const elasticHit: Wrapper = {
  id: 'elastic-hit',
  title: 'Elasticsearch and OpenSearch search hits',
  reference: {
    title: 'Elasticsearch: Search API, response',
    url: 'https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-search',
  },
  framing: 'json',
  knows: 'collection',
  open: jsonPeel(/"_index"/, ({ _source: source, fields, _index: index }) => {
    if (typeof index !== 'string') return undefined;
    if (isObject(source)) return { text: JSON.stringify(source) };
    if (!isObject(fields) || (fields['message'] ?? fields['event.original']) === undefined) return undefined;
    return { text: JSON.stringify(Object.fromEntries(Object.entries(fields).map(([k, v]) => [k, single(v)]))) };
  }),
};
