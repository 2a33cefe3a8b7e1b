import { canonicalIp } from '../../core/net.ts';
import type { Fields } from '../../ecs/event.ts';
import { add } from './put.ts';

// 192.0.2.7 · [192.0.2.7] · 192.0.2.7:25 · [2001:db8::7] · smtpd:2001:db8::7) · not 1.2.3.4.5, not v10.0.0.1-2
const V4 = /(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)/g;
const V6 = /(?<=[\s[(=<:/@"',]|^)(?:[0-9a-fA-F]{1,4}:){1,7}[0-9a-fA-F:]{1,39}(?=[\s\])>,;/"']|$)/g;

/** Adds the addresses that stand in free text to `related.ip` (at most 50): what a search for an address has to find. */
export const relateAddresses = (fields: Fields, text: string): void => {
  if (!/\d\.\d|:/.test(text)) return; // most text has none: no sweep
  let found = 0;
  for (const pattern of [V4, V6]) {
    if (pattern === V6 && !text.includes('::') && text.split(':', 8).length < 8) continue;
    for (const { 0: word, index } of text.matchAll(pattern)) {
      // Chrome/137.0.0.0
      if (text[index - 1] === '/' && word.endsWith('.0.0.0')) continue;
      const ip = canonicalIp(word);
      if (ip === undefined || (pattern === V6 && !/::|(?:[^:]+:){7}/.test(word))) continue;
      add(fields, 'related.ip', ip);
      found += 1;
      if (found >= 50) return;
    }
  }
};
