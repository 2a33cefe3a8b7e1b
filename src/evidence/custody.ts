import { type FileHandle, open, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { EinfallstorError } from '../core/errors.ts';
import { isoOf } from '../core/time.ts';
import { sha256Of } from './digest.ts';
import { withLock } from './lock.ts';
import { syncName, writeWhole } from './whole-file.ts';

/** What can be done with evidence and with what was made of it. */
export type CustodyAction =
  | 'create'
  | 'acquire'
  | 'import'
  | 'parse'
  | 'detect'
  | 'trace'
  | 'annotate'
  | 'retime'
  | 'move'
  | 'redact'
  | 'export'
  | 'verify'
  | 'recover';

/** Who acts, on which machine, with what. */
export interface Agent {
  readonly actor: string;
  readonly host: string;
  readonly tool: { readonly name: string; readonly version: string };
}

/** A thing that was acted on. */
export interface CustodyObject {
  readonly path: string;
  readonly sha256?: string;
  readonly bytes?: number;
}

export interface Act {
  readonly action: CustodyAction;
  readonly object?: readonly CustodyObject[];
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: string;
}

/** One line of the custody log. `prev`: SHA-256 of the line before, its LF included; 64 zeros for the first. */
export interface CustodyEntry extends Act, Agent {
  readonly prev: string;
  readonly seq: number;
  /** UTC, ISO 8601. */
  readonly ts: string;
}

/** The end of the log: who keeps this hash elsewhere notices when lines are cut off. */
export interface CustodyHead {
  readonly seq: number;
  readonly sha256: string;
}

const LF = 10;
const NOTHING: CustodyHead = { seq: 0, sha256: '0'.repeat(64) };
/** Bytes first looked at for the last line. */
const TAIL = 64 * 1024;

interface End {
  readonly head: CustodyHead;
  /** Bytes up to the last LF, and what a kill left behind it. */
  readonly whole: number;
  readonly torn: Buffer;
}

const headOf = (line: Buffer, seq: number): CustodyHead => ({ seq, sha256: sha256Of(line) });

const seqOf = (line: Buffer): number => {
  try {
    return (JSON.parse(line.toString('utf8')) as CustodyEntry).seq;
  } catch (cause) {
    const hint = 'Run `einfallstor verify` on the case; nothing is added to a damaged log.';
    throw new EinfallstorError('CASE_FORMAT', 'the last line of the custody log is no JSON', hint, { cause });
  }
};

/** The last line and what stands behind it, without reading the whole log. */
const endOf = async (file: FileHandle): Promise<End> => {
  const { size } = await file.stat();
  for (let window = TAIL; ; window *= 2) {
    const from = Math.max(0, size - window);
    const bytes = Buffer.alloc(size - from);
    await file.read(bytes, 0, bytes.length, from);
    const end = bytes.lastIndexOf(LF) + 1;
    const start = end < 2 ? 0 : bytes.lastIndexOf(LF, end - 2) + 1;
    if (start === 0 && from > 0) continue;
    const line = bytes.subarray(start, end);
    const head = end === 0 ? NOTHING : headOf(line, seqOf(line));
    return { head, whole: from + end, torn: bytes.subarray(end) };
  }
};

const lineOf = (head: CustodyHead, agent: Agent, act: Act, now: number): Buffer => {
  const { actor, host, tool } = agent;
  const entry: CustodyEntry = { prev: head.sha256, seq: head.seq + 1, ts: isoOf(now), actor, host, tool, ...act };
  return Buffer.from(`${JSON.stringify(entry)}\n`);
};

/** Puts a torn last line aside and says so in the log; in one step, so that a kill leaves either state whole. */
const recover = async (path: string, end: End, agent: Agent, now: number): Promise<CustodyHead> => {
  const aside = path.replace(/\.jsonl$/, '.torn');
  const torn = await open(aside, 'a', 0o600);
  await torn.writeFile(Buffer.concat([end.torn, Buffer.from('\n')]));
  await torn.sync().finally(() => torn.close());
  const object = [{ path: basename(aside), sha256: sha256Of(end.torn), bytes: end.torn.length }];
  const line = lineOf(
    end.head,
    agent,
    { action: 'recover', object, result: 'the last line was torn; it was put aside' },
    now,
  );
  await writeWhole(path, Buffer.concat([(await readFile(path)).subarray(0, end.whole), line]));
  return headOf(line, end.head.seq + 1);
};

/** Adds a line to the custody log; when this returns, it is on the disk. `now`: epoch µs. */
export const appendCustody = (path: string, agent: Agent, act: Act, now: number): Promise<CustodyHead> =>
  withLock(`${path}.lock`, async () => {
    const before = await open(path, 'a+', 0o600);
    const end = await endOf(before).finally(() => before.close());
    const head = end.torn.length === 0 ? end.head : await recover(path, end, agent, now);
    const line = lineOf(head, agent, act, now);
    const file = await open(path, 'a', 0o600);
    try {
      await file.writeFile(line);
      await file.sync();
    } finally {
      await file.close();
    }
    if (head.seq === 0) await syncName(path);
    return headOf(line, head.seq + 1);
  });

export interface CustodyCheck {
  readonly entries: readonly CustodyEntry[];
  readonly head: CustodyHead;
  /** What does not fit together, in words with the number of the line. */
  readonly faults: readonly string[];
}

const faultOf = (line: Buffer, head: CustodyHead): { entry: CustodyEntry | undefined; fault: string | undefined } => {
  const number = head.seq + 1;
  let entry: CustodyEntry;
  try {
    entry = JSON.parse(line.toString('utf8')) as CustodyEntry;
  } catch {
    return { entry: undefined, fault: `line ${number} is no JSON` };
  }
  if (!line.subarray(0, 74).equals(Buffer.from(`{"prev":"${head.sha256}"`))) {
    return {
      entry,
      fault: `line ${number} does not follow from line ${number - 1}: one of them was changed, added or removed`,
    };
  }
  return { entry, fault: entry.seq === number ? undefined : `line ${number} says it is number ${entry.seq}` };
};

/** Reads the custody log and checks that each line follows from the one before. */
export const verifyCustody = async (path: string): Promise<CustodyCheck> => {
  const bytes = await readFile(path);
  const entries: CustodyEntry[] = [];
  const faults: string[] = [];
  let head = NOTHING;
  let from = 0;
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, from)) {
    const line = bytes.subarray(from, at + 1);
    const { entry, fault } = faultOf(line, head);
    if (entry !== undefined) entries.push(entry);
    if (fault !== undefined) faults.push(fault);
    head = headOf(line, head.seq + 1);
    from = at + 1;
  }
  if (from < bytes.length) faults.push(`line ${head.seq + 1} is torn: it does not end`);
  return { entries, head, faults };
};
