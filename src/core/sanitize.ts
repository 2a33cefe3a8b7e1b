/**
 * Text from evidence, made safe for a terminal or a report: control characters (escape sequences, also the 8-bit ones),
 * line and paragraph separators and bidirectional overrides are shown as what they are, `\x1b`, `‹202e›`. Tabs become blanks.
 */
export const sanitize = (text: string): string =>
  text
    .replaceAll('\t', ' ')
    .replace(/[\u0000-\u001f\u007f-\u009f]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)
    .replace(
      /[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g,
      (c) => `‹${c.charCodeAt(0).toString(16)}›`,
    );
