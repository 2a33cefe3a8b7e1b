import { say } from '../../core/said.ts';
import { DAY, HOUR } from '../../core/time.ts';
import type { Act, Cause, World } from '../model.ts';
import { isInner } from '../read.ts';

/** A server that was broken into serves its intruder for weeks. */
const REACH = 30 * DAY;

const isExploit = (act: Act): boolean =>
  act.vector === 'web-exploit' ||
  act.vector === 'appliance-exploit' ||
  act.technique.startsWith('T1190') ||
  act.technique.startsWith('T1505');

/** An address that nobody names begins to act so soon after a server was broken into whose address nobody tells. */
const SOON = 12 * HOUR;
const BY_ELIMINATION = 0.35;
const WEIGHTY = 1.2;

const byElimination = (act: Act, world: World): Cause[] => {
  const { address } = act;
  if (address === undefined || world.leases.isLeased(address)) return [];
  if (world.hosts.namesOf(address, act.from).length > 0) return [];
  const isPlaced = (found: Act): boolean =>
    found.targets.some((t) => isInner(t) || world.hosts.addressesOf(t).some((a) => a !== t));
  const found = world.board.acts.filter(
    (a) =>
      a.kind === 'web-request' &&
      isExploit(a) &&
      !a.labels.includes('pentest') &&
      a.from <= act.from + act.slack + a.slack &&
      a.from >= act.from - SOON &&
      a.marks.some((m) => m.nats >= WEIGHTY) &&
      !isPlaced(a),
  );
  if (new Set(found.map((a) => a.remote)).size !== 1) return [];
  return found.map((a) => ({
    act: a,
    strength: BY_ELIMINATION,
    because: say(
      `a web server whose address no log tells had been broken into shortly before: ${a.summary.en}`,
      `kurz zuvor war in einen Webserver eingebrochen worden, dessen Adresse kein Protokoll nennt: ${a.summary.de}`,
    ),
  }));
};

/** The machine the act happened on, or came from, had been broken into over the web before. */
export const byExploit = (act: Act, world: World): Cause[] => {
  if (act.kind === 'vpn-session') return [];
  const own = [act.host, act.address, act.device, ...(act.kind === 'impact' ? [] : act.targets)].filter(
    (p): p is string => p !== undefined,
  );
  const names = own.flatMap((p) => (isInner(p) ? world.hosts.namesOf(p, act.from) : world.hosts.addressesOf(p)));
  const places = [...new Set([...own, ...names])];
  const causes = new Map<string, Cause>();
  for (const place of places) {
    for (const found of world.board.naming(place)) {
      if (!isExploit(found) || found.key === act.key || found.labels.includes('pentest')) continue;
      if (found.from > act.from + act.slack || found.from < act.from - REACH) continue;
      const strength = found.vector === undefined && !isExploit(act) ? 0.6 : 0.75;
      causes.set(found.key, {
        act: found,
        strength,
        because: say(
          `${place} had been attacked over the web before: ${found.summary.en}`,
          `${place} war zuvor über das Web angegriffen worden: ${found.summary.de}`,
        ),
      });
    }
  }
  return causes.size > 0 ? [...causes.values()] : byElimination(act, world);
};
