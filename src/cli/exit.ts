/** Exit codes other programs rely on (design §8). */
export const EXIT = { ok: 0, failed: 1, usage: 2, evidence: 3 } as const;
