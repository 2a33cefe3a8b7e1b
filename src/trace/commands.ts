import { HOUR } from '../core/time.ts';
import { type Start, startsAt } from './machine-logs.ts';
import type { World } from './model.ts';

/** What a machine's own log of programs says of a connection of its to the outside. */
export interface Told {
  readonly host: string;
  /** The first program whose command names the other end; undefined where none does, though the log covers the time. */
  readonly by: Start | undefined;
}

/** A program that names where it sends to is started shortly before, or starts others that do. */
const NEAR = HOUR;

/** The whole address, not the head or the tail of another. */
const names = (command: string, address: string): boolean => {
  const at = command.indexOf(address);
  return at >= 0 && !/[\d.]/.test(command.charAt(at - 1)) && !/\d/.test(command.charAt(at + address.length));
};

/** Undefined where no log of the machine's programs covers the time, or nothing tells which machine it is. */
export const toldOf = async (
  source: string,
  destination: string,
  span: { readonly from: number; readonly to: number },
  { hosts, machines }: World,
): Promise<Told | undefined> => {
  const found = await startsAt(hosts.namesOf(source, span.from), span.from - NEAR, span.to + NEAR, machines);
  if (found === undefined) return undefined;
  return { host: found.host, by: found.starts.find(({ command }) => names(command, destination)) };
};

/** A command may be of any length. */
const MOST_CHARACTERS = 120;

export const shortened = (command: string): string =>
  command.length <= MOST_CHARACTERS ? command : `${command.slice(0, MOST_CHARACTERS)}…`;
