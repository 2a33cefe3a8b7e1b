import { dim, safe, say, yellow } from './terminal.ts';

/** What reading one stream gave. */
export interface StreamLine {
  readonly path: string;
  readonly parsers: readonly string[];
  readonly doubt: string;
  readonly records: number;
  readonly events: number;
  readonly joined: number;
  readonly skipped: number;
  readonly rejected: number;
  readonly assumptions: readonly string[];
}

/** One line a file on stderr: which parser took it, how many records were rejected, what was assumed. */
export const reportStreams = (streams: readonly StreamLine[], problems: readonly string[]): void => {
  const width = Math.min(60, Math.max(0, ...streams.map(({ path }) => path.length)));
  for (const stream of streams) {
    const counts = `${stream.events} events${stream.joined > 0 ? ` + ${stream.joined} joined` : ''}${stream.skipped > 0 ? ` + ${stream.skipped} skipped` : ''}`;
    const rejected = stream.rejected > 0 ? yellow(` + ${stream.rejected} rejected`) : '';
    const notes = [...(stream.doubt === 'none' ? [] : [stream.doubt]), ...stream.assumptions].join(', ');
    say(
      `${safe(stream.path).padEnd(width)}  ${(stream.parsers.join(', ') || 'no parser').padEnd(26)} ${stream.records} records = ${counts}${rejected}${notes === '' ? '' : dim(`  [${safe(notes)}]`)}`,
    );
  }
  for (const problem of problems) say(yellow(safe(problem)));
};
