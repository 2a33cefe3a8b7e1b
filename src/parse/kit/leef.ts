/** IBM Log Event Extended Format: `LEEF:1.0|vendor|product|version|event|` tab-separated; 2.0 names its delimiter. */
export interface Leef {
  readonly vendor: string;
  readonly product: string;
  readonly version: string;
  readonly eventId: string;
  readonly attributes: ReadonlyMap<string, string>;
}

/** `^`, `x5E`, `0x09`; default tab. */
const delimiterOf = (text: string | undefined): string => {
  if (text === undefined || text === '') return '\t';
  const hex = /^0?x([0-9a-fA-F]{1,4})$/.exec(text);
  return hex === null ? text : String.fromCharCode(Number.parseInt(hex[1] as string, 16));
};

/** The LEEF record in a message, or undefined. Relays write the tab as `#011` or `\t`. */
export const readLeef = (message: string): Leef | undefined => {
  const m = /LEEF:\s?([12])(?:\.\d)?\|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|/.exec(message);
  if (m === null) return undefined;
  let rest = message.slice(m.index + m[0].length);
  let delimiter = '\t';
  if (m[1] === '2') {
    const named = /^([^|=]{0,6})\|/.exec(rest);
    if (named !== null) {
      delimiter = delimiterOf(named[1]);
      rest = rest.slice(named[0].length);
    }
  }
  if (delimiter === '\t' && !rest.includes('\t'))
    delimiter = rest.includes('#011') ? '#011' : rest.includes('\\t') ? '\\t' : '\t';
  // PAN-OS parts the attributes of LEEF 1.0 by bars
  if (delimiter === '\t' && !rest.includes('\t') && /\|[A-Za-z]\w{0,40}=/.test(rest)) delimiter = '|';
  const attributes = new Map<string, string>();
  for (const pair of rest.split(delimiter)) {
    const equals = pair.indexOf('=');
    if (equals > 0) attributes.set(pair.slice(0, equals).trim(), pair.slice(equals + 1).trim());
  }
  return {
    vendor: m[2] as string,
    product: m[3] as string,
    version: m[4] as string,
    eventId: m[5] as string,
    attributes,
  };
};
