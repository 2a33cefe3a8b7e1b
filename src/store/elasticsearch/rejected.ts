import type { Fields } from '../../ecs/event.ts';
import type { Write } from './bulk.ts';
import { type Admit, type Document, documentOf, eventOf } from './document.ts';

/** Fields of an event that tell where it comes from, and its record: kept of one that the server refuses. */
const KEPT = /^(?:@timestamp|event\.(?:id|module|original)|log\.|einfallstor\.(?:stream|record\.))/;

/** An event whose document the server refuses becomes a rejected record that says why. */
export const rejectedDocument = (write: Write, reason: string, admit: Admit): Write => {
  const { fields } = eventOf(write.id, JSON.parse(write.document ?? '{}') as Document);
  const kept: Fields = {
    ...Object.fromEntries(Object.entries(fields).filter(([name]) => KEPT.test(name))),
    'event.kind': 'pipeline_error',
    'einfallstor.reject_code': 'store',
    'error.message': `refused by the store: ${reason}`,
  };
  return { id: write.id, document: JSON.stringify(documentOf({ id: write.id, fields: kept }, admit)) };
};
