import type { Fields } from '../../src/ecs/event.ts';
import { readIso } from '../../src/parse/kit/civil.ts';
import { type Head, putHead } from '../../src/parse/kit/head.ts';
import { type Phrase, phraseOf, putKind, putPhrase } from '../../src/parse/kit/phrases.ts';
import { put } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

/** Host daemon, event daemon, shell and vCenter, first match wins; ESXi 5 to 8. */
// biome-ignore format: a table
const PHRASES: readonly Phrase[] = [
  // Event 123 : User root@10.0.0.20 logged in as VMware-client/6.7.0
  [/\bUser (?<user>[^\s@]{1,128})@(?<ip>[\da-fA-F.:]{2,45}) logged in as (?<agent>.{1,300}?)\]?\s*$/, 'login', 'admin-login', 'passed'],
  [/\bUser (?<user>[^\s@]{1,128})@(?<ip>[\da-fA-F.:]{2,45}) logged out/, 'logout', 'logout', 'left'],
  [/\b(?<reason>Cannot login) (?:user )?(?<user>[^\s@]{1,128})@(?<ip>[\da-fA-F.:]{2,45})/, 'login-failed', 'admin-login', 'refused'],
  [/\b(?<reason>Rejected password) for user (?<user>\S{1,128}) from (?<ip>[\da-fA-F.:]{2,45})/, 'login-failed', 'admin-login', 'refused'],
  // vmware-authd: login from 192.0.2.7 as kim; a session of the client shows a ticket instead
  [/^login from (?<ip>[\da-fA-F.:]{2,45}) as (?:[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|(?<user>\S{1,128}))$/, 'login', 'admin-login', 'passed'],
  [/\bAccepted (?<method>\w{1,24}) for user (?<user>\S{1,128}) from (?<ip>[\da-fA-F.:]{2,45})/, 'password-accepted', 'admin-login', 'passed'],
  // [esx.audit.ssh.session.opened] SSH session was opened for 'root@10.0.0.20'.
  [/\[esx\.audit\.ssh\.session\.opened\] .{0,80}'(?<user>[^@']{1,128})@(?<ip>[\da-fA-F.:]{2,45})'/, 'ssh-opened', 'login', 'passed'],
  [/\[esx\.audit\.ssh\.session\.closed\] .{0,80}'(?<user>[^@']{1,128})@(?<ip>[\da-fA-F.:]{2,45})'/, 'ssh-closed', 'logout', 'left'],
  [/\[esx\.audit\.ssh\.session\.failed\] .{0,80}'(?<user>[^@']{1,128})@(?<ip>[\da-fA-F.:]{2,45})'/, 'ssh-failed', 'login', 'refused'],
  [/\[esx\.audit\.account\.locked\] .{0,120}?'(?<user>[^']{1,128})'/, 'account-locked', 'account-locked', 'account'],
  [/\[esx\.audit\.(?:dcui|uw|shell|ssh|lockdownmode|host|account|firewall|net|esxcli|vmfs|maintenancemode)\.(?:[a-z.]{0,40})(?:enabled|disabled|changed|entered|exited|reboot|stop|boot|created|deleted|installed|removed)\]/, 'host-changed', 'config-change', 'changed'],
  [/\bAccount (?<target>\S{1,128}) was (?:created|added)|\bCreated local account (?<target2>\S{1,128})/, 'account-created', 'account-created', 'account'],
  [/^(?:Event .{0,40}: )?.{0,200}\b(?:is powered off|was powered off|Destroyed|Removed .{1,200} from|was unregistered)\b/, 'machine-changed', 'config-change', 'changed'],
];

// 2021-10-31T22:14:07.123Z info hostd[2100123] [Originator@6876 sub=Vimsvc.ha-eventmgr opID=x] …   the daemon's own file
const OWN =
  /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:?\d\d)):? (?:(?:info|warning|error|verbose|trivia|panic|In\(\d{1,3}\)|Wa\(\d{1,3}\)|Er\(\d{1,3}\)|No\(\d{1,3}\)) )?((?:[Hh]ostd|[Vv]pxa|vobd|shell|rhttpproxy|vpxd|DCUI|dcui|ESXShell)(?:-\w{1,16})?)(?:\[(\w{1,16})\])?:? ?(.*)$/s;
// 2021-10-31T22:14:09.123Z: [UserLevelCorrelator] 12345us: [esx.audit.…] …   vobd.log
const VOB =
  /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z): (\[(?:UserLevel|General|Generic|net|scsi|vmfs|storage|host|esximage)\w{0,16}Correlator\] .*)$/s;
const DAEMONS =
  /^(?:Hostd|hostd(?:-\w+)?|Vpxa|vpxa|vobd|vpxd(?:-\w+)?|Rhttpproxy|rhttpproxy|ESXShell|DCUI|dcui|esxtokend|vmauthd|vmware-(?:vpxd|hostd|authd))$/;
// shell[2100200]: [root]: esxcli vm process list
const COMMAND = /^\[(?<user>[^\]]{1,64})\]: (?<command>.{1,4000})$/s;
// info hostd[2100123] [Originator@6876 sub=Vimsvc.ha-eventmgr opID=x] · [7F3C2B70 info 'Vimsvc.ha-eventmgr' opID=x]
const PREFIX =
  /^(?:(?:info|warning|error|verbose|trivia|panic) \w[\w-]{1,24}\[\w{1,16}\] )?(?:\[(?:Originator@|[0-9A-F]{6,16} |\w{1,16} (?:info|warning|error|verbose))[^\]]{0,300}\] ?)?/;

interface Told {
  readonly head: Head;
  readonly text: string;
}

const toldOf = ({ envelope, text }: RawRecord): Told | undefined => {
  const line = text.slice(0, 16_384);
  const vob = VOB.exec(line);
  if (vob !== null)
    return { head: { civil: readIso(vob[1] as string)?.civil, program: 'vobd' }, text: vob[2] as string };
  const { program, message, host } = envelope;
  const shell = program === 'shell' || program === 'ESXShell';
  if (program !== undefined && (DAEMONS.test(program) || (shell && COMMAND.test(message))))
    return { head: { ...envelope, host }, text: message };
  const own = OWN.exec(line);
  if (own === null) return undefined;
  return { head: { civil: readIso(own[1] as string)?.civil, program: own[2], pid: own[3] }, text: own[4] as string };
};

const claims = (record: RawRecord): boolean => toldOf(record) !== undefined;

const open: Parser['open'] =
  ({ clock }) =>
  (record) => {
    if (record.text.trim() === '') return BLANK;
    const told = toldOf(record);
    if (told === undefined) return rejected('not-this-format', 'no line of ESXi or vCenter');
    const fields: Fields = { 'observer.vendor': 'VMware', 'observer.product': 'ESXi' };
    const text = told.text.replace(PREFIX, '');
    putHead(fields, clock, told.head, text);
    const command = /shell/i.test(told.head.program ?? '') ? COMMAND.exec(text) : null;
    if (command !== null) {
      put(fields, 'user.name', command.groups?.['user']);
      put(fields, 'process.command_line', command.groups?.['command']);
      put(fields, 'event.action', 'shell-command');
      fields['event.kind'] = 'event';
      fields['event.category'] = ['process'];
      fields['event.type'] = ['start'];
      return { kind: 'event', act: 'process-start', fields };
    }
    put(fields, 'event.code', /\[(esx\.[a-z.]{3,80}|vim\.event\.\w{3,80})\]/.exec(text.slice(0, 400))?.[1]);
    const found = phraseOf(PHRASES, text.slice(0, 2000));
    if (found === undefined) {
      putKind(fields, 'state');
      return { kind: 'event', act: 'other', fields };
    }
    const { target2, ...groups } = found.groups;
    putPhrase(fields, found.phrase, target2 === undefined ? groups : { ...groups, target: target2 });
    if (found.phrase[1].startsWith('ssh-')) put(fields, 'service.type', 'ssh');
    return { kind: 'event', act: found.phrase[2], fields };
  };

export default {
  id: 'vmware-esxi',
  title: 'VMware ESXi and vCenter: hostd, vobd, shell, vpxd',
  references: [
    {
      title: 'VMware: ESXi log files',
      url: 'https://techdocs.broadcom.com/us/en/vmware-cis/vsphere/vsphere/8-0/vsphere-monitoring-and-performance-8-0/system-log-files.html',
    },
    {
      title: 'Exabeam: VMware ESXi parsers, with the wording of logins',
      url: 'https://github.com/ExabeamLabs/Content-Doc/tree/master/DataSources/VMware',
    },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'stated', resolution: 'ms' },
  families: [
    'logins to the host, its API and by SSH, commands of the shell, audit events of the host; by syslog and in the host’s own files',
  ],
  limits: [
    'other events of hostd and vpxd stay other with their text and addresses',
    'sshd’s own lines are read by linux-auth',
  ],
  recognise: recogniseBy(claims, 'are lines of ESXi or vCenter', 0.95),
  claims,
  open,
} satisfies Parser as Parser;
