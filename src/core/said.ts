/** The languages that statements are made in. */
export type Language = 'en' | 'de';

/** One statement about the same values in every language: made once, where the facts are at hand. */
export type Said = Readonly<Record<Language, string>>;

export const say = (en: string, de: string): Said => ({ en, de });

/** Names, addresses, command lines: the same in every language. */
export const asIs = (text: string): Said => say(text, text);

export const list = (parts: readonly Said[], separator: string): Said =>
  say(parts.map((p) => p.en).join(separator), parts.map((p) => p.de).join(separator));

/** The same data with every statement in one language. */
export type Told<T> = T extends Said
  ? string
  : T extends readonly (infer U)[]
    ? readonly Told<U>[]
    : T extends object
      ? { readonly [K in keyof T]: Told<T[K]> }
      : T;

const isSaid = (value: object): value is Said =>
  'en' in value && 'de' in value && Object.keys(value).length === 2 && typeof value.en === 'string';

const toldIn = (value: unknown, language: Language): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => toldIn(one, language));
  if (isSaid(value)) return value[language];
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, toldIn(one, language)]));
};

export const told = <T>(value: T, language: Language): Told<T> => toldIn(value, language) as Told<T>;
