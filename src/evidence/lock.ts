import { closeSync, openSync, readFileSync, rmdirSync, statSync, unlinkSync, writeSync } from 'node:fs';
import { mkdir, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { EinfallstorError } from '../core/errors.ts';

/** Who holds a lock. A process id alone may be given anew; when it was started tells two apart. */
interface Holder {
  readonly pid: number;
  readonly started: string;
  readonly host: string;
}

/** Age, in milliseconds, at which a lock without content, or a take-over, is what a killed process left. */
const LEFT_BEHIND = 10_000;
const POLL = 20;

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

/** Boot and start time of a process where the system tells them (Linux: proc(5), field 22 of stat), else ''. */
const startOf = (pid: number): string => {
  const boot = read('/proc/sys/kernel/random/boot_id');
  const stat = read(`/proc/${pid}/stat`);
  if (boot === undefined || stat === undefined) return '';
  return `${boot.trim()}/${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''}`;
};

const self = (): Holder => ({ pid: process.pid, started: startOf(process.pid), host: hostname() });

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
};

const ageOf = (path: string): number => {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    return 0;
  }
};

const holderOf = (content: string): Holder | undefined => {
  try {
    return JSON.parse(content) as Holder;
  } catch {
    return undefined;
  }
};

/** Whether the lock's process is gone. Of another machine nothing can be known. */
const isStale = (path: string, content: string): boolean => {
  const holder = holderOf(content);
  if (holder === undefined) return ageOf(path) > LEFT_BEHIND;
  if (holder.host !== hostname()) return false;
  return !isAlive(holder.pid) || startOf(holder.pid) !== holder.started;
};

/** Creates the lock file, or not because it is there. */
const create = (path: string): boolean => {
  let file: number;
  try {
    file = openSync(path, 'wx', 0o600);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
  writeSync(file, JSON.stringify(self()));
  closeSync(file);
  return true;
};

/** Removes a lock whose process is gone; a directory lets only one at a time do it. */
const clear = async (path: string): Promise<void> => {
  const guard = `${path}.takeover`;
  try {
    await mkdir(guard);
  } catch {
    if (ageOf(guard) > LEFT_BEHIND) rmdirSync(guard);
    return;
  }
  const content = read(path);
  if (content !== undefined && isStale(path, content)) unlinkSync(path);
  rmdirSync(guard);
};

const held = (path: string): EinfallstorError => {
  const holder = holderOf(read(path) ?? '');
  const who = holder === undefined ? 'another process' : `process ${holder.pid} on ${holder.host}`;
  return new EinfallstorError(
    'CASE_LOCKED',
    `${who} is working on this (${path})`,
    'Wait until it has finished. If it was on another machine and is gone, remove the lock file.',
  );
};

/** Takes a lock, waiting up to `waitMs` for it. The function returned gives it back. */
export const acquire = async (path: string, waitMs: number): Promise<() => Promise<void>> => {
  for (let waited = 0; ; waited += POLL) {
    if (create(path)) return () => unlink(path);
    const content = read(path);
    if (content === undefined) continue; // given back just now
    if (isStale(path, content)) await clear(path);
    else if (waited >= waitMs) throw held(path);
    await pause(POLL);
  }
};

/** Longest that an append to a journal is waited for. */
const APPEND_WAIT = 10_000;

/** Runs `act` while nobody else does under the same lock. */
export const withLock = async <T>(path: string, act: () => Promise<T>): Promise<T> => {
  const release = await acquire(path, APPEND_WAIT);
  try {
    return await act();
  } finally {
    await release();
  }
};
