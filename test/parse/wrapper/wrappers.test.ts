import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { valuesOf } from '../../../src/ecs/event.ts';
import { WRAPPERS } from '../../../src/parse/wrapper/peel.ts';
import { meaning, readText } from './read.ts';

const root = join(import.meta.dirname, '../../../fixtures/parsers');
const fixture = (path: string, lines: number): string[] => {
  const file = join(root, path, 'input.log');
  expect(existsSync(file)).toBe(true);
  return readFileSync(file, 'utf8').split('\n').slice(0, lines);
};

/** Lines of products that have nothing in common: priority and key=value, BSD syslog, RFC 3339, a tag only, JSON. */
const INNER: Readonly<Record<string, readonly string[]>> = {
  'fortinet-fortigate': fixture('fortinet-fortigate/vpn-and-admin', 12),
  postfix: fixture('postfix/mx-syslog', 12),
  'linux-auth': fixture('linux-auth/secure-iso', 8),
  'cisco-asa': fixture('cisco-asa/edge-office', 12),
  'windows-security': fixture('windows-security/nxlog', 5),
};

const TIME = '2021-11-05T00:00:00.123456789Z';
const MILLIS = Date.parse(TIME);
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
const json = (value: unknown): string => JSON.stringify(value);
const filebeat = (message: string): object => ({
  '@timestamp': TIME,
  '@metadata': { beat: 'filebeat', type: '_doc', version: '7.17.1' },
  message,
  input: { type: 'log' },
  log: { offset: 17, file: { path: '/var/log/remote/all.log' } },
  host: { name: 'collector' },
  agent: { type: 'filebeat', hostname: 'collector' },
  ecs: { version: '1.12.0' },
});
const docker = (line: string): object => ({ log: `${line}\n`, stream: 'stdout', time: TIME });

type Wrap = (lines: readonly string[]) => string;
const each =
  (one: (line: string) => string): Wrap =>
  (lines) =>
    lines.map((line) => `${one(line)}\n`).join('');

/** Every wrapper as its collector writes it, by the ids that the events must carry. */
const FORMS: readonly (readonly [string, string, Wrap])[] = [
  ['docker', 'docker', each((line) => json(docker(line)))],
  ['cri', 'cri', each((line) => `${TIME} stdout F ${line}`)],
  ['docker compose logs', 'docker-compose', each((line) => `postfix-mailcow-1    | ${line}`)],
  ['docker compose logs --timestamps', 'docker-compose', each((line) => `mail_mx_1  | ${TIME} ${line}`)],
  [
    'docker compose logs, coloured',
    'docker-compose',
    each((line) => `\u001b[36mpostfix-mailcow-1  | \u001b[0m${line}`),
  ],
  [
    'splunk, result a line',
    'splunk-json',
    each((_raw) =>
      json({
        preview: false,
        offset: 1,
        result: { _raw, _time: '2021-11-05T01:00:00.000+01:00', host: 'idx', source: '/a', sourcetype: 'syslog' },
      }),
    ),
  ],
  [
    'splunk, REST',
    'splunk-json',
    (lines) => json({ preview: false, init_offset: 0, results: lines.map((_raw) => ({ _raw, _time: '1636070400' })) }),
  ],
  [
    'splunk, CSV',
    'splunk-csv',
    (lines) =>
      [
        '"_time",host,source,sourcetype,"_raw"',
        ...lines.map((line) => `"2021-11-05 01:00:00.000 CET",idx,"udp:514",syslog,${quoted(line)}`),
      ].join('\r\n'),
  ],
  [
    'graylog, CSV',
    'graylog-csv',
    (lines) =>
      ['"timestamp","source","message"', ...lines.map((l) => `"${TIME}","198.51.100.9",${quoted(l)}`), ''].join('\n'),
  ],
  [
    'kibana, CSV',
    'kibana-csv',
    (lines) =>
      [
        '"@timestamp","agent.name",message',
        ...lines.map((l) => `"Nov 5, 2021 @ 00:00:00.123",collector,${quoted(l)}`),
        '',
      ].join('\n'),
  ],
  [
    'gelf',
    'gelf',
    each((line) =>
      json({
        version: '1.1',
        host: 'fw-9',
        short_message: line.slice(0, 40),
        full_message: line,
        timestamp: MILLIS / 1000,
        level: 6,
        _facility: 'local0',
      }),
    ),
  ],
  [
    'graylog, search',
    'graylog',
    (lines) =>
      json({
        messages: lines.map((message) => ({
          message: { gl2_source_input: 'a', source: 'fw-9', message, timestamp: TIME },
          index: 'graylog_0',
        })),
      }),
  ],
  [
    'splunk, collector',
    'splunk-collector',
    each((event) => json({ time: MILLIS / 1000, host: 'idx', source: 'udp:514', sourcetype: 'syslog', event })),
  ],
  [
    'sumo logic, CSV',
    'sumo-csv',
    (lines) =>
      ['"_messagetimems","_raw","_sourceHost"', ...lines.map((l) => `"${MILLIS}",${quoted(l)},"coll"`), ''].join('\n'),
  ],
  [
    'container with pod',
    'container',
    each((log) => json({ log, stream: 'stdout', time: TIME, kubernetes: { pod_name: 'mx-0' } })),
  ],
  [
    'google cloud logging',
    'google-logging',
    each((textPayload) => json({ insertId: 'x', logName: 'projects/p/logs/s', textPayload, timestamp: TIME })),
  ],
  [
    'cloudwatch',
    'cloudwatch',
    each((message) => json({ logStreamName: 'i-0', timestamp: MILLIS, message, ingestionTime: MILLIS + 9 })),
  ],
  [
    'cloudwatch, CSV',
    'cloudwatch-csv',
    (lines) => ['@timestamp,@message', ...lines.map((l) => `2021-11-05 00:00:00.123,${quoted(l)}`), ''].join('\n'),
  ],
  [
    'datadog, archive',
    'datadog',
    each((message) =>
      json({ _id: 'AQ', date: TIME, service: 'sys', host: 'mx9', source: 'syslog', message, tags: [], attributes: {} }),
    ),
  ],
  [
    'datadog, interface',
    'datadog',
    (lines) =>
      json({
        data: lines.map((message) => ({
          id: 'AQ',
          type: 'log',
          attributes: { timestamp: TIME, host: 'mx9', service: 'sys', message, tags: ['env:prod'] },
        })),
        links: {},
      }),
  ],
  [
    'datadog, CSV',
    'datadog-csv',
    (lines) => ['Date,Host,Service,Message', ...lines.map((l) => `"${TIME}","mx9","sys",${quoted(l)}`), ''].join('\n'),
  ],
  [
    'qradar, JSON',
    'qradar',
    (lines) =>
      json({
        events: lines.map((line) => ({ starttime: MILLIS, logsourcename: 'gw @ 192.0.2.1', utf8_payload: line })),
      }),
  ],
  [
    'qradar, CSV',
    'qradar-csv',
    (lines) =>
      ['qid,startTime,logSourceName,payloadAsUTF', ...lines.map((l) => `7,${MILLIS},gw,${quoted(l)}`), ''].join('\n'),
  ],
  ['loki', 'loki', each((line) => json({ labels: { job: 'a', host: 'mx9' }, line, timestamp: TIME }))],
  [
    'wazuh',
    'wazuh',
    each((full_log) =>
      json({ timestamp: TIME, agent: { id: '1', name: 'mx9' }, manager: { name: 'm' }, full_log, location: '/a' }),
    ),
  ],
  ['filebeat', 'elastic', each((line) => json(filebeat(line)))],
  [
    'elastic agent with its original',
    'elastic',
    each((line) => json({ ...filebeat('cut by a pipeline'), event: { original: line, module: 'x' } })),
  ],
  [
    'logstash',
    'elastic',
    each((message) => json({ '@timestamp': TIME, '@version': '1', host: '198.51.100.9', message, tags: [] })),
  ],
  [
    'search hits',
    'elastic-hit,elastic',
    each((line) => json({ _index: 'filebeat-7.17.1', _id: 'x', _score: 1, _source: filebeat(line) })),
  ],
  [
    'search response',
    'elastic-hit,elastic',
    (lines) =>
      json({
        took: 3,
        timed_out: false,
        _shards: { total: 1, successful: 1 },
        hits: {
          total: { value: lines.length, relation: 'eq' },
          max_score: null,
          hits: lines.map((line) => ({ _index: 'a', _source: filebeat(line) })),
        },
      }),
  ],
  [
    'fields of hits',
    'elastic-hit,elastic',
    each((line) =>
      json({ _index: 'a', _id: 'x', fields: { '@timestamp': [TIME], message: [line], 'agent.type': ['filebeat'] } }),
    ),
  ],
  ['docker in filebeat', 'elastic,docker', each((line) => json(filebeat(json(docker(line)))))],
  [
    'docker in filebeat in a hit',
    'elastic-hit,elastic,docker',
    each((line) => json({ _index: 'a', _id: 'x', _source: filebeat(json(docker(line))) })),
  ],
  [
    'docker behind a syslog header',
    'syslog,docker',
    each((line) => `<30>Nov  5 00:00:01 node7 dockerd[9]: ${json(docker(line))}`),
  ],
  ['kiwi', 'kiwi', each((line) => `2021-11-05 01:00:00\tLocal7.Notice\t198.51.100.9\t${line}`)],
  ['kiwi, date and time apart', 'kiwi', each((line) => `11-05-2021\t01:00:00\tLocal7.Notice\t198.51.100.9\t${line}`)],
];

const unwrapped = new Map<string, Awaited<ReturnType<typeof readText>>>();

describe.each(Object.keys(INNER))('%s in a wrapper', (product) => {
  const lines = INNER[product] as readonly string[];

  it.each(FORMS)('%s', async (_, ids, wrap) => {
    const plain = unwrapped.get(product) ?? (await readText(lines.join('\n')));
    unwrapped.set(product, plain);
    const wrapped = await readText(wrap(lines));
    expect(plain.events.length).toBeGreaterThan(4);
    expect([wrapped.chosen, wrapped.wrappers.join()]).toEqual([product, ids]);
    expect(wrapped.accounting).toMatchObject({ events: plain.accounting.events, rejected: plain.accounting.rejected });
    for (const [n, event] of plain.events.entries()) {
      const got = wrapped.events[n] ?? {};
      expect(got['einfallstor.wrapper.id']).toEqual(ids.split(','));
      const borrowed = [
        'log.syslog.priority',
        'observer.hostname',
        'observer.name',
        'observer.ip',
        'host.name',
        'host.hostname',
      ];
      const lacking = borrowed.filter((name) => event[name] === undefined && got[name] !== undefined);
      const without = Object.fromEntries(
        Object.entries(meaning(got)).filter(
          ([name]) => !lacking.includes(name) && !(lacking.length > 0 && name.startsWith('related.')),
        ),
      );
      const expected = Object.fromEntries(
        Object.entries(meaning(event)).filter(([name]) => !(lacking.length > 0 && name.startsWith('related.'))),
      );
      expect(without).toEqual(expected);
    }
  });
});

it('accounts for every record of a damaged wrapper', async () => {
  const lines = INNER['linux-auth'] as readonly string[];
  for (const [name, , wrap] of FORMS) {
    const whole = wrap(lines);
    for (let n = 1; n <= 12; n += 1) {
      const at = Math.floor((whole.length * n) / 13);
      for (const torn of [whole.slice(0, at), whole.slice(at), whole.slice(0, at) + whole.slice(at + 7)]) {
        const { accounting, events } = await readText(torn);
        const { records, joined, skipped, rejected } = accounting;
        expect(accounting.events + joined + skipped + rejected, name).toBe(records);
        expect(events.length, name).toBe(accounting.events + rejected);
      }
    }
  }
});

it('tries every wrapper', () => {
  const tried = new Set(FORMS.flatMap(([, ids]) => ids.split(',')));
  const elsewhere = [
    ...['journald', 'journald-json', 'journald-export'],
    ...['syslog-parts', 'fluentd', 'papertrail', 'azure-csv', 'sentinel', 'sentinel-csv'],
  ];
  expect(WRAPPERS.map(({ id }) => id).filter((id) => !tried.has(id) && !elsewhere.includes(id))).toEqual([]);
});

describe('a wrapper', () => {
  it('keeps the bytes of the outer record and what the collector knew', async () => {
    const line = json(
      filebeat(
        '<166>%ASA-6-302013: Built inbound TCP connection 1 for outside:198.51.100.77/51022 (198.51.100.77/51022) to dmz:10.40.1.10/443 (203.0.113.10/443)',
      ),
    );
    const { events } = await readText(`\ufeff${line}\n${line}\n`);
    expect(events[1]).toMatchObject({
      'event.original': line,
      'log.offset': Buffer.byteLength(line) + 4,
      'einfallstor.record.line': 2,
      'einfallstor.wrapper.path': '/var/log/remote/all.log',
      'einfallstor.wrapper.host': 'collector',
      'einfallstor.wrapper.time': MILLIS * 1000 + 456,
      'source.ip': '198.51.100.77',
      // the message has neither time nor host: both are the collector's, and that is said
      '@timestamp': MILLIS * 1000 + 456,
      'observer.name': 'collector',
      'einfallstor.warnings': ['time-from:elastic', 'host-from:elastic'],
    });
  });

  it('gives a year to lines that leave it out, and says so', async () => {
    const line = json(docker('Dec 31 23:59:58 mx1 postfix/smtpd[4711]: connect from unknown[203.0.113.9]'));
    const { events } = await readText(`${line.replace(TIME, '2023-01-01T00:00:03.5Z')}\n`, 'UTC', undefined);
    expect(events[0]).toMatchObject({
      '@timestamp': Date.parse('2022-12-31T23:59:58Z') * 1000,
      'einfallstor.warnings': expect.arrayContaining(['year-from:docker']),
    });
  });

  it('is not seen in a product’s own JSON', async () => {
    const { wrappers, chosen } = await readText(readFileSync(join(root, 'windows-security/winlogbeat/input.log')));
    expect([chosen, wrappers]).toEqual(['windows-security', []]);
    for (const own of ['okta', 'entra-id', 'microsoft-365-audit', 'exchange-online-trace', 'proofpoint', 'mimecast']) {
      const { events } = await readText(
        readFileSync(join(root, own, (await import('node:fs')).readdirSync(join(root, own))[0] as string, 'input.log')),
      );
      expect(events.length).toBeGreaterThan(0);
      expect(
        events.filter((event) => event['einfallstor.wrapper.id'] !== undefined && event['event.module'] !== own),
      ).toEqual([]);
    }
  });

  it('passes over a CSV header that stands again in the middle', async () => {
    const row = `"${TIME}","fw-9","${'<13>'}Oct 31 23:14:07 mx1 sshd[7]: Connection closed by 192.0.2.4 port 22"`;
    const header = '"timestamp","source","message"';
    const { accounting } = await readText([header, row, header, row, ''].join('\n'));
    expect(accounting).toMatchObject({ records: 4, events: 2, skipped: 2, rejected: 0 });
  });

  it('puts a line together that the container runtime took apart', async () => {
    const text = 'Oct 31 23:14:07 mx1 sshd[7]: Failed password for root from 192.0.2.4 port 40000 ssh2';
    const parts = [text.slice(0, 40), text.slice(40)];
    const lines = [
      json({ log: parts[0], stream: 'stdout', time: TIME }),
      json({ log: `${parts[1]}\n`, stream: 'stdout', time: TIME }),
      json(docker(text)),
    ];
    const { events, accounting } = await readText(`${lines.join('\n')}\n`);
    expect(accounting).toMatchObject({ records: 3, events: 2, joined: 1 });
    const first = Buffer.byteLength(lines[0] as string) + 1;
    expect(events[0]).toMatchObject({
      'user.name': 'root',
      'source.port': 40000,
      'einfallstor.joined': [`${first}+${Buffer.byteLength(lines[1] as string) + 1}`],
      'event.original': `${lines[0]}\n${lines[1]}`,
    });
  });

  it('puts together records of several lines that were collected line by line', async () => {
    const lines = readFileSync(join(root, 'guacamole/catalina/input.log'), 'utf8').split('\n').slice(0, 20);
    const plain = await readText(lines.join('\n'));
    const wrapped = await readText(lines.map((line) => `${json(docker(line))}\n`).join(''));
    expect(wrapped.chosen).toBe(plain.chosen);
    expect(wrapped.events).toHaveLength(plain.events.length);
    for (const [n, event] of plain.events.entries()) {
      // a line without a time has the collector's
      const { '@timestamp': time, 'einfallstor.time.basis': basis, ...rest } = meaning(wrapped.events[n] ?? {});
      const timed = event['@timestamp'] === undefined ? {} : { '@timestamp': time, 'einfallstor.time.basis': basis };
      expect({ ...rest, ...timed }).toEqual(meaning(event));
    }
  });
});

describe('syslog that was taken apart', () => {
  const message = 'Failed password for root from 198.51.100.9 port 51234 ssh2';
  const FLUENT = { pri: '38', time: 'Nov  5 00:00:00', host: 'mx9', ident: 'sshd', pid: '71', message };
  const PARTS: readonly (readonly [string, string, string])[] = [
    ['fluent bit', 'syslog-parts', json({ date: MILLIS / 1000, ...FLUENT })],
    ['fluentd, out_file', 'fluentd,syslog-parts', `2021-11-05 01:00:00 +0100\tsys.auth\t${json(FLUENT)}`],
    [
      'rsyslog',
      'syslog-parts',
      json({ timereported: TIME, hostname: 'mx9', syslogtag: 'sshd[71]:', msg: ` ${message}`, pri: '38' }),
    ],
    [
      'syslog-ng',
      'syslog-parts',
      json({
        PROGRAM: 'sshd',
        PRIORITY: 'info',
        PID: '71',
        MESSAGE: message,
        HOST: 'mx9',
        FACILITY: 'auth',
        ISODATE: TIME,
      }),
    ],
    [
      'vector',
      'syslog-parts',
      json({
        appname: 'sshd',
        facility: 'auth',
        hostname: 'mx9',
        message,
        procid: 71,
        severity: 'info',
        timestamp: TIME,
      }),
    ],
    [
      'nxlog',
      'syslog-parts',
      json({
        ...{ Hostname: 'mx9', EventTime: TIME, SourceName: 'sshd', ProcessID: 71, Message: message },
        ...{ SyslogFacilityValue: 4, SyslogSeverityValue: 6, SeverityValue: 2 },
      }),
    ],
    [
      'azure',
      'syslog-parts',
      json({
        ...{ TimeGenerated: TIME, HostName: 'mx9', Facility: 'auth', SeverityLevel: 'info', ProcessName: 'sshd' },
        ...{ ProcessID: 71, SyslogMessage: message },
      }),
    ],
    [
      'azure, CSV',
      'azure-csv',
      `"TimeGenerated [UTC]",Computer,Facility,SeverityLevel,ProcessName,ProcessID,SyslogMessage\n"11/5/2021, 12:00:00.123 AM",mx9,auth,info,sshd,71,"${message}"`,
    ],
    ['papertrail', 'papertrail', `7\t${TIME}\t${TIME}\t42\tmx9\t192.0.2.4\tAuth\tInfo\tsshd[71]\t${message}`],
  ];

  it.each(PARTS)('%s', async (_, ids, text) => {
    const { events, wrappers, chosen } = await readText(`${text}\n`, 'UTC', 2021);
    expect([chosen, wrappers.join()]).toEqual(['linux-auth', ids]);
    expect(events.at(-1)).toMatchObject({
      'einfallstor.act': 'login',
      'event.outcome': 'failure',
      'user.name': 'root',
      'source.ip': '198.51.100.9',
      'host.name': 'mx9',
      'process.name': 'sshd',
      'process.pid': 71,
    });
    expect(Math.floor(Number(events.at(-1)?.['@timestamp']) / 1e6)).toBe(Math.floor(MILLIS / 1000));
  });

  it('is not an application’s own record', async () => {
    const { wrappers } = await readText(`${json({ appname: 'shop', message: 'paid', host: 'web1', level: 'info' })}\n`);
    expect(wrappers).toEqual([]);
  });
});

describe('a row of CommonSecurityLog', () => {
  const CEF =
    'CEF:0|Fortinet|Fortigate|v7.0.5|0000000013|traffic:forward close|3|rt=1636070400123 deviceExternalId=FG100 cat=traffic:forward src=198.51.100.77 spt=51022 dst=10.40.1.10 dpt=443 out=100 in=2000 act=close msg=a\\=b | c FTNTFGTsubtype=forward FTNTFGTpolicyid=7';
  const ROW = {
    ...{
      DeviceVendor: 'Fortinet',
      DeviceProduct: 'Fortigate',
      DeviceVersion: 'v7.0.5',
      DeviceEventClassID: '0000000013',
    },
    ...{ Activity: 'traffic:forward close', LogSeverity: '3', ReceiptTime: '1636070400123', DeviceExternalID: 'FG100' },
    ...{ DeviceEventCategory: 'traffic:forward', SourceIP: '198.51.100.77', SourcePort: '51022' },
    ...{ DestinationIP: '10.40.1.10', DestinationPort: '443', SentBytes: '100', ReceivedBytes: '2000' },
    ...{ DeviceAction: 'close', Message: 'a=b | c', AdditionalExtensions: 'FTNTFGTsubtype=forward;FTNTFGTpolicyid=7' },
  };
  const names = Object.keys(ROW);

  it.each([
    ['JSON', 'sentinel', json([{ TimeGenerated: TIME, Computer: 'collector', ...ROW }])],
    [
      'CSV of the portal',
      'sentinel-csv',
      `"TimeGenerated [UTC]",Computer,${names.join()}\n"11/5/2021, 12:00:09.123 AM",collector,${Object.values(ROW).map(quoted).join()}\n`,
    ],
  ])('%s is read as the CEF it was', async (_form, id, text) => {
    const plain = await readText(`${CEF}\n`);
    const { events, wrappers, chosen } = await readText(text);
    expect([chosen, wrappers.join()]).toEqual([plain.chosen, id]);
    const read = meaning(events.at(-1) ?? {});
    // related addresses stand in the order of the columns
    const { 'related.ip': _, ...expected } = meaning(plain.events[0] ?? {});
    expect(read).toMatchObject(expected);
    expect(read).toMatchObject({ 'source.ip': '198.51.100.77', 'destination.ip': '10.40.1.10', message: 'a=b | c' });
  });

  it('has the times of its columns as UTC', async () => {
    const cells = {
      ...{ 'TimeGenerated [UTC]': '11/5/2021, 12:00:09.123 AM', 'StartTime [UTC]': '11/4/2021, 11:59:58.000 PM' },
      ...{ DeviceVendor: 'Acme', DeviceProduct: 'Gate', Activity: 'login', SourceIP: '198.51.100.77' },
    };
    const text = `${Object.keys(cells).map(quoted).join()}\n${Object.values(cells).map(quoted).join()}\n`;
    const { events } = await readText(text, 'Europe/Berlin');
    expect(events.at(-1)?.['event.start']).toBe(Date.parse('2021-11-04T23:59:58Z') * 1000);
  });
});

describe('journald', () => {
  const entry = {
    __CURSOR: 's=1;i=2',
    __REALTIME_TIMESTAMP: '1635718447999999',
    _SOURCE_REALTIME_TIMESTAMP: '1635718447123456',
    _HOSTNAME: 'app1',
    PRIORITY: '6',
    SYSLOG_FACILITY: '10',
    SYSLOG_IDENTIFIER: 'sshd',
    _PID: '911',
    MESSAGE: 'Accepted password for k.maier from 192.0.2.4 port 50022 ssh2',
  };
  const syslog =
    '<86>2021-10-31T22:14:07.123456+00:00 app1 sshd[911]: Accepted password for k.maier from 192.0.2.4 port 50022 ssh2';
  const lines = (fields: object): string =>
    Object.entries(fields)
      .map(([k, v]) => `${k}=${v}\n`)
      .join('');
  const { MESSAGE, ...rest } = entry;
  const size = Buffer.alloc(8);
  size.writeUInt32LE(Buffer.byteLength(MESSAGE));

  it.each([
    ['json', `${json(entry)}\n`],
    ['json, message as bytes', `${json({ ...entry, MESSAGE: [...Buffer.from(MESSAGE)] })}\n`],
    ['json-pretty', `${JSON.stringify(entry, null, '\t')}\n`],
    ['json-seq', `\u001e${json(entry)}\n`],
    ['export', `${lines(entry)}\n${lines(entry)}\n`],
    [
      'export, message as bytes',
      Buffer.concat([Buffer.from(`${lines(rest)}MESSAGE\n`), size, Buffer.from(`${MESSAGE}\n\n`)]),
    ],
    ['short-unix', `1635718447.123456 app1 sshd[911]: ${MESSAGE}\n`],
    ['short-iso-precise', `2021-10-31T22:14:07.123456+0000 app1 sshd[911]: ${MESSAGE}\n`],
    ['short-full', `Sun 2021-10-31 23:14:07.123456 CET app1 sshd[911]: ${MESSAGE}\n`],
    ['short-full in German', `So 2021-10-31 23:14:07.123456 CET app1 sshd[911]: ${MESSAGE}\n`],
    [
      'short-precise',
      `-- Logs begin at Sun 2021-10-31 23:00:00 CET. --\nOct 31 22:14:07.123456 app1 sshd[911]: ${MESSAGE}\n`,
    ],
  ])('%s', async (form, text) => {
    const plain = await readText(`${syslog}\n`);
    const { events, accounting } = await readText(text);
    expect(accounting.rejected).toBe(0);
    const {
      'log.syslog.priority': priority,
      'einfallstor.time.local': _local,
      'einfallstor.time.basis': _basis,
      'event.timezone': _zone,
      ...expected
    } = meaning(plain.events[0] ?? {});
    expect(meaning(events[0] ?? {})).toMatchObject(expected);
    expect(events[0]?.['log.syslog.priority']).toBe(form.startsWith('short') ? undefined : priority);
    expect(valuesOf(events[0] ?? {}, 'einfallstor.warnings').filter((code) => /-from:/.test(String(code)))).toEqual([]);
  });

  it('joins the further lines of a message', async () => {
    const { accounting, events } = await readText(
      `Oct 31 22:14:07 app1 sshd[911]: ${MESSAGE}\n                           second line\nOct 31 22:14:08 app1 sshd[911]: ${MESSAGE}\n`,
    );
    expect(accounting).toMatchObject({ events: 2, joined: 1, rejected: 0 });
    expect(events[0]?.['event.original']).toContain('second line');
  });
});

it('doubts a line that is exactly as long as a message may be', async () => {
  const head = 'Oct 31 23:14:07 mx1 sshd[7]: error: ';
  const cut = `${head}${'x'.repeat(1024 - head.length)}`;
  const { events } = await readText(`${cut}\n${cut}y\n${cut.slice(0, -1)}.\n`);
  const codes = events.map((event) =>
    valuesOf(event, 'einfallstor.warnings').filter((w) => String(w).startsWith('truncated')),
  );
  expect(codes).toEqual([['truncated:1024'], [], []]);
});

describe('hostile lines', () => {
  // quotes and commas that could be paired in exponentially many ways: a hang, not a slow test
  it.each(WRAPPERS.map(({ id, open }) => [id, open] as const))(
    '%s passes over a line of quotes and commas',
    (_, open) => {
      const read = open();
      for (const piece of ['",', ',"', '"",', '{"', '":"', '[[', ' ,']) {
        const peel = read(piece.repeat(20_000));
        expect(typeof peel === 'object' ? peel.text : undefined).toBeUndefined();
      }
    },
  );
});
