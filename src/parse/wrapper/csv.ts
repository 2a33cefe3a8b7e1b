import { readCells } from '../kit/csv.ts';
import type { Json } from '../kit/json.ts';
import { elasticDocument } from './elastic.ts';
import { graylogMessage } from './gelf.ts';
import { splunkResult } from './splunk.ts';
import type { Peel, Wrapper } from './wrapper.ts';

/** A header is names only; most lines of a log fail at their first blank. */
const HEADER =
  /^(?:"[\w@.:{}-]{1,128}"|[\w@.:{}-]{1,128})(?:,(?:"[\w@.:{}()/ -]{0,128}"|[\w@.:{}()/ -]{0,128})){1,500}$/;

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
