import { readCells } from '../kit/csv.ts';
import { type Json, textAt } from '../kit/json.ts';
import { azureColumn } from '../kit/microsoft.ts';
import { datadog } from './cloud.ts';
import { elasticDocument } from './elastic.ts';
import { graylogMessage } from './gelf.ts';
import { qradar, qradarEvent } from './qradar.ts';
import { azureTime, commonSecurityRecord, sentinel } from './sentinel.ts';
import { splunkResult } from './splunk.ts';
import { readParts } from './syslog-parts.ts';
import { type Peel, readStamp, type Wrapper } from './wrapper.ts';

/** A header is names only; most lines of a log fail at their first blank. */
const HEADER =
  /^(?:"[\w@.:{}()[\]/ -]{1,128}"|[\w@.:{}-]{1,128}(?: \[UTC\])?)(?:,(?:"[\w@.:{}()[\]/ -]{0,128}"|[\w@.:{}()[\]/ -]{0,128})){1,500}$/;

/** CSV with a header in which one column holds the record. `columns`: those it must have; one of `|` is enough. */
const csvOf = (columns: readonly string[], read: (row: Json) => Peel): Wrapper['open'] => {
  const needed = columns.map((column) => column.split('|'));
  return () => {
    let names: readonly string[] | undefined;
    return (text) => {
      if (HEADER.test(text)) {
        const { cells } = readCells(text);
        if (needed.every((some) => some.some((name) => cells.includes(name)))) {
          names = cells;
          return 'header';
        }
      }
      if (names === undefined) return undefined;
      const { cells, cut } = readCells(text);
      if (cells.length > names.length || cells.length < 2) return undefined;
      const peel = read(Object.fromEntries(cells.map((cell, n) => [names?.[n] as string, cell])));
      // a line of another file that was put behind this one has no time in that column
      if (peel === undefined || peel === 'header' || peel.time === undefined) return undefined;
      return cut || cells.length < names.length ? { ...peel, truncated: true } : peel;
    };
  };
};

// "_time",host,source,sourcetype,"_raw"
export const splunkCsv: Wrapper = {
  id: 'splunk-csv',
  title: 'Splunk search results as CSV',
  reference: {
    title: 'Splunk: Export search results',
    url: 'https://docs.splunk.com/Documentation/Splunk/latest/Search/Exportsearchresults',
  },
  framing: 'csv',
  knows: 'collection',
  open: csvOf(['_raw'], splunkResult),
};

// "timestamp","source","message"
export const graylogCsv: Wrapper = {
  id: 'graylog-csv',
  title: 'Graylog search results as CSV',
  reference: {
    title: 'Graylog: Export results as CSV',
    url: 'https://go2docs.graylog.org/current/interacting_with_your_log_data/search_results.html',
  },
  framing: 'csv',
  knows: 'stamp',
  open: csvOf(['timestamp', 'source', 'message|full_message'], graylogMessage),
};

// "@timestamp","host.name",message
export const kibanaCsv: Wrapper = {
  id: 'kibana-csv',
  title: 'Kibana Discover report as CSV',
  reference: {
    title: 'Elastic: Reporting and sharing',
    url: 'https://www.elastic.co/docs/explore-analyze/report-and-share',
  },
  framing: 'csv',
  knows: 'collection',
  open: csvOf(['@timestamp', 'message|event.original'], elasticDocument),
};

const azureColumns = (row: Json): Json =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [azureColumn(name), value]));

const azureRow = (row: Json): Peel => {
  const parts = azureColumns(row);
  const peel = readParts(parts);
  if (peel === undefined || peel === 'header') return peel;
  return { ...peel, time: azureTime(textAt(parts, 'EventTime', 'TimeGenerated')) ?? peel.time };
};

// "TimeGenerated [UTC]",Computer,Facility,SeverityLevel,ProcessName,ProcessID,SyslogMessage
export const azureCsv: Wrapper = {
  id: 'azure-csv',
  title: 'Azure Monitor and Sentinel: the Syslog table as CSV',
  reference: {
    title: 'Azure Monitor: Syslog table',
    url: 'https://learn.microsoft.com/azure/azure-monitor/reference/tables/syslog',
  },
  framing: 'csv',
  knows: 'stamp',
  open: csvOf(['SyslogMessage', 'ProcessName', 'Computer|HostName'], azureRow),
};

// "TimeGenerated [UTC]",DeviceVendor,DeviceProduct,DeviceVersion,DeviceEventClassID,Activity,LogSeverity,…,AdditionalExtensions
export const sentinelCsv: Wrapper = {
  id: 'sentinel-csv',
  title: 'Microsoft Sentinel: the CommonSecurityLog table as CSV',
  reference: sentinel.reference,
  framing: 'csv',
  knows: 'collection',
  open: csvOf(['DeviceVendor', 'DeviceProduct', 'Activity', 'TimeGenerated [UTC]|TimeGenerated'], (row) =>
    commonSecurityRecord(azureColumns(row)),
  ),
};

// startTime,logSourceName,payloadAsUTF
export const qradarCsv: Wrapper = {
  id: 'qradar-csv',
  title: 'IBM QRadar: events with their payload as CSV',
  reference: qradar.reference,
  framing: 'csv',
  knows: 'collection',
  open: csvOf(['payloadAsUTF|utf8_payload', 'devicetime|deviceTime|starttime|startTime|startDateTime'], qradarEvent),
};

// Date,Host,Service,Message
export const datadogCsv: Wrapper = {
  id: 'datadog-csv',
  title: 'Datadog: logs of the explorer as CSV',
  reference: datadog.reference,
  framing: 'csv',
  knows: 'collection',
  open: csvOf(['Date', 'Host', 'Service', 'Message'], (row) => ({
    text: String(row['Message']),
    time: readStamp(row['Date']),
    host: textAt(row, 'Host'),
    sourcetype: textAt(row, 'Service'),
  })),
};

// "_messagetimems","_messagetime","_raw","_sourceName","_sourceHost","_sourceCategory"
export const sumoCsv: Wrapper = {
  id: 'sumo-csv',
  title: 'Sumo Logic search results as CSV',
  reference: {
    title: 'Sumo Logic: Export search results',
    url: 'https://help.sumologic.com/docs/search/get-started-with-search/search-basics/export-search-results/',
  },
  framing: 'csv',
  knows: 'collection',
  open: csvOf(['_raw', '_messagetimems|_messageTimeMs|_messagetime|_messageTime'], (row) => ({
    text: String(row['_raw']),
    time: readStamp(textAt(row, '_messagetimems', '_messageTimeMs', '_messagetime', '_messageTime')),
    host: textAt(row, '_sourceHost', '_sourcehost'),
    path: textAt(row, '_sourceName', '_sourcename'),
    sourcetype: textAt(row, '_sourceCategory', '_sourcecategory'),
  })),
};

// @timestamp,@message,@logStream
export const insightsCsv: Wrapper = {
  id: 'cloudwatch-csv',
  title: 'Amazon CloudWatch Logs Insights: results as CSV',
  reference: {
    title: 'Amazon CloudWatch Logs Insights: query results',
    url: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html',
  },
  framing: 'csv',
  knows: 'collection',
  open: csvOf(['@timestamp', '@message'], (row) => {
    const time = readStamp(row['@timestamp']);
    return {
      text: String(row['@message']),
      // Insights writes UTC
      time: typeof time === 'object' && time.offset === undefined ? { ...time, offset: 0 } : time,
      path: textAt(row, '@logStream'),
    };
  }),
};
