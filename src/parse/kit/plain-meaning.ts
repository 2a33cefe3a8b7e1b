import type { Act } from '../../ecs/acts.ts';
import type { Fields } from '../../ecs/event.ts';
import { categorise } from './put.ts';

type Outcome = 'success' | 'failure' | undefined;

// ConnectionDenied, login_failed, User-Logon → words with blanks between; umlauts as Ae, Oe, Ue
const spaced = (text: string): string =>
  text
    .slice(0, 1000)
    .replaceAll(/([a-z])(?=[A-Z])/g, '$1 ')
    .replaceAll(/[_\-.:/|]+/g, ' ')
    .toLowerCase()
    .replaceAll('ä', 'ae')
    .replaceAll('ö', 'oe')
    .replaceAll('ü', 'ue')
    .replaceAll('ß', 'ss');

/** Words of English and German, whole ones. */
const any = (...words: readonly string[]): RegExp => new RegExp(`\\b(?:${words.join('|')})\\b`);

const FAILED = any(
  'fail(?:ed|ure|s)?|errors?|fraud|mismatch|not found|denied|deny|reject(?:ed)?|invalid|wrong|incorrect|unauthori[sz]ed|unsuccessful|bad|lock(?:ed)? ?out|block(?:ed)?|refused?',
  'fehlgeschlagene?[mnrs]?|gescheiterte?[mnrs]?|abgelehnte?[mnrs]?|abgewiesen|verweigert|ungueltige?[mnrs]?|falsche?[mnrs]?|gesperrt|blockiert|erfolglose?[mnrs]?',
);
const NOT = any('not|cannot|unable', 'nicht|keine?[mnrs]?');
/** What was not done, or not allowed: not authorized, could not log in, konnte sich nicht anmelden, nicht erfolgreich. */
const UNDONE =
  /\b(?:not|cannot|unable to|nicht|keine?[mnrs]?) (?:[a-z]{1,20} ){0,2}?(?:log(?:ged)? ?(?:in|on)|sign(?:ed)? ?(?:in|on)|authenticat|success|allow|permit|authori[sz]ed|accept|grant|erfolgreich|angemeldet|anmelden|authentifizier|erlaubt|zugelassen|berechtig|moeglich)/;
/** Beside a login these leave open how it ended. */
const DOUBT = any(
  'expired|disabled|unknown|time(?:d)? ?out|abort(?:ed)?|cancel(?:l?ed)?|too many',
  'abgelaufen|deaktiviert|unbekannte?[mnrs]?|abgebrochen|zu viele',
);
const PASSED = any(
  'success(?:ful(?:ly)?)?|succeeded|ok|accept(?:ed)?|allow(?:ed)?|granted',
  'erfolgreiche?[mnrs]?|erlaubt|zugelassen',
);
const REFUSED = any(
  'block(?:ed)?|deny|denied|drop(?:ped)?|discard(?:ed)?|reject(?:ed)?|refuse[d]?|reset|prevent(?:ed)?|quarantined?',
  'blockiert|verworfen|abgewiesen|abgelehnt|verweigert',
);
const LET = any(
  'allow(?:ed)?|accept(?:ed)?|permit(?:ted)?|pass(?:ed)?|forward(?:ed)?|close[d]?|end(?:ed)?|teardown|timeout',
  'erlaubt|zugelassen|durchgelassen',
);
const OPENED = any('open(?:ed)?|built|start(?:ed)?|established|create[d]?');
const LOGIN = any(
  'log(?:ged)? ?(?:in|on)|logins?|logons?|sign(?:ed)? ?(?:in|on)|authenticat(?:ion|ed|e)',
  'anmeldung|angemeldet|anmeldeversuch|eingeloggt|einwahl|authentifizierung|authentisierung',
);
const LOGOUT = any('log(?:ged)? ?(?:out|off)|sign(?:ed)? ?(?:out|off)', 'abmeldung|abgemeldet|ausgeloggt');
/** Asked for, and not said how it ended. */
const ASKED = any(
  'attempt(?:s|ed)?|request(?:s|ed)?|challenged?|prompt|pending|page|start(?:ed|ing)?|begin',
  'versuch|anmeldeversuch',
);
const VPN = any(
  'vpn|sslvpn|ipsec|l2tp|pptp|ikev2|openvpn|wireguard|anyconnect|openconnect|tunnel|remote access|einwahl',
);
const VPN_UP = any(
  'connected|established|(?:connection|session|tunnel) (?:is )?(?:up|started|opened|created)|assigned',
  'verbunden|aufgebaut|hergestellt',
);
const VPN_DOWN = any(
  'disconnect(?:ed)?|terminated|(?:connection|session|tunnel) (?:is )?(?:down|ended|closed|deleted|removed)',
  'getrennt|abgebaut|beendet',
);
/** No name of a service. */
const ATTEMPT = /\bfailed log(?:in|on)|\blog(?:in|on) (?:attempt|fail)|\bauthentication fail/;
const ADMIN = any('admin|administrator|administrative|management|console|gui|cli', 'verwaltung');
// word stems
const CHANGED =
  /\b(?:chang|modif|updat|creat|delet|add|remov|commit|sav|import|restor|reset|disabl|enabl|geaendert|angelegt|geloescht|hinzugefuegt)/;
const SETTINGS = any('config(?:uration)?|policy|firewall rule', 'konfiguration|regelwerk|richtlinie');
const ACCOUNT = any('user|account|password', 'benutzer|konto|kennwort|passwort');
const THREAT =
  /\b(?:malware|virus|trojan|ransomware|exploit|intrusion|ips|ids|attack|injection|xss|botnet|phishing|threat|brute force|spyware|worm)\b/;

/** Whether a text is about who came in or out, or changed what the device does. */
export const speaksOfAccess = (text: string): boolean => {
  const words = spaced(text);
  return LOGIN.test(words) || LOGOUT.test(words) || VPN.test(words) || (CHANGED.test(words) && SETTINGS.test(words));
};

/** Whether an address in it may be one inside a tunnel. */
export const speaksOfTunnels = (text: string): boolean => VPN.test(spaced(text));

const outcomeOf = (fields: Fields, words: string): Outcome => {
  const stated = fields['event.outcome'];
  if (stated === 'success' || stated === 'failure') return stated;
  return FAILED.test(words) || UNDONE.test(words) ? 'failure' : PASSED.test(words) ? 'success' : undefined;
};

const as = (act: Act, fields: Fields, category: readonly string[], types: readonly string[], outcome: Outcome): Act => {
  categorise(fields, category, types, outcome);
  return act;
};

/** A user's tunnel; one between sites has no user and no address of its own. */
const tunnel = (fields: Fields, words: string): Act | undefined => {
  if (!VPN.test(words)) return undefined;
  if (fields['user.name'] === undefined && fields['einfallstor.vpn.assigned_ip'] === undefined) return undefined;
  if (VPN_DOWN.test(words))
    return as('vpn-session-end', fields, ['session', 'network'], ['end', 'connection'], 'success');
  if (VPN_UP.test(words) && !FAILED.test(words))
    return as('vpn-session-start', fields, ['session', 'network'], ['start', 'connection'], 'success');
  return undefined;
};

const change = (fields: Fields, words: string, outcome: Outcome): Act | undefined => {
  if (!CHANGED.test(words)) return undefined;
  if (SETTINGS.test(words)) return as('config-change', fields, ['configuration'], ['change'], outcome);
  if (ACCOUNT.test(words) && !/\bsession|\bconnection/.test(words)) {
    const created = /\b(?:creat|add|angelegt|hinzugefuegt)/.test(words);
    const types = ['user', created ? 'creation' : /\b(?:delet|remov|geloescht)/.test(words) ? 'deletion' : 'change'];
    return as(created ? 'account-created' : 'account-changed', fields, ['iam'], types, outcome);
  }
  return undefined;
};

const account = (fields: Fields, words: string, unsure = false): Act | undefined => {
  const stated = outcomeOf(fields, words);
  const open = unsure || ASKED.test(words) || NOT.test(words) || DOUBT.test(words);
  const outcome = stated ?? (open ? undefined : 'success');
  if (LOGOUT.test(words)) {
    if (VPN.test(words)) return as('vpn-session-end', fields, ['session', 'network'], ['end', 'connection'], 'success');
    return as('logout', fields, ['authentication', 'session'], ['end'], 'success');
  }
  // a connection to a service called login is no login
  const alone = fields['source.ip'] !== undefined && (fields['destination.port'] === undefined || ATTEMPT.test(words));
  if (LOGIN.test(words) && (fields['user.name'] !== undefined || alone)) {
    const types = outcome === 'failure' ? ['info'] : ['start'];
    if (VPN.test(words)) return as('vpn-login', fields, ['authentication', 'network'], types, outcome);
    // an account of that name is no console
    const beside = ` ${words.replaceAll(/[^a-z0-9]+/g, ' ')} `.replaceAll(
      ` ${spaced(String(fields['user.name'] ?? ''))} `,
      ' ',
    );
    return as(ADMIN.test(beside) ? 'admin-login' : 'login', fields, ['authentication'], types, outcome);
  }
  return tunnel(fields, words) ?? change(fields, words, stated ?? 'success');
};

const traffic = (fields: Fields, words: string): Act | undefined => {
  if (fields['source.ip'] === undefined || fields['destination.ip'] === undefined) return undefined;
  if (REFUSED.test(words)) return as('flow-denied', fields, ['network'], ['connection', 'denied'], 'success');
  const counted = fields['source.bytes'] !== undefined || fields['destination.bytes'] !== undefined;
  if (fields['url.original'] !== undefined && fields['http.request.method'] !== undefined) return undefined;
  if (counted || LET.test(words)) return as('flow', fields, ['network'], ['connection', 'end', 'allowed'], 'success');
  if (OPENED.test(words)) return as('flow-start', fields, ['network'], ['connection', 'start', 'allowed'], 'success');
  return undefined;
};

const mail = (fields: Fields, words: string): Act | undefined => {
  if (fields['email.from.address'] === undefined && fields['email.to.address'] === undefined) return undefined;
  if (REFUSED.test(words)) return as('mail-rejected', fields, ['email'], ['info', 'denied'], 'failure');
  if (/\bdeliver(?:ed|y)?\b/.test(words))
    return as('mail-delivery', fields, ['email'], ['info'], outcomeOf(fields, words));
  return as('mail-filter', fields, ['email'], ['info'], undefined);
};

/** A sentence that tells what was done; `AUTH LOGIN` in a protocol's transcript does not. */
const DONE = any('(?:logged|signed) ?(?:in|on|out|off)|authenticated', 'angemeldet|abgemeldet|eingeloggt|ausgeloggt');

/** Who came in or out, what passed or was refused, as a sentence says it: undefined where it says none of these. */
export const plainAccess = (fields: Fields, said: readonly (string | undefined)[]): Act | undefined => {
  const words = spaced(said.filter(Boolean).join(' '));
  const open = (LOGIN.test(words) || LOGOUT.test(words)) && !DONE.test(words) && outcomeOf(fields, words) === undefined;
  return (open ? tunnel(fields, words) : account(fields, words)) ?? traffic(fields, words);
};

/**
 * What a record of a product nobody knows is about, by its own words (name, category, action) and by the fields it has.
 * Where they do not say it plainly the act is `other`: a wrong act would mislead every rule behind it. `unsure`: the record
 * states how it ended, in a word that is not known; a login is then not taken to have succeeded.
 */
export const plainMeaning = (fields: Fields, said: readonly (string | undefined)[], unsure = false): Act => {
  const words = spaced(said.filter(Boolean).join(' '));
  const known = account(fields, words, unsure);
  if (known !== undefined) return known;
  if (THREAT.test(words) || fields['threat.indicator.name'] !== undefined) {
    fields['event.kind'] = 'alert';
    const refused = REFUSED.test(words);
    const types = refused ? ['info', 'denied'] : ['info'];
    return as('threat', fields, ['intrusion_detection'], types, refused ? 'failure' : outcomeOf(fields, ''));
  }
  const passed = traffic(fields, words) ?? mail(fields, words);
  if (passed !== undefined) return passed;
  if (fields['url.original'] !== undefined && fields['http.request.method'] !== undefined)
    return as('http-request', fields, ['web'], ['access'], outcomeOf(fields, words));
  const network = fields['source.ip'] !== undefined || fields['destination.ip'] !== undefined;
  return as('other', fields, [network ? 'network' : 'host'], ['info'], outcomeOf(fields, words));
};
