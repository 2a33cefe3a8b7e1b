import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { type Civil, readIso } from '../../src/parse/kit/civil.ts';
import { isObject, type Json, keepJson, readObject, textAt } from '../../src/parse/kit/json.ts';
import { type Kind, putKind } from '../../src/parse/kit/phrases.ts';
import { categorise, put, putIp, putUser } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

/** An entry of either product in the same words. */
interface Entry {
  readonly time: Civil | undefined;
  readonly event: string;
  readonly status: string | undefined;
  readonly user: string | undefined;
  readonly ip: string | undefined;
  readonly host: string | undefined;
  readonly database: string | undefined;
  readonly id: string | undefined;
}

// {"audit_record":{"name":"Connect","record":"2_2021-11-02T07:00:00","timestamp":"2021-11-02T07:15:30Z","connection_id":"12","status":1045,"user":"root","ip":"198.51.100.9",…}}
const percona = (record: Json): Entry => ({
  time: readIso(textAt(record, 'timestamp')?.replace(' UTC', 'Z') ?? '')?.civil,
  event: (textAt(record, 'name') ?? '').toLowerCase(),
  status: textAt(record, 'status'),
  // of a statement: kim[kim] @ pc7 [192.0.2.7]
  user: textAt(record, 'user')?.replace(/\[[^[\]]*\] @ .*$/s, ''),
  ip: textAt(record, 'ip'),
  host: textAt(record, 'host'),
  database: textAt(record, 'db'),
  id: textAt(record, 'connection_id'),
});

// {"timestamp":"2021-11-02 07:15:30","id":1,"class":"connection","event":"connect","connection_id":12,"account":{…},"login":{"user":"kim","ip":"192.0.2.7"},"connection_data":{"status":0,"db":"praxis"}}
const enterprise = (object: Json): Entry => {
  const civil = readIso(textAt(object, 'timestamp') ?? '')?.civil;
  return {
    // in UTC, without saying so
    time: civil === undefined || civil.offset !== undefined ? civil : { ...civil, offset: 0 },
    event: textAt(object, 'event') ?? '',
    status: textAt(object, 'connection_data.status', 'general_data.status'),
    user: textAt(object, 'login.user', 'account.user'),
    ip: textAt(object, 'login.ip'),
    host: textAt(object, 'account.host'),
    database: textAt(object, 'connection_data.db'),
    id: textAt(object, 'connection_id'),
  };
};

const read = (text: string): { entry: Entry; object: Json } | undefined => {
  if (!/"(?:audit_record|connection_id)"/.test(text)) return undefined;
  const object = readObject(text);
  const record = object?.['audit_record'];
  if (isObject(record) && textAt(record, 'name') !== undefined) return { entry: percona(record), object: record };
  if (object === undefined || textAt(object, 'class') === undefined || !isObject(object['login'])) return undefined;
  return { entry: enterprise(object), object };
};

const claims = ({ text }: RawRecord): boolean => read(text) !== undefined;

const told = ({ event, status }: Entry): readonly [Act, Kind | undefined] => {
  if (/^(?:connect|change.?user)$/.test(event)) {
    // without a status it is not known whether the user was let in
    if (status === undefined) return ['login', 'asked'];
    return ['login', status === '0' ? 'passed' : 'refused'];
  }
  if (/^(?:disconnect|quit)$/.test(event)) return ['logout', 'left'];
  if (/^(?:startup|shutdown|audit|noaudit)$/.test(event)) return ['source-state', 'state'];
  return ['other', undefined];
};

const open: Parser['open'] =
  ({ clock }) =>
  (record) => {
    if (record.text.trim() === '') return BLANK;
    const found = read(record.text);
    if (found === undefined) return rejected('not-this-format', 'no entry of a MySQL audit log');
    const { entry, object } = found;
    const fields: Fields = { 'service.type': 'mysql' };
    clock.stamp(fields, entry.time);
    const [act, kind] = told(entry);
    if (kind === undefined) categorise(fields, ['database'], ['info']);
    else putKind(fields, kind);
    put(fields, 'event.action', entry.event);
    put(fields, 'error.code', entry.status === '0' ? undefined : entry.status);
    putUser(fields, 'user', entry.user);
    if (!putIp(fields, 'source.ip', entry.ip) && entry.host !== 'localhost')
      put(fields, 'source.domain', entry.host?.toLowerCase());
    put(fields, 'mysql.database', entry.database);
    put(fields, 'mysql.connection_id', entry.id);
    keepJson(fields, 'mysql.audit', object, new Set(['timestamp']));
    return { kind: 'event', act, fields };
  };

export default {
  id: 'mysql-audit',
  title: 'MySQL Enterprise Audit and Percona audit log, JSON',
  references: [
    {
      title: 'MySQL 8.0: Audit log file formats',
      url: 'https://dev.mysql.com/doc/refman/8.0/en/audit-log-file-formats.html',
    },
    {
      title: 'Percona Server: Audit log plugin',
      url: 'https://docs.percona.com/percona-server/8.0/audit-log-plugin.html',
    },
  ],
  framing: 'json',
  states: { zone: 'stated', year: 'stated', resolution: 's' },
  families: ['connections made, refused and ended, starts and stops; statements as they are'],
  limits: ['the XML forms are not read'],
  recognise: recogniseBy(claims, 'are entries of a MySQL audit log'),
  claims,
  open,
} satisfies Parser as Parser;
