import { jsonText } from '../../core/json.ts';
import { type Language, type Said, say } from '../../core/said.ts';
import { sanitize } from '../../core/sanitize.ts';
import { isoOf, timeText } from '../../core/time.ts';
import type { Suggested } from './suggest.ts';
import type { Suggestion } from './suggestion.ts';

/** Keys in the order in which they are written, with what has to be checked. */
const KEYS: readonly (readonly [Suggestion['key'], Said])[] = [
  ['networks', say('own public addresses: check them with your provider\'s contract', 'eigene öffentliche Adressen: mit dem Vertrag des Anbieters vergleichen')],
  ['sites', say('networks of your own behind each device: check that they are yours', 'eigene Netze hinter jedem Gerät: prüfen, ob es eigene sind')],
  ['vpnPools', say('addresses the gateways lend: check their size in the gateway\'s configuration', 'Adressen, die Gateways verleihen: Größe in der Konfiguration des Gateways prüfen')],
  ['jumpHosts', say('hosts of administrators: check with them', 'Rechner der Administratoren: bei ihnen nachfragen')],
  ['scanners', say('own monitoring and scanners: check that somebody runs them', 'eigene Überwachung und Scanner: prüfen, ob sie jemand betreibt')],
  ['partners', say('networks of others behind tunnels: check contracts', 'fremde Netze hinter Tunneln: Verträge prüfen')],
  ['providers', say('mail relays: check that you use them', 'Mail-Relays: prüfen, ob sie genutzt werden')],
  ['leavers', say('accounts that were ended: check with personnel', 'beendete Konten: bei der Personalstelle prüfen')],
  ['maintenance', say('changes on many hosts: check the change calendar', 'Änderungen auf vielen Rechnern: Wartungskalender prüfen')],
  ['backups', say('where much goes every night: check with who runs the backup', 'wohin jede Nacht viel geht: beim Betreiber der Sicherung prüfen')],
  ['timezones', say('zones of logs that state none: check the devices', 'Zonen von Protokollen, die keine nennen: Geräte prüfen')],
  ['accounts', say('service accounts, for which there is no key', 'Dienstkonten, für die es keinen Schlüssel gibt')],
]; // biome-ignore format: a table

const NEVER = say(
  'pentests and travel are never suggested: what would show them is what an intruder would show',
  'pentests und travel werden nie vorgeschlagen: was sie zeigte, zeigte auch ein Eindringling',
);

const CHECK = say('check this', 'bitte prüfen');
const WHY_NOT = say('not proposed', 'nicht vorgeschlagen');

/** Values from evidence in YAML's double quotes, which JSON's are; on one line. */
const quoted = (value: Suggestion['entry']): string => {
  if (typeof value === 'string') return jsonText(value);
  const pairs = Object.entries(value).map(([name, one]) => `${name}: ${jsonText(one)}`);
  return `{${pairs.join(', ')}}`;
};

const entryLines = (one: Suggestion, language: Language): string[] => {
  const what = `${one.because[language]} (${one.seen.text()[language]}; ${one.seen.events.join(' ')})`;
  const entry = `  ${one.doubt === undefined ? '' : '# '}- ${quoted(one.entry)}`;
  const doubt = one.doubt === undefined ? [] : [`  # ${WHY_NOT[language]}: ${sanitize(one.doubt[language])}`];
  return [`  # ${CHECK[language]}: ${sanitize(what)}`, ...doubt, entry];
};

const head = ({ from, until, isSuspicious }: Suggested): readonly Said[] => [
  say('Suggested by the logs of this case; nobody has checked it yet.', 'Vorschlag aus den Protokollen dieses Falls; noch von niemandem geprüft.'),
  say(`Learnt from ${timeText(from)} to ${timeText(until)}.`, `Gelernt aus ${timeText(from)} bis ${timeText(until)}.`),
  ...(isSuspicious
    ? [say('What follows is the suspicious period, from a day before the first grave finding on: nothing in it is proposed.', 'Danach liegt der verdächtige Zeitraum, ab einem Tag vor der ersten schweren Feststellung: nichts daraus wird vorgeschlagen.')]
    : []),
  say('Behind "#" is what is uncertain, with the reason: take the mark away only for what you know.', 'Hinter „#“ steht Unsicheres mit Grund: Zeichen nur vor dem entfernen, was bekannt ist.'),
  NEVER,
]; // biome-ignore format: one statement a line

/** The suggestions as a context file in YAML; `--context` takes it as it is. */
export const yamlOf = (suggested: Suggested, language: Language): string => {
  const sections = KEYS.flatMap(([key, title]) => {
    const entries = suggested.suggestions.filter((one) => one.key === key);
    if (entries.length === 0) return [];
    const isEmpty = entries.every(({ doubt }) => doubt !== undefined);
    const name = key === 'accounts' ? '# accounts:' : isEmpty ? `${key}: []` : `${key}:`;
    return ['', `# ${title[language]}`, name, ...entries.flatMap((one) => entryLines(one, language))];
  });
  const comments = head(suggested).map((line) => `# ${sanitize(line[language])}`);
  return [...comments, ...sections, ''].join('\n');
};

/** The proposed entries as `--context` takes them, and in `evidence`, which is read over there, all of them with their reasons. */
export const jsonOf = (suggested: Suggested, language: Language): Record<string, unknown> => {
  const out: Record<string, unknown> = {};
  for (const { key, entry, doubt } of suggested.suggestions) {
    if (doubt !== undefined) continue;
    out[key] = [...((out[key] as unknown[] | undefined) ?? []), entry];
  }
  const evidence = suggested.suggestions.map(({ key, entry, because, doubt, seen }) => ({
    key,
    entry,
    proposed: doubt === undefined,
    because: because[language],
    ...(doubt === undefined ? {} : { doubt: doubt[language] }),
    count: seen.count === 0 ? seen.later : seen.count,
    from: isoOf(seen.from),
    to: isoOf(seen.to),
    events: seen.events,
  }));
  return { ...out, evidence };
};
