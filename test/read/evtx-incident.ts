import {
  type Event,
  el,
  fileTime,
  integer,
  nothing,
  optional,
  sid,
  sub,
  text,
  texts,
  type Value,
  writeChunk,
  writeEvtx,
  xml,
} from './evtx-writer.ts';

/** The System part as Windows' own template has it, with the event's data as value 20. */
const EVENT = el(
  'Event',
  { xmlns: 'http://schemas.microsoft.com/win/2004/08/events/event' },
  el(
    'System',
    {},
    el('Provider', { Name: optional(14), Guid: optional(15) }),
    el('EventID', { Qualifiers: optional(4) }, optional(3)),
    el('Version', {}, optional(11)),
    el('Level', {}, optional(0)),
    el('Task', {}, optional(2)),
    el('Opcode', {}, optional(1)),
    el('Keywords', {}, optional(5)),
    el('TimeCreated', { SystemTime: optional(6) }),
    el('EventRecordID', {}, optional(10)),
    el('Correlation', { ActivityID: optional(7), RelatedActivityID: optional(18) }),
    el('Execution', { ProcessID: optional(8), ThreadID: optional(9) }),
    el('Channel', {}, optional(16)),
    el('Computer', {}, optional(17)),
    el('Security', { UserID: optional(12) }),
  ),
  sub(20),
);

const AUDIT = Buffer.from('2596845478549449a5ba3e3b0328c30d', 'hex');
const SUCCESS = 0x8020000000000000n;
const FAILURE = 0x8010000000000000n;

export interface Told {
  readonly id: number;
  readonly at: string;
  readonly code: number;
  readonly keywords?: bigint;
  readonly channel?: string;
  readonly provider?: string;
  readonly data: Value;
}

export const event = ({
  id,
  at,
  code,
  keywords = SUCCESS,
  channel = 'Security',
  provider = 'Microsoft-Windows-Security-Auditing',
  data,
}: Told): Event => {
  const time = new Date(at);
  const values: Value[] = Array.from({ length: 21 }, () => nothing);
  const set: Readonly<Record<number, Value>> = {
    0: integer(0x04, 1, 0),
    1: integer(0x04, 1, 0),
    2: integer(0x06, 2, 12_544),
    3: integer(0x06, 2, code),
    5: integer(0x15, 8, keywords),
    6: fileTime(time, 1234),
    8: integer(0x08, 4, 612),
    9: integer(0x08, 4, 4180),
    10: integer(0x0a, 8, id),
    11: integer(0x04, 1, 2),
    14: text(provider),
    15: { type: 0x0f, bytes: AUDIT },
    16: text(channel),
    17: text('FS01.example.org'),
    20: data,
  };
  for (const [n, value] of Object.entries(set)) values[Number(n)] = value;
  return { id, time, template: EVENT, values };
};

const named = (...names: string[]) =>
  el('EventData', {}, ...names.map((name, n) => el('Data', { Name: name }, sub(n))));

const LOGON = named(
  'SubjectUserSid',
  'SubjectUserName',
  'SubjectDomainName',
  'SubjectLogonId',
  'TargetUserSid',
  'TargetUserName',
  'TargetDomainName',
  'TargetLogonId',
  'LogonType',
  'LogonProcessName',
  'AuthenticationPackageName',
  'WorkstationName',
  'ProcessId',
  'ProcessName',
  'IpAddress',
  'IpPort',
);
const REFUSED = named(
  'TargetUserName',
  'TargetDomainName',
  'Status',
  'SubStatus',
  'LogonType',
  'WorkstationName',
  'IpAddress',
  'IpPort',
);
const CREATED = named(
  'TargetUserName',
  'TargetDomainName',
  'TargetSid',
  'SubjectUserSid',
  'SubjectUserName',
  'SubjectDomainName',
  'SubjectLogonId',
);
const CLEARED = el(
  'UserData',
  {},
  el(
    'LogFileCleared',
    { xmlns: 'http://manifests.microsoft.com/win/2004/08/windows/eventlog' },
    el('SubjectUserSid', {}, sub(0)),
    el('SubjectUserName', {}, sub(1)),
    el('SubjectDomainName', {}, sub(2)),
    el('SubjectLogonId', {}, sub(3)),
  ),
);
const CLASSIC = el('EventData', {}, el('Data', {}, sub(0)), el('Binary', {}, sub(1)));
const SERVICE = named('ServiceName', 'ImagePath', 'ServiceType', 'StartType', 'AccountName');

const KIM = sid(5, 21, 11, 22, 33, 1107);
const NOBODY = sid(0, 0);

const refused = (id: number, at: string, user: string): Event =>
  event({
    id,
    at,
    code: 4625,
    keywords: FAILURE,
    data: xml({
      template: REFUSED,
      values: [
        text(user),
        text('EXAMPLE'),
        integer(0x14, 4, 0xc000006d),
        integer(0x14, 4, 0xc000006a),
        integer(0x08, 4, 3),
        text('KALI'),
        text('198.51.100.23'),
        text('0'),
      ],
    }),
  });

/** Guessed, logged on, an account made, a service put in, the log cleared. */
export const INCIDENT: readonly (readonly Event[])[] = [
  [
    refused(41, '2021-11-02T07:15:30.000Z', 'admin'),
    refused(42, '2021-11-02T07:15:31.000Z', 'kim "the admin" <root> & co'),
    event({
      id: 43,
      at: '2021-11-02T07:15:32.500Z',
      code: 4624,
      data: xml({
        template: LOGON,
        values: [
          NOBODY,
          text('-'),
          text('-'),
          integer(0x15, 8, 0),
          KIM,
          text('k.maier'),
          text('EXAMPLE'),
          integer(0x15, 8, 0x1a2b3c),
          integer(0x08, 4, 10),
          text('User32 '),
          text('Negotiate'),
          text('KALI'),
          integer(0x15, 8, 0x2f4),
          text('C:\\Windows\\System32\\winlogon.exe'),
          text('198.51.100.23'),
          text('0'),
        ],
      }),
    }),
  ],
  [
    event({
      id: 44,
      at: '2021-11-02T07:20:00.000Z',
      code: 4720,
      data: xml({
        template: CREATED,
        values: [
          text('backup2'),
          text('EXAMPLE'),
          sid(5, 21, 11, 22, 33, 1999),
          KIM,
          text('k.maier'),
          text('EXAMPLE'),
          integer(0x15, 8, 0x1a2b3c),
        ],
      }),
    }),
    event({
      id: 45,
      at: '2021-11-02T07:21:00.000Z',
      code: 7045,
      keywords: 0x8080000000000000n,
      channel: 'System',
      provider: 'Service Control Manager',
      data: xml({
        template: SERVICE,
        values: [
          text('PSEXESVC'),
          text('%SystemRoot%\\PSEXESVC.exe'),
          text('user mode service'),
          text('demand start'),
          text('LocalSystem'),
        ],
      }),
    }),
    event({
      id: 46,
      at: '2021-11-02T07:22:00.000Z',
      code: 1102,
      keywords: 0x4020000000000000n,
      provider: 'Microsoft-Windows-Eventlog',
      data: xml({ template: CLEARED, values: [KIM, text('k.maier'), text('EXAMPLE'), integer(0x15, 8, 0x1a2b3c)] }),
    }),
    event({
      id: 47,
      at: '2021-11-02T07:23:00.000Z',
      code: 1,
      keywords: 0x80000000000000n,
      channel: 'Application',
      provider: 'Example App',
      data: xml({
        template: CLASSIC,
        values: [
          texts('first line', 'connection from 203.0.113.9', ''),
          { type: 0x0e, bytes: Buffer.from('c0ffee', 'hex') },
        ],
      }),
    }),
  ],
];

export const INCIDENT_LOG: Buffer = writeEvtx(INCIDENT.map((events) => writeChunk(events)));
