/**
 * Measures by the technique they break. ATT&CK mitigations: Enterprise v18.1. BSI: IT-Grundschutz-Kompendium, Edition 2023,
 * requirement ids, or the module where no single requirement says it. CIS: Critical Security Controls v8 safeguards. A measure's check is a filter that must match nothing
 * in new logs (`einfallstor search`), so that "holds" is observed and not believed.
 */
export interface Measure {
  readonly id: string;
  /** Technique ids; a sub-technique is broken by a measure for its parent too. */
  readonly techniques: readonly string[];
  readonly title: { readonly en: string; readonly de: string };
  readonly action: { readonly en: string; readonly de: string };
  readonly mitigations: readonly string[];
  readonly grundschutz: readonly string[];
  readonly cis: readonly string[];
  /** Must match no event after the measure is in force; null where logs cannot show it. */
  readonly check: string | null;
}

export const ATTACK_VERSION = '18.1';

export const MEASURES: readonly Measure[] = [
  {
    id: 'vpn-second-factor',
    techniques: ['T1133', 'T1078', 'T1078.002', 'T1078.003'],
    title: { en: 'Second factor for every remote access', de: 'Zweiter Faktor für jeden Fernzugang' },
    action: {
      en: 'Demand a phishing-resistant second factor on VPN, webmail and remote desktop gateways, technicians and service accounts included; end all sessions and reset the passwords of the accounts named in the evidence first.',
      de: 'Auf VPN, Webmail und Fernwartungszugängen einen phishing-resistenten zweiten Faktor verlangen, auch für Technik- und Dienstkonten; zuvor alle Sitzungen beenden und die Kennwörter der in den Belegen genannten Konten zurücksetzen.',
    },
    mitigations: ['M1032', 'M1027', 'M1036'],
    grundschutz: ['NET.3.3.A12', 'ORP.4.A21'],
    cis: ['6.3', '6.4'],
    check: 'einfallstor.act: vpn-login and event.outcome: success and einfallstor.vpn.auth_method: (local or password)',
  },
  {
    id: 'guessing-limits',
    techniques: ['T1110', 'T1110.001', 'T1110.003', 'T1110.004'],
    title: { en: 'Limits against password guessing', de: 'Grenzen gegen das Erraten von Kennwörtern' },
    action: {
      en: 'Slow down and lock failing sources on the gateway and in the directory, forbid known passwords, and raise an alarm when a guess is followed by a success.',
      de: 'Fehlversuche am Gateway und im Verzeichnisdienst verzögern und sperren, bekannte Kennwörter verbieten und alarmieren, wenn auf Fehlversuche eine erfolgreiche Anmeldung folgt.',
    },
    mitigations: ['M1036', 'M1027', 'M1032'],
    grundschutz: ['ORP.4.A22', 'ORP.4.A23', 'DER.1.A6'],
    cis: ['6.3', '8.11'],
    check: null,
  },
  {
    id: 'patch-and-shield-services',
    techniques: ['T1190'],
    title: {
      en: 'Patch and shield services reachable from outside',
      de: 'Von außen erreichbare Dienste aktualisieren und abschirmen',
    },
    action: {
      en: 'Bring the exploited product to a fixed version, treat the host as compromised until rebuilt, and put a filtering proxy in front of what must stay reachable.',
      de: 'Das angegriffene Produkt auf einen korrigierten Stand bringen, das System bis zur Neuinstallation als kompromittiert behandeln und einen filternden Proxy vor das stellen, was erreichbar bleiben muss.',
    },
    mitigations: ['M1051', 'M1016', 'M1030', 'M1050'],
    grundschutz: ['OPS.1.1.3.A15', 'NET.3.2.A4'],
    cis: ['7.6', '7.7', '12.1'],
    check: null,
  },
  {
    id: 'management-not-outside',
    techniques: ['T1133', 'T1190', 'T1078.001'],
    title: { en: 'No management interface on the outside', de: 'Keine Verwaltungsoberfläche nach außen' },
    action: {
      en: 'Serve the management of firewalls and gateways only on a separate network to named administrators, and remove accounts nobody can explain.',
      de: 'Die Verwaltung von Firewalls und Gateways nur in einem getrennten Netz für benannte Personen anbieten und unerklärte Konten entfernen.',
    },
    mitigations: ['M1035', 'M1042', 'M1030', 'M1032'],
    grundschutz: ['NET.3.2.A6', 'NET.1.1.A21'],
    cis: ['4.7', '12.3', '12.8'],
    check:
      'einfallstor.act: admin-login and event.outcome: success and not source.ip: (10.0.0.0/8 or 172.16.0.0/12 or 192.168.0.0/16)',
  },
  {
    id: 'no-published-rdp',
    techniques: ['T1021.001', 'T1021'],
    title: { en: 'Remote desktop only where it is needed', de: 'Remotedesktop nur dort, wo er nötig ist' },
    action: {
      en: 'Remove published remote desktop, allow it inside only from jump hosts, and demand network level authentication.',
      de: 'Veröffentlichten Remotedesktop entfernen, intern nur von Sprungservern erlauben und Authentifizierung auf Netzebene verlangen.',
    },
    mitigations: ['M1035', 'M1030', 'M1042', 'M1018'],
    grundschutz: ['NET.1.1.A11', 'OPS.1.2.5.A3', 'OPS.1.2.5.A17'],
    cis: ['4.8', '13.4', '13.5'],
    check: 'einfallstor.act: (flow or flow-start) and destination.port: 3389 and network.direction: inbound',
  },
  {
    id: 'admin-shares-and-ssh',
    techniques: ['T1021.002', 'T1021.004', 'T1021.006', 'T1570'],
    title: { en: 'Tiered administration', de: 'Verwaltung in Ebenen' },
    action: {
      en: 'Forbid administrative shares, remote services and SSH between workstations and servers but from jump hosts; use separate administrator accounts per tier and unique local passwords.',
      de: 'Administrative Freigaben, Ferndienste und SSH zwischen Arbeitsplätzen und Servern außer von Sprungservern verbieten; je Ebene eigene Administrationskonten und eindeutige lokale Kennwörter.',
    },
    mitigations: ['M1026', 'M1027', 'M1035', 'M1037'],
    grundschutz: ['NET.1.1.A11', 'ORP.4.A11'],
    cis: ['5.4', '12.8', '13.4'],
    check: null,
  },
  {
    id: 'segment-vpn-pool',
    techniques: ['T1046', 'T1018', 'T1135'],
    title: { en: 'Segment the network behind the VPN', de: 'Netz hinter dem VPN unterteilen' },
    action: {
      en: 'Allow each VPN group only the servers it needs, and raise an alarm when one client tries many hosts.',
      de: 'Jeder VPN-Gruppe nur die benötigten Server erlauben und alarmieren, wenn ein Zugang viele Systeme anspricht.',
    },
    mitigations: ['M1030', 'M1031', 'M1042'],
    grundschutz: ['NET.1.1.A5', 'NET.3.3.A5'],
    cis: ['12.2', '13.4'],
    check: null,
  },
  {
    id: 'egress-control',
    techniques: ['T1048', 'T1041', 'T1567', 'T1071', 'T1071.001', 'T1572', 'T1105'],
    title: { en: 'Control what servers may reach outside', de: 'Ausgehende Verbindungen der Server begrenzen' },
    action: {
      en: 'Let servers reach only named destinations outside, log bytes of every outbound session, and compare the daily volume per host with its own past.',
      de: 'Servern nur benannte Ziele außerhalb erlauben, die Bytes jeder ausgehenden Verbindung protokollieren und das Tagesvolumen je System mit der eigenen Vergangenheit vergleichen.',
    },
    mitigations: ['M1037', 'M1031', 'M1057'],
    grundschutz: ['NET.3.2.A2', 'NET.1.1.A11'],
    cis: ['13.4', '13.6'],
    check: null,
  },
  {
    id: 'mail-gateway',
    techniques: ['T1566', 'T1566.001', 'T1566.002', 'T1204', 'T1027.006', 'T1534'],
    title: { en: 'Harden mail reception', de: 'Mailempfang härten' },
    action: {
      en: 'Reject or quarantine mail that fails DMARC, strip or detonate active attachments and HTML files, rewrite links, and give users one way to report.',
      de: 'Mails mit DMARC-Fehler abweisen oder in Quarantäne nehmen, aktive Anhänge und HTML-Dateien entfernen oder prüfen, Links umschreiben und einen Meldeweg anbieten.',
    },
    mitigations: ['M1021', 'M1031', 'M1049', 'M1054', 'M1017'],
    grundschutz: ['APP.5.3.A4', 'APP.5.3.A9', 'ORP.3.A6'],
    cis: ['9.5', '9.6', '9.7', '14.2'],
    check: null,
  },
  {
    id: 'mailbox-protection',
    techniques: ['T1114', 'T1114.002', 'T1114.003', 'T1564.008', 'T1586.002'],
    title: { en: 'Protect mailboxes', de: 'Postfächer schützen' },
    action: {
      en: 'Switch off legacy mail protocols for accounts that do not need them, forbid forwarding outside, and review rules and exports of the mailboxes named in the evidence.',
      de: 'Alte Mailprotokolle für Konten abschalten, die sie nicht brauchen, Weiterleitung nach außen verbieten und Regeln und Exporte der in den Belegen genannten Postfächer prüfen.',
    },
    mitigations: ['M1032', 'M1042', 'M1047', 'M1060'],
    grundschutz: ['APP.5.3.A2', 'APP.5.2.A9'],
    cis: ['9.5', '6.3'],
    check: null,
  },
  {
    id: 'web-shell-hunt',
    techniques: ['T1505.003'],
    title: {
      en: 'Remove web shells, make web folders read-only',
      de: 'Webshells entfernen, Webverzeichnisse schreibschützen',
    },
    action: {
      en: 'Compare web folders with a clean installation, rebuild rather than clean, and forbid the service account to write where pages are served from.',
      de: 'Webverzeichnisse mit einer sauberen Installation vergleichen, neu aufsetzen statt säubern und dem Dienstkonto das Schreiben in ausgelieferte Verzeichnisse verbieten.',
    },
    mitigations: ['M1042', 'M1018', 'M1051'],
    grundschutz: ['APP.5.2.A12', 'OPS.1.1.3.A15'],
    cis: ['4.8', '7.7', '13.10'],
    check: null,
  },
  {
    id: 'partner-access',
    techniques: ['T1199', 'T1195'],
    title: {
      en: 'Bind partner access to time, host and account',
      de: 'Partnerzugänge an Zeit, System und Konto binden',
    },
    action: {
      en: 'Allow the partner tunnel only named hosts, accounts and announced windows, and inform the partner with the evidence: the origin lies there.',
      de: 'Im Partnertunnel nur benannte Systeme, Konten und angekündigte Zeiten zulassen und den Partner mit den Belegen unterrichten: der Ursprung liegt dort.',
    },
    mitigations: ['M1018', 'M1030', 'M1032'],
    grundschutz: ['OPS.1.2.5.A19', 'OPS.2.3.A15', 'NET.3.3.A11'],
    cis: ['15.2', '15.6', '13.4'],
    check: null,
  },
  {
    id: 'directory-hardening',
    techniques: ['T1558', 'T1558.003', 'T1003', 'T1003.006', 'T1136', 'T1136.001', 'T1136.002', 'T1098', 'T1078.002'],
    title: { en: 'Reset and harden the directory', de: 'Verzeichnisdienst zurücksetzen und härten' },
    action: {
      en: 'Remove accounts and group memberships made by the intruder, rotate service account passwords and the Kerberos key twice, and put administrators into protected groups.',
      de: 'Vom Eindringling angelegte Konten und Gruppenmitgliedschaften entfernen, Kennwörter der Dienstkonten und zweimal den Kerberos-Schlüssel wechseln, Administrationskonten besonders schützen.',
    },
    mitigations: ['M1026', 'M1027', 'M1015', 'M1018'],
    grundschutz: ['APP.2.2', 'ORP.4.A11'],
    cis: ['5.1', '5.4', '6.8'],
    check: null,
  },
  {
    id: 'appliance-configuration',
    techniques: ['T1562', 'T1562.004', 'T1562.008', 'T1602', 'T1602.002', 'T1556'],
    title: {
      en: 'Restore and watch the appliance configuration',
      de: 'Gerätekonfiguration wiederherstellen und überwachen',
    },
    action: {
      en: 'Compare the configuration with the last trusted backup, undo the changes named in the evidence, replace exported secrets, and report every later change.',
      de: 'Konfiguration mit der letzten vertrauenswürdigen Sicherung vergleichen, die belegten Änderungen zurücknehmen, ausgeleitete Geheimnisse ersetzen und jede weitere Änderung melden.',
    },
    mitigations: ['M1018', 'M1047', 'M1022'],
    grundschutz: ['NET.3.2.A9', 'OPS.1.1.5.A8'],
    cis: ['4.2', '8.11'],
    check: null,
  },
  {
    id: 'logs-elsewhere',
    techniques: ['T1070', 'T1070.001', 'T1562.008'],
    title: { en: 'Keep logs where an intruder cannot reach them', de: 'Protokolle außer Reichweite aufbewahren' },
    action: {
      en: 'Send the logs of firewalls, VPN, mail, directory and servers to a separate system at once, keep them at least 90 days, and raise an alarm when a source falls silent.',
      de: 'Protokolle von Firewall, VPN, Mail, Verzeichnis und Servern sofort an ein getrenntes System senden, mindestens 90 Tage aufbewahren und bei Verstummen einer Quelle alarmieren.',
    },
    mitigations: ['M1029', 'M1022', 'M1041'],
    grundschutz: ['OPS.1.1.5.A6', 'OPS.1.1.5.A3', 'DER.2.2.A9'],
    cis: ['8.2', '8.9', '8.10'],
    check: 'einfallstor.act: log-cleared',
  },
  {
    id: 'recovery',
    techniques: ['T1486', 'T1490', 'T1489', 'T1485'],
    title: { en: 'Backups the domain cannot delete', de: 'Sicherungen, die die Domäne nicht löschen kann' },
    action: {
      en: 'Keep one copy offline or immutable, outside the domain’s rights, and rehearse the restore.',
      de: 'Eine Kopie offline oder unveränderlich und außerhalb der Rechte der Domäne halten und die Wiederherstellung üben.',
    },
    mitigations: ['M1053', 'M1040'],
    grundschutz: ['CON.3.A14', 'CON.3.A15'],
    cis: ['11.3', '11.4', '11.5'],
    check: null,
  },
  {
    id: 'service-execution',
    techniques: ['T1569', 'T1569.002', 'T1543', 'T1543.003', 'T1053', 'T1053.005', 'T1059'],
    title: {
      en: 'Stop remote service and task creation',
      de: 'Anlegen von Diensten und Aufgaben aus der Ferne unterbinden',
    },
    action: {
      en: 'Allow remote service and task creation only to the deployment system, block unsigned programs in administrative shares, and raise an alarm on the same new service on several hosts.',
      de: 'Dienste und Aufgaben aus der Ferne nur der Softwareverteilung erlauben, unsignierte Programme in administrativen Freigaben blockieren und bei gleichem neuen Dienst auf mehreren Systemen alarmieren.',
    },
    mitigations: ['M1026', 'M1040', 'M1018'],
    grundschutz: ['OPS.1.1.4'],
    cis: ['2.5', '5.4', '10.7'],
    check: null,
  },
  {
    id: 'sessions-and-tokens',
    techniques: ['T1539', 'T1528', 'T1550', 'T1550.001', 'T1621', 'T1111'],
    title: { en: 'End sessions, bind tokens', de: 'Sitzungen beenden, Token binden' },
    action: {
      en: 'Revoke all sessions and tokens of the accounts named, shorten session lifetimes, demand number matching for approvals, and review consented applications.',
      de: 'Alle Sitzungen und Token der genannten Konten widerrufen, Sitzungsdauer verkürzen, bei Freigaben Zahlenabgleich verlangen und zugelassene Anwendungen prüfen.',
    },
    mitigations: ['M1047', 'M1018', 'M1054', 'M1032'],
    grundschutz: ['OPS.2.2.A7', 'ORP.4.A21'],
    cis: ['6.3', '6.8'],
    check: null,
  },
  {
    id: 'network-admission',
    techniques: ['T1200'],
    title: { en: 'Admit only known devices', de: 'Nur bekannte Geräte zulassen' },
    action: {
      en: 'Switch on 802.1X or port security, close unused sockets, and keep a list of devices against which leases are checked.',
      de: '802.1X oder Portsicherheit einschalten, ungenutzte Dosen abschalten und Adressvergaben gegen eine Geräteliste prüfen.',
    },
    mitigations: ['M1035', 'M1034'],
    grundschutz: ['NET.3.4'],
    cis: ['1.1', '13.9'],
    check: null,
  },
];
