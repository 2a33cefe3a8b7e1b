import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');

/** The built program; `npm test` builds it. */
export const MAIN = join(root, 'dist/src/cli/main.js');
if (!existsSync(MAIN)) throw new Error(`${MAIN} is not there: run \`npm run build\``);

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Options {
  readonly input?: string | Buffer;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts the built program. */
export const start = (args: readonly string[], options: Options = {}): ChildProcess => {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: options.cwd,
    // a server that tests of its own use is no place for these
    env: { ...process.env, ELASTICSEARCH_URL: '', ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin?.on('error', () => {}); // a program that reads no input closes it
  child.stdin?.end(options.input ?? '');
  return child;
};

/** Waits for the end of a process and returns what it wrote. */
export const ended = (child: ChildProcess): Promise<Ran> =>
  new Promise((done) => {
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout?.on('data', (piece: Buffer) => out.push(piece));
    child.stderr?.on('data', (piece: Buffer) => err.push(piece));
    child.on('close', (code) =>
      done({ code, stdout: Buffer.concat(out).toString('utf8'), stderr: Buffer.concat(err).toString('utf8') }),
    );
  });

/** Runs the built program to its end. */
export const run = (args: readonly string[], options: Options = {}): Promise<Ran> => ended(start(args, options));

/** What a command printed with `--json`. */
export const json = async <T>(args: readonly string[]): Promise<T> => {
  const { code, stdout, stderr } = await run(args);
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stderr}`);
  return JSON.parse(stdout) as T;
};
