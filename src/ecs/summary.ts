import { type Fields, numberOf, textOf } from './event.ts';

/** Fields that say most about an act, after who and from where to where; `summarise` reads them. */
export const TELLING: readonly string[] = [
  'einfallstor.vpn.assigned_ip',
  'service.type',
  'winlog.logon.type',
  'service.name',
  'process.command_line',
  'group.name',
  'user.target.name',
  'einfallstor.change.object',
  'email.from.address',
  'email.to.address',
  'email.subject',
  'http.request.method',
  'url.original',
  'http.response.status_code',
  'rule.name',
  'event.reason',
];
const TELLING_MAX = 4;

const endpoint = (fields: Readonly<Fields>, side: 'source' | 'destination'): string | undefined => {
  const name = textOf(fields, `${side}.ip`) ?? textOf(fields, `${side}.domain`);
  const port = numberOf(fields, `${side}.port`);
  if (name === undefined) return undefined;
  if (port === undefined) return name;
  return name.includes(':') ? `[${name}]:${port}` : `${name}:${port}`;
};

/**
 * One line about an event: act, outcome, who, from where to where, and what else tells most.
 * `vpn-login failure k.maier 198.51.100.23 ssl`. Text from evidence, not sanitised.
 */
export const summarise = (fields: Readonly<Fields>): string => {
  if (fields['event.kind'] === 'pipeline_error') {
    return `rejected: ${textOf(fields, 'error.message') ?? ''}: ${(textOf(fields, 'event.original') ?? '').slice(0, 120)}`;
  }
  const source = endpoint(fields, 'source');
  const destination = endpoint(fields, 'destination');
  const path = destination === undefined ? source : `${source ?? '?'} → ${destination}`;
  const told = TELLING.flatMap((name) => {
    const value = fields[name];
    return value === undefined ? [] : [Array.isArray(value) ? value.join(', ') : String(value)];
  }).slice(0, TELLING_MAX);
  const act = textOf(fields, 'einfallstor.act') ?? 'event';
  const parts = [act, textOf(fields, 'event.outcome'), textOf(fields, 'user.name'), path, ...told];
  if (parts.filter((part) => part !== undefined).length <= 2) {
    parts.push((textOf(fields, 'message') ?? textOf(fields, 'event.original') ?? '').slice(0, 200));
  }
  return parts.filter((part) => part !== undefined).join(' ');
};
