import type { Said } from '../core/said.ts';

/** Five Sigma levels. */
export type Level = 'informational' | 'low' | 'medium' | 'high' | 'critical';

/** What a rule means for a chain; the rule's `custom:` block (design §6). */
export interface ChainMeaning {
  /** ATT&CK tactic short name: initial-access, credential-access, … */
  readonly stage: string;
  /** Entry vector (design §8), when the act could be an entry. */
  readonly vector?: string;
  /**
   * `credential(user.name)`: a capability (credential, network-access, foothold, device-admin, mailbox, domain-admin,
   * data) and the field whose value it is bound to.
   */
  readonly requires: readonly string[];
  readonly provides: readonly string[];
  /** Log-likelihood ratio in nats. */
  readonly weight: number;
}

/** A rule or baseline that was fulfilled: states a fact, and points to its events. */
export interface Finding {
  /** SHA-256 (first 16 hex digits) over rule id, group and first event: stable between runs. */
  readonly id: string;
  readonly rule: string;
  readonly title: string;
  readonly level: Level;
  /** ATT&CK technique ids, `T1110.001`. */
  readonly techniques: readonly string[];
  /** The fact in one sentence with its numbers: "37 failures for k.maier from 198.51.100.23 in 21 min". */
  readonly fact: Said;
  /** First and last event, epoch µs. */
  readonly from: number;
  readonly to: number;
  /** When the condition was fulfilled, epoch µs. */
  readonly at: number;
  /** Event ids, in time order; at most 200, the first and the last kept. */
  readonly events: readonly string[];
  /** Number of events in all. */
  readonly count: number;
  /** Field values common to the finding: the group of a correlation, else entities of the event. `{'user.name': 'k.maier'}` */
  readonly entities: Readonly<Record<string, string>>;
  readonly chain: ChainMeaning | undefined;
  /** Labels of what weakens it: `pentest`, `known-travel`, `scanner` by the context file, `known-network` by the logs. */
  readonly context: readonly string[];
}
