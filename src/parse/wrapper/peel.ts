import type { Framing } from '../../read/framing.ts';
import { readEnvelope } from '../kit/syslog.ts';
import { cloudwatch, datadog, googleLogging, loki, wazuh } from './cloud.ts';
import {
  azureCsv,
  datadogCsv,
  graylogCsv,
  insightsCsv,
  kibanaCsv,
  qradarCsv,
  sentinelCsv,
  splunkCsv,
  sumoCsv,
} from './csv.ts';
import { compose, container, cri, docker } from './docker.ts';
import { elastic, elasticHit } from './elastic.ts';
import { gelf, graylog } from './gelf.ts';
import { journaldExport, journaldJson, journaldNotes } from './journald.ts';
import { kiwi } from './kiwi.ts';
import { qradar } from './qradar.ts';
import { sentinel } from './sentinel.ts';
import { splunkCollector, splunkJson } from './splunk.ts';
import { fluentd, papertrail, syslogParts } from './syslog-parts.ts';
import type { Peeled, Wrapper } from './wrapper.ts';

/** All wrappers; the first that a record fits takes it. */
export const WRAPPERS: readonly Wrapper[] = [
  container,
  docker,
  splunkJson,
  splunkCollector,
  elasticHit,
  graylog,
  gelf,
  journaldJson,
  elastic,
  syslogParts,
  googleLogging,
  cloudwatch,
  loki,
  wazuh,
  datadog,
  qradar,
  sentinel,
  cri,
  compose,
  fluentd,
  papertrail,
  kiwi,
  journaldNotes,
  journaldExport,
  sumoCsv,
  splunkCsv,
  azureCsv,
  sentinelCsv,
  qradarCsv,
  insightsCsv,
  graylogCsv,
  kibanaCsv,
  datadogCsv,
];

/** One wrapper that was taken off. */
export interface Layer extends Peeled {
  readonly wrapper: Wrapper;
}

/** The record inside and what was around it, outermost first; `header`: there is no record inside. */
export type Unwrapped = { readonly text: string; readonly layers: readonly Layer[] } | 'header';

/** Wrappers in wrappers: a syslog relay's JSON in Docker's in Filebeat's in a search hit. */
const DEPTH = 4;
/** How far behind a syslog header a wrapper may begin. */
const HEADER_MAX = 256;

const BARE: readonly Layer[] = [];

/** A sender's syslog header in front of a JSON wrapper. */
const relay: Wrapper = {
  id: 'syslog',
  title: 'Syslog header in front of JSON',
  reference: { title: 'RFC 5424, The Syslog Protocol', url: 'https://www.rfc-editor.org/rfc/rfc5424' },
  framing: 'line',
  knows: 'stamp',
  open: () => (text) => {
    const brace = text.indexOf('{');
    if (brace <= 0 || brace > HEADER_MAX) return undefined;
    const { message, civil, host, priority } = readEnvelope(text);
    const json = message.trimStart();
    return json.startsWith('{') && json.length < text.length ? { text: json, time: civil, host, priority } : undefined;
  },
};

/** Takes wrappers off the records of one stream. */
export const openPeeler = (): ((text: string) => Unwrapped) => {
  const readers = WRAPPERS.map((wrapper) => ({ wrapper, read: wrapper.open() }));
  const readRelay = relay.open();

  // how a stream is cut is decided once: CSV and the journal's export are never inside another wrapper
  const inner = readers.filter(({ wrapper }) => wrapper.framing === 'json' || wrapper.framing === 'line');

  const once = (text: string, depth: number): readonly Layer[] | 'header' | undefined => {
    for (const { wrapper, read } of depth === 0 ? readers : inner) {
      const peel = read(text);
      if (peel === 'header') return peel;
      if (peel !== undefined) return [{ wrapper, ...peel }];
    }
    return undefined;
  };

  /** The header counts only where a wrapper stands behind it: most JSON behind a header is a product's own. */
  const behindHeader = (text: string): readonly Layer[] | undefined => {
    const header = readRelay(text);
    if (header === undefined || header === 'header') return undefined;
    const behind = once(header.text, 1);
    return behind === undefined || behind === 'header' ? undefined : [{ wrapper: relay, ...header }, ...behind];
  };

  return (record) => {
    let text = record;
    let layers = BARE;
    while (layers.length < DEPTH) {
      const found = once(text, layers.length) ?? behindHeader(text);
      if (found === 'header' && layers.length === 0) return found;
      if (found === undefined || found === 'header') break;
      layers = [...layers, ...found];
      text = (found.at(-1) as Layer).text;
    }
    return { text, layers };
  };
};

/** How a stream is cut whose first line is this, where a wrapper decides it. */
export const framingOf = (firstLine: string): Framing | undefined =>
  WRAPPERS.find(({ framing, open }) =>
    typeof framing === 'object'
      ? framing.startsWith.test(firstLine)
      : framing === 'csv' && open()(firstLine) === 'header',
  )?.framing;
