import { type Said, say } from '../core/said.ts';
import { HOUR } from '../core/time.ts';
import { numberOf, textOf } from '../ecs/event.ts';
import { openedAt } from '../ecs/opened.ts';
import { and, isAny, not, or } from '../query/ast.ts';
import type { World } from './model.ts';
import { acts, collect, exists, inner, isPublic, timeOf } from './read.ts';

/**
 * Accesses from the internet that servers wrote down and the firewall did not: its log does not cover every path, and
 * what left in answer is in no count.
 */

/** Servers that a firewall lets people come in to; a cloud's own logins never pass one. */
const SERVICES = ['ssh', 'sftp', 'ftp', 'imap', 'imaps', 'pop3', 'pop3s', 'webmail', 'owa', 'rdp'];
/** A record is written this much before or after what it tells of: pages are fetched over connections kept open. */
const ABOUT = HOUR;
const MOST_ACCESSES = 200_000;
/** Addresses that are looked up, and in one question to the store. */
const MOST_ADDRESSES = 2_000;
const MOST_ASKED = 200;

/** Hours since 1970 of accesses, by address. */
type Accesses = ReadonlyMap<string, ReadonlySet<number>>;

interface Span {
  readonly from: number;
  readonly to: number;
}

/** The web filter or VPN portal of a firewall writes into the firewall's own log, which covers it. */
const isFirewalls = (world: World): ((stream: string) => Promise<boolean>) => {
  const known = new Map<string, boolean>();
  return async (stream) => {
    const told = known.get(stream);
    if (told !== undefined) return told;
    const query = and(isAny('einfallstor.stream', [stream]), acts('flow', 'flow-start'));
    const is = (await collect(world.store, query, { limit: 1, fields: [] })).length > 0;
    known.set(stream, is);
    return is;
  };
};

const accesses = async ({ from, to }: Span, world: World): Promise<Accesses> => {
  const query = and(
    or(acts('http-request'), and(acts('login'), isAny('service.type', SERVICES))),
    exists('source.ip'),
    not(inner('source.ip')),
  );
  const { widest } = world.clocks;
  const isOwn = isFirewalls(world);
  const found = new Map<string, Set<number>>();
  const fields = ['einfallstor.stream', 'source.ip'];
  const options = { from: from - widest, to: to + widest, limit: MOST_ACCESSES, fields };
  for await (const event of world.store.scan(query, options)) {
    const address = textOf(event.fields, 'source.ip') ?? '';
    const stream = textOf(event.fields, 'einfallstor.stream') ?? '';
    const raw = timeOf(event);
    if (raw === undefined || !isPublic(address) || (await isOwn(stream))) continue;
    const time = raw - world.clocks.offsetOf(stream);
    const hours = found.get(address) ?? new Set();
    if (time < from || time > to || (!found.has(address) && found.size >= MOST_ADDRESSES)) continue;
    found.set(address, hours.add(Math.floor(time / HOUR)));
  }
  return found;
};

/** Those that no connection through a firewall accounts for. */
const unaccounted = async (all: Accesses, { from, to }: Span, { store, clocks }: World): Promise<Accesses> => {
  const left = new Map([...all].map(([address, hours]) => [address, new Set(hours)]));
  const addresses = [...all.keys()];
  const fields = ['einfallstor.act', 'einfallstor.stream', 'source.ip', 'event.duration', 'event.start'];
  const reach = ABOUT + clocks.widest;
  for (let i = 0; i < addresses.length; i += MOST_ASKED) {
    const query = and(acts('flow', 'flow-start'), isAny('source.ip', addresses.slice(i, i + MOST_ASKED)));
    // a long connection is written down when it ends
    for await (const event of store.scan(query, { from: from - reach, to: to + 24 * reach, fields })) {
      const hours = left.get(textOf(event.fields, 'source.ip') ?? '');
      const [opened, ended] = [openedAt(event), numberOf(event.fields, '@timestamp')];
      if (hours === undefined || opened === undefined || ended === undefined) continue;
      const offset = clocks.offsetOf(textOf(event.fields, 'einfallstor.stream') ?? '');
      for (const hour of hours)
        if ((hour + 1) * HOUR >= opened - offset - reach && hour * HOUR <= ended - offset + reach) hours.delete(hour);
    }
  }
  return new Map([...left].filter(([, hours]) => hours.size > 0));
};

export const unseenAccess = async (from: number, to: number, world: World): Promise<Said | undefined> => {
  const all = await accesses({ from, to }, world);
  const unseen = await unaccounted(all, { from, to }, world);
  const [first] = unseen.keys();
  if (first === undefined) return undefined;
  const [count, of] = [unseen.size, all.size];
  const which = count > 1 ? `${first}, …` : first;
  return say(
    `servers wrote down accesses from ${of} addresses of the internet, and for ${count} of them (${which}) the firewall log has no connection at that time: it does not cover every path`,
    `Server verzeichneten Zugriffe von ${of} Adressen aus dem Internet, und zu ${count} davon (${which}) kennt das Firewall-Protokoll zu dieser Zeit keine Verbindung: es erfasst nicht jeden Weg`,
  );
};
