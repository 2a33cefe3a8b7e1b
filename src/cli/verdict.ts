import type { ScreenBlock } from '../app/investigate.ts';
import { bold, cyan, red, safe } from './terminal.ts';

const MARGIN = 14;

/** Breaks a line at blanks so that it fits beside the margin; a word longer than that stays whole. */
const wrapped = (line: string, width: number): string[] => {
  if (line.length <= width) return [line];
  const indent = /^(?:[+−][\d.]+ +|\d+ +[<>]? ?\d+ % +|\d\d-\d\d \d\d:\d\d +[a-z-]+ +)?/.exec(line)?.[0].length ?? 0;
  const out: string[] = [];
  let rest = line;
  while (rest.length > width) {
    const space = rest.lastIndexOf(' ', width);
    if (space <= indent) break;
    out.push(rest.slice(0, space));
    rest = `${' '.repeat(indent)}${rest.slice(space + 1)}`;
  }
  return [...out, rest];
};

/** The verdict as it is printed: labels in the margin. Text from evidence is made safe here. */
export const renderVerdict = (blocks: readonly ScreenBlock[], columns: number): string =>
  blocks
    .map(({ label, lines }, block) => {
      const shown = lines.flatMap((line) => wrapped(safe(line), Math.max(40, columns - MARGIN)));
      return shown
        .map((line, n) => {
          const margin = (n === 0 ? label : '').padEnd(MARGIN);
          const text = n === 0 && block === 0 ? bold(line) : n === 1 && block === 0 ? red(bold(line)) : line;
          return `${n === 0 ? cyan(bold(margin)) : margin}${text}\n`;
        })
        .join('');
    })
    .join('');
