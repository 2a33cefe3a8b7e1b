import type { Fields } from '../../src/ecs/event.ts';
import { readIso } from '../../src/parse/kit/civil.ts';
import { type Head, putHead } from '../../src/parse/kit/head.ts';
import { type Phrase, phraseOf, putKind, putPhrase } from '../../src/parse/kit/phrases.ts';
import { put, putUser } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// biome-ignore format: a table
const PHRASES: readonly Phrase[] = [
  // authentication failure; rhost=::ffff:203.0.113.9 user=root@pam msg=Authentication failure
  [/^authentication failure; rhost=(?:(?:(?<ip>[\da-fA-F.:]{2,45})|\[(?<client>[\da-fA-F.:]{2,45})\]:(?<port>\d{1,5})) )?(?:user=(?<user>\S{0,128}) )?msg=(?<reason>.{1,300})$/, 'login-failed', 'admin-login', 'refused'],
  // <root@pam> successful auth for user 'root@pam'
  [/^(?:<[^>]{1,128}> )?successful auth for user '(?<user>[^']{1,128})'/, 'login', 'admin-login', 'passed'],
  // <root@pam> starting task UPID:pve1:…:qmstop:100:root@pam:
  [/^<(?<user>[^>]{1,128})> starting task UPID:[^:]{1,64}:(?:[^:]{1,16}:){3}(?<task>\w{1,40}):(?<object>[^:]{0,128}):/, 'task', 'other', 'state'],
  [/^<(?<user>[^>]{1,128})> (?:end|update) /, 'task-end', 'other', 'state'],
];
/** Tasks that change machines, storage or the host; a console gives somebody a shell. */
const CHANGES =
  /^(?:qm|vz)(?:create|destroy|stop|shutdown|restore|config|rollback|delsnapshot|resize|clone|template)$|^(?:imgdel|imgcopy|aptupdate|srvstop|srvreload|wipedisk|zfscreate|dircreate|clustercreate|clusterjoin)$/;
const CONSOLES = /^(?:vncshell|termproxy|spiceshell)$/;
// 2021-10-31T23:14:07+01:00: authentication failure; …   Backup Server's own file, api/auth.log
const OWN =
  /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)): (?=authentication failure; rhost=|successful auth for user ')/;
const DAEMONS = /^(?:pvedaemon|pveproxy|pmgdaemon|pmgproxy|proxmox-backup-proxy|proxmox-backup-api)$/;

const headOf = ({ text, envelope }: RawRecord): Head | undefined => {
  if (envelope.program !== undefined && DAEMONS.test(envelope.program)) return envelope;
  const own = OWN.exec(text);
  return own === null ? undefined : { civil: readIso(own[1] as string)?.civil, program: 'proxmox-backup-api' };
};

const claims = (record: RawRecord): boolean => headOf(record) !== undefined;

const open: Parser['open'] =
  ({ clock }) =>
  (record) => {
    if (record.text.trim() === '') return BLANK;
    const head = headOf(record);
    if (head === undefined) return rejected('not-this-format', 'no line of Proxmox');
    const fields: Fields = { 'observer.vendor': 'Proxmox' };
    const text = head === record.envelope ? record.envelope.message : record.text.replace(OWN, '').trimEnd();
    putHead(fields, clock, head, text);
    const found = phraseOf(PHRASES, text.slice(0, 2000));
    if (found === undefined) {
      putKind(fields, 'state');
      return { kind: 'event', act: 'other', fields };
    }
    const { user, task, client, ...groups } = found.groups;
    putPhrase(fields, found.phrase, client === undefined ? groups : { ...groups, ip: client });
    putUser(fields, 'user', user);
    put(fields, 'proxmox.task', task);
    const change = CHANGES.test(task ?? '');
    if (change) putKind(fields, 'changed');
    const shell = CONSOLES.test(task ?? '');
    put(fields, 'event.action', task === undefined ? found.phrase[1] : `task-${task}`);
    return { kind: 'event', act: change ? 'config-change' : shell ? 'process-start' : found.phrase[2], fields };
  };

export default {
  id: 'proxmox',
  title: 'Proxmox VE, Mail Gateway, Backup Server: logins and tasks',
  references: [
    { title: 'Proxmox VE: fail2ban', url: 'https://pve.proxmox.com/wiki/Fail2ban' },
    { title: 'Proxmox VE administration guide', url: 'https://pve.proxmox.com/pve-docs/pve-admin-guide.html' },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 's' },
  families: ['logins to the web interface, tasks that change machines or open a console'],
  limits: ['a successful login tells no address: it stands in the access log of pveproxy (apache-nginx-access)'],
  recognise: recogniseBy(claims, 'are lines of Proxmox', 0.97),
  claims,
  open,
} satisfies Parser as Parser;
