import type { Act } from '../../ecs/acts.ts';
import type { Fields } from '../../ecs/event.ts';

/** A message of an ASA: what it becomes, its number, and the text behind the tag. */
export interface AsaLine {
  readonly fields: Fields;
  readonly code: string | undefined;
  readonly text: string;
}

/** ECS categorisation by kind: [category, type, outcome]. A refusal is a success of the firewall, as ECS words it. */
export const KINDS = {
  start: [['network'], ['connection', 'start', 'allowed']],
  end: [['network'], ['connection', 'end', 'allowed']],
  denied: [['network'], ['connection', 'denied'], 'success'],
  allowed: [['network'], ['connection', 'allowed'], 'success'],
  info: [['network'], ['info']],
  passed: [['authentication'], ['start'], 'success'],
  refused: [['authentication'], ['info'], 'failure'],
  authentication: [['authentication'], ['info']],
  logout: [['authentication'], ['end'], 'success'],
  up: [['session'], ['start'], 'success'],
  down: [['session'], ['end']],
  session: [['session'], ['info']],
  broken: [['session'], ['info'], 'failure'],
  threat: [['intrusion_detection', 'network'], ['info']],
  change: [['configuration'], ['change'], 'success'],
  created: [['iam'], ['user', 'creation'], 'success'],
  deleted: [['iam'], ['user', 'deletion'], 'success'],
  changed: [['iam'], ['user', 'change'], 'success'],
  state: [['host'], ['info']],
} as const;

export type Meaning = readonly [act: Act, kind: keyof typeof KINDS, action: string];
/** `[numbers and ranges, act, kind, action]` after Cisco ASA Series Syslog Messages; the first that holds the number wins. */
// biome-ignore format: a table
const MESSAGES: readonly (readonly [string, ...Meaning])[] = [
  ['302013 302015 302017 302020 302303', 'flow-start', 'start', 'built'],
  ['302014 302016 302018 302021 302304', 'flow', 'end', 'teardown'],
  ['302022-302027', 'other', 'info', 'cluster-stub'],
  ['302003 302004 302033 302012 302001 303002-303005 607001-607003 608001 710001 805001-805003', 'other', 'info', 'connection'],
  ['305009 305011 305014', 'nat', 'info', 'translation-built'],
  ['305010 305012 305015', 'nat', 'info', 'translation-teardown'],
  ['106100 106102-106103', 'flow-denied', 'denied', 'access-list'],
  ['106101 106024-106026', 'other', 'info', 'access-list'],
  ['106001-106029 110002-110003 305005-305006 305013 313001-313009 322001-322002 500003-500004 209003-209006', 'flow-denied', 'denied', 'deny'],
  ['710003-710006 201002-201013 202010-202011 401004 407001-407002 410001-410004 418001 419001 420002 421001 434002 507003', 'flow-denied', 'denied', 'drop'],
  ['338002 338004 338006 338008 338102 338104 338204', 'threat', 'threat', 'dropped'],
  ['338001 338003 338005 338007 338101 338103 338201-338203', 'threat', 'threat', 'monitored'],
  ['400000-400051 733101-733105 405001-405003 419002 419003 106017', 'threat', 'threat', 'threat'],
  ['108002-108007 402114-402122 423001-423005 431001-431002', 'threat', 'threat', 'threat'],
  ['710002', 'flow-start', 'start', 'to-the-box'],
  ['304001', 'http-request', 'allowed', 'url-access'],
  ['304002', 'flow-denied', 'denied', 'url-access'],
  ['113004 113012 716038', 'vpn-login', 'passed', 'authentication'],
  ['113005 113015-113017 713167 713198 716039 716023 716024 751011', 'vpn-login', 'refused', 'authentication'],
  ['113010', 'mfa-challenge', 'authentication', 'challenge'],
  ['113006', 'account-locked', 'changed', 'locked'],
  ['113007', 'account-changed', 'changed', 'unlocked'],
  ['113003 113008 113009 113011 113013 113014 113018 113020 113022-113028 109010 109013-109032 109035-109040 109201-109213', 'other', 'authentication', 'aaa'],
  ['109005', 'login', 'passed', 'authentication'],
  ['109006 109002 109034', 'login', 'refused', 'authentication'],
  ['109001 109003 109007-109009 109011 109014', 'other', 'authentication', 'aaa'],
  ['109012', 'logout', 'logout', 'session-end'],
  ['605005 611101 606001 606003', 'admin-login', 'passed', 'login'],
  ['605004 611102 308001 113021 315004 109033', 'admin-login', 'refused', 'login'],
  ['611103 315011 606002 606004', 'logout', 'logout', 'logout'],
  ['111001-111007 111008 111010 504001 504002', 'config-change', 'change', 'configuration'],
  ['502101', 'account-created', 'created', 'user-added'],
  ['502102', 'account-changed', 'deleted', 'user-deleted'],
  ['502103', 'privileges-assigned', 'changed', 'privilege-level'],
  ['502111 502112', 'group-changed', 'changed', 'group-policy'],
  ['113039 716001 750006', 'vpn-session-start', 'up', 'session-started'],
  ['113019 716002 713050 750007', 'vpn-session-end', 'down', 'session-ended'],
  ['722051 713228 751025 737026 737034', 'vpn-address-assigned', 'session', 'address-assigned'],
  ['113029-113038 716040-716042 722041 713048 713902 713903 713061 713122 750003 750014 751001-751006', 'vpn-negotiation', 'broken', 'negotiation'],
  ['734001', 'vpn-negotiation', 'passed', 'access-policy'],
  ['734002', 'vpn-negotiation', 'refused', 'access-policy'],
  ['603104 603106', 'vpn-session-start', 'up', 'session-started'],
  ['603105 603107 716006', 'vpn-session-end', 'down', 'session-ended'],
  ['603108 603109', 'other', 'info', 'pppoe'],
  ['604101-604105', 'dhcp-lease', 'info', 'dhcp'],
  ['733201', 'threat', 'threat', 'threat'],
  ['424001 424002', 'flow-denied', 'denied', 'drop'],
  ['713000-713999 714000-715999 716000-716999 717000-718999 721000-722999 725000-725999 734000-734999 737000-737999 750000-752999', 'vpn-negotiation', 'session', 'negotiation'],
  ['602000-602999 702000-702999 402000-402199 603000-604999', 'vpn-negotiation', 'session', 'tunnel'],
  ['771001 771002', 'source-state', 'state', 'clock-set'],
  ['199001-199016 101001-105999 411001-411004 505001-505016 321001-321007 323001-323009 211001 216001 747001-747999 414001-414008', 'source-state', 'state', 'system-state'],
];

const RANGES = MESSAGES.flatMap(([list, ...meaning]) =>
  list.split(' ').map((range) => ({ first: range.slice(0, 6), last: range.slice(-6), meaning })),
);

const OTHER: Meaning = ['other', 'info', 'message'];
const meanings = new Map<string, Meaning>();

export const meaningOf = (code: string): Meaning => {
  let meaning = meanings.get(code);
  if (meaning === undefined) {
    meaning = RANGES.find(({ first, last }) => first <= code && code <= last)?.meaning ?? OTHER;
    if (meanings.size < 4096) meanings.set(code, meaning);
  }
  return meaning;
};

/** Commands that look and do not change, as 111008 and 111010 log them too. */
const LOOKS =
  /executed (?:the |cmd: ?)?'(?:show|ping|traceroute|packet-tracer|enable|disable|exit|end|quit|login|logout|terminal|dir|more|changeto|help)\b/;

/** What the words of a message say that its number leaves open: authorization denied, handshake failed, no address left. */
const WENT_WRONG =
  /\b(?:fail(?:ed|ure)?|den(?:ied|y)|DENIED|reject(?:ed|ing)|[Uu]nable|could not|[Ee]rror|ERROR|not accessible|not allowed|No (?:IPv[46] )?address)\b/;

/** What the text decides. */
export const refine = (meaning: Meaning, { code, text }: AsaLine): Meaning => {
  if (meaning[1] === 'authentication' && WENT_WRONG.test(text)) return [meaning[0], 'refused', meaning[2]];
  if (meaning[1] === 'session' && WENT_WRONG.test(text)) return [meaning[0], 'broken', meaning[2]];
  if (meaning[0] === 'config-change' && /executed (?:the )?'clear logging/.test(text))
    return ['log-cleared', 'change', 'command'];
  // PPPOE is the firewall's own way out, PPTP a user's way in
  if (code === '603108' && text.startsWith('Built PPTP ')) return ['vpn-session-start', 'up', 'session-started'];
  if (/^10610[023]$/.test(code ?? '') && !/\bdenied\b/.test(text)) return ['flow-start', 'allowed', meaning[2]];
  return meaning[0] === 'config-change' && LOOKS.test(text) ? ['other', 'info', 'command'] : meaning;
};

/** The text without its number, as a collector may leave it: the AnyConnect messages whose wording tells the number. */
export const WORDINGS: readonly (readonly [RegExp, string])[] = [
  [/Session disconnected\. Session Type/, '113019'],
  [/AnyConnect parent session started/, '113039'],
  [/assigned to session/, '722051'],
  [/Authentication: successful/, '716038'],
  [/Authentication: rejected/, '716039'],
  [/WebVPN session started/, '716001'],
  [/WebVPN session terminated/, '716002'],
  [/^Group|^TunnelGroup/, '722000'],
];
