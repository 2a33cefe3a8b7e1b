import { DAY } from '../../core/time.ts';
import type { Device, Journal } from '../journal.ts';
import type { Simulation } from '../simulation.ts';

/** What transfers, full disks and old programs leave in a log: cut lines, NUL bytes, Latin-1, a stray blank line. */
export const blemishes = (sim: Simulation, journal: Journal, devices: readonly Device[], perDevice = 3): void => {
  const random = sim.random.fork('blemishes');
  for (const device of devices) {
    for (let i = 0; i < perDevice; i += 1) {
      const time = Math.round(random.between(sim.from, sim.to - DAY));
      const kind = random.int(0, 3);
      if (kind === 0) journal.write(device, time, new Uint8Array(random.int(16, 300)));
      else if (kind === 1)
        journal.write(
          device,
          time,
          Buffer.from(`zur\xfcckgestellt: Gr\xf6\xdfe ${random.int(100, 9000)} \xfcberschritten`, 'latin1'),
        );
      else if (kind === 2) journal.write(device, time, random.letters(random.int(5, 40), 'abcdefgh0123456789=":-. '));
      else journal.write(device, time, '');
    }
  }
};
