import { sanitize } from '../core/sanitize.ts';
import { assertNever } from '../core/assert-never.ts';
import type { Block } from './blocks.ts';

/** Evidence text as Markdown shows it, not as Markdown reads it. */
const escape = (text: string): string => sanitize(text).replace(/[\\`*_{}[\]<>#|!~]/g, (c) => `\\${c}`);

const render = (block: Block): string => {
  switch (block.kind) {
    case 'heading':
      return `${'#'.repeat(block.level)} ${escape(block.text)}\n`;
    case 'paragraph':
      return `${escape(block.text)}\n`;
    case 'statement': {
      const places = block.places.length === 0 ? '' : ` (${block.places.map(escape).join('; ')})`;
      return `**${escape(block.nature)}:** ${escape(block.text)}${places}\n`;
    }
    case 'list':
      return `${block.items.map((item) => `- ${escape(item)}`).join('\n')}\n`;
    case 'table':
      return `${[block.head, block.head.map(() => '---'), ...block.rows]
        .map((row, n) => `| ${row.map((cell) => (n === 1 ? cell : escape(cell))).join(' | ')} |`)
        .join('\n')}\n`;
    default:
      return assertNever(block);
  }
};

export const toMarkdown = (blocks: readonly Block[]): string => blocks.map(render).join('\n');
