import type { Fields } from '../../ecs/event.ts';
import { add, categorise, put, putIp } from './put.ts';

/** A name as asked for: without the root's dot, in small letters. */
const nameOf = (name: string | undefined): string | undefined => {
  const text = name?.toLowerCase();
  return text === undefined || text === '.' ? text : text.replace(/\.$/, '');
};

/** A question put to a name server: who asked for what. */
export const putQuestion = (fields: Fields, name: string | undefined, type?: string, family = 'IN'): void => {
  put(fields, 'dns.question.name', nameOf(name));
  put(fields, 'dns.question.type', type);
  put(fields, 'dns.question.class', family);
  fields['network.protocol'] = 'dns';
};

/** One answer: addresses are collected, other data kept as text. */
export const putAnswer = (fields: Fields, data: string): void => {
  add(fields, 'dns.answers.data', data);
  const scratch: Fields = {};
  if (putIp(scratch, 'ip', data)) add(fields, 'dns.resolved_ip', scratch['ip'] as string);
};

/** RFC 1035 §4.1.1 and IANA: NOERROR and NXDOMAIN are answers, the others failures. */
export const putResponse = (fields: Fields, code: string | undefined): void => {
  put(fields, 'dns.response_code', code);
  const failed = code !== undefined && !/^(?:NOERROR|NXDOMAIN)$/.test(code);
  categorise(
    fields,
    ['network'],
    ['protocol', failed ? 'denied' : 'info'],
    code === undefined ? undefined : failed ? 'failure' : 'success',
  );
};
