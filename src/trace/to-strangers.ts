import { type Said, say } from '../core/said.ts';
import { bytesText } from '../detect/words.ts';
import { textOf } from '../ecs/event.ts';
import { and, isAny } from '../query/ast.ts';
import type { World } from './model.ts';
import { isOfData, type Pull } from './pulls.ts';
import { acts, collect } from './read.ts';

/** What went to the addresses that a chain came from, over connections that they opened themselves. */

/** Foreign addresses of the chain, and since when. */
type Strangers = ReadonlyMap<string, number>;

interface Taken {
  readonly events: readonly string[];
  readonly because: Said;
}

const MOST_READ = 5_000;
/** Addresses asked for in one question to the store. */
const MOST_ASKED = 40;

const since = (strangers: Strangers, { remote, last }: Pull): boolean =>
  last >= (strangers.get(remote) ?? Number.POSITIVE_INFINITY);

export const fetchedBy = (strangers: Strangers, { pulls }: World): Pull[] =>
  pulls.filter((p) => isOfData(p) && since(strangers, p));

export const pulledBy = ({ bytes, host, remote, port }: Pull): Said =>
  say(
    `${bytesText(bytes)} fetched by ${remote}, from which the chain came, from ${host}, port ${port}`,
    `${bytesText(bytes)} von ${remote}, von wo die Kette kam, abgerufen von ${host}, Port ${port}`,
  );

/** What an address that the chain came from read of mailboxes and files, where no log counts the bytes. */
export const readByStrangers = async (strangers: Strangers, world: World): Promise<Taken | undefined> => {
  if (strangers.size === 0) return undefined;
  const known = [...strangers.keys()].slice(0, MOST_ASKED);
  const query = and(acts('mail-access', 'share-access'), isAny('source.ip', known));
  const from = Math.min(...strangers.values()) - world.clocks.widest;
  const options = { order: 'time', from, limit: MOST_READ, fields: ['source.ip'] } as const;
  const all = await collect(world.store, query, options);
  const source = textOf(all[0]?.fields ?? {}, 'source.ip');
  if (source === undefined) return undefined;
  const events = all.filter((e) => textOf(e.fields, 'source.ip') === source).map(({ id }) => id);
  return {
    events,
    because: say(
      `mailboxes or files were accessed ${events.length} times from ${source}, from which the chain came`,
      `auf Postfächer oder Dateien wurde ${events.length}-mal von ${source} zugegriffen, von wo die Kette kam`,
    ),
  };
};

/** Screens that were open to them: pictures went, and perhaps files. */
export const screensOpenTo = (strangers: Strangers, { pulls }: World): Taken | undefined => {
  const screens = pulls.filter((p) => !isOfData(p) && since(strangers, p));
  const [first] = screens;
  if (first === undefined) return undefined;
  const { host, remote, bytes } = first;
  return {
    events: screens.flatMap((p) => p.events).slice(0, 20),
    because: say(
      `a screen of ${host} was open to ${remote}, to which ${bytesText(bytes)} went: how much of it was data cannot be told`,
      `ein Bildschirm von ${host} stand ${remote} offen, wohin ${bytesText(bytes)} gingen: wie viel davon Daten waren, lässt sich nicht sagen`,
    ),
  };
};
