import { readIso } from '../kit/civil.ts';
import { type Json, textAt, valueAt } from '../kit/json.ts';
import { facilityCode, severityCode } from '../kit/priority.ts';
import { integerOf, jsonPeel, type Peel, priorityOf, readStamp, type Wrapper } from './wrapper.ts';

/** A tag as syslog writes it: `sshd[900]:`, `postfix/smtpd`. */
const TAG = /^([^\s[\]]{1,128}?)(?:\[(\d{1,10})\])?:?$/;

const codeOf = (value: unknown, code: (name: string) => number | undefined): number | undefined =>
  integerOf(value) ?? (typeof value === 'string' ? code(value) : undefined);

/**
 * A syslog message whose parts a collector wrote as members of an object. Names: rsyslog (`programname`, `syslogtag`),
 * syslog-ng (`PROGRAM`, `MESSAGE`), Fluent Bit and fluentd (`ident`), Vector (`appname`), Azure's Syslog table
 * (`ProcessName`, `SyslogMessage`), NXLog (`SourceName`, `SyslogFacilityValue`). `ident` and `appname` alone are other programs' words, too: a host and what else only syslog has must
 * stand beside them. Documents with `@timestamp` are Elastic's.
 */
export const readParts = (parts: Json): Peel => {
  const azure = textAt(parts, 'SyslogMessage');
  const nxlog = valueAt(parts, 'SyslogFacilityValue') !== undefined;
  const text = azure ?? textAt(parts, ...(nxlog ? ['Message'] : ['MESSAGE', 'msg', 'message']));
  const tag = TAG.exec(
    (azure === undefined
      ? textAt(parts, 'syslogtag', 'programname', 'PROGRAM', 'ident', 'appname', 'app-name')
      : textAt(parts, 'ProcessName')) ?? (nxlog ? (textAt(parts, 'SourceName') ?? '') : ''),
  );
  const host = textAt(parts, 'hostname', 'HOST', 'host', 'HostName', 'Hostname', 'Computer');
  const facility = valueAt(
    parts,
    'SyslogFacilityValue',
    'facility',
    'FACILITY',
    'syslogfacility',
    'syslogfacility-text',
    'Facility',
  );
  const severity = valueAt(
    parts,
    'SyslogSeverityValue',
    'severity',
    'PRIORITY',
    'syslogseverity',
    'syslogseverity-text',
    'SeverityLevel',
  );
  const pid = integerOf(tag?.[2]) ?? integerOf(valueAt(parts, 'procid', 'pid', 'PID', 'ProcessID'));
  const priority =
    integerOf(valueAt(parts, 'pri')) ?? priorityOf(codeOf(facility, facilityCode), codeOf(severity, severityCode));
  if (text === undefined || tag === null || host === undefined || valueAt(parts, '@timestamp') !== undefined)
    return undefined;
  const isSyslog =
    priority !== undefined || pid !== undefined || textAt(parts, 'syslogtag', 'programname') !== undefined;
  if (!isSyslog) return undefined;
  return {
    // rsyslog keeps the blank behind the tag
    text: text.replace(/^ /, ''),
    time: readStamp(
      valueAt(parts, 'timereported', 'EventTime', 'ISODATE', 'timestamp', 'time', 'DATE', 'TimeGenerated', 'date'),
    ),
    host,
    program: tag[1],
    pid,
    priority,
  };
};

// {"pri":"38","time":"Oct 31 23:14:07","host":"mx1","ident":"sshd","pid":"71","message":"Accepted …"}
export const syslogParts: Wrapper = {
  id: 'syslog-parts',
  title: 'Syslog taken apart into JSON (rsyslog, syslog-ng, Fluent Bit, Vector, Azure Syslog)',
  reference: {
    title: 'syslog-ng: format-json template function; rsyslog: jsonmesg property; Fluent Bit: syslog input',
    url: 'https://docs.fluentbit.io/manual/pipeline/inputs/syslog',
  },
  framing: 'json',
  knows: 'stamp',
  open: jsonPeel(/"(?:syslogtag|programname|PROGRAM|ident|app-?name|SyslogMessage|SyslogFacilityValue)"/, readParts),
};

// 2021-10-31 23:14:07 +0100⇥syslog.auth.info⇥{"host":…} · 2021-10-31 23:14:07.123 +0100 syslog.auth.info: {"host":…}
const FLUENTD =
  /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?: ?[+-]\d\d:?\d\d|Z))(?:\t[\w.-]{1,128}\t| [\w.-]{1,128}: )(?=\{)/;

export const fluentd: Wrapper = {
  id: 'fluentd',
  title: 'fluentd: time, tag and record, as out_file and stdout write them',
  reference: { title: 'Fluentd: out_file formatter plugin', url: 'https://docs.fluentd.org/formatter/out_file' },
  framing: 'line',
  knows: 'stamp',
  open: () => (text) => {
    const m = FLUENTD.exec(text);
    return m === null ? undefined : { text: text.slice(m[0].length), time: readIso(m[1] as string)?.civil };
  },
};

// 7711\t2021-10-31T22:14:07Z\t2021-10-31T22:14:08Z\t42\tmx1\t192.0.2.4\tAuth\tInfo\tsshd[71]\tAccepted …
const PAPERTRAIL =
  /^\d{1,20}\t(\d{4}-\d\d-\d\dT[\d:.]{8,18}(?:Z|[+-]\d\d:\d\d))\t\d{4}-\d\d-\d\dT[^\t]{8,24}\t\d{1,20}\t([^\t]{1,255})\t[^\t]{0,64}\t([A-Za-z]\w{1,10})\t(\w{3,13})\t([^\t]{0,160})\t/;

export const papertrail: Wrapper = {
  id: 'papertrail',
  title: 'Papertrail archives: tab-separated syslog',
  reference: {
    title: 'Papertrail: Permanent log archives, format',
    url: 'https://www.papertrail.com/help/permanent-log-archives/',
  },
  framing: 'line',
  knows: 'stamp',
  open: () => (text) => {
    const m = PAPERTRAIL.exec(text);
    if (m === null) return undefined;
    const tag = TAG.exec(m[5] as string);
    return {
      text: text.slice(m[0].length),
      time: readIso(m[1] as string)?.civil,
      host: m[2],
      program: tag?.[1],
      pid: integerOf(tag?.[2]),
      priority: priorityOf(facilityCode(m[3] as string), severityCode(m[4] as string)),
    };
  },
};
