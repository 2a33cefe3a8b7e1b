import { type Civil, type Clock, civil } from './clock.ts';

/** A machine that writes one log, and how its files are kept. */
export interface Device {
  /** As in `--without`. */
  readonly name: string;
  /** Folder and stem below logs/: `firewall/fgt-hq`. */
  readonly path: string;
  readonly clock: Clock;
  /** dated: one file per day with the date in its name · numbered: `.log`, `.log.1`, `.log.2.gz` · tracking: Exchange. */
  readonly rotation: 'dated' | 'numbered' | 'tracking';
  readonly extension: string;
  /** The newest so many files stay uncompressed. */
  readonly plainFiles: number;
  readonly header?: (first: Civil) => readonly string[];
}

/** One line as written; its place in a file is known only after the files are laid out. */
export interface Written {
  readonly device: Device;
  /** True instant at which the line was written, epoch µs. */
  readonly time: number;
  readonly text: string | Uint8Array | ((number: number) => string);
}

/** Collects the lines of all devices; keeps nothing of a device while that device is silent. */
export class Journal {
  readonly #lines = new Map<Device, Written[]>();
  readonly #silences: { device: Device; from: number; to: number }[] = [];

  write(device: Device, time: number, text: Written['text']): Written {
    const line = { device, time, text };
    const lines = this.#lines.get(device);
    if (lines === undefined) this.#lines.set(device, [line]);
    else lines.push(line);
    return line;
  }

  /** Loses what the device writes in an interval: a full disk, a service that stood still. */
  silence(device: Device, from: number, to: number): void {
    this.#silences.push({ device, from, to });
  }

  devices(): Device[] {
    return [...this.#lines.keys()];
  }

  /** The lines of a device in the order in which it wrote them. */
  linesOf(device: Device, from: number, to: number): Written[] {
    const silent = this.#silences.filter((s) => s.device === device);
    return (this.#lines.get(device) ?? [])
      .filter((l) => l.time >= from && l.time < to && !silent.some((s) => l.time >= s.from && l.time < s.to))
      .sort((a, b) => a.time - b.time);
  }
}

export const stampOf = (device: Device, time: number): Civil => civil(device.clock, time);
