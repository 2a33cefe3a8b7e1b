import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, readIso, readSlashed } from '../../src/parse/kit/civil.ts';
import { putLease } from '../../src/parse/kit/dhcp.ts';
import { parseJson, textAt } from '../../src/parse/kit/json.ts';
import { readKeyValues } from '../../src/parse/kit/key-value.ts';
import { type Phrase, phraseOf, putKind, putPhrase } from '../../src/parse/kit/phrases.ts';
import { add, put, putNumber, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

/** Sentences of FRITZ!OS 6 to 8 in German and English, first match wins. */
// biome-ignore format: a table
const PHRASES: readonly Phrase[] = [
  // Anmeldung des Benutzers admin an der FRITZ!Box-Benutzeroberfläche von IP-Adresse 203.0.113.9 gescheitert (falsches Kennwort).
  [/^Anmeldung (?:des Benutzers (?<user>.{1,64}?) )?(?:aus dem (?:Internet|Heimnetz) )?an der FRITZ!Box[- ]Benutzeroberfläche(?: von IP-Adresse (?<ip>[\da-fA-F.:]{2,45}?))? (?:ist |wurde )?(?:gescheitert|fehlgeschlagen|abgelehnt|verweigert)(?: \((?<reason>.{1,120}?)\))?/, 'login-failed', 'admin-login', 'refused'],
  [/^Anmeldung (?:des Benutzers (?<user>.{1,64}?) )?(?:aus dem (?:Internet|Heimnetz) )?an der FRITZ!Box[- ]Benutzeroberfläche(?: von IP-Adresse (?<ip>[\da-fA-F.:]{2,45}?))?\.?(?=\s|$)(?!.{0,200}(?:gescheitert|fehlgeschlagen|abgelehnt|verweigert|gesperrt|nicht ))/, 'login', 'admin-login', 'passed'],
  [/^(?:User (?<user>.{1,64}?) )?[Ll]ogin to the FRITZ!Box user interface from IP address (?<ip>[\da-fA-F.:]{2,45}?) failed(?: \((?<reason>.{1,120}?)\))?/, 'login-failed', 'admin-login', 'refused'],
  [/^User (?<user>.{1,64}?) logged in to the FRITZ!Box user interface from IP address (?<ip>[\da-fA-F.:]{2,45}?)\.?\s?$/, 'login', 'admin-login', 'passed'],
  // the English sentence is not documented: whichever of the likely ones, a word of failure in it decides
  [/^(?=.{0,200}\b(?:[Ff]ailed|unsuccessful|denied|incorrect|rejected)\b)(?:Login|Logon|(?:Failed|Unable) to log ?(?:in|on)) (?:attempt )?(?:of |by |for )?(?:the )?user (?<user>.{1,64}?) (?:to|at|on) the FRITZ!Box user interface from (?:the )?IP address (?<ip>[\da-fA-F.:]{2,45}?)(?=\.?(?:\s|$))(?:.{0,40}?\((?<reason>.{1,120}?)\))?/, 'login-failed', 'admin-login', 'refused'],
  [/^(?:Successful )?(?:[Ll]ogin|[Ll]ogon) (?:of |by |for )?(?:the )?user (?<user>.{1,64}?) (?:to|at|on) the FRITZ!Box user interface from (?:the )?IP address (?<ip>[\da-fA-F.:]{2,45}?)\.?(?: (?:was )?successful\.?)?\s?$/, 'login', 'admin-login', 'passed'],
  // Anmeldung des Benutzers anonymous am FRITZ!Box FTP-Dienst von IP-Adresse 203.0.113.9 gescheitert (Benutzername oder Kennwort falsch).
  [/^Anmeldung (?:des Benutzers (?<user>.{1,64}?) )?am FRITZ!Box[- ](?<via>\w{2,12})-Dienst von IP-Adresse (?<ip>[\da-fA-F.:]{2,45}?) (?:ist |wurde )?(?:gescheitert|fehlgeschlagen|abgelehnt|verweigert)(?: \((?<reason>.{1,120}?)\))?/, 'login-failed', 'login', 'refused'],
  [/^Anmeldung (?:des Benutzers (?<user>.{1,64}?) )?am FRITZ!Box[- ](?<via>\w{2,12})-Dienst von IP-Adresse (?<ip>[\da-fA-F.:]{2,45}?)\.?(?=\s|$)(?!.{0,200}(?:gescheitert|fehlgeschlagen|abgelehnt|verweigert|gesperrt|nicht ))/, 'login', 'login', 'passed'],
  [/^Anmeldung (?:einer|der) (?:FRITZ!)?App .{1,120}? des Benutzers (?<user>.{1,64}?) .{0,80}?von IP-Adresse (?<ip>[\da-fA-F.:]{2,45}?) (?:ist |wurde )?(?:gescheitert|fehlgeschlagen|abgelehnt|verweigert)(?: \((?<reason>.{1,120}?)\))?/, 'login-failed', 'admin-login', 'refused'],
  [/^Anmeldung (?:einer|der) (?:FRITZ!)?App .{1,120}? des Benutzers (?<user>.{1,64}?) .{0,80}?von IP-Adresse (?<ip>[\da-fA-F.:]{2,45}?)\.?(?=\s|$)(?!.{0,200}(?:gescheitert|fehlgeschlagen|abgelehnt|verweigert|gesperrt|nicht ))/, 'login', 'admin-login', 'passed'],
  // VPN-Verbindung zu k.maier [198.51.100.23] wurde erfolgreich hergestellt.
  [/^(?:VPN|WireGuard)-Verbindung (?:zu|mit|von) [„"]?(?<user>.{1,120}?)[“"]?(?: \[(?<ip>[\da-fA-F.:]{2,45})[^\]]{0,24}\])?(?: IKE SA: \S{1,80})? wurde (?:erfolgreich )?(?:hergestellt|aufgebaut)/, 'session-start', 'vpn-session-start', 'up'],
  [/^(?:VPN|WireGuard)-Verbindung (?:zu|mit|von) [„"]?(?<user>.{1,120}?)[“"]?(?: \[(?<ip>[\da-fA-F.:]{2,45})[^\]]{0,24}\])? wurde (?:getrennt|abgebaut|beendet)(?:\.? Ursache: (?<reason>.{1,120}))?/, 'session-end', 'vpn-session-end', 'down'],
  [/^VPN connection to (?<user>.{1,120}?)(?: \[(?<ip>[\da-fA-F.:]{2,45})[^\]]{0,24}\])? (?:was|has been) (?:successfully )?established/, 'session-start', 'vpn-session-start', 'up'],
  [/^VPN connection to (?<user>.{1,120}?)(?: \[(?<ip>[\da-fA-F.:]{2,45})[^\]]{0,24}\])? (?:was|has been) cleared(?:\.? Cause: (?<reason>.{1,120}))?/, 'session-end', 'vpn-session-end', 'down'],
  [/^VPN-Fehler: (?<user>[^,]{1,120}), (?<reason>.{1,120}?)(?: \[|$)/, 'vpn-error', 'vpn-negotiation', 'broken'],
  // WLAN-Gerät hat sich neu angemeldet (2,4 GHz), 72 Mbit/s, PC07, IP 192.168.178.31, MAC 00:00:5E:00:53:23.
  [/^(?:WLAN-Gerät|Neues WLAN-Gerät).{0,60}?angemeldet.{0,60}?, (?:[\d.,]{1,8} [MG]bit\/s, )?(?<device>[^,]{1,64}), IP (?<ip>[\da-fA-F.:]{2,45}?), MAC (?<mac>[\dA-Fa-f:]{17})/, 'wlan-joined', 'dhcp-lease', 'session'],
  [/^WLAN-Gerät.{0,80}?abgemeldet.{0,60}?, (?<device>[^,]{1,64}), IP (?<ip>[\da-fA-F.:]{2,45}?), MAC (?<mac>[\dA-Fa-f:]{17})/, 'wlan-left', 'dhcp-lease', 'session'],
  [/^WLAN-Anmeldung ist gescheitert ?: (?<reason>.{1,80}?)\. .{0,40}MAC-Adresse: (?<mac>[\dA-Fa-f:]{17})/, 'wlan-refused', 'login', 'refused'],
  [/^Internetverbindung (?:IPv6 )?wurde (?:erfolgreich )?(?:hergestellt|getrennt)|^Die Internetverbindung|^Internet connection/, 'internet', 'source-state', 'state'],
  [/^(?:Die )?(?:FRITZ!Box-)?Einstellungen .{0,80}(?:geändert|importiert|wiederhergestellt|gesichert)|(?:Portfreigabe|Freigabe|FRITZ!Box-Benutzer|Benutzerkonto|Kennwort|Rufumleitung|VPN-Einstellung|MyFRITZ!)\S{0,24} .{0,120}(?:geändert|eingerichtet|angelegt|gelöscht|hinzugefügt|entfernt|aktiviert|deaktiviert)/, 'config-change', 'config-change', 'changed'],
  [/^Es wurde ein .{0,40}Update|^Update|FRITZ!OS.{0,40}(?:aktualisiert|installiert)|^FRITZ!Box wurde neu gestartet|^Das System wurde/, 'system', 'source-state', 'state'],
];

interface Entry {
  readonly civil: Civil | undefined;
  readonly text: string;
  readonly id: string | undefined;
}

// 31.10.21 23:14:07 Anmeldung …   copied from the page, its push mail, with tabs or semicolons
const LINE = /^\uFEFF?"?(\d\d\.\d\d\.(?:\d{4}|\d\d))"?[ \t;,]{1,3}"?(\d\d:\d\d:\d\d)"?[ \t;,]{1,3}"?(\S.*)$/s;
// 31.10.21 23:14:07 sys 504 Anmeldung …: what scripts that fetch the log put in between
const GROUPED = /^(?:sys|net|wlan|fon|usb)[ \t]{1,3}(\d{1,4})[ \t]{1,3}(?=\S)/;
// event_time=2026-10-09T21:49:06+02:00 group=sys id=504 msg="Anmeldung …"   what an exporter writes
const EXPORTED = /\bevent_time=\S{19,32} group=\w{1,8} id=\d{1,6} msg="/;
// {"date":"31.10.21","time":"23:14:07","msg":"…","id":504} · ["31.10.21","23:14:07","…","504"]   data.lua
const OBJECT = /^\s{0,4}[[{]\s{0,4}"/;

const readEntry = (raw: string): Entry | undefined => {
  const text = raw.slice(0, 8192).trimEnd();
  const line = LINE.exec(text);
  if (line !== null)
    return {
      civil: readSlashed(`${line[1]} ${line[2]}`, 0, 'day')?.civil,
      text: (line[3] as string).replace(/"$/, '').replace(GROUPED, ''),
      id: GROUPED.exec(line[3] as string)?.[1],
    };
  const at = EXPORTED.exec(text)?.index;
  if (at !== undefined) {
    const values = readKeyValues(text, at);
    return {
      civil: readIso(values.get('event_time') ?? '')?.civil,
      text: values.get('msg') ?? '',
      id: values.get('id'),
    };
  }
  if (!OBJECT.test(text)) return undefined;
  const value = parseJson(text.trim().replace(/,$/, ''));
  const of = (name: string, n: string): string | undefined =>
    textAt(value, name) ?? (Array.isArray(value) ? textAt({ n: value[Number(n)] }, 'n') : undefined);
  const [date, time, msg] = [of('date', '0'), of('time', '1'), of('msg', '2')];
  if (date === undefined || time === undefined || msg === undefined) return undefined;
  return { civil: readSlashed(`${date} ${time}`, 0, 'day')?.civil, text: msg, id: of('id', '3') };
};

/** [2 Meldungen seit 31.10.21 23:10:30] */
const REPEATED = / ?\[(\d{1,6}) (?:Meldungen seit|messages since) [^\]]{1,40}\]$/;

const claims = ({ text }: RawRecord): boolean => {
  const entry = readEntry(text);
  return (
    entry !== undefined &&
    (/FRITZ!/.test(entry.text.slice(0, 400)) || phraseOf(PHRASES, entry.text.slice(0, 1000)) !== undefined)
  );
};

const open: Parser['open'] =
  ({ clock }) =>
  (record) => {
    if (record.text.trim() === '') return BLANK;
    const entry = readEntry(record.text);
    if (entry === undefined) return rejected('not-this-format', 'no entry of the FRITZ!Box event log');
    const fields: Fields = { 'observer.vendor': 'AVM', 'observer.product': 'FRITZ!Box', 'observer.type': 'firewall' };
    if (entry.civil === undefined) warn(fields, 'time-missing');
    clock.stamp(fields, entry.civil);
    put(fields, 'event.code', entry.id);
    put(fields, 'message', entry.text);
    const text = entry.text.slice(0, 1000);
    const repeated = REPEATED.exec(text)?.[1];
    putNumber(fields, 'avm.fritzbox.repeated', repeated);
    const found = phraseOf(PHRASES, text.replace(REPEATED, ''));
    if (found === undefined) putKind(fields, 'info');
    else putPhrase(fields, found.phrase, found.groups);
    const act = found?.phrase[2] ?? 'other';
    if (found?.phrase[1].startsWith('wlan-') === true && act !== 'login') {
      const { device, ip, mac } = found.groups;
      putLease(fields, found.phrase[1] === 'wlan-joined' ? 'ack' : 'release', { address: ip, mac, name: device });
    }
    // the box's own address outside
    if (act === 'source-state')
      add(fields, 'observer.ip', /IP-Adresse: ([\da-fA-F.:]{2,45})/.exec(text)?.[1]?.replace(/[.,:]$/, ''));
    relateAddresses(fields, text);
    return { kind: 'event', act, fields };
  };

export default {
  id: 'avm-fritzbox',
  title: 'AVM FRITZ!Box event log',
  references: [
    {
      title: 'AVM: FRITZ!Box meldet "Anmeldung des Benutzers gescheitert"',
      url: 'https://avm.de/service/wissensdatenbank/dok/FRITZ-Box-7590/3299_FRITZ-Box-meldet-Anmeldung-des-Benutzers-gescheitert/',
    },
    {
      title: 'PC-Welt: Einbruchsversuche in Fritzbox-Menü aufdecken',
      url: 'https://www.pcwelt.de/article/1194762/einbruchsversuche-in-fritzbox-menue-aufdecken.html',
    },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'stated', resolution: 's' },
  families: [
    'logins to the user interface and its services, VPN connections, WLAN devices, changes, the internet connection; German, the commonest in English',
    'copied from the page or its push mail, JSON of the interface, lines of an exporter',
  ],
  limits: [
    'what no sentence fits stays other with its text and addresses',
    'an entry "[n Meldungen seit …]" stands for n',
  ],
  recognise: recogniseBy(claims, 'are entries of a FRITZ!Box', 0.97),
  claims,
  open,
} satisfies Parser as Parser;
