import { assertNever } from '../core/assert-never.ts';
import { sanitize } from '../core/sanitize.ts';
import type { Block } from './blocks.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => sanitize(text).replace(/[&<>"']/g, (c) => ENTITIES[c] as string);

const STYLE = `
:root { --ink: #1b1f24; --soft: #5b6570; --line: #d5dae0; --mark: #8a1c1c; }
body { font: 15px/1.5 "Source Sans 3", "Segoe UI", "Helvetica Neue", Arial, sans-serif; color: var(--ink); max-width: 62rem; margin: 2.5rem auto; padding: 0 1.5rem; }
h1 { font-size: 1.7rem; border-bottom: 3px solid var(--mark); padding-bottom: .4rem; }
h2 { font-size: 1.2rem; margin-top: 2.2rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin-bottom: .2rem; }
p { margin: .5rem 0; overflow-wrap: anywhere; }
.nature { font-weight: 600; color: var(--mark); }
.places { color: var(--soft); font-size: .85em; font-family: ui-monospace, Menlo, Consolas, monospace; }
table { border-collapse: collapse; width: 100%; margin: .7rem 0; font-size: .88rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .55rem; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { background: #f3f5f7; overflow-wrap: normal; }
td.digest { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: .78em; }
@media print { body { margin: 0; max-width: none; font-size: 10.5pt; } h2 { break-after: avoid; } tr { break-inside: avoid; } }
`;

const cell = (text: string): string =>
  /^[0-9a-f]{64}$/.test(text) ? `<td class="digest">${text}</td>` : `<td>${escaped(text)}</td>`;

const render = (block: Block): string => {
  switch (block.kind) {
    case 'heading':
      return `<h${block.level}>${escaped(block.text)}</h${block.level}>`;
    case 'paragraph':
      return `<p>${escaped(block.text)}</p>`;
    case 'statement': {
      const places =
        block.places.length === 0 ? '' : ` <span class="places">${block.places.map(escaped).join(' · ')}</span>`;
      return `<p><span class="nature">${escaped(block.nature)}:</span> ${escaped(block.text)}${places}</p>`;
    }
    case 'list':
      return `<ul>${block.items.map((item) => `<li>${escaped(item)}</li>`).join('')}</ul>`;
    case 'table':
      return `<table><thead><tr>${block.head.map((text) => `<th>${escaped(text)}</th>`).join('')}</tr></thead><tbody>${block.rows
        .map((row) => `<tr>${row.map(cell).join('')}</tr>`)
        .join('')}</tbody></table>`;
    default:
      return assertNever(block);
  }
};

/** A page that stands alone: no script, no outside reference, everything from evidence escaped. */
export const toHtml = (blocks: readonly Block[], title: string, language: 'en' | 'de'): string => `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
${blocks.map(render).join('\n')}
</body>
</html>
`;
