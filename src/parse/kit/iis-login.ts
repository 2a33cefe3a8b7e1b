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

/** The logon page after a refused password: /owa/auth/logon.aspx?url=…&reason=2. It does not say whose it was. */
const LOGON_PAGE = /^\/owa\/auth\/logon\.aspx$/i;
const REASON_REFUSED = /(?:^|[?&;])reason=2(?:[&;]|$)/i;

/** A login that the web server or Outlook on the web refused; whether it was one. Successes repeat in every request: they are requests. */
export const putRefusedLogin = (fields: Fields, row: ReadonlyMap<string, string>): boolean => {
  const denied = row.get('sc-status') === '401' ? REFUSED.get(row.get('sc-win32-status') ?? '') : undefined;
  const page =
    LOGON_PAGE.test(row.get('cs-uri-stem') ?? '') &&
    REASON_REFUSED.test((row.get('cs-uri-query') ?? '').slice(0, 4096));
  if (denied === undefined && !page) return false;
  put(fields, 'event.reason', denied ?? 'user name or password refused');
  fields['service.type'] = 'web';
  categorise(fields, ['authentication', 'web'], ['info'], 'failure');
  return true;
};
