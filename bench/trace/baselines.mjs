// What an analyst would guess from the list of findings alone; each guess is one finding.
import { findingsOf, placesOf } from './case.mjs';

const LEVELS = ['informational', 'low', 'medium', 'high', 'critical'];
const byTime = (a, b) => a.from - b.from || (a.id < b.id ? -1 : 1);
const actorOf = ({ entities }) => entities['source.ip'] ?? entities['user.name'] ?? '';

const earliest = (findings) => [...findings].sort(byTime)[0];
const severest = (findings) =>
  [...findings].sort((a, b) => LEVELS.indexOf(b.level) - LEVELS.indexOf(a.level) || byTime(a, b))[0];
/** The first finding about the actor that most findings are about. */
const busiest = (findings) => {
  const counts = new Map();
  for (const f of findings) counts.set(actorOf(f), (counts.get(actorOf(f)) ?? 0) + 1);
  counts.delete('');
  const most = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0]?.[0];
  return findings.filter((f) => actorOf(f) === most).sort(byTime)[0];
};

/** Whether each baseline's finding has a record of the true entry. */
export const baselines = (directory, truth) => {
  const findings = findingsOf(directory).filter((f) => f.level !== 'informational');
  const guesses = { earliest: earliest(findings), busiest: busiest(findings), severest: severest(findings) };
  const places = placesOf(
    directory,
    Object.values(guesses).flatMap((f) => f?.events ?? []),
  );
  return Object.fromEntries(
    Object.entries(guesses).map(([name, f]) => [name, (f?.events ?? []).some((id) => truth.has(places.get(id)))]),
  );
};
