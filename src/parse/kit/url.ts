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
