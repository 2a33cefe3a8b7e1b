import { textOf } from '../ecs/event.ts';
import { and, isAny, not, or, type Query } from '../query/ast.ts';
import type { StoreReader } from '../store/store.ts';
import { acts, collect, exists, hostKey, timeOf } from './read.ts';

/**
 * What machines log of themselves: logons and the programs started on them, whatever writes it (Windows, Sysmon, auditd). A
 * log whose records name no host (auditd without `node=`) is the host's whose folder it was kept in.
 */
export interface MachineLogs {
  /** Hosts that log the programs started on them. */
  readonly hosts: readonly string[];
  /** Records that a host wrote of itself; undefined where none did. */
  of(host: string): Query | undefined;
  /** All that a host's logs of programs hold, of whatever kind: auditd writes user and command as records of their own. */
  ofAny(host: string): Query | undefined;
  /**
   * Programs started on a host in [from, to], by time on the common clock; undefined where none is told of: a machine in use
   * starts some, so that a log without any does not cover the time.
   */
  starts(host: string, from: number, to: number): Promise<readonly Start[] | undefined>;
}

export interface Start {
  readonly time: number;
  readonly command: string;
}

const OWN = acts('login', 'logout', 'process-start', 'privileges-assigned', 'service-installed', 'task-created');
const STARTS = acts('process-start');
const MOST_HOSTS = 2_000;
const MOST_STARTS = 5_000;
/** Folders from the innermost, then the file's words: `logs/linux/db1/audit.log`, `db1-audit.log`. */
const wordsOf = (path: string): string[] => {
  const parts = path.toLowerCase().split(/[/!]/);
  const file = parts.pop() ?? '';
  return [...parts.reverse(), ...file.split(/[._-]/)];
};

/** Of which host a log is that names none: a known one in its path, else its folder. */
const hostOfPath = (path: string, known: ReadonlySet<string>): string | undefined => {
  const words = wordsOf(path);
  return words.find((word) => known.has(word)) ?? hostKey(words[0]);
};

interface Origins {
  readonly names: string[];
  readonly paths: string[];
}

const originsOf = async (query: Query, store: StoreReader): Promise<ReadonlyMap<string, Origins>> => {
  const known = await store.top(exists('host.name'), 'host.name', MOST_HOSTS);
  const keys = new Set(known.flatMap(({ value }) => hostKey(value) ?? []));
  const out = new Map<string, Origins>();
  const originOf = (host: string): Origins => {
    const origins = out.get(host) ?? { names: [], paths: [] };
    out.set(host, origins);
    return origins;
  };
  for (const { value } of await store.top(query, 'host.name', MOST_HOSTS)) {
    const host = hostKey(value);
    if (host !== undefined) originOf(host).names.push(value);
  }
  for (const { value } of await store.top(and(query, not(exists('host.name'))), 'log.file.path', MOST_HOSTS)) {
    const host = hostOfPath(value, keys);
    if (host !== undefined) originOf(host).paths.push(value);
  }
  return out;
};

const asked = ({ names, paths }: Origins): Query =>
  or(isAny('host.name', names), and(isAny('log.file.path', paths), not(exists('host.name'))));

export const machineLogs = async (store: StoreReader, offsetOf: (stream: string) => number): Promise<MachineLogs> => {
  const own = await originsOf(OWN, store);
  const starting = await originsOf(STARTS, store);
  const fields = ['einfallstor.stream', 'process.command_line', 'process.executable', 'process.name'];
  return {
    hosts: [...starting.keys()].sort(),
    of: (host) => {
      const origins = own.get(host);
      return origins === undefined ? undefined : and(OWN, asked(origins));
    },
    ofAny: (host) => {
      const origins = starting.get(host);
      return origins === undefined ? undefined : asked(origins);
    },
    starts: async (host, from, to) => {
      const origins = starting.get(host);
      if (origins === undefined) return undefined;
      const query = and(STARTS, asked(origins));
      const [sample] = await collect(store, query, { limit: 1, fields });
      const shift = sample === undefined ? 0 : offsetOf(textOf(sample.fields, 'einfallstor.stream') ?? '');
      const events = await collect(store, query, {
        order: 'time',
        from: from + shift,
        to: to + shift + 1,
        limit: MOST_STARTS,
        fields,
      });
      if (events.length === 0) return undefined;
      return events.map((e) => ({
        time: (timeOf(e) ?? from) - shift,
        command:
          textOf(e.fields, 'process.command_line') ??
          textOf(e.fields, 'process.executable') ??
          textOf(e.fields, 'process.name') ??
          '',
      }));
    },
  };
};

/** The machine an act of an address or host happened on, as far as it logs its programs. */
export const startsAt = async (
  places: readonly string[],
  from: number,
  to: number,
  logs: MachineLogs,
): Promise<{ readonly host: string; readonly starts: readonly Start[] } | undefined> => {
  for (const host of new Set(places)) {
    const starts = await logs.starts(host, from, to);
    if (starts !== undefined) return { host, starts };
  }
  return undefined;
};
