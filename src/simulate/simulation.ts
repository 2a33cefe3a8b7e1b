import { DAY, SECOND } from '../core/time.ts';
import { civil, WALL, wallTime } from './clock.ts';
import type { Device, Journal } from './journal.ts';
import type { Random } from './random.ts';
import type { World, WorldOptions } from './world.ts';

/** What can be swapped for another product. */
export type Role = 'firewall' | 'vpn';

/** What the parts of a simulation work with. */
export interface Simulation {
  readonly random: Random;
  readonly journal: Journal;
  /** True instants between which the logs were kept. */
  readonly from: number;
  readonly to: number;
  /** When the damage was done (or would have been); the times of a story are relative to it. */
  readonly anchor: number;
  /** 1: as the scenario says; 0.5: half of the everyday traffic. */
  readonly noise: number;
  /** By how many seconds the clocks of named devices are fast, beyond what the scenario says. */
  readonly skew: Readonly<Record<string, number>>;
  /** The product in a role: the caller's choice, else the scenario's usual one. */
  readonly product: (role: Role, usual: string) => string;
  /** Makes the company; once per scenario. */
  readonly company: (options?: WorldOptions) => World;
}

/** One instant of every day by the wall clock, with its weekday. */
export const daysOfCase = (sim: Simulation): { noon: number; weekday: number; workday: boolean }[] => {
  const days = [];
  for (let noon = wallTime(sim.from, 12); noon < sim.to + DAY / 2; noon = wallTime(noon + DAY, 12)) {
    const { weekday } = civil(WALL, noon);
    days.push({ noon, weekday, workday: weekday >= 1 && weekday <= 5 });
  }
  return days;
};

/** A device with the clock most have: the company's zone, within half a second. */
export const device = (sim: Simulation, name: string, path: string, options: Partial<Device> = {}): Device => {
  const near = Math.round(sim.random.fork(`skew ${name}`).between(-400_000, 400_000));
  const { zone, skew } = options.clock ?? { zone: 'berlin' as const, skew: near };
  return {
    rotation: 'dated',
    extension: 'log',
    plainFiles: 2,
    ...options,
    name,
    path,
    clock: { zone, skew: skew + (sim.skew[name] ?? 0) * SECOND },
  };
};
