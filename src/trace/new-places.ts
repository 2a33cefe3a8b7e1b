import { say } from '../core/said.ts';
import { HOUR } from '../core/time.ts';
import type { Act, Mark, World } from './model.ts';
import { during, type Movement } from './movements.ts';
import { samePerson } from './read.ts';
import type { VpnSession } from './sessions.ts';

/**
 * Where a stay went. Whose account it is goes where he always goes; who came by it looks around. Where a chain ties a stay to
 * what followed, the chain tells as much: this speaks of stays that nothing is tied to.
 */

/** Of fewer earlier stays nobody knows where the account goes. */
const HISTORY = 5;
/** What is opened later in a stay may be any day's new task. */
const AT_FIRST = 2 * HOUR;
const WEIGHT = 1;
const MOST_SHOWN = 3;

/** Screens and shells that the stay's address opened; file shares are opened by machines, too. */
const openedIn = ({ addresses, begin, end }: VpnSession, until: number, { movements }: World): Movement[] =>
  addresses.flatMap(({ ip }) =>
    during(movements.from(ip), begin, Math.min(end, until)).filter((m) => m.interactive && m.kind === 'connection'),
  );

/** The first of its account's stays to open a screen or shell of a machine: a mark, if the logs reach back far enough to tell. */
export const newPlaces = (act: Act, world: World): Mark[] => {
  const own = world.sessions.find(({ key }) => key === act.key);
  if (own === undefined) return [];
  const opened = openedIn(own, own.begin + AT_FIRST, world);
  // what is logged now would have been logged before, from the log's beginning on
  const begin = world.movements.all.find(({ kind }) => kind !== 'logon')?.time ?? own.begin;
  const earlier = world.sessions.filter(
    (s) => s.begin >= begin && s.begin < own.begin - HOUR && samePerson(s.account, own.account),
  );
  if (earlier.length < HISTORY) return [];
  const known = new Set(earlier.flatMap((s) => openedIn(s, s.end, world).map(({ place }) => place)));
  const fresh = opened.filter(({ place }) => !known.has(place));
  if (fresh.length === 0) return [];
  const names = [...new Set(fresh.map(({ place }) => place))].slice(0, MOST_SHOWN).join(', ');
  return [
    {
      family: 'discovery',
      nats: WEIGHT,
      because: say(
        `it opened a screen or shell of ${names}, where the account had not been in ${earlier.length} stays before`,
        `sie öffnete Bildschirm oder Konsole von ${names}, wo das Konto in ${earlier.length} Sitzungen davor nie war`,
      ),
      events: fresh.slice(0, 10).map(({ id }) => id),
    },
  ];
};
