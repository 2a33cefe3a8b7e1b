import type { Fields } from '../../ecs/event.ts';
import { categorise, put } from './put.ts';

/** What Windows says of a refused password, in `sc-win32-status` (winerror.h, sspi.h); 2148074254 only asks for credentials. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ['1326', 'unknown user name or bad password'],
  ['1327', 'account restriction'],
  ['1328', 'logon outside permitted hours'],
  ['1330', 'password expired'],
  ['1331', 'account disabled'],
  ['1385', 'logon type not granted'],
  ['1793', 'account expired'],
  ['1907', 'password must be changed'],
  ['1909', 'account locked out'],
  ['2148074252', 'logon denied'],
]);

/** `POST /owa/auth.owa` is answered 302 whichever way it goes, and names the account that was tried. */
const TRIED = /^\/owa\/auth\.owa$/i;
/** The logon page that a refused password leads back to, which names nobody: /owa/auth/logon.aspx?url=…&reason=2 */
const LOGON_PAGE = /^\/owa\/auth\/logon\.aspx$/i;
const REASON_REFUSED = /(?:^|[?&;])reason=2(?:[&;]|$)/i;
/** Where an accepted one leads to. */
const INSIDE = /^\/(?:owa|ecp)\/(?!auth(?:\/|\.owa$))/i;

/** The names of an account among an event's fields. */
const accountIn = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => /^user\.(?:name|domain|email)$/.test(name)));

const isSame = (a: Fields, b: Fields): boolean =>
  String(a['user.name']).toLowerCase() === String(b['user.name']).toLowerCase();

/** Clients whose tries are remembered at once. */
const MOST_CLIENTS = 10_000;

/** Whether a request was a login; what it said of it goes into the fields. Requests come in the order of the log. */
export type ReadLogin = (fields: Fields, row: ReadonlyMap<string, string>) => boolean;

/**
 * Logins that the web server refuses, and those at Outlook on the web: who was tried stands in one request, how it went in
 * the next of that client. What is let in by other ways repeats in every request: that stays a request.
 */
export const openLogins = (): ReadLogin => {
  /** By client; an empty account where several were tried at once. */
  const tried = new Map<string, Fields>();

  const page = (fields: Fields, client: string): boolean => {
    Object.assign(fields, tried.get(client));
    tried.delete(client);
    put(fields, 'event.reason', 'user name or password refused');
    fields['service.type'] = 'owa';
    categorise(fields, ['authentication', 'web'], ['info'], 'failure');
    return true;
  };

  const letIn = (fields: Fields, client: string): boolean => {
    const account = tried.get(client);
    if (account?.['user.name'] === undefined || !isSame(account, fields)) return false;
    tried.delete(client);
    fields['service.type'] = 'owa';
    fields['einfallstor.login.method'] = 'password';
    categorise(fields, ['authentication', 'web'], ['start'], 'success');
    return true;
  };

  return (fields, row) => {
    const [stem, status] = [row.get('cs-uri-stem') ?? '', row.get('sc-status') ?? ''];
    const denied = status === '401' ? REFUSED.get(row.get('sc-win32-status') ?? '') : undefined;
    if (denied !== undefined) {
      put(fields, 'event.reason', denied);
      fields['service.type'] = 'web';
      categorise(fields, ['authentication', 'web'], ['info'], 'failure');
      return true;
    }
    // clients behind one address differ in their programs
    const client = `${fields['source.ip']} ${row.get('cs(User-Agent)') ?? ''}`;
    if (TRIED.test(stem) && fields['user.name'] !== undefined) {
      if (tried.size >= MOST_CLIENTS) tried.clear();
      const [before, account] = [tried.get(client), accountIn(fields)];
      tried.set(client, before === undefined || isSame(before, account) ? account : {});
      return false;
    }
    if (LOGON_PAGE.test(stem) && REASON_REFUSED.test((row.get('cs-uri-query') ?? '').slice(0, 4096)))
      return page(fields, client);
    return INSIDE.test(stem) && /^[23]/.test(status) && letIn(fields, client);
  };
};
