import type { Act } from '../../ecs/acts.ts';
import type { Fields } from '../../ecs/event.ts';
import { putPeer } from './mail.ts';
import { categorise, put, putNumber } from './put.ts';

/** Reads a message into fields by the pattern's groups. */
export type Read = (fields: Fields, body: string, ...groups: (string | undefined)[]) => Act;

/** A connection, its TLS, its end; `event.type` by what happened to it. */
export const connection = (fields: Fields, what: string, outcome?: 'failure'): Act => {
  fields['event.action'] = what
    .toLowerCase()
    .trim()
    .replaceAll(/[^a-z0-9]+/g, '-');
  const start = /^connect$/i.test(what);
  const end = /^(?:dis|lost|timeout|hangup)/i.test(what);
  categorise(fields, ['email', 'network'], ['connection', ...(start ? ['start'] : end ? ['end'] : [])], outcome);
  return 'mail-connection';
};

export const readTls: Read = (fields, _body, trust = '', what = '', way, peer, rest = '') => {
  putPeer(fields, way === 'from' ? 'source' : 'destination', peer);
  const tls = /(TLS|SSL)v([\d.]{1,3}) with cipher ([\w.-]{1,64})/.exec(rest);
  put(fields, 'tls.version_protocol', tls?.[1]?.toLowerCase());
  put(fields, 'tls.version', tls?.[2]);
  put(fields, 'tls.cipher', tls?.[3]);
  fields['tls.established'] = true;
  fields['postfix.tls_trust'] = trust;
  return connection(fields, `tls ${what}`);
};

// ehlo=1 auth=0/1 commands=1/2: accepted of all
const COUNTS = /^(?: [a-z_]{2,16}=\d{1,9}(?:\/\d{1,9})?)+/;

export const readIncoming: Read = (fields, _body, what = '', stage, peer, text = '') => {
  putPeer(fields, 'source', peer);
  put(fields, 'postfix.stage', stage);
  const counts = COUNTS.exec(text.slice(0, 500))?.[0];
  for (const count of counts?.trim().split(' ') ?? []) {
    const [name, value] = count.split('=') as [string, string];
    fields[`postfix.commands.${name}`] = value;
  }
  if (counts === undefined) put(fields, 'event.reason', text.replace(/^[: ]+/, ''));
  return connection(fields, what, /error|limit|non-SMTP|pipelining|Illegal/.test(what) ? 'failure' : undefined);
};

export const readOutgoing: Read = (fields, _body, what = '', peer, text = '') => {
  putPeer(fields, 'destination', peer);
  put(fields, 'event.reason', text.replace(/^[: ]+/, ''));
  return connection(fields, `remote ${what}`, what === 'Used TLS for' ? undefined : 'failure');
};

export const readPostscreen: Read = (fields, _body, what = '', before = '', peer = '', after = '') => {
  putPeer(fields, 'source', peer);
  putPeer(fields, 'destination', / to (\[\S{1,64})$/.exec(after)?.[1]);
  put(fields, 'event.reason', `${before.replace(/ (?:from|for)$/, '')} ${after.replace(/^[: ]+/, '')}`);
  putNumber(fields, 'postfix.dnsbl_rank', what === 'DNSBL' ? /\d+/.exec(before)?.[0] : undefined);
  if (!/^DNSBL|LIST/.test(what))
    return connection(fields, what, /^(?:PASS|(?:DIS)?CONNECT)$/.test(what) ? undefined : 'failure');
  return verdict(fields, what.toLowerCase().replace(' ', '-'));
};

export const verdict = (fields: Fields, action: string): Act => {
  fields['event.action'] = action;
  categorise(fields, ['email'], ['info']);
  return 'mail-filter';
};
