import { canonicalIp } from '../../core/net.ts';
import type { Fields } from '../../ecs/event.ts';
import { add } from './put.ts';

// 192.0.2.7 · [192.0.2.7] · 192.0.2.7:25 · 192.0.2.1[500]-192.0.2.7[500] · not 1.2.3.4.5, not v10.0.0.1-2
const V4 = /(?<![\w.]|(?<!\])-)(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)/g;
/** What an address of IPv6 can be part of: each run is looked at once, so that a long one costs no more than its length. */
const RUN = /[0-9a-fA-F:]{3,}/g;
const BEFORE = /[\s[(=<:/@"',]/;
const BEHIND = /[\s\])>,;/"']/;
const LONGEST = 60;

/** 2001:db8::7 · [2001:db8::7] · smtpd:2001:db8::7) · 2001:db8::7: refused · no time of day, no MAC address */
const v6Of = (text: string, at: number, found: string): string | undefined => {
  if (!found.includes(':') || found.length > LONGEST) return undefined;
  const end = at + found.length;
  if (end < text.length && !BEHIND.test(text[end] as string)) return undefined;
  let run = found.endsWith(':') && !found.endsWith('::') ? found.slice(0, -1) : found;
  // behind a word the address begins after the colon: "smtpd:"
  const inWord = at > 0 && !BEFORE.test(text[at - 1] as string);
  if (inWord) run = run.slice(run.indexOf(':') + 1);
  if (!/::|(?:[^:]+:){7}/.test(run)) return undefined;
  // a port may stand behind all eight groups, a letter of a word before them
  const [withoutPort, withoutWord] = [run.slice(0, run.lastIndexOf(':')), run.slice(run.indexOf(':') + 1)];
  const port = !inWord && /:\d{1,5}$/.test(run);
  return canonicalIp(run) ?? (port ? canonicalIp(withoutPort) : undefined) ?? canonicalIp(withoutWord);
};

/** Adds the addresses that stand in free text to `related.ip` (at most 50): what a search for an address has to find. */
export const relateAddresses = (fields: Fields, text: string): void => {
  if (!/\d\.\d|:/.test(text)) return; // most text has none: no sweep
  let found = 0;
  const take = (ip: string | undefined): boolean => {
    if (ip === undefined) return true;
    add(fields, 'related.ip', ip);
    found += 1;
    return found < 50;
  };
  for (const { 0: word, index } of text.matchAll(V4)) {
    // Chrome/137.0.0.0
    if (text[index - 1] === '/' && word.endsWith('.0.0.0')) continue;
    if (!take(canonicalIp(word))) return;
  }
  if (!text.includes('::') && text.split(':', 8).length < 8) return;
  for (const m of text.matchAll(RUN)) if (!take(v6Of(text, m.index, m[0]))) return;
};
