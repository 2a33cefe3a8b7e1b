import { hostname, userInfo } from 'node:os';
import type { Agent } from '../evidence/custody.ts';
import { TOOL } from './package.ts';

/** Who works on the case, as the operating system tells it. */
export const agent = (): Agent => ({ actor: userInfo().username, host: hostname(), tool: TOOL });

/** Now, epoch µs: for what must record an act, nothing else. */
export const now = (): number => Date.now() * 1000;
