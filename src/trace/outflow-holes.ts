import { type Said, say } from '../core/said.ts';
import { DAY, HOUR, timeText } from '../core/time.ts';
import { type StoredEvent, textOf } from '../ecs/event.ts';
import { and, isAny, not, type Query } from '../query/ast.ts';
import type { Covered } from './coverage.ts';
import { gapsWithin } from './coverage.ts';
import type { World } from './model.ts';
import { acts, collect, exists, isInner, isPublic } from './read.ts';
import { unseenAccess } from './unseen-access.ts';

/** Why logs would not show everything that left the house. */

/** So many connections without bytes are counted; more is more of the same. */
const MOST_UNCOUNTED = 5_000;

/** Counted connections that are looked through for those without bytes. */
const MOST_COUNTED = 100_000;
/** A connection is told when it opens, and counted when it closes. */
const CLOSES = DAY;

const ENDS = ['source.ip', 'source.port', 'destination.ip', 'destination.port'] as const;
const endsOf = ({ fields }: StoredEvent): string => ENDS.map((name) => fields[name]).join(' ');

/**
 * Passed connections to the outside whose bytes nobody counted: without both directions or their sum. A packet filter's
 * record states the length of one packet, which bounds nothing; the same connection may be counted when it closes.
 */
const uncounted = async (from: number, to: number, world: World): Promise<number> => {
  const flows = (isCounted: boolean): Query =>
    and(acts('flow'), isCounted ? exists('network.bytes') : not(exists('network.bytes')));
  const all = await collect(world.store, flows(false), { from, to, limit: MOST_UNCOUNTED, fields: ENDS });
  const outward = all.filter(
    (e) => isInner(textOf(e.fields, 'source.ip')) && isPublic(textOf(e.fields, 'destination.ip')),
  );
  if (outward.length === 0) return 0;
  const destinations = [...new Set(outward.flatMap((e) => textOf(e.fields, 'destination.ip') ?? []))];
  const range = { from, to: to + CLOSES, limit: MOST_COUNTED, fields: ENDS };
  const closed = await collect(world.store, and(flows(true), isAny('destination.ip', destinations)), range);
  const counted = new Set(closed.map(endsOf));
  return outward.filter((e) => e.fields['source.port'] === undefined || !counted.has(endsOf(e))).length;
};

/** Mailboxes and files in a cloud are read past every firewall, and its audit counts no bytes. */
const readOutside = async (from: number, to: number, world: World): Promise<number> => {
  const query = and(acts('mail-access', 'share-access'), not(exists('destination.bytes')));
  const { widest } = world.clocks;
  const events = await collect(world.store, query, {
    from: from - widest,
    to: to + widest,
    limit: MOST_UNCOUNTED,
    fields: ['source.ip'],
  });
  return events.filter((e) => isPublic(textOf(e.fields, 'source.ip'))).length;
};

/** No log counts what left: there is none, or a packet filter's, which states the length of one packet. */
const noBytes = (coverage: readonly Covered[]): Said => {
  const sources = coverage.filter((c) => c.passing).map((c) => c.source);
  const names = [...new Set(sources)].join(', ');
  return sources.length === 0
    ? say('no firewall log shows what left the house', 'kein Firewall-Protokoll zeigt, was das Haus verlassen hat')
    : say(
        `the firewall log of ${names} tells of connections, but counts no bytes: how much left the house cannot be told`,
        `das Firewall-Protokoll von ${names} nennt Verbindungen, zählt aber keine Bytes: wie viel das Haus verlassen hat, lässt sich nicht sagen`,
      );
};

export const holesIn = async (
  from: number,
  to: number,
  coverage: readonly Covered[],
  world: World,
): Promise<Said[]> => {
  const firewalls = coverage.filter((c) => c.outward);
  if (firewalls.length === 0) return [noBytes(coverage)];
  const without = await uncounted(from - world.clocks.widest, to + world.clocks.widest, world);
  const past = await readOutside(from, to, world);
  const unseen = await unseenAccess(from, to, world);
  const late = Math.min(...firewalls.map((c) => c.from)) > from + HOUR;
  const early = Math.max(...firewalls.map((c) => c.to)) < to - DAY;
  return [
    ...gapsWithin(firewalls, ['firewall'], from, to)
      .slice(0, 3)
      .map((g) =>
        say(
          `${g.source} is silent from ${timeText(g.from)} to ${timeText(g.to)}`,
          `${g.source} ist stumm von ${timeText(g.from)} bis ${timeText(g.to)}`,
        ),
      ),
    ...(without > 0
      ? [
          say(
            `${without} connections to the outside were recorded without bytes`,
            `${without} Verbindungen nach außen wurden ohne Byteangabe verzeichnet`,
          ),
        ]
      : []),
    ...(past > 0
      ? [
          say(
            `mailboxes or files were read from the internet ${past} times, past the firewall and without bytes`,
            `auf Postfächer oder Dateien wurde ${past}-mal aus dem Internet zugegriffen, an der Firewall vorbei und ohne Byteangabe`,
          ),
        ]
      : []),
    ...(unseen === undefined ? [] : [unseen]),
    ...(late
      ? [
          say(
            'the firewall log begins after the intrusion does',
            'das Firewall-Protokoll beginnt erst nach dem Einbruch',
          ),
        ]
      : []),
    ...(early
      ? [say('the firewall log ends before the intrusion does', 'das Firewall-Protokoll endet vor dem Einbruch')]
      : []),
  ];
};
