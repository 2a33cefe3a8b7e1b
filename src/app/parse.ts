import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PARSERS } from '../../parsers/registry.ts';
import { jsonText } from '../core/json.ts';
import type { StoredEvent } from '../ecs/event.ts';
import { nest } from '../ecs/nest.ts';
import { takeIn } from '../evidence/intake.ts';
import type { EvidenceItem } from '../evidence/item.ts';
import type { Problem } from '../evidence/problem.ts';
import type { Ranked } from '../parse/detect.ts';
import type { Accounting } from '../parse/run.ts';
import { defaultBudget } from '../read/limits.ts';
import { type OpenedStream, openItem } from '../read/open.ts';
import { parserOf } from './formats.ts';
import { type Prepared, readStream } from './read-stream.ts';
import { type CaseTime, clockSettingsOf, prepareStream, waitsForOthers } from './streams.ts';
import type { TimeSettings } from './time-settings.ts';

export interface ParseRequest {
  readonly paths: readonly string[];
  readonly stdin: AsyncIterable<Buffer | string>;
  /** Id of the parser to use whatever the content. */
  readonly parser: string | undefined;
  readonly times: TimeSettings;
}

/** What was read of one stream. */
export interface ParsedStream {
  readonly path: string;
  readonly parser: string | undefined;
  readonly doubt: string;
  readonly accounting: Accounting;
}

export interface ParseOutput {
  /** Nested ECS documents, in order, one line of JSON each; called with several at a time. */
  readonly write: (lines: string) => Promise<void>;
  readonly stream: (parsed: ParsedStream) => void;
}

const visit = async (
  paths: readonly string[],
  stdin: ParseRequest['stdin'],
  each: (opened: OpenedStream, item: EvidenceItem, spoolDirectory: string) => Promise<void>,
): Promise<readonly Problem[]> => {
  const spoolDirectory = await mkdtemp(join(tmpdir(), 'einfallstor-'));
  const remove = (): void => rmSync(spoolDirectory, { recursive: true, force: true });
  process.once('exit', remove); // a reader that has had enough ends the program at once
  const budget = defaultBudget();
  try {
    const { items, problems } = await takeIn({ paths, stdin, spoolDirectory });
    const all = [...problems];
    for (const item of items) {
      const { streams, problems: found } = openItem(item, { spoolDirectory, budget });
      for await (const opened of streams) await each(opened, item, spoolDirectory);
      all.push(...found);
    }
    return all;
  } finally {
    process.off('exit', remove);
    remove();
  }
};

/** Reads a year-less stream once for its years alone: what it prints cannot be taken back. */
const yearsBackOf = async (
  item: EvidenceItem,
  member: string,
  request: ParseRequest,
  caseTime: CaseTime,
): Promise<number> => {
  for await (const opened of openItem(item).streams) {
    if (opened.stream.member !== member) continue;
    const prepared = await prepareStream(
      opened,
      PARSERS,
      request.parser === undefined ? undefined : parserOf(request.parser),
    );
    const { yearsOver } = await readStream(prepared, {
      stream: opened.stream.id,
      path: opened.stream.path,
      parsers: PARSERS,
      clock: clockSettingsOf(opened, item, request.times, caseTime),
      emit: () => {},
    });
    return yearsOver;
  }
  return 0;
};

/** `parse`: one JSON document per record on the output, in order, without a case. Problems of evidence are returned. */
export const parsePaths = async (request: ParseRequest, output: ParseOutput): Promise<readonly Problem[]> => {
  const forced = request.parser === undefined ? undefined : parserOf(request.parser);
  let lines: string[] = [];
  const emit = ({ fields }: StoredEvent): void => {
    lines.push(`${jsonText(nest(fields))}\n`);
  };
  const flush = async (): Promise<void> => {
    if (lines.length === 0) return;
    const text = lines.join('');
    lines = [];
    await output.write(text);
  };
  const each = async (opened: OpenedStream, item: EvidenceItem, spoolDirectory: string): Promise<void> => {
    const prepared: Prepared = await prepareStream(opened, PARSERS, forced);
    const guessed = waitsForOthers(prepared, opened, item, request.times);
    const yearsBack = guessed ? await yearsBackOf(item, opened.stream.member, request, undefined) : 0;
    const { accounting } = await readStream(prepared, {
      stream: opened.stream.id,
      path: opened.stream.path,
      parsers: PARSERS,
      clock: { ...clockSettingsOf(opened, item, request.times, undefined), yearsBack },
      emit,
      flush,
      spoolDirectory,
    });
    await flush();
    output.stream({
      path: opened.stream.path,
      parser: prepared.choice.parser?.id,
      doubt: prepared.choice.doubt,
      accounting,
    });
  };
  return visit(request.paths, request.stdin, each);
};

/** How a file's format was chosen. */
export interface DetectedFormat {
  readonly path: string;
  readonly parser: string | null;
  readonly doubt: string;
  readonly charset: string;
  /** `evtx`, `journal` or `utmp`: told by its bytes. */
  readonly binary: string | null;
  /** Collectors' wrappers around its records, outermost first. */
  readonly wrappers: readonly string[];
  readonly ranking: readonly { readonly parser: string; readonly certainty: number; readonly reason: string }[];
  /** Records of the head by the product that claims them, where several devices write into the stream. */
  readonly split: readonly { readonly parser: string; readonly records: number }[];
}

const line = ({ parser, certainty, reason }: Ranked): DetectedFormat['ranking'][number] => ({
  parser: parser.id,
  certainty: Math.round(certainty * 1000) / 1000,
  reason,
});

/** `formats detect`: every parser's certainty about each stream, and why. */
export const detectFormats = (
  paths: readonly string[],
  stdin: ParseRequest['stdin'],
  found: (format: DetectedFormat) => Promise<void>,
): Promise<readonly Problem[]> =>
  visit(paths, stdin, async (opened) => {
    const { charset, binary, choice, wrappers } = await prepareStream(opened, PARSERS, undefined);
    await found({
      path: opened.stream.path,
      parser: choice.parser?.id ?? null,
      doubt: choice.doubt,
      charset,
      binary: binary ?? null,
      wrappers,
      ranking: choice.ranking.map(line),
      split: choice.split.map(({ parser, records }) => ({ parser: parser.id, records })),
    });
  });
