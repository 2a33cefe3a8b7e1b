import { type Said, say } from '../core/said.ts';
import { DAY, HOUR, timeText } from '../core/time.ts';
import { textOf } from '../ecs/event.ts';
import { and, not } from '../query/ast.ts';
import type { Covered } from './coverage.ts';
import { gapsWithin } from './coverage.ts';
import type { World } from './model.ts';
import { acts, collect, exists, isInner, isPublic } from './read.ts';
import { unseenAccess } from './unseen-access.ts';

/** Why logs would not show everything that left the house. */

/** So many connections without bytes are counted; more is more of the same. */
const MOST_UNCOUNTED = 5_000;

/**
 * Passed connections to the outside whose bytes nobody counted: without both directions or their sum. A packet filter's
 * record states the length of one packet, which bounds nothing.
 */
const uncounted = async (from: number, to: number, world: World): Promise<number> => {
  const query = and(acts('flow'), not(exists('network.bytes')));
  const events = await collect(world.store, query, {
    from,
    to,
    limit: MOST_UNCOUNTED,
    fields: ['source.ip', 'destination.ip'],
  });
  return events.filter((e) => isInner(textOf(e.fields, 'source.ip')) && isPublic(textOf(e.fields, 'destination.ip')))
    .length;
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
