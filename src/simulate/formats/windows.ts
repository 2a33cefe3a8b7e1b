import { dateOf, isoMillis, timeOf } from '../clock.ts';
import { type Device, type Journal, stampOf, type Written } from '../journal.ts';
import type { Random } from '../random.ts';
import { fqdn, type Host, sidOf, type World } from '../world.ts';
import { KINDS, type Kind } from './windows-kinds.ts';

/** Windows event log forwarded as JSON lines: by Winlogbeat 7.17 (ECS envelope) or NXLog CE im_msvistalog (flat). */

interface WindowsOptions {
  readonly device: Device;
  readonly journal: Journal;
  readonly random: Random;
  readonly world: World;
  readonly style: 'winlogbeat' | 'nxlog';
}

type Data = Readonly<Record<string, string>>;

export interface Logon {
  readonly host: Host;
  readonly user: string;
  /** 2 console · 3 network · 5 service · 7 unlock · 10 remote desktop. */
  readonly type: number;
  readonly from?: Host | { readonly name: string; readonly address: string };
  /** A local account of the host instead of a domain account. */
  readonly local?: boolean;
  readonly ntlm?: boolean;
}

export class WindowsLog {
  readonly #o: WindowsOptions;
  readonly #firstRecord = new Map<string, number>();

  constructor(options: WindowsOptions) {
    this.#o = options;
  }

  event(time: number, host: Host, id: number, data: Data): Written {
    const kind = KINDS[id];
    if (kind === undefined) throw new Error(`no template for Windows event ${id}`);
    const { random, style } = this.#o;
    const first = this.#firstRecord.get(host.name) ?? random.int(20_000, 9_000_000);
    this.#firstRecord.set(host.name, first);
    const pid = kind.channel === 'Security' ? 4 * random.int(150, 220) : 4 * random.int(120, 160);
    const thread = 4 * random.int(200, 2500);
    const envelope = style === 'winlogbeat' ? this.#winlogbeat : this.#nxlog;
    return this.#o.journal.write(this.#o.device, time, (line) => {
      const text = JSON.stringify(envelope.call(this, time, host, id, kind, data, first + line, pid, thread));
      // NXLog writes this 64-bit number bare; JavaScript cannot hold it
      return text.replace(/"Keywords":"(-\d+)"/, '"Keywords":$1');
    });
  }

  #winlogbeat(
    time: number,
    host: Host,
    id: number,
    kind: Kind,
    data: Data,
    record: number,
    pid: number,
    thread: number,
  ): unknown {
    const name = fqdn(this.#o.world, host);
    const failed = kind.failed ?? false;
    return {
      '@timestamp': isoMillis(stampOf(this.#o.device, time)),
      winlog: {
        api: 'wineventlog',
        opcode: 'Info',
        channel: kind.channel,
        computer_name: name,
        event_id: String(id),
        provider_name: kind.provider,
        ...(kind.guid === undefined ? {} : { provider_guid: kind.guid }),
        record_id: record,
        task: kind.task,
        ...(kind.channel === 'Security'
          ? { keywords: [failed ? 'Audit Failure' : 'Audit Success'] }
          : { keywords: ['Classic'] }),
        event_data: data,
        process: { pid, thread: { id: thread } },
      },
      event: {
        kind: 'event',
        code: String(id),
        provider: kind.provider,
        action: kind.action,
        ...(kind.channel === 'Security' ? { outcome: failed ? 'failure' : 'success' } : {}),
      },
      host: { name },
      log: { level: 'information' },
      agent: { type: 'winlogbeat', version: '7.17.9', hostname: host.name },
      ecs: { version: '1.12.0' },
    };
  }

  #nxlog(
    time: number,
    host: Host,
    id: number,
    kind: Kind,
    data: Data,
    record: number,
    pid: number,
    thread: number,
  ): unknown {
    const c = stampOf(this.#o.device, time);
    const failed = kind.failed ?? false;
    const security = kind.channel === 'Security';
    return {
      EventTime: `${dateOf(c)} ${timeOf(c)}`,
      Hostname: fqdn(this.#o.world, host),
      Keywords: security ? (failed ? '-9218868437227405312' : '-9214364837600034816') : '-9187343239835811840',
      EventType: security ? (failed ? 'AUDIT_FAILURE' : 'AUDIT_SUCCESS') : 'INFO',
      SeverityValue: failed ? 4 : 2,
      Severity: failed ? 'ERROR' : 'INFO',
      EventID: id,
      SourceName: kind.provider,
      ...(kind.guid === undefined ? {} : { ProviderGuid: kind.guid }),
      Version: 0,
      Task: kind.taskNumber,
      OpcodeValue: 0,
      RecordNumber: record,
      ProcessID: pid,
      ThreadID: thread,
      Channel: kind.channel,
      Message: kind.message,
      Category: kind.task,
      ...data,
      EventReceivedTime: `${dateOf(c)} ${timeOf(c)}`,
      SourceModuleName: 'eventlog',
      SourceModuleType: 'im_msvistalog',
    };
  }

  #subject(user: string): Data {
    const { world } = this.#o;
    const system = user === 'SYSTEM';
    return {
      SubjectUserSid: system ? 'S-1-5-18' : sidOf(world, user),
      SubjectUserName: system ? 'SYSTEM' : user,
      SubjectDomainName: system ? 'NT AUTHORITY' : world.netbios,
      SubjectLogonId: system ? '0x3e7' : `0x${this.#o.random.hex(7)}`,
    };
  }

  #target(logon: Logon): Data {
    const { world } = this.#o;
    if (logon.user === 'SYSTEM')
      return { TargetUserSid: 'S-1-5-18', TargetUserName: 'SYSTEM', TargetDomainName: 'NT AUTHORITY' };
    return {
      TargetUserSid: logon.local === true ? `S-1-5-21-${world.sid.slice(9, 20)}-500` : sidOf(world, logon.user),
      TargetUserName: logon.user,
      TargetDomainName: logon.local === true ? logon.host.name : world.netbios,
    };
  }

  #origin(logon: Logon): Data {
    const remote = logon.from !== undefined;
    return {
      WorkstationName: logon.type === 10 ? logon.host.name : (logon.from?.name ?? logon.host.name),
      IpAddress: logon.from?.address ?? '-',
      IpPort: remote ? (logon.type === 10 ? '0' : String(this.#o.random.int(49152, 65500))) : '-',
    };
  }

  /** 4624. */
  logon(time: number, logon: Logon): Written {
    const { random } = this.#o;
    const network = logon.type === 3;
    const data: Data = {
      ...(network
        ? { SubjectUserSid: 'S-1-0-0', SubjectUserName: '-', SubjectDomainName: '-', SubjectLogonId: '0x0' }
        : this.#subject('SYSTEM')),
      ...this.#target(logon),
      TargetLogonId: `0x${random.hex(7)}`,
      LogonType: String(logon.type),
      LogonProcessName:
        logon.type === 10 ? 'User32 ' : network ? (logon.ntlm === true ? 'NtLmSsp ' : 'Kerberos') : 'Advapi  ',
      AuthenticationPackageName: network ? (logon.ntlm === true ? 'NTLM' : 'Kerberos') : 'Negotiate',
      ...this.#origin(logon),
      LogonGuid: `{${random.guid()}}`,
      TransmittedServices: '-',
      LmPackageName: logon.ntlm === true ? 'NTLM V2' : '-',
      KeyLength: logon.ntlm === true ? '128' : '0',
      ProcessId: network ? '0x0' : `0x${random.hex(3)}`,
      ProcessName: network ? '-' : 'C:\\Windows\\System32\\svchost.exe',
      ImpersonationLevel: '%%1833',
      ElevatedToken: '%%1842',
    };
    return this.event(time, logon.host, 4624, data);
  }

  /** 4625; `unknown` when the account does not exist. */
  logonFailure(time: number, logon: Logon, unknown = false): Written {
    return this.event(time, logon.host, 4625, {
      SubjectUserSid: 'S-1-0-0',
      SubjectUserName: '-',
      SubjectDomainName: '-',
      SubjectLogonId: '0x0',
      TargetUserSid: 'S-1-0-0',
      TargetUserName: logon.user,
      TargetDomainName: logon.local === true ? '' : this.#o.world.netbios,
      Status: '0xc000006d',
      FailureReason: '%%2313',
      SubStatus: unknown ? '0xc0000064' : '0xc000006a',
      LogonType: String(logon.type),
      LogonProcessName: 'NtLmSsp ',
      AuthenticationPackageName: 'NTLM',
      ...this.#origin(logon),
      TransmittedServices: '-',
      LmPackageName: '-',
      KeyLength: '0',
      ProcessId: '0x0',
      ProcessName: '-',
    });
  }

  /** 4634 when it was a network logon, 4647 otherwise. */
  logoff(time: number, logon: Logon): Written {
    const data = { ...this.#target(logon), TargetLogonId: `0x${this.#o.random.hex(7)}` };
    return logon.type === 3
      ? this.event(time, logon.host, 4634, { ...data, LogonType: '3' })
      : this.event(time, logon.host, 4647, data);
  }

  /** 4672. */
  privileges(time: number, host: Host, user: string): Written {
    return this.event(time, host, 4672, {
      ...this.#subject(user),
      PrivilegeList:
        'SeSecurityPrivilege\n\t\t\tSeBackupPrivilege\n\t\t\tSeRestorePrivilege\n\t\t\tSeTakeOwnershipPrivilege\n\t\t\tSeDebugPrivilege',
    });
  }

  /** 4768 (ticket-granting ticket) on a domain controller; fails with 4771 when `ok` is false. */
  ticket(time: number, dc: Host, user: string, from: string, ok = true): Written {
    const { random, world } = this.#o;
    const base = {
      TargetUserName: user,
      TargetSid: sidOf(world, user),
      ServiceName: ok ? 'krbtgt' : `krbtgt/${world.netbios}`,
    };
    const client = { IpAddress: `::ffff:${from}`, IpPort: String(random.int(49152, 65500)) };
    if (!ok)
      return this.event(time, dc, 4771, {
        ...base,
        TicketOptions: '0x40810010',
        Status: '0x18',
        PreAuthType: '2',
        ...client,
        CertIssuerName: '',
        CertSerialNumber: '',
        CertThumbprint: '',
      });
    return this.event(time, dc, 4768, {
      ...base,
      TargetDomainName: world.netbios,
      ServiceSid: `${world.sid}-502`,
      TicketOptions: '0x40810010',
      Status: '0x0',
      TicketEncryptionType: '0x12',
      PreAuthType: '2',
      ...client,
      CertIssuerName: '',
      CertSerialNumber: '',
      CertThumbprint: '',
    });
  }

  /** 4769; `rc4` is what roasting tools ask for. */
  serviceTicket(time: number, dc: Host, user: string, service: string, from: string, rc4 = false): Written {
    const { random, world } = this.#o;
    return this.event(time, dc, 4769, {
      TargetUserName: `${user}@${world.domain.toUpperCase()}`,
      TargetDomainName: world.domain.toUpperCase(),
      ServiceName: service,
      ServiceSid: `${world.sid}-${random.int(1100, 1999)}`,
      TicketOptions: '0x40810000',
      TicketEncryptionType: rc4 ? '0x17' : '0x12',
      IpAddress: `::ffff:${from}`,
      IpPort: String(random.int(49152, 65500)),
      Status: '0x0',
      LogonGuid: `{${random.guid()}}`,
      TransmittedServices: '-',
    });
  }

  /** 4688. */
  process(time: number, host: Host, user: string, program: string, commandLine: string, parent: string): Written {
    return this.event(time, host, 4688, {
      ...this.#subject(user),
      NewProcessId: `0x${this.#o.random.hex(4)}`,
      NewProcessName: program,
      TokenElevationType: '%%1936',
      ProcessId: `0x${this.#o.random.hex(3)}`,
      CommandLine: commandLine,
      TargetUserSid: 'S-1-0-0',
      TargetUserName: '-',
      TargetDomainName: '-',
      TargetLogonId: '0x0',
      ParentProcessName: parent,
      MandatoryLabel: 'S-1-16-12288',
    });
  }

  /** 7045, from the service control manager in the System log. */
  service(time: number, host: Host, name: string, image: string): Written {
    return this.event(time, host, 7045, {
      ServiceName: name,
      ImagePath: image,
      ServiceType: 'user mode service',
      StartType: 'demand start',
      AccountName: 'LocalSystem',
    });
  }

  /** 1102. */
  cleared(time: number, host: Host, user: string): Written {
    return this.event(time, host, 1102, this.#subject(user));
  }
}
