import { sanitize } from '../core/sanitize.ts';

/** Our own messages quote evidence: keep line breaks, make the rest safe. */
export const safe = (text: string): string => text.split('\n').map(sanitize).join('\n');

const color = process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined;
const paint =
  (on: number, off: number) =>
  (text: string): string =>
    color ? `\u001b[${on}m${text}\u001b[${off}m` : text;

export const bold = paint(1, 22);
export const dim = paint(2, 22);
export const red = paint(31, 39);
export const yellow = paint(33, 39);
export const cyan = paint(36, 39);

/** Writes data to stdout, waiting while the reader is slow so that memory stays bounded. */
export const print = async (text: string): Promise<void> => {
  if (!process.stdout.write(text)) await new Promise<void>((resolve) => process.stdout.once('drain', resolve));
};

export const say = (text: string): void => {
  process.stderr.write(`${text}\n`);
};
