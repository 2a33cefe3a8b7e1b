import { networkOf } from '../core/net.ts';
import { say } from '../core/said.ts';
import { DAY, isoOf } from '../core/time.ts';
import type { StoreReader } from '../store/store.ts';
import { accountOf, usesOf } from './baseline/uses.ts';
import type { Finding } from './finding.ts';

/** A network an account succeeded from so long before it failed there belongs to its owner, who mistypes. */
const BEFORE = DAY;

/** Account and network of a login after guessing. */
const guessedFrom = ({ techniques, chain, entities }: Finding): string | undefined => {
  const [user, ip] = [entities['user.name'], entities['source.ip']];
  const network = ip === undefined ? undefined : networkOf(ip);
  const isGuessed = chain?.vector !== undefined && techniques.some((id) => id.startsWith('T1110'));
  return isGuessed && user !== undefined && network !== undefined ? `${accountOf(user)} ${network}` : undefined;
};

/** Earliest successful login of each account and network asked for, epoch µs. */
const firstLogins = async (store: StoreReader, asked: ReadonlySet<string>): Promise<ReadonlyMap<string, number>> => {
  const first = new Map<string, number>();
  for await (const use of usesOf(store, ['vpn-login', 'vpn-session-start', 'login', 'admin-login'])) {
    const key = `${use.account} ${use.network}`;
    if (asked.has(key) && !first.has(key)) first.set(key, use.time);
  }
  return first;
};

/** Logins after guessing from where the account had long logged in: they stay, say so, and fall to medium. */
export const withFamiliarity = async (
  findings: readonly Finding[],
  store: StoreReader,
): Promise<readonly Finding[]> => {
  const asked = new Set(findings.flatMap((finding) => guessedFrom(finding) ?? []));
  if (asked.size === 0) return findings;
  const first = await firstLogins(store, asked);
  return findings.map((finding) => {
    const since = first.get(guessedFrom(finding) ?? '');
    if (since === undefined || since > finding.from - BEFORE) return finding;
    const day = isoOf(since).slice(0, 10);
    const fact = say(
      `${finding.fact.en}; the account had logged in from this network since ${day}`,
      `${finding.fact.de}; aus diesem Netz hatte sich das Konto seit ${day} angemeldet`,
    );
    const isHigh = finding.level === 'high' || finding.level === 'critical';
    return {
      ...finding,
      fact,
      level: isHigh ? 'medium' : finding.level,
      context: [...finding.context, 'known-network'].sort(),
    };
  });
};
