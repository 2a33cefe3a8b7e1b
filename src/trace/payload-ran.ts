import { say } from '../core/said.ts';
import { MINUTE, SECOND } from '../core/time.ts';
import type { StoredEvent } from '../ecs/event.ts';
import { textOf } from '../ecs/event.ts';
import type { StoreReader } from '../store/store.ts';
import type { Clocks } from './clocks.ts';
import { shortened } from './commands.ts';
import { isExploitFinding } from './exploits.ts';
import { type Act, weightOf } from './model.ts';
import { acts, collect, eventsOf, hostOf, timeOf } from './read.ts';

/**
 * A request held a command, and a program was started with it: nothing shows more plainly that an exploit worked. The web log
 * has the one, the process log of the server the other.
 */

const NATS = 3;
/** A server runs at once what it is made to run; the two logs may keep different clocks. */
const AT_ONCE = MINUTE;
const BEFORE = 5 * SECOND;
/** Findings weaker than this are refused attempts. */
const WEIGHTY = 1;
const MOST_FINDINGS = 200;
const MOST_STARTS = 5_000;
/** Where a program is to be fetched from, which no program of the house names by chance. `http://192.0.2.1/a.sh` */
const PLACE = /\b(?:https?|ftp):\/\/[\w.:-]{4,100}\/[^\s'"`)|;&}]{0,200}/g;

const FIELDS = ['einfallstor.stream', 'process.command_line', 'host.name', 'host.hostname'];

/** Exploits are encoded twice, hardly more often. */
const ENCODINGS = 3;

/** What is no encoding stays. */
const decoded = (url: string): string => {
  let plain = url;
  try {
    for (let i = 0; i < ENCODINGS; i += 1) plain = decodeURIComponent(plain);
  } catch {
    // a literal percent sign: decoded as far as it goes
  }
  return plain;
};

/** Places of programs that a request names beside its own. */
const placesIn = ({ fields }: StoredEvent): string[] => {
  const url = textOf(fields, 'url.original') ?? textOf(fields, 'url.query') ?? '';
  const query = url.slice(url.indexOf('?') + 1);
  return [...new Set(decoded(query).match(PLACE) ?? [])];
};

const ranOf = async (finding: Act, request: StoredEvent, store: StoreReader, clocks: Clocks): Promise<Act[]> => {
  const places = placesIn(request);
  if (places.length === 0 || timeOf(request) === undefined) return [];
  const shifted = (event: StoredEvent): number =>
    (timeOf(event) ?? 0) - clocks.offsetOf(textOf(event.fields, 'einfallstor.stream') ?? '');
  const time = shifted(request);
  const range = { from: time - BEFORE - clocks.widest, to: time + AT_ONCE + clocks.widest };
  const starts = await collect(store, acts('process-start'), {
    ...range,
    order: 'time',
    limit: MOST_STARTS,
    fields: FIELDS,
  });
  const ran = starts.filter((event) => {
    const command = textOf(event.fields, 'process.command_line') ?? '';
    const own = shifted(event);
    return own >= time - BEFORE && own <= time + AT_ONCE && places.some((place) => command.includes(place));
  });
  const first = ran[0];
  if (first === undefined) return [];
  const command = shortened(textOf(first.fields, 'process.command_line') as string);
  const host = hostOf(first.fields);
  const [on, auf] = host === undefined ? ['', ''] : [` on ${host}`, ` auf ${host}`];
  const summary = say(
    `the command in the request of ${finding.remote} was run${on}: ${command}`,
    `der Befehl in der Anfrage von ${finding.remote} wurde ausgeführt${auf}: ${command}`,
  );
  const events = ran.slice(0, 20).map(({ id }) => id);
  return [
    {
      key: `payload:${first.id}`,
      kind: 'impact',
      stage: 'execution',
      technique: 'T1059',
      from: Math.max(time, shifted(first)),
      to: shifted(ran[ran.length - 1] as StoredEvent),
      slack: clocks.slackOf(textOf(first.fields, 'einfallstor.stream') ?? ''),
      remote: finding.remote,
      host: host ?? finding.host,
      targets: finding.targets,
      events,
      count: ran.length,
      summary,
      marks: [{ family: 'execution', nats: NATS, because: summary, events }],
      labels: finding.labels,
    },
  ];
};

/** Commands of answered requests that programs were started with. */
export const payloadsRun = async (stated: readonly Act[], store: StoreReader, clocks: Clocks): Promise<Act[]> => {
  const findings = stated
    .filter((a) => a.kind === 'web-request' && isExploitFinding(a) && a.remote !== undefined && weightOf(a) >= WEIGHTY)
    .slice(0, MOST_FINDINGS);
  const requests = await eventsOf(
    findings.flatMap(({ events }) => events),
    store,
    ['einfallstor.stream', 'url.original', 'url.query'],
  );
  const found = new Map<string, Act>();
  for (const finding of findings)
    for (const id of finding.events) {
      const request = requests.get(id);
      const ran = request === undefined ? [] : await ranOf(finding, request, store, clocks);
      for (const act of ran) if (!found.has(act.key)) found.set(act.key, act);
    }
  return [...found.values()];
};
