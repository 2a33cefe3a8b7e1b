import { createHash } from 'node:crypto';
import type { EvidenceItem, EvidenceStream } from './item.ts';

/** Names a stream in event ids: the same bytes at the same place in the same item have the same id anywhere. */
export const streamId = (itemSha256: string, member: string): string =>
  createHash('sha256').update(`${itemSha256}\0${member}`).digest('hex').slice(0, 12);

export const streamOf = (item: EvidenceItem, member: string, modified: number | undefined): EvidenceStream => ({
  id: streamId(item.sha256, member),
  item,
  member,
  path: member === '' ? item.path : `${item.path}!${member}`,
  modified,
});
