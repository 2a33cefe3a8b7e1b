import { inRange, parseCidr } from '../../core/net.ts';
import { type Said, say } from '../../core/said.ts';
import { DAY, isoOf, timeText } from '../../core/time.ts';
import { accountOf } from '../baseline/uses.ts';
import type { Finding } from '../finding.ts';
import type { Seen } from './seen.ts';
import { USUAL } from './suggestion.ts';

/** Before the first grave finding somebody may have been inside unseen: so much is not learnt from either. */
const MARGIN = DAY;
/** With less log before the suspicious period nothing can be called usual. */
const LEAST = 7 * DAY;
/** What begins only behind this share of the log before the suspicious period appears late. */
const LATE = 1 / 3;
/** Labels of what the context file of the case already explains. */
const EXPLAINED: ReadonlySet<string> = new Set(['pentest', 'scanner', 'backup']);

const isGrave = ({ level, context }: Finding): boolean =>
  (level === 'high' || level === 'critical') && !context.some((label) => EXPLAINED.has(label));

const ACTORS = ['source.ip', 'einfallstor.vpn.assigned_ip'] as const;

/** What may be learnt from a case in which somebody may have tried to look usual. */
export class Trust {
  /** Begin of the log and of the suspicious period (or end of the log), epoch µs. */
  readonly from: number;
  readonly until: number;
  /** Whether there is a suspicious period at all. */
  readonly isSuspicious: boolean;
  readonly #addresses = new Map<string, Finding>();
  readonly #targets = new Map<string, Finding>();
  readonly #accounts = new Map<string, Finding>();

  /** `since`: when, after the trace, an intrusion began; epoch µs. */
  constructor(
    span: { readonly first: number; readonly last: number },
    findings: readonly Finding[],
    since: number | undefined,
  ) {
    this.from = span.first;
    const grave = findings.filter(isGrave).map(({ from }) => from);
    const begins = [...grave, ...(since === undefined ? [] : [since])].reduce((a, b) => Math.min(a, b), Infinity);
    this.isSuspicious = begins !== Number.POSITIVE_INFINITY;
    this.until = this.isSuspicious ? begins - MARGIN : span.last + 1;
    for (const finding of findings) {
      if (finding.level === 'informational') continue;
      for (const name of ACTORS) this.#note(this.#addresses, finding.entities[name], finding);
      this.#note(this.#targets, finding.entities['destination.ip'], finding);
      const user = finding.entities['user.name'];
      this.#note(this.#accounts, user === undefined ? undefined : accountOf(user), finding);
    }
  }

  #note(map: Map<string, Finding>, key: string | undefined, finding: Finding): void {
    if (key !== undefined && !map.has(key)) map.set(key, finding);
  }

  /** Whole days that may be learnt from. */
  get days(): number {
    return Math.max(0, Math.ceil((this.until - this.from) / DAY));
  }

  /** Why something that was seen so must not be proposed; undefined when it may be. */
  doubt(seen: Seen, leastDays: number = USUAL.days): Said | undefined {
    if (this.until - this.from < LEAST) {
      return this.isSuspicious
        ? say(
            'there are less than 7 days of log before the first grave finding, so nothing can be called usual',
            'vor der ersten schweren Feststellung liegen weniger als 7 Tage Protokoll, nichts kann üblich heißen',
          )
        : say(
            'there are less than 7 days of log, so nothing can be called usual',
            'es gibt weniger als 7 Tage Protokoll, nichts kann üblich heißen',
          );
    }
    if (seen.count === 0) {
      const [since, first] = [timeText(this.until), isoOf(seen.from).slice(0, 10)];
      return say(
        `it began on ${first}, in the suspicious period (from ${since} on)`,
        `es begann am ${first}, im verdächtigen Zeitraum (ab ${since})`,
      );
    }
    if (seen.from > this.from + (this.until - this.from) * LATE) {
      const first = isoOf(seen.from).slice(0, 10);
      return say(`it appears late in the log, first on ${first}`, `es tritt spät auf, zuerst am ${first}`);
    }
    if (seen.days < leastDays) {
      return say(`it was seen on ${seen.days} days only`, `es wurde nur an ${seen.days} Tagen gesehen`);
    }
    return undefined;
  }

  /** A finding that these addresses, as sources, are named in. */
  findingAbout(addresses: Iterable<string>): Said | undefined {
    for (const address of addresses) {
      const finding = this.#addresses.get(address);
      if (finding !== undefined) return named(address, finding);
    }
    return undefined;
  }

  /** A finding whose source lies within a network. */
  findingWithin(cidr: string): Said | undefined {
    const range = parseCidr(cidr);
    const found = range === undefined ? undefined : [...this.#addresses].find(([address]) => inRange(range, address));
    return found === undefined ? undefined : named(...found);
  }

  findingTowards(address: string): Said | undefined {
    const finding = this.#targets.get(address);
    return finding === undefined ? undefined : named(address, finding);
  }

  findingOf(account: string): Said | undefined {
    const finding = this.#accounts.get(account);
    return finding === undefined ? undefined : named(account, finding);
  }
}

const named = (what: string, { title, id }: Finding): Said =>
  say(`there is a finding about ${what}: ${title} (${id})`, `zu ${what} gibt es eine Feststellung: ${title} (${id})`);
