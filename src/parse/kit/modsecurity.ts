import type { Fields } from '../../ecs/event.ts';
import { keepVendor, put, putEndpoint } from './put.ts';

// [id "949110"] [msg "Inbound Anomaly Score Exceeded"] [severity "CRITICAL"] [hostname "www.example.com"] [uri "/a"]
const PART =
  /\[(file|line|id|rev|msg|data|severity|ver|tag|hostname|uri|unique_id|client) "((?:[^"\\]|\\.){0,2048})"\]/g;

/** What one alert of ModSecurity says of the rule, the request and the client; the first of each kind counts. */
export const putSecurityAlert = (fields: Fields, text: string): void => {
  const parts = new Map<string, string>();
  for (const [, key, value] of text.matchAll(PART))
    if (!parts.has(key as string)) parts.set(key as string, value as string);
  put(fields, 'rule.id', parts.get('id'));
  put(fields, 'rule.name', parts.get('msg'));
  put(fields, 'url.domain', parts.get('hostname'));
  if (fields['url.original'] === undefined) {
    put(fields, 'url.original', parts.get('uri'));
    put(fields, 'url.path', parts.get('uri'));
  }
  if (fields['source.ip'] === undefined) putEndpoint(fields, 'source', parts.get('client'));
  keepVendor(
    fields,
    'modsecurity',
    [...parts].filter(([key]) => /^(?:file|line|data|severity|tag|unique_id|ver)$/.test(key)),
  );
};
