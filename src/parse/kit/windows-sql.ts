import type { Fields } from '../../ecs/event.ts';
import { put, putIp, putUser } from './put.ts';

// Login failed for user 'sa'. Reason: Password did not match … [CLIENT: 192.0.2.7]; the data: name, reason, client
const USER = /\b(?:for user|für den Benutzer) '(.{0,256}?)'/;
// [CLIENT : 192.0.2.7] in French, [CLIENTE: 192.0.2.7] in Spanish
const CLIENT = /\[CLIENTE? ?: ?([0-9a-fA-F:.]{2,45})(?:%\w{1,16})?\]/;

/** Logins that SQL Server writes to the Application log; an export without the text has its values in their order. */
export const putSqlLogin = (fields: Fields, get: (name: string) => string | undefined, message: string): void => {
  const [name, reason, client] = ['param1', 'param2', 'param3'].map(get);
  putUser(fields, 'user', USER.exec(message)?.[1] ?? name);
  putIp(fields, 'source.ip', CLIENT.exec(`${message} ${client ?? ''} ${reason ?? ''}`)?.[1]);
  put(fields, 'service.type', 'mssql');
  if (fields['event.outcome'] === 'failure')
    put(fields, 'event.reason', reason?.replace(/^\s*(?:Reason|Ursache|Raison|Motivo) ?: /, ''));
};
