import { type Said, say } from '../core/said.ts';
import { timeText } from '../core/time.ts';
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

/** What to ask for where the logs lead no further back. */
export const leadsNoFurther = (act: Act, { hosts }: World): Said => {
  const [name] = hosts.namesOf(act.address as string, act.from);
  const who = name === undefined ? act.address : `${act.address} (${name})`;
  return say(
    `Open: who was at ${who} by ${timeText(act.from)}. As far back as these logs lead: ${act.summary.en}. A log of leases (VPN, DHCP) of that time, or that of the machine, would tell.`,
    `Offen: wer am ${timeText(act.from)} an ${who} war. Weiter zurück führen diese Protokolle nicht: ${act.summary.de}. Ein Protokoll der Adressvergabe (VPN, DHCP) aus dieser Zeit oder das des Rechners würde es zeigen.`,
  );
};
