// DROP · IPTABLES-DROP: · [UFW BLOCK] · Denied: · filter_IN_public_REJECT:
const REFUSED = /(?<![A-Za-z])(drop|reject|deny|denie|block)(?:p?ed|d)?(?![a-z])/i;
// [UFW ALLOW] · ACCEPT · Passed:
const LET_THROUGH = /(?<![A-Za-z])(accept|allow|pass|permit)(?:ed|ted)?(?![a-z])/i;

/** What became of a packet, in the words a rule's author put into the log prefix: `drop`, `accept`, …; undefined: not told. */
export const verdictOf = (prefix: string): string | undefined =>
  (REFUSED.exec(prefix) ?? LET_THROUGH.exec(prefix))?.[1]?.toLowerCase().replace('denie', 'deny');

export const isRefusal = (verdict: string | undefined): boolean => verdict !== undefined && REFUSED.test(verdict);
