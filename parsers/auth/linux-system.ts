import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { categorise, put, putEndpoint, putNumber, putTransport, putUser } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

/** Below linux-auth and the mail and web parsers, whose lines stand in the same file. */
const CERTAINTY = 0.6;

/** Daemons of a Linux system whose lines no other parser reads. */
const PROGRAMS = new Set(
  (
    'kernel klogd systemd systemd-networkd systemd-resolved systemd-timesyncd systemd-udevd systemd-journald systemd-shutdown systemd-sysctl ' +
    'systemd-modules-load systemd-tmpfiles systemd-fsck systemd-sleep systemd-hostnamed systemd-localed systemd-timedated init upstart shutdown reboot ' +
    'halt rsyslogd syslogd syslog-ng logrotate dhcpcd networkmanager nm-dispatcher wpa_supplicant network ifup ifplugd modemmanager ' +
    'ntpd ntpdate chronyd dbus dbus-daemon avahi-daemon cups cupsd cups-browsed snmpd snmptrapd smartd mdadm multipathd udisksd udev udevd lvm ' +
    'rpc.statd rpc.mountd rpc.idmapd rpcidmapd rpcbind portmap nfslock nfsd automount autofs xinetd inetd in.telnetd telnetd klogind rlogind rshd ' +
    'in.rshd in.rlogind ftpd in.ftpd irqbalance thermald acpid apmd gpm hcid sdpd bluetoothd bluetooth pcscd readahead random sysctl fsck mdmpd ' +
    'rc rc.sysinit snapd packagekitd packagekit aptdaemon apt unattended-upgrade unattended-upgrades yum dnf dnf-automatic ansible-command ' +
    'kdump auditd audispd augenrules mcelog rngd haveged tuned numad ksm ksmtuned abrtd abrt-server libvirtd dockerd containerd lxcfs rtkit-daemon ' +
    'colord accounts-daemon gdm gnome-keyring-daemon pulseaudio fwupd udisks-daemon sm-notify sysstat vmtoolsd vmusr qemu-ga hv_kvp_daemon cloud-init ' +
    'nslcd nscd ypbind gssproxy certmonger oddjobd realmd keepalived iscsid iscsiadm tgtd dmeventd lvmetad multipath dracut ' +
    'mongod redis-server kubelet crio puppet puppet-agent puppet-master salt-minion salt-master chef-client cf-agent nrpe ' +
    'nagios aide tripwire rkhunter freshclam etckeeper rsync rsyncd ufw fstrim smartctl hwclock chronyc uuidd needrestart dbus-broker ' +
    'dbus-broker-launch lightdm sddm gdm3 spice-vdagent spice-vdagentd wickedd wicked nfsdcld blkmapd earlyoom zypper'
  ).split(' '),
);
/** Daemons that come as families; logins (systemd-logind, systemd-user) are linux-auth's. */
const FAMILY =
  /^(?:systemd-(?!logind|user\b)|ansible-|sssd|sssd_|gnome-|gdm-|xdg-|rpc\.|nfs-|snap\.|org\.|lvm2-|selinux-|cloud-)/;

const KINDS = {
  connection: [['network'], ['connection', 'start'], undefined],
  passed: [['authentication'], ['start'], 'success'],
  refused: [['authentication'], ['info'], 'failure'],
  denied: [['network'], ['connection', 'denied'], 'success'],
  network: [['network'], ['info'], undefined],
  state: [['host'], ['info'], undefined],
  info: [['host'], ['info'], undefined],
} as const;

type Rule = readonly [program: RegExp, pattern: RegExp, act: Act, kind: keyof typeof KINDS, action: string];

/** What matters to an investigation; all else is kept as text. First match wins. */
// biome-ignore format: a table
const RULES: readonly Rule[] = [
  [/syslog/, /^(?:\[origin .{0,256}\] ?)?(?:start|restart|exiting on signal|rsyslogd was HUPed|syslog-ng (?:starting up|shutting down)|-- MARK --)|\] start$/, 'source-state', 'state', 'syslog-state'],
  [/syslog/, /^(?:--- )?(?:last )?message repeated \d{1,9} times/, 'other', 'info', 'repeated'],
  [/^(?:shutdown|reboot|halt|init|systemd-shutdown)$/, /^(?:shutting down|Switching to runlevel|Powering (?:off|down)|Rebooting|Sending SIG)/i, 'source-state', 'state', 'shutdown'],
  [/^systemd$/, /^(?:Started|Stopped|Starting|Stopping|Reloaded|Reloading|Failed to start) (?<service>.{1,255}?)\.{0,3}$/, 'other', 'state', 'unit'],
  [/^kernel$/, /^(?:\[ *\d{1,10}\.\d{1,9}\] )?Linux version \S/, 'source-state', 'state', 'boot'],
  [/^(?:ntpd|chronyd|ntpdate|systemd-timesyncd)$/, /\b(?:time reset|step time server|System clock was stepped|clock wrong by|Changed time)\b/i, 'source-state', 'state', 'clock-set'],
  // connection from 192.0.2.4 (host.example.net) at Tue Nov  2 07:07:00 2021
  [/ftpd$/, /^connection from (?<from>\S{1,255})/, 'flow-start', 'connection', 'connection'],
  [/ftpd$/, /^(?:ANONYMOUS )?FTP LOGIN FROM (?<from>[^\s,]{1,255})(?: \[[\da-fA-F.:]{2,45}\])?,? (?:as )?(?<user>\S{1,255})/, 'login', 'passed', 'login'],
  [/ftpd$/, /^FTP LOGIN (?:FAILED|REFUSED).{0,128} FROM (?<from>[^\s,]{1,255})(?: \[[\da-fA-F.:]{2,45}\])?,? (?<user>\S{1,255})/, 'login', 'refused', 'login'],
  // AIX: login kim from pc7.example.org failed. · gssftp: repeated login failures from 192.0.2.4 (pc7.example.org)
  [/ftpd$/, /^login (?<user>\S{1,255}) from (?<from>\S{1,255}) failed/, 'login', 'refused', 'login'],
  [/ftpd$/, /^repeated login failures from (?<from>\S{1,255})/, 'login', 'refused', 'login'],
  // START: ftp pid=811 from=192.0.2.4 · FAIL: telnet address from=192.0.2.4
  [/inetd$/, /^START: (?<service>\S{1,64}) (?:pid=\d{1,10} )?from=(?<from>\S{1,255})/, 'flow-start', 'connection', 'connection'],
  [/inetd$/, /^FAIL: (?<service>\S{1,64}) \S{1,64} from=(?<from>\S{1,255})/, 'flow-denied', 'denied', 'refused'],
  // Authentication failed from 192.0.2.4 (192.0.2.4): Permission denied
  [/(?:rlogind|klogind|rshd|telnetd)$/, /^Authentication failed from (?<from>[^\s:]{1,255})/, 'login', 'refused', 'authentication'],
  // libwrap: refused connect from 192.0.2.4 (192.0.2.4) · connect from pc7.example.org
  [/(?:rlogind|rshd|telnetd|ftpd)$/, /^refused connect from (?<from>[^\s:]{1,255})/, 'flow-denied', 'denied', 'refused'],
  [/(?:rlogind|rshd|telnetd|ftpd)$/, /^connect from (?<from>[^\s:]{1,255})/, 'flow-start', 'connection', 'connection'],
  // root@192.0.2.4 as root: cmd='rcp -t /var/tmp/x' · kim@192.0.2.5 as root: permission denied (Permission denied.). cmd='id'
  [/^k?rshd$/, /^(?<user>[^\s@]{1,64})@(?<from>[^\s:]{1,255}) as \S{1,64}: permission denied/, 'login', 'refused', 'remote-shell'],
  [/^k?rshd$/, /^(?<user>[^\s@]{1,64})@(?<from>[^\s:]{1,255}) as \S{1,64}: cmd=/, 'login', 'passed', 'remote-shell'],
  [/^snmpd$/, /^(?:Received SNMP packet\(s\)|Connection) from (?:UDP: )?\[?(?<from>[\da-fA-F.:]{3,45}?)\]?(?:[:\s]|$)/, 'other', 'network', 'snmp'],
];

/** syslogd's own words, without a program: `Nov  2 09:39:39: --- last message repeated 5 times ---` */
const REPEATED = /^(?:--- )?last message repeated \d{1,9} times/;
/** `syslogd 1.4.1: restart.` gives its version where the tag ends. */
const VERSIONED = /^(syslogd|klogd|rsyslogd|syslog-ng) [\d.]{1,16}(?:#\S{1,8})?: /;

const readProgram = ({ envelope }: RawRecord): { program: string; message: string } => {
  if (envelope.program !== undefined) return { program: envelope.program, message: envelope.message.trim() };
  if (envelope.civil === undefined) return { program: '', message: '' };
  if (REPEATED.test(envelope.message)) return { program: 'syslogd', message: envelope.message };
  const m = VERSIONED.exec(envelope.message);
  return m === null
    ? { program: '', message: '' }
    : { program: m[1] as string, message: envelope.message.slice(m[0].length).trim() };
};

const nameOf = (program: string): string => program.slice(program.lastIndexOf('/') + 1).toLowerCase();

/** Packet filter, WireGuard and audit lines of the kernel, and what PAM says in any program, have readers of their own. */
const OF_OTHERS = /\bpam_\w{1,32}\(|\bIN=\S{0,32} OUT=|\bwireguard: |\baudit\(\d{9,10}\.\d{3}:\d{1,12}\)/;

const isLinuxSystem = (record: RawRecord): boolean => {
  const { program, message } = readProgram(record);
  const name = nameOf(program);
  return (PROGRAMS.has(name) || FAMILY.test(name)) && !OF_OTHERS.test(message);
};

const putRule = (fields: Fields, program: string, text: string): { act: Act; kind: keyof typeof KINDS } => {
  for (const [of, pattern, act, kind, action] of RULES) {
    const m = of.test(program) ? pattern.exec(text) : null;
    if (m === null) continue;
    put(fields, 'event.action', action);
    if (action === 'repeated') putNumber(fields, 'linux.system.repeated', /repeated (\d{1,9})/.exec(text)?.[1]);
    if (m.groups?.['from'] !== undefined) putEndpoint(fields, 'source', m.groups['from']);
    if (m.groups?.['user'] !== undefined) putUser(fields, 'user', m.groups['user']);
    put(fields, 'service.name', m.groups?.['service']);
    if (program.endsWith('ftpd')) put(fields, 'service.type', 'ftp');
    if (kind === 'connection' || kind === 'denied') putTransport(fields, 'tcp');
    return { act, kind };
  }
  return { act: 'other', kind: 'info' };
};

const open: Parser['open'] = (context) => (record) => {
  if (record.text.trim() === '') return BLANK;
  if (!isLinuxSystem(record)) return rejected('not-this-format', 'no line of a known system daemon');
  const { program, message } = readProgram(record);
  const { civil, host, pid, priority } = record.envelope;
  const fields: Fields = {};
  context.clock.stamp(fields, civil);
  put(fields, 'host.name', host);
  put(fields, 'process.name', program);
  putNumber(fields, 'process.pid', pid);
  putNumber(fields, 'log.syslog.priority', priority);
  put(fields, 'message', message);
  const { act, kind } = putRule(fields, nameOf(program), message.slice(0, 4096));
  const [category, type, outcome] = KINDS[kind];
  categorise(fields, category, type, outcome);
  relateAddresses(fields, message);
  return { kind: 'event', act, fields };
};

export default {
  id: 'linux-system',
  title: 'Linux system daemons: kernel, systemd, syslog, time, network services of inetd',
  references: [
    { title: 'rsyslog documentation', url: 'https://www.rsyslog.com/doc/' },
    { title: 'systemd.unit(5)', url: 'https://www.freedesktop.org/software/systemd/man/latest/systemd.unit.html' },
    { title: 'xinetd.conf(5), log_type and log_on_success', url: 'https://linux.die.net/man/5/xinetd.conf' },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 'us' },
  families: [
    'starts and stops of logging, host and units, clock steps',
    'connections and logins of inetd services (ftp, telnet, rlogin)',
  ],
  limits: ['Most messages are kept as text with host, program and addresses.'],
  recognise: recogniseBy(isLinuxSystem, 'are of known system daemons', CERTAINTY),
  claims: isLinuxSystem,
  open,
} satisfies Parser as Parser;
