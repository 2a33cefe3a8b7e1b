import { own } from '../../core/own.ts';
import type { Act } from '../../ecs/acts.ts';

/** What a type of audit record means: act, ECS category and type. The outcome is in `res=` or `success=`. */
export type AuditMeaning = readonly [act: Act, category: string, type: string];

/** `TYPE TYPE …` with one meaning. linux-audit: lib/msg_typetab.h; Red Hat: Audit record types. */
const TYPES: readonly (readonly [string, ...AuditMeaning])[] = [
  ['USER_LOGIN', 'login', 'authentication', 'start'],
  ['USER_AUTH', 'login', 'authentication', 'start'],
  ['USER_LOGOUT', 'logout', 'session', 'end'],
  ['USER_START', 'other', 'session', 'start'],
  ['USER_END', 'logout', 'session', 'end'],
  ['USER_ACCT CRED_ACQ CRED_DISP CRED_REFR CHUSER_ID', 'other', 'authentication', 'info'],
  ['USER_ERR', 'other', 'authentication', 'info'],
  ['LOGIN', 'other', 'session', 'info'],
  ['USER_CMD', 'explicit-credentials', 'process', 'start'],
  ['USER_ROLE_CHANGE ROLE_ASSIGN ROLE_REMOVE ROLE_MODIFY', 'account-changed', 'iam', 'change'],
  ['ADD_USER', 'account-created', 'iam', 'creation'],
  ['DEL_USER', 'account-changed', 'iam', 'deletion'],
  ['USER_MGMT USER_CHAUTHTOK ACCT_UNLOCK', 'account-changed', 'iam', 'change'],
  ['ACCT_LOCK ANOM_LOGIN_FAILURES', 'account-locked', 'iam', 'user'],
  ['ADD_GROUP', 'group-changed', 'iam', 'creation'],
  ['DEL_GROUP', 'group-changed', 'iam', 'deletion'],
  ['GRP_MGMT GRP_CHAUTHTOK', 'group-changed', 'iam', 'change'],
  ['EXECVE', 'process-start', 'process', 'start'],
  [
    'SYSCALL PATH CWD PROCTITLE OBJ_PID BPRM_FCAPS CAPSET MMAP FD_PAIR TIME_INJOFFSET TIME_ADJNTPVAL',
    'other',
    'process',
    'info',
  ],
  ['SOCKADDR SOCKETCALL NETFILTER_PKT', 'other', 'network', 'info'],
  ['SERVICE_START', 'other', 'process', 'start'],
  ['SERVICE_STOP', 'other', 'process', 'end'],
  [
    'SYSTEM_BOOT SYSTEM_SHUTDOWN SYSTEM_RUNLEVEL DAEMON_START DAEMON_END DAEMON_ABORT DAEMON_ROTATE DAEMON_RESUME DAEMON_ERR',
    'source-state',
    'host',
    'info',
  ],
  ['KERNEL', 'source-state', 'host', 'info'],
  [
    'CONFIG_CHANGE DAEMON_CONFIG DAEMON_RECONFIG NETFILTER_CFG MAC_CONFIG_CHANGE MAC_STATUS MAC_POLICY_LOAD USYS_CONFIG FEATURE_CHANGE',
    'config-change',
    'configuration',
    'change',
  ],
  ['AVC USER_AVC SELINUX_ERR USER_SELINUX_ERR SECCOMP USER_MAC_POLICY_LOAD', 'other', 'process', 'denied'],
  [
    'ANOM_ABEND ANOM_PROMISCUOUS ANOM_LOGIN_ACCT ANOM_LOGIN_LOCATION ANOM_LOGIN_SESSIONS ANOM_LOGIN_TIME ANOM_ROOT_TRANS ANOM_MK_EXEC ANOM_MOD_ACCT ANOM_EXEC ANOM_LINK ANOM_ACCESS_FS ANOM_ADD_ACCT ANOM_DEL_ACCT ANOM_AMTU_FAIL ANOM_CRYPTO_FAIL ANOM_MAX_DAC ANOM_MAX_MAC ANOM_RBAC_FAIL ANOM_RBAC_INTEGRITY_FAIL',
    'threat',
    'intrusion_detection',
    'info',
  ],
  [
    'CRYPTO_KEY_USER CRYPTO_SESSION CRYPTO_LOGIN CRYPTO_LOGOUT CRYPTO_TEST_USER CRYPTO_IKE_SA CRYPTO_IPSEC_SA',
    'other',
    'authentication',
    'info',
  ],
  ['USER_TTY TTY USER', 'other', 'process', 'info'],
  [
    'INTEGRITY_DATA INTEGRITY_METADATA INTEGRITY_STATUS INTEGRITY_HASH INTEGRITY_PCR INTEGRITY_RULE FANOTIFY',
    'other',
    'file',
    'info',
  ],
];

export const AUDIT_TYPES: ReadonlyMap<string, AuditMeaning> = new Map(
  TYPES.flatMap(([names, ...meaning]) => names.split(/\s+/).map((name): [string, AuditMeaning] => [name, meaning])),
);

/** Numbers that the kernel writes to its own log where auditd does not run (`audit: type=1112 audit(…)`). linux/audit.h, libaudit.h */
const NUMBERS: Readonly<Record<string, string>> = {
  '1006': 'LOGIN', '1100': 'USER_AUTH', '1101': 'USER_ACCT', '1102': 'USER_MGMT', '1103': 'CRED_ACQ', '1104': 'CRED_DISP', '1105': 'USER_START',
  '1106': 'USER_END', '1107': 'USER_AVC', '1108': 'USER_CHAUTHTOK', '1109': 'USER_ERR', '1110': 'CRED_REFR', '1111': 'USYS_CONFIG', '1112': 'USER_LOGIN',
  '1113': 'USER_LOGOUT', '1114': 'ADD_USER', '1115': 'DEL_USER', '1116': 'ADD_GROUP', '1117': 'DEL_GROUP', '1123': 'USER_CMD', '1124': 'USER_TTY',
  '1125': 'CHUSER_ID', '1126': 'GRP_AUTH', '1127': 'SYSTEM_BOOT', '1128': 'SYSTEM_SHUTDOWN', '1129': 'SYSTEM_RUNLEVEL', '1130': 'SERVICE_START',
  '1131': 'SERVICE_STOP', '1132': 'GRP_MGMT', '1133': 'GRP_CHAUTHTOK', '1200': 'DAEMON_START', '1201': 'DAEMON_END', '1203': 'DAEMON_CONFIG',
  '1300': 'SYSCALL', '1302': 'PATH', '1305': 'CONFIG_CHANGE', '1306': 'SOCKADDR', '1307': 'CWD', '1309': 'EXECVE', '1319': 'TTY', '1325': 'NETFILTER_CFG',
  '1326': 'SECCOMP', '1327': 'PROCTITLE', '1400': 'AVC', '1700': 'ANOM_PROMISCUOUS', '1701': 'ANOM_ABEND', '2404': 'CRYPTO_KEY_USER', '2407': 'CRYPTO_SESSION',
}; // biome-ignore format: a table

export const auditTypeOf = (word: string): string => own(NUMBERS, word) ?? word;

/** Values that auditd writes as hexadecimal digits where they hold blanks, quotes or control characters (linux-audit: encoding). */
export const HEX_FIELDS: ReadonlySet<string> = new Set(
  `acct cmd comm exe cwd name data proctitle path key new_group grp user old_user dir ocomm vm root-dir device cgroup file ioctlcmd`.split(
    ' ',
  ),
);
