import { say } from '../../core/said.ts';
import { HOUR } from '../../core/time.ts';
import { numberOf } from '../../ecs/event.ts';
import { findingOf, type Meaning } from '../build.ts';
import type { Finding } from '../finding.ts';
import { durationText } from '../words.ts';
import type { Baseline } from './baseline.ts';
import { SETTINGS } from './settings.ts';
import { entitiesOf, entryOf, placeOf, type Use, usesOf } from './uses.ts';

interface Place {
  readonly lat: number;
  readonly lon: number;
}

const EARTH_KM = 6371;
const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Great-circle distance in km (haversine). */
export const distanceKm = (a: Place, b: Place): number => {
  const [dLat, dLon] = [radians(b.lat - a.lat), radians(b.lon - a.lon)];
  const h = Math.sin(dLat / 2) ** 2 + Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH_KM * Math.asin(Math.min(1, Math.sqrt(h)));
};

const locationOf = (use: Use): Place | undefined => {
  const lat = numberOf(use.fields, 'source.geo.location.lat');
  const lon = numberOf(use.fields, 'source.geo.location.lon');
  return lat === undefined || lon === undefined ? undefined : { lat, lon };
};

const findingFor = (before: Use, use: Use, km: number): Finding => {
  const { vector, provides, techniques } = entryOf(use);
  const meaning: Meaning = {
    id: 'baseline-impossible-travel',
    title: 'Logins farther apart than anyone travels',
    level: 'medium',
    techniques,
    chain: { stage: 'initial-access', vector, requires: [], provides, weight: 1.5 },
  };
  const both = { from: before.time, to: use.time, at: use.time, ids: [before.id, use.id], count: 2 };
  const apart = durationText(use.time - before.time);
  const [user, place, far] = [use.fields['user.name'], placeOf(use), `${Math.round(km)} km`];
  const fact = say(
    `${user} logged in (${place}) from ${before.address} and, ${apart.en} later and ${far} away, from ${use.address}`,
    `${user} meldete sich (${place}) von ${before.address} an und nach ${apart.de}, ${far} entfernt, von ${use.address}`,
  );
  return findingOf(meaning, both, { account: use.account }, entitiesOf(use), fact);
};

/** Two logins of an account that no journey explains. Only where the logs, or what enriched them, tell locations. */
export const impossibleTravel: Baseline = {
  title: 'Logins farther apart than anyone travels',
  run: async ({ store }) => {
    const last = new Map<string, { readonly use: Use; readonly place: Place }>();
    const findings: Finding[] = [];
    for await (const use of usesOf(store, ['vpn-login', 'vpn-session-start', 'login'])) {
      const place = locationOf(use);
      if (place === undefined) continue;
      const before = last.get(use.account);
      last.set(use.account, { use, place });
      if (before === undefined || before.use.network === use.network) continue;
      const km = distanceKm(before.place, place);
      const hours = (use.time - before.use.time) / HOUR;
      if (km > SETTINGS.travelDistanceKm && km > SETTINGS.travelSpeedKmh * hours)
        findings.push(findingFor(before.use, use, km));
    }
    return findings;
  },
};
