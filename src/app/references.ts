import type { Case } from '../case/case.ts';
import { numberOf, type StoredEvent, textOf } from '../ecs/event.ts';
import type { EventReference } from '../trace/result.ts';

/** Leads an event back to bytes in a file: from the case's journals of items and streams. */
export const referencesOf = async (opened: Case): Promise<(event: StoredEvent) => EventReference> => {
  const items = new Map((await opened.items()).map((item) => [item.sha256, item]));
  const streams = new Map((await opened.streams()).map((stream) => [stream.id, stream]));
  return ({ id, fields }) => {
    const record = numberOf(fields, 'einfallstor.record.number');
    const stream = streams.get(textOf(fields, 'einfallstor.stream') ?? id.slice(0, id.lastIndexOf('-')));
    const item = stream === undefined ? undefined : items.get(stream.item);
    if (stream === undefined || item === undefined) throw new Error(`event ${id} belongs to no stream of this case`);
    return {
      id,
      evidence: {
        path: stream.path,
        line: numberOf(fields, 'einfallstor.record.line') ?? null,
        ...(record === undefined ? {} : { record }),
        offset: numberOf(fields, 'log.offset') ?? 0,
        length: numberOf(fields, 'einfallstor.record.length') ?? 0,
        sha256: item.sha256,
        memberSha256: stream.memberSha256,
      },
    };
  };
};
