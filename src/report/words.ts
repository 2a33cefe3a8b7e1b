/** The fixed text of reports. Statements of the trace are facts from logs and come in the language the trace was run in. */
export type Language = 'en' | 'de';

const EN = {
  title: 'Report on the entry point',
  case: 'Case', asOf: 'As of', tool: 'Tool',
  sections: {
    summary: '1 Executive summary', mandate: '2 Mandate, legal basis, parties', exhibits: '3 Exhibits and integrity', method: '4 Method, tools, versions',
    coverage: '5 Data coverage and gaps', entry: '6 Entry point', alternatives: '7 Confidence and alternatives', timeline: '8 Timeline',
    scope: '9 Scope: systems and accounts affected', exfiltration: '10 Data exfiltration', personal: '11 Personal data', measures: '12 Measures and hardening',
    notification: '13 Notification status', findings: '14 Findings',
  },
  finding: 'Finding', inference: 'Inference', assumption: 'Assumption', missing: 'Missing', against: 'Against', supports: 'For',
  toComplete: 'To be completed by the examiner: client, mandate, legal basis, persons involved, period of the examination.',
  personalText: 'The logs hold personal data (user names, addresses, mail addresses). Whether persons are affected by an outflow follows from section 10; the assessment under Art. 33 and 34 GDPR is the controller’s.',
  notificationText: 'To be completed: notifications made and due (§ 32 BSIG: 24 hours, 72 hours, one month after the 72-hour notification; Art. 33 GDPR: 72 hours). Deadlines run from knowledge and are the reader’s to check.',
  methodText: [
    'Every item was hashed (SHA-256) before reading. Records were framed with byte offsets; each is an event, joined to the event before it, skipped (blank, comment, header) or rejected and kept.',
    'Events follow the Elastic Common Schema. Rules (Sigma) and comparisons with the past (baselines) yield findings, which state facts only.',
    'Hypotheses are built backwards in time from the anchor and scored additively in nats: log P(evidence | this act was the entry) − log P(evidence | it was not). The probabilities are model probabilities calibrated on generated incidents, not frequencies. The prior is never listed as evidence.',
    'Repeat: ingest the same items with the same settings; equal items give the same events, findings and verdict.',
  ],
  verdict: { none: 'none', undetermined: 'undetermined', probable: 'probable', determined: 'determined' },
  verdictText: {
    none: 'These logs hold no sign of an intrusion that would give a search an anchor.',
    undetermined: 'An intrusion is shown; its entry point is not decided by these logs.',
    probable: 'The entry point below is the probable one: its model probability is at least 50 % and leads by at least 20 points.',
    determined: 'The entry point below is determined: its model probability is at least 90 % and the logs that would have shown each rival are complete.',
  },
  grade: { shown: 'confirmed', likely: 'undetermined (likely)', 'cannot-be-excluded': 'undetermined (cannot be excluded)', excluded: 'excluded' },
  columns: {
    exhibit: 'Exhibit', path: 'Path', bytes: 'Bytes', sha256: 'SHA-256', parser: 'Format', records: 'Records', events: 'Events', joined: 'Joined', skipped: 'Skipped', rejected: 'Rejected',
    source: 'Source', class: 'Class', from: 'From', to: 'To', gaps: 'Gaps', time: 'Time (UTC)', stage: 'Stage', technique: 'Technique', what: 'What', place: 'Place',
    term: 'Term', nats: 'Nats', because: 'Because', rank: 'Rank', probability: 'Probability', measure: 'Measure', references: 'ATT&CK · BSI · CIS', level: 'Level', rule: 'Rule', fact: 'Fact', assumptions: 'Time assumptions',
  },
  notInTheseLogs: 'Not in these logs', upTo: 'at most', unbounded: 'no upper bound can be given', none: 'none', whatWouldDecide: 'What would decide it',
  systems: 'Systems', accounts: 'Accounts', addresses: 'Outside addresses', line: 'line', record: 'record', uncertainty: 'uncertainty',
  more: 'more', blockList: 'Block list (to be reviewed by a person before use)', problems: 'Problems while reading',
};

type Words = typeof EN;

const DE: Words = {
  title: 'Bericht zum Einfallstor',
  case: 'Fall', asOf: 'Stand', tool: 'Werkzeug',
  sections: {
    summary: '1 Kurzfassung', mandate: '2 Auftrag, Rechtsgrundlage, Beteiligte', exhibits: '3 Beweismittel und Integrität', method: '4 Vorgehen, Werkzeuge, Versionen',
    coverage: '5 Datenlage und Lücken', entry: '6 Einfallstor', alternatives: '7 Sicherheit der Aussage und Alternativen', timeline: '8 Zeitlicher Ablauf',
    scope: '9 Ausbreitung, betroffene Systeme und Konten', exfiltration: '10 Datenabfluss', personal: '11 Personenbezug', measures: '12 Maßnahmen und Härtung',
    notification: '13 Meldestatus', findings: '14 Feststellungen',
  },
  finding: 'Befund', inference: 'Schlussfolgerung', assumption: 'Annahme', missing: 'Es fehlt', against: 'Dagegen', supports: 'Dafür',
  toComplete: 'Von der untersuchenden Person zu ergänzen: Auftraggeber, Auftrag, Rechtsgrundlage, Beteiligte, Zeitraum der Untersuchung.',
  personalText: 'Die Protokolle enthalten personenbezogene Daten (Benutzernamen, Adressen, Mailadressen). Ob Personen von einem Abfluss betroffen sind, ergibt sich aus Abschnitt 10; die Bewertung nach Art. 33 und 34 DSGVO obliegt dem Verantwortlichen.',
  notificationText: 'Zu ergänzen: erfolgte und anstehende Meldungen (§ 32 BSIG: 24 Stunden, 72 Stunden, ein Monat nach der 72-Stunden-Meldung; Art. 33 DSGVO: 72 Stunden). Die Fristen laufen ab Kenntnis und sind selbst zu prüfen.',
  methodText: [
    'Jedes Beweisstück wurde vor dem Lesen gehasht (SHA-256). Datensätze wurden mit Byteposition abgegrenzt; jeder ist ein Ereignis, an das vorige angefügt, übersprungen (leer, Kommentar, Kopfzeile) oder zurückgewiesen und aufbewahrt.',
    'Ereignisse folgen dem Elastic Common Schema. Regeln (Sigma) und Vergleiche mit der Vergangenheit ergeben Feststellungen, die nur Tatsachen nennen.',
    'Hypothesen entstehen zeitlich rückwärts vom Ausgangspunkt und werden additiv in Nats bewertet: log P(Beleg | diese Handlung war der Eintritt) − log P(Beleg | sie war es nicht). Die Wahrscheinlichkeiten sind Modellwahrscheinlichkeiten, an erzeugten Vorfällen geprüft, keine Häufigkeiten. Die Vorannahme gilt nie als Beleg.',
    'Wiederholung: dieselben Beweisstücke mit denselben Einstellungen einlesen; gleiche Stücke ergeben gleiche Ereignisse, Feststellungen und dasselbe Ergebnis.',
  ],
  verdict: { none: 'keines', undetermined: 'ungeklärt', probable: 'wahrscheinlich', determined: 'festgestellt' },
  verdictText: {
    none: 'Diese Protokolle enthalten kein Anzeichen eines Einbruchs, von dem eine Suche ausgehen könnte.',
    undetermined: 'Ein Einbruch ist belegt; sein Einfallstor lässt sich mit diesen Protokollen nicht entscheiden.',
    probable: 'Das unten genannte Einfallstor ist das wahrscheinliche: Modellwahrscheinlichkeit mindestens 50 %, Vorsprung mindestens 20 Punkte.',
    determined: 'Das unten genannte Einfallstor ist festgestellt: Modellwahrscheinlichkeit mindestens 90 %, und die Protokolle, die jede andere Erklärung gezeigt hätten, sind vollständig.',
  },
  grade: { shown: 'bestätigt', likely: 'ungeklärt (wahrscheinlich)', 'cannot-be-excluded': 'ungeklärt (nicht auszuschließen)', excluded: 'ausgeschlossen' },
  columns: {
    exhibit: 'Stück', path: 'Pfad', bytes: 'Bytes', sha256: 'SHA-256', parser: 'Format', records: 'Datensätze', events: 'Ereignisse', joined: 'Angefügt', skipped: 'Übersprungen', rejected: 'Zurückgewiesen',
    source: 'Quelle', class: 'Art', from: 'Von', to: 'Bis', gaps: 'Lücken', time: 'Zeit (UTC)', stage: 'Phase', technique: 'Technik', what: 'Was', place: 'Fundstelle',
    term: 'Term', nats: 'Nats', because: 'Grund', rank: 'Rang', probability: 'Wahrscheinlichkeit', measure: 'Maßnahme', references: 'ATT&CK · BSI · CIS', level: 'Stufe', rule: 'Regel', fact: 'Tatsache', assumptions: 'Zeitannahmen',
  },
  notInTheseLogs: 'Nicht in diesen Protokollen', upTo: 'höchstens', unbounded: 'eine Obergrenze lässt sich nicht angeben', none: 'keine', whatWouldDecide: 'Was es entscheiden würde',
  systems: 'Systeme', accounts: 'Konten', addresses: 'Adressen außerhalb', line: 'Zeile', record: 'Datensatz', uncertainty: 'Unsicherheit',
  more: 'weitere', blockList: 'Sperrliste (vor Gebrauch von einer Person zu prüfen)', problems: 'Probleme beim Lesen',
}; // biome-ignore format: tables of words

export const WORDS: Readonly<Record<Language, Words>> = { en: EN, de: DE };
export type ReportWords = Words;
