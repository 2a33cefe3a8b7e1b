/** What the envelope says about an event besides its data (Microsoft, "Windows security audit events"). */
export interface Kind {
  readonly channel: string;
  readonly provider: string;
  readonly guid?: string;
  readonly task: string;
  readonly taskNumber: number;
  readonly action: string;
  readonly message: string;
  readonly failed?: boolean;
}

const AUDIT = '{54849625-5478-4994-a5ba-3e3b0328c30d}';

const security = (task: string, taskNumber: number, action: string, message: string, failed = false): Kind => ({
  channel: 'Security',
  provider: 'Microsoft-Windows-Security-Auditing',
  guid: AUDIT,
  task,
  taskNumber,
  action,
  message,
  failed,
});

export const KINDS: Readonly<Record<number, Kind>> = {
  1: {
    channel: 'MSExchange Management',
    provider: 'MSExchange CmdletLogs',
    task: 'General',
    taskNumber: 1,
    action: 'General',
    message: 'Cmdlet suceeded.',
  },
  1102: {
    channel: 'Security',
    provider: 'Microsoft-Windows-Eventlog',
    guid: '{fc65ddd8-d6ef-4962-83d5-6e5cfe9ce148}',
    task: 'Log clear',
    taskNumber: 104,
    action: 'Log clear',
    message: 'The audit log was cleared.',
  },
  4624: security('Logon', 12544, 'logged-in', 'An account was successfully logged on.'),
  4625: security('Logon', 12544, 'logon-failed', 'An account failed to log on.', true),
  4634: security('Logoff', 12545, 'logged-out', 'An account was logged off.'),
  4647: security('Logoff', 12545, 'logged-out', 'User initiated logoff.'),
  4672: security('Special Logon', 12548, 'logged-in-special', 'Special privileges assigned to new logon.'),
  4688: security('Process Creation', 13312, 'created-process', 'A new process has been created.'),
  4768: security(
    'Kerberos Authentication Service',
    14339,
    'kerberos-authentication-ticket-requested',
    'A Kerberos authentication ticket (TGT) was requested.',
  ),
  4769: security(
    'Kerberos Service Ticket Operations',
    14337,
    'kerberos-service-ticket-requested',
    'A Kerberos service ticket was requested.',
  ),
  4771: security(
    'Kerberos Authentication Service',
    14339,
    'kerberos-preauth-failed',
    'Kerberos pre-authentication failed.',
    true,
  ),
  7036: {
    channel: 'System',
    provider: 'Service Control Manager',
    guid: '{555908d1-a6d7-4695-8e1e-26931d2012f4}',
    task: 'None',
    taskNumber: 0,
    action: 'None',
    message: 'A service changed its state.',
  },
  7045: {
    channel: 'System',
    provider: 'Service Control Manager',
    guid: '{555908d1-a6d7-4695-8e1e-26931d2012f4}',
    task: 'None',
    taskNumber: 0,
    action: 'None',
    message: 'A service was installed in the system.',
  },
};
