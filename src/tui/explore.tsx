import { render } from 'ink';
import type { Explorer } from '../app/explorer.ts';
import { ExplorerApp } from './explorer.tsx';

const ENTER_ALTERNATE_SCREEN = '\u001b[?1049h\u001b[H';
const LEAVE_ALTERNATE_SCREEN = '\u001b[?1049l';

/** Runs the explorer until the analyst quits; the terminal is left as it was. */
export const explore = async (explorer: Explorer): Promise<void> => {
  process.stdout.write(ENTER_ALTERNATE_SCREEN);
  try {
    const app = render(<ExplorerApp explorer={explorer} />, { exitOnCtrlC: true });
    await app.waitUntilExit();
  } finally {
    process.stdout.write(LEAVE_ALTERNATE_SCREEN);
    await explorer.close();
  }
};
