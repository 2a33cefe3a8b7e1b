import { describe, expect, it } from 'vitest';
import { type Block, heading, list, paragraph, table } from '../../src/report/blocks.ts';
import { toHtml } from '../../src/report/html.ts';
import { toMarkdown } from '../../src/report/markdown.ts';

/** What an attacker writes into a user name. */
const HOSTILE = '<script>alert(1)</script> \u001b]52;c;x\u0007 | **b** [l](javascript:1) \u202e "q" & \'';

const blocks: Block[] = [
  heading(1, HOSTILE),
  paragraph(HOSTILE),
  list([HOSTILE]),
  table([HOSTILE], [[HOSTILE], ['a'.repeat(64)]]),
  { kind: 'statement', nature: HOSTILE, text: HOSTILE, places: [HOSTILE] },
];

describe('HTML', () => {
  const html = toHtml(blocks, HOSTILE, 'de');

  it('lets no text from evidence become markup or control', () => {
    expect(html).not.toContain('<script');
    expect(html).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    expect(html.match(/<h1>/g)).toHaveLength(1);
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt; \\x1b]52;c;x\\x07');
  });

  it('stands alone: no script, nothing from outside', () => {
    expect(html).toContain("default-src 'none'");
    expect(html).not.toMatch(/(?:src|href)=/);
    expect(html).toContain('<html lang="de">');
  });
});

it('Markdown shows markup characters, and keeps a table a table', () => {
  const rows = toMarkdown([table(['a', 'b'], [['x|y', '*z*']])])
    .trim()
    .split('\n');
  expect(rows).toEqual(['| a | b |', '| --- | --- |', '| x\\|y | \\*z\\* |']);
  expect(toMarkdown(blocks)).not.toMatch(/[^\\]</);
});
