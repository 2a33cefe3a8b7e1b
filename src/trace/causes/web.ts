import { say } from '../../core/said.ts';
import { DAY } from '../../core/time.ts';
import type { Act, Cause, World } from '../model.ts';
import { isInner } from '../read.ts';

/** A server that was broken into serves its intruder for weeks. */
const REACH = 30 * DAY;

const isExploit = (act: Act): boolean =>
  act.vector === 'web-exploit' ||
  act.vector === 'appliance-exploit' ||
  act.technique.startsWith('T1190') ||
  act.technique.startsWith('T1505');

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
  return [...causes.values()];
};
