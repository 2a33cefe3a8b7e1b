import { assertNever } from '../core/assert-never.ts';
import { sanitize } from '../core/sanitize.ts';
import type { Block } from './blocks.ts';

/** Evidence text as Markdown shows it, not as Markdown reads it. */
const escaped = (text: string): string => sanitize(text).replace(/[\\`*_{}[\]<>#|!~]/g, (c) => `\\${c}`);

const render = (block: Block): string => {
  switch (block.kind) {
    case 'heading':
      return `${'#'.repeat(block.level)} ${escaped(block.text)}\n`;
    case 'paragraph':
      return `${escaped(block.text)}\n`;
    case 'statement': {
      const places = block.places.length === 0 ? '' : ` (${block.places.map(escaped).join('; ')})`;
      return `**${escaped(block.nature)}:** ${escaped(block.text)}${places}\n`;
    }
    case 'list':
      return `${block.items.map((item) => `- ${escaped(item)}`).join('\n')}\n`;
    case 'table':
      return `${[block.head, block.head.map(() => '---'), ...block.rows]
        .map((row, n) => `| ${row.map((cell) => (n === 1 ? cell : escaped(cell))).join(' | ')} |`)
        .join('\n')}\n`;
    default:
      return assertNever(block);
  }
};

export const toMarkdown = (blocks: readonly Block[]): string => blocks.map(render).join('\n');
