import type { Fields } from '../../ecs/event.ts';
import { relateAddresses } from './addresses.ts';
import type { Civil } from './civil.ts';
import type { Clock } from './clock.ts';
import { put, putNumber } from './put.ts';

/** What stands in front of a line's text, as a syslog envelope or the program's own log file has it. */
export interface Head {
  readonly civil?: Civil | undefined;
  readonly host?: string | undefined;
  readonly program?: string | undefined;
  readonly pid?: number | string | undefined;
}

/** Characters of a text in which addresses are looked for. */
const SEARCHED = 8192;

/** What an event of every program has: its time, host, program, its text and the addresses standing in it. */
export const putHead = (fields: Fields, clock: Clock, head: Head, text: string): void => {
  clock.stamp(fields, head.civil);
  put(fields, 'host.name', head.host);
  put(fields, 'process.name', head.program);
  putNumber(fields, 'process.pid', head.pid);
  if (text !== '') fields['message'] = text;
  relateAddresses(fields, text.slice(0, SEARCHED));
};
