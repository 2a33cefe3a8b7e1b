import type { Act } from '../../ecs/acts.ts';

/** Whose name `user.name` is: the account that a logon or ticket is for, or the one that acted. */
export type Who = 'target' | 'subject';

/** What an event id says. */
export interface WindowsKind {
  readonly act: Act;
  readonly action: string;
  readonly category: readonly string[];
  readonly type: readonly string[];
  readonly who: Who;
  readonly outcome?: 'success' | 'failure';
}

/**
 * `code act action category type [who] [outcome]`, a line per event; lists joined by `+`. Codes and meaning:
 * https://learn.microsoft.com/windows/security/threat-protection/auditing/advanced-security-audit-policy-settings and
 * the manifests of the other providers. Scope in front: a code means something else in another log.
 */
const ROWS: Readonly<Record<string, string>> = {
  security: `
    4624 login logged-in authentication start target success
    4625 login logon-failed authentication info target failure
    4825 login remote-desktop-denied authentication info target failure
    6272 login network-policy-granted authentication start subject success
    6273 login network-policy-denied authentication info subject failure
    6274 login network-policy-discarded authentication info subject failure
    4776 login credential-validated authentication start target
    4771 login kerberos-preauth-failed authentication info target failure
    4777 login credential-validation-failed authentication info target failure
    4778 login session-reconnected authentication+session start target success
    4634 logout logged-out authentication end target success
    4647 logout logged-out authentication end target success
    4779 logout session-disconnected authentication+session end target success
    4648 explicit-credentials logged-in-explicit authentication start subject
    4672 privileges-assigned logged-in-special iam admin subject
    4964 privileges-assigned logged-in-special iam admin target
    4768 kerberos-ticket kerberos-authentication-ticket-requested authentication start target
    4769 kerberos-ticket kerberos-service-ticket-requested authentication start target
    4770 kerberos-ticket kerberos-service-ticket-renewed authentication start target
    4772 kerberos-ticket kerberos-authentication-ticket-failed authentication info target failure
    4773 kerberos-ticket kerberos-service-ticket-failed authentication info target failure
    4688 process-start created-process process start subject
    4689 other exited-process process end subject
    4697 service-installed service-installed configuration+iam change+creation subject
    4698 task-created scheduled-task-created configuration+iam creation+admin subject
    4699 other scheduled-task-deleted configuration+iam deletion+admin subject
    4700 task-created scheduled-task-enabled configuration+iam change+admin subject
    4701 other scheduled-task-disabled configuration+iam change+admin subject
    4702 task-created scheduled-task-updated configuration+iam change+admin subject
    4720 account-created added-user-account iam user+creation subject
    4741 account-created added-computer-account iam creation+admin subject
    4722 account-changed enabled-user-account iam user+change subject
    4723 account-changed changed-password iam user+change subject
    4724 account-changed reset-password iam user+change subject
    4725 account-changed disabled-user-account iam user+deletion subject
    4726 account-changed deleted-user-account iam user+deletion subject
    4738 account-changed modified-user-account iam user+change subject
    4742 account-changed changed-computer-account iam change+admin subject
    4743 account-changed deleted-computer-account iam deletion+admin subject
    4765 account-changed added-sid-history iam user+change subject
    4766 account-changed failed-sid-history iam user+change subject failure
    4767 account-changed unlocked-user-account iam user+change subject
    4780 account-changed set-admin-acl iam user+change subject
    4781 account-changed renamed-user-account iam user+change subject
    4794 account-changed set-restore-mode-password iam user+change subject
    4717 account-changed granted-system-access iam admin+change subject
    4718 account-changed removed-system-access iam admin+deletion subject
    4704 account-changed granted-user-right iam admin+change subject
    4705 account-changed removed-user-right iam admin+deletion subject
    4740 account-locked locked-out-user-account iam user+change subject
    4727 group-changed added-group-account iam group+creation subject
    4731 group-changed added-group-account iam group+creation subject
    4744 group-changed added-distribution-group-account iam group+creation subject
    4749 group-changed added-distribution-group-account iam group+creation subject
    4754 group-changed added-group-account iam group+creation subject
    4759 group-changed added-distribution-group-account iam group+creation subject
    4728 group-changed added-member-to-group iam group+change subject
    4732 group-changed added-member-to-group iam group+change subject
    4746 group-changed added-member-to-distribution-group iam group+change subject
    4751 group-changed added-member-to-distribution-group iam group+change subject
    4756 group-changed added-member-to-group iam group+change subject
    4761 group-changed added-member-to-distribution-group iam group+change subject
    4729 group-changed removed-member-from-group iam group+change subject
    4733 group-changed removed-member-from-group iam group+change subject
    4747 group-changed removed-member-from-distribution-group iam group+change subject
    4752 group-changed removed-member-from-distribution-group iam group+change subject
    4757 group-changed removed-member-from-group iam group+change subject
    4762 group-changed removed-member-from-distribution-group iam group+change subject
    4730 group-changed deleted-group-account iam group+deletion subject
    4734 group-changed deleted-group-account iam group+deletion subject
    4748 group-changed deleted-distribution-group-account iam group+deletion subject
    4753 group-changed deleted-distribution-group-account iam group+deletion subject
    4758 group-changed deleted-group-account iam group+deletion subject
    4763 group-changed deleted-distribution-group-account iam group+deletion subject
    4735 group-changed modified-group-account iam group+change subject
    4737 group-changed modified-group-account iam group+change subject
    4745 group-changed changed-distribution-group-account iam group+change subject
    4750 group-changed changed-distribution-group-account iam group+change subject
    4755 group-changed modified-group-account iam group+change subject
    4760 group-changed changed-distribution-group-account iam group+change subject
    4764 group-changed type-changed-group-account iam group+change subject
    4798 directory-access group-membership-enumerated iam user+info subject
    4799 directory-access user-member-enumerated iam group+info subject
    4661 directory-access handle-requested iam access subject
    4662 directory-access object-operation iam access subject
    5136 directory-access directory-object-modified iam change subject
    5137 directory-access directory-object-created iam creation subject
    5138 directory-access directory-object-undeleted iam creation subject
    5139 directory-access directory-object-moved iam change subject
    5141 directory-access directory-object-deleted iam deletion subject
    4656 other handle-requested file access subject
    4658 other handle-closed file info subject
    4660 other object-deleted file deletion subject
    4663 other object-accessed file access subject
    4670 other permissions-changed file change subject
    4657 other registry-value-modified registry change subject
    5140 share-access network-share-object-accessed network+file info+access subject
    5145 share-access network-share-object-access-checked network+file info+access subject
    5142 share-access network-share-object-added network+file creation subject
    5143 share-access network-share-object-modified network+file change subject
    5144 share-access network-share-object-deleted network+file deletion subject
    5156 flow connection-allowed network connection+allowed subject
    5157 flow-denied connection-blocked network connection+denied subject
    5150 flow-denied packet-blocked network connection+denied subject
    5152 flow-denied packet-blocked network connection+denied subject
    5154 other listen-allowed network info subject
    5158 other bind-allowed network info subject
    1102 log-cleared audit-log-cleared iam admin+change subject
    1100 source-state event-log-stopped host end subject
    1104 source-state security-log-full host info subject
    4608 source-state windows-started host start subject
    4609 source-state windows-stopped host end subject
    4616 source-state system-time-changed host change subject
    4706 config-change domain-trust-added configuration creation subject
    4707 config-change domain-trust-removed configuration deletion subject
    4713 config-change kerberos-policy-changed configuration change subject
    4719 config-change changed-audit-config configuration change subject
    4739 config-change changed-domain-policy configuration change subject
    4817 config-change changed-object-audit-config configuration change subject
    4907 config-change changed-object-audit-config configuration change subject
    4912 config-change changed-user-audit-config configuration change subject
    4946 config-change firewall-rule-added configuration creation subject
    4947 config-change firewall-rule-modified configuration change subject
    4948 config-change firewall-rule-deleted configuration deletion subject
    4950 config-change firewall-setting-changed configuration change subject
    4886 other certificate-requested iam info subject
    4887 other certificate-issued iam info subject
    4800 other workstation-locked session info target
    4801 other workstation-unlocked session info target
    6416 other external-device-recognised host info subject`,
  system: `
    1100 source-state event-log-stopped host end subject
    1102 log-cleared audit-log-cleared iam admin+change subject
    1104 source-state security-log-full host info subject
    104 log-cleared log-cleared iam admin+change subject
    7045 service-installed service-installed configuration change+creation subject
    7036 other service-state-changed process change subject
    7040 config-change service-start-type-changed configuration change subject
    7034 other service-crashed process end subject failure
    1074 source-state shutdown-initiated host change subject
    1 source-state system-time-changed host change subject
    12 source-state windows-started host start subject
    13 source-state windows-stopped host end subject
    41 source-state unclean-reboot host start subject
    6005 source-state event-log-started host start subject
    6006 source-state event-log-stopped host end subject
    6008 source-state unclean-shutdown host end subject`,
  'session-manager': `
    21 login session-logon authentication+session start target success
    22 other shell-start session info target success
    23 logout session-logoff authentication+session end target success
    24 logout session-disconnected authentication+session end target success
    25 login session-reconnected authentication+session start target success
    39 logout session-disconnected-by session end target success
    40 logout session-disconnected-reason session end target success`,
  'connection-manager': `
    261 other rdp-connection-received network connection+start target
    1149 login remote-connection-authenticated authentication start target success
    1158 other rdp-connection-received network connection+start target`,
  'rdp-core': `
    131 other rdp-connection-accepted session connection+start target
    140 login rdp-login-failed authentication info target failure`,
  'task-scheduler': `
    106 task-created scheduled-task-registered configuration+iam creation+admin target
    140 task-created scheduled-task-updated configuration+iam change+admin target
    141 other scheduled-task-deleted configuration+iam deletion+admin target
    142 other scheduled-task-disabled configuration+iam change+admin target`,
  'desktop-gateway': `
    200 login gateway-authorised authentication start target success
    201 login gateway-refused authentication info target failure
    300 other resource-authorised session info target success
    301 other resource-refused session info target failure
    302 other resource-connected session start target success
    303 other resource-disconnected session end target success
    304 other resource-unreachable session info target failure`,
  ntlm: `
    8001 other ntlm-outgoing-audited authentication info target
    8002 other ntlm-incoming-audited authentication info target
    8003 other ntlm-domain-audited authentication info target
    8004 other ntlm-domain-controller-audited authentication info target`,
  federation: `
    1200 login token-issued authentication start target success
    1201 login token-refused authentication info target failure
    1202 login credentials-validated authentication start target success
    1203 login credentials-refused authentication info target failure
    411 login token-validation-failed authentication info target failure
    342 login token-validation-failed authentication info target failure
    1204 account-changed password-changed iam user+change target success
    1205 account-changed password-change-failed iam user+change target failure
    1206 logout signed-out authentication end target success
    1210 account-locked extranet-lockout authentication info target
    516 account-locked extranet-lockout authentication info target`,
  'sql-server': `
    18452 login sql-login-failed authentication info target failure
    18453 login sql-login-succeeded authentication start target success
    18454 login sql-login-succeeded authentication start target success
    18455 login sql-login-succeeded authentication start target success
    18456 login sql-login-failed authentication info target failure
    18470 login sql-login-disabled authentication info target failure
    18486 login sql-login-locked authentication info target failure
    18487 login sql-login-expired authentication info target failure
    15457 config-change sql-option-changed configuration change target`,
  'exchange-transport': '1035 login smtp-login-failed authentication info target failure',
  tightvnc: `
    257 login vnc-login authentication start target success
    258 login vnc-login-failed authentication info target failure`,
  openssh: '4 other sshd-message host info target',
  applocker: `
    8002 process-start program-allowed process start target
    8003 process-start program-audited process start target
    8004 other program-blocked process denied target failure
    8005 process-start script-allowed process start target
    8006 process-start script-audited process start target
    8007 other script-blocked process denied target failure`,
  sysmon: `
    1 process-start process-created process start target
    2 other file-time-changed file change target
    3 flow network-connection network connection+start target
    5 other process-terminated process end target
    6 other driver-loaded driver start target
    7 other image-loaded process change target
    8 other remote-thread-created process change target
    10 other process-accessed process access target
    11 other file-created file creation target
    12 other registry-key-changed registry change target
    13 other registry-value-set registry change target
    14 other registry-key-renamed registry change target
    15 other file-stream-created file access target
    16 config-change sysmon-config-changed configuration change target
    17 other pipe-created file creation target
    18 other pipe-connected file access target
    22 dns-query dns-query network protocol+info target
    23 other file-deleted file deletion target
    26 other file-deleted file deletion target`,
  powershell: `
    4104 other script-block process info target
    4103 other pipeline-execution process info target
    400 other engine-started process start target
    403 other engine-stopped process end target
    800 other pipeline-execution process info target`,
  defender: `
    1006 threat malware-detected malware info target
    1007 threat malware-action-taken malware info target
    1008 threat malware-action-failed malware info target failure
    1015 threat suspicious-behaviour malware info target
    1116 threat malware-detected malware info target
    1117 threat malware-action-taken malware info target
    1118 threat malware-action-failed malware info target failure
    1119 threat malware-action-failed malware info target failure
    5001 config-change real-time-protection-disabled configuration change target
    5004 config-change real-time-protection-changed configuration change target
    5007 config-change configuration-changed configuration change target
    5010 config-change scanning-disabled configuration change target
    5012 config-change virus-scanning-disabled configuration change target`,
};

const kindOf = (row: string): [string, WindowsKind] => {
  const [code, act, action, category, type, who, outcome] = row.trim().split(' ') as [
    string,
    Act,
    string,
    string,
    string,
    Who,
    'success' | undefined,
  ];
  return [
    code,
    { act, action, category: category.split('+'), type: type.split('+'), who, ...(outcome && { outcome }) },
  ];
};

/** By scope, then by event id. */
export const WINDOWS_KINDS: Readonly<Record<string, ReadonlyMap<string, WindowsKind>>> = Object.fromEntries(
  Object.entries(ROWS).map(([scope, rows]) => [scope, new Map(rows.trim().split('\n').map(kindOf))]),
);

/** NTSTATUS of failed logons (4625, 4776), [MS-ERREF] 2.3. */
export const LOGON_STATUS: Readonly<Record<string, string>> = {
  '0xc000005e': 'no logon servers available',
  '0xc0000064': 'user name does not exist',
  '0xc000006a': 'wrong password',
  '0xc000006d': 'bad user name or password',
  '0xc000006e': 'account restriction',
  '0xc000006f': 'outside allowed logon hours',
  '0xc0000070': 'workstation not allowed',
  '0xc0000071': 'password expired',
  '0xc0000072': 'account disabled',
  '0xc00000dc': 'server in the wrong state',
  '0xc0000133': 'clocks out of sync',
  '0xc000015b': 'logon type not granted',
  '0xc000018c': 'trust relationship failed',
  '0xc0000192': 'netlogon service not started',
  '0xc0000193': 'account expired',
  '0xc0000224': 'password must be changed',
  '0xc0000225': 'not found',
  '0xc0000234': 'account locked out',
  '0xc00002ee': 'an error occurred during logon',
  '0xc0000371': 'local account store has no secret',
  '0xc0000413': 'authentication firewall: not allowed to authenticate',
};

/** Kerberos result codes (4768, 4769, 4771), RFC 4120 §7.5.9. */
export const KERBEROS_STATUS: Readonly<Record<string, string>> = {
  '0x6': 'client not found in Kerberos database',
  '0x7': 'server not found in Kerberos database',
  '0xc': 'policy rejects request',
  '0xe': 'encryption type not supported',
  '0x12': 'credentials revoked: disabled, expired, locked out',
  '0x17': 'password expired',
  '0x18': 'pre-authentication failed: wrong password',
  '0x19': 'additional pre-authentication required',
  '0x1b': 'server principal valid for user-to-user only',
  '0x1f': 'integrity check failed',
  '0x20': 'ticket expired',
  '0x25': 'clock skew too great',
};
