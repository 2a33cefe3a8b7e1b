import { setTimeout as pause } from 'node:timers/promises';
import type { Server } from './connect.ts';
import { isPassing, refused } from './refused.ts';

export interface Patience {
  /** The server is away or busy; in words. */
  readonly onWait: (reason: string) => void;
  /** Milliseconds without any success after which to give up. */
  readonly patience: number;
}

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;

/** Longer from try to try, and never twice the same: clients that were refused together must not come back together. */
export const pauseOf = (tries: number): number => {
  const most = Math.min(FIRST_PAUSE_MS * 2 ** (tries - 1), LONGEST_PAUSE_MS);
  return most / 2 + (Math.random() * most) / 2;
};

/** The same server, asked again and again while it is away or busy. Requests must do no harm when they are repeated. */
export const patient = (server: Server, { onWait, patience }: Patience): Server => ({
  ...server,
  ask: async (request) => {
    const begun = Date.now();
    for (let tries = 1; ; tries += 1) {
      try {
        return await request(server.client);
      } catch (error) {
        const reason = refused(error, server.url);
        if (!isPassing(error) || Date.now() - begun > patience) throw reason;
        onWait(reason instanceof Error ? reason.message : String(reason));
        await pause(pauseOf(tries));
      }
    }
  },
});
