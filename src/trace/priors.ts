import { say } from '../core/said.ts';
import type { Vector } from './result.ts';

/**
 * How intrusions begin, before any evidence of this case is looked at. One place, cited, meant to be edited.
 *
 * Sources (share of cases by initial access vector, press summaries of the reports):
 * - Mandiant M-Trends 2026 (data of 2025): exploit 32 %, prior compromise 10 %, valid credentials 9 %, phishing 6 %, voice 11 %.
 * - Verizon DBIR 2026 (22,000 breaches): exploit 31 %, credentials 13 %, phishing 16 %; DBIR 2025: 20 %, 22 %, 16 %.
 * - Sophos Active Adversary 2026 (661 cases, Nov 2024 to Oct 2025): credentials 42 %, exploit 16 %, brute force 16 %, phishing 6 %.
 * - Kaspersky Incident Response 2025: exploit 44 %, valid accounts 25 %, trusted relationship 16 %.
 * They disagree by a factor of two to four. The synthesis (exploit .30, valid credentials .25, guessing .12, mail .10,
 * session and token .08, partner .10, other .05) is ours; it leaves .15 to entries that the logs at hand do not hold.
 * A prior is no evidence: it is printed as its own term, and the ranking without it is stated where it differs.
 */
export const PRIORS: Readonly<Record<Vector, number>> = {
  'vpn-valid-account': 0.15,
  'exposed-remote-service': 0.1,
  'vpn-guessed-password': 0.12,
  'web-exploit': 0.13,
  'appliance-exploit': 0.12,
  'mail-phishing': 0.1,
  'mail-account-takeover': 0.08,
  'session-theft': 0.03,
  'mfa-fatigue': 0.02,
  'token-or-consent': 0.02,
  'partner-access': 0.07,
  'insider-or-leaver': 0.03,
  'rogue-device': 0.01,
  'physical-or-unknown': 0.02,
};

/** Share of intrusions whose entry the logs at hand do not show, before gaps are counted. */
export const PRIOR_NOT_IN_LOGS = 0.15;

export const PRIORS_CITED = say(
  'M-Trends 2026, DBIR 2025 and 2026, Sophos Active Adversary 2026, Kaspersky IR 2025; synthesis in src/trace/priors.ts',
  'M-Trends 2026, DBIR 2025 und 2026, Sophos Active Adversary 2026, Kaspersky IR 2025; Zusammenführung in src/trace/priors.ts',
);
