import { canonicalIp } from '../../core/net.ts';
import type { Fields } from '../../ecs/event.ts';
import { add } from './put.ts';
import { putUrl } from './url.ts';

/** Names of document types and XML namespaces: they stand in nearly every HTML mail and nobody follows them. */
const NO_LINK =
  /^https?:\/\/(?:www\.w3\.org\/(?:TR|1999|2000|2001)\b|schemas\.(?:microsoft\.com|openxmlformats\.org)\/|purl\.org\/dc\b|ns\.adobe\.com\/)/i;
// https://host.example:8443/… · ftp://user@host.example/…
const HOST = /^(?:[a-z][a-z0-9+.-]{0,15}:\/\/)?(?:[^/?#@\s]{0,255}@)?(\[[0-9a-f:.]{2,45}\]|[^/?#:\s@]{1,255})/i;
/** Links of one mail that are looked at. */
const LINKS_MAX = 500;

/**
 * The links of a mail: `url.*` is the first of them, `url.domain` the hosts of all (a list where there are several), which
 * are also in `related.hosts` or, as addresses, in `related.ip`. Gives back those that lead somewhere.
 */
export const putLinks = (fields: Fields, urls: readonly string[]): readonly string[] => {
  const links = urls.slice(0, LINKS_MAX).filter((url) => !NO_LINK.test(url) && !/^(?:mailto|tel|cid|data):/i.test(url));
  const first = links[0];
  if (first === undefined) return links;
  putUrl(fields, first.slice(0, 8192));
  const hosts = new Set<string>();
  for (const link of links) {
    const host = HOST.exec(link)?.[1]
      ?.toLowerCase()
      .replace(/^\[|\]$/g, '');
    if (host?.includes('.') || host?.includes(':')) hosts.add(host);
  }
  for (const host of hosts) {
    const ip = canonicalIp(host);
    if (ip === undefined) add(fields, 'related.hosts', host);
    else add(fields, 'related.ip', ip);
  }
  if (hosts.size > 0) fields['url.domain'] = hosts.size === 1 ? ([...hosts][0] as string) : [...hosts];
  return links;
};
