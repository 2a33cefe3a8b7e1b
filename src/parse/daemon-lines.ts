import type { Fields } from '../ecs/event.ts';
import { relateAddresses } from './kit/addresses.ts';
import type { Clock } from './kit/clock.ts';
import { categorise, put, putNumber, warn } from './kit/put.ts';
import type { Outcome, RawRecord } from './parser.ts';

/** `keyadmin[9528]: …`, `<6>kernel: …`: what a collector leaves of a line when it cuts time and host off. */
const TAG = /^(?:<\d{1,3}> ?(?=[\w./-]{1,48}: )|(?=[\w./-]{1,48}\[\d))([\w./-]{1,48})(?:\[(\d{1,10})\])?: (?=\S)/;

interface DaemonLine {
  readonly program: string | undefined;
  readonly pid: number | undefined;
  readonly message: string;
}

const readDaemonLine = ({ text, envelope }: RawRecord): DaemonLine | undefined => {
  if (envelope.program !== undefined || (envelope.civil !== undefined && envelope.host !== undefined))
    return { program: envelope.program, pid: envelope.pid, message: envelope.message };
  const tag = TAG.exec(text);
  if (tag === null) return undefined;
  return {
    program: tag[1] as string,
    pid: tag[2] === undefined ? undefined : Number(tag[2]),
    message: text.slice(tag[0].length),
  };
};

export interface DaemonLines {
  /** A record that the appliance's own parser read: its host is one whose daemons write here. */
  saw(record: RawRecord): void;
  /** The line as an event with header, text and addresses; undefined when it is none, or of a host that was not seen. */
  read(record: RawRecord, clock: Clock): Outcome | undefined;
}

/**
 * What the daemons of an appliance's operating system write between its own messages (kernel, cron, interface and update
 * daemons) is the appliance's: lines of a host whose own messages were seen before.
 */
export const openDaemonLines = (): DaemonLines => {
  const hosts = new Set<string | undefined>();
  /** BSD syslogd writes no host: what stands in a host's place before no program is the message's first word. */
  let hostless = false;
  return {
    saw: ({ envelope }) => {
      hostless ||= envelope.civil !== undefined && envelope.host === undefined;
      if (hosts.size < 10_000) hosts.add(envelope.host);
    },
    read: (record, clock) => {
      const { civil, host, program, priority } = record.envelope;
      const isHost = host !== undefined && (!hostless || program !== undefined);
      if (hosts.size === 0 || (isHost && !hosts.has(host))) return undefined;
      const line = readDaemonLine(record);
      if (line === undefined) return undefined;
      const fields: Fields = {};
      if (civil === undefined) warn(fields, 'time-missing');
      clock.stamp(fields, civil);
      put(fields, 'observer.name', host);
      put(fields, 'process.name', line.program);
      putNumber(fields, 'process.pid', line.pid);
      putNumber(fields, 'log.syslog.priority', priority);
      put(fields, 'message', line.message.trim());
      categorise(fields, ['host'], ['info']);
      relateAddresses(fields, line.message);
      return { kind: 'event', act: 'other', fields };
    },
  };
};
