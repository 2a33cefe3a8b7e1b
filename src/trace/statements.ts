import { asIs, type Said, say } from '../core/said.ts';
import { DAY, HOUR, timeText } from '../core/time.ts';
import type { Answer } from './answered.ts';
import type { Covered } from './coverage.ts';
import { gapsWithin } from './coverage.ts';
import { LOG_NAMES } from './log-names.ts';
import type { Act } from './model.ts';
import type { Vector } from './result.ts';
import type { Scored, Term } from './terms.ts';
import { WOULD_SHOW } from './verdict.ts';

/** What a hypothesis is called, and what is said for it, against it, and missing. */

const TITLES: Readonly<Record<Vector, (act: Act) => Said>> = {
  'vpn-valid-account': (a) =>
    say(
      `VPN login as ${a.account} with valid credentials from ${place(a).en}`,
      `VPN-Anmeldung als ${a.account} mit gültigen Zugangsdaten von ${place(a).de}`,
    ),
  'vpn-guessed-password': (a) =>
    say(
      `VPN login as ${a.account} from ${place(a).en} after guessing the password`,
      `VPN-Anmeldung als ${a.account} von ${place(a).de} nach Erraten des Passworts`,
    ),
  'mail-phishing': (a) => say(`Phishing ${a.summary.en}`, `Phishing-${a.summary.de}`),
  'mail-account-takeover': (a) =>
    say(
      `Mailbox of ${a.account} taken over from ${place(a).en}`,
      `Postfach von ${a.account} übernommen von ${place(a).de}`,
    ),
  'web-exploit': (a) =>
    say(`Web server exploited from ${place(a).en}`, `Webserver angegriffen und überwunden von ${place(a).de}`),
  'appliance-exploit': (a) =>
    a.device === undefined
      ? say(`Appliance exploited from ${place(a).en}`, `Gerät angegriffen und überwunden von ${place(a).de}`)
      : say(`Management of ${a.device} bypassed`, `Anmeldung zur Verwaltung von ${a.device} umgangen`),
  'exposed-remote-service': (a) =>
    say(
      `Login to an exposed service: ${a.summary.en}`,
      `Anmeldung an einem offen erreichbaren Dienst: ${a.summary.de}`,
    ),
  'session-theft': (a) =>
    say(
      `Session of ${a.account ?? 'a user'} carried on by somebody else from ${place(a).en}`,
      `Sitzung von ${a.account ?? 'jemandem'} durch einen anderen fortgeführt von ${place(a).de}`,
    ),
  'mfa-fatigue': (a) =>
    say(
      `Second factor of ${a.account} worn down, login from ${place(a).en}`,
      `Zweiter Faktor von ${a.account} zermürbt, Anmeldung von ${place(a).de}`,
    ),
  'token-or-consent': (a) =>
    say(
      `Token or consent given by ${a.account ?? 'a user'}: ${a.summary.en}`,
      `Token oder Zustimmung von ${a.account ?? 'jemandem'}: ${a.summary.de}`,
    ),
  'partner-access': (a) =>
    say(`Access through a partner: ${a.summary.en}`, `Zugang über einen Partner: ${a.summary.de}`),
  'rogue-device': (a) => say(`Unknown device: ${a.summary.en}`, `Fremdes Gerät: ${a.summary.de}`),
  'insider-or-leaver': (a) =>
    say(
      `Use of the account of ${a.account ?? 'a former employee'} by its former or present owner, from ${place(a).en}`,
      `Nutzung des Kontos von ${a.account ?? 'einem Ausgeschiedenen'} durch den früheren oder jetzigen Inhaber, von ${place(a).de}`,
    ),
  'physical-or-unknown': (a) => a.summary,
};

const place = (act: Act): Said => {
  const known = act.remote ?? act.address;
  return known === undefined
    ? say('an address that the log does not tell', 'einer Adresse, die das Protokoll nicht nennt')
    : asIs(known);
};

export const titleOf = (scored: Scored): Said => TITLES[scored.vector](scored.candidate.act);

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
const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
export const capitalised = ({ en, de }: Said): Said => say(capital(en), capital(de));
const sentence = ({ en, de }: Said): Said => say(`${capital(en)}.`, `${capital(de)}.`);

export const forIt = (terms: readonly Term[]): Term[] =>
  terms.filter((t) => t.term !== 'prior' && t.nats >= WORTH_SAYING).sort((a, b) => b.nats - a.nats);
export const againstIt = (terms: readonly Term[]): Term[] =>
  terms.filter((t) => t.term !== 'prior' && t.nats <= -WORTH_SAYING).sort((a, b) => a.nats - b.nats);
export const said = (term: Term): Said => sentence(term.because);

const QUESTIONS: Readonly<Record<Vector, (act: Act) => Said>> = {
  'vpn-valid-account': (a) =>
    say(
      `whether ${a.account} was at the keyboard: the log of the client device and of the second factor`,
      `ob ${a.account} selbst an der Tastatur saß: Protokoll des Endgeräts und des zweiten Faktors`,
    ),
  'vpn-guessed-password': (a) =>
    say(`whether a second factor was asked of ${a.account}`, `ob von ${a.account} ein zweiter Faktor verlangt wurde`),
  'mail-phishing': (a) =>
    say(
      `whether ${a.targets[0] ?? 'the recipient'} opened the message or its link`,
      `ob ${a.targets[0] ?? 'der Empfänger'} die Nachricht oder ihren Link geöffnet hat`,
    ),
  'mail-account-takeover': (a) =>
    say(
      `what was read and sent from the mailbox of ${a.account}`,
      `was aus dem Postfach von ${a.account} gelesen und gesendet wurde`,
    ),
  'web-exploit': () =>
    say(
      'what the request started on the server: its process and file log',
      'was die Anfrage auf dem Server gestartet hat: dessen Prozess- und Dateiprotokoll',
    ),
  'appliance-exploit': (a) =>
    say(
      `what was changed on ${a.device ?? 'the appliance'}: its configuration history and crash log`,
      `was an ${a.device ?? 'dem Gerät'} geändert wurde: Verlauf der Konfiguration und Absturzprotokoll`,
    ),
  'exposed-remote-service': (a) =>
    say(
      `what was done in the session on ${a.host ?? a.device ?? 'the host'}: its process log`,
      `was in der Sitzung auf ${a.host ?? a.device ?? 'dem Rechner'} getan wurde: dessen Prozessprotokoll`,
    ),
  'session-theft': () =>
    say(
      'how the session was read: the web log of the gateway',
      'wie die Sitzung ausgelesen wurde: das Web-Protokoll des Gateways',
    ),
  'mfa-fatigue': (a) => say(`whether ${a.account} approved the request`, `ob ${a.account} die Anfrage bestätigt hat`),
  'token-or-consent': () =>
    say(
      'what the token was used for: the audit log of the provider',
      'wozu das Token benutzt wurde: das Prüfprotokoll des Anbieters',
    ),
  'partner-access': (a) =>
    say(
      `who sat at ${a.address ?? 'the partner'}: the partner's own logs; the intrusion began upstream of these`,
      `wer an ${a.address ?? 'dem Anschluss des Partners'} saß: die Protokolle des Partners; der Einbruch begann vor den hiesigen`,
    ),
  'rogue-device': () =>
    say(
      'where the device was plugged in: the switch port log',
      'wo das Gerät angeschlossen war: das Protokoll der Switch-Ports',
    ),
  'insider-or-leaver': (a) => say(`who used the account of ${a.account}`, `wer das Konto von ${a.account} benutzt hat`),
  'physical-or-unknown': () => say('who was at the machine', 'wer an dem Rechner war'),
};

const span = (from: number, to: number): Said =>
  say(`${timeText(from)} to ${timeText(to)}`, `${timeText(from)} bis ${timeText(to)}`);

const openQuestion = (vector: Vector, act: Act): Said => {
  const question = QUESTIONS[vector](act);
  const when = span(act.from - HOUR, act.to + HOUR);
  return say(`Open: ${question.en}, ${when.en}.`, `Offen: ${question.de}, ${when.de}.`);
};

const notHandedOver = (kind: Covered['class'], from: number, to: number): Said => {
  const [log, when] = [LOG_NAMES[kind], span(from, to)];
  return say(
    `No ${log.en} was handed over; it would show or exclude this, ${when.en}.`,
    `Kein ${log.de} wurde übergeben; es würde dies zeigen oder ausschließen, ${when.de}.`,
  );
};

const silent = (gap: ReturnType<typeof gapsWithin>[number]): Said => {
  const [log, when] = [LOG_NAMES[gap.class], span(gap.from, gap.to)];
  return say(`${gap.source} has no ${log.en} from ${when.en}.`, `${gap.source} hat kein ${log.de} von ${when.de}.`);
};

const beginsLate = (covered: Covered): Said => {
  const [log, when] = [LOG_NAMES[covered.class], timeText(covered.from)];
  return say(
    `The ${log.en} of ${covered.source} begins ${when}: what was usual before cannot be told.`,
    `Das ${log.de} von ${covered.source} beginnt ${when}: was zuvor üblich war, lässt sich nicht sagen.`,
  );
};

/** What would decide, and which logs are not there. What the logs at hand say to it is not asked for. */
export const missingFor = (scored: Scored, coverage: readonly Covered[], answer: Answer): Said[] => {
  const { act } = scored.candidate;
  const from = act.from - 7 * DAY;
  const to = act.from + DAY;
  const wanted = WOULD_SHOW[scored.vector];
  const late = coverage.find((c) => wanted.includes(c.class) && c.from > from && c.from < act.from);
  return [
    ...(answer === 'open' ? [openQuestion(scored.vector, act)] : answer === 'settled' ? [] : [answer.said]),
    ...wanted.filter((kind) => !coverage.some((c) => c.class === kind)).map((kind) => notHandedOver(kind, from, to)),
    ...gapsWithin(coverage, ['firewall', 'vpn', 'mail', 'auth', 'web'], from, to).slice(0, 4).map(silent),
    ...(late === undefined ? [] : [beginsLate(late)]),
  ];
};
