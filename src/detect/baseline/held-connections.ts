import { addressClass } from '../../core/net.ts';
import { say } from '../../core/said.ts';
import { MINUTE } from '../../core/time.ts';
import type { StoredEvent } from '../../ecs/event.ts';
import { numberOf, textOf } from '../../ecs/event.ts';
import { openedAt } from '../../ecs/opened.ts';
import { and, is, isAny } from '../../query/ast.ts';
import { findingOf, type Meaning } from '../build.ts';
import type { Finding } from '../finding.ts';
import { EventSample } from '../sample.ts';
import { bytesText, durationText } from '../words.ts';
import type { Baseline } from './baseline.ts';
import { SETTINGS } from './settings.ts';

const TITLE = 'Long connection to a remote service after many short ones';

/** Ports of remote work that are guessed at from the internet: SSH, Telnet, RDP, VNC, WinRM. */
const PORTS = [22, 23, 3389, 5900, 5985, 5986];
const NAMES: Readonly<Record<number, string>> = { 22: 'SSH', 23: 'Telnet', 3389: 'Remote Desktop', 5900: 'VNC' };

const QUERY = and(is('einfallstor.act', 'flow'), is('network.direction', 'inbound'), isAny('destination.port', PORTS));
const FIELDS = [
  'source.ip',
  'destination.ip',
  'destination.nat.ip',
  'destination.port',
  'network.bytes',
  'event.duration',
  'event.start',
];

const MEANING: Meaning = {
  id: 'baseline-held-connection',
  title: TITLE,
  level: 'high',
  techniques: ['T1110', 'T1133'],
  chain: {
    stage: 'initial-access',
    vector: 'exposed-remote-service',
    requires: [],
    provides: ['foothold(destination.ip)'],
    weight: SETTINGS.heldWeight,
  },
};

/** A connection from the internet to a service inside. µs, bytes of both directions. */
interface Connection {
  readonly id: string;
  readonly opened: number;
  readonly lasted: number | undefined;
  readonly bytes: number;
  readonly source: string;
  readonly server: string;
  readonly port: number;
}

const connectionOf = (event: StoredEvent): Connection | undefined => {
  const { id, fields } = event;
  const opened = openedAt(event);
  const [source, port] = [textOf(fields, 'source.ip'), numberOf(fields, 'destination.port')];
  // behind a forwarded port the machine is the one that the address is translated to
  const server = textOf(fields, 'destination.nat.ip') ?? textOf(fields, 'destination.ip');
  const bytes = numberOf(fields, 'network.bytes');
  if (opened === undefined || source === undefined || server === undefined || port === undefined) return undefined;
  if (bytes === undefined || addressClass(source) !== 'public') return undefined;
  const duration = numberOf(fields, 'event.duration');
  const lasted = duration === undefined ? undefined : Math.round(duration / 1000); // ECS: ns
  return { id, opened, lasted, bytes, source, server, port };
};

/** Connections of one address to one service, as long as none was held. */
interface Attempts {
  first: number;
  last: number;
  largest: number;
  readonly sample: EventSample;
}

const MOST_PAIRS = 200_000;

const isHeld = ({ bytes, lasted }: Connection, { largest }: Attempts): boolean =>
  bytes >= SETTINGS.heldBytes &&
  bytes >= SETTINGS.heldTimes * largest &&
  (lasted === undefined || lasted >= SETTINGS.heldLeast);

const findingFor = (held: Connection, { first, sample }: Attempts): Finding => {
  const { source, server, port, opened, lasted, bytes } = held;
  const span = {
    from: first,
    to: opened,
    at: opened,
    ids: [...sample.ids().slice(-199), held.id],
    count: sample.count + 1,
  };
  const entities = { 'source.ip': source, 'destination.ip': server };
  const service = NAMES[port] ?? `port ${port}`;
  const within = durationText(Math.max(MINUTE, opened - first));
  const length = lasted === undefined ? undefined : durationText(lasted);
  const [long, lang] = length === undefined ? ['', ''] : [` for ${length.en}`, `, ${length.de} lang,`];
  const fact = say(
    `${source} held a connection to ${service} of ${server}${long} (${bytesText(bytes)}), after ${sample.count} short ones in ${within.en}: password guessing that ended in a login looks like this`,
    `${source} hielt${lang} eine Verbindung zu ${service} von ${server} (${bytesText(bytes)}), nach ${sample.count} kurzen in ${within.de}: so sieht Passwortraten aus, das zu einer Anmeldung führte`,
  );
  return findingOf(MEANING, span, { ...entities, port: String(port) }, entities, fact);
};

/**
 * What a firewall alone shows of guessed passwords, where the server's own log is gone: many short connections of one address
 * to a remote service, then one that is held. Whoever works there by right has long connections from the beginning.
 */
export const heldConnections: Baseline = {
  title: TITLE,
  run: async ({ store }) => {
    /** `held` once one was: what follows is told by it. */
    const pairs = new Map<string, Attempts | 'held'>();
    const findings: Finding[] = [];
    for await (const event of store.scan(QUERY, { order: 'time', fields: FIELDS })) {
      const connection = connectionOf(event);
      if (connection === undefined) continue;
      const key = `${connection.source} ${connection.server} ${connection.port}`;
      let attempts = pairs.get(key);
      if (attempts === 'held') continue;
      if (attempts === undefined || connection.opened - attempts.last > SETTINGS.heldPause) {
        if (attempts === undefined && pairs.size >= MOST_PAIRS) continue;
        attempts = { first: connection.opened, last: connection.opened, largest: 0, sample: new EventSample() };
        pairs.set(key, attempts);
      }
      if (attempts.sample.count >= SETTINGS.heldAttempts && isHeld(connection, attempts)) {
        findings.push(findingFor(connection, attempts));
        pairs.set(key, 'held');
        continue;
      }
      // one that was held without guesses before it
      if (connection.bytes >= SETTINGS.heldBytes) pairs.set(key, 'held');
      attempts.last = connection.opened;
      attempts.largest = Math.max(attempts.largest, connection.bytes);
      attempts.sample.add(connection.id);
    }
    return findings;
  },
};
