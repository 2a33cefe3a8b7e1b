import { asIs, type Said, say } from '../core/said.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../core/time.ts';

/** A length of time in words: `45 s`, `21 min`, `3 h 10 min`, `12 days`; in German for `in`, `nach`, `seit`: `12 Tagen`. */
export const durationText = (micros: number): Said => {
  if (micros >= 2 * DAY) return say(`${Math.round(micros / DAY)} days`, `${Math.round(micros / DAY)} Tagen`);
  return asIs(shortDuration(micros));
};

const shortDuration = (micros: number): string => {
  if (micros < 2 * MINUTE) return `${Math.round(micros / SECOND)} s`;
  if (micros < 2 * HOUR) return `${Math.round(micros / MINUTE)} min`;
  const hours = Math.floor(micros / HOUR);
  const minutes = Math.round((micros - hours * HOUR) / MINUTE);
  return minutes === 0 || minutes === 60 ? `${hours + (minutes === 60 ? 1 : 0)} h` : `${hours} h ${minutes} min`;
};

/** How many of several things a sentence names. */
const NAMED = 5;

/** `a, b and 3 more` */
export const namedText = (values: readonly string[]): Said => {
  const first = values.slice(0, NAMED).join(', ');
  const more = values.length - NAMED;
  return more <= 0 ? asIs(first) : say(`${first} and ${more} more`, `${first} und ${more} weitere`);
};

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;

/** Bytes in decimal units, three digits: `210 GB`, `1.25 MB`. */
export const bytesText = (bytes: number): string => {
  let [value, unit] = [bytes, 0];
  while (value >= 1000 && unit < UNITS.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${unit === 0 ? value : Number(value.toPrecision(3))} ${UNITS[unit]}`;
};

/** A placeholder of a fact: `{user.name}` */
const PLACEHOLDER = /\{([\w@.-]{1,100})\}/g;

/** An optional part of a fact, left out when one of its values is absent: `[ by {user.name}]` */
const OPTIONAL = /\[([^[\]]{1,200})\]/g;

/** The sentence of a rule's `custom.fact`, its placeholders filled in. */
export const fillFact = (template: string, lookup: (name: string) => string | undefined): string => {
  const isComplete = (part: string): boolean =>
    [...part.matchAll(PLACEHOLDER)].every(([, name]) => lookup(name as string) !== undefined);
  return template
    .replace(OPTIONAL, (_, part: string) => (isComplete(part) ? part : ''))
    .replace(PLACEHOLDER, (_, name: string) => lookup(name) ?? '(not stated)');
};
