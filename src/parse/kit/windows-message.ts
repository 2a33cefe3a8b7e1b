import { ANYWHERE, IN_SECTION, SECTIONS, TITLES } from './windows-labels.ts';

/** Line breaks and tabs as relays write them: `#015#012`, `#011`; `\\r\\n` spelt out. */
export const readableMessage = (text: string): string => {
  const plain = text
    .replaceAll(/#015#012|#012/g, '\n')
    .replaceAll('#015', '')
    .replaceAll('#011', '\t');
  // a lone \n may be a folder: C:\new
  if (!/\\r\\n|\\n\\[nt]/.test(plain)) return plain;
  return plain.replaceAll(/\\r\\n|\\n/g, '\n').replaceAll(/(?<=[:\n]\s{0,4})(?:\\t)+/g, '\t');
};

/** ` Account Name:  x  Account Domain:  y` on one line, as some agents fold the text: a label begins a line. */
const LABELS = [...SECTIONS.keys(), ...IN_SECTION.keys(), ...ANYWHERE.keys()]
  .sort((a, b) => b.length - a.length)
  .map((label) => label.replaceAll(/[()\-/]/g, '\\$&'))
  .join('|');
const FOLDED = new RegExp(
  `[ \\t]{1,4}(${LABELS}|(?:process|network|detailed authentication|logon|failure|additional) information) ?:(?=\\s|$)`,
  'gi',
);

const unfolded = (text: string): string => (text.includes('\n') ? text : text.replaceAll(FOLDED, '\n$1:'));

/** Lower case, apostrophes plain, blanks single: French puts one before the colon, which may not break. */
const plain = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll('’', "'")
    .replaceAll(/[\s\u00a0\u202f]+/g, ' ')
    .trim();

const MEMBER: Readonly<Record<string, string>> = { UserName: 'MemberName', UserSid: 'MemberSid' };

/**
 * Event data out of a rendered message, for exports that lost the data: Security texts (`Subject:`, `Account
 * Name:\tx`) in English, German or French, and Sysmon's (`Image: x`). The first of a name counts. At most 200 lines.
 */
export const readWindowsMessage = (message: string): Map<string, string> => {
  const data = new Map<string, string>();
  let section = '';
  for (const line of unfolded(readableMessage(message.slice(0, 32_768))).split(/\r?\n/, 200)) {
    const colon = line.indexOf(':');
    if (colon < 1 || colon > 100) continue;
    const name = line.slice(0, colon).trim();
    // German texts have `Unterstatus::`
    const value = line
      .slice(colon + 1)
      .replace(/^:/, '')
      .trim();
    const word = plain(name);
    if (value === '') section = SECTIONS.get(word) ?? '';
    const inner = IN_SECTION.get(word);
    const key =
      section !== '' && inner !== undefined
        ? section === 'Member'
          ? MEMBER[inner]
          : section + inner
        : (ANYWHERE.get(word) ?? (/^[A-Z]\w{1,40}$/.test(name) ? name : undefined));
    if (value !== '' && value !== '-' && key !== undefined && !data.has(key)) data.set(key, value);
  }
  return data;
};

/** The event's number by its first sentence, where the number was lost. */
export const windowsCodeOf = (message: string): string | undefined => {
  const sentence = /^[^.:\r\n]{8,160}/.exec(readableMessage(message.slice(0, 400)).trimStart())?.[0];
  return sentence === undefined ? undefined : TITLES.get(plain(sentence));
};
