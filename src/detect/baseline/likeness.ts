import { domainToUnicode } from 'node:url';
import { parse } from 'tldts';

/** Letters of other scripts, and digits, that look like Latin ones. */
const TWINS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    а: 'a',
    е: 'e',
    о: 'o',
    р: 'p',
    с: 'c',
    х: 'x',
    у: 'y',
    і: 'i',
    ѕ: 's',
    ԁ: 'd',
    һ: 'h',
    ј: 'j',
    к: 'k',
    м: 'm',
    т: 't',
    в: 'b',
    н: 'h',
    α: 'a',
    ο: 'o',
    ν: 'v',
    ρ: 'p',
    τ: 't',
    υ: 'u',
    ι: 'i',
    κ: 'k',
    ɡ: 'g',
    ı: 'i',
    '0': 'o',
    '1': 'l',
  }),
);

/** `acme` of `mail.acme.co.uk`, and `acme.co.uk`. */
export const registeredOf = (host: string): { readonly label: string; readonly domain: string } | undefined => {
  const { domain, domainWithoutSuffix } = parse(domainToUnicode(host.toLowerCase()));
  if (domain === null || domainWithoutSuffix === null || domainWithoutSuffix === '') return undefined;
  return { label: domainWithoutSuffix, domain };
};

/** What the eye reads: `acrne`, `асme` (Cyrillic), `acmé` and `acme` are one. */
export const skeletonOf = (label: string): string =>
  [...label.normalize('NFD').replace(/\p{M}/gu, '')]
    .map((c) => TWINS.get(c) ?? c)
    .join('')
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w')
    .replaceAll('cl', 'd');

/** One letter more, less, other, or two neighbours changed places. */
export const isOneEdit = (a: string, b: string): boolean => {
  if (a === b || Math.abs(a.length - b.length) > 1) return false;
  let i = 0;
  while (i < a.length && i < b.length && a[i] === b[i]) i += 1;
  const [x, y] = [a.slice(i), b.slice(i)];
  const isSwapped = x.length === y.length && x[0] === y[1] && x[1] === y[0] && x.slice(2) === y.slice(2);
  return x.slice(1) === y.slice(1) || x === y.slice(1) || x.slice(1) === y || isSwapped;
};

/** The word and the word without each letter: two words one edit apart have one of them in common. */
export const deletionsOf = (word: string): readonly string[] => [
  ...new Set([word, ...Array.from(word, (_, i) => word.slice(0, i) + word.slice(i + 1))]),
];
