import { list, type Said, say } from '../core/said.ts';
import { bytesText } from '../detect/words.ts';
import { lentBytes } from './lent-bytes.ts';
import { type Act, LOGINS, type World } from './model.ts';
import { strangersOf } from './reached.ts';
import { WORTH_NAMING } from './tied-egress.ts';
import { fetchedBy } from './to-strangers.ts';
import { totalOf } from './volumes.ts';

/** What went to those who came in by ways that stand out, where no intrusion is shown: whether it was theirs to take is open. */
export interface Aside {
  readonly bytes: number;
  readonly events: readonly string[];
  /** Undefined where it is no more than looking around. */
  readonly because: Said | undefined;
}

/** `standsOut`: acts told beside a verdict that shows no intrusion. */
export const takenAside = async (standsOut: readonly Act[], world: World): Promise<Aside> => {
  const ways = standsOut.filter(({ kind }) => LOGINS.has(kind));
  const lent = await lentBytes(ways, world);
  const pulls = fetchedBy(strangersOf(ways), world);
  const told = pulls.filter(({ bytes }) => bytes >= WORTH_NAMING);
  const said = [
    ...(lent.data < WORTH_NAMING
      ? []
      : [
          say(
            `${bytesText(lent.bytes)} went to ${lent.addresses.join(', ')}, lent by the gateway where the way in stands out`,
            `${bytesText(lent.bytes)} gingen an ${lent.addresses.join(', ')}, vom Gateway vergeben, wo der Weg hinein auffällt`,
          ),
        ]),
    ...told.map(({ bytes, remote, host, port }) =>
      say(
        `${bytesText(bytes)} were fetched from ${host}, port ${port}, by ${remote}, whose way in stands out`,
        `${bytesText(bytes)} wurden von ${host}, Port ${port}, von ${remote} abgerufen, dessen Weg hinein auffällt`,
      ),
    ),
  ];
  return {
    bytes: lent.bytes + totalOf(pulls),
    events: [...lent.events, ...told.flatMap(({ events }) => events)].slice(0, 20),
    because: said.length === 0 ? undefined : list(said, '; '),
  };
};
