import { describe, expect, it } from 'vitest';
import windows from '../../parsers/auth/windows-security.ts';
import type { RawRecord } from '../../src/parse/parser.ts';
import { eventOf, expectRobust, readLines, recordsOf } from './lines.ts';

const DATA = {
  TargetUserName: 'k.maier',
  TargetDomainName: 'KLINIK',
  TargetLogonId: '0x3f2a1',
  LogonType: '10',
  IpAddress: '::ffff:198.51.100.23',
  IpPort: '50211',
  WorkstationName: 'KALI',
};
const BEATS = JSON.stringify({
  '@timestamp': '2021-10-31T22:14:07.123Z',
  winlog: {
    event_id: '4624',
    channel: 'Security',
    provider_name: 'Microsoft-Windows-Security-Auditing',
    computer_name: 'TS01.klinik.example',
    record_id: '88123',
    event_data: DATA,
  },
  host: { name: 'collector' },
});
const NXLOG = JSON.stringify({
  EventTime: '2021-10-31 23:14:07',
  Hostname: 'TS01.klinik.example',
  EventID: 4625,
  SourceName: 'Microsoft-Windows-Security-Auditing',
  Channel: 'Security',
  RecordNumber: 88124,
  ...DATA,
  Status: '0xC000006D',
  SubStatus: '0xC000006A',
  EventReceivedTime: '2021-10-31 23:14:09',
});
const WAZUH = JSON.stringify({
  win: {
    system: { eventID: '4720', channel: 'Security', computer: 'DC01', systemTime: '2021-10-31T22:20:00.1234567Z' },
    eventdata: { targetUserName: 'svc_backup2', subjectUserName: 'k.maier', subjectDomainName: 'KLINIK' },
  },
});
const EVTX = JSON.stringify({
  Event: {
    System: {
      EventID: { '#attributes': { Qualifiers: 16384 }, '#text': 7045 },
      Channel: 'System',
      Computer: 'FS01',
      Provider: { '#attributes': { Name: 'Service Control Manager' } },
      TimeCreated: { '#attributes': { SystemTime: '2021-11-04T03:11:00.000000Z' } },
    },
    EventData: { ServiceName: 'PSEXESVC', ImagePath: '%SystemRoot%\\PSEXESVC.exe' },
  },
});
const CLEARED = JSON.stringify({
  Event: {
    System: { EventID: 1102, Channel: 'Security', Computer: 'DC01' },
    UserData: { LogFileCleared: { SubjectUserName: 'k.maier', SubjectDomainName: 'KLINIK' } },
  },
});
const LINES = [BEATS, NXLOG, WAZUH, EVTX, CLEARED];

describe('windows-security', () => {
  it('reads a Winlogbeat logon', () => {
    const { act, fields } = eventOf(windows, BEATS);
    expect(act).toBe('login');
    expect(fields).toMatchObject({
      '@timestamp': Date.parse('2021-10-31T22:14:07.123Z') * 1000,
      'user.name': 'k.maier',
      'user.domain': 'KLINIK',
      'source.ip': '198.51.100.23',
      'source.port': 50211,
      'source.domain': 'KALI',
      'host.name': 'TS01.klinik.example',
      'winlog.logon.type': '10',
      'service.type': 'rdp',
      'event.outcome': 'success',
      'winlog.event_data.IpAddress': '::ffff:198.51.100.23',
    });
  });

  it('reads an NXLog failure in local time, and why it failed', () => {
    const { fields } = eventOf(windows, NXLOG, { zone: 'Europe/Berlin' });
    expect(fields).toMatchObject({
      '@timestamp': Date.parse('2021-10-31T22:14:07Z') * 1000,
      'event.outcome': 'failure',
      'event.reason': 'wrong password',
      'einfallstor.time.basis': 'configured',
    });
  });

  it('reads Wazuh, evtx_dump and UserData', () => {
    expect(eventOf(windows, WAZUH)).toMatchObject({
      act: 'account-created',
      fields: { 'user.name': 'k.maier', 'user.target.name': 'svc_backup2' },
    });
    expect(eventOf(windows, EVTX)).toMatchObject({
      act: 'service-installed',
      fields: { 'service.name': 'PSEXESVC', 'process.executable': '%SystemRoot%\\PSEXESVC.exe', 'host.name': 'FS01' },
    });
    expect(eventOf(windows, CLEARED)).toMatchObject({
      act: 'log-cleared',
      fields: { 'user.name': 'k.maier', 'einfallstor.warnings': ['time-missing'] },
    });
  });

  it.each(['-', '::1', 'LOCAL', '', '127.0.0.1'])('does not invent a remote address from %j', (IpAddress) => {
    const line = JSON.stringify({ EventID: 4624, Channel: 'Security', Computer: 'A', ...DATA, IpAddress });
    expect(eventOf(windows, line).fields['source.ip']).toBe(/^[:1]/.test(IpAddress) ? IpAddress : undefined);
  });

  it('leaves other JSON alone', () => {
    expect(windows.claims?.(recordsOf(['{"EventID": "login", "user": "x"}'])[0] as RawRecord)).toBe(false);
    expect(
      windows.claims?.(
        recordsOf(['{"Operation":"UserLoggedIn","Id":"1","Workload":"AzureActiveDirectory"}'])[0] as RawRecord,
      ),
    ).toBe(false);
    expect(readLines(windows, ['{"EventID": 4624, "Channel": "Sec'])[0]).toMatchObject({ kind: 'rejected' });
  });

  it('never throws, never takes long', () => expectRobust(windows, LINES));
});
