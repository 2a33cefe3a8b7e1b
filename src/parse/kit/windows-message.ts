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
  `[ \\t]{1,4}(?![ \\t])(${LABELS}|(?:process|network|detailed authentication|logon|failure|additional) information) ?::?(?=\\s|$)`,
  'gi',
);
/** Any label or heading behind several blanks, which were line breaks and tabs: `k.maier  Service Information:  Service Name:`. */
const SPACED = /(?<=\S)[ \t]{2,8}(?=[A-ZÀ-Ý][^\s:]{0,40}(?: [^\s:]{1,40}){0,8} ?:(?:[\s:]|$))/g;

const unfolded = (text: string): string =>
  text.includes('\n') ? text : text.replaceAll(FOLDED, '\n$1:').replaceAll(SPACED, '\n');

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

/** Remote Desktop Services: Session logon succeeded: · Remotedesktopdienste: Benutzerauthentifizierung erfolgreich: */
const REMOTE_DESKTOP =
  /^\s{0,4}(?:Remote Desktop Services|Remotedesktopdienste|Services Bureau à distance)\s?:\s?([^:\r\n]{1,160})/;
/** Its sentences by a word of each, the first that stands there. */
const REMOTE_DESKTOP_CODES: readonly (readonly [RegExp, string])[] = [
  [/authenti/i, '1149'],
  [/reconnect|wiederverb|erneut|reconnexion/i, '25'],
  [/disconnect|getrennt|déconnect/i, '24'],
  [/logoff|abmeld|fermeture/i, '23'],
  [/logon|anmeld|ouverture/i, '21'],
];

/** A text of the terminal services: its number, and the log it stands in. */
export const remoteDesktopOf = (message: string): { readonly code: string; readonly scope: string } | undefined => {
  const sentence = REMOTE_DESKTOP.exec(message.slice(0, 400))?.[1];
  const code = REMOTE_DESKTOP_CODES.find(([word]) => word.test(sentence ?? ''))?.[1];
  return code === undefined ? undefined : { code, scope: code === '1149' ? 'connection-manager' : 'session-manager' };
};

/** The event's number by its first sentence, where the number was lost. */
export const windowsCodeOf = (message: string): string | undefined => {
  const text = readableMessage(message.slice(0, 400)).trimStart();
  const sentence = /^[^.:\r\n]{8,160}/.exec(text)?.[0];
  return remoteDesktopOf(text)?.code ?? (sentence === undefined ? undefined : TITLES.get(plain(sentence)));
};
