import { expect, it } from 'vitest';
import { keysOnly } from '../../src/tui/input.ts';

it.each([
  ['user.name: k.maier\r', 'user.name: k.maier\r'],
  ['\u001b[A\u001b[B\u001b[5~\u001b[6~\u001b[3~\u001b', '\u001b[A\u001b[B\u001b[5~\u001b[6~\u001b[3~\u001b'],
  ['red \u001b[31mtext\u001b[0m', 'red text'],
  ['\u001b]52;c;eA==\u0007x', 'x'],
  ['\u001b[200~pasted\u001b[201~', 'pasted'],
])('%j → %j', (typed, keys) => expect(keysOnly(typed)).toBe(keys));
