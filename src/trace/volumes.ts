import { asIs, type Said, say } from '../core/said.ts';
import { bytesText } from '../detect/words.ts';
import type { Egress } from './egress.ts';

/** How sentences tell of volumes: where only the sum of both directions was logged, it is never said to have been sent. */

export const totalOf = (flows: readonly Pick<Egress, 'bytes'>[]): number => flows.reduce((sum, e) => sum + e.bytes, 0);

const BOTH_WAYS = say(
  'both ways together, which way is not logged',
  'beide Richtungen zusammen, welche ist nicht protokolliert',
);

/** `54 GB`, or `12.3 GB (both ways together, which way is not logged)`. */
export const volumeOf = (flows: readonly Egress[]): Said => {
  const total = bytesText(totalOf(flows));
  const unclear = flows.filter((e) => e.bothWays);
  if (unclear.length === 0) return asIs(total);
  const part = unclear.length === flows.length ? undefined : bytesText(totalOf(unclear));
  return part === undefined
    ? say(`${total} (${BOTH_WAYS.en})`, `${total} (${BOTH_WAYS.de})`)
    : say(`${total} (of which ${part} ${BOTH_WAYS.en})`, `${total} (davon ${part} ${BOTH_WAYS.de})`);
};

/** `54 GB from A to B`, or `12.3 GB (both ways together, …) between A and B`; B is the largest's, others are counted. */
export const transferText = (flows: readonly Egress[]): Said => {
  const volume = volumeOf(flows);
  const { source, destination } = flows[0] as Egress;
  const others = flows.length - 1;
  const [more, weitere] =
    others === 0
      ? ['', '']
      : [
          ` and ${others} other destination${others > 1 ? 's' : ''}`,
          ` und ${others} weitere${others > 1 ? '' : 's'} Ziel${others > 1 ? 'e' : ''}`,
        ];
  return flows.some((e) => e.bothWays)
    ? say(
        `${volume.en} between ${source} and ${destination}${more}`,
        `${volume.de} zwischen ${source} und ${destination}${weitere}`,
      )
    : say(
        `${volume.en} from ${source} to ${destination}${more}`,
        `${volume.de} von ${source} an ${destination}${weitere}`,
      );
};

/** Transfers of several machines, to destinations that nobody used to send to. */
export const outsideText = (flows: readonly Egress[]): Said => {
  const volume = volumeOf(flows);
  return flows.some((e) => e.bothWays)
    ? say(
        `${volume.en} were exchanged with destinations outside the baseline`,
        `${volume.de} wurden mit Zielen außerhalb des Üblichen ausgetauscht`,
      )
    : say(
        `${volume.en} went to destinations outside the baseline`,
        `${volume.de} gingen an Ziele außerhalb des Üblichen`,
      );
};
