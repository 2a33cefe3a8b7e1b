import { PassThrough } from 'node:stream';
import type { ReadStream } from 'node:tty';

/** Sequences of keys the explorer knows: arrows, Home, End, Shift-Tab, Page Up and Down, Delete. */
const KNOWN_KEY = /^\u001b\[(?:[ABCDFHZ]|[1-8]~)$/;
// ESC [ 31 m · ESC ] 52 ; … BEL
const SEQUENCE = /\u001b\[[0-9;:<=>?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?/g;

/** What was typed or pasted without control sequences that are no key: log text pasted into the filter is full of them. */
export const keysOnly = (text: string): string =>
  text.replace(SEQUENCE, (sequence) => (KNOWN_KEY.test(sequence) ? sequence : ''));

/** The terminal's input as Ink wants it, cleaned: Ink 6 throws on sequences it cannot name. */
export const cleanInput = (terminal: ReadStream): { readonly stdin: ReadStream; readonly stop: () => void } => {
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (mode: boolean) => terminal.setRawMode(mode),
    ref: () => terminal.ref(),
    unref: () => terminal.unref(),
  });
  const pass = (text: string): void => {
    const keys = keysOnly(text);
    if (keys !== '') stdin.write(keys);
  };
  terminal.setEncoding('utf8');
  terminal.on('data', pass);
  return {
    stdin: stdin as unknown as ReadStream,
    stop: () => {
      terminal.off('data', pass);
      terminal.pause();
      stdin.end();
    },
  };
};
