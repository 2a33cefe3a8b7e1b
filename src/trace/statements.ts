import { DAY, HOUR, timeText } from '../core/time.ts';
import type { Covered } from './coverage.ts';
import { gapsWithin } from './coverage.ts';
import type { Act } from './model.ts';
import type { Vector } from './result.ts';
import type { Scored, Term } from './score.ts';
import { WOULD_SHOW } from './verdict.ts';

/** What a hypothesis is called, and what is said for it, against it, and missing. */

const TITLES: Readonly<Record<Vector, (act: Act) => string>> = {
  'vpn-valid-account': (a) => `VPN login as ${a.account} with valid credentials from ${place(a)}`,
  'vpn-guessed-password': (a) => `VPN login as ${a.account} from ${place(a)} after guessing the password`,
  'mail-phishing': (a) => `Phishing ${a.summary}`,
  'mail-account-takeover': (a) => `Mailbox of ${a.account} taken over from ${place(a)}`,
  'web-exploit': (a) => `Web server exploited from ${place(a)}`,
  'appliance-exploit': (a) =>
    a.device === undefined ? `Appliance exploited from ${place(a)}` : `Management of ${a.device} bypassed`,
  'exposed-remote-service': (a) => `Login to an exposed service: ${a.summary}`,
  'session-theft': (a) => `Session of ${a.account ?? 'a user'} carried on by somebody else from ${place(a)}`,
  'mfa-fatigue': (a) => `Second factor of ${a.account} worn down, login from ${place(a)}`,
  'token-or-consent': (a) => `Token or consent given by ${a.account ?? 'a user'}: ${a.summary}`,
  'partner-access': (a) => `Access through a partner: ${a.summary}`,
  'rogue-device': (a) => `Unknown device: ${a.summary}`,
  'insider-or-leaver': (a) =>
    `Use of the account of ${a.account ?? 'a former employee'} by its former or present owner, from ${place(a)}`,
  'physical-or-unknown': (a) => a.summary,
};

const place = (act: Act): string => act.remote ?? act.address ?? 'an address that the log does not tell';

export const titleOf = (scored: Scored): string => TITLES[scored.vector](scored.candidate.act);

const TECHNIQUES: Readonly<Partial<Record<Vector, string>>> = {
  'session-theft': 'T1539',
  'mfa-fatigue': 'T1621',
  'insider-or-leaver': 'T1078',
  'partner-access': 'T1199',
  'vpn-guessed-password': 'T1133',
  'web-exploit': 'T1190',
  'appliance-exploit': 'T1190',
  'token-or-consent': 'T1528',
  'rogue-device': 'T1200',
};

export const techniqueOf = (scored: Scored): string =>
  TECHNIQUES[scored.vector] ?? (scored.candidate.act.technique || 'T1078');

export const originOf = (scored: Scored): 'external' | 'partner' | 'internal' | 'unknown' => {
  if (scored.vector === 'partner-access') return 'partner';
  if (scored.vector === 'rogue-device' || scored.vector === 'physical-or-unknown') return 'internal';
  if (scored.candidate.act.remote !== undefined)
    return scored.vector === 'insider-or-leaver' && !scored.candidate.act.labels.includes('leaver')
      ? 'internal'
      : 'external';
  if (scored.vector === 'mail-phishing' || scored.vector === 'appliance-exploit' || scored.vector === 'web-exploit')
    return 'external';
  return scored.candidate.act.address === undefined ? 'unknown' : 'internal';
};

const WORTH_SAYING = 0.3;
const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

export const forIt = (terms: readonly Term[]): Term[] =>
  terms.filter((t) => t.term !== 'prior' && t.nats >= WORTH_SAYING).sort((a, b) => b.nats - a.nats);
export const againstIt = (terms: readonly Term[]): Term[] =>
  terms.filter((t) => t.term !== 'prior' && t.nats <= -WORTH_SAYING).sort((a, b) => a.nats - b.nats);
export const said = (term: Term): string => sentence(term.because);

const CLASS_NAMES: Readonly<Record<Covered['class'], string>> = {
  firewall: 'firewall log',
  vpn: 'VPN log',
  mail: 'mail log',
  auth: 'authentication log',
  web: 'proxy or web log',
  network: 'DNS or DHCP log',
};

const QUESTIONS: Readonly<Record<Vector, (act: Act) => string>> = {
  'vpn-valid-account': (a) =>
    `whether ${a.account} was at the keyboard: the log of the client device and of the second factor`,
  'vpn-guessed-password': (a) => `whether a second factor was asked of ${a.account}`,
  'mail-phishing': (a) => `whether ${a.targets[0] ?? 'the recipient'} opened the message or its link`,
  'mail-account-takeover': (a) => `what was read and sent from the mailbox of ${a.account}`,
  'web-exploit': () => 'what the request started on the server: its process and file log',
  'appliance-exploit': (a) =>
    `what was changed on ${a.device ?? 'the appliance'}: its configuration history and crash log`,
  'exposed-remote-service': (a) =>
    `what was done in the session on ${a.host ?? a.device ?? 'the host'}: its process log`,
  'session-theft': () => 'how the session was read: the web log of the gateway',
  'mfa-fatigue': (a) => `whether ${a.account} approved the request`,
  'token-or-consent': () => 'what the token was used for: the audit log of the provider',
  'partner-access': (a) =>
    `who sat at ${a.address ?? 'the partner'}: the partner's own logs; the intrusion began upstream of these`,
  'rogue-device': () => 'where the device was plugged in: the switch port log',
  'insider-or-leaver': (a) => `who used the account of ${a.account}`,
  'physical-or-unknown': () => 'who was at the machine',
};

/** What would decide, and which logs are not there. */
export const missingFor = (scored: Scored, coverage: readonly Covered[]): string[] => {
  const { act } = scored.candidate;
  const from = act.from - 7 * DAY;
  const to = act.from + DAY;
  const out = [
    sentence(`Open: ${QUESTIONS[scored.vector](act)}, ${timeText(act.from - HOUR)} to ${timeText(act.to + HOUR)}`),
  ];
  for (const kind of WOULD_SHOW[scored.vector]) {
    if (!coverage.some((c) => c.class === kind))
      out.push(
        `No ${CLASS_NAMES[kind]} was handed over; it would show or exclude this, ${timeText(from)} to ${timeText(to)}.`,
      );
  }
  for (const gap of gapsWithin(coverage, ['firewall', 'vpn', 'mail', 'auth', 'web'], from, to).slice(0, 4)) {
    out.push(`${gap.source} has no ${CLASS_NAMES[gap.class]} from ${timeText(gap.from)} to ${timeText(gap.to)}.`);
  }
  for (const c of coverage) {
    if (WOULD_SHOW[scored.vector].includes(c.class) && c.from > from && c.from < act.from) {
      out.push(
        `The ${CLASS_NAMES[c.class]} of ${c.source} begins ${timeText(c.from)}: what was usual before cannot be told.`,
      );
      break;
    }
  }
  return out;
};
