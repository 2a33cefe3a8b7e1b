import { type Said, say } from '../core/said.ts';
import { DAY, timeText } from '../core/time.ts';
import type { Intrusion } from './anchor.ts';
import type { Graph } from './chain.ts';
import { tiesTo } from './chain.ts';
import { type Act, byTime, type World } from './model.ts';
import { isInner } from './read.ts';

/** What is tied more weakly may as well be another's doing. */
const FIRM = 0.5;
const MOST = 3;

/** The acts as far back as firm ties lead: the first from each inner address of which no log says who held or used it. */
export const tracedBack = ({ late }: Intrusion, graph: Graph): Act[] => {
  const own = new Set(late.map((act) => act.key));
  const ties = tiesTo([...own], graph);
  const isFirm = (key: string): boolean => (ties.get(key)?.strength ?? 0) >= FIRM;
  const first = new Map<string, Act>();
  for (const key of ties.keys()) {
    const node = graph.get(key);
    if (node === undefined || own.has(key) || !isFirm(key) || node.causes.some(({ act }) => isFirm(act.key))) continue;
    const { act } = node;
    if (act.vector !== undefined || act.address === undefined || !isInner(act.address)) continue;
    const known = first.get(act.address);
    if (known === undefined || act.from < known.from) first.set(act.address, act);
  }
  return [...first.values()].sort(byTime).slice(0, MOST);
};

const OF_LEASES = say(
  'A log of leases (VPN, DHCP) of that time',
  'Ein Protokoll der Adressvergabe (VPN, DHCP) aus dieser Zeit',
);
const OF_MACHINE = say('that of the machine', 'das des Rechners');

/** A machine is in use all day: its log covers a time that lies within a day of a record of its own. */
const REACH = DAY;

/** Whether a machine wrote of itself about an instant. */
const hasOwnLog = async (name: string, at: number, { machines, store }: World): Promise<boolean> => {
  const query = machines.of(name);
  return query !== undefined && (await store.count(query, { from: at - REACH, to: at + REACH })) > 0;
};

/** What is known of the address, and which logs would tell more: only such as are not there. */
const soughtFor = async (address: string, name: string | undefined, at: number, world: World): Promise<Said> => {
  const lease = world.hosts.leaseOf(address, at);
  const own = name !== undefined && (await hasOwnLog(name, at, world));
  const known =
    lease === undefined
      ? say('', '')
      : say(
          ` The log of leases has it lent to ${lease.name}, last at ${timeText(lease.time)}.`,
          ` Das Protokoll der Adressvergabe nennt dafür ${lease.name}, zuletzt ${timeText(lease.time)}.`,
        );
  if (own)
    return say(
      `${known.en} The log of ${name} is here, but nothing in it leads further back.`,
      `${known.de} Das Protokoll von ${name} liegt vor, doch nichts darin führt weiter zurück.`,
    );
  if (lease !== undefined)
    return say(
      `${known.en} The log of ${lease.name} itself would tell.`,
      `${known.de} Das Protokoll von ${lease.name} selbst würde es zeigen.`,
    );
  return say(
    ` ${OF_LEASES.en}, or ${OF_MACHINE.en}, would tell.`,
    ` ${OF_LEASES.de} oder ${OF_MACHINE.de} würde es zeigen.`,
  );
};

/** What to ask for where the logs lead no further back. */
export const leadsNoFurther = async (act: Act, world: World): Promise<Said> => {
  const address = act.address as string;
  const [name] = world.hosts.namesOf(address, act.from);
  const who = name === undefined ? address : `${address} (${name})`;
  const sought = await soughtFor(address, name, act.from, world);
  return say(
    `Open: who was at ${who} by ${timeText(act.from)}. As far back as these logs lead: ${act.summary.en}.${sought.en}`,
    `Offen: wer am ${timeText(act.from)} an ${who} war. Weiter zurück führen diese Protokolle nicht: ${act.summary.de}.${sought.de}`,
  );
};
