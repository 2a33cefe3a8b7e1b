import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { verifyCustody } from '../evidence/custody.ts';
import type { EvidenceItem } from '../evidence/item.ts';
import { VERIFY_CUSTODY_SH } from '../evidence/verify-script.ts';
import { type Payload, verifyBag } from './bag.ts';

/** What goes into an evidence package beside the originals. */
export interface PackageContent {
  readonly items: readonly EvidenceItem[];
  /** All events and rejected records, one JSON document a line, in locator order. */
  readonly events: AsyncIterable<string>;
  readonly custodyLog: string;
  readonly findings: string;
  readonly trace: string;
  readonly annotations: string;
  readonly reports: readonly { readonly path: string; readonly text: string }[];
}

/** Names that every tool takes alike; the name the file had is in exhibits.csv. */
const plain = (name: string): string =>
  name
    .replaceAll(/[^A-Za-z0-9._-]/g, '_')
    .replace(/^\.+/, '_')
    .slice(-100) || '_';

const exhibit = (n: number): string => `EX-${String(n + 1).padStart(3, '0')}`;

const quoted = (text: string): string => `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;

const exhibitsCsv = (items: readonly EvidenceItem[]): string =>
  [
    'exhibit,file,original_path,bytes,sha256',
    ...items.map((item, n) =>
      [exhibit(n), originalPath(item, n), quoted(item.path), item.bytes, item.sha256].join(','),
    ),
  ]
    .join('\r\n')
    .concat('\r\n');

const originalPath = (item: EvidenceItem, n: number): string =>
  `originals/${exhibit(n)}/${plain(item.path.split('/').at(-1) as string)}`;

const INSTRUCTIONS = `Prüfanleitung / How to check this package
==========================================

Deutsch
-------
Dieses Paket ist ein BagIt-1.0-Verzeichnis (RFC 8493). Zum Prüfen genügen übliche Werkzeuge, im obersten Verzeichnis:

  sha256sum -c manifest-sha256.txt        alle Dateien unter data/ (Windows: certutil -hashfile DATEI SHA256)
  sha256sum -c tagmanifest-sha256.txt     die Manifeste selbst
  sh data/custody/verify-custody.sh data/custody/custody.jsonl     die Verkettung des Beweiskettenprotokolls
  bagit.py --validate .                   auch hinzugefügte Dateien
  einfallstor verify .                    alles zusammen

data/originals     die Beweisstücke, unverändert; exhibits.csv nennt Pfad, Größe und SHA-256
data/exports       alle Ereignisse (ECS, eine JSON-Zeile je Datensatz) und Feststellungen, Ergebnis, Anmerkungen
data/report        Berichte, deutsch und englisch
data/custody       wer wann was mit dem Material tat; jede Zeile trägt den SHA-256 der vorigen

Wer den SHA-256 von tagmanifest-sha256.txt auf anderem Weg erhält, erkennt jede spätere Änderung.

English
-------
This package is a BagIt 1.0 directory (RFC 8493). Ordinary tools check it, in the topmost folder:

  sha256sum -c manifest-sha256.txt        all files below data/ (Windows: certutil -hashfile FILE SHA256)
  sha256sum -c tagmanifest-sha256.txt     the manifests themselves
  sh data/custody/verify-custody.sh data/custody/custody.jsonl     the chain of the custody log
  bagit.py --validate .                   added files too
  einfallstor verify .                    everything

data/originals     the exhibits, unchanged; exhibits.csv names path, size and SHA-256
data/exports       all events (ECS, one JSON line per record), findings, verdict, annotations
data/report        reports in German and English
data/custody       who did what with the material when; each line bears the SHA-256 of the one before

Whoever receives the SHA-256 of tagmanifest-sha256.txt by another way notices every later change.
`;

/** The files of an evidence package, in a fixed order. */
export async function* packagePayloads(content: PackageContent): AsyncGenerator<Payload> {
  yield { path: 'PRUEFANLEITUNG.txt', content: INSTRUCTIONS };
  yield { path: 'exhibits.csv', content: exhibitsCsv(content.items) };
  for (const [n, item] of content.items.entries()) {
    yield { path: originalPath(item, n), content: createReadStream(item.location) as AsyncIterable<Buffer> };
  }
  yield { path: 'exports/events.ndjson', content: content.events };
  yield { path: 'exports/findings.json', content: content.findings };
  yield { path: 'exports/trace.json', content: content.trace };
  yield { path: 'exports/annotations.jsonl', content: content.annotations };
  for (const { path, text } of content.reports) yield { path: `report/${path}`, content: text };
  yield { path: 'custody/verify-custody.sh', content: VERIFY_CUSTODY_SH };
  yield { path: 'custody/custody.jsonl', content: createReadStream(content.custodyLog) as AsyncIterable<Buffer> };
}

/** What is wrong with a package, in words that name the file; empty when it is whole. */
export const verifyPackage = async (root: string): Promise<string[]> => {
  const problems = await verifyBag(root);
  const log = 'data/custody/custody.jsonl';
  const custody = await verifyCustody(join(root, log)).catch((error: unknown) => error);
  if (custody instanceof Error) return [...problems, `${log}: ${custody.message}`].sort();
  const { faults } = custody as Awaited<ReturnType<typeof verifyCustody>>;
  return [...problems, ...faults.map((fault) => `${log}: ${fault}`)].sort();
};
