import type { Act } from '../../ecs/acts.ts';
import type { Fields } from '../../ecs/event.ts';
import { categorise } from './put.ts';

type Outcome = 'success' | 'failure' | undefined;

// ConnectionDenied, login_failed, User-Logon → words with blanks between
const spaced = (text: string): string =>
  text
    .slice(0, 1000)
    .replaceAll(/([a-z])(?=[A-Z])/g, '$1 ')
    .replaceAll(/[_\-.:/|]+/g, ' ')
    .toLowerCase();

const FAILED =
  /\b(?:fail(?:ed|ure|s)?|denied|deny|reject(?:ed)?|invalid|wrong|incorrect|unauthori[sz]ed|bad|lock(?:ed)? ?out)\b/;
const PASSED = /\b(?:success(?:ful(?:ly)?)?|succeeded|ok|accept(?:ed)?|allow(?:ed)?|granted)\b/;
const REFUSED =
  /\b(?:block(?:ed)?|deny|denied|drop(?:ped)?|discard(?:ed)?|reject(?:ed)?|refuse[d]?|reset|prevent(?:ed)?|quarantined?)\b/;
const LET =
  /\b(?:allow(?:ed)?|accept(?:ed)?|permit(?:ted)?|pass(?:ed)?|forward(?:ed)?|close[d]?|end(?:ed)?|teardown|timeout)\b/;
const OPENED = /\b(?:open(?:ed)?|built|start(?:ed)?|established|create[d]?)\b/;
const LOGIN = /\b(?:log(?:ged)? ?(?:in|on)|logins?|logons?|sign(?:ed)? ?(?:in|on)|authenticat(?:ion|ed|e))\b/;
const LOGOUT = /\b(?:log(?:ged)? ?(?:out|off)|sign(?:ed)? ?(?:out|off))\b/;
const VPN = /\b(?:vpn|sslvpn|ipsec|l2tp|pptp|remote access)\b/;
const ADMIN = /\b(?:admin|administrator|administrative|management|console|gui|cli)\b/;
const CHANGED = /\b(?:chang|modif|updat|creat|delet|add|remov|commit|sav|import|restor|reset|disabl|enabl)/;
const THREAT =
  /\b(?:malware|virus|trojan|ransomware|exploit|intrusion|ips|ids|attack|injection|xss|botnet|phishing|threat|brute force|spyware|worm)\b/;

const outcomeOf = (fields: Fields, words: string): Outcome => {
  const stated = fields['event.outcome'];
  if (stated === 'success' || stated === 'failure') return stated;
  return FAILED.test(words) ? 'failure' : PASSED.test(words) ? 'success' : undefined;
};

const as = (act: Act, fields: Fields, category: readonly string[], types: readonly string[], outcome: Outcome): Act => {
  categorise(fields, category, types, outcome);
  return act;
};

const account = (fields: Fields, words: string): Act | undefined => {
  const outcome = outcomeOf(fields, words) ?? 'success';
  if (LOGOUT.test(words)) {
    if (VPN.test(words)) return as('vpn-session-end', fields, ['session', 'network'], ['end', 'connection'], 'success');
    return as('logout', fields, ['authentication', 'session'], ['end'], 'success');
  }
  // a connection to a service called login is no login
  const alone = fields['source.ip'] !== undefined && fields['destination.port'] === undefined;
  if (LOGIN.test(words) && (fields['user.name'] !== undefined || alone)) {
    const types = outcome === 'failure' ? ['info'] : ['start'];
    if (VPN.test(words)) return as('vpn-login', fields, ['authentication', 'network'], types, outcome);
    return as(ADMIN.test(words) ? 'admin-login' : 'login', fields, ['authentication'], types, outcome);
  }
  if (!CHANGED.test(words)) return undefined;
  if (/\bconfig(?:uration)?\b|\bpolicy\b|\bfirewall rule\b/.test(words))
    return as('config-change', fields, ['configuration'], ['change'], outcome);
  if (/\b(?:user|account|password)\b/.test(words) && !/\bsession|\bconnection/.test(words)) {
    const created = /\b(?:creat|add)/.test(words);
    const types = ['user', created ? 'creation' : /\b(?:delet|remov)/.test(words) ? 'deletion' : 'change'];
    return as(created ? 'account-created' : 'account-changed', fields, ['iam'], types, outcome);
  }
  return undefined;
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

/**
 * What a record of a product nobody knows is about, by its own words (name, category, action) and by the fields it has.
 * Where they do not say it plainly the act is `other`: a wrong act would mislead every rule behind it.
 */
export const plainMeaning = (fields: Fields, said: readonly (string | undefined)[]): Act => {
  const words = spaced(said.filter(Boolean).join(' '));
  const known = account(fields, words);
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
