import { render } from 'ink';
import type { Explorer } from '../app/explorer.ts';
import { ExplorerApp } from './explorer.tsx';
import { cleanInput } from './input.ts';

const ENTER_ALTERNATE_SCREEN = '\u001b[?1049h\u001b[H';
const LEAVE_ALTERNATE_SCREEN = '\u001b[?1049l';

/** Runs the explorer until the analyst quits; the terminal is left as it was. */
export const explore = async (explorer: Explorer): Promise<void> => {
  process.stdout.write(ENTER_ALTERNATE_SCREEN);
  const input = cleanInput(process.stdin);
  try {
    const app = render(<ExplorerApp explorer={explorer} />, { exitOnCtrlC: true, stdin: input.stdin });
    await app.waitUntilExit();
  } finally {
    input.stop();
    process.stdout.write(LEAVE_ALTERNATE_SCREEN);
    await explorer.close();
  }
};
