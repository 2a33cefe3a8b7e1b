import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { isoOf } from '../core/time.ts';
import { dateOf } from './clock.ts';
import { type Device, type Journal, stampOf, type Written } from './journal.ts';
import type { Act, Story } from './story.ts';

/** Where a line ended up. */
export interface Place {
  readonly path: string;
  /** 1-based, in the decompressed text. */
  readonly line: number;
}

export interface Truth {
  readonly scenario: string;
  readonly seed: string;
  readonly expect: Story['expect'];
  readonly entry: { vector: string; technique: string; origin: string; timestamp: string; events: Place[] } | null;
  readonly accept: Place[];
  readonly chain: { stage: string; technique: string; timestamp: string; events: Place[] }[];
  readonly decoys: { what: string; events: Place[] }[];
  readonly exfiltration: Story['exfiltration'];
  readonly contributing: { what: string; events: Place[] }[];
  /** Names of the sources written; each can be withheld or skewed by its name. */
  readonly sources: readonly string[];
}

interface LogFile {
  readonly path: string;
  readonly content: Buffer;
  /** When the device last wrote to it, epoch µs: what the file system says of a file copied with care. */
  readonly modified?: number;
}

const bytesOf = (text: Written['text'], number: number): Uint8Array => {
  const made = typeof text === 'function' ? text(number) : text;
  return typeof made === 'string' ? Buffer.from(made, 'utf8') : made;
};

/** The day a line belongs to by the device's own clock. */
const groupByDay = (device: Device, lines: readonly Written[]): [string, Written[]][] => {
  const days = new Map<string, Written[]>();
  for (const line of lines) {
    const day = dateOf(stampOf(device, line.time));
    const group = days.get(day);
    if (group === undefined) days.set(day, [line]);
    else group.push(line);
  }
  return [...days.entries()];
};

/** `age` 0 is the newest file. */
const nameOf = (device: Device, day: string, age: number, compressed: boolean): string => {
  const gz = compressed ? '.gz' : '';
  if (device.rotation === 'numbered')
    return `logs/${device.path}.${device.extension}${age === 0 ? '' : `.${age}`}${gz}`;
  if (device.rotation === 'tracking') return `logs/${device.path}${day.replaceAll('-', '')}-1.${device.extension}${gz}`;
  return `logs/${device.path}-${day}.${device.extension}${gz}`;
};

/** gzip with no time in its header and the same system byte everywhere, so that equal input gives equal files. */
const compress = (content: Buffer): Buffer => {
  const packed = gzipSync(content, { level: 9 });
  packed[9] = 3;
  return packed;
};

const layOut = (device: Device, lines: readonly Written[], places: Map<Written, Place>): LogFile[] => {
  const days = groupByDay(device, lines);
  let number = 0;
  return days.map(([day, group], i) => {
    const age = days.length - 1 - i;
    const compressed = age >= device.plainFiles;
    const path = nameOf(device, day, age, compressed);
    const header = device.header?.(stampOf(device, (group[0] as Written).time)) ?? [];
    const end = Buffer.from('\n');
    const parts: Uint8Array[] = header.flatMap((text) => [Buffer.from(text), end]);
    group.forEach((line, n) => {
      places.set(line, { path, line: header.length + n + 1 });
      parts.push(bytesOf(line.text, number), end);
      number += 1;
    });
    const content = Buffer.concat(parts);
    const modified = stampOf(device, (group.at(-1) as Written).time).believed;
    return { path, content: compressed ? compress(content) : content, modified };
  });
};

const placesOf = (lines: readonly Written[], places: ReadonlyMap<Written, Place>): Place[] =>
  lines.flatMap((line) => places.get(line) ?? []);

interface WriteOptions {
  readonly scenario: string;
  readonly seed: string;
  readonly out: string;
  readonly from: number;
  readonly to: number;
  readonly without: readonly string[];
}

/** What the logs can show of it: an ASA counts both directions of a connection together, and a sum may be a download. */
const provable = (told: Story['exfiltration'], sources: readonly string[]): Story['exfiltration'] =>
  told?.grade === 'shown' && told.destination !== null && sources.includes('asa-traffic')
    ? { ...told, grade: 'likely' }
    : told;

const truthOf = (
  { scenario, seed }: WriteOptions,
  story: Story,
  places: ReadonlyMap<Written, Place>,
  sources: readonly string[],
): Truth => {
  const act = (a: Act) => ({
    stage: a.stage,
    technique: a.technique,
    timestamp: isoOf(a.time),
    events: placesOf(a.lines, places),
  });
  const group = (g: { what: string; lines: readonly Written[] }) => ({
    what: g.what,
    events: placesOf(g.lines, places),
  });
  const { entry } = story;
  const found =
    entry === null
      ? null
      : {
          vector: entry.vector,
          technique: entry.technique,
          origin: entry.origin,
          timestamp: isoOf(entry.time),
          events: placesOf(entry.lines, places),
        };
  // an entry whose every record was withheld cannot be ranked
  const lost = found !== null && found.events.length === 0 && story.expect === 'ranked';
  return {
    scenario,
    seed,
    expect: lost ? 'undetermined' : story.expect,
    entry: found,
    accept: placesOf(story.accept ?? [], places),
    chain: story.chain.map(act),
    decoys: story.decoys.map(group),
    exfiltration: provable(story.exfiltration, sources),
    contributing: (story.contributing ?? []).map(group),
    sources,
  };
};

/** Writes logs/, truth.json and, where the company has something to tell, context.json. */
export const writeCase = (journal: Journal, story: Story, options: WriteOptions): { files: string[]; truth: Truth } => {
  const places = new Map<Written, Place>();
  const devices = journal.devices().filter((d) => !options.without.includes(d.name));
  const logs = devices.flatMap((d) => layOut(d, journal.linesOf(d, options.from, options.to), places));
  const truth = truthOf(
    options,
    story,
    places,
    devices.map((d) => d.name),
  );
  const json = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
  const files: LogFile[] = [
    ...logs,
    { path: 'truth.json', content: json(truth) },
    ...(story.context === undefined ? [] : [{ path: 'context.json', content: json(story.context) }]),
  ];
  for (const { path, content, modified } of files) {
    const target = join(options.out, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
    if (modified !== undefined) utimesSync(target, modified / 1e6, modified / 1e6);
  }
  return { files: files.map((f) => f.path), truth };
};
