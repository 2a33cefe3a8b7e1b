import { DAY } from '../../core/time.ts';
import type { Device, Journal } from '../journal.ts';
import type { Simulation } from '../simulation.ts';

type Maker = () => Uint8Array | string;

/** What transfers, full disks and old programs leave in a log: cut lines, NUL bytes, Latin-1, stray blank lines. */
export const blemishes = (sim: Simulation, journal: Journal, devices: readonly Device[]): void => {
  const random = sim.random.fork('blemishes');
  for (const device of devices) {
    const lines = journal.linesOf(device, sim.from, sim.to - DAY);
    const cut: Maker = () => {
      const { text } = random.pick(lines);
      return typeof text === 'string' ? text.slice(0, random.int(20, Math.max(21, text.length - 30))) : '';
    };
    const makers: Maker[] = [
      cut,
      () => new Uint8Array(random.int(16, 300)),
      () => Buffer.from(`zur\xfcckgestellt: Gr\xf6\xdfe ${random.int(100, 9000)} \xfcberschritten`, 'latin1'),
      () => random.letters(random.int(5, 40), 'abcdefgh0123456789=":-. '),
      () => '',
    ];
    for (const make of [cut, random.pick(makers), random.pick(makers)]) {
      const time = random.pick(lines).time + 1;
      journal.write(device, time, make());
    }
  }
};
