import { own } from '../../core/own.ts';

/** The account sections of English Security texts, as the data names start. */
const SECTIONS: Readonly<Record<string, string>> = {
  subject: 'Subject',
  'creator subject': 'Subject',
  'new logon': 'Target',
  'account for which logon failed': 'Target',
  'account whose credentials were used': 'Target',
  'target account': 'Target',
  'account that was locked out': 'Target',
  'new account': 'Target',
  'account information': 'Target',
  group: 'Target',
  'new group': 'Target',
};

/** Names within an account section, and names that mean the same anywhere. */
const IN_SECTION: Readonly<Record<string, string>> = {
  'account name': 'UserName', 'user name': 'UserName', 'group name': 'UserName', 'account domain': 'DomainName', domain: 'DomainName',
  'group domain': 'DomainName', 'security id': 'UserSid', 'logon id': 'LogonId',
}; // biome-ignore format: a table
const ANYWHERE: Readonly<Record<string, string>> = {
  'logon type': 'LogonType', 'workstation name': 'WorkstationName', 'source workstation': 'Workstation', 'source network address': 'IpAddress',
  'network address': 'IpAddress', 'client address': 'IpAddress', 'source port': 'IpPort', 'client port': 'IpPort', port: 'IpPort',
  'logon process': 'LogonProcessName', 'authentication package': 'AuthenticationPackageName', status: 'Status', 'sub status': 'SubStatus',
  'error code': 'Status', 'failure code': 'Status', 'result code': 'Status', 'failure reason': 'FailureReason', 'logon account': 'TargetUserName',
  'new process id': 'NewProcessId', 'new process name': 'NewProcessName', 'process id': 'ProcessId', 'process name': 'ProcessName',
  'caller process name': 'ProcessName', 'creator process name': 'ParentProcessName', 'process command line': 'CommandLine',
  'share name': 'ShareName', 'relative target name': 'RelativeTargetName', 'service name': 'ServiceName', 'service file name': 'ServiceFileName',
  'task name': 'TaskName', 'target server name': 'TargetServerName', 'user name': 'TargetUserName', 'domain name': 'TargetDomainName',
}; // biome-ignore format: a table

/**
 * Event data out of a rendered message, for exports that lost the data: English Security texts (`Subject:`, `Account
 * Name:\tx`) and Sysmon's (`Image: x`). The first of a name counts. At most 200 lines.
 */
export const readWindowsMessage = (message: string): Map<string, string> => {
  const data = new Map<string, string>();
  let section = '';
  for (const line of message.slice(0, 32_768).split(/\r?\n|\\r\\n|\\n/, 200)) {
    const colon = line.indexOf(':');
    if (colon < 1 || colon > 80) continue;
    const name = line.slice(0, colon).replaceAll('\\t', '').trim();
    const value = line
      .slice(colon + 1)
      .replaceAll('\\t', '')
      .trim();
    const word = name.toLowerCase();
    if (value === '') section = own(SECTIONS, word) ?? '';
    const inner = own(IN_SECTION, word);
    const key =
      section !== '' && inner !== undefined
        ? section + inner
        : (ANYWHERE[word] ?? (/^[A-Z]\w{1,40}$/.test(name) ? name : undefined));
    if (value !== '' && value !== '-' && key !== undefined && !data.has(key)) data.set(key, value);
  }
  return data;
};
