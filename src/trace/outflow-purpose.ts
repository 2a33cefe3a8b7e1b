import { type Said, say } from '../core/said.ts';
import { timeText } from '../core/time.ts';
import { shortened, toldOf } from './commands.ts';
import { type Egress, MASSIVE } from './egress.ts';
import type { World } from './model.ts';

const NO_PURPOSE = say('no log says what for', 'kein Protokoll sagt, wozu');

/** By what the largest of the flows left, as the sending machine's log of programs tells it. */
export const purposeOf = async (flows: readonly Egress[], world: World): Promise<Said> => {
  const [largest] = flows.filter((e) => e.largestDay >= MASSIVE);
  if (largest === undefined) return NO_PURPOSE;
  const { source, destination, first, last } = largest;
  const told = await toldOf(source, destination, { from: first, to: last }, world);
  if (told === undefined) return NO_PURPOSE;
  const { host, by } = told;
  if (by === undefined)
    return say(
      `no command in the process log of ${host} names ${destination}`,
      `kein Befehl im Prozessprotokoll von ${host} nennt ${destination}`,
    );
  return say(
    `the process log of ${host} has “${shortened(by.command)}” at ${timeText(by.time)}`,
    `das Prozessprotokoll von ${host} nennt „${shortened(by.command)}“ um ${timeText(by.time)}`,
  );
};
