import type { Fields } from '../../ecs/event.ts';

// https://user@host.example:8443/path/file.php?query#fragment · /path?query · *
const URL_PARTS = /^(?:([A-Za-z][A-Za-z0-9+.-]{0,31}):\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s;
// host.example:8443 · [2001:db8::1]:443 · name:password@host.example
const AUTHORITY = /^(?:[^@]*@)?(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/;
// the last name of a path: index.php → php
const EXTENSION = /\.([A-Za-z0-9]{1,12})$/;

/**
 * A URL or a request target as the source wrote it: `url.original` untouched, its parts beside it, percent escapes kept
 * (decoding is the reader's matter: the raw form is what was asked for).
 */
export const putUrl = (fields: Fields, text: string | undefined): void => {
  if (text === undefined || text === '' || text === '-') return;
  fields['url.original'] = text;
  const m = URL_PARTS.exec(text);
  if (m === null) return;
  const [, scheme, authority, path, query, fragment] = m;
  if (scheme !== undefined) fields['url.scheme'] = scheme.toLowerCase();
  const host = authority === undefined ? null : AUTHORITY.exec(authority);
  if (host?.[1]) fields['url.domain'] = host[1].toLowerCase().replace(/^\[|\]$/g, '');
  if (host?.[2] !== undefined) fields['url.port'] = Number(host[2]);
  if (path) {
    fields['url.path'] = path;
    const extension = EXTENSION.exec(path.slice(path.lastIndexOf('/') + 1))?.[1];
    if (extension !== undefined) fields['url.extension'] = extension.toLowerCase();
  }
  if (query) fields['url.query'] = query;
  if (fragment) fields['url.fragment'] = fragment;
};

// portal.example.com:8443/path
const BARE = /^([\w-]{1,63}(?:\.[\w-]{1,63}){1,8})(?::\d{1,5})?(\/.*)$/s;

/** A URL that may lack its scheme: `portal.example.com/path`; a path stays a path. */
export const putBareUrl = (fields: Fields, text: string | undefined): void => {
  putUrl(fields, text);
  const m = BARE.exec(text ?? '');
  if (m === null) return;
  fields['url.domain'] = (m[1] as string).toLowerCase();
  fields['url.path'] = (m[2] as string).replace(/[?#].*$/s, '');
};

const METHOD = /^[A-Za-z][A-Za-z_-]{0,31}$/;
// … HTTP/1.1
const PROTOCOL = / HTTP\/(\d(?:\.\d)?)?$/i;
// portal.example.com:443 · [2001:db8::1]:443   what CONNECT asks for
const HOST_PORT = /^(?:[a-z]{2,8}:\/\/)?(\[[0-9a-fA-F:.]{2,45}\]|[^:/?#]{1,255}):(\d{1,5})$/;

/** A request's method and target: CONNECT names a host and port, all others a URL or path. */
export const putRequest = (fields: Fields, method: string | undefined, target: string | undefined): void => {
  if (method !== undefined && method !== '-' && method !== '') fields['http.request.method'] = method;
  const asked = method?.toUpperCase() === 'CONNECT' ? HOST_PORT.exec(target ?? '') : null;
  if (asked === null) {
    putUrl(fields, target);
    return;
  }
  fields['url.original'] = target as string;
  fields['url.domain'] = (asked[1] as string).toLowerCase().replaceAll(/[[\]]/g, '');
  fields['url.port'] = Number(asked[2]);
};

/** `GET /path?query HTTP/1.1`; a target may hold blanks. False: it is no request (bytes of another protocol). */
export const putRequestLine = (fields: Fields, line: string): boolean => {
  const space = line.indexOf(' ');
  const method = line.slice(0, Math.max(0, space));
  const protocol = PROTOCOL.exec(line);
  const target = line.slice(space + 1, Math.max(space + 1, protocol?.index ?? line.length));
  if (!METHOD.test(method) || (protocol === null && !/^(?:\/|\*|https?:)/.test(target))) return false;
  if (protocol?.[1] !== undefined) fields['http.version'] = protocol[1];
  putRequest(fields, method, target);
  return true;
};
