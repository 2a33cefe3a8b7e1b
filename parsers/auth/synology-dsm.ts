import { own } from '../../src/core/own.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { putHead } from '../../src/parse/kit/head.ts';
import { type Phrase, phraseOf, putKind } from '../../src/parse/kit/phrases.ts';
import { add, put, putIp, putUser } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

/** Who and from where: `User [admin] from [203.0.113.9]`, `User [k.maier] from [PC07(10.0.0.77)]`. */
const WHO =
  /\b[Uu]ser \[(?<user>[^\]]{0,255})\](?: from \[(?:(?<name>[^\](]{0,128})\()?(?<ip>[\da-fA-F.:]{2,45})\)?\])?/;

/** What Log Center's Connection, System and package logs say of access, first match wins; DSM 5 to 7. */
// biome-ignore format: a table
const MESSAGES: readonly Phrase[] = [
  // failed to sign in to [DSM] via [password] due to authorization failure. · failed to log in via [SSH] due to …
  [/failed to (?:sign|log) in\b/, 'login-failed', 'login', 'refused'],
  [/signed in to \[[^\]]{1,60}\] successfully|logged in successfully/, 'login', 'login', 'passed'],
  [/logged out|signed out/, 'logout', 'logout', 'left'],
  [/^Host \[[^\]]{2,64}\] was blocked|\bblocked via \[|^IP address \[[^\]]{2,64}\].{0,80}blocked/, 'blocked', 'other', 'denied'],
  [/accessed (?:the )?shared folder \[(?<folder>[^\]]{1,255})\]/, 'share-accessed', 'share-access', 'session'],
  [/^(?:System |\[)?.{0,80}(?:User|Account) \[(?<target>[^\]]{1,255})\] (?:was|has been) created|created (?:a )?(?:new )?user(?: account)? \[(?<target2>[^\]]{1,255})\]/, 'user-created', 'account-created', 'account'],
  [/(?:User|Account|Group) \[(?<target>[^\]]{1,255})\] (?:was|has been) (?:deleted|modified|edited|enabled|disabled|added)|(?:edited|deleted|modified|enabled|disabled) (?:the )?(?:user|group)(?: account)? \[(?<target2>[^\]]{1,255})\]/, 'user-changed', 'account-changed', 'account'],
  [/\badded user \[(?<target>[^\]]{1,255})\] to group \[(?<group>[^\]]{1,255})\]/, 'group-member-added', 'group-changed', 'account'],
  [/(?:was|were|has been|have been) (?:enabled|disabled|changed|modified|updated|applied|started|stopped|deleted|removed)\b|\b(?:enabled|disabled|changed|modified|deleted|removed) (?:the )?\[/, 'config-change', 'config-change', 'changed'],
];

// WinFileService Event: delete, Path: /Patienten/a.pdf, File/Folder: File, Size: 1.48 MB, User: k.maier, IP: 10.0.0.77
const FILE =
  /^(?:(?<service>\w{3,24}) )?Event: (?<action>[^,]{1,40}), Path: (?<path>.{1,2000}?), File\/Folder: (?<kind>\w{0,12}), Size: (?<size>[^,]{0,24}), User: (?<user>[^,]{0,255}), IP: (?<ip>[\da-fA-F.:]{2,45})/;
const FILE_TYPES: Readonly<Record<string, string>> = {
  read: 'access', download: 'access', write: 'change', upload: 'creation', create: 'creation', mkdir: 'creation', copy: 'creation',
  move: 'change', rename: 'change', delete: 'deletion',
}; // biome-ignore format: a table

/** Log Center's own format: `NAS Connection: User […]`, `NAS System SYSTEM: …`, `NAS WinFileService Event: …`. */
const LOGS = /^(?:Connection|System|WinFileService|FileStation|FTP|WebDAV|AFP|FileTransfer|Backup)$/;
const BEGINS = /^(?:Event: |Host \[)/;
const WORDY =
  /\s(Connection|System|WinFileService|FileStation|FileTransfer|FTP|WebDAV|AFP|Backup) ([\w.@\\-]{1,128}): ?\t?(?=\S)/;

interface Told {
  readonly log: string;
  /** `SYSTEM`, or who did it. */
  readonly actor: string | undefined;
  readonly text: string;
}

const toldOf = ({ envelope, text }: RawRecord): Told | undefined => {
  const { program, message, host } = envelope;
  if (program !== undefined && LOGS.test(program) && (WHO.test(message.slice(0, 1000)) || BEGINS.test(message)))
    return { log: program, actor: undefined, text: message };
  // the header reader takes `SYSTEM:` and `Event:` for the program, and what stands before it for nothing
  const own = host === undefined ? null : WORDY.exec(text.slice(0, 400));
  if (own === null) return undefined;
  const [, log, actor] = own as unknown as [string, string, string];
  const rest = text.slice(own.index + own[0].length);
  return actor === 'Event' ? { log, actor: undefined, text: `Event: ${rest}` } : { log, actor, text: rest };
};

const readFile = (fields: Fields, groups: Readonly<Record<string, string | undefined>>): Act => {
  const action = groups['action']?.toLowerCase() ?? '';
  put(fields, 'event.action', action);
  const [path, to] = (groups['path'] ?? '').split(' -> ', 2);
  put(fields, 'file.path', path);
  put(fields, 'synology.dsm.new_path', to);
  put(fields, 'synology.dsm.size', groups['size']);
  putUser(fields, 'user', groups['user']);
  putIp(fields, 'source.ip', groups['ip']);
  fields['event.kind'] = 'event';
  fields['event.category'] = ['file'];
  fields['event.type'] = [own(FILE_TYPES, action) ?? 'info'];
  return 'share-access';
};

const claims = (record: RawRecord): boolean => toldOf(record) !== undefined;

const open: Parser['open'] =
  ({ clock }) =>
  (record) => {
    if (record.text.trim() === '') return BLANK;
    const told = toldOf(record);
    if (told === undefined) return rejected('not-this-format', 'no line of a Synology Log Center');
    const fields: Fields = { 'observer.vendor': 'Synology', 'observer.product': 'DSM' };
    putHead(fields, clock, { ...record.envelope, program: told.log }, told.text);
    const text = told.text.trim().slice(0, 4000);
    const file = FILE.exec(text);
    if (file !== null) return { kind: 'event', act: readFile(fields, file.groups ?? {}), fields };
    const who = WHO.exec(text)?.groups;
    // System admin: User [support] was created.   the actor stands in front
    const actor = told.actor === 'SYSTEM' ? undefined : told.actor;
    putUser(fields, 'user', told.actor === undefined || who?.['ip'] !== undefined ? who?.['user'] : actor);
    putIp(fields, 'source.ip', who?.['ip'] ?? /^Host \[([\da-fA-F.:]{2,45})\]/.exec(text)?.[1]);
    put(fields, 'source.domain', who?.['name']?.toLowerCase());
    const found = phraseOf(MESSAGES, text);
    if (found === undefined) {
      putKind(fields, 'info');
      return { kind: 'event', act: 'other', fields };
    }
    const [, action, act, kind] = found.phrase;
    put(fields, 'event.action', action);
    putKind(fields, kind);
    const { folder, target, target2, group } = found.groups;
    put(fields, 'file.share.name', folder);
    putUser(fields, 'user.target', target ?? target2);
    put(fields, 'group.name', group);
    put(fields, 'event.reason', /due to (.{1,160}?)\.?$/.exec(text)?.[1]);
    const via = /\bvia \[([^\]]{1,60})\]/.exec(text)?.[1];
    const to = /\bto \[([^\]]{1,60})\]/.exec(text)?.[1] ?? via;
    put(fields, 'service.type', to?.toLowerCase());
    add(fields, 'synology.dsm.via', via);
    // DSM is the management
    const admin = act === 'login' && /^DSM\b/i.test(to ?? '');
    return { kind: 'event', act: admin ? 'admin-login' : act, fields };
  };

export default {
  id: 'synology-dsm',
  title: 'Synology DSM (Log Center)',
  references: [
    {
      title: 'Synology: Log Center',
      url: 'https://kb.synology.com/en-id/DSM/help/DSM/LogCenter/logcenter_desc?version=7',
    },
    {
      title: 'Wazuh decoder for Synology Log Center, with the wording of its logs',
      url: 'https://github.com/Tomo-9925/wazuh-synology-dsm-decoder-and-rules',
    },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 's' },
  families: [
    'Connection (logins, refusals, shared folders), file transfer logs, accounts, settings; sent by Log Center in BSD format',
  ],
  limits: [
    'German or other languages of the interface: the log is sent in the language of the system, of which only English is known',
  ],
  recognise: recogniseBy(claims, 'are lines of a Synology Log Center', 0.96),
  claims,
  open,
} satisfies Parser as Parser;
