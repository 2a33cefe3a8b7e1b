import { canonicalIp } from '../../core/net.ts';
import { say } from '../../core/said.ts';
import { numberOf, textOf } from '../../ecs/event.ts';
import { and, field, is } from '../../query/ast.ts';
import type { StoreReader } from '../../store/store.ts';
import { Seen, SeenBy } from './seen.ts';
import { type Suggestion, USUAL } from './suggestion.ts';
import type { Trust } from './trust.ts';

const FIELDS = ['source.ip', 'source.domain', 'email.from.address'];

/** Hosts that bring a good part of all mail, from many domains: relays and filters in front of the server. */
export const relaysOf = async (store: StoreReader, trust: Trust): Promise<Suggestion[]> => {
  const relays = new SeenBy(() => ({ seen: new Seen(trust.until), domains: new Set<string>(), name: '' }));
  const query = and(is('einfallstor.act', 'mail-received'), field('source.ip', { op: 'exists' }));
  let total = 0;
  for await (const { id, fields } of store.scan(query, { order: 'time', fields: FIELDS })) {
    const [time, address] = [numberOf(fields, '@timestamp'), canonicalIp(textOf(fields, 'source.ip') ?? '')];
    if (time === undefined || address === undefined) continue;
    const relay = relays.of(address);
    if (time < trust.until) total += 1;
    if (!relay.seen.add(time, id)) continue;
    const domain = textOf(fields, 'email.from.address')?.split('@')[1]?.toLowerCase();
    if (domain !== undefined && relay.domains.size < 1000) relay.domains.add(domain);
    if (relay.name === '') relay.name = textOf(fields, 'source.domain') ?? '';
  }
  return relays.sorted().flatMap(([address, { seen, domains, name }]): Suggestion[] => {
    if (domains.size < USUAL.relayDomains || seen.count < total * USUAL.relayShare) return [];
    const share = Math.round((100 * seen.count) / total);
    const because = say(
      `${share} % of all mail came through it, from ${domains.size} sender domains`,
      `${share} % aller Mails kamen über ihn, von ${domains.size} Absenderdomänen`,
    );
    const doubt = trust.doubt(seen) ?? trust.findingAbout([address]);
    return [
      { key: 'providers', entry: { name: name === '' ? 'mail relay' : name, source: address }, because, doubt, seen },
    ];
  });
};
