/** What a terminal acts on and JSON leaves as it is: DEL, 8-bit controls, line separators, bidirectional overrides. */
const ACTING = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g;

/** JSON that may be printed: the same value for every reader, harmless on a terminal. */
export const jsonText = (value: unknown): string =>
  JSON.stringify(value).replace(ACTING, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
